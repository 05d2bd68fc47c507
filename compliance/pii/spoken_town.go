package pii

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/spoken"
)

// houseEnd takes in the letter, the floor or the flat behind a house's number.
func (s *scan) houseEnd(last int, code string) int {
	i := last + 1
	if i < len(s.tokens) && s.tokens[i].fold == "," {
		i++
	}
	if i >= len(s.tokens) || s.tokens[i].kind != word {
		return last
	}
	fold := s.tokens[i].fold
	switch {
	case len(fold) == 1 && fold >= "a" && fold <= "h" && (i+1 >= len(s.tokens) || !s.letterAt(i+1)) && i == last+1 && !s.wordLetter(i), fold == "bis" || fold == "ter":
		return i
	case storeys[fold], strokes[fold] && i == last+1:
		if end := s.flatNumber(i, code); end > i || storeys[fold] {
			return end
		}
	}
	return last
}

// strokes are what is said for the stroke between a house and a flat: "pięć
// przez osiem", "catorce barra dos".
var strokes = streetWords("przez łamane barra schrägstrich slash schuine stroke")

// wordLetter tells whether the letter at token i is a word where it stands: "à"
// and "a" before another word.
func (s *scan) wordLetter(i int) bool {
	f := s.tokens[i].fold
	if f == "a" && i+1 < len(s.tokens) && (s.tokens[i+1].fold == "in" || s.tokens[i+1].fold == "en") {
		return false // "neun a in potsdam"
	}
	return (f == "a" || f == "e" || f == "w" || f == "i" || f == "y" || f == "z" || f == "o" || f == "u") && i+1 < len(s.tokens) && s.tokens[i+1].kind == word
}

// flatNumber takes in the number or letter behind "flat" or "piso".
func (s *scan) flatNumber(i int, code string) int {
	last, numbered, length := i, false, 5
	if code == "nl" {
		length = 4
	}
	for n := 0; n < 3 && last+1 < len(s.tokens); n++ {
		if s.codeAhead(last+1, length) {
			break
		}
		if text, _, end, ok := s.spoken.reader.Number(last + 1); ok {
			if numbered || len(text) > 3 {
				break
			}
			last, numbered = end, true
			continue
		}
		t := &s.tokens[last+1]
		if t.kind != word || (len(t.fold) != 1 || s.wordLetter(last+1)) && !storeys[t.fold] {
			break
		}
		if last++; len(t.fold) == 1 {
			break
		}
	}
	return last
}

// codeAhead tells whether the numbers from token i on are a post code of so many
// digits that was said in several, with a town's name behind them.
func (s *scan) codeAhead(i, length int) bool {
	digits, groups := 0, 0
	for i < len(s.tokens) && digits < length {
		text, _, last, ok := s.spoken.reader.Number(i)
		if !ok {
			return false
		}
		digits, i = digits+len(text), last+1
		groups++
	}
	return digits == length && groups > 1 && i < len(s.tokens) && s.tokens[i].kind == word && len(s.tokens[i].fold) > 2 && (!s.isPlainWord(i) || towns[s.tokens[i].fold]) && !s.spoken.reader.Worded(i)
}

// flatBefore takes in "flat two," before the number of a house.
func (s *scan) flatBefore(start int) int {
	for i := start - 1; i >= max(0, start-5); i-- {
		if storeys[s.tokens[i].fold] && s.tokens[i].kind == word {
			if _, _, last, ok := s.spoken.reader.Number(i + 1); ok && last >= start-3 && last < start {
				return i
			}
		}
	}
	return start
}

func (s *scan) letterAt(i int) bool {
	t := &s.tokens[i]
	return t.kind == word && len(t.fold) == 1
}

// townAt takes in the post code and the town behind an address that ends with
// token last.
func (s *scan) townAt(last int, code string) int {
	if code == "en" {
		return s.britishTown(last)
	}
	i := last + 1
	for n := 0; n < townReach && i < len(s.tokens) && (s.tokens[i].fold == "," || s.tokens[i].fold == "in" || s.tokens[i].fold == "à" || towning[code] == s.tokens[i].fold); n++ {
		i++
	}
	end, digits := i-1, 0
	for i < len(s.tokens) && digits < 5 {
		if s.tokens[i].fold == "-" || s.tokens[i].fold == "," && digits > 0 {
			i++
			continue
		}
		text, _, stop, ok := s.spoken.reader.Number(i)
		if !ok || digits+len(text) > 5 {
			break
		}
		digits += len(text)
		end, i = stop, stop+1
	}
	switch {
	case digits == 5 && code != "nl" && code != "en":
	case digits == 4 && code == "nl":
		for n := 0; n < 2 && end+1 < len(s.tokens) && s.letterAt(end+1); n++ {
			end++
		}
	case digits == 4 && code != "en":
	case digits == 0 && i > last+1 && townJoin[s.tokens[i-1].fold] || digits == 0 && i > last+1 && s.tokens[i-1].fold == "à":
		return s.townJoined(i, last)
	default:
		return last
	}
	if town := end + 1; town < len(s.tokens) && s.tokens[town].kind == word && (!s.isPlainWord(town) || towns[s.tokens[town].fold]) {
		end = s.townBeside(town)
	}
	return end
}

// britishTown takes in a town of at most two words and the post code that is
// spelled behind it: "london n one eight e a".
func (s *scan) britishTown(last int) int {
	i := last + 1
	for n := 0; n < 3 && i < len(s.tokens) && (s.tokens[i].fold == "," || s.tokens[i].kind == word && len(s.tokens[i].fold) > 2 && !s.spoken.reader.Worded(i) &&
		(!s.isPlainWord(i) || towns[s.tokens[i].fold])); n++ {
		i++
	}
	var code [8]byte
	n := 0
	for n < len(code)-1 && i < len(s.tokens) {
		if s.letterAt(i) && len(s.tokens[i].fold) == 1 {
			code[n] = s.tokens[i].fold[0]
			n++
		} else if text, _, end, ok := s.spoken.reader.Number(i); ok && n > 0 && n+len(text) < len(code) {
			n += copy(code[n:], text)
			i = end
		} else {
			break
		}
		i++
		if n >= 5 && britishCode(string(code[:n])) == n && !(i < len(s.tokens) && s.letterAt(i)) {
			return i - 1
		}
	}
	return last
}

// townJoined takes in the town at token i that "in" or "à" ties to a street.
func (s *scan) townJoined(i, last int) int {
	if i >= len(s.tokens) || s.tokens[i].kind != word || len(s.tokens[i].fold) < 3 || s.isPlainWord(i) && !towns[s.tokens[i].fold] ||
		months[s.tokens[i].fold] > 0 || noTown[s.tokens[i].fold] {
		if more := s.townGrows(i); more > i {
			return more
		}
		return last
	}
	return s.townBeside(i)
}

// streetInOne tells whether the few number words of a text have a street beside
// them that German and Dutch write in one word: "kerkstraat achttien".
func (s *scan) streetInOne(counts *[spoken.Languages]int) bool {
	for n, count := range counts {
		code := s.detector.spoken.lexicon.Code(n)
		if count == 0 || count >= leastWords || code != "de" && code != "nl" {
			continue
		}
		for i := range s.tokens {
			for _, end := range [...]string{"straße", "strasse", "gasse", "straat", "gracht", "laan", "weg", "plein", "platz", "allee", "singel"} {
				if t := &s.tokens[i]; t.kind == word && len(t.fold) > len(end)+2 && strings.HasSuffix(t.fold, end) && streetOf([]byte(t.fold))&notStreet == 0 {
					next := i + 2 // behind the number
					return next-1 < len(s.tokens) && (next == len(s.tokens) || s.tokens[next].kind != word || townJoin[s.tokens[next].fold] || storeys[s.tokens[next].fold] || len(s.tokens[next].fold) == 1)
				}
			}
		}
	}
	return false
}

// towning are the words that tie a town to a street, beside "in" and "à".
var towning = map[string]string{"es": "en", "nl": "te"}

// townGrows takes in the word behind one that towns' names begin with: "bad
// homburg", "san sebastián".
func (s *scan) townGrows(i int) int {
	if next := i + 1; townHeads[s.tokens[i].fold] && next < len(s.tokens) && s.tokens[next].kind == word && len(s.tokens[next].fold) > 2 && !s.isPlainWord(next) {
		return s.townBeside(next)
	}
	return i
}

// townBeside takes in what a town lies at, behind its name: "am main", "vor der
// höhe".
func (s *scan) townBeside(i int) int {
	if townHeads[s.tokens[i].fold] {
		if more := s.townGrows(i); more > i {
			return more
		}
	}
	at := i + 1
	if at >= len(s.tokens) || !townLies[s.tokens[at].fold] {
		return i
	}
	if at++; at < len(s.tokens) && s.tokens[at].fold == "der" {
		at++
	}
	if at >= len(s.tokens) || s.tokens[at].kind != word || len(s.tokens[at].fold) < 4 || s.isPlainWord(at) || noTown[s.tokens[at].fold] {
		return i
	}
	return at
}

var (
	townHeads = streetWords("bad sankt saint sainte st san santa santo den new reggio villa nowy nowa")
	townLies  = streetWords("am an vor ob")
)

// sayPostCode notes the post code that the virtual text of a run begins with,
// where a word leads to it.
func (s *scan) postCode(text string) int {
	text = strings.ToLower(text)
	digits := 0
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	letters := func(at int) int {
		n := at
		for n < len(text) && isLetter(text[n]) {
			n++
		}
		return n - at
	}
	switch {
	case digits == 4 && letters(4) >= 2:
		return 6
	case digits >= 4 && digits <= 6:
		return digits
	case digits == 0:
		return britishCode(text)
	}
	return 0
}

// britishCode gives the length of a British post code at the start of text.
func britishCode(text string) int {
	at := 0
	for at < len(text) && at < 2 && isLetter(text[at]) {
		at++
	}
	if at == 0 || at >= len(text) || !isDigit(text[at]) {
		return 0
	}
	at++
	if at+2 < len(text) && isAlnum(text[at]) && isDigit(text[at+1]) && isLetter(text[at+2]) {
		at++
	}
	if at+3 <= len(text) && isDigit(text[at]) && isLetter(text[at+1]) && isLetter(text[at+2]) {
		return at + 3
	}
	return 0
}
