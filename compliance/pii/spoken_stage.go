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
		noted  []stretch // dates and addresses
		inside []finding
		asked  uint16 // what the agent asked for, as the cues' bits
	}
)

func newSpokenParts() spokenParts {
	l := spoken.New()
	markCues(l.Mark)
	return spokenParts{lexicon: l}
}

// How many words of a language must be able to be part of something spoken
// before its reading is tried. A language that the request did not name needs
// more: "sei" is six in one language and "be" in another.
const (
	leastWords      = 3
	leastWordsOther = 5
)

// namedWeight is how many words the language that the request named is ahead of
// the others when they are tried: the first to explain a place has it. Another
// that has far more words is the one that is spoken.
const namedWeight = 6

// leastWords is how many words the language n must have.
func (s *scan) leastWords(n, given int, led bool) int {
	switch {
	case n == given && led:
		return 1
	case n == given && len(s.request.Known.Phones) > 0:
		return leastWords - 1
	case n == given || given < 0 && !led:
		return leastWords
	case given < 0:
		return 1
	}
	return leastWordsOther
}

// spokenStage finds what is said in words. It reads the text once for each
// language that it could be in and never mixes two in one number.
func spokenStage(s *scan) {
	w := &s.spoken
	if w.reader == nil {
		w.reader = spoken.NewReader(s.detector.spoken.lexicon)
	}
	w.tokens, w.taken, w.noted = w.tokens[:0], w.taken[:0], w.noted[:0]
	s.known.lexed = false
	for _, t := range s.words() {
		w.tokens = append(w.tokens, spoken.Token{Start: t.start, End: t.end, Kind: spoken.Kind(t.kind), Fold: t.fold})
	}
	counts := w.reader.Look(w.tokens)
	given := s.detector.spoken.lexicon.Language(s.request.Language)
	led := s.ledTo(given, &counts)
	known := w.reader.Known()
	named := 0
	if given >= 0 {
		named = counts[given] + known[given]
	}
	for {
		best, most := -1, 0
		for n, count := range counts {
			weight := count + known[n]
			least := s.leastWords(n, given, led)
			if led && weight > named {
				least = 1 // few words answer, and more of them are of this language
			}
			if n == given {
				weight += namedWeight
			}
			if count >= least && weight > most {
				best, most = n, weight
			}
		}
		if best < 0 {
			break
		}
		counts[best] = 0
		s.spokenIn(best, &counts)
	}
	w.reader.Forget()
	clear(w.tokens)
}

// ledTo tells whether something stands in the text, or was asked, that a few
// words or one alone can answer.
func (s *scan) ledTo(given int, counts *[spoken.Languages]int) bool {
	w := &s.spoken
	w.asked = s.spokenAsked()
	marks := w.reader.Marks() | w.asked
	if marks&(cueBirth|cueExpiry) != 0 {
		dated := w.reader.Dated()
		for n := range counts {
			counts[n] = max(counts[n], int(dated>>n&1))
		}
		if given >= 0 && dated>>given&1 == 0 {
			for n := range counts { // the language that was named is not the one that is spoken
				counts[n] = max(counts[n], leastWordsOther*int(dated>>n&1))
			}
		}
	}
	return marks != 0 || len(s.request.Known.Addresses) > 0 || s.streetInOne(counts)
}

// spokenIn judges the runs of one language. A place that another language
// explained before is left alone, and what it explains speaks for no other
// language any more.
func (s *scan) spokenIn(language int, counts *[spoken.Languages]int) {
	address, others := false, s.spoken.taken
	runs := s.spoken.reader.Read(language)
	s.spokenDates(language)
	s.spokenAddresses(language)
	s.knownHouses()
	slices.SortFunc(s.spoken.noted, func(a, b stretch) int { return a.end - b.end })
	for i := range runs {
		r := &runs[i]
		if !free(others, r.Start, r.End) {
			continue
		}
		before := len(s.found)
		if !r.Mail && s.isNoted(r.Start, r.End) {
			continue
		}
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
	if s.bookingCue(r.First) {
		about.put(aboutBooking)
	}
	before := len(s.found)
	if r.Letters == 0 && r.Digits >= 3 && r.Digits <= 4 && s.securityCode(r.First) {
		s.say(r, 0, len(r.Text), CVV, 0.8, rankStrong, "spoken digits beside words of a card's code")
		return
	}
	if n := s.postCode(r.Text); n > 0 && (s.spoken.asked&cuePostCode != 0 || s.cueBefore(r.First, 8, cuePostCode)) {
		s.say(r, 0, n, PostCode, 0.8, rankStrong, "spoken letters and digits beside words of a post code")
		return
	}
	if s.ordinary(r, &about) {
		return
	}
	if total >= 5 && !s.calls(r, &about) {
		s.classified(r)
	}
	if len(s.found) == before && s.paper(r, &about) {
		return
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

// calls tells whether digits are so plainly a phone number that what else has
// their form, and a check digit that agrees by chance, is not asked for.
func (s *scan) calls(r *spoken.Run, about *topicSet) bool {
	if r.Letters > 0 {
		return false
	}
	if r.Extension > 0 || r.Text[0] == '+' {
		return true
	}
	for _, other := range [...]topic{aboutCard, aboutBank, aboutTax, aboutSocial, aboutIdentity, aboutPassport, aboutHealth, aboutCompany, aboutLoyalty, aboutBooking} {
		if about.has(other) {
			return false
		}
	}
	for _, e := range s.request.Expect {
		if e != Phone {
			return false
		}
	}
	n := len(r.Text)
	asked := s.expects(Phone) || about.has(aboutPhone)
	return n >= 7 && n <= 15 && (asked || r.Text[0] == '0' && n >= 9 && n <= 12 && !s.typed)
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
