package spoken

import (
	"sort"
	"strings"
)

// A Date is a day, or a month and a year, as people say them. What was not said
// is zero; a year of two digits is less than 100.
type Date struct {
	Day, Month, Year int
	// Full tells that the year was said with its century.
	Full bool
	// Named tells that the month was said by its name.
	Named bool
	// Start and End are where it was said, in bytes of the text; First and Last
	// are its tokens.
	Start, End, First, Last int
}

// roleDates are what a date can begin with.
const roleDates = roleNumber | roleDigits | roleMonth | roleOrdinal | roleLetter

// NextDate gives the first token from at on that a date can begin with, or the
// number of tokens.
func (r *Reader) NextDate(at int) int {
	for p := r.itemFrom(at); p+1 < len(r.items); p++ {
		it, next := &r.items[p], &r.items[p+1]
		if it.role&roleDates == 0 || it.role&roleDates == roleLetter && it.fold != "o" {
			continue
		}
		if next.role != rolePlain || next.touches || joints[next.fold] {
			return it.token
		}
	}
	return len(r.tokens)
}

// Day reads a day, a month and, where it is said, a year from token at on.
func (r *Reader) Day(at int) (Date, bool) {
	i := r.itemAt(at)
	if i < 0 || r.items[i].role&roleDates == 0 {
		return Date{}, false
	}
	var d Date
	next, ok := r.dayMonth(i, &d)
	if !ok {
		if next, ok = r.monthDay(i, &d); !ok {
			return Date{}, false
		}
	}
	if j := r.joint(next); j < len(r.items) {
		if year, full, end, ok := r.year(j); ok {
			d.Year, d.Full, next = year, full, end
		}
	}
	return r.placed(d, i, next), true
}

// Expiry reads a month and a year from token at on.
func (r *Reader) Expiry(at int) (Date, bool) {
	i := r.itemAt(at)
	if i < 0 || r.items[i].role&roleDates == 0 {
		return Date{}, false
	}
	var d Date
	month, named, next, ok := r.month(i)
	if !ok {
		return Date{}, false
	}
	year, full, end, ok := r.year(r.joint(next))
	if !ok {
		return Date{}, false
	}
	d.Month, d.Named, d.Year, d.Full = month, named, year, full
	return r.placed(d, i, end), true
}

// placed tells where a date was said, from item first up to next.
func (r *Reader) placed(d Date, first, next int) Date {
	d.Start, d.End = r.items[first].start, r.items[next-1].end
	d.First, d.Last = r.items[first].token, len(r.tokens)-1
	if next < len(r.items) {
		d.Last = r.items[next].token - 1
	}
	return d
}

// itemAt gives the item that begins with a token, or -1.
func (r *Reader) itemAt(token int) int {
	if i := r.itemFrom(token); i < len(r.items) && r.items[i].token == token {
		return i
	}
	return -1
}

// itemFrom gives the first item that begins with a token from this one on. Most
// items are one token.
func (r *Reader) itemFrom(token int) int {
	if token >= 0 && token < len(r.items) && r.items[token].token == token {
		return token
	}
	return sort.Search(len(r.items), func(i int) bool { return r.items[i].token >= token })
}

// dayMonth reads "the fourth of july" and "dritter vierter" at item i.
func (r *Reader) dayMonth(i int, d *Date) (next int, ok bool) {
	if d.Day, next, ok = r.ordinal(i); !ok {
		if d.Day, next, ok = r.small(i); !ok {
			return i, false
		}
	}
	if d.Day < 1 || d.Day > 31 {
		return i, false
	}
	d.Month, d.Named, next, ok = r.month(r.joint(next))
	return next, ok
}

// monthDay reads "march the third" at item i.
func (r *Reader) monthDay(i int, d *Date) (next int, ok bool) {
	if !r.is(i, roleMonth) {
		return i, false
	}
	d.Month, d.Named = r.items[i].date, true
	j := r.joint(i + 1)
	if d.Day, next, ok = r.ordinal(j); !ok {
		if d.Day, next, ok = r.small(j); !ok {
			return i, false
		}
	}
	return next, d.Day >= 1 && d.Day <= 31
}

// ordinal reads "twenty first" at item i.
func (r *Reader) ordinal(i int) (value, next int, ok bool) {
	if r.is(i, roleOrdinal) && !r.is(i, roleNumber) {
		value = r.items[i].date
		if value >= 20 && value%10 == 0 && value < 100 && r.is(i+1, roleOrdinal) && r.items[i+1].date < 10 {
			return value + r.items[i+1].date, i + 2, true // "dwudziesty pierwszy"
		}
		return value, i + 1, true
	}
	if r.is(i, roleNumber) && r.ten(i) {
		j := r.bound(i + 1)
		if j > 0 && r.is(j, roleOrdinal) && r.items[j].date < 10 {
			return r.items[i].value + r.items[j].date, j + 1, true
		}
	}
	return 0, i, false
}

// small reads a number below a hundred at item i, in words or written, also
// with a zero before it.
func (r *Reader) small(i int) (value, next int, ok bool) {
	if i >= len(r.items) {
		return 0, i, false
	}
	if r.is(i, roleDigits) {
		if len(r.items[i].text) > 2 {
			return 0, i, false
		}
		next = i + 1
		if next < len(r.items) && r.items[next].touches && numbered[r.items[next].fold] {
			next++
		}
		return digitsValue(r.items[i].text), next, true
	}
	if zero := r.is(i, roleNumber) && r.items[i].value == 0 || r.vocab.zero && r.items[i].fold == "o"; zero {
		if j := r.bound(i + 1); j > 0 && r.is(j, roleNumber) && r.items[j].value < 10 {
			return r.items[j].value, j + 1, true
		}
		return 0, i, false
	}
	if !r.is(i, roleNumber) {
		return 0, i, false
	}
	value, next = r.below100(i)
	return value, next, value < 100
}

// numbered are the endings of written ordinals.
var numbered = map[string]bool{"st": true, "nd": true, "rd": true, "th": true, "er": true, "re": true, "º": true, "ª": true, "e": true, "ste": true, "de": true, ".": true}

// month reads a month's name or number at item i.
func (r *Reader) month(i int) (value int, named bool, next int, ok bool) {
	if r.is(i, roleMonth) {
		return r.items[i].date, true, i + 1, true
	}
	if value, next, ok = r.ordinal(i); !ok {
		value, next, ok = r.small(i)
	}
	return value, false, next, ok && value >= 1 && value <= 12
}

// joint passes over what stands between the parts of a date.
func (r *Reader) joint(i int) int {
	for n := 0; n < 3 && i < len(r.items) && joints[r.items[i].fold]; n++ {
		i++
	}
	return i
}

var joints = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(", . / - ' of the in slash del de d di du des dell l le el la il vom im von der den dem van het ten dnia roku um uh äh ähm euh eh ehm yyy eee stroke barra barre schrägstrich año anno année jahr jahre jaar") {
		set[w] = true
	}
	return set
}()

// Number reads one number of the language from token at on, in words or
// written. It gives its digits, where it ends and its last token.
func (r *Reader) Number(at int) (text string, end, last int, ok bool) {
	i := r.itemAt(at)
	if i < 0 || r.items[i].role&(roleNumber|roleDigits|roleTimes|roleHundred|roleThousand|roleLetter) == 0 {
		return "", 0, 0, false
	}
	r.elements = r.elements[:0]
	e, next, ok := r.part(i)
	if !ok || !e.digits || e.text[0] == '+' {
		return "", 0, 0, false
	}
	last = len(r.tokens) - 1
	if next < len(r.items) {
		last = r.items[next].token - 1
	}
	return e.text, e.end, last, true
}

// Worded tells whether token at is said in a word that is a number.
func (r *Reader) Worded(at int) bool {
	i := r.itemAt(at)
	return i >= 0 && r.items[i].role&(roleNumber|roleHundred|roleThousand) != 0
}
