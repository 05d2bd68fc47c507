package pii

import "unicode/utf8"

// maxLetters bounds a spelled name, and the work on a text that is all letters.
const maxLetters = 48

// spelledSoon looks for letters a few words behind a name: "Wyss, that is W Y
// double S".
func (s *scan) spelledSoon(at int) (stretch, int) {
	for i := at; i < len(s.tokens) && i < at+4; i++ {
		if s.tokens[i].kind != word {
			continue
		}
		if end, letters := s.spelled(i); letters >= 3 {
			return stretch{i, end}, letters
		}
		if l := s.lexeme(i); l == nil || l.flags&isPlain == 0 {
			break
		}
	}
	return stretch{}, 0
}

// letterTold tells whether what stands at token i tells a letter of the word
// before: "with a K", "mit e i", ", B as in bravo".
func (s *scan) letterTold(i int) bool {
	single := func(k int) bool {
		return k < len(s.tokens) && s.tokens[k].kind == word && utf8.RuneCountInString(s.tokens[k].fold) == 1
	}
	if i < len(s.tokens) && s.tokens[i].fold == "," {
		at := i + 3
		if at < len(s.tokens) && s.tokens[at].fold == "in" { // "as in"
			at++
		}
		return single(i+1) && s.speller(i+2) && at < len(s.tokens) && s.letterly(at)
	}
	if i >= len(s.tokens) || !withWords[s.tokens[i].fold] {
		return false
	}
	i++
	if i+1 < len(s.tokens) && (oneWords[s.tokens[i].fold] || doubling(s.tokens[i].fold)) && (single(i+1) || s.tokens[i+1].fold == "ij") {
		return true
	}
	return single(i) && single(i+1) || single(i) && !oneWords[s.tokens[i].fold] && s.ends(i+1)
}

func (s *scan) letterly(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&(isLetterly|isGiven) != 0
}

var (
	withWords = nameSet("with mit avec con met przez without ohne sans senza sin zonder")
	oneWords  = nameSet("a an un une una la el een ein einem eine")
)

// spelled gives where a run of letters from token i on ends, and how many they
// are. A letter may be its own name or a word that stands for it.
func (s *scan) spelled(i int) (end, letters int) {
	end = i
	for i < len(s.tokens) && letters < maxLetters {
		t := &s.tokens[i]
		if t.kind == punct && (t.fold == "," || t.fold == "-" || t.fold == "." && letters > 0) && i > 0 {
			i++
			continue
		}
		next, ok := s.letter(i)
		if !ok {
			break
		}
		if doubling(t.fold) {
			i = next
			continue
		}
		letters++
		i, end = next, next
	}
	if i < len(s.tokens) && (s.tokens[i].kind == number || notSpelled[s.tokens[i].fold]) {
		return end, 0
	}
	return end, letters
}

// letter reads one letter at token i and gives the token behind it.
func (s *scan) letter(i int) (int, bool) {
	t := &s.tokens[i]
	if t.kind != word || s.clipped(i) {
		return i, false
	}
	l := s.lexeme(i)
	if t.fold == "lange" || t.fold == "korte" || t.fold == "griekse" {
		if i+1 < len(s.tokens) && s.tokens[i+1].fold == "ij" {
			return i + 2, true
		}
		return i, false
	}
	if t.fold == "ll" || t.fold == "rr" || t.fold == "ij" {
		return i + 1, true
	}
	if utf8.RuneCountInString(t.fold) > 1 && (l == nil || l.flags&isLetterly == 0) {
		return i, false
	}
	i++
	if i+1 < len(s.tokens) && s.tokens[i].kind == word && s.tokens[i+1].kind == word {
		switch l := s.lexeme(i); {
		case s.tokens[i].fold == "z" && polishMark[s.tokens[i+1].fold]:
			i += 2
		case l != nil && l.flags&isSpeller != 0 && utf8.RuneCountInString(s.tokens[i+1].fold) > 2:
			i += 2
		}
	}
	return i, true
}

// clipped tells whether token i is what an apostrophe leaves of a word: "that's".
func (s *scan) clipped(i int) bool {
	return i > 1 && s.tokens[i-1].fold == "'" && s.hyphen(i-1) && s.tokens[i].fold == "s"
}

func doubling(word string) bool {
	switch word {
	case "double", "triple", "doppel", "doppelt", "doppia", "doppio", "doble", "dubbele", "dubbel", "podwójne", "podwójna", "deux", "dos":
		return true
	}
	return false
}

// spelledAgain takes letters that spell a word said just before, and the word:
// a word is spelled because it is a name.
func (s *scan) spelledAgain(i int) {
	if i > 0 && s.tokens[i-1].end-s.tokens[i-1].start == 1 && s.tokens[i-1].kind == word && !s.clipped(i-1) {
		return
	}
	end, letters := s.spelled(i)
	if letters < 4 || letters > 24 {
		return
	}
	var said, before [64]byte
	key := said[:0]
	for k := i; k < end; k++ {
		if s.tokens[k].kind == word && len(key) < 32 {
			_, size := utf8.DecodeRuneInString(s.tokens[k].fold)
			key = appendKey(key, s.tokens[k].fold[:size])
		}
	}
	for k := i - 1; k >= 0 && k > i-14; k-- {
		if t := &s.tokens[k]; t.kind == word && len(t.fold) <= 32 && string(appendKey(before[:0], t.fold)) == string(key) {
			s.person(k, k+1, 0.75, "it is spelled behind", FromCue)
			s.person(i, end, 0.75, spelledReason, FromCue)
			return
		}
	}
}

// notSpelled are words behind letters that make no name of them: an e-mail's,
// and numbers.
var notSpelled = nameSet(`at dot underscore dash hyphen arroba punto arobase point chiocciola punt apenstaartje malpa małpa kropka klammeraffe punkt minus moins meno streepje myślnik tiret guion guión trattino bindestrich unterstrich
one two three four five six seven eight nine oh zero ten twenty thirty forty fifty sixty seventy eighty ninety eins zwei zwo drei vier fünf sechs sieben acht neun null zwanzig
un deux trois quatre cinq sept huit neuf zéro uno dos tres cuatro cinco seis siete ocho nueve cero due tre quattro cinque sei sette otto nove zero
een één twee drie vier vijf zes zeven negen nul jeden dwa trzy cztery pięć sześć siedem osiem dziewięć`)

var polishMark = nameSet("ogonkiem kreską kropką kreska")
