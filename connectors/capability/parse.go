package capability

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a matrix file, in bytes.
const maxFile = 1 << 20

//go:embed matrix.yaml
var builtIn []byte

// builtInName is how errors call the matrix that is part of the program.
const builtInName = "matrix.yaml"

// Default is the matrix that is part of the program.
var Default = sync.OnceValue(func() *Matrix {
	m, err := Parse(builtInName, builtIn)
	if err != nil {
		panic(err) // the tests of this package read it too
	}
	return m
})

// ErrInvalid: a matrix file cannot be used as it is. The error around it is an
// *InvalidError.
var ErrInvalid = errors.New("the capability matrix is not valid")

// An InvalidError tells everything that is wrong with a matrix file.
type InvalidError struct {
	File     string
	Problems []Problem
}

// A Problem is one fault of a matrix file.
type Problem struct {
	Line   int    // 0 when the file as a whole is meant
	Vendor string // "" when no vendor is
	Field  string // such as operations.amend.support
	Text   string
}

// maxShown bounds how many problems an error's text names.
const maxShown = 20

// Error names the file, and for each problem its line, vendor and field.
func (e *InvalidError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", e.File, ErrInvalid)
	for i, p := range e.Problems {
		if i == maxShown {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-maxShown)
			break
		}
		fmt.Fprintf(&b, "; %s", p)
	}
	return b.String()
}

// Unwrap lets errors.Is find ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// String tells the problem in one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	for _, part := range []string{p.Vendor, p.Field} {
		if part != "" {
			fmt.Fprintf(&b, "%s: ", part)
		}
	}
	return b.String() + p.Text
}

// Parse reads a matrix: YAML that keeps matrix.schema.json and makes sense.
// name is the file's, for errors, each of which is an *InvalidError.
func Parse(name string, document []byte) (*Matrix, error) {
	invalid := func(problems ...Problem) error { return &InvalidError{File: name, Problems: problems} }
	if len(document) > maxFile {
		return nil, invalid(Problem{Text: fmt.Sprintf("it is larger than %d KiB", maxFile>>10)})
	}
	root, err := parseYAML(document)
	if err != nil {
		return nil, invalid(Problem{Text: err.Error()})
	}
	problems, err := checkForm(root)
	if err != nil {
		return nil, invalid(Problem{Text: err.Error()})
	}
	if len(problems) > 0 {
		return nil, invalid(problems...)
	}
	var content struct {
		Version int                `yaml:"version"`
		Vendors map[string]*Vendor `yaml:"vendors"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	decoder.KnownFields(true)
	if err := decoder.Decode(&content); err != nil {
		return nil, invalid(Problem{Text: err.Error()})
	}
	if problems := checkSense(root, content.Vendors); len(problems) > 0 {
		return nil, invalid(problems...)
	}
	return &Matrix{version: digest(document), vendors: content.Vendors}, nil
}

// parseYAML reads exactly one document.
func parseYAML(document []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it must be one document")
	}
	return root.Content[0], nil
}

// With returns this matrix with the other's vendors in it: each of them is
// replaced whole.
func (m *Matrix) With(other *Matrix) *Matrix {
	merged := &Matrix{version: digest([]byte(m.version + other.version)), vendors: maps.Clone(m.vendors)}
	maps.Copy(merged.vendors, other.vendors)
	return merged
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:6])
}

// readFile reads a file of bounded size.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("capability: finding the matrix: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("capability: %s is not a file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("capability: opening the matrix: %w", err)
	}
	defer func() { _ = file.Close() }()
	// One byte more than allowed, so that Parse sees what is too large.
	document, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("capability: reading the matrix: %w", err)
	}
	return document, nil
}
