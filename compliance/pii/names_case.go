package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isCased tells whether capitals in the text mean something: a recogniser may
// write all in lower case.
func (s *scan) isCased() bool {
	if s.shouts() {
		return false
	}
	lower := false
	for i := range s.tokens {
		if s.tokens[i].kind != word || s.tokens[i].fold == "i" {
			continue
		}
		if !s.capital(i) {
			lower = true
		} else if i > 0 && lower {
			return true
		}
	}
	return len(s.tokens) > 0 && s.tokens[0].kind == word && s.capital(0)
}

// shouts tells whether the text is all in capitals, several words of it: they
// say nothing then.
func (s *scan) shouts() bool {
	words := 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != word {
			continue
		}
		for _, r := range s.text[t.start:t.end] {
			if unicode.IsLower(r) {
				return false
			}
		}
		if utf8.RuneCountInString(t.fold) > 1 {
			words++
		}
	}
	return words > 1
}

// capital tells whether token i begins with one.
func (s *scan) capital(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[s.tokens[i].start:])
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

// opens tells whether a sentence begins with token i.
func (s *scan) opens(i int) bool {
	return i == 0 || s.tokens[i-1].kind == punct && strings.Contains(".!?:;…¿¡\"", s.tokens[i-1].fold)
}
