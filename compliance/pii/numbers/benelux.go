package numbers

import "time"

// The Netherlands.

func nlBSN(s string) bool {
	for len(s) > 0 && len(s) < 9 {
		s = "0" + s
	}
	return digits(s, 9) && s != "000000000" && weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

func nlSchool(s string) bool {
	return digits(s, 9) && s[:2] == "10" && (weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11+11)%11 == 5
}

// nlBTW checks a tax number: the holder's own number, or since 2020 one that
// checks by itself.
func nlBTW(s string) bool {
	for len(s) >= 8 && len(s) < 12 {
		s = "0" + s
	}
	if len(s) != 12 || s[9] != 'B' || !allDigits(s[:9]) || !allDigits(s[10:]) || value(s[:9]) == 0 || value(s[10:]) == 0 {
		return false
	}
	return nlBSN(s[:9]) || iso97("NL"+s, 0)
}

// Belgium.

// beNN checks a national number: the rest by 97, with a 2 before the number of
// who was born since 2000. A part of the day of birth may be unknown.
func beNN(s string) bool { return beBorn(s, 0) }

// beBIS checks the number of a person who is not in the register: the month is
// raised by 20, or by 40 where the sex is known.
func beBIS(s string) bool { return beBorn(s, 20) || beBorn(s, 40) }

func beSSN(s string) bool { return beNN(s) || beBIS(s) }

// beBorn checks the rest by 97 and the day of birth in the century that the rest
// tells. Months are raised in the numbers of people who are not in the register.
func beBorn(s string, raised int) bool {
	if !digits(s, 11) || value(s) == 0 {
		return false
	}
	century := beCentury(s)
	month, day := value(s[2:4])-raised, value(s[4:6])
	switch {
	case century == 0 || month < 0 || month > 12:
		return false
	case month == 0 || day == 0: // not known, or the day's numbers ran out
		return true
	}
	return date(century+value(s[:2]), month, day)
}

// beCentury gives the century that the last two digits agree with, or 0.
func beCentury(s string) int {
	// 2 x 10^9 leaves 68 by 97.
	rest, check := mod(s[:9], 97), value(s[9:])
	switch {
	case 97-rest == check:
		return 1900
	case 97-(rest+68)%97 == check && 2000+value(s[:2]) <= time.Now().Year():
		return 2000
	}
	return 0
}

func beVAT(s string) bool {
	if len(s) == 9 {
		s = "0" + s
	}
	return digits(s, 10) && value(s) > 0 && (value(s[:8])+value(s[8:]))%97 == 0
}

// beEID checks twelve digits of which the last two are the rest by 97, where 97
// stands for none: identity cards and payment references.
func beEID(s string) bool {
	if !digits(s, 12) {
		return false
	}
	rest := mod(s[:10], 97)
	if rest == 0 {
		rest = 97
	}
	return rest == value(s[10:])
}

func beIBAN(s string) bool { return IBAN(s) && s[:2] == "BE" && beEID(s[4:]) }

// Luxembourg.

func luTVA(s string) bool { return digits(s, 8) && value(s[:6])%89 == value(s[6:]) }

// luMatricule checks a person's number: the 12th digit by Luhn, the 13th by
// Verhoeff, both over the first eleven.
func luMatricule(s string) bool {
	return digits(s, 13) && date(value(s[:4]), value(s[4:6]), value(s[6:8])) && Luhn(s[:12]) && verhoeff(s[:11]+s[12:])
}

// verhoeff checks s by the group of a pentagon's symmetries.
func verhoeff(s string) bool {
	times := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b-5)%5
		case b < 5:
			return 5 + (a-5-b+5)%5
		}
		return (a - b + 5) % 5
	}
	turn := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	check := 0
	for i := range len(s) {
		d := digit(s, len(s)-1-i)
		for range i % 8 {
			d = turn[d]
		}
		check = times(check, d)
	}
	return check == 0
}
