package pii

import (
	"strings"
	"time"
)

// A day is a date as it is written.
type day struct {
	start, end       int
	year, month, day int
	full             bool // the year has four digits
}

// dates looks for dates in the row of pieces. Where a date stands, no other
// digits are looked for.
func (w *writtenWork) dates() {
	w.taken = w.taken[:0]
	for i := range w.pieces {
		p := &w.pieces[i]
		if p.digits&1 == 0 || w.joinedBefore(i) || p.start < w.lastStreet || w.overlaps(p.start) {
			continue
		}
		d, ok := readDay(w.text, p.start)
		if !ok {
			d, ok = namedDay(w.text, p)
		}
		if !ok {
			d, ok = monthBefore(w.text, p.start)
		}
		if !ok && p.digits == eightDigits && p.letters == 0 {
			d, ok = w.compactBirth(p.start)
		}
		if ok {
			w.taken = append(w.taken, stretch{d.start, d.end})
			w.judgeDay(d)
		}
	}
}

func (w *writtenWork) overlaps(at int) bool {
	for _, t := range w.taken {
		if t.start <= at && at < t.end {
			return true
		}
	}
	return false
}

// youngest is how old at least a caller is who names a day of birth.
const youngest = 16

// judgeDay notes a date. A stay's date is no personal datum: only a typed
// request gets those, an untyped one gets days of birth.
func (w *writtenWork) judgeDay(d day) {
	s := w.scan
	f := finding{kind: DateOfBirth, start: d.start, end: d.end}
	near := w.around(d.start, d.end)
	asked := s.asked(DateOfBirth)
	switch {
	case near.has(aboutBirth) && d.day > 0:
		f.score, f.rank, f.source, f.reason = 0.85, rankContext, FromContext, "a date and a word of birth"
	case asked && d.year > 0:
		f.score, f.rank, f.source, f.reason = 0.85, rankContext, FromExpectation, "a date, and a day of birth was asked for"
	case d.full && d.day > 0 && d.year >= 1900 && d.year <= time.Now().Year()-youngest && !near.has(aboutBooking):
		f.score, f.rank, f.reason = 0.45, rankWeak, "a date long past"
	}
	if f.score > 0 && s.wants(DateOfBirth) {
		w.put(f)
	}
	if s.typed {
		f.kind, f.score, f.rank, f.source, f.reason = DateTime, 0.6, rankStrong, FromPattern, "the form of a date"
		w.put(f)
	}
}

// readDay reads a date in digits at i: day, month and year in any usual order,
// with one sign between, and the time of day that ISO 8601 writes behind.
func readDay(text string, i int) (day, bool) {
	a, at := readNumber(text, i, 4)
	if at == i || at >= len(text) || strings.IndexByte("./-", text[at]) < 0 {
		return day{}, false
	}
	sep, first := text[at], at-i
	next := at + 1
	if next < len(text) && text[next] == ' ' && sep == '.' {
		next++
	}
	if month, end, ok := monthAt(text, next, sep); ok && first <= 2 {
		return shortMonthDay(text, i, a, month, end, sep)
	}
	b, at2 := readNumber(text, next, 2)
	if at2 == next || at2 >= len(text) || text[at2] != sep {
		return day{}, false
	}
	last := at2 + 1
	if last < len(text) && text[last] == ' ' && sep == '.' {
		last++
	}
	c, end := readNumber(text, last, 4)
	size := end - last
	if size == 0 || end < len(text) && isDigit(text[end]) {
		return day{}, false
	}
	d := day{start: i, end: end}
	switch {
	case first == 4 && size <= 2:
		d.year, d.month, d.day, d.full = a, b, c, true
	case first <= 2 && size == 4:
		d.day, d.month, d.year, d.full = a, b, c, true
	case first <= 2 && size == 2 && sep != '-':
		d.day, d.month, d.year = a, b, c
	default:
		return day{}, false
	}
	if d.month > 12 && d.day <= 12 && first != 4 {
		d.day, d.month = d.month, d.day
	}
	if !d.exists() || d.full && (d.year < 1000 || d.year > 2999) {
		return day{}, false
	}
	d.end = timeBehind(text, d.end)
	if d.end < len(text) && (isLetter(text[d.end]) || d.end+1 < len(text) && text[d.end] == sep && isDigit(text[d.end+1])) {
		return day{}, false
	}
	return d, true
}

// readNumber reads up to n digits at i.
func readNumber(text string, i, n int) (value, end int) {
	end = i
	for end < len(text) && end-i < n && isDigit(text[end]) {
		value = value*10 + int(text[end]-'0')
		end++
	}
	if end < len(text) && isDigit(text[end]) {
		return 0, i
	}
	return value, end
}

// timeBehind takes in the time of day that ISO 8601 writes behind a date.
func timeBehind(text string, at int) int {
	const form = "Tdd:dd"
	if len(text)-at < len(form) || text[at] != 'T' || !isDigit(text[at+1]) || !isDigit(text[at+2]) || text[at+3] != ':' {
		return at
	}
	end := at + len(form)
	for end < len(text) && (isDigit(text[end]) || strings.IndexByte(":.+-Z", text[end]) >= 0) {
		end++
	}
	for text[end-1] == '.' || text[end-1] == '-' || text[end-1] == ':' {
		end--
	}
	return end
}

// exists tells whether the month has that day; where the year is not told, some
// year's.
func (d *day) exists() bool {
	year := 2000
	if d.full {
		year = d.year
	}
	last := time.Date(year, time.Month(d.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= last
}

var joiners = map[string]bool{"of": true, "de": true, "del": true, "the": true, "van": true}
