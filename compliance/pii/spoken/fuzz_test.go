package spoken

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead reads anything in every language: no panic, and every run inside the
// text, in order, with its pieces inside it.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"oh seven nine double one no wait two not one", "b as in", "anna dot at dot com", "plus plus", "not nine", "doppel doppel",
		"quatre vingt vingt quatre cent mille mille", "una volta at at . @ . com", "+", "double", "triple -", "a b c - d", "nie nie nie 1 nie",
	} {
		f.Add(text)
	}
	r := NewReader(lexicon)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 1<<12 {
			return
		}
		r.Look(split(text))
		for language := range Languages {
			for _, run := range r.Read(language) {
				if run.Start < 0 || run.End > len(text) || run.Start >= run.End || run.Last >= len(r.tokens) || run.First > run.Last {
					t.Fatalf("run %+v outside %q", run, text)
				}
				for i := range run.Text {
					if a, b := run.Span(i, i+1); a < run.Start || b > run.End || a > b {
						t.Fatalf("piece %d-%d outside %+v of %q", a, b, run, text)
					}
				}
			}
		}
		r.Forget()
	})
}

// TestLinear reads long texts of one word: reading must not grow faster than
// the text. It counts the runs only, the fuzz of the whole detector has the
// time.
func TestLinear(t *testing.T) {
	for _, word := range []string{"one ", "double ", "at ", "dot ", "b ", "no ", "not ", "a", ". ", "um ", "hundred ", "plus "} {
		r := NewReader(lexicon)
		r.Look(split(strings.Repeat(word, 20_000)))
		for language := range Languages {
			r.Read(language)
		}
	}
}
