package pii

import "strings"

// allowed tells whether f is a value that must stay.
func (s *scan) allowed(f *finding) bool {
	if f.rank == rankKnown || len(s.request.Allow)+len(s.detector.options.Allow) == 0 {
		return false
	}
	for _, list := range [...][]string{s.request.Allow, s.detector.options.Allow} {
		for _, value := range list {
			if sameValue(value, s.text[f.start:f.end]) || f.canonical != "" && sameValue(value, f.canonical) {
				return true
			}
			if partAllowed(f.kind) && partOf(value, s.text[f.start:f.end]) {
				return true
			}
		}
	}
	return false
}

// partAllowed tells whether a part of a value that must stay may stay too: the
// street of a hotel's address, the domain of its mail.
func partAllowed(kind Type) bool {
	switch kind {
	case Address, Location, PostCode, URL:
		return true
	}
	return strings.HasSuffix(string(kind), "POSTAL_CODE") || strings.HasSuffix(string(kind), "POSTCODE") || strings.HasSuffix(string(kind), "PLZ")
}

// sameValue compares the letters and digits of two values, without regard to
// case. Phone numbers are the same with the country's code and with the trunk
// prefix.
func sameValue(a, b string) bool {
	i, j, same, digits := len(a), len(b), 0, true
	for {
		for i > 0 && !valueByte(a[i-1]) {
			i--
		}
		for j > 0 && !valueByte(b[j-1]) {
			j--
		}
		if i == 0 || j == 0 {
			break
		}
		x, y := lowerByte(a[i-1]), lowerByte(b[j-1])
		if x != y {
			break
		}
		digits = digits && isDigit(x)
		same++
		i, j = i-1, j-1
	}
	if same == 0 {
		return false
	}
	return i == 0 && j == 0 || digits && same >= leastPhone && sameLine(a[:i], b[:j])
}

// leastPhone is how many digits two phone numbers must share.
const leastPhone = 6

// sameLine tells whether two beginnings of phone numbers can be of one: one is a
// trunk prefix or nothing, the other a country's code, with or without what
// dials abroad.
func sameLine(a, b string) bool {
	a, okA := prefixDigits(a)
	b, okB := prefixDigits(b)
	if !okA || !okB {
		return false
	}
	a, b = countryOf(a), countryOf(b)
	return a == b || a == "" || b == ""
}

// countryOf gives the country's code at the beginning of a phone number, without
// what dials abroad and the trunk prefix; empty where none stands there.
func countryOf(prefix string) string {
	switch prefix {
	case "0", "00", "06", "8":
		return ""
	}
	prefix = strings.TrimPrefix(prefix, "00")
	if callingCodes[prefix] == 0 {
		prefix = strings.TrimSuffix(prefix, "0")
	}
	if prefix != "" && callingCodes[prefix] == 0 {
		return "none"
	}
	return prefix
}

// prefixDigits gives the digits of a beginning; it has no letters.
func prefixDigits(s string) (string, bool) {
	var buf [8]byte
	out := buf[:0]
	for i := range len(s) {
		switch {
		case isDigit(s[i]) && len(out) < len(buf):
			out = append(out, s[i])
		case valueByte(s[i]):
			return "", false
		}
	}
	return string(out), true
}

// partOf tells whether the letters and digits of part stand in value, from the
// beginning of a word to the end of one.
func partOf(value, part string) bool {
	for at := range len(value) {
		if valueByte(value[at]) && (at == 0 || !valueByte(value[at-1])) && beginsWith(value[at:], part) {
			return true
		}
	}
	return false
}

// beginsWith tells whether value begins with the letters and digits of part, and
// a word ends there.
func beginsWith(value, part string) bool {
	i, same := 0, 0
	for j := range len(part) {
		if !valueByte(part[j]) {
			continue
		}
		for i < len(value) && !valueByte(value[i]) {
			i++
		}
		if i == len(value) || lowerByte(value[i]) != lowerByte(part[j]) {
			return false
		}
		i++
		same++
	}
	return same >= 4 && (i == len(value) || !valueByte(value[i]))
}

func valueByte(b byte) bool { return isAlnum(b) || b >= 0x80 }

func lowerByte(b byte) byte {
	if isUpper(b) {
		return b | 0x20
	}
	return b
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if valueByte(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}
