package numbers

import "strings"

// Codes of registers that no country has for itself: of firms, securities,
// markets, substances, banknotes and physicians.

// lei checks a legal entity's identifier by ISO 17442.
func lei(s string) bool {
	return len(s) == 20 && allDigits(s[18:]) && mod(lettersAsNumbers(s), 97) == 1
}

// isin checks a security's number by ISO 6166.
func isin(s string) bool {
	return len(s) == 12 && isLetters(s[:2]) && s[11]-'0' <= 9 && Luhn(lettersAsNumbers(s))
}

// lettersAsNumbers writes A as 10 and so on to Z as 35.
func lettersAsNumbers(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b.WriteByte('1' + (c-'A')/10)
			b.WriteByte('0' + (c-'A')%10)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isLetters(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return len(s) > 0
}

// euEIC checks the code of a party or a place of the European energy market: its
// signs count down from sixteen, and a hyphen is one of them.
func euEIC(s string) bool {
	s = strings.ToUpper(s)
	if len(s) != 16 {
		return false
	}
	sum := 0
	for i := range 15 {
		v := strings.IndexByte(eicSigns, s[i])
		if v < 0 {
			return false
		}
		sum += v * (16 - i)
	}
	check := eicSigns[(36-(sum-1)%37)%37]
	return check != '-' && check == s[15]
}

const eicSigns = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"

// euBanknote checks a euro note's number: its digits, and its letters by their
// codes, sum up to a multiple of nine.
func euBanknote(s string) bool {
	if len(s) != 12 || !isLetters(s[:1]) || !allDigits(s[2:]) || s[1]-'0' > 9 && !isLetters(s[1:2]) {
		return false
	}
	sum := 0
	for i := range len(s) {
		if s[i] >= 'A' {
			sum += int(s[i])
		} else {
			sum += digit(s, i)
		}
	}
	return sum%9 == 0
}

// euSubstance checks the number of a chemical in the European inventory.
func euSubstance(s string) bool {
	return digits(s, 7) && s[0] >= '2' && s[0] <= '9' && weighted(s, 1, 2, 3, 4, 5, 6)%11 == digit(s, 6)
}

// physician checks the number under which the United States let a physician
// prescribe: two letters, the second of a name, or a nine for a firm.
func physician(s string) bool {
	if len(s) != 9 || strings.IndexByte("ABCDEFGHJKLMPRSTUX", s[0]) < 0 || !isLetters(s[1:2]) && s[1] != '9' || !allDigits(s[2:]) {
		return false
	}
	n := s[2:]
	sum := digit(n, 0) + digit(n, 2) + digit(n, 4) + 2*(digit(n, 1)+digit(n, 3)+digit(n, 5))
	return sum%10 == digit(n, 6)
}
