package documents

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/config/messages"
)

//go:embed notices
var notices embed.FS

// noticeVersion is that of the privacy notices' words.
const noticeVersion = "2026-11"

type section struct{ Head, Text string }

// A translation is what a file of notices/ holds.
type translation struct {
	Title      string  `yaml:"title"`
	Law        string  `yaml:"law"`
	Who        section `yaml:"who"`
	Machine    section `yaml:"machine"`
	Source     section `yaml:"source"`
	Recipients section `yaml:"recipients"`
	Where      section `yaml:"where"`
	Rights     section `yaml:"rights"`
	Complaint  section `yaml:"complaint"`
	Backups    string  `yaml:"backups"`
	Purposes   struct {
		Head, Use, Basis string
	} `yaml:"purposes"`
	Terms struct {
		Head, Text, What, Time, From string
	} `yaml:"terms"`
	Units      map[string][]string         `yaml:"units"`
	Activities map[string]string           `yaml:"activities"`
	Bases      map[string]string           `yaml:"bases"`
	People     map[string]string           `yaml:"people"`
	Classes    map[register.Class]string   `yaml:"classes"`
	Anchors    map[retention.Anchor]string `yaml:"anchors"`
	missing    []string
}

// privacyNotices are the notices of Articles 13 and 14 in every language.
func privacyNotices(in Inputs) ([]Document, error) {
	authorities, err := authorities()
	if err != nil {
		return nil, err
	}
	var all []Document
	for _, language := range consent.Languages() {
		text, err := notices.ReadFile("notices/" + language + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("documents: %w", err)
		}
		var w translation
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&w); err != nil {
			return nil, fmt.Errorf("documents: the privacy notice in %s: %w", language, err)
		}
		body := w.write(in, authorities)
		if len(w.missing) > 0 {
			return nil, fmt.Errorf("documents: the privacy notice in %s has no words for %s", language, strings.Join(w.missing, ", "))
		}
		all = append(all, finish("privacy-notice-"+language+".md", w.Title, noticeVersion, []byte(body)))
	}
	return all, nil
}

func (w *translation) write(in Inputs, authorities []string) string {
	var b strings.Builder
	part := func(s section) {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", w.must("a head", s.Head), w.must("a text", s.Text))
	}
	part(w.Who)
	part(w.Machine)
	w.writePurposes(&b, in.Register)
	part(w.Source)
	part(w.Recipients)
	for _, id := range recipientsOf(in.Register) {
		fmt.Fprintf(&b, "- %s\n", w.must("recipient "+id, w.People[id]))
	}
	b.WriteString("\n")
	part(w.Where)
	w.writeTerms(&b, in.Retention)
	part(w.Rights)
	part(w.Complaint)
	for _, line := range authorities {
		b.WriteString(line)
	}
	return b.String()
}

func (w *translation) must(what, text string) string {
	if text == "" && !slices.Contains(w.missing, what) {
		w.missing = append(w.missing, what)
	}
	return text
}

func (w *translation) writePurposes(b *strings.Builder, r register.Register) {
	fmt.Fprintf(b, "## %s\n\n| %s | %s |\n|---|---|\n", w.must("a head", w.Purposes.Head), w.Purposes.Use, w.Purposes.Basis)
	for _, a := range r.Activities {
		if a.Role != register.ForHotel {
			continue
		}
		var bases []string
		for _, basis := range a.Basis {
			if short := w.basis(basis.Article); short != "" && !slices.Contains(bases, short) {
				bases = append(bases, short)
			}
		}
		fmt.Fprintf(b, "| %s | %s |\n", w.must("activity "+a.ID, w.Activities[a.ID]), strings.Join(bases, "; "))
	}
	b.WriteString("\n")
}

// basis is an article of the register in the reader's words.
func (w *translation) basis(article string) string {
	for _, letter := range []string{"6(1)(a)", "6(1)(b)", "6(1)(c)", "6(1)(f)"} {
		if strings.Contains(article, letter) {
			return w.must("basis "+letter, w.Bases[letter]) + " (Art. " + letter + " " + w.Law + ")"
		}
	}
	return "" // an exception such as Article 17(3), which is no basis of its own
}

// recipientsOf are all who get data for the hotel, in the register's order.
func recipientsOf(r register.Register) []string {
	var all []string
	for _, p := range r.Recipients {
		if slices.ContainsFunc(r.Activities, func(a register.Activity) bool {
			return a.Role == register.ForHotel && slices.Contains(a.Recipients, p.ID)
		}) {
			all = append(all, p.ID)
		}
	}
	return all
}

// writeTerms lists the default terms; a country's law is told in words.
func (w *translation) writeTerms(b *strings.Builder, rules []Rule) {
	fmt.Fprintf(b, "## %s\n\n%s\n\n| %s | %s | %s |\n|---|---|---|\n", w.must("a head", w.Terms.Head), w.Terms.Text, w.Terms.What, w.Terms.Time, w.Terms.From)
	for _, r := range rules {
		if r.Country != "" {
			continue
		}
		class, anchor := register.Class(r.Class), retention.Anchor(r.Anchor)
		fmt.Fprintf(b, "| %s | %s | %s |\n", w.must("class "+r.Class, w.Classes[class]), w.period(r.Period), w.must("anchor "+r.Anchor, w.Anchors[anchor]))
	}
	fmt.Fprintf(b, "\n%s\n\n", w.must("backups", w.Backups))
}

// period is a term in words.
func (w *translation) period(iso string) string {
	p, err := retention.ParsePeriod(iso)
	if err != nil {
		return w.must("period "+iso, "")
	}
	var parts []string
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Months / 12, "years"}, {p.Months % 12, "months"}, {p.Days, "days"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, w.unit(part.unit, part.n)))
		}
	}
	return strings.Join(parts, ", ")
}

// unit is the plural of a unit: of two forms the second from two on, of three
// as Polish has them.
func (w *translation) unit(name string, n int) string {
	forms := w.Units[name]
	switch {
	case len(forms) < 2:
		return w.must("unit "+name, "")
	case n == 1:
		return forms[0]
	case len(forms) == 2:
		return forms[1]
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return forms[1]
	}
	return forms[2]
}

// authorities are the lines of the authorities that letters name too.
func authorities() ([]string, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(messages.Authorities, &node); err != nil || len(node.Content) != 1 {
		return nil, errors.New("documents: the list of authorities cannot be read")
	}
	var lines []string
	pairs := node.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		var a struct{ Name, URL string }
		if err := pairs[i+1].Decode(&a); err != nil {
			return nil, fmt.Errorf("documents: the list of authorities: %w", err)
		}
		lines = append(lines, fmt.Sprintf("- %s: %s, <%s>\n", pairs[i].Value, a.Name, a.URL))
	}
	return lines, nil
}
