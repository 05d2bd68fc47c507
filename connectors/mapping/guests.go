package mapping

import (
	"slices"
	"strings"
	"unicode"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Matches reports whether a guest is one that the query means: every field of
// the query equals the guest's, upper and lower case and spaces apart, in a
// phone number the usual separators too. Vendors' searches find more.
func Matches(q pms.GuestQuery, g pms.Guest) bool {
	same := func(wanted, has string) bool { return wanted == "" || fold(wanted) == fold(has) }
	return same(q.LastName, g.LastName) && same(q.FirstName, g.FirstName) && same(q.Email, g.Email) &&
		(q.Phone == "" || digits(q.Phone) == digits(g.Phone))
}

// Matching takes from what a vendor's search found the guests that the query
// means, each id once. Nil is a guest that the vendor withholds.
func Matching(q pms.GuestQuery, found []*pms.Guest) []pms.Guest {
	var guests []pms.Guest
	for _, g := range found {
		known := func(other pms.Guest) bool { return other.ID == g.ID }
		if g != nil && Matches(q, *g) && !slices.ContainsFunc(guests, known) {
			guests = append(guests, *g)
		}
	}
	return guests
}

// SearchText is what to ask a vendor's text search for: the e-mail address,
// else the longest word of the last name, else of the first. A word, for
// vendors differ in how they treat spaces. Empty when the query names none.
func SearchText(q pms.GuestQuery) string {
	if email := strings.TrimSpace(q.Email); email != "" {
		return email
	}
	for _, name := range []string{q.LastName, q.FirstName} {
		longest := ""
		for _, word := range strings.Fields(name) {
			if len(word) > len(longest) {
				longest = word
			}
		}
		if longest != "" {
			return longest
		}
	}
	return ""
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// digits leaves the digits of a phone number, and its plus sign.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-/.()", r) {
			return -1
		}
		return r
	}, s)
}
