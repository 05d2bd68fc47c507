package evaluation

import (
	"fmt"
	"slices"
	"unicode"
)

// A Detect finds personal data in one turn.
type Detect func(Request) ([]Span, error)

// A Count is how many of a group's truths were found.
type Count struct {
	Found, Total int
}

// Share is the part that was found; one where there was nothing to find.
func (c Count) Share() float64 {
	if c.Total == 0 {
		return 1
	}
	return float64(c.Found) / float64(c.Total)
}

// A Key is a row and a column of the table.
type Key struct {
	Group, Language string
}

// A Result is what a detector did on a set.
type Result struct {
	// Recall counts the truths that were found whole and with their type.
	Recall map[Key]Count
	// ByType counts the same by type instead of by group.
	ByType map[Key]Count
	// Masked counts the letters and digits of personal data that any span covers.
	Masked map[string]Count
	// Names counts the reported names of turns that were names.
	Names map[string]Count
	// Words are the words of all turns, WrongMaskings the runs of words that were
	// masked and are not personal, Overhangs the single words beside a truth that
	// were masked with it, by language.
	Words, WrongMaskings, Overhangs map[string]int
	// InvalidHits are the invalid numbers that were reported with their type, by
	// language; Invalids are all of them, InvalidMasked those masked all the same.
	Invalids, InvalidHits, InvalidMasked map[string]int
	// Misses tell every single fault.
	Misses []Miss
}

// A Miss is one fault, with its words: the set is made up, so they are nobody's.
type Miss struct {
	ID, Kind, Type, Text string
	// Got are the types found at the place, each with its text.
	Got []string
}

// Score runs a detector over a set. It fails where the detector does, or gives
// a span that lies outside its text.
func Score(set Set, detect Detect) (Result, error) {
	r := Result{
		Recall: map[Key]Count{}, ByType: map[Key]Count{}, Masked: map[string]Count{}, Names: map[string]Count{},
		Words: map[string]int{}, WrongMaskings: map[string]int{}, Overhangs: map[string]int{},
		Invalids: map[string]int{}, InvalidHits: map[string]int{}, InvalidMasked: map[string]int{},
	}
	for _, turn := range set.Turns {
		spans, err := run(turn, turn.Request, detect)
		if err != nil {
			return Result{}, err
		}
		s := scored{Turn: turn, spans: spans, covered: cover(turn.Request.Text, spans), result: &r}
		s.truths()
		s.names()
		s.words()
		if err := s.invalids(detect); err != nil {
			return Result{}, err
		}
	}
	return r, nil
}

func run(turn Turn, request Request, detect Detect) ([]Span, error) {
	spans, err := detect(request)
	if err != nil {
		return nil, fmt.Errorf("evaluation: %s: %w", turn.ID, err)
	}
	for _, span := range spans {
		if span.Start < 0 || span.End > len(request.Text) || span.Start >= span.End {
			return nil, fmt.Errorf("evaluation: %s: a span from %d to %d of %d bytes", turn.ID, span.Start, span.End, len(request.Text))
		}
	}
	return spans, nil
}

// scored is a turn with what was found in it.
type scored struct {
	Turn
	spans   []Span
	covered []bool
	result  *Result
}

// cover tells of each byte whether a span covers it.
func cover(text string, spans []Span) []bool {
	covered := make([]bool, len(text))
	for _, span := range spans {
		for i := span.Start; i < span.End; i++ {
			covered[i] = true
		}
	}
	return covered
}

// characters counts the letters and digits of a part of the text, and those of
// them that are covered.
func (s scored) characters(covered []bool, start, end int) Count {
	var c Count
	for i, r := range s.Request.Text[start:end] {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		c.Total++
		if covered[start+i] {
			c.Found++
		}
	}
	return c
}

// truths counts recall and masked characters. A value is found if all of its
// characters are covered, and at least half of them by spans of its type.
func (s scored) truths() {
	language := s.Request.Language
	for _, truth := range s.Truths {
		if truth.Mark != Personal {
			continue
		}
		any := s.characters(s.covered, truth.Start, truth.End)
		typed := s.characters(cover(s.Request.Text, ofType(s.spans, truth.Type)), truth.Start, truth.End)
		found := any.Found == any.Total && typed.Found*2 >= typed.Total
		add(s.result.Recall, Key{group(truth), language}, found)
		add(s.result.ByType, Key{truth.Type, language}, found)
		masked := s.result.Masked[language]
		s.result.Masked[language] = Count{masked.Found + any.Found, masked.Total + any.Total}
		if !found {
			s.miss("missed", truth.Type, truth.Start, truth.End)
		}
	}
}

func ofType(spans []Span, kind string) []Span {
	var same []Span
	for _, span := range spans {
		if family(span.Type) == family(kind) {
			same = append(same, span)
		}
	}
	return same
}

func add[K comparable](counts map[K]Count, key K, found bool) {
	c := counts[key]
	c.Total++
	if found {
		c.Found++
	}
	counts[key] = c
}

// names counts how many reported names are names. Names that the call knew do
// not count, nor does a name inside another datum, such as in an e-mail.
func (s scored) names() {
	for _, span := range ofType(s.spans, "PERSON") {
		var name, other, known bool
		for _, truth := range s.Truths {
			if truth.Start >= span.End || span.Start >= truth.End {
				continue
			}
			overlap := s.characters(s.covered, max(truth.Start, span.Start), min(truth.End, span.End)).Total
			most := overlap*2 >= s.characters(s.covered, span.Start, span.End).Total
			name = name || most && truth.Type == "PERSON"
			known = known || truth.Type == "PERSON" && truth.Way == KnownBefore
			other = other || most && truth.Type != "PERSON"
		}
		if known || other {
			continue
		}
		add(s.result.Names, s.Request.Language, name)
		if !name {
			s.miss("no name", span.Type, span.Start, span.End)
		}
	}
}

// invalids counts the invalid numbers that are reported with their type, in the
// open scan or in one for that type alone.
func (s scored) invalids(detect Detect) error {
	language := s.Request.Language
	for _, truth := range s.Truths {
		if truth.Mark != Invalid {
			continue
		}
		request := s.Request
		request.Entities = []string{truth.Type}
		typed, err := run(s.Turn, request, detect)
		if err != nil {
			return err
		}
		s.result.Invalids[language]++
		hits := ofType(slices.Concat(s.spans, typed), truth.Type)
		if s.characters(cover(s.Request.Text, hits), truth.Start, truth.End).Found > 0 {
			s.result.InvalidHits[language]++
			s.miss("invalid, but typed", truth.Type, truth.Start, truth.End)
		}
		if c := s.characters(s.covered, truth.Start, truth.End); c.Found == c.Total {
			s.result.InvalidMasked[language]++
		}
	}
	return nil
}

func (s scored) miss(kind, typed string, start, end int) {
	m := Miss{ID: s.ID, Kind: kind, Type: typed, Text: s.Request.Text[start:end]}
	for _, span := range s.spans {
		if span.Start < end && start < span.End {
			m.Got = append(m.Got, span.Type+" "+s.Request.Text[span.Start:span.End])
		}
	}
	s.result.Misses = append(s.result.Misses, m)
}
