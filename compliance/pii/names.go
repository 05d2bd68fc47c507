package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
		if len(l.health) > 0 {
			s.healthAt(i, l)
		}
		if len(l.cues) > 0 {
			s.cueAt(i, l)
		}
		if l.flags&isTitle != 0 {
			s.titleAt(i)
		} else if s.kin(i) {
			s.kinAt(i + 1)
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

// isCased tells whether capitals in the text mean something: a recogniser may
// write all in lower case.
func (s *scan) isCased() bool {
	if s.shouts() {
		return false
	}
	lower := false
	for i := range s.tokens {
		if s.tokens[i].kind != word || s.tokens[i].fold == "i" {
			continue
		}
		if !s.capital(i) {
			lower = true
		} else if i > 0 && lower {
			return true
		}
	}
	return len(s.tokens) > 0 && s.tokens[0].kind == word && s.capital(0)
}

// shouts tells whether the text is all in capitals, several words of it: they
// say nothing then.
func (s *scan) shouts() bool {
	words := 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != word {
			continue
		}
		for _, r := range s.text[t.start:t.end] {
			if unicode.IsLower(r) {
				return false
			}
		}
		if utf8.RuneCountInString(t.fold) > 1 {
			words++
		}
	}
	return words > 1
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

// answer takes a name where the agent asked for one.
func (s *scan) answer() {
	i := s.skip(0)
	if end, letters := s.spelled(i); letters >= 3 {
		s.person(i, end, 0.8, spelledReason, FromExpectation)
		return
	}
	s.nameAfter(i, strongCue)
}

// opening takes a name that is said first of all: with a last name, or spelled
// behind.
func (s *scan) opening() {
	at := s.skip(0)
	end, parts, given, capitals := s.takeName(at)
	if parts == 0 || end < len(s.tokens) && s.tokens[end].kind == word && !s.letterTold(end) || s.placeBehind(end-1) {
		return
	}
	if place, letters := s.spelledSoon(end); letters >= 3 && !s.placeBehind(end) {
		s.person(at, end, 0.75, "it is spelled behind", FromCue)
		s.person(place.start, place.end, 0.75, spelledReason, FromCue)
		return
	}
	if parts < 3 && (given || !s.known.cased || capitals == parts) && s.letterTold(end) {
		s.person(at, end, 0.75, "a letter of it is told behind", FromCue)
		return
	}
	if end < len(s.tokens) && s.tokens[end].fold == "," && parts > 1 && parts < 4 && (given || s.known.cased) && (capitals == parts || !s.known.cased) {
		s.person(at, end, 0.7, "a name is said first", FromPattern)
	}
}

// titleAt takes what stands behind a title.
func (s *scan) titleAt(i int) {
	end := i + 1
	if end < len(s.tokens) && s.tokens[end].fold == "." {
		end++
	}
	if end >= len(s.tokens) || s.tokens[end].kind != word {
		return
	}
	fold := s.tokens[i].fold
	polish := fold != "pan" && strings.HasPrefix(fold, "pa") && len(fold) > 3
	if s.kin(i) {
		s.kinAt(end)
		return
	}
	common := polish || fold == "miss" || fold == "doctor" || fold == "pan" || fold == "pani" || fold == "frau" || fold == "sir" || fold == "don"
	if !s.known.cased && common {
		if l := s.lexeme(end); (l == nil || l.flags&isGiven == 0) && !polishName(s.tokens[end].fold) && (polish || l != nil || !s.announced(i)) {
			return
		}
	} else if s.known.cased && !s.capital(end) && (common || !s.mayBeParticle(end)) {
		return
	}
	s.nameAfter(end, strongCue)
}

func (s *scan) speller(i int) bool {
	if i < 0 {
		return false
	}
	l := s.lexeme(i)
	return l != nil && l.flags&isSpeller != 0
}

func (s *scan) mayBeParticle(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&isParticle != 0
}

// nameAfter takes the name that begins behind an introduction.
func (s *scan) nameAfter(at int, kind cueKind) {
	at = s.skip(at)
	if kind != strongCue && at < len(s.tokens) && at > 0 && s.opens(at) {
		return
	}
	if (kind == weakCue || kind == vagueCue) && at < len(s.tokens) && leading[s.tokens[at].fold] && !s.capital(at) {
		return // where they come from: "soy de Sevilla"
	}
	end, parts, given, capitals := s.takeName(at)
	if kind == strongCue && parts <= 1 {
		if stop, letters := s.spelled(at); letters >= 3 && stop > end {
			s.person(at, stop, 0.8, spelledReason, FromCue)
			return
		}
	}
	if parts == 0 {
		return
	}
	spellEnd, letters := s.spelledSoon(end)
	ok := false
	switch kind {
	case strongCue:
		ok = end > at+1 || utf8.RuneCountInString(s.tokens[at].fold) > 1
	case vagueCue:
		ok = given && (!s.known.cased || capitals == parts) || letters >= 3 && parts <= 2 && !s.speller(at-1) ||
			s.known.cased && parts > 1 && capitals == parts && s.speaks(end)
	default:
		ok = given && (!s.known.cased || capitals > 0 || parts > 1) || s.known.cased && capitals == parts || !s.known.cased && parts == 2 && s.ends(end)
	}
	if !ok || namedAfter[s.tokens[end-1].fold] || s.placeBehind(end) || s.placeBehind(at) || s.placeBehind(end-1) {
		return
	}
	score := 0.85
	if kind != strongCue {
		score = 0.65
	}
	s.person(at, end, score, "an introduction stands before it", FromCue)
	if letters >= 3 {
		s.person(spellEnd.start, spellEnd.end, 0.8, spelledReason, FromCue)
	}
}

// nameBefore takes the name that ends before token i, where a sentence begins
// with it. plainly tells that what follows says that it is a name.
func (s *scan) nameBefore(i int, plainly bool) {
	end := i
	if end > 0 && s.tokens[end-1].fold == "," {
		end--
	}
	at := end
	for at > 0 && end-at < 7 && (s.tokens[at-1].kind == word || s.hyphen(at-1)) {
		at--
	}
	at = s.skip(at)
	if at >= end || !s.onlyFillers(at) {
		return
	}
	stop, parts, given, capitals := s.takeName(at)
	if stop != end || parts == 0 || parts > 4 {
		return
	}
	if given || plainly || s.known.cased && capitals == parts || parts >= 2 ||
		s.tokens[i].fold == "speaking" && !strings.HasSuffix(s.tokens[at].fold, "ly") {
		s.person(at, stop, 0.75, "it is said to be a name behind it", FromCue)
	}
}

// givenAt takes a first name with a last name behind it.
func (s *scan) givenAt(i int) {
	if i > 0 && s.tokens[i-1].kind == word {
		if l := s.lexeme(i - 1); l != nil && l.flags&isStreet != 0 {
			return
		}
	}
	end, parts, _, capitals := s.takeName(i)
	if parts < 2 || capitals != parts || s.placeBehind(end) || s.placeBehind(i+1) || s.namesThing(i, end) {
		return
	}
	s.person(i, end, 0.7, "a first name with a name behind it", FromPattern)
	if place, letters := s.spelledSoon(end); letters >= 3 {
		s.person(place.start, place.end, 0.8, spelledReason, FromCue)
	}
}

// person notes a name, and keeps it to look for it elsewhere in the text.
func (s *scan) person(from, to int, score float64, reason string, source Source) {
	start, end := s.tokens[from].start, s.tokens[to-1].end
	s.add(finding{kind: Person, start: start, end: end, score: score, source: source, rank: rankContext, reason: reason})
	if len(s.known.names) < maxNames && score > 0.7 && reason != spelledReason {
		s.known.names = append(s.known.names, s.text[start:end])
	}
}
