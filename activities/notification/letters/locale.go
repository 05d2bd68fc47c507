package letters

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/voicehive/voicehive/connectors/pms"
)

// locale writes dates, amounts and plurals of one language.
type locale struct {
	tag         language.Tag
	file        file
	date, money *template.Template
	plurals     map[string]map[plural.Form]*template.Template
}

// forms are the plural forms by the names that files use.
var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func newLocale(f file) (*locale, error) {
	l := &locale{tag: language.Make(f.Language), file: f, plurals: map[string]map[plural.Form]*template.Template{}}
	var err error
	if l.date, err = parse("date", f.Date, nil); err != nil {
		return nil, err
	}
	if l.money, err = parse("money", f.Money, nil); err != nil {
		return nil, err
	}
	for word, byForm := range f.Plurals {
		l.plurals[word] = map[plural.Form]*template.Template{}
		for name, text := range byForm {
			form, known := forms[name]
			if !known {
				return nil, fmt.Errorf("plurals.%s: no form is called %q", word, name)
			}
			if l.plurals[word][form], err = parse(word, text, nil); err != nil {
				return nil, err
			}
		}
	}
	return l, l.complete()
}

// complete tries every plural that can occur, so that none is missing later.
func (l *locale) complete() error {
	for word := range l.plurals {
		for n := range 200 {
			if _, err := l.count(word, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse is strict: a field that is not there is an error, never "<no value>".
func parse(name, text string, funcs template.FuncMap) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(funcs).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func execute(t *template.Template, data any) (string, error) {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	return out.String(), nil
}

// funcs are what the texts can call.
func (l *locale) funcs() template.FuncMap {
	named := func(texts map[string]string) func(string) (string, error) {
		return func(name string) (string, error) {
			if texts[name] == "" {
				return "", fmt.Errorf("%w: a name that no text has", ErrData)
			}
			return texts[name], nil
		}
	}
	counted := func(word string) func(int) (string, error) {
		return func(n int) (string, error) { return l.count(word, n) }
	}
	return template.FuncMap{
		"date": l.day, "money": l.amount, "fee": l.fee,
		"nights": counted("nights"), "guests": counted("guests"), "minutes": counted("minutes"),
		"right": named(l.file.Rights),
		"join":  func(parts []string) string { return strings.Join(parts, ", ") },
	}
}

func (l *locale) day(d pms.Date) (string, error) {
	if d.IsZero() {
		return "", fmt.Errorf("%w: a date", ErrData)
	}
	t := d.At(12, 0, time.UTC)
	return execute(l.date, map[string]any{"Day": t.Day(), "Month": l.file.Months[t.Month()-1], "Year": t.Year()})
}

// amount writes money with the currency's code, which no other currency has.
func (l *locale) amount(m pms.Money) (string, error) {
	whole, minor, split := strings.Cut(m.Decimal(), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + l.file.Group + whole[i:]
	}
	if split {
		whole += l.file.Decimal + minor
	}
	return execute(l.money, map[string]string{"Amount": sign + whole, "Currency": m.Currency})
}

// fee is an amount that may be none.
func (l *locale) fee(m pms.Money) (string, error) {
	if m.IsZero() {
		return l.file.None, nil
	}
	return l.amount(m)
}

// count writes a number of things in the form that the language wants.
func (l *locale) count(word string, n int) (string, error) {
	form := plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)
	t := l.plurals[word][form]
	if t == nil {
		return "", fmt.Errorf("plurals.%s: the form for %d is missing", word, n)
	}
	return execute(t, n)
}
