package retention

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/connectors/registry"
)

// RoundInput starts a round, or continues it.
type RoundInput struct {
	// PageSize is how many hotels are started at a time, Pages how many pages
	// one run has; 100 when zero.
	PageSize int `json:"page_size,omitempty"`
	Pages    int `json:"pages,omitempty"`
	// After is the last hotel of the run before.
	After  string      `json:"after,omitempty"`
	Result RoundResult `json:"result,omitzero"`
}

// RoundResult counts the hotels of a round, and those that got a run.
type RoundResult struct {
	Hotels  int `json:"hotels"`
	Started int `json:"started"`
}

// Round is the workflow of one round: it starts a run for every hotel, and
// waits for none of them.
func Round(ctx workflow.Context, in RoundInput) (RoundResult, error) {
	if in.PageSize < 1 || in.PageSize > 100 {
		in.PageSize = 100
	}
	if in.Pages < 1 || in.Pages > 100 {
		in.Pages = 100
	}
	for range in.Pages {
		var page activities.Started
		err := workflow.ExecuteActivity(with(ctx, registry.System, "start the runs of a page of hotels", 10*time.Minute),
			activities.RoundActivity, activities.Page{After: in.After, Most: in.PageSize}).Get(ctx, &page)
		if err != nil {
			return RoundResult{}, err
		}
		in.Result.Hotels += page.Hotels
		in.Result.Started += page.Started
		if in.After = page.Last; page.Hotels < in.PageSize {
			return in.Result, nil
		}
	}
	return RoundResult{}, workflow.NewContinueAsNewError(ctx, RoundName, in)
}

// run is one run under way.
type run struct {
	in      Input
	status  Status
	plan    activities.Planned
	decided *Decision
	result  Result
}

// Run is the workflow of one hotel's run.
func Run(ctx workflow.Context, in Input) (Result, error) {
	if in.Hotel == "" || in.Actor == "" {
		return Result{}, refuse("a run needs a hotel and who started it")
	}
	if in.Slices < 1 || in.Slices > slices {
		in.Slices = slices
	}
	r := &run{in: in}
	if err := r.listen(ctx); err != nil {
		return Result{}, err
	}
	if in.Plan == nil {
		if done, err := r.prepare(ctx); err != nil || done {
			return r.end(ctx, err)
		}
	} else {
		r.planned(*in.Plan)
		r.status.State = retention.Running
	}
	if err := r.erase(ctx); err != nil {
		return r.end(ctx, err)
	}
	return r.finish(ctx)
}

// listen answers what is asked and decided.
func (r *run) listen(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, StateQuery, func() (Status, error) { return r.status, nil }); err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, DecideUpdate, r.handleDecide, workflow.UpdateHandlerOptions{
		Validator: r.validateDecide, Description: "What a second person says to the plan",
	})
}

// validateDecide refuses what cannot be decided, before anything is done.
func (r *run) validateDecide(d Decision) error {
	switch {
	case d.Actor == "":
		return refuse("say who decides")
	case r.status.State != retention.Waiting || r.decided != nil:
		return refuse("the run does not wait for a decision")
	case d.Actor == r.plan.StartedBy && !d.Refuse:
		return refuse("another person than the one who started the run has to approve it")
	case d.Hash != r.plan.Hash && !d.Refuse:
		return refuse("this approves another plan; look at the run again")
	}
	return nil
}

// handleDecide is not cancelled with the run: what was decided is written down.
func (r *run) handleDecide(ctx workflow.Context, d Decision) (Status, error) {
	r.decided = &d
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "write the decision down", time.Minute), activities.DecideActivity,
		activities.Decision{RunRef: r.ref(), Actor: d.Actor, Hash: d.Hash, Refuse: d.Refuse}).Get(ctx, nil)
	if err != nil {
		r.decided = nil
		return r.status, err
	}
	if r.status.State = retention.Planned; d.Refuse {
		r.status.State = retention.Refused
	}
	return r.status, nil
}

func (r *run) ref() activities.RunRef { return activities.RunRef{Hotel: r.in.Hotel, Run: r.plan.Run} }

func (r *run) planned(p activities.Planned) {
	r.plan = p
	r.status = Status{Run: p.Run, State: p.State, Hash: p.Hash, Rows: p.Rows}
	r.result = Result{Run: p.Run, Planned: p.Rows}
}

// prepare plans and waits until the run may go ahead; done says that it will
// not.
func (r *run) prepare(ctx workflow.Context) (done bool, err error) {
	if err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "bring holds up to date", 30*time.Minute), activities.WidenActivity,
		activities.HotelRef{Hotel: r.in.Hotel}).Get(ctx, nil); err != nil {
		return false, err
	}
	var p activities.Planned
	if err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "plan", 2*time.Hour), activities.PlanActivity,
		activities.Start{Hotel: r.in.Hotel, Actor: r.in.Actor}).Get(ctx, &p); err != nil {
		return false, err
	}
	r.planned(p)
	if p.State == retention.Waiting {
		decided, err := workflow.AwaitWithTimeout(ctx, patience, func() bool { return r.status.State != retention.Waiting })
		if err != nil {
			return false, err
		}
		if !decided && r.decided == nil {
			return true, r.close(ctx, retention.Lapsed)
		}
		// A decision that came in the last moment is waited for.
		if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
			return false, err
		}
		if r.status.State == retention.Waiting {
			return true, r.close(ctx, retention.Lapsed)
		}
		if r.status.State == retention.Refused {
			return true, nil
		}
	}
	err = workflow.ExecuteActivity(with(ctx, r.in.Hotel, "see that the plan still holds", 2*time.Hour), activities.ReadyActivity, r.ref()).Get(ctx, nil)
	if changed(err) {
		return true, r.close(ctx, retention.Changed)
	}
	r.status.State = retention.Running
	return false, err
}

// changed tells that the plan does not hold any more.
func changed(err error) bool {
	var failed *temporal.ApplicationError
	return errors.As(err, &failed) && failed.Type() == activities.TypeChanged
}

// close ends a run that does not erase.
func (r *run) close(ctx workflow.Context, state retention.State) error {
	r.status.State = state
	return workflow.ExecuteActivity(with(ctx, r.in.Hotel, "end the run", time.Minute), activities.EndActivity,
		activities.Ending{RunRef: r.ref(), State: state}).Get(ctx, nil)
}

// erase goes through the stores in their order. One whose rules changed
// meanwhile ends the run with what is erased so far.
func (r *run) erase(ctx workflow.Context) error {
	left := r.in.Left
	if r.in.Plan == nil {
		left = r.plan.Stores
	}
	for n := 0; len(left) > 0; n++ {
		if n == r.in.Slices {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			next := Input{Hotel: r.in.Hotel, Actor: r.in.Actor, Slices: r.in.Slices, Plan: &r.plan, Left: left}
			return workflow.NewContinueAsNewError(ctx, RunName, next)
		}
		r.status.Store = left[0]
		var step retention.Step
		err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "erase "+left[0], 2*time.Hour), activities.EraseActivity,
			activities.Erasure{RunRef: r.ref(), Store: left[0], Batches: batches}).Get(ctx, &step)
		if changed(err) {
			return r.close(ctx, retention.Changed)
		}
		if err != nil {
			return err
		}
		if r.status.Erased += step.Erased; step.Done {
			left = left[1:]
		}
	}
	return nil
}

// finish destroys keys, reads back and certifies.
func (r *run) finish(ctx workflow.Context) (Result, error) {
	if r.status.State == retention.Changed {
		return r.end(ctx, nil)
	}
	r.status.Store = ""
	if err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "destroy keys", 2*time.Hour), activities.ShredActivity, r.ref()).Get(ctx, &r.result.Keys); err != nil {
		return r.end(ctx, err)
	}
	var out activities.Finished
	if err := workflow.ExecuteActivity(with(ctx, r.in.Hotel, "read back and certify", 2*time.Hour), activities.FinishActivity, r.ref()).Get(ctx, &out); err != nil {
		return r.end(ctx, err)
	}
	r.status.State, r.result.Erased, r.result.Overdue = out.State, out.Erased, out.Overdue
	return r.end(ctx, nil)
}

// end waits for answers that are under way.
func (r *run) end(ctx workflow.Context, err error) (Result, error) {
	if waiting := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err == nil {
		err = waiting
	}
	r.result.State = r.status.State
	return r.result, err
}

func refuse(why string) error {
	return temporal.NewNonRetryableApplicationError(why, RefusedRequest, nil)
}

// with is for one step of a run: long, with a beat that tells of a dead worker
// within a minute. Nobody waits for it; it is tried for a day and a half.
func with(ctx workflow.Context, hotel, summary string, most time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    most,
		ScheduleToCloseTimeout: 36 * time.Hour,
		HeartbeatTimeout:       time.Minute,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 5 * time.Second, MaximumInterval: 10 * time.Minute},
		Priority:               temporal.Priority{PriorityKey: 5, FairnessKey: hotel},
		Summary:                summary,
	})
}
