package numbers

import (
	"strings"
	"time"
)

// Denmark.

// dkCPR tells whether the day of birth exists and is past, in the century that
// the seventh digit says. Numbers given out since 2007 need no check digit.
func dkCPR(s string) bool {
	if !digits(s, 10) {
		return false
	}
	year, seventh := value(s[4:6]), digit(s, 6)
	switch {
	case seventh <= 3:
		year += 1900
	case seventh == 4 || seventh == 9:
		if year += 1900; year <= 1936 {
			year += 100
		}
	case year <= 57:
		year += 2000
	default:
		year += 1800
	}
	month, day := value(s[2:4]), value(s[:2])
	return date(year, month, day) && past(year, month, day)
}

func dkCPRChecked(s string) bool {
	return dkCPR(s) && weighted(s, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

func dkCVR(s string) bool {
	return digits(s, 8) && s[0] != '0' && weighted(s, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// Finland.

// fiHetu checks a personal identity code. It takes it as written: the sign in
// its middle tells the century.
func fiHetu(s string) bool {
	if len(s) != 11 || !allDigits(s[:6]) || !allDigits(s[7:10]) {
		return false
	}
	century := 1900
	switch s[6] {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'a', 'b', 'c', 'd', 'e', 'f':
		century = 2000
	case '+':
		century = 1800
	case '-', 'U', 'V', 'W', 'X', 'Y', 'u', 'v', 'w', 'x', 'y':
	default:
		return false
	}
	if !date(century+value(s[4:6]), value(s[2:4]), value(s[:2])) {
		return false
	}
	last := s[10]
	if last-'a' < 26 {
		last -= 0x20
	}
	return "0123456789ABCDEFHJKLMNPRSTUVWXY"[(value(s[:6])*1000+value(s[7:10]))%31] == last
}

// fiResident is fiHetu without the serial numbers that are given for a while only,
// and the first two, which are not given out.
func fiResident(s string) bool { return fiHetu(s) && s[7:10] >= "002" && s[7] < '9' }

func fiALV(s string) bool { return digits(s, 8) && weighted(s, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0 }

// Norway.

// noBirth checks a birth number, also of tests: their months are raised by 80 or
// 65.
func noBirth(s string) bool {
	if !digits(s, 11) {
		return false
	}
	day, month := value(s[:2]), value(s[2:4])
	if day > 40 {
		day -= 40
	}
	switch {
	case month > 80:
		month -= 80
	case month > 65:
		month -= 65
	case month > 40:
		month -= 40
	}
	return shortDate(value(s[4:6]), month, day) && noChecks(s)
}

func noChecks(s string) bool {
	return (11-weighted(s, 3, 7, 6, 1, 8, 9, 4, 5, 2)%11)%11 == digit(s, 9) &&
		(11-weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 == digit(s, 10)
}

// noPerson checks the birth number of a person who lives. Days are raised by 40
// in numbers of people without residence, months in those of hospitals; the
// serial number tells the century.
func noPerson(s string) bool {
	if !digits(s, 11) || !noChecks(s) {
		return false
	}
	day, month, year, serial := value(s[:2]), value(s[2:4]), value(s[4:6]), value(s[6:9])
	if day > 40 {
		day -= 40
	}
	if month > 40 {
		month -= 40
	}
	switch {
	case serial < 500, serial >= 900 && year >= 40:
		year += 1900
	case serial < 750 && year >= 54:
		year += 1800
	case year < 40:
		year += 2000
	default:
		return false
	}
	return date(year, month, day) && past(year, month, day)
}

// past tells whether a day has begun.
func past(year, month, day int) bool {
	return !time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).After(time.Now())
}

func noAccount(s string) bool {
	switch {
	case digits(s, 7):
		return Luhn(s)
	case !digits(s, 11):
		return false
	case s[:4] == "0000":
		return Luhn(s[4:])
	}
	return weighted(s, 6, 7, 8, 9, 4, 5, 6, 7, 8, 9)%11 == digit(s, 10)
}

func noOrg(s string) bool { return digits(s, 9) && weighted(s, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }

func noMVA(s string) bool { return strings.HasSuffix(s, "MVA") && noOrg(s[:len(s)-3]) }

func noIBAN(s string) bool { return IBAN(s) && s[:2] == "NO" && noAccount(s[4:]) }

// Sweden.

// sePerson checks a personal number of ten or twelve digits.
func sePerson(s string) bool {
	s = strings.ReplaceAll(s, "+", "")
	if len(s) == 12 && allDigits(s) {
		return date(value(s[:4]), value(s[4:6]), value(s[6:8])) && Luhn(s[2:])
	}
	return digits(s, 10) && shortDate(value(s[:2]), value(s[2:4]), value(s[4:6])) && Luhn(s)
}

// sePersonForm is sePerson as Presidio has it: any day up to 31 of any month,
// raised by 60 in the numbers of people without residence.
func sePersonForm(s string) bool {
	s = strings.ReplaceAll(s, "+", "")
	if len(s) == 12 {
		s = s[2:]
	}
	if !digits(s, 10) {
		return false
	}
	day, month := value(s[4:6]), value(s[2:4])
	if day > 60 {
		day -= 60
	}
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && Luhn(s)
}

func seOrg(s string) bool { return digits(s, 10) && Luhn(s) }

func seCompany(s string) bool { return seOrg(s) && s[2] >= '2' }

func seVAT(s string) bool { return digits(s, 12) && s[10:] == "01" && seOrg(s[:10]) }

// The Baltic countries.

// balticID checks the person's number of Estonia and Lithuania: the first digit
// tells sex and century.
func balticID(s string) bool {
	if !digits(s, 11) || s[0] == '0' {
		return false
	}
	century := 1800 + (digit(s, 0)-1)/2*100
	if s[0] != '9' && !date(century+value(s[1:3]), value(s[3:5]), value(s[5:7])) {
		return false
	}
	return balticCheck(s[:10]) == digit(s, 10)
}

// balticCheck is the check digit over s. Where the first weights give 10, they
// are counted two further on.
func balticCheck(s string) int {
	for shift := range 2 {
		sum := 0
		for i := range len(s) {
			sum += digit(s, i) * ((i+2*shift)%9 + 1)
		}
		if sum %= 11; sum < 10 {
			return sum
		}
	}
	return 0
}

// eeID is balticID without the first digit of people whose day is not known,
// which Lithuania alone has.
func eeID(s string) bool { return balticID(s) && s[0] != '9' }

func eeCompany(s string) bool {
	return digits(s, 8) && strings.IndexByte("1789", s[0]) >= 0 && balticCheck(s[:7]) == digit(s, 7)
}

func eeKMKR(s string) bool { return digits(s, 9) && weighted(s, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 }

func ltPVM(s string) bool {
	if !(digits(s, 9) && s[7] == '1') && !(digits(s, 12) && s[10] == '1') {
		return false
	}
	return balticCheck(s[:len(s)-1]) == digit(s, len(s)-1)
}

// lvPVN checks a tax number: a company's, or a person's own number.
func lvPVN(s string) bool {
	if !digits(s, 11) {
		return false
	}
	if s[0] > '3' {
		return weighted(s, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)%11 == 3
	}
	return lvPersonal(s)
}

// lvPersonal checks a person's number. Those since 2017 begin with 32 and tell no
// day of birth.
func lvPersonal(s string) bool {
	if !digits(s, 11) {
		return false
	}
	if s[:2] != "32" {
		century := 1800 + digit(s, 6)*100
		if !date(century+value(s[4:6]), value(s[2:4]), value(s[:2])) {
			return false
		}
	}
	return (1+weighted(s, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9))%11%10 == digit(s, 10)
}
