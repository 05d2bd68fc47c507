package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostStreetWords bounds the words of a street's name.
const mostStreetWords = 5

// address looks whether a house number stands at the street it belongs to, and
// takes in the post code and the town behind it.
func (w *writtenWork) address() {
	if w.fixed || !w.scan.wants(Address) && !w.scan.wants(Location) {
		return
	}
	for i := range w.pieces {
		p := &w.pieces[i]
		if n := digitCount(p); n == 0 || n > 4 || p.digits&1 == 0 || p.end-p.start > 5 || w.overlaps(p.start) || i > 0 && p.sep != 1 && p.sep != 0 {
			continue
		}
		start, end, ok := w.street(p)
		if !ok {
			continue
		}
		end = townBehind(w.text, end)
		w.put(finding{kind: Address, start: start, end: end, score: 0.7, rank: rankContext, reason: "a street and a house number"})
		w.lastStreet = end
		return
	}
}

// street reads the street that the house number belongs to.
func (w *writtenWork) street(p *piece) (start, end int, ok bool) {
	// Who says where he lives may be written down without capital letters.
	loose := w.around(p.start, p.end).has(aboutAddress)
	if start, ok = streetBefore(w.text, p.start, loose); ok {
		return start, p.end, true
	}
	if end, ok = streetBehind(w.text, p.end, loose); ok {
		return p.start, end, true
	}
	return 0, 0, false
}

// streetBefore reads a street's name that ends right before the house number:
// "Hauptstraße 12", "Via Roma 5", "ulica Długa 7".
func streetBefore(text string, at int, loose bool) (start int, ok bool) {
	end := at
	for n := range mostStreetWords {
		from, to := wordBefore(text, end, end-longestWord)
		if from == to || !streetGap(text[to:end], n == 0) {
			return 0, false
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], text[from:to])
		if n == 0 && streetEnding(word) {
			return streetStart(text, from, word), capital(text[from:]) || len(word) > 6 || loose
		}
		if n > 0 && streetFirst[string(word)] {
			return from, true
		}
		if !capital(text[from:]) && !small[string(word)] && !(loose && n < 3) {
			return 0, false
		}
		end = from
	}
	return 0, false
}

// streetStart takes in the words before "Straße" or "Weg" that belong to the
// name: "Berliner Straße", "Am Alten Weg".
func streetStart(text string, from int, word []byte) int {
	if !aloneStreet[string(word)] {
		return from
	}
	for range 3 {
		a, b := wordBefore(text, from, from-longestWord)
		if a == b || !streetGap(text[b:from], false) || !capital(text[a:]) {
			return from
		}
		from = a
	}
	return from
}

// streetBehind reads a street's name that begins right behind the house number:
// "12 Baker Street", "12 bis rue de la Paix".
func streetBehind(text string, at int, loose bool) (end int, ok bool) {
	if at < len(text) && isLetter(text[at]) {
		return 0, false
	}
	for n := range mostStreetWords {
		from, to := wordAfter(text, at, at+longestWord)
		if from == to || !streetGap(text[at:from], false) {
			return 0, false
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], text[from:to])
		switch {
		case n == 0 && (string(word) == "bis" || string(word) == "ter"):
		case n <= 1 && frenchStreet[string(word)]:
			return frenchName(text, to, loose)
		case n > 0 && englishStreet[string(word)]:
			return to, true
		case !capital(text[from:]) && !(loose && n < 3 && !notStreet[string(word)]):
			return 0, false
		}
		at = to
	}
	return 0, false
}

// frenchName reads the name behind "rue": small words and those that begin with
// a capital letter.
func frenchName(text string, at int, loose bool) (end int, ok bool) {
	for n := range mostStreetWords {
		from, to := wordAfter(text, at, at+longestWord)
		if from == to || !streetGap(text[at:from], false) {
			break
		}
		var buf [longestWord]byte
		if capital(text[from:]) || loose && n < 3 && !small[string(plainWord(buf[:0], text[from:to]))] {
			end, ok = to, true
			if loose && !capital(text[from:]) {
				return end, ok
			}
		} else if !small[string(plainWord(buf[:0], text[from:to]))] {
			break
		}
		at = to
	}
	return end, ok
}

// townBehind takes in a post code and a town behind a street and its number.
func townBehind(text string, end int) int {
	at := end
	for at < len(text) && at < end+3 && (text[at] == ',' || text[at] == ' ') {
		at++
	}
	code := at
	for code < len(text) && code-at < 10 && (isDigit(text[code]) || text[code] == '-' && code > at) {
		code++
	}
	if n := code - at; n < 4 || n > 6 {
		return end
	}
	end = code
	from, to := wordAfter(text, end, end+longestWord)
	if from < to && streetGap(text[end:from], false) && capital(text[from:]) {
		end = to
	}
	return end
}

// streetGap tells whether only a space, and where comma is set a sign too,
// stands in a gap.
func streetGap(gap string, sign bool) bool {
	if len(gap) == 0 || len(gap) > 6 {
		return false
	}
	for i := range len(gap) {
		if gap[i] != ' ' && gap[i] != '.' && gap[i] != '\'' && gap[i] != '-' && !(sign && (gap[i] == ',' || gap[i] == 'n' || gap[i] == 'r')) {
			return false
		}
	}
	return true
}

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// streetEnding tells whether a word ends as the names of streets do.
func streetEnding(word []byte) bool {
	for _, e := range [...]string{
		"strasse", "str", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "steig", "chaussee", "promenade",
		"straat", "laan", "gracht", "plein", "kade", "singel", "dreef", "gatan", "vagen", "vej", "gade", "veien", "gata", "katu",
	} {
		if strings.HasSuffix(string(word), e) && (len(word) > len(e)+2 || aloneStreet[string(word)]) && !notStreet[string(word)] {
			return true
		}
	}
	return false
}

func streetWords(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

var (
	aloneStreet = streetWords("strasse str weg platz allee gasse ring damm ufer straat laan plein")
	notStreet   = streetWords("unterwegs parkplatz arbeitsplatz sitzplatz stellplatz spring bring during string offering ordering minutes minute minuten nights blocks metres meters times on in and und at for people of spielplatz campingplatz halfweg onderweg")
	streetFirst = streetWords(`via viale piazza piazzale corso vicolo largo strada calle avenida plaza paseo carrer rambla carretera camino ronda
		rue avenue boulevard place chemin allee quai impasse cours faubourg ulica ulicy ul aleja alei aleje al plac placu pl osiedle os rua
		avenida travessa`)
	frenchStreet  = streetWords("rue avenue boulevard place chemin allee quai impasse cours bd av")
	englishStreet = streetWords(`street st road rd avenue ave lane ln drive dr close court ct crescent square sq terrace gardens grove way
		place hill mews row walk park green parade`)
	small = streetWords("de la le les du des d l del della dei degli di da dos das do los las el y i sw sv san van den der het ten ter am an im zum zur von")
)
