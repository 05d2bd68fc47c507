package starter

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// carryOutEvent tells the booking of an event, and notes in the inbox what came
// of it.
func (c *Client) carryOutEvent(ctx context.Context, s site, d webhooks.Delivery) {
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	err := c.tellBooking(ctx, s, d)
	// Noted even when the time for the event is over.
	note, end := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer end()
	if err == nil {
		c.count(s.Vendor, "done", 1)
		err = c.Webhooks.Close(note, d)
	} else {
		c.count(s.Vendor, "failed", 1)
		err = errors.Join(err, c.Webhooks.Defer(note, d))
	}
	if err != nil {
		c.Logger.WarnContext(ctx, "An event of a hotel's system is not carried out yet; trying again.", "hotel", s.ID, "error", err)
	}
}

// tellBooking wakes the workflow of the booking that an event is about. What
// changed is for the workflow to read at the hotel, in its own turn. An event
// about a reservation that is not ours, or that nothing more can happen to,
// needs nothing.
func (c *Client) tellBooking(ctx context.Context, s site, d webhooks.Delivery) error {
	if d.Reservation == "" {
		return nil
	}
	id, err := c.bookingOf(ctx, s, d.Reservation)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	entry, err := c.Ledger.Entry(ctx, s.ID, id)
	switch {
	case err != nil:
		return err
	case entry.State.Final():
		return nil
	case entry.State == ledger.Pending:
		// Its workflow is for the caller or the sweeper to start: one that a
		// signal started could not book any more. Without one there is nobody
		// to tell, and the create finds out by itself.
		err := c.Temporal.SignalWorkflow(ctx, reservation.WorkflowID(s.ID, id), "", reservation.SignalPMSEvent, reservation.Event{})
		var none *serviceerror.NotFound
		if errors.As(err, &none) {
			return nil
		}
		return err
	}
	// A settled booking's workflow may have closed: this opens it again.
	start := c.startOptions(s, id, entry.Arrival, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	_, err = c.Temporal.SignalWithStartWorkflow(ctx, start.ID, reservation.SignalPMSEvent, reservation.Event{}, start,
		reservation.Name, c.input(s, id, true))
	return err
}

// bookingOf finds the booking that the hotel's system calls so. One whose
// answer we do not have yet is known by the reference that we gave it.
func (c *Client) bookingOf(ctx context.Context, s site, id pms.ReservationID) (string, error) {
	known, err := c.Ledger.ByVendor(ctx, s.ID, id)
	if !errors.Is(err, ledger.ErrNotFound) {
		return known, err
	}
	found, err := s.conn.Reservation(ctx, id)
	if errors.Is(err, pms.ErrNotFound) {
		return "", ledger.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	own := string(found.Reference)
	if !ulidPattern.MatchString(own) {
		return "", ledger.ErrNotFound // made elsewhere
	}
	_, err = c.Ledger.Entry(ctx, s.ID, own)
	if !errors.Is(err, ledger.ErrNotFound) {
		return own, err
	}
	// A reservation that replaces another has its intent's reference.
	intent, _, err := c.Ledger.Open(ctx, s.ID, own)
	return intent.Booking, err
}

// Attending says how the inbox is looked after.
type Attending struct {
	Every time.Duration // 2 seconds when zero
	Batch int           // 100 when zero
	// Purge is how often what is old is thrown away; an hour when zero.
	Purge time.Duration
}

// Attend looks after what comes from outside until ctx ends: it carries out
// events that nobody finished, throws old ones away, and tells and hears which
// hotels changed. Every process that answers callers does it.
func (c *Client) Attend(ctx context.Context, o Attending) {
	var all errgroup.Group
	run := func(work func(context.Context)) {
		all.Go(func() error { work(ctx); return nil })
	}
	if c.News != nil {
		run(c.tell)
		run(c.hear)
	}
	if c.Webhooks != nil {
		run(func(ctx context.Context) { c.finish(ctx, o) })
	}
	_ = all.Wait()
}

// finish carries out what is left in the inbox.
func (c *Client) finish(ctx context.Context, o Attending) {
	if o.Batch == 0 {
		o.Batch = 100
	}
	look := time.NewTicker(orDefault(o.Every, 2*time.Second))
	defer look.Stop()
	purge := time.NewTicker(orDefault(o.Purge, time.Hour))
	defer purge.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-purge.C:
			if _, err := c.Webhooks.Purge(ctx); err != nil {
				c.Logger.WarnContext(ctx, "Old events are not thrown away.", "error", err)
			}
		case <-look.C:
			c.finishOnce(ctx, o.Batch)
		}
	}
}

func (c *Client) finishOnce(ctx context.Context, batch int) {
	due, err := c.Webhooks.Due(ctx, batch)
	if err != nil && ctx.Err() == nil {
		c.Logger.WarnContext(ctx, "The inbox of events cannot be read.", "error", err)
	}
	var all errgroup.Group
	all.SetLimit(hookWidth)
	for _, d := range due {
		all.Go(func() error {
			s, err := c.site(ctx, d.Hotel)
			if err != nil {
				// The hotel is gone, or cannot be reached: the inbox gives it
				// out again, and throws it away in the end.
				c.Logger.WarnContext(ctx, "An event's hotel cannot be reached.", "hotel", d.Hotel, "error", err)
				return nil
			}
			c.carryOutEvent(ctx, s, d)
			return nil
		})
	}
	_ = all.Wait()
}
