package capability

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"gopkg.in/yaml.v3"
)

//go:embed matrix.schema.json
var schemaJSON []byte

// Schema is the JSON Schema of a matrix file, for editors and other tools.
func Schema() []byte { return slices.Clone(schemaJSON) }

const schemaName = "matrix.schema.json"

var schema = sync.OnceValue(func() *jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic(err) // the tests of this package read it too
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaName, document); err != nil {
		panic(err)
	}
	return compiler.MustCompile(schemaName)
})

// checkForm holds a document against the schema. One schema both rules here
// and is published, so that the two cannot disagree.
func checkForm(root *yaml.Node) ([]Problem, error) {
	var value any
	if err := root.Decode(&value); err != nil {
		return nil, err // a key that is there twice, an alias that explodes
	}
	err := schema().Validate(value)
	if err == nil {
		return nil, nil
	}
	failure := new(jsonschema.ValidationError)
	if !errors.As(err, &failure) {
		return nil, err
	}
	problems := flatten(root, failure)
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return slices.Compact(problems), nil
}

var english = message.NewPrinter(language.English)

// flatten turns a tree of failures into the faults at its leaves.
func flatten(root *yaml.Node, failure *jsonschema.ValidationError) []Problem {
	switch reason := failure.ErrorKind.(type) {
	case *kind.OneOf:
		// The schema has one choice only: what backs a value.
		return []Problem{at(root, failure.InstanceLocation, "it needs either a source, or unconfirmed: true with a note")}
	case *kind.AdditionalProperties:
		return unknown(root, failure.InstanceLocation, reason.Properties)
	case *kind.FalseSchema:
		return []Problem{at(root, failure.InstanceLocation, "it is not known here")}
	}
	if len(failure.Causes) == 0 {
		return []Problem{at(root, failure.InstanceLocation, "%s", failure.ErrorKind.LocalizedString(english))}
	}
	var problems []Problem
	for _, cause := range failure.Causes {
		problems = append(problems, flatten(root, cause)...)
	}
	return problems
}

func unknown(root *yaml.Node, where, names []string) []Problem {
	var problems []Problem
	for _, name := range names {
		problems = append(problems, at(root, append(slices.Clone(where), name), "it is not known here"))
	}
	return problems
}

// at makes a problem of a place in the document.
func at(root *yaml.Node, path []string, text string, args ...any) Problem {
	p := Problem{Line: lineOf(root, path), Text: fmt.Sprintf(text, args...)}
	if len(path) > 1 && path[0] == "vendors" {
		p.Vendor, path = path[1], path[2:]
	}
	p.Field = strings.Join(path, ".")
	return p
}

// lineOf finds the line of a place, or that of the last part of it that is
// there.
func lineOf(node *yaml.Node, path []string) int {
	line := node.Line
	for _, part := range path {
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == part {
					line, next = node.Content[i].Line, node.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(part); err == nil && i < len(node.Content) {
				next = node.Content[i]
				line = next.Line
			}
		}
		if next == nil {
			return line
		}
		node = next
	}
	return line
}
