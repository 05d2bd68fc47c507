package pii

import "errors"

// MaxText bounds a text, in bytes.
const MaxText = 1 << 20

// DefaultMinScore is the least score that is reported where a request names
// none.
const DefaultMinScore = 0.4

// Errors of Scan. Whoever redacts must mask the whole text on any of them.
var (
	ErrInvalidText     = errors.New("pii: the text is not valid UTF-8")
	ErrTooLong         = errors.New("pii: the text is longer than 1 MiB; cut it at a turn's end")
	ErrUnknownType     = errors.New("pii: unknown type")
	ErrUnknownLanguage = errors.New("pii: unknown language; give a code such as en or de-AT, or none")
	ErrUnknownRegion   = errors.New("pii: unknown region; give a country's code of two letters, or none")
	ErrInvalidScore    = errors.New("pii: a least score must be at most 1")
)

// Known are the values that the call knows already, such as those of the
// reservation and of the caller.
type Known struct {
	Names, Phones, Emails, Bookings, Addresses []string
}

// A Request is one text to look through.
type Request struct {
	Text string
	// Language is a code such as "de" or "de-AT"; empty looks for all languages.
	Language string
	// Entities are the types to report; empty reports all. A typed request
	// reports no bare NUMBER_SEQUENCE unless it names it.
	Entities []Type
	// Context are words that stand beside the text, such as a form field's name.
	Context []string
	Known   Known
	// Allow are values that must stay, such as the hotel's own phone.
	Allow []string
	// MinScore is the least score to report. Zero means DefaultMinScore, a
	// negative one reports everything.
	MinScore float64
	// Expect are the types that the agent's last question asked for.
	Expect []Type
	// Region is the country (such as "DE") that national numbers are read for
	// first.
	Region string
}
