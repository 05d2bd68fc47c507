package letters

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/connectors/pms"
)

var (
	codePattern        = regexp.MustCompile(`^[0-9]{6,8}$`)
	referencePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$`)
	fingerprintPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func lacking(what string) error { return fmt.Errorf("%w: %s", ErrData, what) }

func (d Code) validate() error {
	if !codePattern.MatchString(d.Code) || d.Minutes < 1 || d.Minutes > 60 {
		return lacking("a code has 6 to 8 digits and is valid for 1 to 60 minutes")
	}
	return nil
}

func (b Booking) validate() error {
	switch {
	case !referencePattern.MatchString(b.Reference):
		return lacking("the booking's number")
	case b.Arrival.IsZero() || b.Nights() < 0 || b.Nights() > 999:
		return lacking("arrival and departure")
	case len(b.Rooms) < 1 || len(b.Rooms) > 20 || slices.ContainsFunc(b.Rooms, func(r string) bool { return !line(r, 100) }):
		return lacking("the rooms' names")
	case b.Guests < 1 || b.Guests > 999:
		return lacking("the number of guests")
	case !pms.ValidCurrency(b.Total.Currency):
		return lacking("the total price")
	}
	return nil
}

func (d Confirmation) validate() error { return d.Booking.validate() }
func (d Change) validate() error       { return d.Booking.validate() }

func (d Cancellation) validate() error {
	switch {
	case !referencePattern.MatchString(d.Reference):
		return lacking("the booking's number")
	case d.Arrival.IsZero() || d.Departure.IsZero():
		return lacking("arrival and departure")
	case !d.Fee.IsZero() && !pms.ValidCurrency(d.Fee.Currency):
		return lacking("the cancellation fee's currency")
	}
	return nil
}

func (c Request) validate() error {
	switch {
	case !referencePattern.MatchString(c.Case):
		return lacking("the case number")
	case !slices.Contains(Rights(), c.Right):
		return lacking("the right that was asked for")
	case c.Received.IsZero():
		return lacking("the day when the request came in")
	}
	return nil
}

func (d Receipt) validate() error {
	if d.Due.Before(d.Received) {
		return lacking("the day by when it is answered")
	}
	return d.Request.validate()
}

func (d Extension) validate() error {
	if d.Due.Before(d.Received) {
		return lacking("the day by when it is answered")
	}
	return errors.Join(d.Request.validate(), someOf(d.Reasons, ExtensionReasons()))
}

func (d Refusal) validate() error {
	if d.Explanation != "" && !prose(d.Explanation, 2000) {
		return lacking("the explanation must be text of at most 2000 characters")
	}
	return errors.Join(d.Request.validate(), someOf(d.Reasons, RefusalReasons()))
}

func (d Completion) validate() error {
	if d.Completed.Before(d.Received) {
		return lacking("the day when it was done")
	}
	return errors.Join(d.Request.validate(), validLink(d.Link, d.LinkUntil), validKept(d.Kept))
}

func (d Certificate) validate() error {
	if d.Erased.Before(d.Received) || d.Final.Before(d.Erased) {
		return lacking("the days when it was erased and when that is final")
	}
	if !fingerprintPattern.MatchString(d.Fingerprint) {
		return lacking("the certificate's fingerprint")
	}
	return errors.Join(d.Request.validate(), validLink(d.Link, d.LinkUntil), validKept(d.Kept))
}

func (d Partly) validate() error {
	if d.Completed.Before(d.Received) {
		return lacking("the day when it was done")
	}
	return errors.Join(d.Request.validate(), someOf(d.Reasons, RefusalReasons()), validKept(d.Kept))
}

func (d Deferral) validate() error {
	return errors.Join(d.Request.validate(), notBefore(d.Until, d.Received))
}

func (d Lifting) validate() error {
	return errors.Join(d.Request.validate(), notBefore(d.From, d.Received))
}

func notBefore(day, received pms.Date) error {
	if day.Before(received) {
		return lacking("the day from when on it holds")
	}
	return nil
}

// someOf wants one or more of the known ones.
func someOf(values, known []string) error {
	if len(values) == 0 || len(values) > len(known) ||
		slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(known, v) }) {
		return lacking("one or more reasons of " + strings.Join(known, ", "))
	}
	return nil
}

func validKept(kept []Kept) error {
	for _, k := range kept {
		if !slices.Contains(KeptThings(), k.What) || k.Until.IsZero() {
			return lacking("what is kept, of " + strings.Join(KeptThings(), ", ") + ", and until when")
		}
	}
	return nil
}

func validLink(link string, until pms.Date) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || len(link) > 1024 || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Hostname() != "127.0.0.1" || until.IsZero() {
		return lacking("a link is an https URL with the day until which it works")
	}
	return nil
}

// line accepts one line of text for people.
func line(s string, most int) bool {
	return s != "" && prose(s, most) && !strings.ContainsAny(s, "\n\r\t")
}

// prose accepts text for people, with line breaks.
func prose(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' })
}
