package documents

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// A Document is one paper as Markdown.
type Document struct {
	Name    string // of its file
	Title   string
	Version string
	Content []byte // with the head that names version and digest
	// Digest is the SHA-256 of the text below the head, in hexadecimal.
	Digest string
}

// versions of the papers. A change of what one says needs a new one here; the
// digest beside it tells apart what changed in the facts.
var papers = []struct{ file, title, version string }{
	{"register-of-processing", "Register of processing", "2026-11"},
	{"dpia", "Data protection impact assessment", "2026-11"},
	{"lia", "Assessments of legitimate interests", "2026-11"},
	{"processing-agreement", "Processing agreement", "2026-11"},
	{"sub-processors", "Recipients and sub-processors", "2026-11"},
	{"security-handout", "Security handout for partners", "2026-11"},
	{"breach-runbook", "Runbook for personal data breaches", "2026-11"},
	{"call-texts", "What callers and guests are told", "2026-11"},
}

// Index is the name of the file that lists the papers.
const Index = "README.md"

// Build writes all papers, and the index of them as the first.
func Build(in Inputs) ([]Document, error) {
	var all []Document
	parsed, err := template.New("").Funcs(functions(in)).ParseFS(templates, "templates/*.md")
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	for _, p := range papers {
		var text bytes.Buffer
		if err := parsed.ExecuteTemplate(&text, p.file+".md", in); err != nil {
			return nil, fmt.Errorf("documents: %w", err)
		}
		all = append(all, finish(p.file+".md", p.title, p.version, text.Bytes()))
	}
	notices, err := privacyNotices(in)
	if err != nil {
		return nil, err
	}
	all = append(all, notices...)
	return append([]Document{index(all)}, all...), nil
}

// finish puts the head over a text.
func finish(name, title, version string, text []byte) Document {
	text = tidy(text)
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	head := fmt.Sprintf("<!-- Written by `voicehive documents build`; do not edit. -->\n# %s\n\nVersion %s. SHA-256 of all that stands below this line: `%s`\n\n", title, version, digest)
	return Document{Name: name, Title: title, Version: version, Content: append([]byte(head), text...), Digest: digest}
}

// tidy leaves one blank line where templates leave many, and one at the end.
func tidy(text []byte) []byte {
	var out []string
	for line := range strings.SplitSeq(string(text), "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return []byte(strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n")
}

func index(all []Document) Document {
	var b strings.Builder
	b.WriteString("These papers are filled from the program's own data. They are drafts for the hotel and its lawyer: what is\nmarked **[lawyer]** somebody has to decide, and what stands in *[brackets]* the hotel or operator fills in.\n\n")
	b.WriteString("| paper | version | SHA-256 of its text |\n|---|---|---|\n")
	for _, d := range all {
		fmt.Fprintf(&b, "| [%s](%s) | %s | `%s` |\n", d.Title, d.Name, d.Version, d.Digest)
	}
	return finish(Index, "Papers on data protection", "2026-11", []byte(b.String()))
}

// ErrStale says that papers in a folder are not what would be written now.
var ErrStale = errors.New("documents: not current")

// Write puts the papers into a folder.
func Write(folder string, all []Document) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, d := range all {
		if err := os.WriteFile(filepath.Join(folder, d.Name), d.Content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Check compares a folder with the papers and returns ErrStale with the name of
// each that differs, is missing, or does not belong there.
func Check(folder fs.FS, all []Document) error {
	var wrong []string
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
		found, err := fs.ReadFile(folder, d.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			wrong = append(wrong, d.Name+" is missing")
		case err != nil:
			return err
		case !bytes.Equal(found, d.Content):
			wrong = append(wrong, d.Name+" differs")
		}
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			wrong = append(wrong, e.Name()+" is none of them")
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s; run voicehive documents build and commit what it writes", ErrStale, strings.Join(wrong, ", "))
	}
	return nil
}
