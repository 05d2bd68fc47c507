package retention

import (
	"errors"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
)

// ErrPolicy is wrapped by every complaint about a policy; those about a file
// begin with its name and line.
var ErrPolicy = errors.New("retention: not a policy")

// An Anchor is an event that terms count from.
type Anchor string

// The anchors that records have. A policy's file derives others from them.
const (
	Arrival         Anchor = "arrival"
	Departure       Anchor = "departure"
	Entry           Anchor = "entry"            // into the guest register
	DepartureNotice Anchor = "departure_notice" // to an authority
	Receipt         Anchor = "receipt"          // by an authority, of what was sent
	CallEnd         Anchor = "call_end"
	Ended           Anchor = "ended" // the end of the stay or call that it is about
	Issued          Anchor = "issued"
	Created         Anchor = "created"
	Closed          Anchor = "closed"
	// CalendarYearEnd is 31 December of the year of Issued unless the record
	// says otherwise.
	CalendarYearEnd Anchor = "calendar_year_end"
)

func given() []Anchor {
	return []Anchor{Arrival, Departure, Entry, DepartureNotice, Receipt, CallEnd, Ended, Issued, Created, Closed}
}

// A Bound says what a rule's term is.
type Bound string

// The bounds.
const (
	Min     Bound = "min"     // the law demands that it is kept so long
	Max     Bound = "max"     // the law demands that it is gone by then
	Default Bound = "default" // our own term, where the hotel sets none
)

// An Act is what is done when the time has come.
type Act string

// The acts.
const (
	Delete   Act = "delete"   // the row and what hangs on it
	Shred    Act = "shred"    // the row, and the key that sealed it
	Redact   Act = "redact"   // the guest's part of the row
	Restrict Act = "restrict" // kept for the law only, and shown to nobody
)

// A Rule is one term for one class of data.
type Rule struct {
	ID         string         `json:"rule"`
	Class      register.Class `json:"class"`
	Country    string         `json:"country,omitempty"` // everywhere when empty
	Purpose    string         `json:"purpose"`
	Basis      string         `json:"legal_basis,omitempty"`
	Anchor     Anchor         `json:"anchor"`
	Period     Period         `json:"period"`
	Bound      Bound          `json:"bound"`
	Action     Act            `json:"action"`
	Statute    string         `json:"statute,omitempty"`
	Source     string         `json:"source,omitempty"`
	ValidFrom  time.Time      `json:"valid_from,omitzero"`
	ValidTo    time.Time      `json:"valid_to,omitzero"` // the first day on which it holds no more
	Retro      bool           `json:"retroactive,omitempty"`
	Owner      string         `json:"owner"`
	ReviewedBy string         `json:"reviewed_by,omitempty"`
	Note       string         `json:"note,omitempty"`

	like string
	from place
}

// Reviewed tells who of the law looked at the rule.
func (r Rule) Reviewed() string {
	if r.ReviewedBy == "" {
		return "not reviewed by a lawyer"
	}
	return "reviewed by " + r.ReviewedBy
}

// covers tells whether the rule holds for what happened on a day.
func (r Rule) covers(day time.Time) bool {
	return (r.ValidFrom.IsZero() || !day.Before(r.ValidFrom)) && (r.ValidTo.IsZero() || day.Before(r.ValidTo))
}

// A derived anchor is made from another one.
type derived struct {
	of      Anchor
	yearEnd bool
	plus    Period
	from    place
}

func (d derived) day(base time.Time) time.Time {
	if d.yearEnd {
		base = time.Date(base.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return d.plus.after(base)
}

// Policy is a checked set of rules. It never changes.
type Policy struct {
	rules   []Rule
	anchors map[Anchor]derived
	digest  [32]byte
}

// Rules are those of a class and a country, with the ones of every country;
// empty stands for all.
func (p *Policy) Rules(class register.Class, country string) []Rule {
	var found []Rule
	for _, r := range p.rules {
		if (class == "" || r.Class == class) && (country == "" || r.Country == "" || r.Country == country) {
			found = append(found, r)
		}
	}
	return found
}

// Digest changes with any rule.
func (p *Policy) Digest() [32]byte { return p.digest }

// Classes are those that have rules in a country, in the register's order.
func (p *Policy) Classes(country string) []register.Class {
	var found []register.Class
	for _, class := range register.Classes() {
		if slices.ContainsFunc(p.Rules(class, country), func(r Rule) bool { return r.Class == class }) {
			found = append(found, class)
		}
	}
	return found
}

// standing are the rules of a class that hold today, with those gone that a
// shorter term replaced for what lies behind too.
func (p *Policy) standing(class register.Class, country, purpose string, today time.Time) []Rule {
	found := p.Rules(class, country)
	found = slices.DeleteFunc(slices.Clone(found), func(r Rule) bool {
		return r.Class != class || purpose != "" && r.Purpose != purpose || (country == "" && r.Country != "")
	})
	var standing []Rule
	for _, r := range found {
		replaced := slices.ContainsFunc(found, func(o Rule) bool {
			return o.Retro && o.ID != r.ID && !today.Before(o.ValidFrom) && o.ValidFrom.After(r.ValidFrom) && o.same(r)
		})
		if replaced {
			continue
		}
		if r.Retro && !today.Before(r.ValidFrom) {
			r.ValidFrom = time.Time{}
		}
		standing = append(standing, r)
	}
	return standing
}

// same tells whether two rules are for the same thing, at different times.
func (r Rule) same(o Rule) bool {
	return r.Class == o.Class && r.Country == o.Country && r.Purpose == o.Purpose && r.Bound == o.Bound
}
