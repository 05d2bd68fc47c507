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
	commas bool // commas stand between groups
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
		if p.start < last || p.letters != 0 || w.joinedBefore(i) || p.digits == eightDigits && w.overlaps(p.start) {
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
	if run.n == 0 || run.groups[run.n-1].digits < shortestPhone {
		return 0
	}
	for n := run.n; n > 0; n-- {
		score := run.score(n, w)
		if score == 0 {
			continue
		}
		end := run.groups[n-1].end
		f := finding{kind: Phone, start: run.start, end: end, score: score, rank: rankStrong, reason: "the length and first digits of a phone number"}
		near := w.around(f.start, f.end)
		switch {
		case near.has(aboutPhone):
			f.score, f.source = raised(score), FromContext
			w.called = append(w.called, call{stretch{run.start, end}, false})
		case w.scan.asked(Phone):
			f.score, f.source = raised(score), FromExpectation
		case run.commas && n > 1 && !run.plus && (run.digits[0] != '0' || n < 3):
			continue
		case w.otherNumber(&run, near):
			f.rank = rankWeak
		case w.scan.typed:
			f.score = max(f.score, contextFloor)
		}
		if !run.plus && w.countsSomething(f.start, f.end) {
			return 0
		}
		if f.score < contextFloor {
			f.rank = rankWeak
		}
		if f.end = extension(w.text, end); f.end > end {
			f.score = max(f.score, 0.95) // nothing else has one
		}
		w.put(f)
		if f.score < w.scan.least {
			return 0
		}
		return f.end
	}
	return 0
}

// otherNumber tells whether words, or the agent's question, say that the digits
// are no phone but another number. Who says a number with its trunk prefix means
// a phone, unless the word right before it names something else.
func (w *writtenWork) otherNumber(run *phoneRun, near *topicSet) bool {
	if run.plus || w.fixed {
		return false
	}
	if len(w.scan.request.Expect) > 0 {
		return true
	}
	if near.count(&naming) == 0 {
		return false
	}
	if run.digits[0] != '0' {
		return true
	}
	return w.namedBefore(run.start)
}

// namedBefore tells whether the word before a number names it, with words such
// as "number is" between.
func (w *writtenWork) namedBefore(at int) bool {
	for range wordsBetween {
		from, to := wordBefore(w.text, at, at-longestWord)
		if from == to {
			return false
		}
		var buf [longestWord]byte
		var about topicSet
		word := plainWord(buf[:0], w.text[from:to])
		contextWords.of(word, &about)
		if about.count(&naming) > 0 && !w.muted[string(word)] {
			return true
		}
		if len(word) > 3 && !copulas[string(word)] && !namesCode[string(word)] {
			return false
		}
		at = from
	}
	return false
}

// wordsBetween bounds the words between a number and the word that names it.
const wordsBetween = 5

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

// grouping writes the sizes of the first n groups, such as " 3-3-3 ".
func (run *phoneRun) grouping(out []byte, n int) []byte {
	for i := range n {
		sign := byte('-')
		if i == 0 {
			sign = ' '
		}
		out = append(out, sign, byte('0'+min(run.size(i), 9)))
	}
	return append(out, ' ')
}

// shortNational is a length of numbers without a trunk prefix that says little:
// years and prices have it too.
const shortNational = 8

// national scores a number without its country's code.
func (run *phoneRun) national(digits string, n int, s *scan) float64 {
	if len(digits) < shortestPhone || len(digits) > longestPhone {
		return 0
	}
	region := s.region()
	best := 0.0
	for _, p := range plansFrom[digits[0]-'0'] {
		if !p.fits(digits) {
			continue
		}
		score := run.nationalScore(p, len(digits), n)
		if strings.EqualFold(p.region, region) || region == "" && s.local(p.region) {
			score += 0.1
		}
		best = max(best, score)
	}
	return best
}

// nationalScore scores a number that fits a plan.
func (run *phoneRun) nationalScore(p *plan, length, n int) float64 {
	switch {
	case p.trunk != "" && n > 1:
		return 0.5
	case p.trunk != "":
		return 0.45
	case n == 1 && length <= shortNational:
		return 0.25
	case n == 1:
		return 0.3
	}
	var buf [2*mostPhoneGroups + 2]byte
	grouped := strings.Contains(p.grouped, string(run.grouping(buf[:0], n)))
	switch {
	case length <= shortNational && grouped:
		return 0.25
	case length <= shortNational:
		return 0.05
	case grouped:
		return 0.4
	}
	return 0.1
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
