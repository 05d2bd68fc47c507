package pii

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// rank orders findings that lie over each other: the higher one wins.
type rank uint8

const (
	rankWeak     rank = iota // a form that much else has too
	rankContext              // a weak form with a word beside it, or that was asked for
	rankStrong               // a form that hardly anything else has
	rankChecksum             // a form whose check digit agrees
	rankKnown                // a value that the call knows already
)

// A finding is what a stage saw. Places are bytes of the folded text.
type finding struct {
	kind       Type
	start, end int
	score      float64
	source     Source
	rank       rank
	reason     string
	// weight decides between findings of one rank and score: how well the words
	// beside it agree.
	weight int
	// canonical is what was meant where the text says it otherwise, such as the
	// digits of spoken words. The allow list is compared with it too.
	canonical string
}

// scan is the work on one text. It is used again for the next one.
type scan struct {
	detector *Detector
	request  *Request
	own      Request // what request points to, so that a caller's stays on its stack
	text     string  // the folded text; request.Text itself where nothing changed
	folded   folded

	tokens    []token // see words
	tokenized bool
	lower     []byte

	found []finding
	want  typeSet // of a typed request
	asks  []Type  // what the agent asked for
	typed bool
	least float64

	written writtenWork
	virtual writtenWork // of text that was not written so, see classify
	spoken  spokenWork
	known   knownWork

	covered []uint64 // see resolve
	kept    []finding
	stays   []stretch // what is allowed
}

// typeSet is a set of places in allTypes.
type typeSet [8]uint64

func (t *typeSet) put(i int)      { t[i>>6] |= 1 << (i & 63) }
func (t *typeSet) has(i int) bool { return t[i>>6]>>(i&63)&1 != 0 }

// stages are what looks at a text, in this order.
var stages = [...]func(*scan){writtenStage, spokenStage, knownStage, groupsStage}

// wants tells whether the request asks for t at all.
func (s *scan) wants(t Type) bool {
	if !s.typed {
		return true
	}
	at := typeNumber(t)
	return at >= 0 && s.want.has(at)
}

// add notes a finding when the request asks for its type.
func (s *scan) add(f finding) {
	if f.start < f.end && s.wants(f.kind) {
		s.found = append(s.found, f)
	}
}

// begin makes s ready for r and checks r.
func (s *scan) begin(d *Detector, r *Request) error {
	s.own = *r
	s.detector, s.request = d, &s.own
	s.tokens, s.tokenized, s.found, s.kept = s.tokens[:0], false, s.found[:0], s.kept[:0]
	s.want, s.typed = typeSet{}, len(r.Entities) > 0
	if len(r.Text) > MaxText {
		return ErrTooLong
	}
	if !utf8.ValidString(r.Text) {
		return ErrInvalidText
	}
	for _, t := range r.Entities {
		at := typeNumber(ownName(t))
		if at < 0 {
			return fmt.Errorf("%w: %q", ErrUnknownType, clip(string(t)))
		}
		s.want.put(at)
	}
	s.asks = s.asks[:0]
	for _, t := range r.Expect {
		own := ownName(t)
		if typeNumber(own) < 0 {
			return fmt.Errorf("%w: %q", ErrUnknownType, clip(string(t)))
		}
		s.asks = append(s.asks, own)
	}
	s.askedBeside()
	if !knownLanguage(r.Language) {
		return ErrUnknownLanguage
	}
	if r.Region != "" && !knownRegion(r.Region) {
		return ErrUnknownRegion
	}
	if r.MinScore != r.MinScore || r.MinScore > 1 {
		return ErrInvalidScore
	}
	s.least = r.MinScore
	if s.least == 0 {
		s.least = DefaultMinScore
	}
	s.text = r.Text
	if s.folded.fold(r.Text) {
		s.text = string(s.folded.buf)
	}
	return nil
}

// end lets go of the text, so that a scan in the pool holds none of it.
func (s *scan) end() {
	clear(s.found[:cap(s.found)])
	clear(s.kept[:cap(s.kept)])
	clear(s.tokens[:cap(s.tokens)])
	clear(s.lower[:cap(s.lower)])
	clear(s.folded.buf[:cap(s.folded.buf)])
	s.request, s.own, s.text = nil, Request{}, ""
}

// resolve chooses among findings that lie over each other and appends what is
// left, in order of place.
func (s *scan) resolve(dst []Span) []Span {
	slices.SortFunc(s.found, stronger)
	if need := (len(s.text) + 63) / 64; len(s.covered) < need {
		s.covered = make([]uint64, need)
	}
	for _, f := range s.found {
		if f.score < s.least {
			continue
		}
		if s.allowed(&f) {
			// What says less of the same place does not mask it either.
			s.cover(f.start, f.end, true)
			s.stays = append(s.stays, stretch{f.start, f.end})
			continue
		}
		s.place(f)
	}
	for _, f := range s.kept {
		s.cover(f.start, f.end, false)
	}
	for _, t := range s.stays {
		s.cover(t.start, t.end, false)
	}
	s.stays = s.stays[:0]
	slices.SortFunc(s.kept, func(a, b finding) int { return a.start - b.start })
	return s.spans(dst)
}

// place keeps f where nothing stronger lies. Of a finding that is partly
// covered the rest stays when the request redacts: a digit too many is better
// masked than shown.
func (s *scan) place(f finding) {
	if !s.anyCovered(f.start, f.end) {
		s.cover(f.start, f.end, true)
		s.kept = append(s.kept, f)
		return
	}
	if s.typed || f.kind == Address || f.rank < rankStrong && f.kind != NumberSequence && f.kind != Person {
		return
	}
	if f.kind == Person {
		f.end = s.firstCovered(f.start)
	}
	for at := f.start; at < f.end; {
		for at < f.end && s.isCovered(at) {
			at++
		}
		begin := at
		for at < f.end && !s.isCovered(at) {
			at++
		}
		if rest := trim(s.text, begin, at); rest.end-rest.start >= 2 && (f.kind != NumberSequence || strings.ContainsAny(s.text[rest.start:rest.end], "0123456789")) {
			part := f
			part.start, part.end = rest.start, rest.end
			s.cover(part.start, part.end, true)
			s.kept = append(s.kept, part)
		}
	}
}

type stretch struct{ start, end int }

// trim takes what is neither letter nor digit off both ends.
func trim(text string, start, end int) stretch {
	plain := func(b byte) bool { return !isAlnum(b) && b < utf8.RuneSelf }
	for start < end && plain(text[start]) {
		start++
	}
	for start < end && plain(text[end-1]) {
		end--
	}
	return stretch{start, end}
}

func (s *scan) isCovered(i int) bool { return s.covered[i>>6]>>(i&63)&1 != 0 }

func (s *scan) anyCovered(start, end int) bool {
	for i := start; i < end; i++ {
		if s.isCovered(i) {
			return true
		}
	}
	return false
}

func (s *scan) cover(start, end int, on bool) {
	for i := start; i < end; i++ {
		if on {
			s.covered[i>>6] |= 1 << (i & 63)
		} else {
			s.covered[i>>6] &^= 1 << (i & 63)
		}
	}
}

// place is a finding's rank among those that lie over each other. The whole of an
// e-mail address comes before a known name in it.
func (f *finding) place() rank {
	if f.kind == Email && f.rank >= rankStrong {
		return rankKnown + 1
	}
	return f.rank
}

func stronger(a, b finding) int {
	switch x, y := a.place(), b.place(); {
	case x != y:
		return int(y) - int(x)
	case a.score != b.score:
		if a.score > b.score {
			return -1
		}
		return 1
	case a.end-a.start != b.end-b.start:
		return b.end - b.start - (a.end - a.start)
	case a.weight != b.weight:
		return b.weight - a.weight
	case a.start != b.start:
		return a.start - b.start
	}
	return strings.Compare(string(a.kind), string(b.kind))
}

// spans turns what was kept into places of the original text.
func (s *scan) spans(dst []Span) []Span {
	runes, at := 0, 0
	for _, f := range s.kept {
		start, end := s.folded.original(f.start, f.end)
		if start < at { // two findings share one character of the original
			continue
		}
		runes += utf8.RuneCountInString(s.request.Text[at:start])
		first := runes
		runes += utf8.RuneCountInString(s.request.Text[start:end])
		at = end
		dst = append(dst, Span{
			Type: f.kind, Start: start, End: end, RuneStart: first, RuneEnd: runes,
			Score: f.score, Source: f.source, Reason: f.reason,
		})
	}
	return dst
}

// clip bounds what an error repeats of a request.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
