package pii

import "strings"

// namesThing tells whether the name from token i on is a thing's: of a room, or
// of a drink that is sold under a person's name.
func (s *scan) namesThing(i, end int) bool {
	if end < len(s.tokens) && namedAfter[s.tokens[end].fold] || houseTails[s.tokens[end-1].fold] || s.behindMaker(i) {
		return true
	}
	for k := i + 1; k < end; k++ {
		if romans[s.text[s.tokens[k].start:s.tokens[k].end]] {
			return true // a king's, that a house or a street is called after
		}
	}
	return end == i+2 && tradeNames[s.tokens[i].fold] == s.tokens[i+1].fold
}

// behindMaker tells whether the words with a capital before token i begin with
// that of a house or a car: "Hotel María Cristina", "Alfa Romeo Giulietta".
func (s *scan) behindMaker(i int) bool {
	for k := i - 1; k >= 0 && k >= i-makerReach && s.tokens[k].kind == word && s.capital(k); k-- {
		if makers[s.tokens[k].fold] {
			return true
		}
	}
	return false
}

// makerReach bounds the words between a house's or a car's word and the name.
const makerReach = 3

var (
	// houseTails are the last words of houses that are called after somebody.
	houseTails = nameSet("inn hotel suites tavern sprinter vito benz")
	// makers stand before such a name: houses and cars.
	makers     = nameSet("hotel hôtel parador gasthof gasthaus pensione albergo hostal ristorante restaurante trattoria osteria pizza suite alfa fiat renault peugeot opel skoda škoda citroën toyota volkswagen")
	romans     = map[string]bool{"II": true, "III": true, "IV": true, "VI": true, "VII": true, "VIII": true, "XIV": true, "XVI": true}
	namedAfter = nameSet("room rooms ballroom lounge terminal whisky whiskey bourbon gin champagne wine burger cocktail tea salad theatre theater stadium arena festival zimmer kamer zaal exhibition ausstellung concert konzert musical tour")
	tradeNames = map[string]string{
		"jack": "daniels", "johnnie": "walker", "johnny": "walker", "jim": "beam", "captain": "morgan", "earl": "grey", "tom": "collins",
		"calvin": "klein", "ralph": "lauren", "hugo": "boss", "rolls": "royce", "aston": "martin", "alfa": "romeo", "ben": "sherman",
	}
)

// polishName tells by its ending whether a word is a name.
func polishName(word string) bool {
	for _, ending := range [...]string{"ski", "ska", "skiego", "skiej", "skiemu", "skim", "ską", "cki", "cka", "ckiego", "ckiej", "cką", "wicz", "wicza", "czyk", "czyka"} {
		if strings.HasSuffix(word, ending) && len(word) >= len(ending)+3 {
			return true
		}
	}
	return false
}

// tellsWhy tells whether what stands at token i says why somebody calls, which
// callers say right behind their name: "je vous appelle pour".
func (s *scan) tellsWhy(i int) bool {
	for n := 0; n < 3 && i < len(s.tokens) && s.tokens[i].kind != number; n++ {
		if callVerbs[s.tokens[i].fold] {
			return true
		}
		i++
	}
	return false
}

var callVerbs = nameSet("calling phoning ringing rufe appelle appelais téléphone llamo llamaba llamé chiamo chiamavo bel belde dzwonię dzwoniłem dzwoniłam rang called phoned rief appelle")

// speaks tells whether what stands at token i says that somebody is on the line:
// "speaking", "calling from".
func (s *scan) speaks(i int) bool {
	if i >= len(s.tokens) {
		return false
	}
	l := s.lexeme(i)
	if l == nil {
		return false
	}
	for _, rest := range l.after {
		if s.follows(i+1, rest) {
			return true
		}
	}
	return false
}
