package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/voicehive/voicehive/starter"
)

//go:embed pages
var pageFiles embed.FS

// pagePolicy lets a page of ours use our own style sheet, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// A page is written once and kept.
type page struct {
	contentType string
	body        []byte
}

func (p page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.contentType)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(p.body)
}

// addPages writes the documentation from the routes that are registered, and
// serves it to anybody.
func (s *server) addPages() error {
	openAPI, err := json.MarshalIndent(s.huma.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("api: writing the OpenAPI document: %w", err)
	}
	style, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		return fmt.Errorf("api: reading the style sheet: %w", err)
	}
	s.mux.Handle("GET /openapi.json", page{"application/openapi+json", openAPI})
	s.mux.Handle("GET /docs/style.css", page{"text/css; charset=utf-8", style})
	return s.addHTML()
}

func (s *server) addHTML() error {
	templates, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return fmt.Errorf("api: reading the pages: %w", err)
	}
	html := func(name string, data any) (page, error) {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, name, data); err != nil {
			return page{}, fmt.Errorf("api: writing a page: %w", err)
		}
		return page{"text/html; charset=utf-8", b.Bytes()}, nil
	}
	docs, err := html("docs.html", s.documentation())
	if err != nil {
		return err
	}
	problems, err := html("problems.html", Problems())
	if err != nil {
		return err
	}
	one := map[string]page{}
	for _, kind := range Problems() {
		if one[kind.Code], err = html("problem.html", explain(kind)); err != nil {
			return err
		}
	}
	s.mux.Handle("GET /docs", docs)
	s.mux.Handle("GET /problems", problems)
	s.mux.HandleFunc("GET /problems/{code}", func(w http.ResponseWriter, r *http.Request) {
		p, ok := one[r.PathValue("code")]
		if !ok {
			s.refuse(w, r, starter.NotFound.With("See /problems for the kinds that there are."))
			return
		}
		p.ServeHTTP(w, r)
	})
	return nil
}

// An explanation is what problem.html shows.
type explanation struct {
	starter.Kind
	Advice  string
	Spoken  []sentence
	Example string
}

type sentence struct{ Lang, Language, Text string }

func explain(kind starter.Kind) explanation {
	names := [len(phrase{})]string{"English", "Deutsch", "Français", "Español", "Italiano", "Nederlands", "Polski"}
	e := explanation{Kind: kind, Advice: adviceOf(kind.Code)}
	for i, text := range phraseOf(kind.Code) {
		e.Spoken = append(e.Spoken, sentence{languages[i].String(), names[i], text})
	}
	example, err := json.MarshalIndent(Problem{
		Type: "/problems/" + kind.Code, Title: kind.Title, Status: kind.Status, Detail: "...",
		Instance: "K7SFQH2N5RBJXW3DTVYLGZCM4A", Say: say("", kind.Code, nil),
	}, "", "  ")
	if err == nil {
		e.Example = string(example)
	}
	return e
}
