// Package privacy holds the activities that ask for a guest's consent before
// anything of a call is kept, and those that find and erase what belongs to a
// guest.
//
// The gate fails closed: an answer that cannot be had is a no. It is asked at
// the moment of the write, for a consent may have been taken back since; the
// database asks once more, in the transaction that writes.
//
// The package stands on the activities floor, above the compliance packages
// that decide. Inputs and results hold references and counts, and nothing of a
// guest.
package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	GateActivity       = "privacy.gate"
	ResolveActivity    = "privacy.resolve"
	EraseRowsActivity  = "privacy.erase_rows"
	RowsErasedActivity = "privacy.rows_erased"
	DestroyActivity    = "privacy.destroy_keys"
)

// Types of the errors that the gate and the erasure end with. None of the first
// three is worth a retry.
const (
	// TypeNoConsent: the guest has not agreed, has refused, or took it back.
	TypeNoConsent = "consent_missing"
	// TypeNoNotice: nothing proves that the caller heard that a machine answers.
	TypeNoNotice = "notice_missing"
	// TypeUnknownCall: the hotel has no such call.
	TypeUnknownCall = "unknown_call"
	// TypeUnknown: nobody could be asked just now. It counts as a no, and may be
	// asked again.
	TypeUnknown = "consent_unknown"
	// TypeLeft: something of an erased guest is still there.
	TypeLeft = "rows_left"
)

// gateTime bounds one question: a caller is on the phone.
const gateTime = 3 * time.Second

// Consents tells what a guest has agreed to.
type Consents interface {
	AllowedAt(ctx context.Context, tenant, scope string, purpose consent.Purpose, at time.Time) (consent.Standing, error)
}

// Calls tells whether a call's notice is proven.
type Calls interface {
	NoticeProven(ctx context.Context, tenant, id string) (calls.Proof, error)
}

// Subjects finds and erases people.
type Subjects interface {
	Resolve(ctx context.Context, tenant, scope string) (subjects.Resolution, error)
	EraseRows(ctx context.Context, tenant string, scopes []string) (subjects.Counts, error)
	Remaining(ctx context.Context, tenant string, scopes []string) (subjects.Counts, error)
	DestroyKeys(ctx context.Context, tenant string, scopes []string, purposes ...keys.Purpose) (subjects.Destroyed, error)
}

// Activities are the activities of this package. Register a value made by New.
type Activities struct {
	consents Consents
	calls    Calls
	subjects Subjects
	now      func() time.Time
}

// New returns the activities on the given parts.
func New(c Consents, k Calls, s Subjects) *Activities {
	return &Activities{consents: c, calls: k, subjects: s, now: time.Now}
}

// Register registers them on a worker of the calls and records queues.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Gate, activity.RegisterOptions{Name: GateActivity})
	r.RegisterActivityWithOptions(a.Resolve, activity.RegisterOptions{Name: ResolveActivity})
	r.RegisterActivityWithOptions(a.EraseRows, activity.RegisterOptions{Name: EraseRowsActivity})
	r.RegisterActivityWithOptions(a.RowsErased, activity.RegisterOptions{Name: RowsErasedActivity})
	r.RegisterActivityWithOptions(a.DestroyKeys, activity.RegisterOptions{Name: DestroyActivity})
}

// A Question asks whether something of a call may be kept now.
type Question struct {
	Hotel string `json:"hotel"`
	Call  string `json:"call"`
	// Purpose is recording or transcription.
	Purpose consent.Purpose `json:"purpose"`
}

// A Permit is a yes: what is kept names its event.
type Permit struct {
	// Consent is the id of the event that allows it.
	Consent string    `json:"consent"`
	Since   time.Time `json:"since"`
}

// Gate answers with a permit, or fails: with a final refusal when the answer is
// no, and with TypeUnknown, which is a no until somebody can be asked.
func (a *Activities) Gate(ctx context.Context, q Question) (Permit, error) {
	bounded, cancel := context.WithTimeout(ctx, gateTime)
	defer cancel()
	if q.Purpose != consent.Recording && q.Purpose != consent.Transcription {
		return Permit{}, refuse(TypeNoConsent, "nothing of a call is kept for this purpose")
	}
	if _, err := a.calls.NoticeProven(bounded, q.Hotel, q.Call); err != nil {
		switch {
		case errors.Is(err, calls.ErrNotFound):
			return Permit{}, refuse(TypeUnknownCall, "the hotel has no such call")
		case errors.Is(err, calls.ErrNoNotice):
			return Permit{}, refuse(TypeNoNotice, "play the notice to its end and record that first")
		}
		return Permit{}, unknown(err)
	}
	standing, err := a.consents.AllowedAt(bounded, q.Hotel, q.Call, q.Purpose, a.now())
	if err != nil {
		return Permit{}, unknown(err)
	}
	if !standing.Allowed {
		return Permit{}, refuse(TypeNoConsent, "the guest has not agreed to "+string(q.Purpose)+", or took it back")
	}
	return Permit{Consent: standing.Event.ID, Since: standing.Event.At}, nil
}

func refuse(kind, why string) error {
	return temporal.NewNonRetryableApplicationError("privacy: refused: "+why, kind, nil)
}

// unknown keeps the cause's text out: it may come from anywhere.
func unknown(err error) error {
	return temporal.NewApplicationErrorWithOptions("privacy: refused: the guest's consent cannot be asked for now", TypeUnknown,
		temporal.ApplicationErrorOptions{Cause: fmt.Errorf("%T", err), NextRetryDelay: time.Second})
}

// Scopes names bookings and calls of one hotel, at most 1,000.
type Scopes struct {
	Hotel  string   `json:"hotel"`
	Scopes []string `json:"scopes"`
}

// Resolved counts what came of resolving.
type Resolved struct {
	Joined     int `json:"joined"`
	Candidates int `json:"candidates"`
}

// Resolve gives each scope its subject, where it is beyond doubt or new. The
// subjects themselves stay in the keys' database.
func (a *Activities) Resolve(ctx context.Context, s Scopes) (Resolved, error) {
	defer heartbeat.Start(ctx)()
	var out Resolved
	for _, scope := range s.Scopes {
		r, err := a.subjects.Resolve(ctx, s.Hotel, scope)
		switch {
		case errors.Is(err, keys.ErrDestroyed), errors.Is(err, keys.ErrUnknownScope):
			continue // erased meanwhile
		case err != nil:
			return Resolved{}, err
		case r.Joined:
			out.Joined++
		}
		out.Candidates += len(r.Candidates)
	}
	return out, nil
}

// EraseRows erases rows and recordings and counts what it erased this time. It
// comes after all runs that write about the scopes have ended, and before their
// keys are destroyed.
func (a *Activities) EraseRows(ctx context.Context, s Scopes) (subjects.Counts, error) {
	defer heartbeat.Start(ctx)()
	return a.subjects.EraseRows(ctx, s.Hotel, s.Scopes)
}

// RowsErased reads back, and fails with TypeLeft when something is left.
func (a *Activities) RowsErased(ctx context.Context, s Scopes) (subjects.Counts, error) {
	defer heartbeat.Start(ctx)()
	left, err := a.subjects.Remaining(ctx, s.Hotel, s.Scopes)
	if err == nil && left.Total() > 0 {
		err = temporal.NewApplicationError(fmt.Sprintf("privacy: %d rows or objects are left; erase again", left.Total()), TypeLeft, left)
	}
	return left, err
}

// A Destruction names keys of bookings and calls.
type Destruction struct {
	Scopes
	// Purposes are what the keys are for; all of them when it is empty. Keep
	// those that the law makes us keep something under.
	Purposes []keys.Purpose `json:"purposes,omitempty"`
}

// DestroyKeys destroys keys for good. It comes last: after it nothing of the
// scopes can be read, in any backup either once the epoch is retired.
func (a *Activities) DestroyKeys(ctx context.Context, d Destruction) (subjects.Destroyed, error) {
	defer heartbeat.Start(ctx)()
	return a.subjects.DestroyKeys(ctx, d.Hotel, d.Scopes.Scopes, d.Purposes...)
}
