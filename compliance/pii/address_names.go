package pii

import (
	"slices"
	"strings"
)

// Words that addresses without a street begin or end with.
const (
	// dwellingHeads stand before a place's name: "lieu-dit Les Charmes".
	dwellingHeads = `lieudit lieu hameau résidence residence clos domaine mas bastide località localita loc frazione fraz contrada cascina podere tenuta urbanización urbanizacion urb cortijo masía finca caserío
barriada haus gut gutshof hofgut forsthaus huize hoeve landgoed osiedle os dworek leśniczówka`
	// dwellingTails stand behind it: "Rose Cottage".
	dwellingTails = `cottage cottages farm farmhouse rectory vicarage barn lodge manor grange house villa mill croft bungalow court towers priory forge`
)

// Bounds of what stands between the parts of an address, in tokens.
const (
	placeReach = 6  // of a place's name
	addressCue = 8  // before it
	widest     = 14 // before a street that a house's name belongs to
	mostWide   = 64 // findings of a text in which addresses are widened
	wide       = 1  // the weight of an address that was
)

// placeAt takes the place that the word at token i begins, such as "lieu-dit":
// where somebody tells an address, or a house number or a post code is behind.
func (s *scan) placeAt(i int) {
	at := i + 1
	if s.tokens[i].fold == "lieu" {
		if at < len(s.tokens) && s.tokens[at].fold == "-" {
			at++
		}
		if at >= len(s.tokens) || s.tokens[at].fold != "dit" {
			return
		}
		at++
	} else if at < len(s.tokens) && s.tokens[at].fold == "." {
		at++
	}
	end, named := at, false
	for n := 0; end < len(s.tokens) && n < placeReach; n++ {
		t := &s.tokens[end]
		switch l := s.lexeme(end); {
		case t.fold == "-" || t.fold == "'":
		case t.kind != word || !named && houseUnits[t.fold]:
			n = placeReach
			continue
		case streetOf([]byte(t.fold))&isSmall != 0 || l != nil && l.flags&isParticle != 0:
		case s.known.cased && s.capital(end), !s.known.cased && (l == nil || l.flags&isPlain == 0):
			named = true
			at = end + 1
		default:
			n = placeReach
			continue
		}
		end++
	}
	if !named {
		return
	}
	last, numbered := s.unitBehindPlace(at - 1)
	stop := s.tokens[last].end
	if town, _ := townBehind(s.text, stop, s.addressTold(i)); town > stop {
		stop, numbered = town, numbered || strings.ContainsAny(s.text[stop:town], "0123456789")
	}
	if numbered || s.addressTold(i) {
		s.add(finding{kind: Address, start: s.tokens[i].start, end: stop, score: 0.86, source: FromContext, rank: rankStrong, weight: wide, reason: "the name of a place where people live"})
	}
}

// unitBehindPlace takes in the house's number behind a place's name: " 3", ",
// casa 14", " s/n".
func (s *scan) unitBehindPlace(last int) (to int, numbered bool) {
	i := last + 1
	if i < len(s.tokens) && s.tokens[i].fold == "," {
		i++
	}
	if i+2 < len(s.tokens) && s.tokens[i].fold == "s" && s.tokens[i+1].fold == "/" && s.tokens[i+2].fold == "n" {
		return i + 2, true
	}
	if i < len(s.tokens) && houseUnits[s.tokens[i].fold] {
		i++
	}
	if i >= len(s.tokens) {
		return last, false
	}
	if t := &s.tokens[i]; t.kind == number && t.end-t.start <= longHouse {
		return i, true
	}
	if t := &s.tokens[i]; i > last+1 && houseUnits[s.tokens[i-1].fold] && t.kind == word && len(t.fold) == 1 {
		return s.unitBehindPlace(i)
	}
	return last, false
}

// houseUnits are the parts of a place that have numbers.
var houseUnits = streetWords("casa chalet parcela portal bloque bâtiment bat villa maison lot interno scala haus nummer nr nº número numero número n no numer dom blok huisnummer house unit flat apartment apt appartement appt wohnung suite studio")

// addressTold tells whether words before token i say that an address follows, or
// whether it was asked for.
func (s *scan) addressTold(i int) bool {
	return s.expects(Address) || s.spoken.reader != nil && s.ledBy(i, addressCue, cueAddress) >= 0
}

// houseNamed takes a house's name that ends with token i, such as "Cottage", and
// the places behind it, where somebody tells an address.
func (s *scan) houseNamed(i int) {
	if !s.known.cased || !s.capital(i) {
		return
	}
	first := i
	for first > 0 && i-first < placeReach && s.tokens[first-1].kind == word && s.capital(first-1) && !s.leadsIn(first-1) {
		first--
	}
	if first == i || !s.addressTold(first) {
		return
	}
	last := i
	stop := s.tokens[last].end
	for last+2 < len(s.tokens) && s.tokens[last+1].fold == "," && s.capital(last+2) {
		at := last + 2
		if code := postCodeAt(s.text, s.tokens[at].start); code > 0 {
			stop = code
			break
		}
		for at < len(s.tokens) && at < last+2+placeReach && s.tokens[at].kind == word && s.capital(at) {
			at++
		}
		last = at - 1
		stop = s.tokens[last].end
	}
	s.add(finding{kind: Address, start: s.tokens[first].start, end: stop, score: 0.86, source: FromContext, rank: rankStrong, weight: wide, reason: "the name of a house where an address is told"})
}

// leadsIn tells whether token i leads to an address and is no part of it.
func (s *scan) leadsIn(i int) bool {
	return s.marksAt(i)&cueAddress != 0 || leadsAddress[s.tokens[i].fold] && s.opens(i)
}

// datedStreet takes a street that is called after a day, by its first word at
// token i: "Straße des 17. Juni 135", "12 rue du 8 mai 1945", "via 4 novembre 3".
func (s *scan) datedStreet(i int) {
	at := i + 1
	for at < len(s.tokens) && at < i+4 && (s.tokens[at].fold == "'" || s.tokens[at].fold == "." || streetOf([]byte(s.tokens[at].fold))&isSmall != 0) {
		at++
	}
	if at >= len(s.tokens) || s.tokens[at].kind != number || s.tokens[at].end-s.tokens[at].start > 2 {
		return
	}
	for at++; at < len(s.tokens) && (s.tokens[at].fold == "." || s.tokens[at].fold == "de"); at++ {
	}
	if at >= len(s.tokens) || s.tokens[at].kind != word {
		return
	}
	var buf [longestWord]byte
	if months[string(plainWord(buf[:0], s.tokens[at].fold))] == 0 {
		return
	}
	last, year := at, at+1
	if year < len(s.tokens) && s.tokens[year].fold == "de" {
		year++
	}
	if year < len(s.tokens) && s.tokens[year].kind == number && isYear(s.tokens[year].fold) {
		last = year
	}
	end, numbered := s.unitBehindPlace(last)
	first := i
	for k := i - 1; k >= 0 && k >= i-2; k-- {
		if s.tokens[k].kind == number && s.tokens[k].end-s.tokens[k].start <= longHouse {
			first, numbered = k, true
		}
	}
	if !numbered && !s.addressTold(i) {
		return
	}
	stop := houseEnd(s.text, s.tokens[end].end)
	if town, _ := townBehind(s.text, stop, true); town > stop {
		stop = town
	}
	s.add(finding{kind: Address, start: s.tokens[first].start, end: stop, score: 0.85, source: FromPattern, rank: rankStrong, weight: wide, reason: "a street that is called after a day"})
}

// widenAddresses takes in what stands before a street or a post code, parted by
// commas: the name of a house, the flat, the street without a number. What shares
// a part with such an address becomes one with it.
func (s *scan) widenAddresses() {
	if len(s.found) > mostWide {
		return
	}
	for f := range s.found {
		if a := &s.found[f]; s.wideable(a) && s.known.cased {
			s.widen(a)
		}
	}
	for f := range s.found {
		for g := range s.found[:f] {
			a, b := &s.found[f], &s.found[g]
			if s.wideable(a) && s.wideable(b) && (a.weight == wide || b.weight == wide) && a.start < b.end && b.start < a.end {
				a.start, a.end = min(a.start, b.start), max(a.end, b.end)
				b.start, b.end = a.start, a.end
			}
		}
	}
}

func (s *scan) wideable(f *finding) bool {
	return f.kind == Address && f.source != FromKnown && f.source != FromExpectation
}

func (s *scan) widen(a *finding) {
	at, _ := slices.BinarySearchFunc(s.tokens, a.start, func(t token, start int) int { return t.start - start })
	first, housed, parted := at, false, at < len(s.tokens) && s.tokens[at].kind == number && postCodeAt(s.text, a.start) > 0
	parted = parted || at > 0 && at < len(s.tokens) && s.tokens[at].kind == number && houseUnits[s.tokens[at-1].fold] // "Unit 7, Castle Park"
	place := true                                                                                                     // a word of places stands between this one and the next comma
	for k := at - 1; k >= max(0, at-widest); k-- {
		t := &s.tokens[k]
		switch {
		case t.fold == ",":
			parted, place = true, false
		case t.fold == "-" || t.fold == "'":
		case t.kind == number && k > 0 && houseUnits[s.tokens[k-1].fold]:
			k--
			first, housed = k, true
		case t.kind != word || s.named(k) || s.leadsIn(k):
			k = 0
		case s.ofPlace(k):
			first, housed, place = k, true, true
		case s.capital(k) && !s.daily(k):
			if place {
				first = k
			}
		case len(t.fold) > 1 && streetOf([]byte(t.fold))&isSmall == 0:
			k = 0
		}
	}
	if first < at && first > 0 && s.capital(first-1) && streetOf([]byte(s.tokens[first-1].fold))&isSmall != 0 {
		first-- // "Le Clos"
	}
	if parted && housed && first < at {
		a.start = s.tokens[first].start
		a.rank, a.weight = rankStrong, wide
	}
}

// ofPlace tells whether token i is a word of houses and streets.
func (s *scan) ofPlace(i int) bool {
	if l := s.lexeme(i); houseUnits[s.tokens[i].fold] || l != nil && l.flags&(isDwelling|isHouse) != 0 {
		return true
	}
	var buf [longestWord]byte
	plain := plainWord(buf[:0], s.tokens[i].fold)
	is := streetOf(plain)
	return is&(startsStreet|frenchStreet|englishStreet) != 0 || streetEnding(plain, is)
}

// daily tells whether token i is a word of daily talk.
func (s *scan) daily(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&(isPlain|isFiller|isTitle|isKin) != 0 && l.flags&isStreet == 0 && !streetNames[s.tokens[i].fold]
}

// named tells whether token i lies in a person's name or a number that was
// found. The name of a house may look like a person's.
func (s *scan) named(i int) bool {
	t := &s.tokens[i]
	for f := range s.found {
		g := &s.found[f]
		if g.start >= t.end || t.start >= g.end || g.kind == Address || g.kind == Location || g.kind == PostCode {
			continue
		}
		if last := s.text[g.start:g.end]; g.kind == Person && g.source != FromKnown && tailed(last) {
			continue
		}
		if g.rank >= rankContext {
			return true
		}
	}
	return false
}

// tailed tells whether a text ends as the names of houses do.
func tailed(text string) bool {
	last := strings.ToLower(text[strings.LastIndexByte(text, ' ')+1:])
	return strings.Contains(" "+dwellingTails+" ", " "+last+" ")
}
