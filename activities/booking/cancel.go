package booking

import (
	"context"
	"errors"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Cancel cancels every stay of the booking and records what came of it. It
// reads first: a stay that is cancelled already counts as done. When the hotel
// refuses one, the others are cancelled all the same and the outcome says so.
func (a *Activities) Cancel(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.cancel(ctx, w)
	return out, temporalError(err)
}

func (a *Activities) cancel(ctx context.Context, w Write) (Outcome, error) {
	job, done, err := a.take(ctx, w)
	if done != nil || err != nil {
		return deref(done), err
	}
	entry := job.entry
	current, refused, err := cancelAll(ctx, job.conn, pms.ReservationID(entry.VendorBooking))
	if errors.Is(err, pms.ErrNotFound) {
		out := Outcome{State: entry.State, Version: entry.Version, Problem: pms.KindName(err)}
		return out, a.settle(ctx, w, out)
	}
	if err != nil {
		return Outcome{}, err
	}
	entry.Version = w.Version
	entry.Stays = ledger.StaysOf(current.Stays)
	entry.Total = total(entry.Stays)
	entry.HoldUntil = current.HoldUntil
	entry.Problem = refused
	if refused == "" {
		entry.State = ledger.Cancelled
	}
	entry.Span()
	return a.record(ctx, w, entry, refused)
}

func living(s pms.Stay) bool { return s.Status != pms.StatusCancelled }

// cancelAll cancels every stay of a reservation and returns it as it then is,
// with the kind of the first refusal. It reads first, and again after a
// refusal: an earlier write of ours may have taken effect between our look and
// the refusal, and what counts is what stands now.
func cancelAll(ctx context.Context, conn pms.Connector, id pms.ReservationID) (current pms.Reservation, refused string, err error) {
	if current, err = conn.Reservation(ctx, id); err != nil {
		return current, "", err
	}
	if refused, err = cancelStays(ctx, conn, current.Stays); err != nil || refused == "" {
		return current, "", err
	}
	if current, err = conn.Reservation(ctx, id); err != nil {
		return current, "", err
	}
	if !slices.ContainsFunc(current.Stays, living) {
		refused = ""
	}
	return current, refused, nil
}

// cancelStays cancels what is not cancelled yet and marks it so. It returns
// the kind of the first refusal, or an error when an answer is still open.
func cancelStays(ctx context.Context, conn pms.Connector, stays []pms.Stay) (refused string, err error) {
	for i := range stays {
		if !living(stays[i]) {
			continue
		}
		err := conn.Cancel(ctx, stays[i].ID)
		if problem, no := refusal(err); no {
			if refused == "" {
				refused = problem
			}
			continue
		}
		if err != nil {
			return "", err
		}
		stays[i].Status = pms.StatusCancelled
	}
	return refused, nil
}
