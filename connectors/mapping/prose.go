package mapping

import (
	"regexp"
	"strconv"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Phrase is how a vendor that has no codes words a refusal, and what we make
// of it. Says makes one.
type Phrase struct {
	said          *regexp.Regexp
	means         pms.Error
	field, detail *regexp.Regexp
}

// Says is a phrase that a pattern recognises, and what it means.
func Says(pattern string, kind error, field, detail string) Phrase {
	return Phrase{said: regexp.MustCompile(pattern), means: pms.Error{Kind: kind, Field: field, Detail: detail}}
}

// Naming takes the field from what was said: a word of the vendor that the
// pattern knows beforehand, and that so cannot be a guest's.
func (p Phrase) Naming(pattern string) Phrase {
	p.field = regexp.MustCompile(pattern)
	return p
}

// Telling takes the detail from what was said, as Naming does the field.
func (p Phrase) Telling(pattern string) Phrase {
	p.detail = regexp.MustCompile(pattern)
	return p
}

// Understand finds the first phrase that fits what a vendor said. Nothing of
// it leaves this function but what a phrase picks: it may quote the guest. Nil
// when no phrase fits.
func Understand(said string, phrases []Phrase) *pms.Error {
	for _, p := range phrases {
		if !p.said.MatchString(said) {
			continue
		}
		means := p.means
		if p.field != nil {
			means.Field = p.field.FindString(said)
		}
		if p.detail != nil {
			means.Detail = p.detail.FindString(said)
		}
		return &means
	}
	return nil
}

// What hotels' systems say of a rate that a stay breaks the rules of.
var (
	minimumStay       = regexp.MustCompile(`(?i)min(?:imum)? (?:length of )?stay\D{0,20}(\d{1,3})`)
	maximumStay       = regexp.MustCompile(`(?i)max(?:imum)? (?:length of )?stay\D{0,20}(\d{1,3})`)
	closedToArrival   = regexp.MustCompile(`(?i)closed (?:on|to|for) arrival`)
	closedToDeparture = regexp.MustCompile(`(?i)closed (?:on|to|for) departure`)
	closed            = regexp.MustCompile(`(?i)\bclosed\b`)
)

// Restrict adds to r what a sentence tells of a restriction; false when it
// tells none that is known.
func Restrict(r *pms.Restrictions, sentence string) bool {
	switch {
	case minimumStay.MatchString(sentence):
		r.MinNights = max(r.MinNights, nights(minimumStay, sentence))
	case maximumStay.MatchString(sentence):
		r.MaxNights = nights(maximumStay, sentence)
	case closedToArrival.MatchString(sentence):
		r.ClosedToArrival = true
	case closedToDeparture.MatchString(sentence):
		r.ClosedToDeparture = true
	case closed.MatchString(sentence):
		r.Closed = true
	default:
		return false
	}
	return true
}

func nights(pattern *regexp.Regexp, sentence string) int {
	n, _ := strconv.Atoi(pattern.FindStringSubmatch(sentence)[1]) // digits, by the pattern
	return n
}
