package holds

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/register"
)

// What can be refused.
var (
	// ErrHeld: a legal hold keeps what should be erased.
	ErrHeld = errors.New("holds: a legal hold keeps this; it is erased once the hold is released and its grace is over")
	// ErrUnknown: the hotel has no such hold.
	ErrUnknown = errors.New("holds: the hotel has no such hold; voicehive hold list shows them")
	// ErrEnded: the hold was released, or lapsed without a second person.
	ErrEnded = errors.New("holds: the hold has ended; place another one")
	// ErrSamePerson: the same person cannot do both.
	ErrSamePerson = errors.New("holds: another person has to agree to this")
	// ErrDone: it was approved already.
	ErrDone = errors.New("holds: the hold is approved already")
	// ErrKeyReused: the key was of another request.
	ErrKeyReused = errors.New("holds: the key came before with another request")
	// ErrInvalid is wrapped by every complaint about what a hold is to be.
	ErrInvalid = errors.New("holds: not a hold")
)

// Kind is what a hold reaches.
type Kind string

// The kinds.
const (
	Subject Kind = "subject" // all that is one person's, later bookings too
	Booking Kind = "booking"
	Call    Kind = "call"
	Hotel   Kind = "hotel" // the hotel as a whole
)

// Reason is why something is held, as a word of a fixed list.
type Reason string

// The reasons.
const (
	Litigation Reason = "litigation"
	Authority  Reason = "authority"
	Audit      Reason = "audit"
	Dispute    Reason = "dispute"
)

// Reasons are all of them.
func Reasons() []Reason { return []Reason{Litigation, Authority, Audit, Dispute} }

// State is where a hold stands.
type State string

// The states. A hold binds in all but the last two.
const (
	Proposed State = "proposed" // waits for the second person, and binds
	Active   State = "active"
	Leaving  State = "leaving" // one person asked for its release
	Grace    State = "grace"   // released, and still binds
	Released State = "released"
	Lapsed   State = "lapsed" // nobody approved it in time
)

// Times of a hold.
const (
	// Lapse is how long a hold waits for its second person.
	Lapse = 7 * 24 * time.Hour
	// GraceTime is how long one binds after its release, unless told otherwise.
	GraceTime = 30 * 24 * time.Hour
	minGrace  = 24 * time.Hour
	// MaxReview bounds the time to the next review.
	MaxReview = 366 * 24 * time.Hour
)

// mostScopes bounds the scopes of one hold, and those of one question.
const mostScopes = 10_000

// Hold is a legal hold.
type Hold struct {
	ID      string           `json:"hold"`
	Matter  string           `json:"matter"`
	Reason  Reason           `json:"reason,omitempty"`
	Kind    Kind             `json:"kind"`
	Classes []register.Class `json:"classes,omitempty"` // all when empty
	// Scopes are those that it keeps; In answers only those that were asked for.
	Scopes     []string  `json:"scopes,omitempty"`
	State      State     `json:"state,omitempty"`
	PlacedBy   string    `json:"placed_by,omitempty"`
	PlacedAt   time.Time `json:"placed_at,omitzero"`
	LapsesAt   time.Time `json:"lapses_at,omitzero"`
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	ReviewAt   time.Time `json:"review_at,omitzero"`
	ReviewedBy string    `json:"reviewed_by,omitempty"`
	AskedBy    string    `json:"release_asked_by,omitempty"`
	ReleasedBy string    `json:"released_by,omitempty"`
	ReleasedAt time.Time `json:"released_at,omitzero"`
	GraceUntil time.Time `json:"grace_until,omitzero"`
	// ReviewOverdue says that somebody should have asked whether it is needed.
	ReviewOverdue bool `json:"review_overdue,omitempty"`
}

// Keeps tells whether the hold keeps records of a class and a scope. It takes
// the hold as one that binds.
func (h Hold) Keeps(class register.Class, scope string) bool {
	if len(h.Classes) > 0 && !slices.Contains(h.Classes, class) {
		return false
	}
	return h.Kind == Hotel || slices.Contains(h.Scopes, scope)
}

// at fills in what depends on the time.
func (h Hold) at(now time.Time) Hold {
	switch {
	case !h.ReleasedAt.IsZero() && now.Before(h.GraceUntil):
		h.State = Grace
	case !h.ReleasedAt.IsZero():
		h.State = Released
	case h.ApprovedAt.IsZero() && !now.Before(h.LapsesAt):
		h.State = Lapsed
	case h.AskedBy != "":
		h.State = Leaving
	case h.ApprovedAt.IsZero():
		h.State = Proposed
	default:
		h.State = Active
	}
	h.ReviewOverdue = h.ReleasedAt.IsZero() && h.State != Lapsed && now.After(h.ReviewAt)
	return h
}

// A Request says what is to be held.
type Request struct {
	Matter  string
	Reason  Reason
	Kind    Kind
	Scopes  []string
	Classes []register.Class
	// ReviewAt is when somebody has to ask whether it is still needed.
	ReviewAt time.Time
	// Key makes a repeat of the request the same hold, and Body tells whether it
	// is one: digests of 32 bytes each, or both empty.
	Key, Body []byte
}

var matterPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]{2,59}$`)

// A Flaw is an ErrInvalid that one field of what was asked for is the cause of.
type Flaw struct {
	Field string // as a hold's JSON names it
	Text  string
}

// Error implements error.
func (f *Flaw) Error() string { return ErrInvalid.Error() + ": " + f.Text }

// Unwrap makes it an ErrInvalid.
func (f *Flaw) Unwrap() error { return ErrInvalid }

var errReview = &Flaw{"review_at", "the review lies ahead, within a year"}

// Validate returns a Flaw, or an error that wraps ErrInvalid.
func (r Request) Validate(now time.Time) error {
	switch {
	case !matterPattern.MatchString(r.Matter):
		return &Flaw{"matter", "a matter is a file number of 3 to 60 letters, digits and ./_-, such as 2026-17/B, and no name"}
	case !slices.Contains(Reasons(), r.Reason):
		return &Flaw{"reason", fmt.Sprintf("the reason is one of %v", Reasons())}
	case !slices.Contains([]Kind{Subject, Booking, Call, Hotel}, r.Kind):
		return &Flaw{"kind", "it reaches a subject, a booking, a call or the hotel"}
	case r.Kind == Hotel && len(r.Scopes) > 0:
		return &Flaw{"scope", "a hold of the whole hotel names no booking or call"}
	case r.Kind != Hotel && (len(r.Scopes) == 0 || len(r.Scopes) > mostScopes):
		return &Flaw{"scope", fmt.Sprintf("name 1 to %d bookings or calls", mostScopes)}
	case !r.ReviewAt.After(now) || r.ReviewAt.After(now.Add(MaxReview)):
		return errReview
	}
	for _, scope := range r.Scopes {
		if id, err := ulid.ParseStrict(scope); err != nil || id.String() != scope {
			return &Flaw{"scope", "a booking or call looks like 01JD3Z8Q4X0000000000000000"}
		}
	}
	for _, class := range r.Classes {
		if err := class.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return nil
}
