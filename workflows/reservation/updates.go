package reservation

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification/letters"
)

// maxStays bounds how many stays one modification can touch.
const maxStays = 20

// once runs an update's handler in its turn, unless a run before has
// answered the same update id. Handlers are not cancelled with the workflow:
// an answer that is under way must become known.
func (r *reservation) once(ctx workflow.Context, req Request, handle func(workflow.Context, Request) (booking.Outcome, error), tells letters.Kind) (booking.Outcome, error) {
	r.working++
	r.handled++
	defer func() { r.working-- }()
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if err := r.queue.enter(ctx); err != nil {
		return booking.Outcome{}, err
	}
	defer r.queue.leave()

	id := workflow.GetCurrentUpdateInfo(ctx).ID
	if out, known := r.answered(id); known {
		return out, nil
	}
	if err := r.load(ctx); err != nil {
		return booking.Outcome{}, err
	}
	out, err := handle(ctx, req)
	if stale(err) {
		// The ledger is ahead of us: read it and try once more.
		r.loaded = false
		if err := r.load(ctx); err != nil {
			return booking.Outcome{}, err
		}
		out, err = handle(ctx, req)
	}
	if err != nil {
		r.loaded = r.state.State == "" // what the ledger has now is for it to say
		return booking.Outcome{}, err
	}
	r.settle(ctx, out)
	r.state.Updates++
	r.state.Handled = append(r.state.Handled, Handled{ID: id, Outcome: out})
	if len(r.state.Handled) > maxHandled {
		r.state.Handled = r.state.Handled[1:]
	}
	if req.Tell {
		r.tell(ctx, tells, out)
	}
	return out, nil
}

// answered returns the answer that a run before gave to an update id.
func (r *reservation) answered(id string) (booking.Outcome, bool) {
	for _, h := range r.state.Handled {
		if h.ID == id {
			return h.Outcome, true
		}
	}
	return booking.Outcome{}, false
}

// stale reports whether an activity found the ledger ahead of us.
func stale(err error) bool {
	var failed *temporal.ApplicationError
	return errors.As(err, &failed) && failed.Type() == booking.TypeStale
}

func (r *reservation) validateBook(req Request) error {
	if err := validate(req); err != nil {
		return err
	}
	if r.in.Reopened || r.state.State != "" || r.working > 0 {
		return refuse("the booking has been asked for already")
	}
	return nil
}

func (r *reservation) handleBook(ctx workflow.Context, req Request) (booking.Outcome, error) {
	return r.carryOut(ctx, "create the reservation", booking.CreateActivity, req)
}

func (r *reservation) validateConfirm(req Request) error {
	return r.validateChange(req, func(s ledger.State) bool { return s == ledger.Held })
}

func (r *reservation) handleConfirm(ctx workflow.Context, req Request) (booking.Outcome, error) {
	if r.state.State != ledger.Held {
		return booking.Outcome{}, refuseIn(r.state.State)
	}
	return r.carryOut(ctx, "confirm the hold", booking.ConfirmActivity, req)
}

func (r *reservation) validateCancel(req Request) error {
	return r.validateChange(req, ledger.State.Changeable)
}

func (r *reservation) handleCancel(ctx workflow.Context, req Request) (booking.Outcome, error) {
	switch {
	case r.state.State == ledger.Held:
		return r.carryOut(ctx, "release the hold", booking.ReleaseActivity, req)
	case !r.state.State.Changeable():
		return booking.Outcome{}, refuseIn(r.state.State)
	}
	return r.carryOut(ctx, "cancel the reservation", booking.CancelActivity, req)
}

func (r *reservation) validateModify(req Request) error {
	if req.Stays < 1 || req.Stays > maxStays {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf("a change has 1 to %d stays", maxStays), RefusedRequest, nil)
	}
	return r.validateChange(req, ledger.State.Changeable)
}

// handleModify changes the stays one after the other. When the hotel refuses
// one, those before it are changed back: all of the change, or nothing.
func (r *reservation) handleModify(ctx workflow.Context, req Request) (booking.Outcome, error) {
	if !r.state.State.Changeable() {
		return booking.Outcome{}, refuseIn(r.state.State)
	}
	if req.Rebook {
		return r.rebook(ctx, req)
	}
	for i := range req.Stays {
		change := booking.Change{Write: r.write(req.Intent), Stay: i, Last: i == req.Stays-1}
		var out booking.Outcome
		summary := fmt.Sprintf("change stay %d of %d", i+1, req.Stays)
		if err := workflow.ExecuteActivity(r.withPMSWrite(ctx, summary), booking.AmendActivity, change).Get(ctx, &out); err != nil {
			return booking.Outcome{}, err
		}
		if out.Problem != "" {
			return r.compensate(ctx, req, i, out)
		}
		r.state.Version = out.Version
		if change.Last {
			return out, nil
		}
	}
	return r.state.Outcome, nil
}

// compensate changes the stays before the refused one back, last first. Each
// refusal was definite, so nothing here undoes what may still come to pass.
func (r *reservation) compensate(ctx workflow.Context, req Request, refused int, out booking.Outcome) (booking.Outcome, error) {
	problem := out.Problem
	for i := refused - 1; i >= 0; i-- {
		change := booking.Change{Write: r.write(req.Intent), Stay: i, Last: i == 0, Problem: problem}
		summary := fmt.Sprintf("change stay %d back", i+1)
		if err := workflow.ExecuteActivity(r.withPMSWrite(ctx, summary), booking.RevertActivity, change).Get(ctx, &out); err != nil {
			return booking.Outcome{}, err
		}
		r.state.Version = out.Version
	}
	return out, nil
}

// rebook makes a new reservation and then cancels the old one, for a hotel
// system that cannot change a reservation. When the old one cannot be
// cancelled the new one is, and all is as before.
func (r *reservation) rebook(ctx workflow.Context, req Request) (booking.Outcome, error) {
	made, err := r.carryOut(ctx, "book anew", booking.ReplaceActivity, req)
	if err != nil || made.Problem != "" {
		return made, err
	}
	r.state.Version = made.Version
	out, err := r.carryOut(ctx, "cancel the replaced reservation", booking.RetireActivity, req)
	if err != nil || out.Problem == "" {
		return out, err
	}
	restoration := booking.Restoration{Write: r.write(req.Intent), Problem: out.Problem}
	err = workflow.ExecuteActivity(r.withPMSWrite(ctx, "cancel the new reservation again"), booking.RestoreActivity, restoration).Get(ctx, &out)
	return out, err
}

// carryOut runs one activity for a request.
func (r *reservation) carryOut(ctx workflow.Context, summary string, activity string, req Request) (booking.Outcome, error) {
	var out booking.Outcome
	err := workflow.ExecuteActivity(r.withPMSWrite(ctx, summary), activity, r.write(req.Intent)).Get(ctx, &out)
	return out, err
}

func validate(req Request) error {
	if !ulidPattern.MatchString(req.Intent) {
		return temporal.NewNonRetryableApplicationError("an update needs the ULID of its intent", RefusedRequest, nil)
	}
	return nil
}

// validateChange refuses a change in a state that forbids it. A reopened
// booking whose state is not read yet is let through: its handler decides.
func (r *reservation) validateChange(req Request, allowed func(ledger.State) bool) error {
	if err := validate(req); err != nil {
		return err
	}
	if r.loaded && !allowed(r.state.State) && r.working == 0 {
		return refuseIn(r.state.State)
	}
	return nil
}

func refuseIn(s ledger.State) error {
	if s == "" {
		return refuse("the booking has not been asked for yet")
	}
	return refuse("the booking is " + string(s))
}

func refuse(message string) error {
	return temporal.NewNonRetryableApplicationError(message, RefusedState, nil)
}
