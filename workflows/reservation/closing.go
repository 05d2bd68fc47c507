package reservation

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
)

func (r *reservation) final() bool { return r.loaded && r.state.State.Final() }

func (r *reservation) mustContinue(ctx workflow.Context) bool {
	return r.upgrade || r.handled >= maxUpdates || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// close ends the run once every message is queued. It is not closed when
// something else is to be done first.
func (r *reservation) close(ctx workflow.Context) (out booking.Outcome, closed bool, err error) {
	err = workflow.Await(ctx, func() bool { return len(r.untold) == 0 || r.working > 0 || r.events > 0 && !r.final() })
	switch {
	case err != nil:
		out, err = r.cancelled(ctx)
		return out, true, err
	case len(r.untold) > 0:
		return out, false, nil
	}
	return r.state.Outcome, true, nil
}

// continueAsNew hands the state over. After an upgrade signal the next run
// begins on the newest worker version instead of this run's.
func (r *reservation) continueAsNew(ctx workflow.Context) error {
	next := r.in
	next.Reopened = !r.loaded
	next.State, next.Untold = nil, r.untold
	if r.loaded {
		state := r.state
		next.State = &state
	}
	var options workflow.ContinueAsNewErrorOptions
	if r.upgrade {
		options.InitialVersioningBehavior = workflow.ContinueAsNewVersioningBehaviorAutoUpgrade
	}
	return workflow.NewContinueAsNewErrorWithOptions(ctx, options, Name, next)
}

// cancelled ends the run on an operator's request. Handlers run to their end,
// for a write in flight must become known, and a hold is given back.
func (r *reservation) cancelled(ctx workflow.Context) (booking.Outcome, error) {
	apart, _ := workflow.NewDisconnectedContext(ctx)
	if err := workflow.Await(apart, func() bool { return workflow.AllHandlersFinished(apart) }); err != nil {
		return booking.Outcome{}, err
	}
	if r.state.State == ledger.Held {
		r.expireHold(apart)
	}
	// Not the error that Await gave: it has details, which nothing can seal.
	return r.state.Outcome, temporal.NewCanceledError()
}
