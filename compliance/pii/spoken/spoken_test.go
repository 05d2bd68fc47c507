package spoken

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// split makes tokens as the scanner does.
func split(text string) []Token {
	var tokens []Token
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		class := func(r rune) Kind {
			switch {
			case unicode.IsLetter(r) || unicode.IsMark(r):
				return Word
			case r >= '0' && r <= '9':
				return Number
			}
			return Punct
		}
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		start, kind := i, class(r)
		for i += n; i < len(text) && kind != Punct; i += n {
			if r, n = utf8.DecodeRuneInString(text[i:]); unicode.IsSpace(r) || class(r) != kind {
				break
			}
		}
		tokens = append(tokens, Token{start, i, kind, strings.ToLower(text[start:i])})
	}
	return tokens
}

type row struct{ text, want string }

var lexicon = New()

// readAll gives the runs of a text, as "virtual|virtual".
func readAll(language, text string) string {
	r := NewReader(lexicon)
	r.Look(split(text))
	var all []string
	for _, run := range r.Read(lexicon.Language(language)) {
		all = append(all, run.Text)
	}
	return strings.Join(all, "|")
}

func table(t *testing.T, language string, rows []row) {
	t.Helper()
	if len(rows) < 60 {
		t.Errorf("%d rows of %s, want at least 60", len(rows), language)
	}
	for _, row := range rows {
		if got := readAll(language, row.text); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", language, row.text, got, row.want)
		}
	}
}
