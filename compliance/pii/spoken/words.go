package spoken

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

func (l *Lexicon) load(n uint8, v *vocabulary) {
	if v.compound != nil {
		v.compound(func(word string, value int) { l.put(n, word, meaning{role: roleNumber, value: value}) })
	}
	for value, words := range sorted(v.numbers) {
		l.putAll(n, words, meaning{role: roleNumber, value: value})
	}
	for letter, words := range sorted(v.letters) {
		l.putAll(n, words, meaning{role: roleLetter, text: letter})
	}
	for _, word := range strings.Fields(v.alphabet) {
		first := strings.ToLower(string([]rune(word)[:1]))
		l.put(n, word, meaning{role: roleLetter | roleWeak, text: first})
	}
	for sign, words := range sorted(v.signs) {
		l.putAll(n, words, meaning{role: roleSign, text: sign})
	}
	for letter, words := range sorted(v.soft) {
		l.putAll(n, words, meaning{role: roleLetter | roleWeak | roleSoft, text: letter})
	}
	for value, words := range sorted(v.times) {
		l.putAll(n, words, meaning{role: roleTimes, value: value})
	}
	for value, words := range sorted(v.plurals) {
		l.putAll(n, words, meaning{role: rolePlural, value: value})
	}
	for i, words := range strings.Fields(v.months) {
		l.putAll(n, strings.ReplaceAll(words, "|", " "), meaning{role: roleMonth, date: i + 1})
	}
	for value, words := range sorted(v.ordinals) {
		l.putAll(n, words, meaning{role: roleOrdinal, date: value})
	}
	if v.dated != nil {
		v.dated(func(word string, value int) { l.put(n, word, meaning{role: roleOrdinal, date: value}) })
	}
	for r, words := range sorted(v.roles) {
		l.putAll(n, words, meaning{role: r})
	}
}

func (l *Lexicon) putAll(n uint8, words string, m meaning) {
	for _, word := range strings.Fields(words) {
		l.put(n, word, m)
	}
}

// sorted goes through a map in order of its keys, so that a word of two meanings
// means the same in every process.
func sorted[K cmp.Ordered](m map[K]string) iter.Seq2[K, string] {
	return func(yield func(K, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// put adds a word as it is written. How a careless transcript writes it is added
// at the end, where no other word is written so.
func (l *Lexicon) put(n uint8, word string, m meaning) {
	word = strings.ToLower(word)
	l.putOne(n, word, m)
	if plain := Plain(word); plain != word {
		l.careless = append(l.careless, carelessWord{n, plain, m})
	}
	if n == 1 {
		if two := umlauts.Replace(word); two != word {
			l.careless = append(l.careless, carelessWord{n, two, m})
		}
	}
}

type carelessWord struct {
	language uint8
	word     string
	meaning  meaning
}

// putCareless adds the words without marks.
func (l *Lexicon) putCareless() {
	for _, c := range l.careless {
		if e := l.words[c.word]; e != nil && l.meanings[e.by[c.language]].role&c.meaning.role != 0 {
			continue
		}
		l.putOne(c.language, c.word, c.meaning)
	}
	l.careless = nil
}

func (l *Lexicon) putOne(n uint8, word string, m meaning) {
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '_' || r == '\'' || r == '-' })
	if len(parts) == 0 {
		return
	}
	e := l.words[parts[0]]
	if e == nil {
		e = new(entry)
		l.words[parts[0]] = e
	}
	e.any |= 1 << n
	if m.role&(roleNumber|roleLetter|roleTimes|roleHundred|roleThousand) != 0 && m.role&roleSoft == 0 {
		e.mask |= 1 << n
	}
	if m.role&(roleMonth|roleOrdinal) != 0 {
		e.dated |= 1 << n
	}
	switch m.text {
	case "@":
		e.at |= 1 << n
	case ".":
		e.dot |= 1 << n
	}
	if len(parts) > 1 {
		e.phrases = append(e.phrases, phrase{n, parts[1:], l.meaning(m)})
		slices.SortStableFunc(e.phrases, func(a, b phrase) int { return len(b.rest) - len(a.rest) })
		return
	}
	if old := e.by[n]; old != 0 {
		both := l.meanings[old]
		both.role |= m.role
		if both.text == "" {
			both.text = m.text
		}
		if m.role&(roleNumber|roleTimes|rolePlural) != 0 && (both.value == 0 || m.role&rolePlural == 0) {
			both.value = m.value
		}
		if m.date != 0 {
			both.date = m.date
		}
		m = both
	}
	e.by[n] = l.meaning(m)
}

func (l *Lexicon) meaning(m meaning) uint16 {
	for i := len(l.meanings) - 1; i > 0 && i > len(l.meanings)-8; i-- {
		if l.meanings[i] == m {
			return uint16(i)
		}
	}
	l.meanings = append(l.meanings, m)
	return uint16(len(l.meanings) - 1)
}
