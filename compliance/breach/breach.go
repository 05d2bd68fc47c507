package breach

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind is what was broken, in the words of the guidelines.
type Kind string

// The kinds.
const (
	Confidentiality Kind = "confidentiality"
	Integrity       Kind = "integrity"
	Availability    Kind = "availability"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Confidentiality, Integrity, Availability} }

// Act is what a note tells. It is stored: never change one.
type Act string

// The acts.
const (
	Fact           Act = "fact"            // something was found out
	ControllerTold Act = "controller_told" // a hotel was told (33(2))
	Assessed       Act = "assessed"        // how much is at risk for guests
	AuthorityTold  Act = "authority_told"  // the authority was told (33(1))
	PersonsTold    Act = "persons_told"    // guests were told (34)
	Remedied       Act = "remedied"        // something was done about it
)

// Acts are all of them.
func Acts() []Act {
	return []Act{Fact, ControllerTold, Assessed, AuthorityTold, PersonsTold, Remedied}
}

// Risk is how much is at risk for the rights of guests. Where a risk is unlikely
// no authority has to be told, and that has to be said with reasons.
type Risk string

// The risks.
const (
	Unlikely Risk = "unlikely"
	Likely   Risk = "risk"
	High     Risk = "high" // guests are told too (34)
)

// Phase is which of the notices to an authority it is.
type Phase string

// The phases.
const (
	Initial    Phase = "initial"
	Supplement Phase = "supplement"
	Final      Phase = "final"
)

// Delays are why a notice to an authority can be late.
func Delays() []string {
	return []string{"investigation", "law_enforcement", "late_discovery", "technical"}
}

// Refusals.
var (
	// ErrInvalid is wrapped by every complaint about what is to be written.
	ErrInvalid = errors.New("breach: this cannot be written into the register")
	// ErrGuest: the text tells of somebody.
	ErrGuest = fmt.Errorf("%w: it tells of a person; count people and name nobody", ErrInvalid)
	// ErrNotFound: the register has no such breach.
	ErrNotFound = errors.New("breach: the register has no such breach; see `voicehive breach list`")
	// ErrClosed: nothing is added to a breach that is closed.
	ErrClosed = errors.New("breach: the breach is closed; open another one that names it")
	// ErrUndone: something has to be done before it can be closed.
	ErrUndone = errors.New("breach: it cannot be closed yet")
	// ErrFull: the register takes no more notes of one breach.
	ErrFull = errors.New("breach: it has 1000 notes, which is all that one breach can have")
)

// Hours are what the clock allows, from awareness.
type Hours struct {
	// Controller is by when the hotels are told: "without undue delay" is no
	// number in the law, so this is the house's own promise.
	Controller int
	// Authority is by when an authority is told.
	Authority int
}

// DefaultHours are what holds unless settings say otherwise.
func DefaultHours() Hours { return Hours{Controller: 24, Authority: 72} }

// Validate refuses hours that are no clock.
func (h Hours) Validate() error {
	if h.Controller < 1 || h.Authority < 1 || h.Controller > h.Authority || h.Authority > 24*30 {
		return fmt.Errorf("%w: hotels are told within 1 hour and no later than the authority, which is told within 720", ErrInvalid)
	}
	return nil
}

// Opening is a breach as it is first known.
type Opening struct {
	Kinds []Kind
	// Aware is when the house became aware: then the clock began.
	Aware time.Time
	// Hotels are those whose guests it concerns, as far as known.
	Hotels []string
	// Text says what happened, how it was found, what categories and how many
	// guests and records it concerns, and what is likely to follow.
	Text  string
	Actor string
}

// Bounds of a register's entry.
const (
	maxText   = 8000
	maxHotels = 10000
	maxActor  = 200
	// clockSkew is how far the clocks of the house may differ.
	clockSkew = time.Minute
)

func (o Opening) validate(now time.Time) error {
	for i, kind := range o.Kinds {
		if !slices.Contains(Kinds(), kind) || slices.Contains(o.Kinds[:i], kind) {
			return fmt.Errorf("%w: kinds are confidentiality, integrity and availability, each once", ErrInvalid)
		}
	}
	switch {
	case len(o.Kinds) == 0:
		return fmt.Errorf("%w: say which kind it is", ErrInvalid)
	case o.Aware.IsZero() || o.Aware.After(now.Add(clockSkew)):
		return fmt.Errorf("%w: nobody is aware of it yet: say when you were", ErrInvalid)
	case o.Aware.Before(now.AddDate(-5, 0, 0)):
		return fmt.Errorf("%w: awareness lies more than five years back", ErrInvalid)
	case len(o.Hotels) > maxHotels:
		return fmt.Errorf("%w: it concerns more than %d hotels", ErrInvalid, maxHotels)
	}
	return errors.Join(checkText(o.Text), checkActor(o.Actor))
}

// Entry is a note to be added.
type Entry struct {
	Act   Act
	Hotel string // that was told, with ControllerTold
	Risk  Risk   // with Assessed
	Phase Phase  // with AuthorityTold
	// Delay is why an authority is told late; needed then.
	Delay string
	// At is when it happened; now when zero.
	At    time.Time
	Text  string
	Actor string
}

func (e Entry) validate(now time.Time) error {
	problem := ""
	switch {
	case !slices.Contains(Acts(), e.Act):
		problem = "there is no such act"
	case (e.Act == ControllerTold) != (e.Hotel != ""):
		problem = "name the hotel that was told, and only then"
	case (e.Act == Assessed) != (e.Risk != "") || e.Risk != "" && !slices.Contains([]Risk{Unlikely, Likely, High}, e.Risk):
		problem = "an assessment has a risk: unlikely, risk or high"
	case (e.Act == AuthorityTold) != (e.Phase != "") || e.Phase != "" && !slices.Contains([]Phase{Initial, Supplement, Final}, e.Phase):
		problem = "a notice to an authority has a phase: initial, supplement or final"
	case e.Delay != "" && (e.Act != AuthorityTold || !slices.Contains(Delays(), e.Delay)):
		problem = "a late notice to an authority has a reason: " + strings.Join(Delays(), ", ")
	case e.At.After(now.Add(clockSkew)):
		problem = "it lies in the future"
	}
	if problem != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, problem)
	}
	return errors.Join(checkText(e.Text), checkActor(e.Actor))
}

func checkText(text string) error {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if strings.TrimSpace(text) == "" || len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		return fmt.Errorf("%w: say what happened, in 1 to %d characters", ErrInvalid, maxText)
	}
	return nil
}

func checkActor(actor string) error {
	if actor == "" || len(actor) > maxActor {
		return fmt.Errorf("%w: it has no author", ErrInvalid)
	}
	return nil
}

// A Breach is one in the register.
type Breach struct {
	ID            string    `json:"id"`
	Kinds         []Kind    `json:"kinds"`
	Aware         time.Time `json:"aware"`
	ControllerDue time.Time `json:"controller_due"`
	AuthorityDue  time.Time `json:"authority_due"`
	Hotels        []string  `json:"hotels"`
	Text          string    `json:"text,omitempty"`
	OpenedBy      string    `json:"opened_by"`
	OpenedAt      time.Time `json:"opened_at"`
	ClosedAt      time.Time `json:"closed_at,omitzero"`
	Notes         []Note    `json:"notes"`
}

// A Note is what was found out or done, one after the other.
type Note struct {
	N       int       `json:"n"`
	Act     Act       `json:"act"`
	Hotel   string    `json:"hotel,omitempty"`
	Risk    Risk      `json:"risk,omitempty"`
	Phase   Phase     `json:"phase,omitempty"`
	Delay   string    `json:"delay,omitempty"`
	At      time.Time `json:"at"`
	Text    string    `json:"text,omitempty"`
	Actor   string    `json:"actor"`
	NotedAt time.Time `json:"noted_at"`
}
