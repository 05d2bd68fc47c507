package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/attest"
)

// Names of files that a pack always has.
const (
	manifestName  = "manifest.json"
	signatureName = "attest/pack.dsse.json"
	packKind      = "evidence-pack"
	keysName      = "keys/log.vkey"
	resultsName   = "controls/results.json"
	packSchema    = 1
)

// A manifest lists every file but itself and the statement that signs it.
type manifest struct {
	Schema int            `json:"schema"`
	Hotel  string         `json:"hotel"`
	From   time.Time      `json:"from"`
	Until  time.Time      `json:"until"`
	Build  string         `json:"build"`
	Files  []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// a packer writes files and remembers them.
type packer struct {
	zip *zip.Writer
	at  time.Time
	all []manifestFile
}

func (p *packer) stream(name string, method uint16, from io.Reader) error {
	to, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: p.at})
	if err != nil {
		return fmt.Errorf("evidence: write the pack: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, h), from)
	if err != nil {
		return fmt.Errorf("evidence: write the pack: %w", err)
	}
	p.all = append(p.all, manifestFile{name, n, hex.EncodeToString(h.Sum(nil))})
	return nil
}

func (p *packer) file(name string, content []byte) error {
	return p.stream(name, zip.Deflate, bytes.NewReader(content))
}

// write puts all into the pack, the readable page first.
func (j *job) write(ctx context.Context, out io.Writer) error {
	p := &packer{zip: zip.NewWriter(out), at: j.Until}
	for _, file := range []struct {
		name string
		make func() ([]byte, error)
	}{
		{"index.html", j.index},
		{"controls/controls.yaml", func() ([]byte, error) { return controlsFile, nil }},
		{resultsName, func() ([]byte, error) { return marshal(j.results) }},
		{"oscal/catalog.json", j.catalog},
		{"oscal/component-definition.json", j.components},
		{"oscal/assessment-results.json", j.assessment},
		{keysName, func() ([]byte, error) { return j.verifierKeys(), nil }},
	} {
		content, err := file.make()
		if err != nil {
			return fmt.Errorf("evidence: make %s: %w", file.name, err)
		}
		if err := p.file(file.name, content); err != nil {
			return err
		}
	}
	for _, paper := range j.Papers {
		if err := p.file("docs/"+paper.Name, paper.Content); err != nil {
			return err
		}
	}
	for _, s := range j.statements {
		if err := p.file(s.file, s.content); err != nil {
			return err
		}
	}
	// Stored as they are, so that they are checked without being unpacked.
	for _, l := range j.logs {
		if err := p.stream(l.name(), zip.Store, io.NewSectionReader(l.file, 0, l.size)); err != nil {
			return err
		}
	}
	return j.seal(ctx, p)
}

// seal writes the manifest and the statement that signs it.
func (j *job) seal(ctx context.Context, p *packer) error {
	text, err := marshal(manifest{packSchema, j.Hotel, j.From, j.Until, j.Version, p.all})
	if err != nil {
		return err
	}
	predicate := struct {
		Hotel string    `json:"hotel"`
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
		Files int       `json:"files"`
	}{j.Hotel, j.From, j.Until, len(p.all)}
	signature, err := j.sign(ctx, packKind, []attest.Subject{attest.Digested(manifestName, text)}, predicate)
	if err != nil {
		return err
	}
	if err := p.file(manifestName, text); err != nil {
		return err
	}
	if err := p.file(signatureName, signature); err != nil {
		return err
	}
	if err := p.zip.Close(); err != nil {
		return fmt.Errorf("evidence: write the pack: %w", err)
	}
	return nil
}

// shown are places in frameworks as people write them.
func shown(maps []string) (all []string) {
	for _, m := range maps {
		framework, place, _ := strings.Cut(m, " ")
		all = append(all, strings.ToUpper(strings.ReplaceAll(framework, "-", " "))+" "+place)
	}
	return all
}

//go:embed index.html
var indexText string

var indexPage = template.Must(template.New("index").Parse(indexText))

// index is the page for people. It loads nothing and runs no script.
func (j *job) index() ([]byte, error) {
	type row struct {
		Control
		Result
		MapsTo []string
	}
	type part struct {
		Name          string
		Year          int
		Size, Entries int64
		Findings      int
	}
	type fact struct {
		Kind, Title, File string
		Records           int
	}
	page := struct {
		Summary
		Build  string
		Rows   []row
		Papers []Paper
		Facts  []fact
		Logs   []part
		Keys   []string
	}{Summary: j.summary(), Build: j.Version, Papers: j.Papers, Keys: j.keys}
	for i, r := range j.results {
		page.Rows = append(page.Rows, row{j.controls[i], r, shown(j.controls[i].Maps)})
	}
	for _, s := range j.statements {
		for _, k := range factKinds {
			if k.name == s.kind {
				page.Facts = append(page.Facts, fact{s.kind, k.title, s.file, s.records})
			}
		}
	}
	for _, l := range j.logs {
		page.Logs = append(page.Logs, part{l.name(), l.year, l.report.Size, l.entries, len(l.report.Findings)})
	}
	var b bytes.Buffer
	if err := indexPage.Execute(&b, page); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
