package pii

import "strings"

// codeWords name the code behind them, whatever its case and spaces: a bank's,
// a car's.
const (
	bankCodeWords = `bic swift swiftcode`
	plateWords    = `plate plates registration reg numberplate rego kennzeichen nummernschild autokennzeichen autonummer plaque immatriculation immatriculée immatriculé matrícula matricula placa targa targata kenteken kentekenplaat nummerplaat
rejestracyjny rejestracyjna rejestracyjnym rejestracja rejestracją rejestracji tablica tablice tablicy`
)

// codeReach bounds what stands between such a word and its code, in tokens.
const codeReach = 5

// beforeCodes stand between a word and the code that it names.
var beforeCodes = nameSet(`is it's it s code number no nr the of car my our ist der die das lautet vom auto mein c est es el la del coche mi mio è la della macchina mia is het van de auto mijn to jest moja mój samochodu numer nummer numéro número numero
would be wäre sería sarebbe eh uh um äh euh and und et y e en i for für pour para per voor`)

// codeAfter looks for the code that the word at token i names.
func (s *scan) codeAfter(i int, l *lexeme) {
	at := i + 1
	for n := 0; n < codeReach && at < len(s.tokens); n, at = n+1, at+1 {
		if t := &s.tokens[at]; t.fold != ":" && t.fold != "-" && t.fold != "'" && t.fold != "," && !(t.kind == word && beforeCodes[t.fold]) {
			break
		}
	}
	if at >= len(s.tokens) {
		return
	}
	if l.flags&isBankCode != 0 {
		if end := s.bankCode(at); end > at {
			s.noteCode(BIC, at, end, "the form of a BIC behind its word")
		}
		return
	}
	if end := s.plate(at); end > at && !s.plateFound(s.tokens[at].start, s.tokens[end-1].end) {
		s.noteCode(LicensePlate, at, end, "letters and digits behind a plate's word")
	}
}

func (s *scan) noteCode(kind Type, from, to int, reason string) {
	s.add(finding{kind: kind, start: s.tokens[from].start, end: s.tokens[to-1].end, score: 1, source: FromContext, rank: rankStrong, reason: reason})
}

// plateFound tells whether the form of a country's plates says all of it already.
func (s *scan) plateFound(start, end int) bool {
	for i := max(0, len(s.found)-mostFound); i < len(s.found); i++ {
		if f := &s.found[i]; f.start <= start && f.end >= end && f.rank >= rankContext {
			return true
		}
	}
	return false
}

// bankCode gives where a BIC that begins at token at ends, or at.
func (s *scan) bankCode(at int) int {
	var buf [12]byte
	code, end := buf[:0], at
	for ; end < len(s.tokens) && s.tokens[end].kind != punct && (end == at || s.tokens[end-1].end == s.tokens[end].start); end++ {
		if len(code)+len(s.tokens[end].fold) > 11 {
			return at
		}
		for k := range len(s.tokens[end].fold) {
			b := s.tokens[end].fold[k]
			if !isAlnum(b) {
				return at
			}
			if isLetter(b) {
				b &^= 0x20
			}
			code = append(code, b)
		}
	}
	if len(code) != 8 && len(code) != 11 || !onlyLetters(string(code[:6])) || !strings.Contains(bankCountries, string(code[4:6])+" ") {
		return at
	}
	return end
}

// mostGroups bounds the groups of a plate that is told sign by sign.
const mostGroups = 8

// plate gives where a number plate that begins at token at ends, or at: up to
// four groups of a few letters and digits, both of them, and more of one each.
func (s *scan) plate(at int) int {
	end, letters, digits, whole := at, 0, 0, 0
	for i, groups := at, 0; i < len(s.tokens) && groups < mostGroups; i++ {
		t := &s.tokens[i]
		size := t.end - t.start
		switch {
		case t.kind == punct && t.fold == "-" && i > at:
			continue
		case t.kind == number && size <= 5:
			digits += size
		case t.kind == word && size <= 3 && len(t.fold) == size && (letters == 0 || digits > 0 || size == 1 && letters < 3) && (i == at || !s.smallWord(i)):
			letters += size
		default:
			groups = mostGroups
			continue
		}
		if groups++; groups > 4 && size > 1 {
			break
		}
		end, whole = i+1, groups
	}
	if whole < 3 && s.tokens[at].kind == word && s.smallWord(at) {
		return at
	}
	if letters == 0 || digits == 0 || letters+digits < 4 || letters+digits > 9 {
		return at
	}
	return end
}

// smallWord tells whether token i is a word of daily talk, and no letters of a
// plate: capitals say so.
func (s *scan) smallWord(i int) bool {
	l := s.lexeme(i)
	return l != nil && l.flags&(isPlain|isFiller) != 0 && !(s.known.cased && s.capital(i)) && !s.touching(i)
}

// touching tells whether token i stands right beside a digit.
func (s *scan) touching(i int) bool {
	return i > 0 && s.tokens[i-1].kind == number && s.tokens[i-1].end == s.tokens[i].start ||
		i+1 < len(s.tokens) && s.tokens[i+1].kind == number && s.tokens[i].end == s.tokens[i+1].start
}
