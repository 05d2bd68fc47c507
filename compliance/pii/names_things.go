package pii

import "strings"

// namesThing tells whether the name from token i on is a thing's: of a room, or
// of a drink that is sold under a person's name.
func (s *scan) namesThing(i, end int) bool {
	if end < len(s.tokens) && namedAfter[s.tokens[end].fold] {
		return true
	}
	return end == i+2 && tradeNames[s.tokens[i].fold] == s.tokens[i+1].fold
}

var (
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
