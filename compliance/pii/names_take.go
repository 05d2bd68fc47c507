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
	for i := at; i < len(s.tokens) && parts < most; i++ {
		t := &s.tokens[i]
		if t.kind != word {
			if s.hyphen(i) || t.fold == "." && i > at && s.tokens[i-1].end-s.tokens[i-1].start == 1 && s.capital(i-1) {
				continue
			}
			return
		}
		l := s.lexeme(i)
		capital := s.known.cased && s.capital(i)
		if parts > 0 && capitals == 0 {
			if next := s.initialTold(i, given); next > i {
				i = next - 1
				continue
			}
		}
		if l != nil && l.flags&isParticle != 0 && s.leads(i, l, parts > 0 || i > at) {
			continue
		}
		if s.elided(i) {
			continue
		}
		if parts > 1 && !s.known.cased && !s.thirdPart(i) {
			return
		}
		if parts > 0 && capitals > 0 && !capital || !s.mayBeName(i, l, capital, parts > 0) && !(capital && s.bound(i)) {
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

// leads tells whether the particle at token i is a part of a name: within one,
// or before it where capitals say so ("de Wit", "Lo Presti"). An article before
// a word is none.
func (s *scan) leads(i int, l *lexeme, within bool) bool {
	fold := s.tokens[i].fold
	if len(fold) == 1 && !(i+1 < len(s.tokens) && s.tokens[i+1].fold == "'") && (!s.known.cased || within && i+1 < len(s.tokens) && s.isGiven(i+1)) {
		return false // "jestem halina i", "Anselmo Curiel y Maite Curiel": it is "and" there
	}
	if within && i+1 < len(s.tokens) && (fromWords[fold] && bigTowns[s.tokens[i+1].fold]) {
		return false // "clelia da bergamo"
	}
	if !within && l.flags&isPlain != 0 {
		if !s.known.cased || !(leading[fold] || s.capital(i) && !s.opens(i)) {
			return false
		}
		return s.particleHolds(i)
	}
	if fold == "lo" && !s.known.cased {
		return false
	}
	return s.particleHolds(i)
}

// fromWords tell with a town behind where somebody comes from, bigTowns are towns
// that callers say so.
var (
	fromWords = nameSet("de da di van von d du")
	bigTowns  = nameSet(`london manchester birmingham leeds glasgow edinburgh bristol liverpool sheffield newcastle cardiff belfast dublin cork galway berlin hamburg münchen köln frankfurt stuttgart düsseldorf dortmund essen leipzig bremen dresden
hannover nürnberg duisburg bochum wuppertal bielefeld bonn münster karlsruhe mannheim augsburg wiesbaden freiburg mainz kiel rostock kassel wien graz linz salzburg innsbruck zürich basel bern genf luzern lausanne genève
paris marseille lyon toulouse nice nantes strasbourg montpellier bordeaux lille rennes reims toulon grenoble dijon angers nîmes brest limoges tours amiens metz besançon orléans rouen caen nancy bruxelles liège namur charleroi mons
madrid barcelona valencia sevilla zaragoza málaga murcia palma bilbao alicante córdoba valladolid vigo gijón granada vitoria elche oviedo badalona cartagena pamplona almería santander burgos salamanca albacete logroño badajoz huelva lisboa porto
roma milano napoli torino palermo genova bologna firenze bari catania venezia verona messina padova trieste brescia parma prato modena taranto reggio bergamo perugia livorno cagliari foggia rimini salerno ferrara sassari latina monza siracusa pescara trento lecce udine como
amsterdam rotterdam utrecht eindhoven groningen tilburg almere breda nijmegen arnhem haarlem enschede apeldoorn zwolle maastricht leiden dordrecht antwerpen gent brugge leuven mechelen hasselt kortrijk oostende
warszawy krakowa łodzi wrocławia poznania gdańska szczecina lublina katowic białegostoku gdyni torunia kielc rzeszowa praga prag wenen brussel parijs londen londres londra`)
)

// leading are the particles that are small words too and still begin a name.
var leading = nameSet("de van von di da del el al le ter ten te du ap")

// binding are particles behind which a word with a capital is a name, whatever
// else it means.
var binding = nameSet("van ter ten te le el al lo ap mac fitz")

// bound tells whether the word at token i stands behind such a particle.
func (s *scan) bound(i int) bool {
	return i > 0 && s.tokens[i-1].kind == word && binding[s.tokens[i-1].fold] && !s.placeBehind(i)
}

// elided tells whether token i is what an apostrophe leaves of a particle
// before a name: "D'Angelo", "O'Neill", "dell'Orto".
func (s *scan) elided(i int) bool {
	if i+2 >= len(s.tokens) || !s.hyphen(i+1) || s.tokens[i+1].fold != "'" {
		return false
	}
	switch s.tokens[i].fold {
	case "d", "o", "l", "m", "n", "dell", "dall", "degl", "sant", "t", "ó":
	default:
		return false
	}
	l := s.lexeme(i + 2)
	if s.known.cased && !s.capital(i+2) {
		return false
	}
	return s.mayBeName(i+2, l, s.known.cased && s.capital(i+2), false)
}

// initialTold reads an initial in a text without capitals, with a part of the
// name behind it, and gives the token behind: "claire m jones", "claire the
// letter m jones". A letter alone needs a first name before it.
func (s *scan) initialTold(i int, given bool) int {
	at := i
	if len(s.tokens[i].fold) > 3 {
		return i
	}
	if i+2 < len(s.tokens) && articled[s.tokens[i].fold] && letterNames[s.tokens[i+1].fold] {
		at, given = i+2, true
	}
	if t := &s.tokens[at]; t.kind != word || len(t.fold) != 1 || !given || at == i && strings.Contains("aeiouyswz", t.fold) {
		return i
	}
	if at+1 >= len(s.tokens) || s.tokens[at+1].kind != word || len(s.tokens[at+1].fold) < 3 || !s.mayBeName(at+1, s.lexeme(at+1), false, true) {
		return i
	}
	return at + 1
}

var letterNames = nameSet("letter initial buchstabe lettre letra lettera litera")

// thirdPart tells whether the third word of a text without capitals is a part
// of a name: behind a particle, or last of what was said.
func (s *scan) thirdPart(i int) bool {
	if l := s.lexeme(i); l != nil && l.flags&isGiven == 0 {
		return false
	}
	if p := s.lexeme(i - 1); p != nil && p.flags&isParticle != 0 {
		return true
	}
	if i+1 >= len(s.tokens) || s.tokens[i+1].kind != word || s.speaks(i+1) {
		return true
	}
	next := s.lexeme(i + 1)
	return next != nil && next.flags&isParticle != 0 && s.particleHolds(i+1)
}

// firstCovered gives the first covered place from at on. Of a name whose last
// part the call knows, as another's perhaps, what stands before is a name still;
// what stands behind a known name may be any word.
func (s *scan) firstCovered(at int) int {
	for !s.isCovered(at) {
		at++
	}
	return at
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
	if l.flags&isKin != 0 && l.flags&isGiven == 0 && !capital && s.tokens[i-min(i, 1)].fold != "'" {
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
		if i < len(s.tokens) && (s.tokens[i].fold == "'" || s.tokens[i].fold == "-" && s.hyphen(i)) {
			i++
		}
		if i >= len(s.tokens) || s.tokens[i].kind != word {
			return false
		}
		l := s.lexeme(i)
		if l == nil || l.flags&isParticle == 0 {
			return (!s.known.cased || s.capital(i)) && (s.mayBeName(i, l, s.capital(i), false) || s.known.cased && s.bound(i))
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
	l := s.lexeme(i)
	return l != nil && l.flags&(isPlain|isFiller) != 0
}

// placeBehind tells whether the word at token i makes a place of what stands
// before it.
func (s *scan) placeBehind(i int) bool {
	if i >= len(s.tokens) || s.tokens[i].kind != word {
		return false
	}
	l := s.lexeme(i)
	return l != nil && l.flags&isStreet != 0
}
