package pii

import (
	"strings"
)

const spelledReason = "a name that was spelled"

// maxNames bounds how many introduced names of one text are looked for again.
const maxNames = 8

// introductions finds names that the call does not know yet, by what stands
// beside them, and remarks on health.
func (s *scan) introductions() {
	tokens := s.words()
	s.known.cased = s.isCased()
	if s.expects(Person) {
		s.answer()
	}
	s.opening()
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != word {
			continue
		}
		if tokens[i].end-tokens[i].start == 1 {
			s.spelledAgain(i)
		}
		l := s.lexeme(i)
		if l == nil {
			continue
		}
		if l.flags&(isBankCode|isPlateWord|isDwelling|isHouse|isStreet) != 0 {
			s.placeOrCode(i, l)
		}
		if len(l.health) > 0 {
			s.healthAt(i, l)
		}
		if len(l.cues) > 0 {
			s.cueAt(i, l)
		}
		if len(s.tokens[i].fold) <= 4 {
			s.besideMe(i)
		}
		if l.flags&isBooked != 0 {
			s.bookedUnder(i)
		}
		if l.flags&isTitle != 0 {
			s.titleAt(i)
		} else if s.kin(i) {
			s.kinAt(i)
		}
		if l.flags&isGiven != 0 && s.known.cased && s.capital(i) {
			s.givenAt(i)
		}
		for _, rest := range l.after {
			if s.follows(i+1, rest) {
				s.nameBefore(i, len(rest) > 0)
				break
			}
		}
	}
}

// placeOrCode looks for what the word at token i names: a place or a code.
func (s *scan) placeOrCode(i int, l *lexeme) {
	switch {
	case l.flags&(isBankCode|isPlateWord) != 0:
		s.codeAfter(i, l)
	case l.flags&isDwelling != 0:
		s.placeAt(i)
	case l.flags&isHouse != 0:
		s.houseNamed(i)
	}
	if l.flags&isStreet != 0 {
		s.datedStreet(i)
	}
}

// cueAt takes the longest introduction that begins at token i.
func (s *scan) cueAt(i int, l *lexeme) {
	best := -1
	for c := range l.cues {
		if (best < 0 || len(l.cues[c].rest) > len(l.cues[best].rest)) && s.follows(i+1, l.cues[c].rest) &&
			(l.cues[c].kind != phoneCue || s.onlyFillers(i)) {
			best = c
		}
	}
	if best < 0 {
		return
	}
	c := l.cues[best]
	s.nameAfter(i+1+len(c.rest), c.kind)
}

// onlyFillers tells whether nothing of weight was said in the sentence before
// token i.
func (s *scan) onlyFillers(i int) bool {
	for from := i - 20; i > max(from, 0); {
		i--
		t := &s.tokens[i]
		if t.kind == punct {
			return true
		}
		l := s.lexeme(i)
		if l == nil || l.flags&(isFiller|isTitle) == 0 {
			return false
		}
	}
	return true
}

// skip goes over what can stand between an introduction and the name.
func (s *scan) skip(i int) int {
	for n := 0; i < len(s.tokens) && n < 5; n++ {
		t := &s.tokens[i]
		l := s.lexeme(i)
		switch {
		case t.kind == punct && strings.Contains(",:.\"", t.fold):
		case l != nil && l.flags&isTitle != 0:
		case l != nil && l.flags&isFiller != 0:
		default:
			return i
		}
		i++
	}
	return i
}

// givenAt takes a first name with a last name behind it.
func (s *scan) givenAt(i int) {
	if i > 0 && s.tokens[i-1].kind == word {
		if l := s.lexeme(i - 1); l != nil && l.flags&isStreet != 0 {
			return
		}
	}
	end, parts, _, capitals := s.takeName(i)
	if parts < 2 || capitals != parts || s.ofDwelling(end-1) || s.placeBehind(end) || s.placeBehind(i+1) || s.namesThing(i, end) {
		return
	}
	s.person(i, end, 0.7, "a first name with a name behind it", FromPattern)
	if place, letters := s.spelledSoon(end); letters >= 3 {
		s.person(place.start, place.end, 0.8, spelledReason, FromCue)
	}
}

// ofDwelling tells whether token i is the last word of a house's name: "Rowan
// Cottage".
func (s *scan) ofDwelling(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&isHouse != 0 && l.flags&isGiven == 0
}

// person notes a name, and keeps it to look for it elsewhere in the text.
func (s *scan) person(from, to int, score float64, reason string, source Source) {
	start, end := s.tokens[from].start, s.tokens[to-1].end
	s.add(finding{kind: Person, start: start, end: end, score: score, source: source, rank: rankContext, reason: reason})
	if len(s.known.names) < maxNames && score > 0.7 && reason != spelledReason {
		s.known.names = append(s.known.names, s.text[start:end])
	}
}
