package numbers

import (
	"strings"
	"unicode"
)

// maxValue bounds a value, in bytes: no number with a check digit is longer.
const maxValue = 128

// Valid tells whether value is a number of the entity's kind whose check digits
// agree. An entity is a type's name, such as "UK_NHS", or a country and a kind,
// such as "nl.bsn". known is false where the kind has no check digit, or where
// the entity itself is not known here; valid means nothing then.
//
// A value may hold the spaces and signs that people write between the digits,
// and the country's code before a tax number.
func Valid(entity, value string) (valid, known bool) {
	s, found := lookup(entity)
	if !found || s.check == nil {
		return false, false
	}
	if len(value) > maxValue {
		return false, true
	}
	if s.raw {
		return s.check(strings.TrimSpace(value)), true
	}
	compact, clean := Compact(value)
	if !clean {
		return false, true
	}
	if s.unsure != nil && s.unsure(compact) {
		return false, false
	}
	return s.check(compact) || s.prefix != "" && hasPrefix(compact, s.prefix, s.check), true
}

// Checks tells whether the entity's numbers carry check digits.
func Checks(entity string) bool {
	s, found := lookup(entity)
	return found && s.check != nil
}

// Known tells whether the entity's name is one of a kind of number here, with
// check digits or without.
func Known(entity string) bool {
	_, found := lookup(entity)
	return found
}

// Checker gives the check of an entity's numbers for compact values: letters in
// upper case, no signs between. It is nil where Checks is false.
func Checker(entity string) func(compact string) bool {
	s, _ := lookup(entity)
	if s.prefix == "" {
		return s.check
	}
	return func(compact string) bool { return s.check(compact) || hasPrefix(compact, s.prefix, s.check) }
}

// Compact takes spaces, signs and what has no width out of value, raises its
// letters and writes full-width ones plainly. It is not clean when something else than letters, digits and the usual signs
// stands in it.
func Compact(value string) (compact string, clean bool) {
	out := make([]byte, 0, len(value))
	for _, r := range value {
		switch r = plain(r); {
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			out = append(out, byte(r))
		case r >= 'a' && r <= 'z':
			out = append(out, byte(r)-0x20)
		case r == '+' && len(out) > 0: // a century's sign, and a letter of old Irish numbers
			out = append(out, '+')
		case r == nothing || r < 0x80 && strings.IndexByte(" \t\n-./,:;_()'*+", byte(r)) >= 0:
		default:
			return "", false
		}
	}
	return strings.TrimRight(string(out), "+"), true
}

// nothing stands for a character without width.
const nothing rune = -1

// plain gives the ASCII character that shows the same as r, where one does.
func plain(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case unicode.In(r, unicode.Cf, unicode.Variation_Selector):
		return nothing
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r), r == 0x2212:
		return '-'
	}
	return r
}

// A scheme is how one kind of number is checked.
type scheme struct {
	check  func(string) bool
	prefix string // country codes that may stand before it, by spaces
	// unsure tells of numbers that are right in form but were given out without a
	// check digit.
	unsure func(string) bool
	raw    bool // check takes the value as it is written
}

func hasPrefix(s, prefixes string, check func(string) bool) bool {
	for p := range strings.FieldsSeq(prefixes) {
		if rest, ok := strings.CutPrefix(s, p); ok && check(rest) {
			return true
		}
	}
	return false
}

// lookup finds the scheme of an entity: "NL_BSN" is another way to say
// "nl.bsn".
func lookup(entity string) (scheme, bool) {
	if len(entity) > 40 {
		return scheme{}, false
	}
	if len(entity) > 3 && (entity[:3] == "uk." || entity[:3] == "UK.") {
		entity = "gb." + entity[3:]
	}
	if s, ok := schemes[entity]; ok {
		return s, true
	}
	if s, ok := schemes[strings.Replace(strings.ToLower(entity), "_", ".", 1)]; ok {
		return s, true
	}
	s, ok := schemes[strings.ToUpper(entity)]
	return s, ok
}
