package evaluation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a turn: the text between two spaces, from its first
// letter or digit to its last.
type word struct {
	start, end  int
	true, wrong bool
}

// split gives the words of a text; what has neither letter nor digit is none.
func split(text string) []word {
	var words []word
	from := 0
	for from < len(text) {
		length := strings.IndexFunc(text[from:], unicode.IsSpace)
		if length < 0 {
			length = len(text) - from
		}
		inner := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
		part := text[from : from+length]
		if first := strings.IndexFunc(part, inner); first >= 0 {
			last := strings.LastIndexFunc(part, inner)
			_, size := utf8.DecodeRuneInString(part[last:])
			words = append(words, word{start: from + first, end: from + last + size})
		}
		from += max(length, 1)
		for from < len(text) && text[from]&0xC0 == 0x80 { // the rest of a space of several bytes
			from++
		}
	}
	return words
}

// words counts the words that were masked and belong to nobody. A single such
// word beside a truth is an overhang; any other run is one wrong masking.
func (s scored) words() {
	language := s.Request.Language
	words := split(s.Request.Text)
	s.result.Words[language] += len(words)
	for i := range words {
		w := &words[i]
		for _, truth := range s.Truths {
			w.true = w.true || truth.Start < w.end && w.start < truth.End
		}
		w.wrong = !w.true && s.characters(s.covered, w.start, w.end).Found > 0
	}
	for i := 0; i < len(words); i++ {
		if !words[i].wrong {
			continue
		}
		from := i
		for i+1 < len(words) && words[i+1].wrong {
			i++
		}
		beside := 0
		if from > 0 && words[from-1].true {
			beside++
		}
		if i+1 < len(words) && words[i+1].true {
			beside++
		}
		if i-from+1 <= beside {
			s.result.Overhangs[language]++
			continue
		}
		s.result.WrongMaskings[language]++
		s.miss("wrong masking", "", words[from].start, words[i].end)
	}
}
