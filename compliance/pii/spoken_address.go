package pii

// Bounds of a spoken address.
const (
	streetReach = 5 // words of a street's name
	longHouse   = 4 // digits of a house's number
	townReach   = 3 // tokens between a house's number and the post code
)

// spokenAddresses finds streets whose house number is said in words, with the
// post code and the town behind it.
func (s *scan) spokenAddresses(language int) {
	r := s.spoken.reader
	if !s.wants(Address) && !s.wants(PostCode) {
		return
	}
	cues := r.Marks() | s.spoken.asked
	code := s.detector.spoken.lexicon.Code(language)
	if cues&(cueAddress|cueStreet) == 0 && code != "de" && code != "nl" { // these write "Straße" in one word with its name
		return
	}
	loose := cues&cueAddress != 0
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].kind != word || !r.Worded(i) {
			continue
		}
		text, end, last, ok := r.Number(i)
		if !ok || len(text) > longHouse || text[0] == '0' || s.unitBehind(last+1) {
			continue
		}
		start, stop, ok := s.streetAt(i, last, loose, code)
		if !ok {
			i = last
			continue
		}
		if start == i && i > 0 && numberWords[s.tokens[i-1].fold] {
			start--
		}
		stop = max(stop, last)
		stop = s.houseEnd(stop, code)
		stop = s.townAt(stop, code)
		s.note(finding{
			kind: Address, start: s.tokens[s.flatBefore(start)].start, end: max(end, s.tokens[stop].end), score: 0.75, source: FromSpoken, rank: rankStrong,
			reason: "a street and a spoken house number",
		})
		i = stop
	}
}

// streetAt looks for a street's name beside the number from token at to last.
// It gives the first and the last token of both.
func (s *scan) streetAt(at, last int, loose bool, code string) (start, stop int, ok bool) {
	if start, ok = s.streetLeft(at, loose, code); ok {
		return start, last, true
	}
	if stop, ok = s.streetRight(last+1, loose, code); ok {
		return at, stop, true
	}
	if start, ok = s.saidToBe(at); ok {
		return start, last, true
	}
	if start, ok = s.streetByCode(at, last, code); ok {
		return start, last, true
	}
	return 0, 0, false
}

// streetByCode reads a street of any name before the number from token at to
// last: the post code and the town behind tell it, as in "hinter den höfen zwölf
// in zwei eins drei drei fünf lüneburg".
func (s *scan) streetByCode(at, last int, code string) (start int, ok bool) {
	next := last + 1
	if next < len(s.tokens) && (townJoin[s.tokens[next].fold] || s.tokens[next].fold == ",") {
		next++
	}
	if code == "en" || code == "nl" || next >= len(s.tokens) || !s.codeAhead(next, 5) || at == 0 || s.tokens[at-1].kind != word || s.isPlainWord(at-1) && !streetNames[s.tokens[at-1].fold] ||
		houseParts[s.tokens[at-1].fold] || storeys[s.tokens[at-1].fold] || units.has(s.tokens[at-1].fold) || s.marksAt(at-1) != 0 || s.spoken.reader.Worded(at-1) || len(s.tokens[at-1].fold) < 3 {
		return 0, false
	}
	start = at - 1
	for start > 0 && at-start < streetReach && s.tokens[start-1].kind == word &&
		(streetOf([]byte(s.tokens[start-1].fold))&isSmall != 0 || streetPreps[s.tokens[start-1].fold] || placing[s.tokens[start-1].fold] || s.lexeme(start-1) == nil && s.marksAt(start-1) == 0) {
		start--
	}
	for k := at - 2; k > start; k-- {
		if streetPreps[s.tokens[k].fold] {
			return k, true // "an hinter den höfen"
		}
	}
	for start < at-1 && placing[s.tokens[start].fold] && !streetPreps[s.tokens[start].fold] {
		start++
	}
	return start, true
}

// streetLeft reads a street's name that ends before token at.
func (s *scan) streetLeft(at int, loose bool, code string) (start int, ok bool) {
	i := at - 1
	if i >= 0 && s.tokens[i].fold == "," {
		i--
	}
	if i >= 0 && numberWords[s.tokens[i].fold] {
		i--
	}
	for n := 0; i >= 0 && n < streetReach; n++ {
		t := &s.tokens[i]
		if t.kind == punct && (t.fold == "-" || t.fold == "'") && i > 0 {
			i--
			t = &s.tokens[i]
		}
		if t.kind != word {
			return 0, false
		}
		var buf [longestWord]byte
		plain := plainWord(buf[:0], t.fold)
		if n == 0 && streetEnding(plain, streetOf(plain)) {
			return s.streetName(i, plain), true
		}
		if n > 0 && (streetOf(plain)&startsStreet != 0 && (len(plain) > 2 || code == "pl") || s.marksAt(i)&cueStreet != 0 && code == "pl") {
			return i, true
		}
		if !s.streetWord(i, plain, loose) {
			return 0, false
		}
		i--
	}
	return 0, false
}

// streetName takes in the word before "straße" or "laan" that belongs to it.
func (s *scan) streetName(i int, plain []byte) int {
	if streetOf(plain)&aloneStreet == 0 && i > 0 && streetKinds[s.tokens[i-1].fold] {
		return i - 1 // "lange nieuwstraat"
	}
	if streetOf(plain)&aloneStreet == 0 || i == 0 || s.tokens[i-1].kind != word || s.isPlainWord(i-1) && !streetNames[s.tokens[i-1].fold] {
		return i
	}
	switch i--; {
	case i > 0 && beforeNames[s.tokens[i-1].fold]:
		i--
	case i > 1 && (s.tokens[i-2].fold == "an" || s.tokens[i-2].fold == "unter" || s.tokens[i-2].fold == "auf") && streetOf([]byte(s.tokens[i-1].fold))&isSmall != 0:
		i -= 2
	}
	return i
}

// streetWord tells whether token i can be a word of a street's name. Where
// somebody says where he lives, more can.
func (s *scan) streetWord(i int, plain []byte, loose bool) bool {
	switch {
	case streetOf(plain)&isSmall != 0:
		return true
	case s.spoken.reader.Worded(i) && !s.capital(i) && len(plain) > 1:
		return false
	case streetOf(plain)&notStreet != 0 || houseParts[s.tokens[i].fold] || s.marksAt(i)&(cueAddress|cueBirth|cueExpiry|cueCVV) != 0:
		return false
	case units.has(s.tokens[i].fold):
		return false
	}
	return loose || !s.isPlainWord(i) || streetNames[s.tokens[i].fold] || s.capital(i) && i > 0
}

func (s *scan) isPlainWord(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&isPlain != 0
}

// streetRight reads a street's name that begins with token at, behind the
// number.
func (s *scan) streetRight(at int, loose bool, code string) (stop int, ok bool) {
	for n := 0; at < len(s.tokens) && n < streetReach-1; n++ {
		t := &s.tokens[at]
		if t.kind == punct && t.fold == "," && n == 0 {
			at++
			continue
		}
		if t.kind != word {
			return 0, false
		}
		var buf [longestWord]byte
		plain := plainWord(buf[:0], t.fold)
		switch {
		case n == 0 && (t.fold == "bis" || t.fold == "ter" || len(t.fold) == 1):
		case n <= 1 && streetOf(plain)&frenchStreet != 0 && code == "fr":
			return s.frenchStreetEnd(at + 1)
		case n > 0 && streetOf(plain)&englishStreet != 0:
			for at+1 < len(s.tokens) && s.tokens[at+1].kind == word && streetOf([]byte(s.tokens[at+1].fold))&englishStreet != 0 {
				at++ // "park road"
			}
			t = &s.tokens[at]
			return at, loose || !unsureStreet[t.fold] || at+1 >= len(s.tokens) || !s.isPlainWord(at+1)
		case !s.streetWord(at, plain, loose && n < 2) || streetOf(plain)&isSmall != 0 && n == 0:
			return 0, false
		}
		at++
	}
	return 0, false
}

// frenchStreetEnd gives the last token of the name behind "rue".
func (s *scan) frenchStreetEnd(at int) (stop int, ok bool) {
	for words := 0; at < len(s.tokens) && words < 3; at++ {
		t := &s.tokens[at]
		if t.kind == punct && (t.fold == "-" || t.fold == "'") {
			continue
		}
		if t.kind != word {
			break
		}
		var buf [longestWord]byte
		plain := string(plainWord(buf[:0], t.fold))
		if streetOf([]byte(plain))&isSmall != 0 && words == 0 {
			continue
		}
		if words > 0 && (s.isPlainWord(at) && !streetNames[t.fold] || streetOf([]byte(plain))&isSmall != 0 || plain == "a" || plain == "in" || s.spoken.reader.Worded(at)) {
			break
		}
		stop, ok = at, true
		words++
	}
	return stop, ok
}

// saidToBe reads "die Anschrift ist an der alten Mühle drei": all that stands
// between the word and the number, where the word is the next to it.
func (s *scan) saidToBe(at int) (start int, ok bool) {
	cue := s.ledBy(at, streetReach+3, cueAddress)
	start = cue + 1
	if cue < 0 {
		if s.spoken.asked&cueAddress == 0 || at > streetReach+1 {
			return 0, false
		}
		start = 0
	}
	for start < at && (copulas[s.tokens[start].fold] || leadsAddress[s.tokens[start].fold] || s.tokens[start].kind == punct) {
		start++
	}
	if cue >= 0 && lives[s.tokens[cue].fold] {
		for start < at && placing[s.tokens[start].fold] {
			start++
		}
	}
	if at-start < 1 || at-start > streetReach || cue >= 0 && start == cue+1 && !lives[s.tokens[cue].fold] && !placing[s.tokens[start].fold] {
		return 0, false
	}
	for i := start; i < at; i++ {
		if s.tokens[i].kind != word || numberWords[s.tokens[i].fold] && i < at-1 || houseParts[s.tokens[i].fold] || s.spoken.reader.Worded(i) || s.marksAt(i)&(cueBirth|cueExpiry|cueCVV|cuePostCode) != 0 || units.has(s.tokens[i].fold) {
			return 0, false
		}
	}
	return start, true
}

var (
	// numberWords stand between a street and its number.
	numberWords = streetWords("número numero nummer numer nr no n number numéro")
	// beforeNames are the first words of streets such as "Am Alten Markt".
	beforeNames = streetWords("am im zum zur")
	// houseParts have numbers of their own.
	houseParts = streetWords(`table room gate platform floor seat zimmer tisch etage stock gleis chambre quai table étage mesa habitación andén planta tavolo camera stanza binario
		piano kamer tafel spoor verdieping pokój pokoju stolik stoliku peron peronu piętro piętrze line bus linie ligne línea linea lijn linia`)
	// streetNames are words of daily talk that streets are called after.
	streetNames = streetWords(`high main church mill station market new old north south east west king queen park school upper lower great little long short green
		hill river bridge castle first second third lake garden victoria alten neuen hohe lange kurze nieuwe oude grote kleine lange korte mayor nueva nuevo real grande sol
		nuova vecchia stara nowa długa krótka`)
	// streetKinds stand before a street's name to tell it from another.
	streetKinds = streetWords("lange korte oude nieuwe grote kleine hoge lage verlengde eerste tweede derde alte neue obere untere große kleine hintere vordere innere äußere")
	// towns are those that the search for names knows as plain words.
	towns = streetWords("london dublin berlin münchen hamburg wien köln zürich frankfurt paris lyon madrid barcelona roma milano amsterdam warszawa kraków")
	// unsureStreet are streets' words that say much else too.
	unsureStreet = streetWords("close way place court park walk green row square gardens parade drive")
	// leadsAddress stand between "address" and the street.
	leadsAddress = streetWords("is ist lautet est c es è sería wäre sarebbe to jest mein meine my mon il ja yes oui sí sì tak nun well also euh um uh äh")
	// streetPreps begin the names of streets that tell where they lie.
	streetPreps = streetWords("hinter unter vor an auf am im zum zur bei über in")
	placing     = streetWords("in en à at an auf on op na w der die das den dem la le les el the de het przy")
	lives       = streetWords("live lives living wohne wohnen wohnt habite habitons vivo vive vivimos abito abitiamo abita woon wonen woont mieszkam mieszka mieszkamy")
	storeys     = streetWords(`flat apartment apt unit suite stock etage wohnung appartement appart bâtiment escalier étage piso planta puerta escalera primero segundo tercero cuarto quinto derecha izquierda ático bajo
		interno scala piano bus busnummer verdieping mieszkania mieszkanie lokal lokalu m klatka`)
)
