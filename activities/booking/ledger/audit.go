package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

// Auditor prepares events of the audit log; *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Kinds of audit events. They stand in the log for ever: never change one.
const (
	eventAsked   = "booking.%s_requested" // a Kind of intent
	eventAdopted = "booking.adopted"
	eventMoved   = "booking.%s" // a State
)

// Actors of the events where nobody else is named.
const (
	actorEdge   = "api"
	actorWorker = "worker"
)

// told is what an event tells beside its kind, sealed under the audit key of
// the booking. It names nobody.
type told struct {
	Intent        string `json:"intent,omitempty"`
	Quote         string `json:"quote,omitempty"`
	Version       int64  `json:"version,omitempty"`
	VendorBooking string `json:"vendor_booking,omitempty"`
	Confirmation  string `json:"confirmation,omitempty"`
	Problem       string `json:"problem,omitempty"`
}

// event prepares the entry of the audit log that is written in the statement
// that writes the ledger. Of an erased booking it is sealed under the hotel's
// own key, since its own is gone and what happened has still to be told.
func (l *Ledger) event(ctx context.Context, hotel, kind, actor, booking string, t told) (audit.Prepared, error) {
	if l.auditor == nil {
		return audit.Prepared{}, nil
	}
	e := audit.Event{Tenant: hotel, Kind: audit.Kind(kind), Actor: actor, Scope: booking, Detail: t}
	prepared, err := l.auditor.Prepare(ctx, e)
	if errors.Is(err, keys.ErrDestroyed) || errors.Is(err, keys.ErrUnknownScope) {
		e.Scope = ""
		prepared, err = l.auditor.Prepare(ctx, e)
	}
	if err != nil {
		return audit.Prepared{}, fmt.Errorf("ledger: %w", err)
	}
	return prepared, nil
}
