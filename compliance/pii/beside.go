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
		switch n := p.end - p.start; {
		case p.letters == 0 && n <= 4:
			w.securityCode(i)
			w.expiry(i)
		}
	}
	w.reference(Type(BookingRef), aboutBooking, 5, 14)
	w.reference(Type(LoyaltyNumber), aboutLoyalty, 6, 20)
}

// securityCode looks whether three or four digits are a card's security code.
func (w *writtenWork) securityCode(i int) {
	p := &w.pieces[i]
	if n := p.end - p.start; n < 3 || n > 4 || i > 0 && p.sep != 1 || w.joinedBehind(i) || !w.scan.wants(CVV) {
		return
	}
	f := finding{kind: CVV, start: p.start, end: p.end, score: 0.85, rank: rankContext, source: FromContext, reason: "three or four digits and a word of the security code"}
	if !w.around(p.start, p.end).has(aboutCVV) {
		if !w.scan.asked(CVV) {
			return
		}
		f.source, f.reason = FromExpectation, "three or four digits, and the security code was asked for"
	}
	w.put(f)
}

// expiry looks whether a month and a year are the end of a card's time.
func (w *writtenWork) expiry(i int) {
	p := &w.pieces[i]
	if i+1 >= len(w.pieces) || p.end-p.start > 2 || i > 0 && p.sep != 1 || !w.scan.wants(CardExpiry) && !w.scan.wants(DateTime) {
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
	slash := next.sep == 8 || next.sep == 2
	f := finding{kind: CardExpiry, start: p.start, end: end, score: 0.85, rank: rankContext, source: FromContext, reason: "a month and a year beside a card's words"}
	switch {
	case near.has(aboutExpiry), slash && near.has(aboutCard), slash && w.cardBefore(p.start):
	case w.scan.asked(CardExpiry):
		f.source, f.reason = FromExpectation, "a month and a year, and the expiry was asked for"
	default:
		if w.scan.typed && next.sep == 8 {
			f.kind, f.score, f.rank, f.source, f.reason = DateTime, 0.1, rankWeak, FromPattern, "a month and a year"
			if size == 4 {
				f.score = 0.2
			}
			if near.has(aboutDate) {
				f.score, f.source = raised(f.score), FromContext
			}
			w.put(f)
		}
		return
	}
	w.put(f)
}

// cardReach is how far behind a card's number its expiry may stand, in bytes.
const cardReach = 48

func (w *writtenWork) cardBefore(at int) bool {
	for i := len(w.out) - 1; i >= 0 && i >= len(w.out)-16; i-- {
		if f := &w.out[i]; f.kind == CreditCard && f.end <= at && at-f.end <= cardReach {
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
	start, end, digits, letters, lower := w.codePieces(about == aboutLoyalty)
	length := digits + letters
	if length < least || length > most || digits < 2 && letters < 4 || letters == 0 && digits < least {
		return
	}
	if letters > 0 && lower && (digits < 2 || measure(w.text[start:end])) || w.overlaps(start) {
		return
	}
	f := finding{kind: kind, start: start, end: end, score: 0.7, rank: rankContext, source: FromContext, reason: "a code and a word that names it"}
	near := w.around(start, end)
	switch asked := w.scan.asked(kind); {
	case asked:
		f.source, f.reason = FromExpectation, "a code, and it was asked for"
	case !near.has(about) || near.has(aboutFlight) || w.countsSomething(start, end):
		return
	case about == aboutBooking && near.has(aboutPhone) && letters == 0 && near.has(aboutLoyalty):
		return
	}
	w.put(f)
}

// codePieces gives the part of the row that can be one code: what hangs together
// by hyphens, or, where spaced is set, groups of digits.
func (w *writtenWork) codePieces(spaced bool) (start, end, digits, letters int, lower bool) {
	first := -1
	for i := range w.pieces {
		p := &w.pieces[i]
		if first >= 0 && p.sep != 2 && p.sep != 8 && p.sep != 16 && !(spaced && p.letters == 0 && letters == 0) {
			if digits > 0 {
				return
			}
			first, digits, letters, lower = -1, 0, 0, false
		}
		if first < 0 {
			if p.lower && p.digits == 0 {
				continue
			}
			first, start = i, p.start
		}
		end = p.end
		for k := p.start; k < p.end && k-p.start < longestPiece; k++ {
			switch {
			case isDigit(w.text[k]):
				digits++
			default:
				letters++
				lower = lower || w.text[k] >= 'a'
			}
		}
	}
	return
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

// shortestSequence is how many digits in a row are masked though no type
// explains them.
const shortestSequence = 7

// sequence notes rows of digits that may be a number somebody gave, whatever it
// is: what a check digit refuses is masked all the same.
func (w *writtenWork) sequence() {
	if w.fixed || !w.scan.wants(NumberSequence) || w.scan.typed && len(w.scan.request.Entities) == 0 {
		return
	}
	for i := 0; i < len(w.pieces); {
		if w.pieces[i].digits == 0 || w.overlaps(w.pieces[i].start) {
			i++
			continue
		}
		first, digits, years := i, 0, 0
		for i < len(w.pieces) && w.pieces[i].digits != 0 && !w.overlaps(w.pieces[i].start) {
			n := digitCount(&w.pieces[i])
			if n == 4 && (w.text[w.pieces[i].start] == '1' && w.text[w.pieces[i].start+1] == '9' || w.text[w.pieces[i].start] == '2' && w.text[w.pieces[i].start+1] == '0') {
				years++
			}
			digits += n
			i++
		}
		start, end := w.pieces[first].start, w.pieces[i-1].end
		if digits < shortestSequence || years == i-first || w.amount(first, i) || w.countsSomething(start, end) {
			continue
		}
		w.put(finding{kind: NumberSequence, start: start, end: end, score: contextFloor, rank: rankWeak, reason: "a long row of digits"})
	}
}

// amount tells whether pieces are the thousands of an amount, with the cents
// behind a comma: "1.234.567,00".
func (w *writtenWork) amount(first, last int) bool {
	for i := first; i < last; i++ {
		p := &w.pieces[i]
		if n := p.end - p.start; i > first && (n != 3 || p.sep != 4 && p.sep != 1) || i == first && n > 3 {
			return false
		}
	}
	end := w.pieces[last-1].end
	_, behind := readNumber(w.text, min(end+1, len(w.text)), 2)
	return end < len(w.text) && w.text[end] == ',' && behind == end+3
}

func digitCount(p *piece) int {
	n := 0
	for d := p.digits; d != 0; d &= d - 1 {
		n++
	}
	if p.end-p.start > longestPiece && p.digits != 0 {
		n += p.end - p.start - longestPiece
	}
	return n
}
