package numbers

import "strings"

// Bulgaria.

func bgEGN(s string) bool {
	if !digits(s, 10) {
		return false
	}
	year, month := value(s[:2])+1900, value(s[2:4])
	switch {
	case month > 40:
		year, month = year+100, month-40
	case month > 20:
		year, month = year-100, month-20
	}
	return date(year, month, value(s[4:6])) && weighted(s, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == digit(s, 9)
}

func bgPNF(s string) bool {
	return digits(s, 10) && weighted(s, 21, 19, 17, 13, 11, 9, 7, 3, 1)%10 == digit(s, 9)
}

func bgVAT(s string) bool {
	switch {
	case digits(s, 9):
		check := weighted(s, 1, 2, 3, 4, 5, 6, 7, 8) % 11
		if check == 10 {
			check = weighted(s, 3, 4, 5, 6, 7, 8, 9, 10) % 11 % 10
		}
		return check == digit(s, 8)
	case digits(s, 10):
		return bgEGN(s) || bgPNF(s) || (11-weighted(s, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 == digit(s, 9)
	}
	return false
}

// The Czech Republic and Slovakia.

func czICO(s string) bool {
	return digits(s, 8) && czCompany(s) == digit(s, 7)
}

// czCompany is the check digit over the first seven.
func czCompany(s string) int {
	check := (11 - weighted(s, 8, 7, 6, 5, 4, 3, 2)%11) % 11
	if check == 0 {
		check = 1
	}
	return check % 10
}

// czRC checks a birth number: months are raised by 50 for women, by 20 where the
// numbers of a day ran out. Those until 1953 have nine digits and no check.
func czRC(s string) bool {
	if len(s) != 9 && len(s) != 10 || !allDigits(s) {
		return false
	}
	year, month := 1900+value(s[:2]), value(s[2:4])%50%20
	if len(s) == 9 {
		if year >= 1980 {
			year -= 100
		}
		return year <= 1953 && date(year, month, value(s[4:6]))
	}
	if year < 1954 {
		year += 100
	}
	check := mod(s[:9], 11)
	if year < 1985 {
		check %= 10
	}
	return date(year, month, value(s[4:6])) && check == digit(s, 9)
}

func czDIC(s string) bool {
	switch {
	case digits(s, 8):
		return s[0] != '9' && czICO(s)
	case digits(s, 9) && s[0] == '6':
		rest := weighted(s[1:], 8, 7, 6, 5, 4, 3, 2) % 11
		return (8-(10-rest+11)%11+10)%10 == digit(s, 8) || czRC(s)
	}
	return czRC(s)
}

// czAccount checks an account as it is written: prefix-number/bank.
func czAccount(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	number, bank, ok := strings.Cut(s, "/")
	if !ok || !digits(bank, 4) || !among(czechBanks, bank) {
		return false
	}
	prefix, root, ok := strings.Cut(number, "-")
	if !ok {
		prefix, root = "", number
	}
	if len(root) < 2 || len(root) > 10 || len(prefix) > 6 || !allDigits(prefix+root) {
		return false
	}
	check := func(s string) bool {
		s = strings.Repeat("0", 10-len(s)) + s
		return weighted(s, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0
	}
	return check(root) && check(prefix)
}

func skDPH(s string) bool {
	if !digits(s, 10) {
		return false
	}
	return czRC(s) || s[0] != '0' && strings.IndexByte("234789", s[2]) >= 0 && mod(s, 11) == 0
}

// Croatia and Slovenia.

func hrOIB(s string) bool { return digits(s, 11) && iso11(s) }

func siDDV(s string) bool {
	if !digits(s, 8) || s[0] == '0' {
		return false
	}
	check := 11 - weighted(s, 8, 7, 6, 5, 4, 3, 2)%11
	return check != 11 && check%10 == digit(s, 7)
}

func siEMSO(s string) bool {
	if !digits(s, 13) {
		return false
	}
	year := value(s[4:7])
	if year += 2000; year >= 2800 {
		year -= 1000
	}
	check := (11 - weighted(s, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11 % 10
	return date(year, value(s[2:4]), value(s[:2])) && check == digit(s, 12)
}

// siCompany checks a company's number; three more signs name a part of it.
func siCompany(s string) bool {
	if len(s) != 7 && len(s) != 10 || !allDigits(s[:7]) || len(s) == 10 && !allDigits(s[8:]) {
		return false
	}
	rest := weighted(s, 7, 6, 5, 4, 3, 2) % 11
	return rest != 0 && (11-rest)%10 == digit(s, 6)
}

// Poland.

func plPESELForm(s string) bool {
	return digits(s, 11) && weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0 && plMonth(s)
}

// plMonth tells whether month and day can be; the month is raised by 20 for each
// century since 1900, by 80 for the one before.
func plMonth(s string) bool {
	month, day := value(s[2:4])%20, value(s[4:6])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

func plPESEL(s string) bool {
	if !plPESELForm(s) {
		return false
	}
	century := [5]int{1900, 2000, 2100, 2200, 1800}[value(s[2:4])/20]
	return date(century+value(s[:2]), value(s[2:4])%20, value(s[4:6]))
}

func plNIP(s string) bool {
	return digits(s, 10) && weighted(s, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == digit(s, 9)
}

func plREGON(s string) bool {
	switch {
	case digits(s, 9):
		return weighted(s, 8, 9, 2, 3, 4, 5, 6, 7)%11%10 == digit(s, 8)
	case digits(s, 14):
		return plREGON(s[:9]) && weighted(s, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)%11%10 == digit(s, 13)
	}
	return false
}

// plCard checks an identity card: three letters, which count from 10, and six
// digits of which the first is the check.
func plCard(s string) bool {
	return len(s) == 9 && letter(s[0]) && letter(s[1]) && letter(s[2]) && allDigits(s[3:]) &&
		lettered(s, [9]int{7, 3, 1, 0, 7, 3, 1, 7, 3})%10 == digit(s, 3)
}

// plPassport checks a passport: two letters and seven digits of which the first
// is the check.
func plPassport(s string) bool {
	return len(s) == 9 && letter(s[0]) && letter(s[1]) && allDigits(s[2:]) &&
		lettered(s, [9]int{7, 3, 0, 1, 7, 3, 1, 7, 3})%10 == digit(s, 2)
}

func lettered(s string, weights [9]int) int {
	sum := 0
	for i, w := range weights {
		v := int(s[i] - '0')
		if letter(s[i]) {
			v = int(s[i]-'A') + 10
		}
		sum += v * w
	}
	return sum
}

// Hungary.

func huANUM(s string) bool { return digits(s, 8) && weighted(s, 9, 7, 3, 1, 9, 7, 3, 1)%10 == 0 }

func huTAJ(s string) bool {
	return digits(s, 9) && s != "000000000" && weighted(s, 3, 7, 3, 7, 3, 7, 3, 7)%10 == digit(s, 8)
}

// huTax checks a person's tax number: 8, the days from 1867 to birth, a serial
// number.
func huTax(s string) bool {
	return digits(s, 10) && s[0] == '8' && weighted(s, 1, 2, 3, 4, 5, 6, 7, 8, 9)%11 == digit(s, 9)
}
