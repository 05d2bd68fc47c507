package spoken

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is what a token is made of.
type Kind uint8

// Kinds of tokens.
const (
	Word Kind = iota
	Number
	Punct
)

// A Token is one word, number or sign of a text, from the byte Start to End.
// Fold is it in lower case.
type Token struct {
	Start, End int
	Kind       Kind
	Fold       string
}

// item is one or more tokens that mean one thing in the language at hand.
type item struct {
	meaning
	start, end int    // bytes of the text
	token      int    // the first one
	fold       string // of the first one
	touches    bool   // nothing stands between it and the item before
}

// told is a word that means something, and in which languages, as bits.
type told struct {
	token int32
	in    uint8
}

// A Reader reads texts. It keeps its memory from one text to the next and is
// used by one goroutine at a time.
type Reader struct {
	lexicon  *Lexicon
	language int
	vocab    *vocabulary
	tokens   []Token
	entries  []*entry
	told     []told
	ground   []item // of every token, as a language reads it that knows none of the words
	items    []item
	elements []element
	runs     []Run
	marks    uint16
	dated    uint8
	known    [Languages]int
	right    []element // of the domain at hand
	labels   []element // of its label
	left     []element // of the name
	pieces   []piece   // of all runs
	most     int       // items that any language had
	beside   bool      // "bei gmail punkt" is somewhere in the text
	repair   int       // the element that a correction begins with, or -1
}

// NewReader makes a Reader of l.
func NewReader(l *Lexicon) *Reader { return &Reader{lexicon: l} }

// AddressWords is how many words the signs of an address count for in Look.
const AddressWords = 5

// everyLanguage stands for all languages of a mask; single letters alone must be
// fewestLetters.
const (
	everyLanguage = 1<<Languages - 1
	fewestLetters = 3
)

// commonLetters are words in one of the languages; alone they spell nothing.
const commonLetters = "aàeèioóuwyz"

// Explained takes the words of the tokens from first to last off counts: a run
// was found there, so that they speak for no other language.
func (r *Reader) Explained(counts *[Languages]int, first, last int) {
	for i := first; i <= last && i < len(r.entries); i++ {
		if e := r.entries[i]; e != nil {
			for n := range counts {
				counts[n] -= int(e.mask >> n & 1)
			}
		}
	}
}

// Forget lets go of the text.
func (r *Reader) Forget() {
	clear(r.items[:min(r.most, cap(r.items))])
	clear(r.ground)
	r.ground = r.ground[:0]
	clear(r.elements[:min(mostElements, cap(r.elements))])
	clear(r.runs[:cap(r.runs)])
	for _, kept := range [...][]element{r.right, r.labels, r.left} {
		clear(kept[:cap(kept)])
	}
	r.tokens, r.most = nil, 0
}

// single tells whether a word is one letter.
func single(word string) bool {
	return len(word) == 1 || len(word) <= utf8.UTFMax && word != "" && word[0] >= utf8.RuneSelf && utf8.RuneCountInString(word) == 1
}

// lay makes the items that are the same in every language. A text is read in
// several, and most of its words mean nothing in most of them.
func (r *Reader) lay() {
	r.ground = slices.Grow(r.ground[:0], len(r.tokens))
	end := -1
	for i := range r.tokens {
		t := &r.tokens[i]
		it := item{start: t.Start, end: t.End, token: i, fold: t.Fold, touches: t.Start == end}
		switch t.Kind {
		case Number:
			it.role, it.text = roleDigits, t.Fold
		case Punct:
			it.role, it.text = rolePunct, t.Fold
		default:
			it.role = rolePlain
		}
		end = t.End
		r.ground = append(r.ground, it)
	}
}

// read makes the items of the language: the ground's, and in their places what
// the language says.
func (r *Reader) read() {
	if len(r.ground) == 0 {
		r.lay()
	}
	r.items = slices.Grow(r.items[:0], len(r.tokens))
	next, bit := 0, uint8(1)<<r.language
	for _, t := range r.told {
		i := int(t.token)
		if t.in&bit == 0 || i < next {
			continue
		}
		r.items = append(r.items, r.ground[next:i]...)
		it, n := r.item(i)
		it.touches = r.ground[i].touches
		r.items = append(r.items, it)
		next = i + n
	}
	r.items = append(r.items, r.ground[next:]...)
	r.most = max(r.most, len(r.items))
}

// item reads the longest phrase at the word i and gives how many tokens it has.
func (r *Reader) item(i int) (item, int) {
	t := &r.tokens[i]
	it := item{start: t.Start, end: t.End, token: i, fold: t.Fold}
	e := r.entries[i]
	if e != nil && e.exact > 0 && e.mask>>r.language&1 == 1 {
		it.meaning = meaning{role: roleNumber, value: e.exact}
	} else if e != nil {
		for p := range e.phrases {
			f := &e.phrases[p]
			if int(f.language) != r.language {
				continue
			}
			if n := r.match(i+1, f.rest); n > 0 {
				it.meaning = r.lexicon.meanings[f.meaning]
				it.end = r.tokens[i+n].End
				return it, n + 1
			}
		}
		if m := e.by[r.language]; m != 0 {
			it.meaning = r.lexicon.meanings[m]
		}
	}
	if single(t.Fold) && !r.clipped(i) || twofold(t.Fold) {
		it.role |= roleLetter
		it.text = t.Fold
		if strings.Contains(r.vocab.words, t.Fold) {
			it.role |= roleWeak
		}
	}
	if it.role&^(roleMonth|roleOrdinal|rolePlural) == 0 {
		it.role |= rolePlain
	}
	return it, 1
}

// twofold tells whether a word is two letters that callers say as one.
func twofold(word string) bool { return word == "ll" || word == "rr" || word == "ij" }

// clipped tells whether token i is the "s" that an apostrophe ties to a word:
// "email's".
func (r *Reader) clipped(i int) bool {
	return r.tokens[i].Fold == "s" && i > 1 && r.tokens[i-1].Fold == "'" && r.tokens[i-1].End == r.tokens[i].Start &&
		r.tokens[i-2].Kind == Word && r.tokens[i-2].End == r.tokens[i-1].Start
}

// match tells how many tokens from i on say rest. Apostrophes and hyphens inside
// a phrase are passed over.
func (r *Reader) match(i int, rest []string) int {
	first := i
	for _, word := range rest {
		if i < len(r.tokens) && r.tokens[i].Kind == Punct && (r.tokens[i].Fold == "'" || r.tokens[i].Fold == "-") {
			i++
		}
		if i >= len(r.tokens) || !samePlain(r.tokens[i].Fold, word) {
			return 0
		}
		i++
	}
	return i - first
}

// samePlain tells whether text is word, as it is written or without its marks.
func samePlain(text, word string) bool {
	if text == word || text == "" || text[0] < utf8.RuneSelf && text[0] != word[0] {
		return text == word
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return Plain(text) == word
		}
	}
	return false
}

// shortestThousand is the length of "duemila".
const shortestThousand = 7

// thousands reads a number above 999 that is written in one word. Such numbers
// are too many for the table and too rare to matter for speed.
func (l *Lexicon) thousands(word string) *entry {
	for n, v := range l.vocab {
		for _, thousand := range v.thousand {
			at := strings.Index(word, thousand)
			if at < 0 {
				continue
			}
			before, ok := l.below(n, word[:at])
			after, fine := l.below(n, strings.TrimPrefix(word[at+len(thousand):], v.and))
			if ok && fine {
				return &entry{mask: 1 << n, exact: max(before, 1)*1000 + after}
			}
		}
	}
	return nil
}

// below gives the value of a number word in the language; nothing is zero.
func (l *Lexicon) below(n int, word string) (int, bool) {
	if word == "" {
		return 0, true
	}
	e := l.words[word]
	if e == nil || e.by[n] == 0 {
		return 0, false
	}
	m := l.meanings[e.by[n]]
	switch {
	case m.role&roleNumber != 0 && m.value < 1000:
		return m.value, true
	case m.role&roleHundred != 0:
		return 100, true
	}
	return 0, false
}
