package numbers

import "strings"

// Portugal.

func ptNIF(s string) bool {
	return digits(s, 9) && s[0] != '0' && (11-weighted(s, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11%10 == digit(s, 8)
}

// ptCC checks a citizen's card: as Luhn, with letters from 10.
func ptCC(s string) bool {
	if len(s) != 12 || !allDigits(s[:9]) || s[11]-'0' > 9 {
		return false
	}
	sum := 0
	for i := range len(s) {
		v := int(s[i] - '0')
		if letter(s[i]) {
			v = int(s[i]-'A') + 10
		}
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

func ptNISS(s string) bool {
	return digits(s, 11) && (s[0] == '1' || s[0] == '2') && 9-weighted(s, 29, 23, 19, 17, 13, 11, 7, 5, 3, 2)%10 == digit(s, 10)
}

// Romania.

// roCNP checks a person's number: sex and century, day of birth.
func roCNP(s string) bool {
	if !digits(s, 13) || s[0] == '0' {
		return false
	}
	century := [10]int{0, 1900, 1900, 1800, 1800, 2000, 2000, 1900, 1900, 1900}[digit(s, 0)]
	if !date(century+value(s[1:3]), value(s[3:5]), value(s[5:7])) {
		return false
	}
	check := weighted(s, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if check == 10 {
		check = 1
	}
	return check == digit(s, 12)
}

func roCUI(s string) bool {
	s = strings.TrimPrefix(s, "RO")
	if len(s) < 2 || len(s) > 10 || !allDigits(s) || s[0] == '0' {
		return false
	}
	sum := 0
	for i, w := range [9]int{2, 3, 5, 7, 1, 2, 3, 5, 7} { // from the right
		if at := len(s) - 2 - i; at >= 0 {
			sum += digit(s, at) * w
		}
	}
	return sum*10%11%10 == digit(s, len(s)-1)
}

func roCF(s string) bool {
	if len(s) == 13 {
		return roCNP(s)
	}
	return roCUI(s)
}
