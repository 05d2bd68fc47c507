package numbers

import "strings"

// Austria.

func atUID(s string) bool {
	return len(s) == 9 && s[0] == 'U' && allDigits(s[1:]) && atRest(s[1:8]) == digit(s, 8)
}

// atRest is the check digit of an Austrian tax number: of the Luhn sum, less 4.
func atRest(s string) int {
	sum := 4
	for i := range len(s) {
		d := digit(s, i) * (1 + i%2)
		sum += d/10 + d%10
	}
	return (10 - sum%10) % 10
}

func atVNR(s string) bool {
	return digits(s, 10) && s[0] != '0' && weighted(s, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)%11 == digit(s, 3)
}

// atTIN checks a tax account's number: the office that gave it out, and Luhn.
func atTIN(s string) bool { return digits(s, 9) && among(austrianOffices, s[:2]) && Luhn(s) }

// Switzerland.

func chSSN(s string) bool { return digits(s, 13) && s[:3] == "756" && ean(s) }

// ean checks the last digit by the scheme of article numbers: every second one
// counts three times.
func ean(s string) bool {
	sum := 0
	for i := range len(s) {
		sum += digit(s, i) * (1 + 2*((len(s)-1-i)%2))
	}
	return sum%10 == 0
}

func chUID(s string) bool {
	if len(s) != 12 || s[:3] != "CHE" || !allDigits(s[3:]) {
		return false
	}
	return (11-weighted(s[3:], 5, 4, 3, 2, 7, 6, 5, 4)%11)%11 == digit(s, 11)
}

func chVAT(s string) bool {
	if len(s) < 15 || len(s) > 16 {
		return false
	}
	switch s[12:] {
	case "MWST", "TVA", "IVA", "TPV":
		return chUID(s[:12])
	}
	return false
}

// chESR checks a payment slip's reference: each digit leads to the next carry
// through one table.
func chESR(s string) bool {
	if len(s) < 2 || len(s) > 27 || !allDigits(s) {
		return false
	}
	carry := 0
	for i := range len(s) - 1 {
		carry = [10]int{0, 9, 4, 6, 8, 2, 7, 1, 3, 5}[(carry+digit(s, i))%10]
	}
	return (10-carry)%10 == digit(s, len(s)-1)
}

// Germany.

// deTaxID is deIDNr without numbers in which a digit stands three times in a
// row: the tax office gives none of these out.
func deTaxID(s string) bool {
	if !deIDNr(s) {
		return false
	}
	for i := 2; i < 10; i++ {
		if s[i] == s[i-1] && s[i] == s[i-2] {
			return false
		}
	}
	return true
}

// deIDNr checks the tax number of a person: among its first ten digits one
// stands twice or three times, and no other more than once.
func deIDNr(s string) bool {
	if !digits(s, 11) || s[0] == '0' {
		return false
	}
	var count [10]int
	for i := range 10 {
		count[digit(s, i)]++
	}
	repeated := 0
	for _, n := range count {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	return repeated == 1 && iso11(s)
}

func deVAT(s string) bool { return digits(s, 9) && s[0] != '0' && iso11(s) }

// deRVNR checks the number of the pension insurance: area, day of birth, the
// name's first letter, serial number.
func deRVNR(s string) bool {
	if len(s) != 12 || !allDigits(s[:8]) || !letter(s[8]) || !allDigits(s[9:]) {
		return false
	}
	day, month, name := value(s[2:4]), value(s[4:6]), int(s[8]-'A')+1
	if month < 1 || month > 12 || day < 1 || day > 31 && day < 51 || day > 81 {
		return false
	}
	sum := 0
	for i, w := range [12]int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		d := 0
		switch {
		case i < 8:
			d = digit(s, i)
		case i == 8:
			d = name / 10
		case i == 9:
			d = name % 10
		default:
			d = digit(s, i-1)
		}
		sum += d*w/10 + d*w%10
	}
	return sum%10 == digit(s, 11)
}

// deKVNR checks the number of a person's health insurance: the letter counts as
// two digits.
func deKVNR(s string) bool {
	if len(s) != 10 || !letter(s[0]) || !allDigits(s[1:]) {
		return false
	}
	name, sum := int(s[0]-'A')+1, 0
	for i := range 10 {
		d := 0
		switch i {
		case 0:
			d = name / 10
		case 1:
			d = name % 10
		default:
			d = digit(s, i-1)
		}
		d *= 1 + i%2
		sum += d/10 + d%10
	}
	return sum%10 == digit(s, 9)
}

// deLANR checks a physician's number.
func deLANR(s string) bool {
	return digits(s, 9) && s[:7] != "0000000" && (10-weighted(s, 4, 9, 4, 9, 4, 9)%10)%10 == digit(s, 6)
}

// deDocument checks the number of a passport or identity card with the check
// digit behind it that the machine-readable lines have.
func deDocument(s string) bool { return len(s) == 10 && deForm(s[:9]) && icao(s) }

// deForm tells whether the letters are those that German papers use.
func deForm(s string) bool {
	for i := range len(s) {
		if letter(s[i]) && strings.IndexByte("CFGHJKLMNPRTVWXYZ", s[i]) < 0 {
			return false
		}
	}
	return letter(s[0])
}

// deLeitweg checks the address of a public invoice: parts with hyphens, of which
// the first begins with a state's number and the last is the check. It takes it
// as written, for the hyphens are part of it.
func deLeitweg(s string) bool {
	s = strings.ToUpper(s)
	parts := strings.Split(s, "-")
	if len(parts) < 2 || len(parts) > 3 || len(s) > 46 {
		return false
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(first) < 2 || len(first) > 12 || !allDigits(first) || !digits(last, 2) || len(parts) == 3 && len(parts[1]) > 30 {
		return false
	}
	state := first[:2]
	return (state >= "01" && state <= "16" || state == "99") && iso97(strings.ReplaceAll(s, "-", ""), 0)
}
