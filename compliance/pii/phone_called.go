package pii

// A call is a stretch that must be a phone number: a country's code behind a
// plus sign or 00 says so, or a word beside it. Nearly every row of eleven
// digits agrees with some country's check digit too, which says less.
type call struct {
	stretch
	abroad bool // by its country's code
}

// dialled notes the numbers of the row that begin with a plus sign or 00 and a
// country's code, whatever types were asked for.
func (w *writtenWork) dialled() {
	w.called = w.called[:0]
	for i := range w.pieces {
		p := &w.pieces[i]
		if p.letters != 0 || !w.dials(p) || w.joinedBefore(i) {
			continue
		}
		run := readPhone(w.text, p.start)
		for n := run.n; n > 0; n-- {
			digits := run.digits[:run.groups[n-1].digits]
			if !run.plus {
				digits = digits[2:]
			}
			if len(digits) >= shortestDialled && international(string(digits)) {
				w.called = append(w.called, call{stretch{run.start, run.groups[n-1].end}, true})
				break
			}
		}
	}
}

// shortestDialled is how many digits a country's code and a number have at
// least.
const shortestDialled = 8

// dials tells whether a plus sign that no sign touches stands before the piece,
// or whether it begins with 00.
func (w *writtenWork) dials(p *piece) bool {
	if at := p.start - 1; at >= 0 && w.text[at] == '+' {
		return at == 0 || !isAlnum(w.text[at-1]) && w.text[at-1] != '+'
	}
	return p.end-p.start >= 4 && w.text[p.start] == '0' && w.text[p.start+1] == '0'
}

// isCalled tells whether a candidate of digits that no word names lies over a
// number that must be a phone. A card that stands beside a word of phones stays
// a card.
func (w *writtenWork) isCalled(c *candidate, r *rule) bool {
	for _, t := range w.called {
		if t.start < c.end && c.start < t.end && (t.abroad || r.kind != CreditCard) {
			return true
		}
	}
	return false
}
