package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// A hotel system that cannot change a reservation gets a new one, and then the
// old one is cancelled: in this order, so that the guest is never without a
// room. Replace, Retire and, when the hotel will not cancel, Restore are the
// steps of that saga. Its intent holds the frozen draft of the new reservation,
// under a reference of the intent's own; its quote names the old one.

// Replace makes the new reservation, by the rules of Create, and moves the
// booking to it. A refusal settles the intent, for nothing was changed.
func (a *Activities) Replace(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.replace(ctx, w)
	return out, temporalError(err)
}

// Retire cancels the reservation that was replaced, and settles the intent.
// When the hotel refuses and nothing is cancelled yet, the outcome tells the
// problem and the intent stays open: the workflow then restores.
func (a *Activities) Retire(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.retire(ctx, w)
	return out, temporalError(err)
}

// A Restoration undoes a replacement.
type Restoration struct {
	Write
	// Problem is why the change as a whole failed.
	Problem string `json:"problem"`
}

// Restore is the compensation of Replace: it cancels the new reservation and
// moves the booking back to the old one. What cannot be undone becomes an
// operator task.
func (a *Activities) Restore(ctx context.Context, r Restoration) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.restore(ctx, r)
	return out, temporalError(err)
}

func (a *Activities) replace(ctx context.Context, w Write) (Outcome, error) {
	swap, done, err := a.swap(ctx, w)
	if done != nil || err != nil {
		return deref(done), err
	}
	switch {
	case swap.replaced():
		return swap.stands(""), nil // an earlier attempt recorded it and lost its answer
	case swap.entry.VendorBooking != string(swap.old):
		out := swap.stands(pms.KindName(pms.ErrConflict)) // another change came first
		return out, a.settle(ctx, w, out)
	}
	if err := ready(ctx, swap.conn); err != nil {
		return Outcome{}, err
	}
	intent, _, err := a.ledger.Begin(ctx, w.Hotel, w.Intent)
	if err != nil {
		return Outcome{}, err
	}
	var draft pms.Draft
	if err := a.open(ctx, w, PlaceIntent, intent.Sealed, &draft); err != nil {
		return Outcome{}, err
	}
	made, problem, err := a.resolve(ctx, swap.conn, w, intent, draft)
	switch {
	case errors.Is(err, errUnresolved):
		return a.replacementLost(ctx, w, swap, draft)
	case err != nil:
		return Outcome{}, err
	case problem != "":
		out := swap.stands(problem)
		return out, a.settle(ctx, w, out)
	}
	entry := swap.entry
	entry.Version = w.Version
	a.shorten(&made, w.HoldFor)
	for i := range made.Stays {
		made.Stays[i].Reference = draft.Reference // by which a later step knows it
	}
	fill(&entry, made)
	w.Intent = "" // the old reservation is still to be cancelled
	return a.record(ctx, w, entry, "")
}

func (a *Activities) retire(ctx context.Context, w Write) (Outcome, error) {
	swap, done, err := a.swap(ctx, w)
	if done != nil || err != nil {
		return deref(done), err
	}
	out := swap.stands("")
	old, refused, err := cancelAll(ctx, swap.conn, swap.old)
	switch {
	case errors.Is(err, pms.ErrNotFound), err == nil && refused == "":
		return out, a.settle(ctx, w, out)
	case err != nil:
		return Outcome{}, err
	case !slices.ContainsFunc(old.Stays, func(s pms.Stay) bool { return !living(s) }):
		return swap.stands(refused), nil
	}
	// Some of it is gone, so there is no way back: the new reservation stands.
	task := ledger.Task{
		Booking: w.Booking, Kind: "replaced_stay_left",
		Detail: fmt.Sprintf("The booking was moved to a new reservation, and the hotel system refused to cancel all of "+
			"the old one, %s (%s). Cancel there what is left of it.", swap.old, refused),
	}
	if err := a.ledger.AddTask(ctx, w.Hotel, task); err != nil {
		return Outcome{}, err
	}
	return out, a.settle(ctx, w, out)
}

func (a *Activities) restore(ctx context.Context, r Restoration) (Outcome, error) {
	swap, done, err := a.swap(ctx, r.Write)
	if done != nil || err != nil {
		return deref(done), err
	}
	entry := swap.entry
	_, refused, err := cancelAll(ctx, swap.conn, pms.ReservationID(entry.VendorBooking))
	if err != nil && !errors.Is(err, pms.ErrNotFound) {
		return Outcome{}, err
	}
	if refused != "" {
		return a.cannotRestore(ctx, r, swap, refused)
	}
	old, err := swap.conn.Reservation(ctx, swap.old)
	if err != nil {
		return Outcome{}, err
	}
	if entry.State == ledger.Held && old.Status == pms.StatusConfirmed {
		held(&old, entry.HoldUntil)
	}
	fill(&entry, old)
	entry.Version = r.Version
	return a.record(ctx, r.Write, entry, r.Problem)
}

// swap is everything that the steps of a replacement need.
type swap struct {
	job
	old pms.ReservationID
}

// replaced reports whether the booking has moved to the new reservation of
// this very change. Another change of the booking may have moved it too.
func (s swap) replaced() bool {
	own := func(stay pms.Stay) bool { return stay.Reference == pms.Reference(s.intent.ID) }
	return slices.ContainsFunc(s.entry.Stays, own)
}

// stands is the outcome of a step that leaves the ledger as it is.
func (s swap) stands(problem string) Outcome {
	return Outcome{State: s.entry.State, Version: s.entry.Version, Problem: problem, HoldUntil: s.entry.HoldUntil}
}

// swap loads a replacement, or tells what came of it when it is done already.
func (a *Activities) swap(ctx context.Context, w Write) (swap, *Outcome, error) {
	job, done, err := a.take(ctx, w)
	if done != nil || err != nil {
		return swap{}, done, err
	}
	quote, err := a.ledger.Quote(ctx, w.Hotel, job.intent.Quote)
	if err != nil {
		return swap{}, nil, err
	}
	if len(quote.Before) == 0 {
		return swap{}, nil, fmt.Errorf("booking: quote %s names no reservation to replace", quote.ID)
	}
	return swap{job: job, old: quote.Before[0].ReservationID}, nil, nil
}

// replacementLost leaves it to a person to find out whether the hotel has a
// second reservation. The booking stays with the first.
func (a *Activities) replacementLost(ctx context.Context, w Write, s swap, draft pms.Draft) (Outcome, error) {
	task := ledger.Task{
		Booking: w.Booking, Kind: "replacement_unknown",
		Detail: fmt.Sprintf("The hotel system never told whether the new reservation with reference %s exists, which was to "+
			"replace %s. Look for it there and cancel it, or agree with the guest to keep it.", draft.Reference, s.old),
	}
	if err := a.ledger.AddTask(ctx, w.Hotel, task); err != nil {
		return Outcome{}, err
	}
	out := s.stands(pms.KindName(pms.ErrOutcomeUnknown))
	return out, a.settle(ctx, w, out)
}

// cannotRestore leaves two reservations of one booking to a person.
func (a *Activities) cannotRestore(ctx context.Context, r Restoration, s swap, refused string) (Outcome, error) {
	task := ledger.Task{
		Booking: r.Booking, Kind: "compensation_refused",
		Detail: fmt.Sprintf("The booking has two reservations: %s, and %s which was to replace it. The hotel system refused "+
			"to cancel either (%s). Agree with the guest which one stays and cancel the other.", s.old, s.entry.VendorBooking, refused),
	}
	if err := a.ledger.AddTask(ctx, r.Hotel, task); err != nil {
		return Outcome{}, err
	}
	out := s.stands(r.Problem)
	return out, a.settle(ctx, r.Write, out)
}
