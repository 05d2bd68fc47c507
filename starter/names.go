package starter

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/voicehive/voicehive/connectors/pms"
)

// knowsGuest reports whether the last name belongs to somebody on the
// reservation. Case, accents and spaces do not count, for the name was heard
// and not read. Where the vendor withholds names nobody can be known.
func knowsGuest(r pms.Reservation, lastName string) bool {
	heard := fold(lastName)
	if heard == "" {
		return false
	}
	known := []*pms.Guest{r.Booker}
	for _, s := range r.Stays {
		known = append(known, s.Guest)
	}
	for _, g := range known {
		if g != nil && fold(g.LastName) == heard {
			return true
		}
	}
	return false
}

// fold brings Müller, MUELLER and "mueller " to one form.
func fold(name string) string {
	name = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue").Replace(norm.NFC.String(name))
	marks := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), runes.Remove(runes.Predicate(func(r rune) bool {
		return !unicode.IsLetter(r)
	})), norm.NFC)
	plain, _, err := transform.String(marks, cases.Fold().String(name))
	if err != nil {
		return ""
	}
	return plain
}
