package spoken

import (
	"slices"
	"strings"
)

// role tells what a word can be in one language. A word can be several things.
type role uint32

const (
	roleNumber   role = 1 << iota // has a value of its own
	roleHundred                   // multiplies by a hundred what stands before it
	roleThousand                  // multiplies by a thousand
	roleLetter                    // stands for a letter
	roleWeak                      // ... but is a common word or a name too
	roleSign                      // stands for a sign, such as "dot"
	roleTimes                     // says the next one again, such as "double"
	roleFiller                    // may stand inside a run and says nothing
	roleAnd                       // joins the parts of a number
	roleWrong                     // takes back what was said, such as "no wait"
	roleNot                       // names what is wrong, such as "not" in "seven not nine"
	roleAs                        // "as in": the next word repeats the letter
	roleCase                      // says how a letter is written, such as "capital"
	roleExtra                     // begins an extension
	roleStop                      // never part of an address's name, such as "is"
	rolePunct                     // a sign that was written
	roleDigits                    // digits that were written
	rolePlain                     // any other word
)

type meaning struct {
	role  role
	value int
	text  string // letter or sign
}

type phrase struct {
	language uint8
	rest     []string
	meaning  uint16
}

// entry is what a word means in each language: a place in the lexicon's table
// of meanings, or 0.
type entry struct {
	mask    uint8 // languages in which the word can be part of a run
	at, dot uint8 // languages in which it is "@" or a dot, or a domain that is said without
	by      [Languages]uint16
	phrases []phrase
	exact   int // the value of a number word that is not in the table
}

// A Lexicon holds the words of all languages. It is made once and read by many.
type Lexicon struct {
	words    map[string]*entry
	meanings []meaning
	vocab    []*vocabulary
}

// vocabulary is what a language's file gives.
type vocabulary struct {
	code string
	// numbers, letters and roles list words by what they mean. A phrase has "_"
	// for its spaces.
	numbers  map[int]string
	letters  map[string]string
	alphabet string // words that stand for their first letter
	signs    map[string]string
	times    map[int]string
	roles    map[role]string
	// compound writes the numbers that the language writes in one word.
	compound func(add func(word string, value int))
	// thousand splits the one word of a number above 999, such as "tausend".
	thousand []string
	// and may stand behind it, as in "tausendundeins".
	and string
	// words are single letters that are words of the language too.
	words string
	// inverted languages say the unit before the ten.
	inverted bool
	// vigesimal languages count on from sixty and eighty by twenties.
	vigesimal bool
	// zero tells that the letter o between digits is a nought.
	zero bool
}

// Languages is the number of languages.
const Languages = 7

// New makes the Lexicon.
func New() *Lexicon {
	l := &Lexicon{words: make(map[string]*entry, 8192), meanings: make([]meaning, 1, 2048)}
	l.vocab = []*vocabulary{english(), german(), french(), spanish(), italian(), dutch(), polish()}
	for i, v := range l.vocab {
		l.load(uint8(i), v)
	}
	for name := range providers {
		if l.words[name] == nil {
			l.words[name] = new(entry)
		}
		l.words[name].dot = everyLanguage
	}
	return l
}

// Language gives the number of a language by its code, such as "de" or "de-AT",
// or -1 for one that the Lexicon does not have.
func (l *Lexicon) Language(code string) int {
	if len(code) < 2 || len(code) > 2 && code[2] != '-' && code[2] != '_' {
		return -1
	}
	for i, v := range l.vocab {
		if strings.EqualFold(v.code, code[:2]) {
			return i
		}
	}
	return -1
}

func (l *Lexicon) load(n uint8, v *vocabulary) {
	if v.compound != nil {
		v.compound(func(word string, value int) { l.put(n, word, meaning{role: roleNumber, value: value}) })
	}
	for value, words := range v.numbers {
		l.putAll(n, words, meaning{role: roleNumber, value: value})
	}
	for letter, words := range v.letters {
		l.putAll(n, words, meaning{role: roleLetter, text: letter})
	}
	for _, word := range strings.Fields(v.alphabet) {
		first := strings.ToLower(string([]rune(word)[:1]))
		l.put(n, word, meaning{role: roleLetter | roleWeak, text: first})
	}
	for sign, words := range v.signs {
		l.putAll(n, words, meaning{role: roleSign, text: sign})
	}
	for value, words := range v.times {
		l.putAll(n, words, meaning{role: roleTimes, value: value})
	}
	for r, words := range v.roles {
		l.putAll(n, words, meaning{role: r})
	}
}

func (l *Lexicon) putAll(n uint8, words string, m meaning) {
	for _, word := range strings.Fields(words) {
		l.put(n, word, m)
	}
}

// put adds a word as it is written and as a careless transcript writes it.
func (l *Lexicon) put(n uint8, word string, m meaning) {
	word = strings.ToLower(word)
	l.putOne(n, word, m)
	if plain := Plain(word); plain != word {
		l.putOne(n, plain, m)
	}
	if n == 1 {
		if two := umlauts.Replace(word); two != word {
			l.putOne(n, two, m)
		}
	}
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
	if m.role&(roleNumber|roleLetter|roleTimes|roleHundred|roleThousand) != 0 {
		e.mask |= 1 << n
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
		if m.role&(roleNumber|roleTimes) != 0 {
			both.value = m.value
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

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

var marks = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ä", "a", "ą", "a", "ç", "c", "ć", "c", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"ę", "e", "ì", "i", "í", "i", "î", "i", "ï", "i", "ł", "l", "ñ", "n", "ń", "n", "ò", "o", "ó", "o", "ô", "o",
	"ö", "o", "ś", "s", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ź", "z", "ż", "z", "ß", "ss")

// Plain takes the marks off the letters of a word in lower case.
func Plain(word string) string {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return marks.Replace(word)
		}
	}
	return word
}
