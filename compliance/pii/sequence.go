package pii

import "strings"

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
		if w.pieces[i].digits == 0 || w.overlaps(w.pieces[i].start) || w.dimension(&w.pieces[i]) {
			i++
			continue
		}
		first, digits, years := i, 0, 0
		for i < len(w.pieces) && w.pieces[i].digits != 0 && !w.overlaps(w.pieces[i].start) && (i == first || w.pieces[i].sep&comma == 0) {
			n := digitCount(&w.pieces[i])
			if n == 4 && (w.text[w.pieces[i].start] == '1' && w.text[w.pieces[i].start+1] == '9' || w.text[w.pieces[i].start] == '2' && w.text[w.pieces[i].start+1] == '0') {
				years++
			}
			digits += n
			i++
		}
		start, end := w.pieces[first].start, w.pieces[i-1].end
		if digits < shortestSequence || years == i-first || w.amount(first, i) || w.hours(first, i) || w.day(first, i) || w.countsSomething(start, end) {
			continue
		}
		w.put(finding{kind: NumberSequence, start: start, end: end, score: contextFloor, rank: rankWeak, reason: "a long row of digits"})
	}
}

// amount tells whether pieces are the thousands of an amount, with the cents
// behind a comma or with thousands only: "1.234.567,00", "1 000 000".
func (w *writtenWork) amount(first, last int) bool {
	for i := first; i < last; i++ {
		p := &w.pieces[i]
		if n := p.end - p.start; i > first && (n != 3 || p.sep != fullStop && p.sep != space) || i == first && n > 3 {
			return false
		}
	}
	end := w.pieces[last-1].end
	if last-first > 1 && strings.HasSuffix(w.text[:end], "000") {
		return true
	}
	_, behind := readNumber(w.text, min(end+1, len(w.text)), 2)
	return end < len(w.text) && w.text[end] == ',' && behind == end+3
}

// dimension tells whether a piece is a size such as 1920x1080.
func (w *writtenWork) dimension(p *piece) bool {
	at := strings.IndexByte(w.text[p.start:p.end], 'x')
	return at > 0 && at <= 4 && p.letters == 1<<at && p.end-p.start-at <= 5
}

// day tells whether pieces are a day with its year: "12 03 2027".
func (w *writtenWork) day(first, last int) bool {
	if last-first != 3 {
		return false
	}
	day, dayEnd := readNumber(w.text, w.pieces[first].start, 2)
	month, monthEnd := readNumber(w.text, w.pieces[first+1].start, 2)
	year, yearEnd := readNumber(w.text, w.pieces[first+2].start, 4)
	return dayEnd == w.pieces[first].end && monthEnd == w.pieces[first+1].end && yearEnd == w.pieces[first+2].end &&
		day >= 1 && day <= 31 && month >= 1 && month <= 12 && year >= 1900 && year < 2100
}

// hours tells whether pieces are times of day by twos: "9.00-17.30".
func (w *writtenWork) hours(first, last int) bool {
	if (last-first)%2 != 0 {
		return false
	}
	for i := first; i < last; i += 2 {
		hour, minute := &w.pieces[i], &w.pieces[i+1]
		h, at := readNumber(w.text, hour.start, 2)
		m, end := readNumber(w.text, minute.start, 2)
		if at != hour.end || end != minute.end || end-minute.start != 2 || minute.sep != fullStop && (minute.sep != space || m%5 != 0) || h > 24 || m > 59 {
			return false
		}
	}
	return true
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
