package pii

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// answer takes a name where the agent asked for one.
func (s *scan) answer() {
	i := s.skip(0)
	for n := 0; n < 4 && i < len(s.tokens) && underNames[s.tokens[i].fold]; n++ {
		i++
	}
	if !s.known.cased && i < len(s.tokens) && ofWords[s.tokens[i].fold] && s.isGiven(i+1) {
		i++ // "de remedios carrasco"
	}
	if end, letters := s.spelled(i); letters >= 3 {
		s.person(i, end, 0.8, spelledReason, FromExpectation)
		return
	}
	if l := s.lexeme(i); l != nil && l.flags&isGiven == 0 && slices.ContainsFunc(l.cues, func(c cue) bool { return len(c.rest) > 0 && s.follows(i+1, c.rest) }) {
		return // "ask for Marguerite" is read as an introduction
	}
	if i < len(s.tokens) && s.known.cased && !s.capital(i) && i+1 < len(s.tokens) && s.tokens[i+1].kind == word && !s.mayBeParticle(i) {
		return // "lead guest is Kwame": what was asked for comes with its capital
	}
	s.nameAfter(i, strongCue)
}

// underNames stand before a name that was asked for: "it's under", "auf".
var underNames = nameSet("it ' s is that das ist c est es è to jest het dat auf unter für on under for au sous pour a bajo para per sotto op onder voor na pod dla")

// ofWords stand before a name that was asked for, and within one.
var ofWords = nameSet("de di van von")

// isGiven tells whether token i is a first name, and nothing else.
func (s *scan) isGiven(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&isGiven != 0 && l.flags&(isPlain|isAmbiguous|isTitle|isStreet) == 0
}

// opening takes a name that is said first of all: with a last name, or spelled
// behind.
func (s *scan) opening() {
	at := s.skip(0)
	end, parts, given, capitals := s.takeName(at)
	if s.saidFirst(at, end, parts) && !s.placeBehind(end) {
		s.person(at, end, 0.7, "a name is said first", FromPattern)
		return
	}
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
	if end+1 < len(s.tokens) && s.tokens[end].fold == "," && !s.ofPlace(end+1) && parts > 1 && parts < 4 && (given || s.known.cased) && (capitals == parts || !s.known.cased) {
		s.person(at, end, 0.7, "a name is said first", FromPattern)
	}
}

// titleAt takes what stands behind a title.
func (s *scan) titleAt(i int) {
	if s.kin(i) {
		s.kinAt(i)
		return
	}
	end := i + 1
	if end < len(s.tokens) && s.tokens[end].fold == "." {
		end++
	}
	if end >= len(s.tokens) || s.tokens[end].kind != word {
		return
	}
	fold := s.tokens[i].fold
	polish := fold != "pan" && strings.HasPrefix(fold, "pa") && len(fold) > 3
	common := polish || fold == "heer" || fold == "miss" || fold == "doctor" || fold == "pan" || fold == "pani" || fold == "frau" || fold == "sir" || fold == "don"
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
	if kind == strongCue && parts == 0 && !s.known.cased && !s.titled(at) {
		behind := s.behindParticles(at)
		if end, parts, given, capitals = s.takeName(behind); behind > at && !given && !ofWords[s.tokens[at].fold] && end-behind > 1 {
			parts = 0 // an article: "me llamo la atención"
		}
	}
	if kind == strongCue && parts <= 1 {
		if stop, letters := s.spelled(at); letters >= 3 && stop > end {
			s.person(at, stop, 0.8, spelledReason, FromCue)
			return
		}
	} else if kind == weakCue && parts == 0 {
		if stop, letters := s.spelled(at); letters >= 4 {
			s.person(at, stop, 0.7, spelledReason, FromCue)
			return
		}
	}
	if parts == 0 {
		return
	}
	spellEnd, letters := s.spelledSoon(end)
	ok := false
	if kind != strongCue && parts < 3 && s.letterTold(end) && !s.speller(at-1) {
		kind = strongCue // "it's thompson without a p"
	}
	switch kind {
	case strongCue:
		ok = end > at+1 || utf8.RuneCountInString(s.tokens[at].fold) > 1
	case vagueCue:
		ok = given && (!s.known.cased || capitals == parts) || letters >= 3 && parts <= 2 && !s.speller(at-1) ||
			s.known.cased && parts > 1 && capitals == parts && s.speaks(end) || !s.known.cased && parts == 2 && s.tellsWhy(end)
	default:
		if !given && !s.known.cased && end-at > parts && s.smallBetween(at, end) {
			return // "sono contenta del servizio"
		}
		ok = given && (!s.known.cased || capitals > 0 || parts > 1) || s.known.cased && capitals == parts || !s.known.cased && parts == 2 && s.ends(end)
	}
	ok = ok || parts == 1 && at > 0 && s.tokens[at-1].fold == "na" && polishName(s.tokens[at].fold) || s.greets(at, end, parts) || s.hedged(at, end, parts)
	if !ok || namedAfter[s.tokens[end-1].fold] || s.placeBehind(end) || s.placeBehind(at) || s.placeBehind(end-1) || parts > 1 && s.ofDwelling(end-1) {
		return
	}
	score := 0.85
	if kind != strongCue {
		score = 0.65
	}
	s.person(at, end, score, "an introduction stands before it", FromCue)
	s.alsoNamed(end)
	if letters >= 3 {
		s.person(spellEnd.start, spellEnd.end, 0.8, spelledReason, FromCue)
	}
}

// greets tells whether what is said first of all, behind a word such as "hier",
// is an unknown word with a greeting or a town behind: a name without a capital.
func (s *scan) greets(at, end, parts int) bool {
	if s.known.cased || parts != 1 || at == 0 || end >= len(s.tokens) || !s.onlyFillers(at-1) || s.lexeme(at) != nil || !greetings[s.tokens[end].fold] {
		return false
	}
	name := s.tokens[at].fold
	for _, verb := range [...]string{"ing", "ed", "ly", "t"} {
		if strings.HasSuffix(name, verb) && !strings.HasSuffix(name, "dt") {
			return false
		}
	}
	return len(name) > 4
}

var greetings = nameSet(`guten grüß grüezi hallo servus moin good hello hi bonjour bonsoir buenas buenos buongiorno buonasera goedemorgen goedemiddag goedenavond goedendag dag dzień dobry aus vom from calling ringing mein`)

// hedged tells whether the speaker is not sure of an unknown word: "it's under
// kowalczyk i think".
func (s *scan) hedged(at, end, parts int) bool {
	if s.known.cased || parts != 1 || s.lexeme(end-1) != nil || len(s.tokens[end-1].fold) < 5 || end >= len(s.tokens) {
		return false
	}
	if strings.HasSuffix(s.tokens[end-1].fold, "é") {
		return false // "c'est fermé je crois"
	}
	for _, verb := range [...]string{"er", "ir", "re"} {
		if at > 0 && s.tokens[at-1].fold == "à" && strings.HasSuffix(s.tokens[at].fold, verb) {
			return false // "à confirmer"
		}
	}
	if end+1 < len(s.tokens) && (s.tokens[end].fold == "i" || s.tokens[end].fold == "je" || s.tokens[end].fold == "ik") {
		end++
	}
	return hedges[s.tokens[end].fold]
}

var hedges = nameSet("think believe guess reckon glaube denke crois pense creo credo penso denk geloof chyba")

// smallBetween tells whether a word of daily talk stands inside the name from
// token at to end.
func (s *scan) smallBetween(at, end int) bool {
	for i := at; i < end; i++ {
		if l := s.lexeme(i); l != nil && l.flags&isPlain != 0 {
			return true
		}
	}
	return false
}

// titled tells whether a title stands right before token i.
func (s *scan) titled(i int) bool {
	l := s.lexeme(i - 1)
	return l != nil && l.flags&isTitle != 0
}

// behindParticles passes over particles that are small words too: "in the name
// of de la cruz".
func (s *scan) behindParticles(at int) int {
	for n := 0; n < 3 && s.mayBeParticle(at); n++ {
		at++
	}
	return at
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
