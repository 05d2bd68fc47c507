package pii

import (
	"strings"
	"unicode/utf8"
)

// takeName gives where the name at token i ends, how many parts it has, whether
// the first of them is a first name, and how many begin with a capital.
func (s *scan) takeName(at int) (end, parts int, given bool, capitals int) {
	end = at
	most := 4
	if !s.known.cased {
		most = 2
	}
	for i := at; i < len(s.tokens) && parts < most; i++ {
		t := &s.tokens[i]
		if t.kind != word {
			if s.hyphen(i) || t.fold == "." && i > at && s.tokens[i-1].end-s.tokens[i-1].start == 1 && s.capital(i-1) {
				continue
			}
			return
		}
		l := s.detector.known.lexicon[t.fold]
		capital := s.known.cased && s.capital(i)
		if l != nil && l.flags&isParticle != 0 && (l.flags&isPlain == 0 || parts > 0) && s.particleHolds(i) {
			continue
		}
		if parts > 0 && capitals > 0 && !capital || !s.mayBeName(i, l, capital, parts > 0) {
			return
		}
		if parts == 0 {
			given = l != nil && l.flags&isGiven != 0
		}
		parts++
		if capital {
			capitals++
		}
		end = i + 1
		if i+1 < len(s.tokens) && s.hyphen(i+1) {
			most++
		}
	}
	return
}

// mayBeName tells whether a word can be a part of a name.
func (s *scan) mayBeName(i int, l *lexeme, capital, later bool) bool {
	t := &s.tokens[i]
	single := utf8.RuneCountInString(t.fold) == 1
	if single && !(capital && i+1 < len(s.tokens) && s.tokens[i+1].fold == ".") {
		return l == nil && later && capital
	}
	if l == nil {
		return !ofHouse(t.fold)
	}
	if l.flags&isPlain != 0 {
		return capital && !s.opens(i) && l.flags&(isGiven|isAmbiguous) != 0
	}
	if l.flags&isLetterly != 0 && l.flags&isGiven == 0 && !capital {
		return false
	}
	return l.flags&isTitle == 0 && (l.flags&isParticle == 0 || l.flags&isGiven != 0 || capital)
}

// ofHouse tells whether a word is a room's or a building's.
func ofHouse(word string) bool {
	for _, ending := range [...]string{"suite", "zimmer", "hotel", "straße", "strasse", "platz", "kamer", "straat", "saal"} {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

// particleHolds tells whether a name goes on behind the particle at token i.
func (s *scan) particleHolds(i int) bool {
	for n := 0; n < 3; n++ {
		i++
		if i < len(s.tokens) && s.tokens[i].fold == "'" {
			i++
		}
		if i >= len(s.tokens) || s.tokens[i].kind != word {
			return false
		}
		l := s.detector.known.lexicon[s.tokens[i].fold]
		if l == nil || l.flags&isParticle == 0 {
			return (!s.known.cased || s.capital(i)) && s.mayBeName(i, l, s.capital(i), false)
		}
	}
	return false
}

// hyphen tells whether token i ties two words.
func (s *scan) hyphen(i int) bool {
	t := &s.tokens[i]
	return (t.fold == "-" || t.fold == "'") && i > 0 && i+1 < len(s.tokens) && s.tokens[i+1].kind == word && s.tokens[i-1].kind == word &&
		s.tokens[i-1].end == t.start && s.tokens[i+1].start == t.end
}

// ends tells whether what stands at token i is no part of a name.
func (s *scan) ends(i int) bool {
	if i >= len(s.tokens) || s.tokens[i].kind != word {
		return true
	}
	l := s.detector.known.lexicon[s.tokens[i].fold]
	return l != nil && l.flags&(isPlain|isFiller) != 0
}

// placeBehind tells whether the word at token i makes a place of what stands
// before it.
func (s *scan) placeBehind(i int) bool {
	if i >= len(s.tokens) || s.tokens[i].kind != word {
		return false
	}
	l := s.detector.known.lexicon[s.tokens[i].fold]
	return l != nil && l.flags&isStreet != 0
}
