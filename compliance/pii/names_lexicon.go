package pii

import "strings"

// wordFlags tell what a word can be beside a name.
type wordFlags uint16

const (
	isPlain     wordFlags = 1 << iota // no name
	isFiller                          // said before a name
	isTitle                           // Mr and the like
	isParticle                        // within a name
	isStreet                          // makes a place of a name
	isGiven                           // a first name
	isLetterly                        // says a letter
	isSpeller                         // between a letter and its word
	isAmbiguous                       // a name too that much else is
	isKin                             // a relative, a friend, a colleague
	isBankCode                        // says that a bank's code follows
	isPlateWord                       // says that a number plate follows
	isDwelling                        // stands before a place's name, as "lieu-dit" does
	isBooked                          // "booked": says with a preposition before that a name stands between
	isHouse                           // stands behind a house's name, as "Cottage" does
)

// A lexeme is all that is known of a word. cues are the introductions that
// begin with it, the longest first; after are those that follow a name.
type lexeme struct {
	flags  wordFlags
	cues   []cue
	after  [][]string
	health []remark
}

type cue struct {
	rest []string // the words behind the first
	kind cueKind
}

// ambiguousWords are names that stand in every second sentence: they count as
// known names where something beside tells so.
const ambiguousWords = `will may mark rose bell king price hall day page park church hill wood young long short black white brown green gray grey little rich best bill sue frank art grant love field stone rice cook baker summer winter
groß gross klein lang kurz alt neu jung weiß weiss schwarz braun rot grün koch müde bald gut sommer winter montag sonntag herr frei fest roth stark engel stern sauer süß reich
petit grand blanc noir roux brun leroy roy roi bon beau long le la marin blanche fleur rose
blanco moreno rubio bueno calvo delgado sol paz luz rey mar campo flores
bianco rossi neri bruno verde grande piccolo bello leone sala costa
groot klein wit zwart jong bos berg dijk de bruin mooi
mały duży biały czarny wrona zając wilk sowa`

// lexicon knows every word that the search for names looks up. It is made once,
// when the first Detector is.
func newNameLexicon() map[string]*lexeme {
	lexicon := make(map[string]*lexeme, 4096)
	at := func(word string) *lexeme {
		l := lexicon[word]
		if l == nil {
			l = new(lexeme)
			lexicon[word] = l
		}
		return l
	}
	for _, list := range []struct {
		words string
		flags wordFlags
	}{
		{plainWords, isPlain}, {fillers, isFiller | isPlain}, {titles, isTitle}, {particles, isParticle}, {streets, isStreet},
		{givenNames, isGiven}, {moreGivenNames, isGiven}, {rareGivenNames, isGiven}, {letterWords, isLetterly}, {spellers, isSpeller}, {ambiguousWords, isAmbiguous},
		{kinWords, isKin}, {bankCodeWords, isBankCode}, {plateWords, isPlateWord}, {dwellingHeads, isDwelling}, {dwellingTails, isHouse},
		{bookedWords, isBooked},
	} {
		for w := range strings.FieldsSeq(list.words) {
			at(w).flags |= list.flags
		}
	}
	for kind, text := range cueTexts {
		for _, words := range phrases(text) {
			l := at(words[0])
			l.cues = append(l.cues, cue{words[1:], cueKind(kind)})
		}
	}
	for _, words := range phrases(afterTexts) {
		l := at(words[0])
		l.after = append(l.after, words[1:])
	}
	for _, r := range remarks() {
		l := at(r.first)
		l.health = append(l.health, r)
	}
	return lexicon
}

// lexeme gives what is known of the word that token i is. All words are looked up
// once, for much asks for them.
func (s *scan) lexeme(i int) *lexeme {
	if i < 0 || i >= len(s.tokens) {
		return nil // no word stands before the first or behind the last
	}
	w := &s.known
	if !w.lexed {
		w.lexed, w.lexemes = true, w.lexemes[:0]
		for t := range s.tokens {
			var l *lexeme
			if s.tokens[t].kind == word {
				l = s.detector.known.lexicon[s.tokens[t].fold]
			}
			w.lexemes = append(w.lexemes, l)
		}
	}
	return w.lexemes[i]
}

// phrases gives the tokens of the phrases of a list.
func phrases(text string) [][]string {
	var all [][]string
	for phrase := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '|' || r == '\n' }) {
		tokens, _ := tokenize(nil, nil, phrase)
		words := make([]string, 0, len(tokens))
		for _, t := range tokens {
			words = append(words, strings.Clone(t.fold))
		}
		if len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}
