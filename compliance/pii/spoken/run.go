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
}

// Read gives the runs of the language, in order of place. They hold until the
// next call.
func (r *Reader) Read(language int) []Run {
	r.language, r.vocab = language, r.lexicon.vocab[language]
	clear(r.runs)
	r.runs = r.runs[:0]
	r.read()
	r.mails()
	for i := 0; i < len(r.items); {
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
	r.elements = r.elements[:0]
	next, fillers, pause, correcting, and := i, 0, false, false, false
	for j := i; j < len(r.items) && fillers <= mostFillers && len(r.elements) < mostElements; {
		it := &r.items[j]
		if e, k, ok := r.part(j); ok {
			e.pause = pause
			e.and = and && fillers == 1
			if len(r.elements) == 0 {
				e.pause = false
			}
			if correcting {
				k = r.correct(e, k)
				correcting = false
			} else {
				r.elements = append(r.elements, e)
			}
			j, next, fillers, pause = k, k, 0, false
			continue
		}
		if len(r.elements) == 0 {
			return i
		}
		switch {
		case it.role == rolePunct:
			if it.text == "" || !strings.Contains(",.-/()…'+\"", it.text) {
				return next
			}
			if it.text == "+" {
				return next
			}
			pause = pause || it.text != "-" || !it.touches
			j++
			continue
		case it.role&(roleWrong|roleNot) != 0:
			if it.role&roleNot != 0 && (it.role&roleWrong == 0 || !pause) && r.unsay(j, &next) {
				j, fillers, pause = next, 0, false
				continue
			}
			if it.role&roleWrong == 0 {
				return next
			}
			correcting = true
		case it.role&(roleFiller|roleAnd|roleCase|roleExtra) != 0:
		case it.role&roleSign != 0 && strings.Contains("-./", it.text):
		default:
			return next
		}
		pause, and = true, it.role&roleAnd != 0
		fillers++
		j++
	}
	return next
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
		for j < len(r.items) && (r.items[j].role == roleFiller || r.items[j].role == rolePunct && r.items[j].text == "-") && j < i+3 {
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

func (r *Reader) close(e element, next int) (element, int, bool) {
	e.last, e.end = next-1, r.items[next-1].end
	return e, next, true
}

// asZero tells whether the letter o at i is a nought.
func (r *Reader) asZero(i int) bool {
	if !r.vocab.zero || r.items[i].fold != "o" {
		return false
	}
	n := len(r.elements)
	before := n > 0 && r.elements[n-1].digits
	return before || (n == 0 || r.elements[n-1].text == "+") && r.is(i+1, roleNumber|roleDigits|roleTimes)
}

// asIn passes over "as in bravo" at i and gives the item after it, or 0.
func (r *Reader) asIn(i int) int {
	for i < len(r.items) && r.items[i].role == rolePunct && r.items[i].text == "," {
		i++
	}
	if !r.is(i, roleAs) || i+1 >= len(r.items) || r.items[i+1].role&(rolePunct|roleDigits) != 0 {
		return 0
	}
	letter := r.items[i-1]
	word := r.items[i+1].fold
	if letter.role&roleLetter == 0 {
		return 0
	}
	if !strings.HasPrefix(Plain(word), Plain(letter.text)) && r.items[i+1].text != letter.text {
		return 0
	}
	if single(word) {
		return 0
	}
	return i + 2
}

// spelling tells whether a weak letter stands in a spelled word: others stand
// beside it.
func (r *Reader) spelling(i int) bool {
	n := len(r.elements)
	if n > 0 && !r.elements[n-1].digits && r.elements[n-1].last >= i-2 {
		return true
	}
	if n > 0 && !single(r.items[i].fold) && r.elements[n-1].last == i-1 && r.lettered() {
		return true
	}
	near := 0
	for j := i + 1; j < len(r.items) && j < i+6; j++ {
		it := &r.items[j]
		if it.role == rolePunct && (it.text == "," || it.text == "-" || it.text == ".") {
			continue
		}
		if it.role&(roleLetter) == 0 {
			if it.role&(roleNumber|roleDigits) != 0 && (n > 0 || near > 0 && r.is(j+1, roleNumber)) {
				near++
			}
			break
		}
		if near++; it.role&roleWeak == 0 {
			return true
		}
	}
	return near >= 2
}

// lettered tells whether the run has a letter near its end.
func (r *Reader) lettered() bool {
	for i := len(r.elements) - 1; i >= max(0, len(r.elements)-8); i-- {
		if !r.elements[i].digits {
			return true
		}
	}
	return false
}
