package pii

import "strings"

// mostPhoneGroups bounds the groups of digits that are read as one phone number.
const mostPhoneGroups = 12

// A phoneRun is a row of digits with the signs that stand in phone numbers.
type phoneRun struct {
	start  int // with the plus sign or the bracket
	plus   bool
	digits [24]byte
	groups [mostPhoneGroups]phoneGroup
	n      int  // groups
	zero   int  // place in digits of a bracketed trunk zero, or -1
	others bool // a sign other than spaces stands between groups
}

type phoneGroup struct{ end, digits int } // place in the text; digits up to here

// phone looks for a phone number that begins in the row of pieces. It gives
// where the number ends, or 0.
func (w *writtenWork) phone() int {
	if !w.scan.wants(Phone) {
		return 0
	}
	last := 0
	for i := range w.pieces {
		p := &w.pieces[i]
		if p.start < last || p.letters != 0 || w.joinedBefore(i) {
			continue
		}
		if end := w.phoneAt(p.start); end > 0 {
			last = end
		}
	}
	return last
}

// phoneAt reads the longest phone number that begins at the digit at i and notes
// it. It gives where it ends, or 0.
func (w *writtenWork) phoneAt(i int) int {
	run := readPhone(w.text, i)
	for n := run.n; n > 0; n-- {
		score := run.score(n, w)
		if score == 0 {
			continue
		}
		end := run.groups[n-1].end
		f := finding{kind: Phone, start: run.start, end: end, score: score, rank: rankStrong, reason: "the length and first digits of a phone number"}
		switch {
		case w.around(f.start, f.end).has(aboutPhone):
			f.score, f.source = raised(score), FromContext
		case w.scan.asked(Phone):
			f.score, f.source = raised(score), FromExpectation
		case w.scan.typed:
			f.score = max(f.score, contextFloor)
		}
		if !run.plus && w.countsSomething(f.start, f.end) {
			return 0
		}
		if f.score < contextFloor {
			f.rank = rankWeak
		}
		f.end = extension(w.text, end)
		w.put(f)
		if f.score < w.scan.least {
			return 0
		}
		return f.end
	}
	return 0
}

// readPhone reads digits and the signs between them from i on.
func readPhone(text string, i int) phoneRun {
	run := phoneRun{start: i, zero: -1}
	run.lead(text)
	count, open := 0, run.start < i && text[i-1] == '('
	for at := i; run.n < mostPhoneGroups; {
		begin := at
		for at < len(text) && isDigit(text[at]) && count < len(run.digits) {
			run.digits[count] = text[at]
			count++
			at++
		}
		if at == begin || count == len(run.digits) || at < len(text) && (isLetter(text[at]) || text[at] >= 0x80) {
			return run
		}
		closed := open && at < len(text) && text[at] == ')'
		if closed && at-begin == 1 && text[begin] == '0' && run.n > 0 {
			run.zero = count - 1
		}
		run.groups[run.n] = phoneGroup{at, count}
		run.n++
		at, open = run.between(text, at, open)
		if at < 0 {
			return run
		}
	}
	return run
}

// lead takes in the signs before the first digit.
func (run *phoneRun) lead(text string) {
	at := run.start
	if at > 0 && text[at-1] == '(' {
		at--
	}
	if at > 0 && text[at-1] == '+' {
		at--
		run.plus = true
	}
	if at > 0 && text[at-1] == '(' && run.plus {
		at--
	}
	if at > 0 && (isAlnum(text[at-1]) || text[at-1] == '+') {
		return
	}
	run.start = at
}

// between skips the signs between two groups: at most three, one bracket of each
// kind. It gives -1 where no group follows.
func (run *phoneRun) between(text string, at int, open bool) (int, bool) {
	for n := 0; at < len(text) && n < 4; n++ {
		switch b := text[at]; {
		case isDigit(b):
			if n == 0 {
				return -1, open
			}
			return at, open
		case b == ' ':
		case b == '-' || b == '.' || b == '/':
			run.others = true
		case b == '(' && !open:
			open = true
		case b == ')' && open:
			open = false
		default:
			return -1, open
		}
		at++
	}
	return -1, open
}

// score tells how likely the first n groups are a phone number; 0 is not at all.
func (run *phoneRun) score(n int, w *writtenWork) float64 {
	digits := string(run.digits[:run.groups[n-1].digits])
	if run.zero >= 0 && run.zero < len(digits) {
		digits = digits[:run.zero] + digits[run.zero+1:]
	}
	switch {
	case run.plus:
		if international(digits) {
			return 0.75
		}
		return 0
	case strings.HasPrefix(digits, "00"):
		if international(digits[2:]) {
			return 0.6
		}
		return 0
	case run.date(n):
		return 0
	}
	return run.national(digits, n, w.scan)
}

// date tells whether the groups begin as a date does.
func (run *phoneRun) date(n int) bool {
	if n < 3 || !run.others {
		return false
	}
	a, b, c := run.size(0), run.size(1), run.size(2)
	return a <= 2 && b <= 2 && c == 4 && n <= 4 && run.value(0) <= 31 && run.value(1) <= 31 && run.value(2) >= 1900 && run.value(2) < 2100 ||
		a == 4 && b <= 2 && c <= 2 && run.value(0) >= 1900 && run.value(0) < 2100
}

func (run *phoneRun) size(i int) int {
	if i == 0 {
		return run.groups[0].digits
	}
	return run.groups[i].digits - run.groups[i-1].digits
}

func (run *phoneRun) value(i int) int {
	n := 0
	for at := run.groups[i].digits - run.size(i); at < run.groups[i].digits; at++ {
		n = n*10 + int(run.digits[at]-'0')
	}
	return n
}

// grouping writes the sizes of the first n groups, such as "3-3-3".
func (run *phoneRun) grouping(n int) string {
	var buf [2 * mostPhoneGroups]byte
	out := buf[:0]
	for i := range n {
		if i > 0 {
			out = append(out, '-')
		}
		out = append(out, byte('0'+min(run.size(i), 9)))
	}
	return string(out)
}

// shortNational is a length of numbers without a trunk prefix that says little:
// years and prices have it too.
const shortNational = 8

// national scores a number without its country's code.
func (run *phoneRun) national(digits string, n int, s *scan) float64 {
	region := strings.ToUpper(s.region())
	best := 0.0
	for i := range plans {
		p := &plans[i]
		if !p.fits(digits) {
			continue
		}
		score := 0.3
		switch {
		case p.trunk != "" && n > 1:
			score = 0.5
		case p.trunk != "":
			score = 0.45
		case len(digits) <= shortNational:
			score = 0.25
		case n > 1 && strings.Contains(p.grouped, " "+run.grouping(n)+" "):
			score = 0.4
		case n > 1:
			score = 0.1
		}
		if p.trunk == "" && n > 1 && len(digits) <= shortNational && !strings.Contains(p.grouped, " "+run.grouping(n)+" ") {
			score = 0.05
		}
		if p.region == region || region == "" && s.local(p.region) {
			score += 0.1
		}
		best = max(best, score)
	}
	return best
}

// extension gives the end of a number with the extension that is named behind
// it.
func extension(text string, end int) int {
	at := end
	for at < len(text) && (text[at] == ' ' || text[at] == ',') && at < end+3 {
		at++
	}
	from, to := wordAfter(text, at, at+20)
	if from != at || from == to {
		if at < len(text) && text[at] == '#' {
			to = at + 1
		} else {
			return end
		}
	}
	var buf [longestWord]byte
	if text[at] != '#' && !extensionWords[string(plainWord(buf[:0], text[from:to]))] {
		return end
	}
	for to < len(text) && strings.IndexByte(" .:", text[to]) >= 0 {
		to++
	}
	first := to
	for to < len(text) && isDigit(text[to]) {
		to++
	}
	if to == first || to-first > 6 {
		return end
	}
	return to
}

var extensionWords = map[string]bool{
	"ext": true, "extension": true, "x": true, "durchwahl": true, "dw": true, "apparat": true, "nebenstelle": true,
	"poste": true, "interno": true, "int": true, "toestel": true, "tst": true, "wewnetrzny": true, "wewn": true, "wew": true,
	"extn": true, "klappe": true, "anexo": true,
}
