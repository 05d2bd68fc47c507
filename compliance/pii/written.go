package pii

import (
	"math"
	"strings"
)

// What a byte can begin, for the one pass over a text.
const (
	plain byte = iota
	digitByte
	upperByte
	atByte
	colonByte
	dotByte
)

// byteClass tells for each byte what it can begin.
var byteClass = func() (table [256]byte) {
	for b := '0'; b <= '9'; b++ {
		table[b] = digitByte
	}
	for b := 'A'; b <= 'Z'; b++ {
		table[b] = upperByte
	}
	table['@'], table[':'], table['.'] = atByte, colonByte, dotByte
	return table
}()

// writtenStage finds what is written in digits, letters and signs.
func writtenStage(s *scan) {
	w := &s.written
	w.scan, w.fixed, w.out = s, false, s.found
	w.base, w.muted = topicSet{}, nil
	if language := s.request.Language; len(language) >= 2 {
		w.muted = mutedWords[language[:2]]
	}
	for _, word := range s.request.Context {
		w.addContext(word)
	}
	w.run(s.text)
	s.found, w.out = w.out, nil
	w.text, w.scan = "", nil
}

// addContext counts the words that stand beside the text as context.
func (w *writtenWork) addContext(words string) {
	set := contextWords.around(words, len(words), len(words))
	w.base.add(set)
}

// run is the one pass over a text. Most bytes begin nothing.
func (w *writtenWork) run(text string) {
	w.text, w.lastNumber, w.lastStreet, w.steps = text, 0, 0, 0
	for side := range w.sides {
		for i := range w.sides[side] {
			w.sides[side][i].at = 0
		}
	}
	for i := 0; i < len(text); {
		switch byteClass[text[i]] {
		case plain:
			i++
		case digitByte:
			i = w.number(i)
		case upperByte:
			i = w.capitals(i)
		case atByte:
			i = w.mail(i)
		case colonByte:
			i = w.colon(i)
		case dotByte:
			i = w.dot(i)
		}
	}
}

// number looks at what stands around the digit at i and gives where to go on.
func (w *writtenWork) number(i int) int {
	floor := w.lastNumber
	end := w.cluster(i, floor)
	if end <= i {
		end = i + 1
	}
	w.lastNumber = end
	if len(w.pieces) == 0 {
		return end
	}
	w.address()
	w.dates()
	w.network()
	w.dialled()
	if called := w.phone(); called > end {
		end, w.lastNumber = called, called
	}
	from := len(w.out)
	w.candidates()
	w.dropRefused(from)
	w.wallet()
	w.byContext()
	w.sequence()
	return end
}

// put notes a finding.
func (w *writtenWork) put(f finding) {
	if f.score < w.scan.least || !w.scan.wants(f.kind) {
		return
	}
	w.out = append(w.out, f)
}

// around gives the topics of the words near a stretch of the text, and those
// that the request brought. What it points to is good until the next call.
func (w *writtenWork) around(start, end int) *topicSet {
	if w.fixed {
		return &w.base
	}
	before, behind := &w.sides[0][start%nearSides], &w.sides[1][end%nearSides]
	if before.at != start+1 {
		before.at, before.set = start+1, topicSet{}
		contextWords.before(w.text, start, w.muted, &before.set)
	}
	if behind.at != end+1 {
		behind.at, behind.set = end+1, topicSet{}
		contextWords.behind(w.text, end, w.muted, &behind.set)
	}
	for i := range w.near {
		w.near[i] = w.base[i] | before.set[i] | behind.set[i]
	}
	if w.near.has(aboutMine) && w.near.count(&naming) == 0 {
		w.near.put(aboutPhone)
	}
	return &w.near
}

// nearSides is how many places the words before and behind are kept of.
const nearSides = 8

// A nearSide is the topics of the words on one side of a place.
type nearSide struct {
	at  int // the place, plus one
	set topicSet
}

// asked tells whether the agent asked for the type.
func (s *scan) asked(t Type) bool {
	for _, e := range s.asks {
		if e == t || strings.HasSuffix(string(t), "_"+string(e)) {
			return true
		}
	}
	return false
}

// local tells whether a country's numbers are the likelier ones.
func (s *scan) local(country string) bool {
	if country == "" {
		return false
	}
	if region := s.region(); region != "" {
		return strings.EqualFold(region, country)
	}
	language := s.request.Language
	return len(language) >= 2 && strings.EqualFold(language[:2], country) || country == "GB" && strings.HasPrefix(language, "en")
}

func (s *scan) region() string {
	if s.request.Region != "" {
		return s.request.Region
	}
	return s.detector.options.Region
}

// classify looks at virtual text, such as the digits of spoken words, and
// appends what it is, in places of virtual. start and end are where it was said
// in the folded text: words of context are looked for around them. It reports no
// NUMBER_SEQUENCE, and weak forms only with context.
func (s *scan) classify(dst []finding, virtual string, start, end int) []finding {
	w := &s.virtual
	w.scan, w.fixed, w.out = s, true, dst
	w.base = contextWords.around(s.text, start, end)
	for _, word := range s.request.Context {
		w.addContext(word)
	}
	w.run(virtual)
	dst, w.out = w.out, nil
	w.text, w.scan = "", nil
	return dst
}

// raised is what a score becomes when a word of context stands beside it.
func raised(score float64) float64 { return math.Min(1, math.Max(score+contextBonus, contextFloor)) }
