package retention

import (
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/register"
)

// fields are those of one mapping of a file, each with its place.
type fields struct {
	place
	nodes map[string]*yaml.Node
}

// fieldsOf reads a mapping that has some of the allowed fields and no others.
func fieldsOf(file string, node *yaml.Node, allowed ...string) (f fields, wrong []error) {
	f = fields{place: place{file, node.Line}, nodes: map[string]*yaml.Node{}}
	if node.Kind != yaml.MappingNode {
		return f, []error{f.wrong("expected fields such as %s", strings.Join(allowed[:2], " and "))}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := place{file, key.Line}
		switch _, twice := f.nodes[key.Value]; {
		case !slices.Contains(allowed, key.Value):
			wrong = append(wrong, at.wrong("there is no field %s; there are %s", clipped(key.Value), strings.Join(allowed, ", ")))
		case twice:
			wrong = append(wrong, at.wrong("field %s stands here twice", key.Value))
		default:
			f.nodes[key.Value] = value
		}
	}
	return f, wrong
}

// clipped keeps what a file says within a line.
func clipped(text string) string { return text[:min(len(text), 40)] }

// at is where a field stands, or the whole where there is none.
func (f fields) at(field string) place {
	if node, ok := f.nodes[field]; ok {
		return place{f.file, node.Line}
	}
	return f.place
}

// text is a field's value; empty when it is not there, or no single value.
func (f fields) text(field string) string {
	if node, ok := f.nodes[field]; ok && node.Kind == yaml.ScalarNode {
		return strings.TrimSpace(node.Value)
	}
	return ""
}

func (f fields) list(field string, wrong *[]error) []*yaml.Node {
	node, ok := f.nodes[field]
	if !ok {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		*wrong = append(*wrong, f.at(field).wrong("%s is a list", field))
	}
	return node.Content
}

func (f fields) period(field string, into *Period) []error {
	p, err := ParsePeriod(f.text(field))
	if err != nil {
		return []error{f.at(field).wrong("%s: a period is ISO 8601 in whole days, such as P8Y, P1Y3M or P30D", field)}
	}
	*into = p
	return nil
}

func (f fields) date(field string, into *time.Time) []error {
	text := f.text(field)
	if text == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return []error{f.at(field).wrong("%s: a day is written 2026-01-31", field)}
	}
	*into = day
	return nil
}

func (f fields) class(into *register.Class) []error {
	*into = register.Class(f.text("class"))
	if into.Validate() != nil {
		return []error{f.at("class").wrong("there is no class %s of data", clipped(f.text("class")))}
	}
	return nil
}
