package pii

import "strings"

// postCodeAt reads a post code of any country at i. It gives where it ends, or 0.
func postCodeAt(text string, i int) int {
	if end := ukPostCodeAt(text, i); end > 0 {
		return end
	}
	at := i
	if at+2 < len(text) && isUpper(text[at]) { // D-10115, CH-8001
		for at < len(text) && at-i < 2 && isUpper(text[at]) {
			at++
		}
		if at >= len(text) || text[at] != '-' {
			return 0
		}
		at++
	}
	first := at
	for at < len(text) && isDigit(text[at]) && at-first < 6 {
		at++
	}
	digits := at - first
	if at < len(text) && isLetter(text[at]) && digits != 4 || i > 0 && (isAlnum(text[i-1]) || text[i-1] == '-') {
		return 0
	}
	rest := func(sign byte, n int) int {
		if at >= len(text) || text[at] != sign {
			return 0
		}
		if _, end := readNumber(text, at+1, n); end == at+1+n && (end == len(text) || !isAlnum(text[end]) && text[end] != '-') {
			return end
		}
		return 0
	}
	switch digits {
	case 2:
		return rest('-', 3) // Poland
	case 3:
		return rest(' ', 2) // Sweden, Greece, the Czech Republic, Slovakia
	case 4:
		if end := rest('-', 3); end > 0 { // Portugal
			return end
		}
		return dutchLetters(text, at)
	case 5:
		if at < len(text) && (text[at] == '-' || isLetter(text[at])) {
			return 0
		}
		return at
	}
	return 0
}

// dutchLetters takes in the two letters of a Dutch post code; without them the
// four digits are one of another country.
func dutchLetters(text string, at int) int {
	letters := at
	if letters < len(text) && text[letters] == ' ' {
		letters++
	}
	if letters+2 <= len(text) && isUpper(text[letters]) && isUpper(text[letters+1]) && (letters+2 == len(text) || !isAlnum(text[letters+2]) && text[letters+2] < 0x80) {
		return letters + 2
	}
	if at < len(text) && (isLetter(text[at]) || text[at] == '-' || text[at] == ':' || text[at] == '.' && at+1 < len(text) && isDigit(text[at+1])) {
		return 0
	}
	return at
}

// ukPostCodeAt reads a British or Irish post code at i, or gives 0.
func ukPostCodeAt(text string, i int) int {
	if i >= len(text) || !isLetter(text[i]) || i > 0 && isAlnum(text[i-1]) {
		return 0
	}
	var buf [8]byte
	n, at, gaps := 0, i, 0
	for at < len(text) && n < len(buf) {
		if text[at] == ' ' && gaps == 0 && n >= 2 {
			gaps++
			at++
			continue
		}
		if !isAlnum(text[at]) {
			break
		}
		buf[n] = text[at] &^ 0x20
		if isDigit(text[at]) {
			buf[n] = text[at]
		}
		n++
		at++
	}
	if n < 5 || n > 7 || at < len(text) && (isAlnum(text[at]) || text[at] >= 0x80) {
		return 0
	}
	code := string(buf[:n])
	outward := n - 3
	if !isUpper(buf[n-1]) || !isUpper(buf[n-2]) || !isDigit(buf[n-3]) {
		return irishPostCode(code, at)
	}
	digits := 0
	for k := 1; k < outward; k++ {
		if isDigit(buf[k]) {
			digits++
		}
	}
	if digits == 0 || outward < 2 || outward > 4 || gaps > 0 && text[at-4] != ' ' || !ukPostCode(code) {
		return 0
	}
	return at
}

// irishPostCode tells whether a code is an Irish one that ends at at.
func irishPostCode(code string, at int) int {
	if len(code) != 7 || !isDigit(code[1]) || !isDigit(code[2]) && code[:3] != "D6W" || strings.IndexByte("ACDEFHKNPRTVWXY", code[0]) < 0 {
		return 0
	}
	letters := 0
	for k := 3; k < 7; k++ {
		if isUpper(code[k]) {
			letters++
		}
	}
	if letters == 0 {
		return 0
	}
	return at
}
