package access

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

//go:embed texts pages
var files embed.FS

// texts are what a pack says in one language, and its pages.
type texts struct {
	Labels map[string]string `yaml:"labels"`
	Words  map[string]string `yaml:"words"`

	pages *template.Template
}

// errTexts is a mistake in the files of texts.
var errTexts = errors.New("access: the texts of the packs are not complete")

// loadTexts reads all languages and refuses one that lacks what another has.
func loadTexts() (map[string]*texts, error) {
	all := map[string]*texts{}
	for _, language := range Languages() {
		text, err := files.ReadFile("texts/" + language + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errTexts, err)
		}
		t := &texts{}
		if err := yaml.Unmarshal(text, t); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errTexts, language, err)
		}
		first := all[Languages()[0]]
		if first != nil && (!same(t.Labels, first.Labels) || !same(t.Words, first.Words)) {
			return nil, fmt.Errorf("%w: %s has other keys than %s", errTexts, language, Languages()[0])
		}
		if t.pages, err = template.New("pages").Funcs(t.functions(language)).ParseFS(files, "pages/*.html"); err != nil {
			return nil, fmt.Errorf("%w: %w", errTexts, err)
		}
		all[language] = t
	}
	return all, nil
}

func same(a, b map[string]string) bool {
	return slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) &&
		!slices.Contains(slices.Collect(maps.Values(a)), "")
}

func (t *texts) functions(language string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string) (string, error) {
			if text, ok := t.Labels[key]; ok {
				return text, nil
			}
			return "", fmt.Errorf("%w: no label %q", errTexts, key)
		},
		"word":     t.word,
		"language": func() string { return language },
		"join":     func(all []string) string { return strings.Join(all, ", ") },
		"money":    func(m Money) string { return fmt.Sprintf("%d.%02d %s", m.Amount/100, m.Amount%100, m.Currency) },
		// Replaced for each pack by the hotel's own clock.
		"time":  func(v any) string { return moment(v, time.UTC) },
		"clock": func(ms int64) string { return fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60) },
	}
}

func (t *texts) word(w string) string {
	if text, ok := t.Words[w]; ok {
		return text
	}
	return w
}

// moment is a time as it is written everywhere, with its zone.
func moment(v any, zone *time.Location) string {
	at, ok := v.(time.Time)
	if p, pointer := v.(*time.Time); pointer {
		if p == nil {
			return ""
		}
		at, ok = *p, true
	}
	if !ok || at.IsZero() {
		return ""
	}
	return at.In(zone).Format("2006-01-02 15:04 MST")
}

// sheet writes a page, part by part.
type sheet struct {
	pages *template.Template
	texts *texts
	zone  *time.Location
	into  io.Writer
	err   error
}

func (w *writer) sheet(into io.Writer) (*sheet, error) {
	t := w.texts[w.language]
	s := &sheet{texts: t, zone: w.hotelEntry.Zone, into: into}
	if s.zone == nil {
		s.zone = time.UTC
	}
	pages, err := t.pages.Clone()
	if err != nil {
		return nil, named(err, "make the pages")
	}
	s.pages = pages.Funcs(template.FuncMap{"time": func(v any) string { return moment(v, s.zone) }})
	return s, nil
}

func (s *sheet) part(name string, data any) error {
	if s.err == nil {
		s.err = s.pages.ExecuteTemplate(s.into, name, data)
	}
	return s.err
}

func (s *sheet) time(at time.Time) string { return moment(at, s.zone) }

// sections are the parts of the page, each with what it shows.
var sections = []string{"bookings", "companion_of", "calls", "consents", "messages", "decisions", "disclosures", "processing", "recipients", "your_rights"}

// portable are those of a pack under Article 20.
var portable = []string{"bookings", "companion_of", "calls", "consents", "your_rights"}

// page writes index.html.
func (w *writer) page(ctx context.Context) error {
	f, err := w.file("index.html", true)
	if err != nil {
		return err
	}
	s, err := w.sheet(f)
	if err != nil {
		return err
	}
	shown := sections
	if w.portable {
		shown = portable
	}
	title := s.texts.Labels["title_"+w.right()]
	head := map[string]any{
		"Language": w.language, "Title": title, "Intro": s.texts.Labels["intro_"+w.right()], "Sections": shown,
		"Case": w.rights.ID, "Received": w.rights.Clock.Received, "Generated": w.generated, "Hotel": w.hotelEntry, "Person": w.person,
	}
	if err := errors.Join(s.part("head", head), s.part("overview", head)); err != nil {
		return named(err, "write the page")
	}
	for _, name := range shown {
		if err := w.section(ctx, s, name); err != nil {
			return named(err, "write the page")
		}
	}
	return named(s.part("end", nil), "write the page")
}

func (w *writer) section(ctx context.Context, s *sheet, name string) error {
	if err := s.part("section", name); err != nil {
		return err
	}
	if err := w.sectionBody(ctx, s, name); err != nil {
		return err
	}
	return s.part("section-end", nil)
}

func (w *writer) sectionBody(ctx context.Context, s *sheet, name string) error {
	switch name {
	case "bookings":
		return parts(ctx, s, "booking", w.bookings)
	case "companion_of":
		return parts(ctx, s, "companion", w.companions)
	case "calls":
		return parts(ctx, s, "call", func(_ context.Context, each func(Call) error) error { return eachOf(w.talks, each) })
	case "consents":
		return rows(ctx, s, []string{"purpose", "answer", "channel", "when", "note"}, w.consents, func(c Consent) []string {
			return []string{s.texts.word(c.Purpose), s.texts.word(c.Action), s.texts.word(c.Channel), s.time(c.At), c.Note}
		})
	case "messages":
		return rows(ctx, s, []string{"kind", "channel", "to", "state", "when"}, w.messages, func(m Message) []string {
			return []string{m.Kind, s.texts.word(m.Channel), m.To, s.texts.word(m.State), s.time(m.CreatedAt)}
		})
	case "decisions":
		return rows(ctx, s, []string{"kind", "reason", "when"}, w.decisions, func(n Decision) []string {
			return []string{n.Kind, n.Reason, s.time(n.At)}
		})
	case "disclosures":
		return rows(ctx, s, []string{"recipient", "what", "concerning", "when"}, w.disclosures, func(n Disclosure) []string {
			return []string{w.recipientName(n.Recipient), s.texts.word(n.What), n.About, s.time(n.At)}
		})
	case "processing":
		if err := s.part("english", nil); err != nil {
			return err
		}
		return parts(ctx, s, "purpose", func(_ context.Context, each func(Purpose) error) error { return eachOf(w.processing().Purposes, each) })
	case "recipients":
		return rows(ctx, s, []string{"recipient", "what", "country"}, func(_ context.Context, each func(Recipient) error) error {
			return eachOf(w.processing().Recipients, each)
		}, func(r Recipient) []string { return []string{r.Name, r.What, r.Country} })
	}
	return s.part("rights", nil)
}

// recipientName is what the register calls somebody.
func (s *source) recipientName(id string) string {
	if r, ok := s.Register.Recipient(id); ok {
		return r.Name
	}
	return id
}

// parts shows each record by a template of its own, or says that there is none.
func parts[T any](ctx context.Context, s *sheet, name string, each func(context.Context, func(T) error) error) error {
	there := false
	err := each(ctx, func(v T) error {
		there = true
		return s.part(name, v)
	})
	if err == nil && !there {
		err = s.part("none", nil)
	}
	return err
}

// rows shows records as a table.
func rows[T any](ctx context.Context, s *sheet, columns []string, each func(context.Context, func(T) error) error, cells func(T) []string) error {
	there := false
	err := each(ctx, func(v T) error {
		if !there {
			there = true
			if err := s.part("table", columns); err != nil {
				return err
			}
		}
		return s.part("row", cells(v))
	})
	switch {
	case err != nil:
		return err
	case there:
		return s.part("table-end", nil)
	}
	return s.part("none", nil)
}

// pageOf writes the page of a transcript.
func (w *writer) pageOf(into io.Writer, c Call, turns []Turn) error {
	s, err := w.sheet(into)
	if err != nil {
		return err
	}
	return named(s.part("transcript", map[string]any{
		"Language": w.language, "Title": s.texts.Labels["transcript"] + ", " + s.time(c.StartedAt), "Turns": turns, "Spoken": c.Language,
	}), "write a transcript")
}
