package numbers

// digits tells whether s is n digits.
func digits(s string, n int) bool { return len(s) == n && allDigits(s) }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return len(s) > 0
}

// digit gives the value of the digit at i.
func digit(s string, i int) int { return int(s[i] - '0') }

// value gives the number that the digits of s say.
func value(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// mod gives the remainder of a number of any length.
func mod(s string, m int) int {
	n := 0
	for i := range len(s) {
		n = (n*10 + int(s[i]-'0')) % m
	}
	return n
}

// weighted is the sum of the first digits of s, each times its weight.
func weighted(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// Luhn checks the digits of s by the scheme of payment cards: from the right
// every second one counts twice.
func Luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i] - '0')
		if d > 9 {
			return false
		}
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return len(s) > 1 && sum%10 == 0
}

// iso11 checks s by ISO 7064 Mod 11,10.
func iso11(s string) bool {
	check := 5
	for i := range len(s) {
		if check == 0 {
			check = 10
		}
		check = (check*2%11 + digit(s, i)) % 10
	}
	return check == 1
}

// iso97 checks letters and digits by ISO 7064 Mod 97,10, with the first n moved
// to the end.
func iso97(s string, n int) bool {
	rest := 0
	for i := range len(s) {
		b := s[(i+n)%len(s)]
		switch {
		case b-'0' < 10:
			rest = (rest*10 + int(b-'0')) % 97
		case b-'A' < 26:
			rest = (rest*100 + int(b-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// icao checks that the last digit of s agrees with what stands before it, by the
// scheme of machine-readable travel documents.
func icao(s string) bool {
	sum := 0
	for i := range len(s) - 1 {
		v := 0
		switch b := s[i]; {
		case b-'0' < 10:
			v = int(b - '0')
		case b-'A' < 26:
			v = int(b-'A') + 10
		default:
			return false
		}
		sum += v * [3]int{7, 3, 1}[i%3]
	}
	last := s[len(s)-1] - '0'
	return last < 10 && sum%10 == int(last)
}

// date tells whether a day exists.
func date(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= monthDays(year, month)
}

func monthDays(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// shortDate tells whether a day exists in the year of either century that two
// digits can mean.
func shortDate(year, month, day int) bool {
	return date(1900+year, month, day) || date(2000+year, month, day)
}

func letter(b byte) bool { return b-'A' < 26 }
