package retention

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	files "github.com/voicehive/voicehive/config/retention"
)

// maxFile bounds a policy's file, in bytes.
const maxFile = 256 << 10

// place is where something stands in the files, for complaints.
type place struct {
	file string
	line int
}

func (p place) wrong(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w: %s", p.file, p.line, ErrPolicy, fmt.Sprintf(format, args...))
}

// Shipped is the policy that ships with VoiceHive.
func Shipped() (*Policy, error) { return Load(files.Policies) }

// Load reads every YAML file at the root of a file system as one policy, and
// says all that is wrong with it.
func Load(from fs.FS) (*Policy, error) {
	names, err := fs.Glob(from, "*.yaml")
	if err != nil || len(names) == 0 {
		return nil, errors.Join(fmt.Errorf("%w: there is no .yaml file", ErrPolicy), err)
	}
	slices.Sort(names)
	p := &Policy{anchors: map[Anchor]derived{}}
	var wrong []error
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("retention: read a policy: %w", err)
		}
		wrong = append(wrong, p.read(name, text)...)
	}
	if len(wrong) == 0 {
		wrong = p.check()
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return p, p.seal()
}

// seal computes the digest: of what the rules say, and not of how it is written.
func (p *Policy) seal() error {
	anchors := map[Anchor]string{}
	for name, d := range p.anchors {
		anchors[name] = fmt.Sprint(d.of, d.yearEnd, d.plus)
	}
	text, err := json.Marshal(map[string]any{"rules": p.rules, "anchors": anchors})
	p.digest = sha256.Sum256(text)
	return err
}

// read takes the rules of one file.
func (p *Policy) read(name string, text []byte) (wrong []error) {
	top := place{file: name, line: 1}
	if len(text) > maxFile {
		return []error{top.wrong("the file is larger than %d bytes", maxFile)}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return []error{fmt.Errorf("%s: %w: %w", name, ErrPolicy, err)}
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return []error{top.wrong("a file is one document")}
	}
	file, wrong := fieldsOf(name, document.Content[0], "country", "owner", "reviewed_by", "anchors", "rules")
	shared := Rule{Country: file.text("country"), Owner: file.text("owner"), ReviewedBy: file.text("reviewed_by")}
	if shared.Country != "" && !country(shared.Country) {
		wrong = append(wrong, file.at("country").wrong("a country is two capital letters"))
	}
	for _, node := range file.list("anchors", &wrong) {
		wrong = append(wrong, p.readAnchor(name, node)...)
	}
	for _, node := range file.list("rules", &wrong) {
		wrong = append(wrong, p.readRule(name, node, shared)...)
	}
	return wrong
}

func country(text string) bool {
	return len(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z'
}

func (p *Policy) readAnchor(file string, node *yaml.Node) []error {
	f, wrong := fieldsOf(file, node, "name", "of", "round", "plus")
	name := Anchor(f.text("name"))
	d := derived{of: Anchor(f.text("of")), from: f.place}
	switch f.text("round") {
	case "year_end":
		d.yearEnd = true
	case "":
	default:
		wrong = append(wrong, f.at("round").wrong("year_end is the one way to round"))
	}
	if f.text("plus") != "" {
		wrong = append(wrong, f.period("plus", &d.plus)...)
	}
	switch _, twice := p.anchors[name]; {
	case name == "":
		wrong = append(wrong, f.wrong("an anchor needs a name"))
	case twice || slices.Contains(given(), name):
		wrong = append(wrong, f.at("name").wrong("there is an anchor %s already", name))
	}
	p.anchors[name] = d
	return wrong
}

func (p *Policy) readRule(file string, node *yaml.Node, shared Rule) []error {
	f, wrong := fieldsOf(file, node, "id", "class", "purpose", "legal_basis", "anchor", "period", "bound", "action", "statute",
		"source", "valid_from", "valid_to", "retroactive", "owner", "reviewed_by", "note", "like")
	r := shared
	r.from, r.like = f.place, f.text("like")
	r.ID, r.Purpose, r.Basis, r.Note = f.text("id"), f.text("purpose"), f.text("legal_basis"), f.text("note")
	r.Anchor, r.Bound, r.Action = Anchor(f.text("anchor")), Bound(f.text("bound")), Act(f.text("action"))
	r.Statute, r.Source = f.text("statute"), f.text("source")
	r.Owner, r.ReviewedBy = or(f.text("owner"), r.Owner), or(f.text("reviewed_by"), r.ReviewedBy)
	wrong = append(wrong, f.class(&r.Class)...)
	if r.like == "" || f.text("period") != "" {
		wrong = append(wrong, f.period("period", &r.Period)...)
	}
	for field, into := range map[string]*time.Time{"valid_from": &r.ValidFrom, "valid_to": &r.ValidTo} {
		wrong = append(wrong, f.date(field, into)...)
	}
	switch f.text("retroactive") {
	case "", "false":
	case "true":
		r.Retro = true
	default:
		wrong = append(wrong, f.at("retroactive").wrong("retroactive is true or false"))
	}
	p.rules = append(p.rules, r)
	return wrong
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
