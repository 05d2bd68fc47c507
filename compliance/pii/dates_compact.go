package pii

// eightDigits are the places of digits in a piece that can be a compact date.
const eightDigits = 1<<8 - 1

// compactBirth reads eight digits at i as a day of birth, where words or the
// agent's question say that they are one: day, month and year, or the year first.
func (w *writtenWork) compactBirth(i int) (day, bool) {
	if !w.scan.asked(DateOfBirth) && !w.around(i, i+8).has(aboutBirth) {
		return day{}, false
	}
	part := func(from, to int) (n int) {
		for _, b := range []byte(w.text[i+from : i+to]) {
			n = 10*n + int(b-'0')
		}
		return n
	}
	d := day{start: i, end: i + 8, day: part(0, 2), month: part(2, 4), year: part(4, 8), full: true}
	if d.month > 12 && d.day <= 12 {
		d.day, d.month = d.month, d.day
	}
	if d.year < 1900 || d.year > 2100 {
		d.year, d.month, d.day = part(0, 4), part(4, 6), part(6, 8)
	}
	return d, d.exists() && d.year >= 1900 && d.year <= 2100
}
