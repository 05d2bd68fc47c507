package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// What docs.html shows.
type (
	documentation struct {
		Version    string
		Operations []operationDoc
		Types      []typeDoc
	}
	operationDoc struct {
		Method, Path, ID, Summary, Description string
		Roles                                  []auth.Role
		Params                                 []fieldDoc
		Request, Answer                        *bodyDoc
		Accepted                               bool
		Status                                 int
		Problems                               []problemsDoc
		Curl                                   string
	}
	// problemsDoc are the kinds of one status.
	problemsDoc struct {
		Status int
		Kinds  []starter.Kind
	}
	bodyDoc struct {
		Type    kindDoc
		Example string
	}
	typeDoc struct {
		Name   string
		Fields []fieldDoc
	}
	fieldDoc struct {
		Name, In    string
		Type        kindDoc
		Required    bool
		Description string
		Example     string
	}
	// kindDoc is a type in words; Link names the type that it leads to.
	kindDoc struct{ Text, Link string }
)

func (s *server) documentation() documentation {
	openAPI := s.huma.OpenAPI()
	d := documentation{Version: openAPI.Info.Version}
	for _, r := range s.routes {
		d.Operations = append(d.Operations, describe(r, operationOf(openAPI.Paths[r.path], r.method)))
	}
	schemas := openAPI.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		d.Types = append(d.Types, typeDoc{name, fieldsOf(schemas[name])})
	}
	return d
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}

func describe(r route, op *huma.Operation) operationDoc {
	d := operationDoc{
		Method: r.method, Path: r.path, ID: r.id, Summary: r.summary, Description: r.description,
		Roles: r.roles, Accepted: r.accepted, Status: r.status, Problems: byStatus(r.problems), Curl: curl(r, op),
	}
	for _, p := range op.Parameters {
		d.Params = append(d.Params, fieldDoc{p.Name, p.In, kind(p.Schema), p.Required, p.Description, text(p.Schema.Examples)})
	}
	if op.RequestBody != nil {
		d.Request = &bodyDoc{kind(op.RequestBody.Content["application/json"].Schema), pretty(r.request)}
	}
	if answer := op.Responses[statusText(r.status)]; answer != nil {
		if file := answer.Content[zipType]; file != nil {
			d.Answer = &bodyDoc{Type: kind(file.Schema)}
		} else {
			d.Answer = &bodyDoc{kind(answer.Content["application/json"].Schema), pretty(r.answer)}
		}
	}
	return d
}

func byStatus(kinds []starter.Kind) []problemsDoc {
	sorted := slices.SortedFunc(slices.Values(kinds), func(a, b starter.Kind) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code))
	})
	var all []problemsDoc
	for _, k := range slices.Compact(sorted) {
		if len(all) == 0 || all[len(all)-1].Status != k.Status {
			all = append(all, problemsDoc{Status: k.Status})
		}
		last := &all[len(all)-1]
		last.Kinds = append(last.Kinds, k)
	}
	return all
}

func fieldsOf(s *huma.Schema) []fieldDoc {
	var fields []fieldDoc
	required := append(slices.Clone(s.Required), slices.Sorted(maps.Keys(s.Properties))...)
	seen := map[string]bool{}
	for i, name := range required {
		p := s.Properties[name]
		if p == nil || seen[name] {
			continue
		}
		seen[name] = true
		fields = append(fields, fieldDoc{Name: name, Type: kind(p), Required: i < len(s.Required), Description: p.Description, Example: text(p.Examples)})
	}
	return fields
}

// kind tells a schema's type in words.
func kind(s *huma.Schema) kindDoc {
	if name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]; name != "" {
		return kindDoc{name, name}
	}
	switch {
	case s.Type == huma.TypeArray && s.Items != nil:
		of := kind(s.Items)
		return kindDoc{"list of " + of.Text, of.Link}
	case len(s.Enum) > 0:
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = fmt.Sprint(v)
		}
		return kindDoc{Text: strings.Join(values, " | ")}
	}
	words := cmp.Or(map[string]string{"date": "date", "date-time": "date and time"}[s.Format], s.Type)
	if s.Minimum != nil && s.Maximum != nil {
		words += fmt.Sprintf(" %v–%v", *s.Minimum, *s.Maximum)
	}
	return kindDoc{Text: words}
}

func text(examples []any) string {
	if len(examples) == 0 {
		return ""
	}
	return fmt.Sprint(examples[0])
}

func pretty(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// curl is the request as a command.
func curl(r route, op *huma.Operation) string {
	var b strings.Builder
	b.WriteString("curl")
	if r.method != http.MethodGet {
		b.WriteString(" -X " + r.method)
	}
	address := strings.NewReplacer("{hotel}", "alpenhof", "{id}", "01JD3Z8Q4X0000000000000000").Replace(r.path)
	if r.id == "availability" {
		address += "?arrival=2027-05-14&departure=2027-05-16&adults=2"
	}
	fmt.Fprintf(&b, " 'http://127.0.0.1:8080%s' \\\n  -H \"Authorization: Bearer $VOICEHIVE_TOKEN\"", address)
	if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "Idempotency-Key" }) {
		b.WriteString(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"")
	}
	if r.request != "" {
		b.WriteString(" \\\n  --json '" + pretty(r.request) + "'")
	}
	return b.String()
}
