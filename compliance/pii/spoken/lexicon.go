package spoken

import "strings"

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
	roleSoft                      // a letter whose name is a small word, such as "te"
	rolePlural                    // a digit's plural, such as "fives" in "four fives"
	roleMonth                     // a month's name
	roleOrdinal                   // "fourth"
	roleBut                       // "but" in "not nine but eight"
)

type meaning struct {
	role  role
	value int
	text  string // letter or sign
	date  int    // of a month or an ordinal
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
	any     uint8 // languages in which it has a meaning
	at, dot uint8 // languages in which it is "@" or a dot, or a domain that is said without
	by      [Languages]uint16
	marks   uint16 // see Mark
	dated   uint8  // languages in which it is a month or an ordinal
	phrases []phrase
	exact   int // the value of a number word that is not in the table
}

// A Lexicon holds the words of all languages. It is made once and read by many.
type Lexicon struct {
	words    map[string]*entry
	meanings []meaning
	vocab    []*vocabulary
	careless []carelessWord
}

// vocabulary is what a language's file gives.
type vocabulary struct {
	code string
	// numbers, letters and roles list words by what they mean. A phrase has "_"
	// for its spaces.
	numbers  map[int]string
	letters  map[string]string
	soft     map[string]string // letters whose names are small words too
	alphabet string            // words that stand for their first letter
	signs    map[string]string
	times    map[int]string
	plurals  map[int]string
	roles    map[role]string
	// months are twelve groups of words, by spaces; a bar divides the words of one.
	months string
	// ordinals are up to thirty-first where a word says it whole. dated writes
	// the others, and those of the tens that years end in.
	ordinals map[int]string
	dated    func(add func(word string, value int))
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
	l.putCareless()
	for name := range providers {
		if l.words[name] == nil {
			l.words[name] = new(entry)
		}
		l.words[name].dot = everyLanguage
	}
	return l
}

// Mark makes Look tell when a word stands in a text: Reader.Marks has its bit
// then. It is called before the Lexicon is read.
func (l *Lexicon) Mark(word string, bit uint16) {
	for _, w := range [...]string{word, Plain(word)} {
		if l.words[w] == nil {
			l.words[w] = new(entry)
		}
		l.words[w].marks |= bit
	}
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

// Code gives the code of a language by its number.
func (l *Lexicon) Code(language int) string { return l.vocab[language].code }

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
