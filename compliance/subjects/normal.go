package subjects

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxText bounds what is normalised, in bytes. No name, number or address that
// anybody gives on a call is longer.
const maxText = 400

// minPhone is the length of the shortest number that reaches somebody, with +.
const minPhone = 8

// Phone brings a number to E.164. country (ISO 3166, such as DE) is where it
// was dialled or written down: a number without + is one of that country. It
// returns "" for what is no number.
func Phone(text, country string) string {
	if len(text) > maxText || !utf8.ValidString(text) {
		return ""
	}
	number, err := phonenumbers.Parse(norm.NFKC.String(text), country)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return ""
	}
	// An extension is a desk behind the number, and not part of E.164.
	text = phonenumbers.Format(number, phonenumbers.E164)
	if len(text) < minPhone {
		return "" // a house's inner number, or a fragment
	}
	// Made-up numbers can read differently a second time; those name nobody.
	again, err := phonenumbers.Parse(text, "")
	if err != nil || phonenumbers.Format(again, phonenumbers.E164) != text {
		return ""
	}
	return text
}

// Email brings an address to one form: Unicode compatibility forms are
// composed, case does not count, and the domain is in ASCII. Dots and tags in
// the local part stay, for only the domain's owner knows what they mean. It
// returns "" for what is no address.
func Email(text string) string {
	if len(text) > maxText || !utf8.ValidString(text) {
		return ""
	}
	text = strings.TrimSpace(norm.NFKC.String(text))
	at := strings.LastIndexByte(text, '@')
	if at < 1 || at == len(text)-1 {
		return ""
	}
	local := norm.NFKC.String(fold(text[:at]))
	if strings.ContainsFunc(local, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '@' }) {
		return ""
	}
	domain, err := idna.Lookup.ToASCII(strings.ToLower(strings.TrimSuffix(text[at+1:], ".")))
	if err != nil || slices.Contains(strings.Split(domain, "."), "") || strings.ContainsFunc(domain, unicode.IsSpace) {
		return ""
	}
	return local + "@" + domain
}

// Name brings a name to the form in which it is compared: case, accents,
// hyphens and the order of its words do not count, for it was heard and not
// read. It returns "" when no letter is left.
func Name(parts ...string) string {
	var words []string
	for _, part := range parts {
		words = append(words, nameWords(part)...)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// plain spells letters that carry no removable accent, and the ways in which
// an umlaut is written where keyboards have none.
var plain = strings.NewReplacer(
	"ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "æ", "a", "œ", "o",
	"ae", "a", "oe", "o", "ue", "u",
)

// fold takes case away. Folding alone leaves some scripts' letters (Cherokee's)
// in one case or the other, as they came.
func fold(text string) string { return strings.ToLower(cases.Fold().String(text)) }

// nameWords splits at everything that is no letter but an apostrophe: O'Neill
// is one word.
func nameWords(text string) []string {
	if len(text) > maxText || !utf8.ValidString(text) {
		return nil
	}
	folded := norm.NFKD.String(fold(norm.NFKC.String(text)))
	folded = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '`':
			return -1
		case unicode.IsLetter(r), unicode.Is(unicode.Mc, r):
			return r
		}
		return ' '
	}, folded)
	return strings.Fields(settle(folded))
}

// settle repeats until nothing changes, so that a normal form is its own: what
// one pass leaves may spell something anew.
func settle(text string) string {
	for {
		next := plain.Replace(text)
		if next == text {
			return text
		}
		text = next
	}
}
