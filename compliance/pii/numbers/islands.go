package numbers

import "strings"

// The United Kingdom.

func gbNHS(s string) bool {
	return digits(s, 10) && s != "0000000000" && weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

func gbUTR(s string) bool {
	s = strings.TrimRight(s, "K")
	return digits(s, 10) && "21987654321"[weighted(s[1:], 6, 7, 8, 9, 10, 5, 4, 3, 2)%11] == s[0]
}

// gbVAT checks a tax number: of nine digits, of twelve for a branch, of five for
// government departments and health authorities.
func gbVAT(s string) bool {
	if len(s) == 5 && allDigits(s[2:]) {
		return s[:2] == "GD" && value(s[2:]) < 500 || s[:2] == "HA" && value(s[2:]) >= 500
	}
	if len(s) != 9 && len(s) != 12 || !allDigits(s) {
		return false
	}
	rest := weighted(s, 8, 7, 6, 5, 4, 3, 2, 10, 1) % 97
	return rest == 0 || s[:3] >= "100" && (rest == 42 || rest == 55)
}

func gbUPN(s string) bool {
	if len(s) != 13 || !letter(s[0]) || !allDigits(s[1:12]) {
		return false
	}
	if !among(englishSchools, s[1:4]) {
		return false
	}
	const signs = "ABCDEFGHJKLMNPQRTUVWXYZ"
	last := int(s[12] - '0')
	if last > 9 {
		if last = strings.IndexByte(signs, s[12]); last < 0 {
			return false
		}
	}
	return signs[(weighted(s[1:], 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)+last*13)%23] == s[0]
}

func gbSEDOL(s string) bool {
	if len(s) != 7 || s[6]-'0' > 9 || s[0]-'0' <= 9 && !allDigits(s) {
		return false
	}
	sum := 0
	for i, w := range [7]int{1, 3, 1, 7, 3, 9, 1} {
		v := int(s[i] - '0')
		if letter(s[i]) {
			if v = int(s[i]-'A') + 10; strings.IndexByte("AEIOU", s[i]) >= 0 {
				return false
			}
		}
		sum += v * w
	}
	return sum%10 == 0
}

// Ireland.

// ieRest is the check letter over seven digits, and over the letter that newer
// numbers have behind it.
func ieRest(number string, second byte) byte {
	const signs = "WABCDEFGHIJKLMNOPQRSTUV"
	sum := weighted(number, 8, 7, 6, 5, 4, 3, 2)
	if second != 0 {
		at := strings.IndexByte(signs, second)
		if at < 0 {
			return 0
		}
		sum += 9 * at
	}
	return signs[sum%23]
}

func iePPS(s string) bool {
	if len(s) != 8 && len(s) != 9 || !allDigits(s[:7]) {
		return false
	}
	if len(s) == 8 {
		return ieRest(s, 0) == s[7]
	}
	switch s[8] {
	case 'A', 'B', 'H':
		return ieRest(s, s[8]) == s[7]
	case 'T', 'W', 'X': // marks of the old form, which the check does not count
		return ieRest(s, 0) == s[7]
	}
	return false
}

// ieVAT checks a tax number. The old form has a letter or a sign in the second
// place.
func ieVAT(s string) bool {
	if len(s) != 8 && len(s) != 9 || s[0]-'0' > 9 {
		return false
	}
	if allDigits(s[:7]) {
		if len(s) == 9 {
			return ieRest(s, s[8]) == s[7]
		}
		return ieRest(s, 0) == s[7]
	}
	if len(s) == 8 && (letter(s[1]) || s[1] == '+' || s[1] == '*') && allDigits(s[2:7]) {
		return ieRest("0"+s[2:7]+s[:1], 0) == s[7]
	}
	return false
}

// Malta and Cyprus.

func mtVAT(s string) bool {
	return digits(s, 8) && s[0] != '0' && weighted(s, 3, 4, 6, 7, 8, 9, 10, 1)%37 == 0
}

func cyVAT(s string) bool {
	if len(s) != 9 || !allDigits(s[:8]) || s[:2] == "12" {
		return false
	}
	sum := 0
	for i := range 8 {
		d := digit(s, i)
		if i%2 == 0 {
			d = [10]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[d]
		}
		sum += d
	}
	return s[8] == byte('A'+sum%26)
}

// Greece.

func grVAT(s string) bool {
	if len(s) == 8 {
		s = "0" + s
	}
	if !digits(s, 9) || s == "000000000" {
		return false
	}
	return weighted(s, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == digit(s, 8)
}

func grAMKA(s string) bool {
	return digits(s, 11) && shortDate(value(s[4:6]), value(s[2:4]), value(s[:2])) && Luhn(s)
}
