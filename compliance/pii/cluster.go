package pii

import "unsafe"

// Bounds of a cluster: they keep the work linear in the text's length.
const (
	mostPieces    = 40
	longestPiece  = 64
	shortestAlone = 6 // of a number that stands in a row of others
	longestLetter = 5 // letters of a piece without digits, such as CHE
)

// A piece is one run of letters and digits.
type piece struct {
	start, end      int
	digits, letters uint64 // places, from the piece's start
	lower           bool   // letters only, in lower case
	sep             sepSet // what stands before it
}

// A candidate is a row of pieces that could be one number.
type candidate struct {
	start, end      int
	compact         string
	digits, letters uint64
	border          uint64 // places at which a separator stands
	seps            sepSet
	crowded         bool // other digits stand beside it, a space away
	lower           bool // a piece of it is letters in lower case
}

// written is the work of the written stage on one text.
type writtenWork struct {
	scan   *scan
	text   string
	pieces []piece
	buf    [longestRule + longestPiece]byte
	out    []finding

	// Of the words around a number.
	base       topicSet // of the request: its context words
	fixed      bool     // the text is virtual: base is all there is
	near       topicSet
	nearStart  int
	nearEnd    int
	nearKnown  bool
	lastNumber int       // where the last cluster ended
	lastStreet int       // where the last address ended
	taken      []stretch // dates and addresses of machines in the row
	steps      int       // candidates looked at; tests count them
}

// cluster reads the row of pieces around the digit at i and gives where it ends.
// floor is where the last row ended.
func (w *writtenWork) cluster(i, floor int) int {
	text := w.text
	start := i
	for start > floor && isAlnum(text[start-1]) {
		start--
	}
	w.pieces = w.pieces[:0]
	w.leading(start, floor)
	at := start
	var sep sepSet
	if n := len(w.pieces); n > 0 {
		sep = sepOf(text[w.pieces[n-1].end])
	}
	for {
		p := readPiece(text, at, sep)
		if p.digits == 0 && !w.letterPiece(p) {
			return w.end(floor)
		}
		w.pieces = append(w.pieces, p)
		if len(w.pieces) == mostPieces || p.end >= len(text) {
			return w.end(floor)
		}
		if sep = sepOf(text[p.end]); sep == 0 || p.end+1 >= len(text) || !isAlnum(text[p.end+1]) {
			return w.end(floor)
		}
		at = p.end + 1
	}
}

// end gives where the row ends.
func (w *writtenWork) end(floor int) int {
	if n := len(w.pieces); n > 0 {
		return w.pieces[n-1].end
	}
	return floor
}

// letterPiece tells whether letters without digits may be part of a number.
func (w *writtenWork) letterPiece(p piece) bool {
	return p.end-p.start <= longestLetter && (!p.lower || p.end-p.start <= 2) && !glued(w.text, p.start, p.end)
}

// glued tells whether letters that are not ASCII touch the stretch.
func glued(text string, start, end int) bool {
	return start > 0 && text[start-1] >= 0x80 || end < len(text) && text[end] >= 0x80
}

// leading puts up to three pieces of letters that stand before start.
func (w *writtenWork) leading(start, floor int) {
	var found [3]piece
	n := 0
	for n < len(found) {
		end := start - 1
		if end <= floor || sepOf(w.text[end]) == 0 || !isLetter(w.text[end-1]) {
			break
		}
		from := end
		for from > floor && end-from <= longestLetter && isLetter(w.text[from-1]) {
			from--
		}
		if from > 0 && (isAlnum(w.text[from-1]) || w.text[from-1] == '@') {
			break
		}
		p := readPiece(w.text, from, 0)
		if p.end != end || !w.letterPiece(p) {
			break
		}
		found[n] = p
		n++
		start = from
	}
	for i := n - 1; i >= 0; i-- {
		p := found[i]
		if len(w.pieces) > 0 {
			p.sep = sepOf(w.text[p.start-1])
		}
		w.pieces = append(w.pieces, p)
	}
}

// readPiece reads letters and digits from at on. A longer run than any number is
// cut, and begins no candidate.
func readPiece(text string, at int, sep sepSet) piece {
	p := piece{start: at, sep: sep, lower: true}
	i := at
	for i < len(text) && isAlnum(text[i]) {
		b := text[i]
		if n := i - at; n < longestPiece {
			if isDigit(b) {
				p.digits |= 1 << n
				p.lower = false
			} else {
				p.letters |= 1 << n
				p.lower = p.lower && b >= 'a'
			}
		}
		i++
	}
	p.end = i
	return p
}

// candidates looks at every row of pieces that could be one number.
func (w *writtenWork) candidates() {
	for i := range w.pieces {
		if w.joinedBefore(i) {
			continue
		}
		c := candidate{start: w.pieces[i].start}
		n := 0
		for j := i; j < len(w.pieces); j++ {
			p := &w.pieces[j]
			size := p.end - p.start
			if n+size > longestRule {
				break
			}
			if n > 0 {
				c.border |= 1 << n
				c.seps |= p.sep
			}
			for k := range size {
				b := w.text[p.start+k]
				if b >= 'a' {
					b -= 0x20
				}
				w.buf[n+k] = b
			}
			c.digits |= p.digits << n
			c.letters |= p.letters << n
			c.lower = c.lower || p.lower
			n += size
			c.end = p.end
			if n < 4 || c.digits == 0 || w.joinedBehind(j) {
				continue
			}
			c.crowded = w.digitsBeside(i, j)
			c.compact = unsafe.String(&w.buf[0], n)
			w.try(&c)
		}
	}
}

// joinedBefore tells whether the piece at i hangs on the digits before it by
// another sign than a space.
func (w *writtenWork) joinedBefore(i int) bool {
	p := &w.pieces[i]
	if p.start > 0 && w.text[p.start-1] >= 0x80 {
		return true
	}
	return i > 0 && p.sep != 1 && w.pieces[i-1].digits != 0 && p.digits != 0
}

func (w *writtenWork) joinedBehind(j int) bool {
	if end := w.pieces[j].end; end < len(w.text) && w.text[end] >= 0x80 {
		return true
	}
	return j+1 < len(w.pieces) && w.pieces[j+1].sep != 1 && w.pieces[j+1].digits != 0 && w.pieces[j].digits != 0
}

func (w *writtenWork) digitsBeside(i, j int) bool {
	return i > 0 && w.pieces[i-1].digits != 0 || j+1 < len(w.pieces) && w.pieces[j+1].digits != 0
}

// try looks whether a rule knows the candidate.
func (w *writtenWork) try(c *candidate) {
	w.steps++
	s := w.scan
	table := byLength[len(c.compact)]
	for i := range table {
		p := &table[i]
		if s.typed && !s.want.has(p.rule.number) || !p.matches(c) {
			continue
		}
		w.judge(p.rule, c)
	}
}

// What tells rules of one form apart: words beside the number, words that are
// the rule's own, and where the call is.
const (
	weightOfWord  = 50
	weightOfOwn   = 200
	weightOfLocal = 100
	localScore    = 0.45 // of a number that only its check and the call's country speak for
)

// judge scores a candidate that has a rule's form.
func (w *writtenWork) judge(r *rule, c *candidate) {
	s := w.scan
	f := finding{kind: r.kind, start: c.start, end: c.end, score: r.score, rank: rankWeak, reason: "form"}
	sure := false
	if r.verify != nil {
		value := c.compact
		if r.raw {
			value = w.text[c.start:c.end]
		}
		if !r.verify(value) {
			return
		}
		sure = true
	} else if c.lower && !(r.evident && r.form != nil) || wordBeforeNumber(c.compact, c.border) {
		return
	}
	near := w.around(c.start, c.end)
	hits := near.count(&r.seen)
	if sure && r.land != 0 && near.has(r.land) {
		hits++ // "my Croatian number"
	}
	asked := s.asked(r.kind)
	switch {
	case sure && (r.evident || s.typed || hits > 0 || asked):
		f.score, f.source, f.rank, f.reason = 1, FromChecksum, rankChecksum, "form and check digit"
		if !r.evident && hits == 0 {
			f.rank = rankStrong
		}
	case sure && s.local(r.country):
		f.score, f.source, f.rank, f.reason = localScore, FromChecksum, rankWeak, "form and check digit, of the call's country"
	case sure:
		f.score = min(f.score, 0.3)
	case hits > 0 || asked:
		f.score = max(f.score+contextBonus, contextFloor)
		f.source, f.rank, f.reason = FromContext, rankContext, "form and a word beside it"
		if hits == 0 {
			f.source, f.reason = FromExpectation, "form, and it was asked for"
		}
		if near.has(r.own) && r.words != "" {
			f.score += 0.1
		}
		if c.border != 0 && r.groups != "" {
			f.rank = rankStrong
		}
	case !r.evident && !s.typed:
		f.score = min(f.score, 0.3)
	default:
		f.rank = rankStrong
	}
	if f.score < s.least {
		return
	}
	f.weight = int(100*r.score) + weightOfWord*hits
	if near.has(r.own) && r.words != "" {
		f.weight += weightOfOwn
	}
	if s.local(r.country) {
		f.weight += weightOfLocal
	}
	if r.land != 0 && near.has(r.land) {
		f.weight += weightOfOwn
	}
	f.score = min(f.score, 1)
	w.put(f)
}

// wordBeforeNumber tells whether the letters before a space are a word rather
// than a part of the number.
func wordBeforeNumber(compact string, border uint64) bool {
	if border>>2&1 == 0 {
		return false
	}
	switch compact[:2] {
	case "IS", "TO", "ON", "OF", "NR", "MY", "NO", "AM", "IM", "ES", "IN", "DE", "LA", "LE", "EL", "DU", "AU", "EN", "OP", "TE", "DO", "OD", "NA", "ID":
		return true
	}
	return false
}
