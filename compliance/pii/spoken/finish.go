package spoken

import (
	"strings"
	"unicode/utf8"
)

// shortest is the least of digits and letters that a run has.
const shortest = 3

// finish makes a run of the elements that were gathered.
func (r *Reader) finish() {
	e := r.elements
	for len(e) > 0 && e[len(e)-1].weak && !e[len(e)-1].digits && single(r.items[e[len(e)-1].item].fold) && (len(e) == 1 || e[len(e)-2].digits) {
		e = e[:len(e)-1]
	}
	for len(e) > 1 && e[0].weak && e[0].text[0] >= 0x80 {
		e = e[1:] // "è" is "is"
	}
	long, words := 0, 0
	for i := range e {
		long += len(e[i].text)
		if e[i].word {
			words++
		}
	}
	if long < shortest || words == 0 {
		return
	}
	r.runs = append(r.runs, r.run(e))
}

// run joins elements to virtual text.
func (r *Reader) run(e []element) Run {
	run := Run{
		Start: e[0].start, End: e[len(e)-1].end, Language: r.vocab.code,
		First: r.items[e[0].item].token,
	}
	last := e[len(e)-1].last
	run.Last = len(r.tokens) - 1
	if last+1 < len(r.items) {
		run.Last = r.items[last+1].token - 1
	}
	var b strings.Builder
	length := 0
	for i := range e {
		length += len(e[i].text)
	}
	b.Grow(length)
	from := len(r.pieces)
	for i := range e {
		at := b.Len()
		b.WriteString(e[i].text)
		r.pieces = append(r.pieces, piece{at, b.Len(), e[i].start, e[i].end})
		if e[i].word {
			run.Words++
		}
		if e[i].alone {
			run.Spelled++
		}
		if e[i].and && i > 0 {
			run.Ands++
		}
		if e[i].extra && run.Extension == 0 {
			run.Extension = at
		}
		run.Corrected = run.Corrected || e[i].fixed
		if e[i].digits {
			run.Groups++
			run.Digits += len(strings.TrimPrefix(e[i].text, "+"))
		} else {
			run.Letters += utf8.RuneCountInString(e[i].text)
		}
	}
	run.Text, run.pieces = b.String(), r.pieces[from:len(r.pieces):len(r.pieces)]
	return run
}
