package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
)

// SealPurpose is the purpose under which everything of a booking is sealed.
const SealPurpose = keys.Operations

// The places where something of a booking lies sealed; part of the seal.
const (
	PlaceGuest  = "guest"
	PlaceIntent = "intent"
)

// Connectors finds the connector of a hotel.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// Opener opens what the starter sealed.
type Opener interface {
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Activities are the activities of a booking. Register a value made by New.
type Activities struct {
	ledger     *ledger.Ledger
	connectors Connectors
	opener     Opener
	now        func() time.Time
}

// New returns the activities on the given parts.
func New(l *ledger.Ledger, c Connectors, o Opener) *Activities {
	return &Activities{ledger: l, connectors: c, opener: o, now: time.Now}
}

// A Write names one thing to do for a booking: an intent in the ledger, and
// the version under which its outcome is recorded.
type Write struct {
	Hotel   string `json:"hotel"`
	Booking string `json:"booking"`
	Intent  string `json:"intent"`
	Version int64  `json:"version"`
	// HoldFor ends a hold at the latest this long after it was made, even when
	// the hotel would keep it longer. Zero leaves it to the hotel.
	HoldFor time.Duration `json:"hold_for,omitempty"`
}

// An Outcome is the hotel's definite answer as it stands in the ledger.
type Outcome struct {
	State   ledger.State `json:"state"`
	Version int64        `json:"version"`
	// Problem is the kind of refusal (pms.KindName), empty when the hotel did
	// what was asked.
	Problem string `json:"problem,omitempty"`
	// HoldUntil is when a hold ends; zero otherwise.
	HoldUntil time.Time `json:"hold_until,omitzero"`
}

// find reads the intent, and the booking that both it and the caller name.
func (a *Activities) find(ctx context.Context, w Write) (ledger.Intent, ledger.Entry, error) {
	intent, entry, err := a.ledger.Open(ctx, w.Hotel, w.Intent)
	if err == nil {
		err = own(w, intent)
	}
	return intent, entry, err
}

// A job is an open intent with what every activity needs to carry it out.
type job struct {
	intent ledger.Intent
	entry  ledger.Entry
	conn   pms.Connector
}

// take loads a job, or tells what came of it when it is done already.
func (a *Activities) take(ctx context.Context, w Write) (job, *Outcome, error) {
	intent, entry, err := a.find(ctx, w)
	if err != nil {
		return job{}, nil, err
	}
	if out, done, err := settled(intent); done || err != nil {
		return job{}, &out, err
	}
	conn, err := a.connectors.Connector(ctx, w.Hotel)
	if err != nil {
		return job{}, nil, err
	}
	return job{intent: intent, entry: entry, conn: conn}, nil, nil
}

// own refuses an intent of another booking.
func own(w Write, intent ledger.Intent) error {
	if intent.Booking != w.Booking {
		return fmt.Errorf("booking: intent %s of booking %s: %w", w.Intent, w.Booking, ledger.ErrNotFound)
	}
	return nil
}

// settled returns the outcome that an intent already has.
func settled(intent ledger.Intent) (Outcome, bool, error) {
	if intent.SettledAt.IsZero() {
		return Outcome{}, false, nil
	}
	var out Outcome
	if err := json.Unmarshal(intent.Outcome, &out); err != nil {
		return Outcome{}, false, fmt.Errorf("booking: read the settled outcome of intent %s: %w", intent.ID, err)
	}
	return out, true, nil
}

// record moves the ledger to the booking's new entry and settles the intent,
// both or neither.
func (a *Activities) record(ctx context.Context, w Write, entry ledger.Entry, problem string) (Outcome, error) {
	out := Outcome{State: entry.State, Version: entry.Version, Problem: problem, HoldUntil: entry.HoldUntil}
	answer, err := json.Marshal(out)
	if err != nil {
		return Outcome{}, fmt.Errorf("booking: encode the outcome: %w", err)
	}
	if err := a.ledger.Advance(ctx, w.Hotel, entry, ledger.Settlement{Intent: w.Intent, Outcome: answer}); err != nil {
		return Outcome{}, err
	}
	return out, nil
}

// open reads what lies sealed with the booking's key.
func (a *Activities) open(ctx context.Context, w Write, place string, sealed []byte, into any) error {
	scope := keys.Scope{Tenant: w.Hotel, ID: w.Booking}
	plain, err := a.opener.Open(ctx, scope, SealPurpose, place, sealed)
	if err != nil {
		return fmt.Errorf("booking: open the sealed %s of booking %s: %w", place, w.Booking, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		// The decoder's message can quote what it read: leave it out.
		return fmt.Errorf("booking: the sealed %s of booking %s is not what was stored", place, w.Booking)
	}
	return nil
}
