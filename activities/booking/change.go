package booking

import (
	"context"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// A Change is one stay of a change that a quote priced.
type Change struct {
	Write
	// Stay is the position of the stay in the quote.
	Stay int `json:"stay"`
	// Last settles the intent: there is no further stay to change.
	Last bool `json:"last"`
	// Problem is, for Revert, why the change as a whole failed.
	Problem string `json:"problem,omitempty"`
}

// Amend brings one stay to the state its quote priced. It reads first: a stay
// that is as wanted is done, one that is as it was when quoted is amended, and
// anything else means that somebody changed it meanwhile.
//
// A refusal of the first stay settles the intent, for nothing was changed; a
// later one is left to the workflow, which reverts the stays before it.
func (a *Activities) Amend(ctx context.Context, c Change) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.amend(ctx, c)
	return out, temporalError(err)
}

// Revert is the compensation of Amend: it brings the stay back to what it was
// when quoted, by the same rules. What cannot be reverted becomes an operator
// task.
func (a *Activities) Revert(ctx context.Context, c Change) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.revert(ctx, c)
	return out, temporalError(err)
}

func (a *Activities) amend(ctx context.Context, c Change) (Outcome, error) {
	move, done, err := a.move(ctx, c)
	if done != nil || err != nil {
		return deref(done), err
	}
	amended := apply(move.before, move.wanted)
	if recorded, err := c.recorded(move.entry, amended); recorded || err != nil {
		return Outcome{State: move.entry.State, Version: move.entry.Version}, err
	}
	err = move.transit(ctx, move.before, amended, func() (pms.Offer, error) { return move.wanted, nil })
	if problem, no := refusal(err); no {
		out := Outcome{State: move.entry.State, Version: move.entry.Version, Problem: problem}
		if c.Stay > 0 {
			return out, nil
		}
		return out, a.settle(ctx, c.Write, out)
	}
	if err != nil {
		return Outcome{}, err
	}
	return a.moved(ctx, c, move.entry, amended)
}

func (a *Activities) revert(ctx context.Context, c Change) (Outcome, error) {
	move, done, err := a.move(ctx, c)
	if done != nil || err != nil {
		return deref(done), err
	}
	if recorded, err := c.recorded(move.entry, move.before); recorded || err != nil {
		return Outcome{State: move.entry.State, Version: move.entry.Version}, err
	}
	amended := apply(move.before, move.wanted)
	err = move.transit(ctx, amended, move.before, func() (pms.Offer, error) { return move.wayBack(ctx) })
	if problem, no := refusal(err); no {
		return a.cannotRevert(ctx, c, move.entry, problem)
	}
	if err != nil {
		return Outcome{}, err
	}
	return a.moved(ctx, c, move.entry, move.before)
}

// move is everything that a change of one stay needs.
type move struct {
	job
	before pms.Stay
	wanted pms.Offer
}

// move loads a change, or tells what came of it when it is done already.
func (a *Activities) move(ctx context.Context, c Change) (move, *Outcome, error) {
	job, done, err := a.take(ctx, c.Write)
	if done != nil || err != nil {
		return move{}, done, err
	}
	quote, err := a.ledger.Quote(ctx, c.Hotel, job.intent.Quote)
	if err != nil {
		return move{}, nil, err
	}
	if c.Stay >= len(quote.Offers) || c.Stay >= len(quote.Before) {
		return move{}, nil, fmt.Errorf("booking: quote %s has no stay %d", quote.ID, c.Stay)
	}
	return move{job: job, before: quote.Before[c.Stay], wanted: quote.Offers[c.Stay]}, nil, nil
}

// recorded reports whether an earlier attempt recorded this very step and then
// lost its answer. A ledger that is ahead for any other reason is ErrStale. The
// last step settles the intent when it is recorded, so it never comes here.
func (c Change) recorded(entry ledger.Entry, shape pms.Stay) (bool, error) {
	if entry.Version < c.Version {
		return false, nil
	}
	same := func(s pms.Stay) bool { return s.ID == shape.ID && alike(s, shape) }
	if entry.Version == c.Version && !c.Last && slices.ContainsFunc(entry.Stays, same) {
		return true, nil
	}
	return false, fmt.Errorf("booking %s, version %d: %w", c.Booking, c.Version, ledger.ErrStale)
}

// transit applies the write rule of an amendment to one stay. The offer that
// leads to the wanted shape is asked for only when it must be written.
func (m move) transit(ctx context.Context, before, wanted pms.Stay, offer func() (pms.Offer, error)) error {
	reservation, err := m.conn.Reservation(ctx, pms.ReservationID(m.entry.VendorBooking))
	if err != nil {
		return err
	}
	conflict := func(detail string) error {
		return &pms.Error{Kind: pms.ErrConflict, Vendor: m.conn.Capabilities().Vendor, Operation: "amend", Detail: detail}
	}
	i := slices.IndexFunc(reservation.Stays, func(s pms.Stay) bool { return s.ID == before.ID })
	if i < 0 {
		return conflict("the stay is gone")
	}
	current := reservation.Stays[i]
	switch {
	case current.Status != pms.StatusConfirmed && current.Status != pms.StatusHeld && current.Status != pms.StatusInHouse:
		return conflict("the stay is over or cancelled")
	case alike(current, wanted):
		return nil
	case !alike(current, before):
		return conflict("somebody changed the stay; quote the change again")
	}
	to, err := offer()
	if err != nil {
		return err
	}
	return m.conn.Amend(ctx, pms.AmendRequest{Stay: before.ID, Offer: to})
}

// wayBack is the offer that brings the stay back to what it was. The hotel
// makes it, for an offer carries terms of the vendor's own; the price is the
// one that the guest had.
func (m move) wayBack(ctx context.Context) (pms.Offer, error) {
	offer, err := m.conn.QuoteChange(ctx, pms.ChangeQuery{
		Stay: m.before.ID, RoomTypeID: pms.RoomTypeID(m.before.RoomType.ID), RatePlanID: pms.RatePlanID(m.before.RatePlan.ID),
		Arrival: m.before.Arrival, Departure: m.before.Departure, Occupancy: m.before.Occupancy,
	})
	if err == nil && len(m.before.Nights) == len(offer.Nights) {
		offer.Nights, offer.Total = m.before.Nights, m.before.Total
	}
	return offer, err
}

// moved records the stay's new shape.
func (a *Activities) moved(ctx context.Context, c Change, entry ledger.Entry, stay pms.Stay) (Outcome, error) {
	i := slices.IndexFunc(entry.Stays, func(s pms.Stay) bool { return s.ID == stay.ID })
	if i < 0 {
		return Outcome{}, fmt.Errorf("booking: the ledger has no stay %s of booking %s", stay.ID, c.Booking)
	}
	entry.Stays[i] = stay
	entry.Version = c.Version
	entry.Problem = ""
	entry.Total = total(entry.Stays)
	entry.Span()
	w := c.Write
	if !c.Last {
		w.Intent = ""
	}
	return a.record(ctx, w, entry, c.Problem)
}

// cannotRevert leaves a half-made change to a person.
func (a *Activities) cannotRevert(ctx context.Context, c Change, entry ledger.Entry, problem string) (Outcome, error) {
	task := ledger.Task{
		Booking: c.Booking, Kind: "compensation_refused",
		Detail: fmt.Sprintf("Stay %d was changed, a later stay could not be, and the hotel system refused to change "+
			"it back (%s). Agree with the guest what the stays should be.", c.Stay+1, problem),
	}
	if err := a.ledger.AddTask(ctx, c.Hotel, task); err != nil {
		return Outcome{}, err
	}
	out := Outcome{State: entry.State, Version: entry.Version, Problem: c.Problem}
	if !c.Last {
		return out, nil
	}
	return out, a.settle(ctx, c.Write, out)
}

// apply returns the stay as the offer would make it.
func apply(stay pms.Stay, offer pms.Offer) pms.Stay {
	stay.RoomType, stay.RatePlan = offer.RoomType, offer.RatePlan
	stay.Arrival, stay.Departure = offer.Arrival, offer.Departure
	stay.Occupancy = offer.Occupancy
	stay.Nights, stay.Total = offer.Nights, offer.Total
	stay.Cancellation = offer.Cancellation
	stay.Charges, stay.PayableTotal = offer.Charges, offer.PayableTotal
	if len(stay.Extras) > 0 {
		// An offer tells the room alone. What the extras cost for other nights is
		// the hotel's to say: better no sum than a wrong one.
		stay.PayableTotal = pms.Money{}
	}
	return stay
}

// alike compares what a guest would notice: nights, room, rate and people.
func alike(a, b pms.Stay) bool {
	return a.Arrival == b.Arrival && a.Departure == b.Departure &&
		a.RoomType.ID == b.RoomType.ID && a.RatePlan.ID == b.RatePlan.ID &&
		a.Occupancy.Adults == b.Occupancy.Adults &&
		slices.Equal(slices.Sorted(slices.Values(a.Occupancy.ChildrenAges)), slices.Sorted(slices.Values(b.Occupancy.ChildrenAges)))
}

// total adds up the stays that are not cancelled.
func total(stays []pms.Stay) pms.Money {
	var sum pms.Money
	for _, s := range stays {
		if s.Status != pms.StatusCancelled {
			sum = sum.Plus(s.Total)
		}
	}
	if sum.Currency == "" && len(stays) > 0 {
		sum.Currency = stays[0].Total.Currency
	}
	return sum
}

func deref(out *Outcome) Outcome {
	if out == nil {
		return Outcome{}
	}
	return *out
}
