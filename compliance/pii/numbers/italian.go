package numbers

import (
	"strings"
)

// itPersonal checks a person's tax code: letters of both names, day of birth,
// place, and a letter over all.
func itPersonal(s string) bool {
	if len(s) != 16 {
		return false
	}
	odd := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		v := int(s[i] - '0')
		if letter(s[i]) {
			v = int(s[i] - 'A')
		} else if v > 9 {
			return false
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return itForm(s) && s[15] == byte('A'+sum%26)
}

func itForm(s string) bool {
	var n [16]int
	for _, i := range [...]int{6, 7, 9, 10, 12, 13, 14} {
		n[i] = int(s[i] - '0')
		if n[i] > 9 || n[i] < 0 {
			if n[i] = strings.IndexByte(itDigits, s[i]); n[i] < 0 {
				return false
			}
		}
	}
	for _, i := range [...]int{0, 1, 2, 3, 4, 5, 8, 11, 15} {
		if !letter(s[i]) {
			return false
		}
	}
	month := strings.IndexByte(itMonths, s[8]) + 1
	day := n[9]*10 + n[10]
	if day > 40 { // a woman's
		day -= 40
	}
	return shortDate(n[6]*10+n[7], month, day)
}

func itFiscal(s string) bool { return itPersonal(s) || len(s) == 11 && itIVA(s) }

// itIVA checks a company's tax number: the office's place and a Luhn digit.
func itIVA(s string) bool {
	if !digits(s, 11) || value(s[:7]) == 0 || !Luhn(s) {
		return false
	}
	office := value(s[7:10])
	return office >= 1 && office <= 100 || office == 120 || office == 121 || office == 888 || office == 999
}

// itVATCode is itIVA without the office, which Presidio does not look at.
func itVATCode(s string) bool { return digits(s, 11) && s != "00000000000" && Luhn(s) }

func itAIC(s string) bool {
	if len(s) == 6 {
		const signs = "0123456789BCDFGHJKLMNPQRSTUVWXYZ"
		n := 0
		for i := range len(s) {
			at := strings.IndexByte(signs, s[i])
			if at < 0 {
				return false
			}
			n = n*32 + at
		}
		var out [9]byte
		for i := len(out) - 1; i >= 0; i-- {
			out[i], n = byte('0'+n%10), n/10
		}
		s = string(out[:])
	}
	if !digits(s, 9) || s[0] != '0' {
		return false
	}
	sum := 0
	for i := range 8 {
		d := digit(s, i) * (1 + i%2)
		sum += d/10 + d%10
	}
	return sum%10 == digit(s, 8)
}

func itHealthCard(s string) bool { return digits(s, 20) && s[:5] == "80380" && Luhn(s) }
