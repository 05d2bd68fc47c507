package pii

import "strings"

// knownLanguage tells whether code is a language code by its form: two or three
// letters, with a script or country behind. A language that the detector has no
// words of is no error: its numbers are the same.
func knownLanguage(code string) bool {
	if code == "" {
		return true
	}
	if len(code) > 16 {
		return false
	}
	first, rest, more := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	if len(first) < 2 || len(first) > 3 || more && rest == "" {
		return false
	}
	for i := range len(first) {
		if !isLetter(first[i]) {
			return false
		}
	}
	for i := range len(rest) {
		if !isAlnum(rest[i]) && rest[i] != '-' {
			return false
		}
	}
	return true
}

func knownRegion(code string) bool {
	return len(code) == 2 && isLetter(code[0]) && isLetter(code[1])
}
