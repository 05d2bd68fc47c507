package pii

import (
	"cmp"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/spoken"
)

// spokenParts are made once by New; spokenWork is one scan's.
type (
	spokenParts struct{ lexicon *spoken.Lexicon }
	spokenWork  struct {
		reader *spoken.Reader
		tokens []spoken.Token
		taken  []stretch
		inside []finding
	}
)

func newSpokenParts() spokenParts { return spokenParts{lexicon: spoken.New()} }

// How many words of a language must be able to be part of something spoken
// before its reading is tried. A language that the request did not name needs
// more: "sei" is six in one language and "be" in another.
const (
	leastWords      = 3
	leastWordsOther = 5
)

// spokenStage finds what is said in words. It reads the text once for each
// language that it could be in and never mixes two in one number.
func spokenStage(s *scan) {
	w := &s.spoken
	if w.reader == nil {
		w.reader = spoken.NewReader(s.detector.spoken.lexicon)
	}
	w.tokens, w.taken = w.tokens[:0], w.taken[:0]
	for _, t := range s.words() {
		w.tokens = append(w.tokens, spoken.Token{Start: t.start, End: t.end, Kind: spoken.Kind(t.kind), Fold: t.fold})
	}
	counts := w.reader.Look(w.tokens)
	least, given := leastWords, s.detector.spoken.lexicon.Language(s.request.Language)
	if given >= 0 {
		if counts[given] >= leastWords {
			s.spokenIn(given, &counts)
		}
		counts[given], least = 0, leastWordsOther
	}
	for {
		best := 0
		for n := range counts {
			if counts[n] > counts[best] {
				best = n
			}
		}
		if counts[best] < least {
			break
		}
		counts[best] = 0
		s.spokenIn(best, &counts)
	}
	w.reader.Forget()
	clear(w.tokens)
}

// spokenIn judges the runs of one language. A place that another language
// explained before is left alone, and what it explains speaks for no other
// language any more.
func (s *scan) spokenIn(language int, counts *[spoken.Languages]int) {
	address, others := false, s.spoken.taken
	runs := s.spoken.reader.Read(language)
	for i := range runs {
		r := &runs[i]
		if !free(others, r.Start, r.End) {
			continue
		}
		before := len(s.found)
		if s.knownRun(r) {
			s.spoken.taken = append(s.spoken.taken, stretch{r.Start, r.End})
			continue
		}
		if r.Mail {
			address = true
			s.say(r, 0, len(r.Text), Email, 0.9, rankStrong, "spoken e-mail address")
		} else {
			s.judge(r)
		}
		if len(s.found) > before {
			s.spoken.taken = append(s.spoken.taken, stretch{r.Start, r.End})
			s.spoken.reader.Explained(counts, r.First, r.Last)
		}
	}
	slices.SortFunc(s.spoken.taken, func(a, b stretch) int { return a.start - b.start })
	if address {
		for n := range counts {
			counts[n] -= spoken.AddressWords
		}
	}
}

// free tells whether no other language explained a part of a stretch. taken is
// in order and nothing in it overlaps.
func free(taken []stretch, start, end int) bool {
	at, _ := slices.BinarySearchFunc(taken, start, func(t stretch, start int) int { return cmp.Compare(t.end, start+1) })
	return at == len(taken) || taken[at].start >= end
}

// say notes that the virtual text from start to end is of a type.
func (s *scan) say(r *spoken.Run, start, end int, kind Type, score float64, rank rank, reason string) {
	first, last := r.Span(start, end)
	source := FromSpoken
	if rank == rankChecksum {
		source = FromChecksum
	}
	s.add(finding{
		kind: kind, start: first, end: last, score: score, source: source, rank: rank, reason: reason,
		canonical: r.Text[start:end],
	})
}

// judge tells what a run of digits and letters is.
func (s *scan) judge(r *spoken.Run) {
	about := s.spokenTopics(r.First)
	total := r.Digits + r.Letters
	if s.ordinary(r, &about) {
		return
	}
	if s.bookingCue(r.First) {
		about.put(aboutBooking)
	}
	before := len(s.found)
	if total >= 5 || total >= 3 && (about.has(aboutCVV) || about.has(aboutExpiry) || s.expects(CVV) || s.expects(CardExpiry)) {
		s.classified(r)
	}
	switch {
	case r.Letters == 0 && r.Digits > 2:
		s.judgeDigits(r, 0, len(r.Text), about)
	case r.Digits == 0:
		s.judgeLetters(r, about)
	case r.Digits > 2 || total >= 5:
		s.judgeMixed(r, about, len(s.found) > before)
	}
}

// ordinary tells whether a run is a number of daily talk: a price, a room, dates,
// hours or a party's size.
func (s *scan) ordinary(r *spoken.Run, about *topicSet) bool {
	if r.Text[0] == '0' || r.Text[0] == '+' || r.Digits+r.Letters >= 13 || r.Letters > r.Digits {
		return false
	}
	asked := s.expects(Phone) || about.has(aboutPhone)
	switch {
	case asked && r.Digits >= 8:
		return false
	case s.unitBehind(r.Last+1) || about.has(aboutRoom) || about.has(aboutFlight):
		return r.Digits < 10 || s.unitBehind(r.Last+1)
	}
	return r.Ands > 0 && r.Digits <= 9 && !asked
}

// classified asks for the written forms of what was said.
func (s *scan) classified(r *spoken.Run) {
	w := &s.spoken
	w.inside = s.classify(w.inside[:0], strings.ToUpper(r.Text), r.Start, r.End)
	for _, f := range w.inside {
		if f.start < 0 || f.end > len(r.Text) || f.start >= f.end || f.kind == DateTime || f.kind == NumberSequence {
			continue
		}
		f.canonical = r.Text[f.start:f.end]
		f.start, f.end = r.Span(f.start, f.end)
		if f.source == FromPattern {
			f.source = FromSpoken
		}
		s.add(f)
	}
	clear(w.inside)
}
