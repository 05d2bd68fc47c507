package booking

import (
	"context"
	"errors"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Confirm turns a hold into a reservation. A hold that the hotel has given
// away meanwhile is recorded as released.
func (a *Activities) Confirm(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.confirm(ctx, w)
	return out, temporalError(err)
}

// Release gives a hold back: because it expired, or on request. With no
// intent it settles none.
func (a *Activities) Release(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.release(ctx, w)
	return out, temporalError(err)
}

func (a *Activities) confirm(ctx context.Context, w Write) (Outcome, error) {
	job, done, err := a.take(ctx, w)
	if done != nil || err != nil {
		return deref(done), err
	}
	entry := job.entry
	made, err := job.conn.Confirm(ctx, pms.ReservationID(entry.VendorBooking))
	entry.Version = w.Version
	if problem, no := refusal(err); no {
		entry.State, entry.Problem = ledger.Released, problem
		return a.record(ctx, w, entry, problem)
	}
	if err != nil {
		return Outcome{}, err
	}
	fill(&entry, made)
	return a.record(ctx, w, entry, "")
}

func (a *Activities) release(ctx context.Context, w Write) (Outcome, error) {
	entry, err := a.ledger.Entry(ctx, w.Hotel, w.Booking)
	if err != nil {
		return Outcome{}, err
	}
	if entry.State != ledger.Held {
		out := Outcome{State: entry.State, Version: entry.Version}
		return out, a.settle(ctx, w, out)
	}
	conn, err := a.connectors.Connector(ctx, w.Hotel)
	if err != nil {
		return Outcome{}, err
	}
	err = conn.Release(ctx, pms.ReservationID(entry.VendorBooking))
	if problem, no := refusal(err); no && !errors.Is(err, pms.ErrNotFound) {
		return a.notReleased(ctx, conn, w, entry, problem)
	}
	if err != nil && !errors.Is(err, pms.ErrNotFound) {
		return Outcome{}, err
	}
	entry.Version, entry.State, entry.Problem = w.Version, ledger.Released, ""
	return a.record(ctx, w, entry, "")
}

// notReleased records what the hotel has when it refuses to take a hold back:
// the guest may have come, or an earlier write of ours gave the hold back.
func (a *Activities) notReleased(ctx context.Context, conn pms.Connector, w Write, entry ledger.Entry, problem string) (Outcome, error) {
	found, err := conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	if err != nil {
		return Outcome{}, err
	}
	fill(&entry, found)
	if entry.State == ledger.Cancelled {
		entry.State, problem = ledger.Released, ""
	}
	entry.Version, entry.Problem = w.Version, problem
	return a.record(ctx, w, entry, problem)
}
