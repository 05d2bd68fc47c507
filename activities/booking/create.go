package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/pms"
)

// keyMargin is how long before the vendor forgets an idempotency key we stop
// trusting it.
const keyMargin = time.Hour

// errTooEarly: the vendor may still be working on an earlier write, so nothing
// can be concluded yet.
var errTooEarly = errors.New("booking: an earlier write may still take effect; looking again later")

// errUnresolved: every way to learn the outcome is exhausted.
var errUnresolved = errors.New("booking: the outcome of the create cannot be learned any more")

// Create books, or holds, what the intent's draft says, and records the
// outcome. It never makes a second reservation.
func (a *Activities) Create(ctx context.Context, w Write) (Outcome, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.create(ctx, w)
	return out, temporalError(err)
}

func (a *Activities) create(ctx context.Context, w Write) (Outcome, error) {
	conn, err := a.connectors.Connector(ctx, w.Hotel)
	if err != nil {
		return Outcome{}, err
	}
	if err := ready(ctx, conn); err != nil {
		return Outcome{}, err
	}
	intent, entry, err := a.ledger.Begin(ctx, w.Hotel, w.Intent)
	if err == nil {
		err = own(w, intent)
	}
	if err != nil {
		return Outcome{}, err
	}
	if out, done, err := settled(intent); done || err != nil {
		return out, err
	}
	var draft pms.Draft
	if err := a.open(ctx, w, PlaceIntent, intent.Sealed, &draft); err != nil {
		return Outcome{}, err
	}
	made, problem, err := a.resolve(ctx, conn, w, intent, draft)
	entry.Version = w.Version
	switch {
	case errors.Is(err, errUnresolved):
		return a.unresolved(ctx, w, entry)
	case err != nil:
		return Outcome{}, err
	case problem != "":
		return a.reject(ctx, w, entry, problem)
	}
	return a.made(ctx, w, entry, made)
}

// ready asks a connection that can be closed whether it is open. An intent that
// is marked as sent although nothing could be sent ages for nothing, and in the
// end counts as one whose outcome nobody can learn.
func ready(ctx context.Context, conn pms.Connector) error {
	closable, ok := conn.(interface {
		Ready(ctx context.Context, o pms.Operation) error
	})
	if !ok {
		return nil
	}
	return closable.Ready(ctx, pms.OpCreate)
}

// resolve brings a draft to a definite answer: a reservation, or the kind of
// the hotel's refusal. Any error but errUnresolved is an open question.
func (a *Activities) resolve(ctx context.Context, conn pms.Connector, w Write, intent ledger.Intent, draft pms.Draft) (made pms.Reservation, problem string, err error) {
	made, err = a.write(ctx, conn, w, intent, draft)
	if problem, no := refusal(err); no {
		return a.refused(ctx, conn, intent, draft, problem)
	}
	if !sentBefore(intent) && (errors.Is(err, pms.ErrAuthentication) || errors.Is(err, pms.ErrPermission)) {
		// Nothing was sent before, so the refusal is the whole story.
		return pms.Reservation{}, pms.KindName(err), nil
	}
	return made, "", err
}

// made records the reservation that the hotel has now.
func (a *Activities) made(ctx context.Context, w Write, entry ledger.Entry, r pms.Reservation) (Outcome, error) {
	a.shorten(&r, w.HoldFor)
	fill(&entry, r)
	return a.record(ctx, w, entry, "")
}

// shorten ends a hold at the latest as long after now as was asked.
func (a *Activities) shorten(r *pms.Reservation, holdFor time.Duration) {
	if r.Status != pms.StatusHeld || holdFor == 0 {
		return
	}
	latest := a.now().Add(holdFor).Truncate(time.Second)
	if r.HoldUntil.IsZero() || latest.Before(r.HoldUntil) {
		r.HoldUntil = latest
	}
}

// sentBefore reports whether an attempt before this one may have sent the
// draft. The ledger knows it, and not the attempt's number, because a workflow
// that was begun again counts from one.
func sentBefore(intent ledger.Intent) bool { return !intent.SentAt.IsZero() }

// keyed reports whether the vendor's idempotency keys can be relied on. One
// that forgets them within keyMargin is treated like one that has none.
func keyed(c pms.Capabilities) bool { return c.KeyWindow > keyMargin }

// write sends the draft if that is safe, and otherwise looks the reservation
// up by our reference. While the vendor remembers the key, sending again is
// the surest way to learn what happened.
func (a *Activities) write(ctx context.Context, conn pms.Connector, w Write, intent ledger.Intent, draft pms.Draft) (pms.Reservation, error) {
	caps := conn.Capabilities()
	trusted, keyed := caps.KeyWindow-keyMargin, keyed(caps)
	age := a.now().Sub(intent.SentAt)
	switch {
	case !sentBefore(intent), keyed && age < trusted:
		return send(ctx, conn, draft)
	}
	found, err := lookUp(ctx, conn, draft)
	if !errors.Is(err, pms.ErrNotFound) {
		return found, err
	}
	visible := caps.WriteTimeout + caps.ListLag
	switch {
	case keyed && age < trusted+visible:
		return pms.Reservation{}, errTooEarly
	case keyed:
		return pms.Reservation{}, errUnresolved
	case age < visible:
		return pms.Reservation{}, errTooEarly
	}
	// Mark the moment again, so that the next attempt knows how long to look
	// before it may write once more.
	if err := a.ledger.MarkSent(ctx, w.Hotel, w.Intent); err != nil {
		return pms.Reservation{}, err
	}
	return send(ctx, conn, draft)
}

func send(ctx context.Context, conn pms.Connector, draft pms.Draft) (pms.Reservation, error) {
	if draft.Hold {
		return conn.Hold(ctx, draft)
	}
	return conn.Create(ctx, draft)
}

// lookUp finds what an earlier attempt made.
func lookUp(ctx context.Context, conn pms.Connector, draft pms.Draft) (pms.Reservation, error) {
	found, err := conn.ByReference(ctx, draft.Reference)
	if err == nil && draft.Hold && found.Status == pms.StatusConfirmed {
		held(&found, found.HoldUntil)
	}
	return found, err
}

// held marks what the hotel counts as confirmed as the hold that it is: some
// vendors know no holds, and only Confirm ends one for us.
func held(r *pms.Reservation, until time.Time) {
	r.Status, r.HoldUntil = pms.StatusHeld, until
	for i := range r.Stays {
		if r.Stays[i].Status == pms.StatusConfirmed {
			r.Stays[i].Status = pms.StatusHeld
		}
	}
}

// refused passes the vendor's refusal on, unless an earlier attempt may have
// succeeded. Then the vendor is asked for our reference first: a no to the
// repeat does not undo a yes to the original.
func (a *Activities) refused(ctx context.Context, conn pms.Connector, intent ledger.Intent, draft pms.Draft, problem string) (pms.Reservation, string, error) {
	if !sentBefore(intent) {
		return pms.Reservation{}, problem, nil
	}
	found, err := lookUp(ctx, conn, draft)
	if !errors.Is(err, pms.ErrNotFound) {
		return found, "", err
	}
	caps := conn.Capabilities()
	// A vendor that remembers the key would have repeated its yes, so "sold
	// out" under the same key is final. Anything else may be a complaint about
	// the repeat itself.
	final := problem == pms.KindName(pms.ErrSoldOut) && keyed(caps)
	if !final && a.now().Sub(intent.SentAt) < caps.WriteTimeout+caps.ListLag {
		return pms.Reservation{}, "", errTooEarly
	}
	return pms.Reservation{}, problem, nil
}

func (a *Activities) reject(ctx context.Context, w Write, entry ledger.Entry, problem string) (Outcome, error) {
	entry.State, entry.Problem = ledger.Rejected, problem
	return a.record(ctx, w, entry, problem)
}

// unresolved hands the question to a person and says so in the ledger.
func (a *Activities) unresolved(ctx context.Context, w Write, entry ledger.Entry) (Outcome, error) {
	task := ledger.Task{
		Booking: w.Booking,
		Kind:    "outcome_unknown",
		Detail: fmt.Sprintf("The hotel system never told whether the reservation with reference %s exists. "+
			"Look for it there, then adopt it or tell the guest.", w.Booking),
	}
	if err := a.ledger.AddTask(ctx, w.Hotel, task); err != nil {
		return Outcome{}, err
	}
	problem := pms.KindName(pms.ErrOutcomeUnknown)
	entry.State, entry.Problem = ledger.Unknown, problem
	return a.record(ctx, w, entry, problem)
}

// fill writes what the vendor answered into the ledger's entry.
func fill(entry *ledger.Entry, r pms.Reservation) {
	entry.State = stateOf(r.Status)
	entry.VendorBooking = string(r.ID)
	entry.Confirmation = r.Confirmation
	entry.HoldUntil = r.HoldUntil
	entry.Problem = ""
	entry.Stays = ledger.StaysOf(r.Stays)
	entry.Total = r.Total
	entry.Span()
}

// EntryOf returns the first entry of a reservation that was made elsewhere.
func EntryOf(id string, r pms.Reservation) ledger.Entry {
	entry := ledger.Entry{ID: id, Version: 1}
	fill(&entry, r)
	return entry
}

// stateOf maps the vendor's status to the ledger's.
func stateOf(s pms.Status) ledger.State {
	switch s {
	case pms.StatusHeld:
		return ledger.Held
	case pms.StatusCancelled:
		return ledger.Cancelled
	default:
		// In-house, departed and no-show reservations are still the guest's.
		return ledger.Confirmed
	}
}
