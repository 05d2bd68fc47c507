package pii

import "strings"

// houseEnd takes in what else stands behind a house number: a stair, a floor, a
// door, in the ways of several countries.
func houseEnd(text string, end int) int {
	for range 2 {
		next := doorBehind(text, end)
		if next == end {
			return end
		}
		end = next
	}
	return end
}

// doorBehind reads one such part: "/14", "-2", " m. 6", ", 3º B", ", piso 2".
func doorBehind(text string, end int) int {
	if next := romanBehind(text, end); next > end {
		return next
	}
	if end+1 < len(text) && (text[end] == '/' || text[end] == '-') && isDigit(text[end+1]) {
		if _, at := readNumber(text, end+1, 3); at > end+1 && !(at < len(text) && (isLetter(text[at]) || text[at] == '.' && at+1 < len(text) && isDigit(text[at+1]))) {
			return at
		}
		return end
	}
	if next := end + 2; next <= len(text) && text[end] == '/' && isUpper(text[end+1]) && (next == len(text) || !wordByte(text[next]) && !isDigit(text[next])) {
		return next // "12/B"
	}
	at := skipGap(text, end)
	if at == end {
		return end
	}
	if next := at + 1; text[end] == ' ' && at < len(text) && isLetter(text[at]) && (next == len(text) || text[next] == ',') && isDigit(text[end-1]) {
		return next // "17 a"
	}
	if n, door := readNumber(text, at, 2); door > at && n > 0 {
		return spanishDoor(text, door, end)
	}
	from, to := wordAfter(text, at, at+longestWord)
	var buf [longestWord]byte
	if from == at && text[end] == ',' && doorFloors[string(plainWord(buf[:0], text[from:to]))] {
		return letterBehind(text, min(to+1, len(text)))
	}
	if from != at || !doorWords[string(plainWord(buf[:0], text[from:to]))] {
		return end
	}
	number := to
	for number < len(text) && number < to+3 && strings.IndexByte(" ./", text[number]) >= 0 {
		number++
	}
	if number+1 <= len(text) && number > to && isUpper(text[number]) && (number+1 == len(text) || !isAlnum(text[number+1])) {
		return number + 1 // "bâtiment C"
	}
	if _, door := readNumber(text, number, 3); door > number && door-to <= 6 {
		return letterBehind(text, door)
	}
	return end
}

// houseSides are what the Dutch write behind a house number.
var houseSides = streetWords("bis hs huis boven beneden hoog ter rd bv")

// romanBehind reads a floor in the Dutch way: "263-II", "218-bis".
func romanBehind(text string, end int) int {
	at := end + 1
	if at >= len(text) || text[end] != '-' {
		return end
	}
	if from, to := wordAfter(text, at, at+longestWord); from == at && houseSides[text[from:to]] {
		return to
	}
	for at < len(text) && at < end+5 && strings.IndexByte("IVX", text[at]) >= 0 {
		at++
	}
	if at == end+1 || at < len(text) && wordByte(text[at]) {
		return end
	}
	return at
}

// spanishDoor reads the rest of "3º B" behind its number; it gives end where it
// is no such.
func spanishDoor(text string, at, end int) int {
	for _, sign := range [...]string{"º", "ª", "°"} {
		if rest, ok := strings.CutPrefix(text[at:], sign); ok {
			return letterBehind(text, len(text)-len(rest))
		}
	}
	return end
}

// letterBehind takes in the letter of a door.
func letterBehind(text string, at int) int {
	from, to := wordAfter(text, at, at+longestWord)
	if from == to || from-at > 1 {
		return at
	}
	var buf [longestWord]byte
	if word := plainWord(buf[:0], text[from:to]); to-from == 1 && isUpper(text[from]) || doorSides[string(word)] {
		return to
	}
	return at
}

var (
	doorWords  = streetWords("m lok lokal mieszkanie piso puerta escalera esc int interno scala app batiment bat apt apto apartment appartement appt flat unit top stiege tur tuer bus bte boite etage et wohnung whg lgh sc")
	doorFloors = streetWords("primero segundo tercero cuarto quinto sexto septimo octavo noveno decimo bajo bajos atico entresuelo")
	doorSides  = streetWords("izq izda izquierda dcha dch derecha th tv mf bis")
	flatWords  = streetWords("flat apartment apt unit suite appartement appt apartamento piso wohnung studio maisonette")
)

// flatBefore takes in the flat that is named before a street.
func flatBefore(text string, start int) int {
	at := start
	for at > 0 && start-at < 2 && (text[at-1] == ' ' || text[at-1] == ',') {
		at--
	}
	number := at
	for number > 0 && at-number < 4 && isAlnum(text[number-1]) {
		number--
	}
	if number == at || number == start || !isDigit(text[number]) && at-number > 1 {
		return start
	}
	from, to := wordBefore(text, number, number-longestWord)
	var buf [longestWord]byte
	if from == to || number-to > 2 || !flatWords[string(plainWord(buf[:0], text[from:to]))] {
		return start
	}
	return from
}

// townBehind takes in a post code and a town behind a street and its number, in
// this order or the other. coded tells whether both stand there.
func townBehind(text string, end int, loose bool) (stop int, coded bool) {
	at := skipGap(text, end)
	if at == end {
		return end, false
	}
	from, to := wordAfter(text, at, at+longestWord)
	var buf [longestWord]byte
	if from == at && townJoin[string(plainWord(buf[:0], text[from:to]))] && to < len(text) && text[to] == ' ' {
		at = to + 1
	}
	comma := strings.IndexByte(text[end:at], ',') >= 0
	if joined := text[end] == ' ' && at > end+1; joined && !comma {
		if town := joinedTown(text, at, loose); town > 0 {
			return town, false
		}
	}
	if code := postCodeAt(text, at); code > 0 {
		stop = townName(text, code, loose)
		if stop == code && !comma && onlyDigits(text[at:code]) {
			return end, false
		}
		return stop, stop > code || !onlyDigits(text[at:code])
	}
	stop = townFirst(text, at, end, comma, loose)
	return stop, stop > end && isDigit(text[stop-3]) && isLetter(text[stop-1])
}

// joinedTown reads a town that "in" or "à" ties to a street, without a post code.
func joinedTown(text string, at int, loose bool) int {
	from, to := wordAfter(text, at, at+longestWord)
	if from != at || to-from < 3 {
		return 0
	}
	word := strings.ToLower(text[from:to])
	var buf [longestWord]byte
	plain := string(plainWord(buf[:0], text[from:to]))
	upper := capital(text[from:])
	if months[plain] > 0 || months[word] > 0 || plainTown[word] || noTown[word] || !upper && (!loose || streetOf([]byte(plain))&isSmall != 0 && !townPart[plain]) {
		return 0
	}
	next, stop := wordAfter(text, to, to+longestWord)
	if stop == next || next-to != 1 || strings.IndexByte(" -'", text[to]) < 0 {
		return to
	}
	if ukPostCodeAt(text, next) > 0 {
		return 0
	}
	if upper && capital(text[next:]) || text[to] == '-' || townPart[plain] {
		return stop
	}
	return to
}

// noTown are words behind "in" or "at" that are no town.
var noTown = streetWords("the this that der die das dem den einer einem une un una een het dit case zwei drei two three four five six half about around night noon midnight least first haus nähe ordnung zukunft wohnung front room which where july the my our your room zimmer kamer")

// townJoin are words between a street and a town.
var townJoin = streetWords("in a en te w we à im zu at aan")

// skipGap skips a comma and spaces.
func skipGap(text string, at int) int {
	for n := 0; n < 3 && at < len(text) && (text[at] == ',' || text[at] == ' '); n++ {
		at++
	}
	return at
}

// townFirst reads a town and, behind it, the post codes of the islands: "Leeds LS6
// 2AB", "Dublin 2". A town without one counts behind a comma where nothing else
// follows.
func townFirst(text string, at, end int, comma, loose bool) int {
	town, words, first := at, 0, 0
	for words < 6 {
		from, to := wordAfter(text, town, town+longestWord)
		if from == to || from-town > 2 || from-town == 2 && text[town:from] != ", " || !capital(text[from:]) && !loose {
			break
		}
		if ukPostCodeAt(text, from) > 0 {
			break
		}
		town = to
		if words++; first == 0 && to < len(text) && text[to] != ' ' && text[to] != '-' && text[to] != '\'' {
			first = words
		}
		next := skipGap(text, town)
		if _, district := readNumber(text, next, 2); district > next && strings.EqualFold(text[from:to], "Dublin") {
			town = district
			next = skipGap(text, town)
		}
		if next > town {
			if code := ukPostCodeAt(text, next); code > 0 {
				return code
			}
		}
	}
	if first > 0 && first < words { // no code follows: one name is enough
		words, town = first, at
		for range first {
			_, town = wordAfter(text, town, town+longestWord)
		}
	}
	if words == 0 {
		if code := ukPostCodeAt(text, at); code > 0 {
			return code
		}
		return end
	}
	if !comma || !capital(text[at:]) {
		return end
	}
	from, to := wordAfter(text, at, at+longestWord)
	if strings.EqualFold(text[from:to], "Dublin") {
		if _, district := readNumber(text, min(to+1, len(text)), 2); district > to+1 {
			return district
		}
	}
	if words <= 2 && (town == len(text) || strings.IndexByte(".,;!?)", text[town]) >= 0) && !plainTown[strings.ToLower(text[from:to])] {
		return town
	}
	return end
}

// plainTown are words that stand behind an address and are no town.
var plainTown = streetWords("please thanks danke bitte merci gracias grazie prego bedankt alstublieft dziękuję proszę ja yes oui si sì tak no nein okay ok richtig genau right correct")

// townName takes in the town's name behind a post code.
func townName(text string, end int, loose bool) int {
	at, named := end, false
	for range 4 {
		from, to := wordAfter(text, at, at+longestWord)
		if from == to || from-at != 1 || text[at] != ' ' && text[at] != '-' && text[at] != '\'' {
			break
		}
		var buf [longestWord]byte
		word := plainWord(buf[:0], text[from:to])
		switch {
		case named && nations[string(word)]:
			return end
		case capital(text[from:]) && !plainTown[strings.ToLower(text[from:to])]:
			if len(text[from:to]) == 2 && named && strings.Contains(italianProvinces, " "+text[from:to]+" ") {
				return to // "50131 Firenze FI"
			}
			if named && text[at] == ' ' && !townPart[string(word)] && !townPart[lastWord(text[:at])] {
				return end
			}
			end, named = to, true
		case named && townPart[string(word)]:
		case loose && !named && !plainTown[string(word)] && streetOf(word)&isSmall == 0 && len(word) > 3:
			return to
		default:
			return end
		}
		at = to
	}
	return end
}

// lastWord gives the last word of a text, without marks.
func lastWord(text string) string {
	from, to := wordBefore(text, len(text), len(text)-longestWord)
	var buf [longestWord]byte
	return string(plainWord(buf[:0], text[from:to]))
}
