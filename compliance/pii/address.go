package pii

import "strings"

// mostStreetWords bounds the words of a street's name.
const mostStreetWords = 5

// address looks whether a house number stands at the street it belongs to, and
// takes in the flat before, and the post code and the town behind it.
func (w *writtenWork) address() {
	if w.fixed || !w.scan.wants(Address) && !w.scan.wants(Location) {
		return
	}
	for i := range w.pieces {
		p := &w.pieces[i]
		if p.start < w.lastStreet {
			continue
		}
		if w.house(i) {
			continue
		}
		w.townAlone(p)
	}
}

// house notes the address whose house number is the piece at i.
func (w *writtenWork) house(i int) bool {
	p := &w.pieces[i]
	n := digitCount(p)
	if n == 0 || n > 4 || p.digits&1 == 0 || w.text[p.start] == '0' || p.end-p.start > 5 || p.letters != 0 && p.letters != 1<<(p.end-p.start-1) || i > 0 && p.sep&space == 0 && p.sep != 0 || w.dotted(i) {
		return false
	}
	loose := &looseness{w: w, start: p.start, end: p.end}
	start, end, ok := w.box(p)
	if !ok {
		start, end, ok = w.street(p, loose)
	}
	if ok {
		end = houseEnd(w.text, end)
	} else if start, end, ok = w.streetByTown(p, loose); !ok || w.aYear(p) {
		return false
	}
	f := finding{kind: Address, start: flatBefore(w.text, start), end: end, score: 0.7, rank: rankContext, reason: "a street and a house number"}
	if behind, _ := townBehind(w.text, end, loose.is()); behind > end {
		f.end, f.score, f.rank, f.reason = behind, 0.85, rankStrong, "a street, a house number and a town"
	}
	w.place(f)
	return true
}

// aYear tells whether a piece may be a year of these days: no house number then,
// where only the words beside it could make it one.
func (w *writtenWork) aYear(p *piece) bool {
	year, end := readNumber(w.text, p.start, 4)
	return end == p.end && year >= 1900 && year < 2100
}

// dotted tells whether another number hangs on the piece by a full stop, as in
// dates.
func (w *writtenWork) dotted(i int) bool {
	return i+1 < len(w.pieces) && w.pieces[i+1].sep == fullStop && w.pieces[i+1].digits != 0
}

// looseness tells whether words of an address stand beside a house number: who
// says where he lives may be written down without capital letters.
type looseness struct {
	w           *writtenWork
	start, end  int
	known, told bool
}

func (l *looseness) is() bool {
	if !l.known {
		l.known, l.told = true, l.w.around(l.start, l.end).has(aboutAddress)
	}
	return l.told
}

// townAlone notes a post code and its town where an address is told, or right
// behind a street.
func (w *writtenWork) townAlone(p *piece) {
	code := postCodeAt(w.text, p.start)
	if code == 0 || code-p.start < 4 {
		return
	}
	near := w.around(p.start, p.end)
	reach := 12
	if near.has(aboutCode) || near.has(aboutPostCode) {
		reach = 64
	}
	after := w.lastStreet > 0 && p.start-w.lastStreet < reach
	if !after && w.britishTown(p.start, code) {
		return
	}
	if !after && !near.has(aboutAddress) {
		return
	}
	end := townName(w.text, code, true)
	if end == code && !after && onlyDigits(w.text[p.start:code]) {
		return
	}
	w.place(finding{kind: Address, start: p.start, end: end, score: 0.6, rank: rankStrong, reason: "a post code and a town"})
}

// place notes an address.
func (w *writtenWork) place(f finding) {
	if !w.scan.wants(Address) {
		f.kind = Location
	}
	w.put(f)
	w.lastStreet = f.end
}

// street reads the street that the house number belongs to.
func (w *writtenWork) street(p *piece, loose *looseness) (start, end int, ok bool) {
	if start, ok = streetBefore(w.text, p.start, loose); ok {
		return start, p.end, true
	}
	if end, ok = w.streetBehind(p.end, loose); ok {
		return p.start, end, true
	}
	return 0, 0, false
}

// streetBefore reads a street's name that ends right before the house number:
// "Hauptstraße 12", "Via Roma 5", "ulica Długa 7".
func streetBefore(text string, at int, loose *looseness) (start int, ok bool) {
	end, plain := beforeSign(text, at), false
	for n := range mostStreetWords {
		from, to := wordBefore(text, end, end-longestWord)
		if from == to || !streetGap(text[to:end], n == 0) {
			return 0, false
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], text[from:to])
		is := streetOf(word)
		if n == 0 && streetEnding(word, is) {
			return streetNamed(text, from, len(word), is, loose)
		}
		if n > 0 && (is&startsStreet != 0 || string(word) == "c" && text[to] == '/') {
			return from, !plain || loose.is()
		}
		if is&isSmall == 0 && !capital(text[from:]) {
			if plain = true; n >= 3 {
				return 0, false
			}
		}
		end = from
	}
	return 0, false
}

// streetNamed reads the street whose last word begins at from and is of length
// bytes.
func streetNamed(text string, from, length int, is streetFlags, loose *looseness) (start int, ok bool) {
	upper := capital(text[from:])
	if is&aloneStreet == 0 {
		if a, b := wordBefore(text, from, from-longestWord); a < b && from-b == 1 && text[b] == ' ' && capital(text[a:]) && streetKinds[strings.ToLower(text[a:b])] {
			return a, true
		}
		return from, upper || length > 6 || loose.is()
	}
	start = streetStart(text, from)
	often := is&oftenNoStreet != 0
	return start, start < from && (upper || !often || loose.is()) || !often && loose.is()
}

// streetStart takes in the words before "Straße" or "Weg" that belong to the
// name: "Berliner Straße", "Am Alten Weg".
func streetStart(text string, from int) int {
	for range 3 {
		a, b := wordBefore(text, from, from-longestWord)
		if a == b || !streetGap(text[b:from], false) || !capital(text[a:]) {
			return from
		}
		from = a
	}
	return from
}

// streetByTown reads a street's name of any words with a capital letter: the post
// code and the town behind its number tell it, or words of an address before it.
func (w *writtenWork) streetByTown(p *piece, loose *looseness) (start, end int, ok bool) {
	from, to := wordBefore(w.text, p.start, p.start-longestWord)
	if from == to || !streetGap(w.text[to:p.start], true) || !capital(w.text[from:]) {
		return 0, 0, false
	}
	end = houseEnd(w.text, p.end)
	_, coded := townBehind(w.text, end, false)
	if !coded && !loose.is() {
		return 0, 0, false
	}
	at, start := p.start, 0
	for n := range mostStreetWords {
		from, to := wordBefore(w.text, at, at-longestWord)
		if from == to || !streetGap(w.text[to:at], n == 0) || n > 0 && strings.IndexByte(w.text[to:at], '.') >= 0 {
			break
		}
		var buf [longestWord]byte
		var about topicSet
		word := plainWord(buf[:0], w.text[from:to])
		contextWords.of(word, &about)
		if about.has(aboutRoom) || about.has(aboutFlight) || about.has(aboutAddress) && n > 0 || months[string(word)] > 0 {
			break
		}
		if capital(w.text[from:]) {
			start, ok = from, true
		} else if streetOf(word)&isSmall == 0 {
			break
		}
		at = from
	}
	if ok && !coded {
		var told topicSet
		contextWords.within(w.text, start, reachBefore, w.muted, &told)
		ok = told.has(aboutAddress)
	}
	return start, end, ok
}

// streetBehind reads a street's name that begins right behind the house number:
// "12 Baker Street", "12 bis rue de la Paix", "3, place des Vosges".
func (w *writtenWork) streetBehind(at int, loose *looseness) (end int, ok bool) {
	text := w.text
	if at < len(text) && isLetter(text[at]) {
		return 0, false
	}
	if at < len(text) && text[at] == ',' {
		at++
	}
	plain, between := false, false
	for n := range mostStreetWords {
		from, to := wordAfter(text, at, at+longestWord)
		if from == to || !streetGap(text[at:from], false) && !(between && n == 1 && text[at:from] == ", ") {
			return 0, false
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], text[from:to])
		is := streetOf(word)
		switch {
		case n == 0 && is&betweenStreet != 0:
			between = true
		case n <= 1 && is&frenchStreet != 0 && (!plain || loose.is()):
			if end, ok = w.frenchName(to, loose); ok || n == 0 {
				return end, ok
			}
			return to, is&englishStreet != 0
		case n > 0 && is&englishStreet != 0:
			return sideOf(text, to), !plain || loose.is()
		case !capital(text[from:]):
			if plain = true; n >= 3 || is&notStreet != 0 {
				return 0, false
			}
		}
		at = to
	}
	return 0, false
}

// sideOf takes in the part of a street that is named behind it: "Street Upper".
func sideOf(text string, end int) int {
	from, to := wordAfter(text, end, end+longestWord)
	if from == end+1 && text[end] == ' ' && streetSides[text[from:to]] {
		return to
	}
	return end
}

// frenchName reads the name behind "rue": small words and those that begin with
// a capital letter. Where somebody tells an address, words without one belong to
// it until one that is of no name.
func (w *writtenWork) frenchName(at int, loose *looseness) (end int, ok bool) {
	named := 0
	for range mostStreetWords {
		from, to := wordAfter(w.text, at, at+longestWord)
		if from == to || !streetGap(w.text[at:from], false) {
			break
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], w.text[from:to])
		is := streetOf(word)
		switch {
		case is&isSmall != 0:
		case capital(w.text[from:]), named < 3 && (is&streetTitle != 0 || !w.ordinary(w.text[from:to])) && loose.is():
			end, ok = to, true
			named++
		default:
			return end, ok
		}
		at = to
	}
	return end, ok
}

// ordinary tells whether a word is one of daily talk.
func (w *writtenWork) ordinary(word string) bool {
	l := w.scan.detector.known.lexicon[strings.ToLower(word)]
	return len(word) < 3 || l != nil && l.flags&isPlain != 0
}
