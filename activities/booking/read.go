package booking

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// A Ref names a booking, and the version under which news of it is recorded.
type Ref struct {
	Hotel   string `json:"hotel"`
	Booking string `json:"booking"`
	Version int64  `json:"version"`
}

// Load reads where the booking stands in the ledger. It is short enough for a
// local activity.
func (a *Activities) Load(ctx context.Context, r Ref) (Outcome, error) {
	entry, err := a.ledger.Entry(ctx, r.Hotel, r.Booking)
	if err != nil {
		return Outcome{}, temporalError(err)
	}
	return Outcome{State: entry.State, Version: entry.Version, HoldUntil: entry.HoldUntil}, nil
}

// Refresh reads the reservation at the hotel, because an event said that it
// changed, and records what is new.
func (a *Activities) Refresh(ctx context.Context, r Ref) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.refresh(ctx, r)
	return out, temporalError(err)
}

func (a *Activities) refresh(ctx context.Context, r Ref) (Outcome, error) {
	entry, err := a.ledger.Entry(ctx, r.Hotel, r.Booking)
	if err != nil {
		return Outcome{}, err
	}
	known := Outcome{State: entry.State, Version: entry.Version, HoldUntil: entry.HoldUntil}
	if entry.VendorBooking == "" || entry.State.Final() || entry.Version >= r.Version {
		return known, nil
	}
	conn, err := a.connectors.Connector(ctx, r.Hotel)
	if err != nil {
		return Outcome{}, err
	}
	found, err := conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	if _, no := refusal(err); no {
		// Gone, or not ours to read: nothing to learn from this event.
		return known, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if entry.State == ledger.Held && found.Status == pms.StatusConfirmed {
		// The hotel counts a hold as confirmed; only Confirm ends it for us.
		held(&found, entry.HoldUntil)
	}
	fresh := entry
	fill(&fresh, found)
	if same, err := alikeEntries(entry, fresh); same || err != nil {
		return known, err
	}
	fresh.Version = r.Version
	return a.record(ctx, Write{Hotel: r.Hotel, Booking: r.Booking}, fresh, "")
}

// alikeEntries compares as the ledger stores: an empty list and none are one.
func alikeEntries(a, b ledger.Entry) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("booking: encode the entry: %w", err)
	}
	other, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("booking: encode the entry: %w", err)
	}
	return bytes.Equal(one, other), nil
}

// settle closes the intent, if there is one, with an outcome that changed
// nothing.
func (a *Activities) settle(ctx context.Context, w Write, out Outcome) error {
	if w.Intent == "" {
		return nil
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("booking: encode the outcome: %w", err)
	}
	return a.ledger.Settle(ctx, w.Hotel, ledger.Settlement{Intent: w.Intent, Outcome: answer})
}
