package pii

import (
	"strings"
)

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
