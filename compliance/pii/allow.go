package pii

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
		}
	}
	return false
}

// sameValue compares the letters and digits of two values, without regard to
// case. Of two phone numbers that differ in the country's or trunk prefix the
// last nine digits decide.
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
			return false
		}
		digits = digits && isDigit(x)
		same++
		i, j = i-1, j-1
	}
	return same > 0 && (i == 0 && j == 0 || digits && same >= 9 && onlyDigits(a[:i]) && onlyDigits(b[:j]))
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
