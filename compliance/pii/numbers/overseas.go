package numbers

import "strings"

// Numbers of countries beyond Europe that Presidio has names for. No scan
// reports them; their check digits are told all the same, so that who comes from
// there need not ask elsewhere.

// usRouting checks the number of a bank of the United States.
func usRouting(s string) bool {
	return digits(s, 9) && strings.IndexByte("0123678", s[0]) >= 0 && weighted(s, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 && value(s) > 0
}

// usNPI checks the number of a health-care provider: a card's, with the code of
// the issuer left out.
func usNPI(s string) bool {
	return digits(s, 10) && (s[0] == '1' || s[0] == '2') && Luhn("80840"+s)
}

// auABN checks the number of an Australian business.
func auABN(s string) bool {
	return digits(s, 11) && s[0] != '0' && (weighted(s, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

// auACN checks the number of an Australian company.
func auACN(s string) bool {
	return digits(s, 9) && (10-weighted(s, 8, 7, 6, 5, 4, 3, 2, 1)%10)%10 == digit(s, 8)
}

// auTFN checks an Australian tax number, of eight or nine digits.
func auTFN(s string) bool {
	switch len(s) {
	case 8:
		return allDigits(s) && weighted(s, 10, 7, 8, 4, 6, 3, 5, 1)%11 == 0
	case 9:
		return allDigits(s) && weighted(s, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
	}
	return false
}

// auMedicare checks an Australian health card's number; the digits behind the
// check digit count cards and persons.
func auMedicare(s string) bool {
	return (digits(s, 10) || digits(s, 11)) && s[0] >= '2' && s[0] <= '6' && weighted(s, 1, 3, 7, 9, 1, 3, 7, 9)%10 == digit(s, 8)
}

// caSIN checks a Canadian social insurance number.
func caSIN(s string) bool { return digits(s, 9) && s[0] != '0' && s[0] != '8' && Luhn(s) }

// inAadhaar checks an Indian resident's number; one that reads the same from
// behind is not given out.
func inAadhaar(s string) bool {
	if !digits(s, 12) || s[0] < '2' {
		return false
	}
	same := true
	for i := range 6 {
		same = same && s[i] == s[11-i]
	}
	return !same && verhoeff(s)
}

// inGSTIN checks an Indian tax number: a state, the holder's own number and a
// check sign of 36.
func inGSTIN(s string) bool {
	if len(s) != 15 || !allDigits(s[:2]) || value(s[:2]) < 1 || value(s[:2]) > 38 || !isLetters(s[2:7]) || !allDigits(s[7:11]) || !letter(s[11]) {
		return false
	}
	sum := 0
	for i := range len(s) {
		v := strings.IndexByte(eicSigns[:36], s[i])
		if v < 0 {
			return false
		}
		if (len(s)-i)%2 == 0 {
			v *= 2
		}
		sum += v/36 + v%36
	}
	return sum%36 == 0
}

// krResident checks a Korean resident's number, which a day of birth begins.
func krResident(s string) bool {
	return krDated(s) && (11-krSum(s)%11)%10 == digit(s, 12)
}

// krNewer tells of numbers that may have been given out since October 2020, when
// Korea took the check digit away: those of who was born since.
func krNewer(s string) bool {
	return krDated(s) && strings.IndexByte("3478", s[6]) >= 0 && s[:4] >= "2010"
}

// krForeigner checks the number of a foreigner who lives in Korea.
func krForeigner(s string) bool {
	return krDated(s) && s[6] >= '5' && s[6] <= '8' && (13-krSum(s)%11)%10 == digit(s, 12)
}

func krDated(s string) bool {
	return digits(s, 13) && shortDate(value(s[:2]), value(s[2:4]), value(s[4:6]))
}

func krSum(s string) int { return weighted(s, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5) }

// krBusiness checks the number of a Korean business.
func krBusiness(s string) bool {
	if !digits(s, 10) {
		return false
	}
	sum := weighted(s, 1, 3, 7, 1, 3, 7, 1, 3, 5) + digit(s, 8)*5/10
	return (10-sum%10)%10 == digit(s, 9)
}

// sgUEN checks the number of a Singaporean business, company or other body, by
// its form.
func sgUEN(s string) bool {
	const signs = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
	switch {
	case len(s) == 9 && allDigits(s[:8]):
		return "XMKECAWLJDB"[weighted(s, 10, 4, 9, 3, 8, 2, 7, 1)%11] == s[8]
	case len(s) == 10 && allDigits(s[:9]):
		return "ZKCMDNERGWH"[weighted(s, 10, 8, 6, 4, 9, 7, 5, 3, 1)%11] == s[9]
	case len(s) == 10 && strings.IndexByte("RST", s[0]) >= 0 && allDigits(s[1:3]) && isLetters(s[3:5]) && allDigits(s[5:9]):
		sum := 0
		for i, w := range [...]int{4, 3, 5, 3, 10, 2, 2, 5, 7} {
			v := strings.IndexByte(signs, s[i])
			if v < 0 {
				return false
			}
			sum += v * w
		}
		return signs[((sum-5)%11+11)%11] == s[9]
	}
	return false
}

// sgPerson checks the number of who lives in Singapore.
func sgPerson(s string) bool {
	if len(s) != 9 || !allDigits(s[1:8]) {
		return false
	}
	at := strings.IndexByte("STFG", s[0])
	if at < 0 {
		return false
	}
	sum := weighted(s[1:8], 2, 7, 6, 5, 4, 3, 2) + at%2*4
	return [...]string{"JZIHGFEDCBA", "XWUTRQPNMLK"}[at/2][sum%11] == s[8]
}

// thPerson checks a Thai identity number.
func thPerson(s string) bool {
	return digits(s, 13) && s[0] != '0' && (11-weighted(s, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11)%10 == digit(s, 12)
}

// ngNIN checks a Nigerian identity number.
func ngNIN(s string) bool { return digits(s, 11) && verhoeff(s) }
