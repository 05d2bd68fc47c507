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

// monthAt reads the three letters of an English month, as in 12-MAY-2026.
func monthAt(text string, at int, sep byte) (month, end int, ok bool) {
	if sep != '-' || at+3 > len(text) || at+3 < len(text) && isLetter(text[at+3]) {
		return 0, 0, false
	}
	var buf [3]byte
	for i := range buf {
		buf[i] = lowerByte(text[at+i])
	}
	n := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", string(buf[:]))
	return n/3 + 1, at + 3, n >= 0 && n%3 == 0
}

// shortMonthDay reads what stands behind the letters of a month.
func shortMonthDay(text string, i, number, month, end int, sep byte) (day, bool) {
	d := day{start: i, end: end, month: month, day: number}
	if end < len(text) && text[end] == sep {
		if year, at := readNumber(text, end+1, 4); at-end-1 == 4 || at-end-1 == 2 {
			d.year, d.end, d.full = year, at, at-end-1 == 4
		}
	}
	return d, d.exists()
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

// monthBefore reads a month's letters and a year: MAY-2026.
func monthBefore(text string, at int) (day, bool) {
	if at < 4 || text[at-1] != '-' || at > 4 && (isAlnum(text[at-5]) || text[at-5] == '-') {
		return day{}, false
	}
	month, _, ok := monthAt(text, at-4, '-')
	year, end := readNumber(text, at, 4)
	if n := end - at; !ok || n != 2 && n != 4 || end < len(text) && (isAlnum(text[end]) || text[end] == '-') {
		return day{}, false
	}
	return day{start: at - 4, end: end, year: year, month: month, full: end-at == 4}, true
}

// namedDay reads a date whose month is a word: "12 March 1985", "3. Mai 1990",
// "15 de mayo de 1988", "March 12th, 1985".
func namedDay(text string, p *piece) (day, bool) {
	number, at := readNumber(text, p.start, 2)
	if at == p.start || number < 1 || number > 31 {
		return day{}, false
	}
	at = skipOrdinal(text, at)
	if at < len(text) && isAlnum(text[at]) {
		return day{}, false
	}
	d := day{start: p.start, end: at, day: number}
	from, to := wordAfter(text, at, at+24)
	var buf [longestWord]byte
	word := plainWord(buf[:0], text[from:to])
	if joiners[string(word)] {
		from, to = wordAfter(text, to, to+24)
		word = plainWord(buf[:0], text[from:to])
	}
	if d.month = months[string(word)]; d.month > 0 && gapIsPlain(text[at:from]) {
		d.end = to
	} else {
		from, to = wordBefore(text, p.start, p.start-24)
		if d.month = months[string(plainWord(buf[:0], text[from:to]))]; d.month == 0 || !gapIsPlain(text[to:p.start]) {
			return day{}, false
		}
		d.start = from
	}
	return d.withYear(text)
}

// withYear reads the year behind a day and its month. Without one it is no
// date of birth, and none that a typed request looks for.
func (d day) withYear(text string) (day, bool) {
	at := d.end
	from, to := wordAfter(text, at, at+8)
	var buf [longestWord]byte
	if joiners[string(plainWord(buf[:0], text[from:to]))] && gapIsPlain(text[at:from]) {
		at = to
	}
	for at < len(text) && strings.IndexByte(" ,.'", text[at]) >= 0 && at < d.end+12 {
		at++
	}
	year, end := readNumber(text, at, 4)
	if end-at != 4 || year < 1000 || year > 2999 || end < len(text) && isAlnum(text[end]) {
		return d, false
	}
	d.year, d.end, d.full = year, end, true
	return d, true
}

// skipOrdinal skips what makes a number the first, second and so on.
func skipOrdinal(text string, at int) int {
	for _, s := range [...]string{"st", "nd", "rd", "th", "er", "."} {
		if strings.HasPrefix(text[at:], s) {
			return at + len(s)
		}
	}
	return at
}

// gapIsPlain tells whether only spaces, commas and small words stand in a gap.
func gapIsPlain(gap string) bool {
	if len(gap) > 8 {
		return false
	}
	for i := range len(gap) {
		if isDigit(gap[i]) || strings.IndexByte("!?;:()", gap[i]) >= 0 {
			return false
		}
	}
	return true
}

var joiners = map[string]bool{"of": true, "de": true, "del": true, "the": true, "van": true}

// months are the names of the months, without marks over letters.
var months = func() map[string]int {
	table := map[string]int{}
	for _, names := range [...]string{
		"january february march april may june july august september october november december",
		"jan feb mar apr mai jun jul aug sep oct nov dec",
		"januar februar marz april mai juni juli august september oktober november dezember",
		"janner feber maerz april mai juni juli august sept okt november dez",
		"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"januari februari maart april mei juni juli augustus september oktober november december",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
		"styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien",
	} {
		for i, name := range strings.Fields(names) {
			table[name] = i + 1
		}
	}
	return table
}()
