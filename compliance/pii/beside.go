package pii

import "strings"

// byContext looks for numbers that only the words beside them tell: a card's
// security code and expiry, booking references, loyalty numbers.
func (w *writtenWork) byContext() {
	for i := range w.pieces {
		p := &w.pieces[i]
		if w.overlaps(p.start) || p.start > 0 && w.text[p.start-1] >= 0x80 || p.end < len(w.text) && w.text[p.end] >= 0x80 {
			continue
		}
		if p.letters == 0 && p.end-p.start <= 4 {
			w.securityCode(i)
			w.expiry(i)
			w.shortExpiry(i)
		}
	}
	w.reference(BookingRef, aboutBooking, 5, 14)
	w.reference(LoyaltyNumber, aboutLoyalty, 6, 20)
}

// weakest is the score of forms that nearly any number has: only typed requests
// for them, with a low least score, get those.
const weakest = 0.05

// securityCode looks whether three or four digits are a card's security code.
func (w *writtenWork) securityCode(i int) {
	p := &w.pieces[i]
	if n := p.end - p.start; n < 3 || i > 0 && p.sep&space == 0 || w.joinedBehind(i) || !w.scan.wants(CVV) {
		return
	}
	f := finding{kind: CVV, start: p.start, end: p.end, score: 0.85, rank: rankContext, source: FromContext, reason: "three or four digits and a word of the security code"}
	near := w.around(p.start, p.end)
	switch {
	case near.has(aboutCVV):
	case w.scan.asked(CVV):
		f.source, f.reason = FromExpectation, "three or four digits, and the security code was asked for"
	case near.has(aboutCode) && !near.has(aboutBooking) && !near.has(aboutPostCode) && w.cardBefore(p.start):
		f.score, f.reason = 0.7, "three or four digits that are called a code, behind a card"
	case w.scan.typed:
		f.score, f.rank, f.source, f.reason = weakest, rankWeak, FromPattern, "three or four digits"
	default:
		return
	}
	w.put(f)
}

// expiry looks whether a month and a year are the end of a card's time.
func (w *writtenWork) expiry(i int) {
	p := &w.pieces[i]
	if i+1 >= len(w.pieces) || p.end-p.start > 2 || i > 0 && p.sep&space == 0 || !w.scan.wants(CardExpiry) && !w.scan.wants(DateTime) {
		return
	}
	next := &w.pieces[i+1]
	month, _ := readNumber(w.text, p.start, 2)
	year, end := readNumber(w.text, next.start, 4)
	size := end - next.start
	if month < 1 || month > 12 || next.letters != 0 || size != 2 && size != 4 || w.joinedBehind(i+1) {
		return
	}
	if size == 2 {
		year += 2000
	}
	if year < 2000 || year > 2060 {
		return
	}
	near := w.around(p.start, end)
	slashed := next.sep&(slash|hyphen) != 0
	f := finding{kind: CardExpiry, start: p.start, end: end, score: 0.85, rank: rankContext, source: FromContext, reason: "a month and a year beside a card's words"}
	switch {
	case near.has(aboutExpiry), slashed && near.has(aboutCard), slashed && w.cardBefore(p.start):
	case w.scan.asked(CardExpiry):
		f.source, f.reason = FromExpectation, "a month and a year, and the expiry was asked for"
	case w.scan.typed && slashed:
		f.score, f.rank, f.source, f.reason = 0.2, rankWeak, FromPattern, "a month and a year"
		w.put(f)
		w.monthAndYear(f, near, size)
		return
	default:
		return
	}
	w.put(f)
}

// shortExpiry looks whether four digits are a month and a year.
func (w *writtenWork) shortExpiry(i int) {
	p := &w.pieces[i]
	if p.end-p.start != 4 || w.joinedBefore(i) || w.joinedBehind(i) || !w.scan.wants(CardExpiry) {
		return
	}
	month, year := w.text[p.start:p.start+2], w.text[p.start+2:p.end]
	if month < "01" || month > "12" || year < "20" || year > "49" {
		return
	}
	f := finding{kind: CardExpiry, start: p.start, end: p.end, score: 0.7, rank: rankContext, source: FromContext, reason: "a month and a year beside a card's words"}
	if near := w.around(p.start, p.end); !near.has(aboutExpiry) || near.has(aboutCVV) {
		if !w.scan.asked(CardExpiry) {
			return
		}
		f.source, f.reason = FromExpectation, "a month and a year, and the expiry was asked for"
	}
	w.put(f)
}

// monthAndYear notes a month and a year as a date.
func (w *writtenWork) monthAndYear(f finding, near *topicSet, size int) {
	f.kind, f.score = DateTime, 0.1
	if size == 4 {
		f.score = 0.2
	}
	if near.has(aboutDate) {
		f.score, f.source = raised(f.score), FromContext
	}
	w.put(f)
}

// cardReach is how far behind a card's number its expiry and code may stand, in
// bytes.
const cardReach = 80

func (w *writtenWork) cardBefore(at int) bool {
	for i := len(w.out) - 1; i >= 0 && i >= len(w.out)-16; i-- {
		if f := &w.out[i]; (f.kind == CreditCard || f.kind == CardExpiry) && f.end <= at && at-f.end <= cardReach {
			return true
		}
	}
	return false
}

// reference looks for a number or code that a word names, in the row of pieces.
func (w *writtenWork) reference(kind Type, about topic, least, most int) {
	if !w.scan.wants(kind) {
		return
	}
	code := w.codePieces()
	length := code.digits + code.letters
	if length < least || length > most || code.digits < 2 && code.letters < 4 || code.letters == 0 && code.digits < least {
		return
	}
	if w.fixed && code.letters == 1 && code.digits >= least {
		return // a small word that is a letter's name too
	}
	start, end := code.start, code.end
	if code.letters > 0 && code.lower && (code.digits < 2 || measure(w.text[start:end])) || w.overlaps(start) {
		return
	}
	f := finding{kind: kind, start: start, end: end, score: 0.7, rank: rankContext, source: FromContext, reason: "a code and a word that names it"}
	near := w.around(start, end)
	switch {
	case w.scan.asked(kind):
		f.source, f.reason = FromExpectation, "a code, and it was asked for"
	case w.countsSomething(start, end) || near.has(aboutFlight):
		return
	case near.has(about):
		if about == aboutBooking && near.has(aboutPhone) && code.letters == 0 && near.has(aboutLoyalty) {
			return
		}
	case w.scan.typed:
		f.score, f.rank, f.source, f.reason = weakest, rankWeak, FromPattern, "the form of a code"
		if code.letters > 0 && code.digits > 0 {
			f.score = 0.2
		}
	default:
		return
	}
	w.put(f)
}

// code is a part of the row that can be one code.
type code struct {
	start, end, digits, letters int
	lower                       bool // some letters are in lower case
	last                        int  // length of its last piece
	plain                       bool // that piece, and what may join it, is digits only
}

// codePieces gives the first part of the row that can be one code: what hangs
// together by signs, groups of digits, and two or three capitals before these.
func (w *writtenWork) codePieces() code {
	var c code
	for i := range w.pieces {
		p := &w.pieces[i]
		if c.last > 0 && !c.joins(p, w) {
			if c.digits > 0 {
				return c
			}
			c = code{}
		}
		if c.last == 0 {
			if p.lower && p.digits == 0 {
				continue
			}
			c.start = p.start
		}
		c.end, c.last, c.plain = p.end, p.end-p.start, p.letters == 0
		for k := p.start; k < p.end && k-p.start < longestPiece; k++ {
			if isDigit(w.text[k]) {
				c.digits++
				continue
			}
			c.letters++
			c.lower = c.lower || w.text[k] >= 'a'
		}
	}
	return c
}

// joins tells whether the next piece of the row belongs to the code.
func (c *code) joins(p *piece, w *writtenWork) bool {
	switch {
	case p.sep == hyphen, p.sep == slash, p.sep == underscore:
		return true
	case p.letters != 0 || p.sep&^(space|fullStop) != 0:
		return false
	case c.digits == 0:
		return c.letters <= 3 && !c.lower && p.sep == space && !namesNumber(w.text[c.start:c.end])
	}
	return c.plain && c.last >= 2 && (p.end-p.start >= 2 || c.digits >= 6 && p.sep == space)
}

// measure tells whether digits and letters are an amount, a time or an ordinal
// number: "10am", "2nd", "5km".
func measure(s string) bool {
	i := 0
	for i < len(s) && (isDigit(s[i]) || s[i] == '.') {
		i++
	}
	if i == 0 {
		return false
	}
	rest := s[i:]
	return onlyLetters(rest) && len(rest) <= 3
}

func onlyLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// countsSomething tells whether a number is a price, or that of a room or a
// floor, by the word right before or behind it.
func (w *writtenWork) countsSomething(start, end int) bool {
	if w.fixed {
		return false
	}
	var set topicSet
	var buf [longestWord]byte
	if from, to := wordBefore(w.text, start, start-24); from < to {
		contextWords.of(plainWord(buf[:0], w.text[from:to]), &set)
	}
	if from, to := wordAfter(w.text, end, end+24); from < to && gapIsPlain(w.text[end:from]) {
		contextWords.of(plainWord(buf[:0], w.text[from:to]), &set)
	}
	return set.has(aboutRoom) || set.has(aboutMoney) || set.has(aboutFlight) || moneySign(w.text, start, end)
}

// moneySign tells whether a sign of money or of percent stands at the number.
func moneySign(text string, start, end int) bool {
	before, behind := strings.TrimRight(text[max(0, start-4):start], " "), strings.TrimLeft(text[end:min(len(text), end+4)], " ")
	for _, sign := range [...]string{"€", "$", "£", "%"} {
		if strings.HasSuffix(before, sign) || strings.HasPrefix(behind, sign) {
			return true
		}
	}
	return false
}
