package redaction

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// boundary gives where the next unit of a text ends, or zero where more must be
// heard. It looks at the words alone and not at how they came, so that every
// cut of a text has the same units: behind a sentence that ends in a word when
// an ordinary word follows, or after so many words.
func boundary(text string) int {
	words := 0
	for at := 0; at < len(text); {
		start := at + spaces(text[at:])
		end := start + strings.IndexFunc(text[start:], unicode.IsSpace)
		if end < start { // the last word: it may go on
			return 0
		}
		words++
		next := end + spaces(text[end:])
		follow := text[next:]
		if i := strings.IndexFunc(follow, unicode.IsSpace); i >= 0 {
			follow = follow[:i]
		} else {
			return 0
		}
		word := text[start:end]
		switch {
		case words >= hardTokens,
			words >= softTokens && calm(word) && calm(follow),
			sentenceEnd(word) && calm(word) && calm(follow):
			return next
		}
		at = end
	}
	return 0
}

func spaces(text string) int {
	n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
	if n < 0 {
		return len(text)
	}
	return n
}

func sentenceEnd(word string) bool {
	return strings.HasSuffix(word, ".") || strings.HasSuffix(word, "?") || strings.HasSuffix(word, "!")
}

// calm tells whether nothing personal can go on over a word: it holds no digit
// and no @, is no single letter, and says no number and no sign.
func calm(word string) bool {
	if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsDigit(r) || r == '@' || r == '+' }) {
		return false
	}
	bare := strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))
	if utf8.RuneCountInString(bare) < 4 { // also initials, and most number words
		return false
	}
	for _, stem := range restless {
		if strings.Contains(bare, stem) {
			return false
		}
	}
	return true
}

// restless are parts of number words and of signs that are said, in seven
// languages. A word too many only makes a segment wait.
var restless = strings.Fields(`zero four five seven eight nine eleven twelve teen twenty thirty forty fifty hundred double triple treble dash underscore hyphen
eins zwei drei vier fünf sechs sieben acht neun null zehn zwanzig zig ßig hundert punkt strich klammer doppel
deux trois quatre cinq sept huit neuf dix onze douze treize quat quinz seiz vingt trente quarante soixante cent zéro point tiret arobase
cuatro cinco seis siete ocho nueve cero diez once doce trece quince veint treinta cuarenta cincuenta sesenta setenta ochenta noventa cien punto arroba guion guión doble
quattro cinque sette otto nove dieci undici dodici venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento chiocciola trattino doppi
twee drie vier vijf zeven acht negen tien twaalf twintig dertig veertig honderd punt streep apenstaart dubbel
jeden cztery pięć sześć siedem osiem dziewięć dziesięć naście dzieści dziesiąt sto kropka małpa myślnik podwójn`)
