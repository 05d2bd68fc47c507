package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/voicehive/voicehive/connectors/pms"
)

var (
	// ErrName: the vendor's name cannot be a Go package's.
	ErrName = errors.New("a vendor's name is 2 to 20 lower-case letters and digits, a letter first, and no word of Go")
	// ErrExists: there is a vendor of that name already.
	ErrExists = errors.New("there is a connector of that name already")
	// ErrCheckout: the folder is not VoiceHive's source.
	ErrCheckout = errors.New("this is not a checkout of VoiceHive; run it in one")
)

//go:embed template
var templates embed.FS

const (
	factoryFile = "connectors/factory.go"
	matrixFile  = "connectors/capability/matrix.yaml"
	// tableStart is the line of factoryFile below which vendors are listed.
	tableStart = "\treturn map[string]vendor{\n"
	// importsStart is the line of factoryFile below which ours are imported.
	importsStart = "\t\"github.com/voicehive/voicehive/connectors/apaleo\"\n"
	// tableEntry is what is listed of a vendor.
	tableEntry = "\t\t%[1]s.Vendor: {\n" +
		"\t\t\tbuild: (*Factory).%[1]s,\n" +
		"\t\t\taccount: (*Factory).%[1]sAccount,\n" +
		"\t\t\tendpoints: []string{\"api\"},\n" +
		"\t\t\tproperty: regexp.MustCompile(`^[A-Za-z0-9_-]+$`),\n" +
		"\t\t\texample: \"P1\",\n" +
		"\t\t},\n"
)

// targets says where each template goes; V stands for the vendor's name.
var targets = map[string]string{
	"adapter.go.tmpl":       "connectors/V/V.go",
	"contract_test.go.tmpl": "connectors/V/contract_test.go",
	"sandbox.go.tmpl":       "connectors/sandbox/V/sandbox.go",
	"factory.go.tmpl":       "connectors/V.go",
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]{1,19}$`)

// reserved are rooms of the connectors floor, and words that are no package.
var reserved = []string{
	"pms", "transport", "credentials", "registry", "sandbox", "contracttest", "capability", "quota", "mapping", "webhooks",
	"status", "scaffold", "connectors", "func", "type", "range", "map", "select", "switch", "package", "import", "default",
	"return", "const", "struct", "interface", "defer", "break", "continue", "fallthrough", "goto", "chan", "case", "else", "for", "if", "go", "var",
}

// A File is one to write, by its path in the checkout, with slashes.
type File struct {
	Path    string
	Content []byte
	// New tells a file to make from one to change.
	New bool
}

// Plan says what to write into the checkout at root for a vendor. Title is the
// vendor's name for people; the vendor's name with a capital when empty.
func Plan(root, vendor, title string) ([]File, error) {
	if !namePattern.MatchString(vendor) || slices.Contains(reserved, vendor) {
		return nil, fmt.Errorf("scaffold: %q: %w", vendor, ErrName)
	}
	if title == "" {
		title = strings.ToUpper(vendor[:1]) + vendor[1:]
	}
	if _, err := os.Stat(filepath.Join(root, "connectors", vendor)); err == nil {
		return nil, fmt.Errorf("scaffold: %s: %w", vendor, ErrExists)
	}
	files, err := fresh(vendor, title)
	if err != nil {
		return nil, err
	}
	factory, err := listed(root, vendor)
	if err != nil {
		return nil, err
	}
	matrix, err := entered(root, vendor, title)
	if err != nil {
		return nil, err
	}
	return append(files, factory, matrix), nil
}

func fresh(vendor, title string) ([]File, error) {
	var files []File
	err := fs.WalkDir(templates, "template", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		target, ok := targets[path.Base(name)]
		if !ok {
			return nil
		}
		content, err := fill(name, vendor, title)
		if err == nil {
			content, err = format.Source(content)
		}
		if err != nil {
			return fmt.Errorf("scaffold: %s: %w", name, err)
		}
		files = append(files, File{Path: strings.ReplaceAll(target, "V", vendor), Content: content, New: true})
		return nil
	})
	return files, err
}

// needed are the operations that a connector without is of no use: the suite
// asks for them at once.
var needed = []pms.Operation{
	pms.OpHealth, pms.OpAvailability, pms.OpQuote, pms.OpDraft, pms.OpCreate, pms.OpRead, pms.OpByReference, pms.OpCancel,
}

func fill(name, vendor, title string) ([]byte, error) {
	parsed, err := template.ParseFS(templates, name)
	if err != nil {
		return nil, err
	}
	var later []pms.Operation
	for _, o := range pms.Operations() {
		if !slices.Contains(needed, o) {
			later = append(later, o)
		}
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{"Vendor": vendor, "Title": title, "Needed": needed, "Later": later})
	return out.Bytes(), err
}

// listed adds the vendor to the factory's table.
func listed(root, vendor string) (File, error) {
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(factoryFile)))
	text := string(content)
	if err != nil || strings.Count(text, tableStart) != 1 || strings.Count(text, importsStart) != 1 {
		return File{}, fmt.Errorf("scaffold: %s: %w", factoryFile, ErrCheckout)
	}
	entry := fmt.Sprintf(tableEntry, vendor)
	text = strings.Replace(text, tableStart, tableStart+entry, 1)
	text = strings.Replace(text, importsStart, importsStart+"\t\"github.com/voicehive/voicehive/connectors/"+vendor+"\"\n", 1)
	formatted, err := format.Source([]byte(text))
	if err != nil {
		return File{}, fmt.Errorf("scaffold: %s: %w", factoryFile, err)
	}
	return File{Path: factoryFile, Content: formatted}, nil
}

// entered adds the vendor to the capability matrix.
func entered(root, vendor, title string) (File, error) {
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(matrixFile)))
	if err != nil {
		return File{}, fmt.Errorf("scaffold: %s: %w", matrixFile, ErrCheckout)
	}
	if regexp.MustCompile(`(?m)^  ` + vendor + `:$`).Match(content) {
		// One of the vendors that are described already.
		return File{Path: matrixFile, Content: content}, nil
	}
	entry, err := fill("template/matrix.yaml.tmpl", vendor, title)
	if err != nil {
		return File{}, fmt.Errorf("scaffold: the matrix entry: %w", err)
	}
	whole := append(bytes.TrimRight(content, "\n"), "\n\n"...)
	return File{Path: matrixFile, Content: append(whole, entry...)}, nil
}

// Write writes planned files into the checkout at root. Nothing is
// overwritten that Plan took for new.
func Write(root string, files []File) error {
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("scaffold: %w", err)
		}
		flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if f.New {
			flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
		}
		file, err := os.OpenFile(name, flags, 0o644)
		if err != nil {
			return fmt.Errorf("scaffold: %w", err)
		}
		_, err = file.Write(f.Content)
		if err := errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("scaffold: %w", err)
		}
	}
	return nil
}

// Root finds the checkout that a folder lies in.
func Root(from string) (string, error) {
	dir, err := filepath.Abs(from)
	if err != nil {
		return "", fmt.Errorf("scaffold: %w", err)
	}
	for {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(content, []byte("module github.com/voicehive/voicehive\n")) {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", fmt.Errorf("scaffold: %w", ErrCheckout)
		}
		dir = above
	}
}
