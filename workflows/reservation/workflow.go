package reservation

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
)

const (
	// maxUpdates continues as new long before Temporal's 2,000 updates a run.
	maxUpdates = 100
	// maxHandled bounds the answers that travel to the next run.
	maxHandled = 50
	// pause is between two attempts to end a hold that cannot be ended.
	pause = time.Minute
)

// Reservation is the workflow of one booking. It returns the last outcome when
// the booking is final or nobody has touched it for a while.
func Reservation(ctx workflow.Context, in Input) (booking.Outcome, error) {
	r, err := open(ctx, in)
	if err != nil {
		return booking.Outcome{}, err
	}
	return r.run(ctx)
}

// reservation is the workflow's memory. What must outlive the run is in state;
// the rest is made anew.
type reservation struct {
	in    Input
	state State
	queue queue
	// loaded tells that state is true; a reopened booking reads it first.
	loaded bool
	// working counts handlers that are not finished.
	working int
	// handled counts the updates of this run.
	handled int
	events  int
	upgrade bool
	// untold are the messages to the guest that are not queued yet.
	untold []notification.Notice
}

func open(ctx workflow.Context, in Input) (*reservation, error) {
	if in.Hotel == "" || in.Vendor == "" || !ulidPattern.MatchString(in.Booking) {
		return nil, temporal.NewNonRetryableApplicationError("the input needs hotel, vendor and a booking's ULID", RefusedRequest, nil)
	}
	in.Timing = in.Timing.withDefaults()
	r := &reservation{in: in, loaded: !in.Reopened}
	if in.State != nil {
		r.state, r.loaded = *in.State, true
	}
	if err := r.listen(ctx); err != nil {
		return nil, err
	}
	for _, n := range in.Untold {
		r.queueMessage(ctx, n)
	}
	return r, nil
}

// listen sets every handler before anything else runs.
func (r *reservation) listen(ctx workflow.Context) error {
	updates := []struct {
		name        string
		description string
		validate    func(Request) error
		handle      func(workflow.Context, Request) (booking.Outcome, error)
		tells       letters.Kind
	}{
		{UpdateBook, "Book what the intent's quote offers.", r.validateBook, r.handleBook, letters.KindConfirmation},
		{UpdateConfirm, "Turn the hold into a reservation.", r.validateConfirm, r.handleConfirm, letters.KindConfirmation},
		{UpdateModify, "Change the stays to what the intent's quote offers.", r.validateModify, r.handleModify, letters.KindChange},
		{UpdateCancel, "Cancel the booking, or release the hold.", r.validateCancel, r.handleCancel, letters.KindCancellation},
	}
	for _, u := range updates {
		err := workflow.SetUpdateHandlerWithOptions(ctx, u.name,
			func(ctx workflow.Context, req Request) (booking.Outcome, error) {
				return r.once(ctx, req, u.handle, u.tells)
			},
			workflow.UpdateHandlerOptions{
				Description: u.description,
				Validator: func(ctx workflow.Context, req Request) error {
					if _, known := r.answered(workflow.GetCurrentUpdateInfo(ctx).ID); known {
						return nil
					}
					return u.validate(req)
				},
			})
		if err != nil {
			return fmt.Errorf("reservation: set the %s handler: %w", u.name, err)
		}
	}
	r.receive(ctx, SignalPMSEvent, func(ctx workflow.Context, c workflow.ReceiveChannel) {
		var event Event
		c.Receive(ctx, &event)
		r.events++
	})
	r.receive(ctx, SignalUpgrade, func(ctx workflow.Context, c workflow.ReceiveChannel) {
		c.Receive(ctx, nil)
		r.upgrade = true
	})
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, r.status,
		workflow.QueryHandlerOptions{Description: "Where the booking stands."})
}

func (r *reservation) receive(ctx workflow.Context, signal string, take func(workflow.Context, workflow.ReceiveChannel)) {
	channel := workflow.GetSignalChannel(ctx, signal)
	workflow.GoNamed(ctx, signal, func(ctx workflow.Context) {
		for {
			take(ctx, channel)
		}
	})
}

func (r *reservation) status() (Status, error) {
	return Status{
		State: r.state.State, Version: r.state.Version, HoldUntil: r.state.HoldUntil,
		Working: r.working > 0, Updates: r.state.Updates,
	}, nil
}

// run waits for handlers, events, expiry and silence until the booking may
// close.
func (r *reservation) run(ctx workflow.Context) (booking.Outcome, error) {
	for {
		if err := workflow.Await(ctx, func() bool { return r.working == 0 }); err != nil {
			return r.cancelled(ctx)
		}
		switch {
		case r.final() && workflow.AllHandlersFinished(ctx):
			if out, closed, err := r.close(ctx); closed {
				return out, err
			}
			continue
		case r.events > 0:
			r.events = 0
			r.refresh(ctx)
			continue
		case r.mustContinue(ctx) && workflow.AllHandlersFinished(ctx):
			return booking.Outcome{}, r.continueAsNew(ctx)
		}
		expired, err := r.sleep(ctx)
		if err != nil {
			return r.cancelled(ctx)
		}
		if !expired {
			continue
		}
		if r.state.State == ledger.Held {
			if !r.expireHold(ctx) {
				// Not at once again: what is wrong needs a person.
				_ = workflow.Sleep(ctx, pause)
			}
			continue
		}
		if !workflow.AllHandlersFinished(ctx) {
			continue
		}
		if out, closed, err := r.close(ctx); closed {
			return out, err
		}
	}
}

// sleep waits for the next deadline, or for anything to do.
func (r *reservation) sleep(ctx workflow.Context) (expired bool, err error) {
	wait, summary := r.in.Timing.Idle, "close when quiet"
	switch {
	case r.state.State == ledger.Held:
		wait, summary = r.state.HoldUntil.Sub(workflow.Now(ctx)), "hold ends"
	case r.handled == 0 && r.in.State == nil:
		wait, summary = r.in.Timing.FirstUpdate, "close when nothing is asked"
	}
	if wait <= 0 {
		return true, nil
	}
	woken, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: summary},
	}, func() bool { return r.working > 0 || r.events > 0 || r.upgrade })
	return !woken, err
}

// expireHold gives the hold back, and reports whether that is settled.
func (r *reservation) expireHold(ctx workflow.Context) bool {
	return r.background(ctx, func(ctx workflow.Context) error {
		if r.state.State != ledger.Held {
			return nil
		}
		var out booking.Outcome
		err := workflow.ExecuteActivity(r.withPMSWrite(ctx, "release the hold"), booking.ReleaseActivity, r.write("")).Get(ctx, &out)
		if err == nil {
			r.settle(ctx, out)
		}
		return err
	})
}

// refresh reads what the hotel's system changed.
func (r *reservation) refresh(ctx workflow.Context) {
	r.background(ctx, func(ctx workflow.Context) error {
		if r.state.State == "" {
			return nil // not asked for yet, so the hotel has no news of it
		}
		var out booking.Outcome
		ref := booking.Ref{Hotel: r.in.Hotel, Booking: r.in.Booking, Version: r.state.Version + 1}
		err := workflow.ExecuteActivity(r.withPMSRead(ctx, "read the hotel's change"), booking.RefreshActivity, ref).Get(ctx, &out)
		if err == nil {
			r.settle(ctx, out)
		}
		return err
	})
}

// background runs work of the workflow's own in its turn. A failure is
// logged and the ledger loaded again before the next use: nobody waits for it.
func (r *reservation) background(ctx workflow.Context, work func(workflow.Context) error) (done bool) {
	if err := r.queue.enter(ctx); err != nil {
		return false
	}
	defer r.queue.leave()
	err := r.load(ctx)
	if err == nil {
		err = work(ctx)
	}
	if err != nil {
		r.loaded = false
		workflow.GetLogger(ctx).Warn("Background work of the booking failed; reading the ledger again.", "error", err)
	}
	return err == nil
}

// load reads the ledger unless the state is known to be true.
func (r *reservation) load(ctx workflow.Context) error {
	if r.loaded {
		return nil
	}
	var out booking.Outcome
	ref := booking.Ref{Hotel: r.in.Hotel, Booking: r.in.Booking}
	if err := workflow.ExecuteLocalActivity(withLedger(ctx, "read the ledger"), booking.LoadActivity, ref).Get(ctx, &out); err != nil {
		return err
	}
	r.settle(ctx, out)
	r.loaded = true
	return nil
}

// settle takes an outcome as the booking's state, and shows it to operations.
func (r *reservation) settle(ctx workflow.Context, out booking.Outcome) {
	changed := out.State != r.state.State
	out.Problem = ""
	r.state.Outcome = out
	if !changed {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, StateAttribute.ValueSet(string(out.State))); err != nil {
		workflow.GetLogger(ctx).Warn("The booking's state is not searchable.", "error", err)
	}
}

// write names an intent with the version that its outcome will have.
func (r *reservation) write(intent string) booking.Write {
	return booking.Write{
		Hotel: r.in.Hotel, Booking: r.in.Booking, Intent: intent,
		Version: r.state.Version + 1, HoldFor: r.in.Timing.Hold,
	}
}
