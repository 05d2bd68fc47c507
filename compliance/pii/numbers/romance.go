package numbers

import "strings"

// Spain.

const esLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func esDNI(s string) bool {
	return len(s) == 9 && allDigits(s[:8]) && s[8] == esLetters[value(s[:8])%23]
}

func esNIE(s string) bool {
	if len(s) != 9 && len(s) != 8 || s[0] < 'X' || s[0] > 'Z' || !allDigits(s[1:len(s)-1]) {
		return false
	}
	number := s[1 : len(s)-1]
	return s[len(s)-1] == esLetters[mod(string(s[0]-'X'+'0')+number, 23)]
}

// esPersonalNIF is a person's tax number: of seven or eight digits.
func esPersonalNIF(s string) bool {
	return (len(s) == 8 || len(s) == 9) && allDigits(s[:len(s)-1]) && s[len(s)-1] == esLetters[value(s[:len(s)-1])%23]
}

func esNIF(s string) bool {
	if len(s) != 9 {
		return false
	}
	switch s[0] {
	case 'K', 'L', 'M':
		return allDigits(s[1:8]) && s[8] == esLetters[value(s[1:8])%23]
	case 'X', 'Y', 'Z':
		return esNIE(s)
	}
	return esDNI(s) || esCIF(s)
}

// esCIF checks a company's number, whose check is a digit or a letter. Which of
// them a kind of company has is told differently by different offices, so both
// pass.
func esCIF(s string) bool {
	if len(s) != 9 || strings.IndexByte("ABCDEFGHJNPQRSUVW", s[0]) < 0 || !allDigits(s[1:8]) {
		return false
	}
	sum := 0
	for i := range 7 {
		d := digit(s, i+1) * (2 - i%2)
		sum += d/10 + d%10
	}
	check := (10 - sum%10) % 10
	return s[8] == byte('0'+check) || s[8] == "JABCDEFGHI"[check]
}

func esCCC(s string) bool {
	if !digits(s, 20) {
		return false
	}
	check := func(s string) int {
		switch c := 11 - weighted(s, 1, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11; c {
		case 10:
			return 1
		case 11:
			return 0
		default:
			return c
		}
	}
	return check("00"+s[:8]) == digit(s, 8) && check(s[10:]) == digit(s, 9)
}

func esIBAN(s string) bool { return IBAN(s) && s[:2] == "ES" && esCCC(s[4:]) }

func esCUPS(s string) bool {
	if len(s) != 20 && len(s) != 22 || s[:2] != "ES" || !allDigits(s[2:18]) {
		return false
	}
	if len(s) == 22 && (s[20]-'0' > 9 || strings.IndexByte("FPCRXYZ", s[21]) < 0) {
		return false
	}
	rest := mod(s[2:18], 529)
	return s[18] == esLetters[rest/23] && s[19] == esLetters[rest%23]
}

// esNUSS checks the number of the social security: the rest by 97 of province
// and serial number.
func esNUSS(s string) bool {
	if !digits(s, 12) {
		return false
	}
	serial := value(s[2:10])
	n := value(s[:2])*10_000_000 + serial
	if serial >= 10_000_000 {
		n = value(s[:10])
	}
	return n%97 == value(s[10:])
}

// esCatastral checks a property's number: two letters, one over each half with
// what both share.
func esCatastral(s string) bool {
	if len(s) != 20 {
		return false
	}
	check := func(part string) byte {
		sum := 0
		for i, w := range [11]int{13, 15, 12, 5, 4, 17, 9, 21, 3, 7, 1} {
			v := int(part[i] - '0')
			if letter(part[i]) {
				if v = int(part[i]-'A') + 1; part[i] > 'N' {
					v++ // Ñ has a place of its own
				}
			}
			sum += v * w
		}
		return "MQWERTYUIOPASDFGHJKLBZX"[sum%23]
	}
	return s[18] == check(s[:7]+s[14:18]) && s[19] == check(s[7:14]+s[14:18])
}

// France.

// frPerson is frNIR without first digits that are not given out.
func frPerson(s string) bool { return frNIR(s) && strings.IndexByte("123478", s[0]) >= 0 }

// frNIR checks the number of the social security: the rest by 97, where the two
// departments of Corsica stand for numbers.
func frNIR(s string) bool {
	if len(s) != 15 || !allDigits(s[:5]) || !allDigits(s[7:]) {
		return false
	}
	department := s[5:7]
	switch department {
	case "2A":
		department = "19"
	case "2B":
		department = "18"
	}
	if !allDigits(department) {
		return false
	}
	rest := mod(s[:5], 97)
	for _, part := range [...]string{department, s[7:13]} {
		for i := range len(part) {
			rest = (rest*10 + digit(part, i)) % 97
		}
	}
	return 97-rest == value(s[13:])
}

// frNIF checks a person's tax number: the last three digits are the rest by 511.
func frNIF(s string) bool {
	return digits(s, 13) && s[0] <= '3' && value(s[:10])%511 == value(s[10:])
}

// frOldNIF tells of numbers that begin with nought: not all of them were given
// out with a rest.
func frOldNIF(s string) bool { return digits(s, 13) && s[0] == '0' && !frNIF(s) }

// frRCS checks an entry in a commercial register: the town, a letter and the
// company's number.
func frRCS(s string) bool {
	if len(s) < 14 || s[:3] != "RCS" {
		return false
	}
	kind := s[len(s)-10]
	return letter(s[3]) && (kind == 'A' || kind == 'B' || kind == 'C' || kind == 'D') && frSIREN(s[len(s)-9:])
}

func frSIREN(s string) bool { return digits(s, 9) && s != "000000000" && Luhn(s) }

// frSIRET checks a company's place of business. Those of the post office count
// otherwise: they outgrew the scheme.
func frSIRET(s string) bool {
	if !digits(s, 14) || !frSIREN(s[:9]) {
		return false
	}
	if Luhn(s) {
		return true
	}
	sum := 0
	for i := range len(s) {
		sum += digit(s, i)
	}
	return s[:9] == "356000000" && sum%5 == 0
}

// frTVA checks a tax number: two signs over the company's number. Newer ones
// hold a letter, which counts without I and O.
func frTVA(s string) bool {
	if len(s) != 11 || !allDigits(s[2:]) || s[2:5] != "000" && !frSIREN(s[2:]) {
		return false
	}
	if allDigits(s[:2]) {
		return value(s[:2]) == mod(s[2:]+"12", 97)
	}
	const signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	first, second := strings.IndexByte(signs, s[0]), strings.IndexByte(signs, s[1])
	if first < 0 || second < 0 {
		return false
	}
	n := first*34 + second - 100
	if first < 10 {
		n = first*24 + second - 10
	}
	return (value(s[2:])+1+n/11)%11 == n%11
}

// Italy.

const (
	itMonths = "ABCDEHLMPRST"
	itDigits = "LMNPQRSTUV" // letters that stand for digits where two codes would be the same
)
