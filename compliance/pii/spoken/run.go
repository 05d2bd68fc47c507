package spoken

import (
	"slices"
	"strings"
)

// A Run is a stretch of a text that was said for something written.
type Run struct {
	// Text is what was meant, without spaces: digits and letters, or an e-mail
	// address.
	Text string
	// Start and End are where it was said, in bytes of the text; First and Last
	// are its tokens.
	Start, End, First, Last int
	// Digits and Letters count what Text holds.
	Digits, Letters int
	// Words counts the parts that were said in words; a run without is written.
	Words int
	// Groups counts the numbers that the run was said in.
	Groups int
	// Spelled counts the letters that were said alone or with "as in", which
	// nothing but spelling does: "Roma Napoli Torino" has none.
	Spelled int
	// Ands counts the places where a bare "and" joined two numbers.
	Ands int
	// Extension is where in Text an extension begins that was said as one; 0 is
	// none.
	Extension int
	// Corrected tells that the speaker took something back.
	Corrected bool
	// Mail tells that the run is an e-mail address.
	Mail bool
	// Language is the code of the language that the run was read in.
	Language string
	pieces   []piece
}

type piece struct{ at, end, start, stop int } // of Text, and of the text

// Span gives where the bytes from start to end of the run's Text were said.
func (r *Run) Span(start, end int) (int, int) {
	first, last := -1, -1
	for i := range r.pieces {
		if p := &r.pieces[i]; p.at < end && p.end > start {
			if first < 0 {
				first = p.start
			}
			last = max(last, p.stop)
		}
	}
	if first < 0 {
		return r.Start, r.End
	}
	return first, last
}

// element is one part of a run: a number, a letter or a sign.
type element struct {
	text       string
	start, end int
	item, last int
	digits     bool
	word       bool
	weak       bool
	pause      bool // a pause or a filler stands before it
	and        bool // "and" alone stands before it
	alone      bool // a letter that was said alone, or explained
	fixed      bool // it, or what stood here before, was corrected
	extra      bool // an extension begins with it
}

// Read gives the runs of the language, in order of place. They hold until the
// next call.
func (r *Reader) Read(language int) []Run {
	r.language, r.vocab = language, r.lexicon.vocab[language]
	clear(r.runs)
	r.runs, r.pieces = r.runs[:0], r.pieces[:0]
	r.read()
	r.mails()
	for i := 0; i < len(r.items); {
		if it := &r.items[i]; it.role&roleBegins == 0 && it.text != "+" {
			i++
			continue
		}
		if r.lone(i) {
			i++
			continue
		}
		next := r.gather(i)
		if next == i {
			i++
			continue
		}
		r.finish()
		i = next
	}
	slices.SortFunc(r.runs, func(a, b Run) int { return a.Start - b.Start })
	return r.runs
}

// lone tells whether what begins at item i ends there, too short to be a run: a
// plain word follows. Most small numbers and letters of daily talk are so.
func (r *Reader) lone(i int) bool {
	if i+1 < len(r.items) && r.items[i+1].role != rolePlain {
		return false
	}
	it := &r.items[i]
	return it.role&(roleHundred|roleThousand|roleTimes) == 0 && (it.role&roleNumber == 0 || it.value < 100) && it.text != "+"
}

// roleBegins are what a run can begin with.
const roleBegins = roleNumber | roleHundred | roleThousand | roleDigits | roleTimes | roleLetter

// mostFillers bounds the words between two parts of a run that say nothing,
// mostElements the parts of a run: a longer one is cut, so that reading takes
// time in proportion to the text.
const (
	mostFillers  = 4
	mostElements = 200
)

// gather collects the elements of the run at item i and gives the item after
// it, or i where no run begins.
func (r *Reader) gather(i int) int {
	r.elements, r.repair = r.elements[:0], -1
	var gap between
	next := i
	for j := i; j < len(r.items) && gap.fillers <= mostFillers && len(r.elements) < mostElements; {
		if e, k, ok := r.part(j); ok {
			if len(r.elements) > 0 {
				e.pause, e.extra, e.and = gap.pause, gap.extra, gap.and && gap.fillers == 1
			}
			if r.repair >= 0 && (gap.pause || gap.fillers > 0) && len(r.elements) > r.repair {
				r.mend(true)
			}
			k = r.join(e, k, &gap)
			j, next, gap = k, k, between{}
			continue
		}
		if len(r.elements) == 0 {
			return i
		}
		k, ok := r.pass(j, &gap)
		if !ok {
			break
		}
		if gap.unsaid {
			next = k
			gap.unsaid = false
		}
		j = k
	}
	r.mend(false)
	return next
}

// between is what stands between two elements.
type between struct {
	fillers                   int
	pause, and, extra, unsaid bool
	wrong                     bool // what was said before is taken back
}

// join puts e behind the elements, or in the place of what it corrects.
func (r *Reader) join(e element, next int, gap *between) int {
	if !gap.wrong {
		r.elements = append(r.elements, e)
		return next
	}
	if j := r.skip(next); r.is(j, roleNot) {
		return r.correct(e, next)
	}
	e.fixed = true
	r.repair = len(r.elements)
	r.elements = append(r.elements, e)
	return next
}

// pass goes over what may stand between two elements at item j.
func (r *Reader) pass(j int, gap *between) (next int, ok bool) {
	it := &r.items[j]
	switch {
	case it.role == rolePunct:
		if it.text == "" || !strings.Contains(",.-/()…'\"", it.text) {
			return j, false
		}
		if it.text == "'" && it.touches && j+1 < len(r.items) && r.items[j+1].touches {
			return j, false // "a hotel's"
		}
		gap.pause = gap.pause || it.text != "-" || !it.touches
		return j + 1, true
	case it.role&(roleWrong|roleNot) != 0:
		if it.role&roleNot != 0 && (it.role&roleWrong == 0 || !gap.pause) {
			if k, ok := r.unsay(j, gap); ok {
				return k, true
			}
		}
		if it.role&roleWrong == 0 {
			return j, false
		}
		gap.wrong = true
	case it.role&roleExtra != 0:
		gap.extra = true
	case it.role&(roleFiller|roleAnd|roleCase) != 0:
	case it.role&roleSign != 0 && strings.Contains("-./", it.text):
	default:
		return j, false
	}
	gap.pause, gap.and = true, it.role&roleAnd != 0
	gap.fillers++
	return j + 1, true
}

// part reads one element at item i.
func (r *Reader) part(i int) (e element, next int, ok bool) {
	if i >= len(r.items) {
		return e, i, false
	}
	it := &r.items[i]
	e = element{start: it.start, end: it.end, item: i, word: true}
	switch {
	case it.role&roleDigits != 0:
		e.text, e.digits, e.word = it.text, true, false
		return r.close(e, i+1)
	case it.text == "+" && it.role&(rolePunct|roleSign) != 0:
		if len(r.elements) > 0 || i+1 >= len(r.items) || r.items[i+1].role&(roleNumber|roleDigits) == 0 {
			return e, i, false
		}
		e.text, e.digits, e.word = "+", true, it.role&roleSign != 0
		return r.close(e, i+1)
	case it.role&roleTimes != 0:
		j := i + 1
		for j < len(r.items) && (r.items[j].role == roleFiller || r.items[j].role == rolePunct && r.items[j].text == "-" || j == i+1 && timesArticles[r.items[j].fold]) && j < i+3 {
			j++
		}
		if r.is(j, roleTimes) {
			return e, i, false
		}
		if inner, next, ok := r.part(j); ok && inner.text != "+" {
			e.text, e.digits, e.weak = strings.Repeat(inner.text, it.value), inner.digits, inner.weak
			e.alone = inner.alone
			return r.close(e, next)
		}
	}
	if it.role&roleLetter != 0 && r.asZero(i) {
		e.text, e.digits = "0", true
		return r.close(e, i+1)
	}
	if value, next, ok := r.number(i); ok {
		e.text, e.digits = decimal(value), true
		if value > 1 && value < 7 && r.is(next, rolePlural) { // "four fives"
			e.text = strings.Repeat(decimal(r.items[next].value), value)
			next++
		}
		return r.close(e, next)
	}
	if it.role&roleLetter == 0 {
		return e, i, false
	}
	e.text, e.weak, e.alone = it.text, it.role&roleWeak != 0, single(it.fold)
	if next := r.asIn(i + 1); next > 0 {
		e.weak, e.alone = false, true
		return r.close(e, next)
	}
	if it.role&roleWeak != 0 && !r.spelling(i) {
		return e, i, false
	}
	return r.close(e, i+1)
}

// timesArticles stand between "three times" and the digit.
var timesArticles = map[string]bool{"the": true, "die": true, "de": true, "la": true, "le": true, "el": true, "il": true}

func (r *Reader) close(e element, next int) (element, int, bool) {
	e.last, e.end = next-1, r.items[next-1].end
	return e, next, true
}
