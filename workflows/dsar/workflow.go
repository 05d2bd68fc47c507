package dsar

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
)

const (
	// maxActs and maxTurns continue as new early: a case lasts for months, and a
	// short history is moved to another worker in no time.
	maxActs  = 50
	maxTurns = 40
	// maxHandled bounds the answers that travel to the next run.
	maxHandled = 50
	// look is how often a case that waits for a stay's end looks whether the
	// stay was cancelled.
	look = 24 * time.Hour
)

// State is all that a run hands over to the next.
type State struct {
	activities.Begun
	Stage rights.State `json:"stage"`
	// Code is the one-time code that was sent last.
	Code string `json:"code,omitempty"`
	// Marks is how many marks of the clock have passed.
	Marks     int       `json:"marks,omitempty"`
	WaitUntil time.Time `json:"wait_until,omitzero"`
	// Told are the letters that were queued, by kind.
	Told []letters.Kind `json:"told,omitempty"`
	// Tasks counts the tasks that the machine left.
	Tasks int `json:"tasks,omitempty"`
	// ByHand tells that an erasure which waits for a stay's end has left a person
	// what it cannot do.
	ByHand bool `json:"by_hand,omitempty"`
	// Attempts counts the letters that were begun by acts.
	Attempts int `json:"attempts,omitempty"`
	// Handled are the latest answers by update id, so that a repeat across runs
	// is answered and not done again.
	Handled []Handled `json:"handled,omitempty"`
	End     *Result   `json:"end,omitempty"`
}

// Handled is an answered update.
type Handled struct {
	ID     string `json:"id"`
	Status Status `json:"status"`
}

// dsar is the workflow's memory. What must outlive the run is in state; the
// rest is made anew.
type dsar struct {
	in     Input
	state  State
	loaded bool
	// working counts handlers that change what may be done next.
	working int
	// letting counts letters whose delivery is not begun yet.
	letting   int
	carrying  bool
	extending bool
	ending    bool // a refusal or a withdrawal is under way
	upgrade   bool
	// acts and turns count what this run has done.
	acts, turns int
}

// DSAR is the workflow of one case. It returns what came of it.
func DSAR(ctx workflow.Context, in Input) (Result, error) {
	d, err := open(ctx, in)
	if err != nil {
		return Result{}, err
	}
	return d.run(ctx)
}

func open(ctx workflow.Context, in Input) (*dsar, error) {
	if in.Hotel == "" || !ulidPattern.MatchString(in.Case) {
		return nil, temporal.NewNonRetryableApplicationError("the input needs a hotel and a case's ULID", RefusedRequest, nil)
	}
	d := &dsar{in: in}
	if in.State != nil {
		d.state, d.loaded = *in.State, true
	}
	if err := d.listen(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *dsar) ref() activities.Ref { return activities.Ref{Hotel: d.in.Hotel, Case: d.in.Case} }

// run goes from stage to stage until the case is closed.
func (d *dsar) run(ctx workflow.Context) (Result, error) {
	if err := d.begin(ctx); err != nil {
		return Result{}, err
	}
	d.watch(ctx)
	d.tell(ctx, letters.KindReceipt)
	for {
		switch {
		case d.state.End != nil:
			return d.end(ctx)
		case d.mustContinue(ctx):
			if err := workflow.Await(ctx, func() bool { return d.idle(ctx) || d.state.End != nil }); err != nil {
				return Result{}, temporal.NewCanceledError()
			}
			if d.state.End == nil {
				return Result{}, d.continueAsNew(ctx)
			}
			continue
		}
		if err := d.turn(ctx); err != nil {
			// Not the error that came: it may have details, which nothing can seal.
			return Result{}, temporal.NewCanceledError()
		}
	}
}

// begin reads the case, unless the run before handed it over.
func (d *dsar) begin(ctx workflow.Context) error {
	if d.loaded {
		return nil
	}
	err := workflow.ExecuteActivity(d.withCase(ctx, "read the case"), activities.BeginActivity, d.ref()).Get(ctx, &d.state.Begun)
	if err != nil {
		return err
	}
	d.loaded, d.state.Stage, d.state.Tasks = true, d.state.State, d.state.Left
	if d.state.State.Final() {
		d.state.End = &Result{State: d.state.State}
	}
	d.show(ctx)
	return nil
}

// turn waits for what the case's stage waits for, or carries it out. An error
// is the run's cancellation.
func (d *dsar) turn(ctx workflow.Context) error {
	d.turns++
	quiet := func() bool { return d.state.End != nil || d.working == 0 && !d.ending }
	if err := workflow.Await(ctx, quiet); err != nil || d.state.End != nil {
		return err
	}
	stage := d.stage(workflow.Now(ctx))
	if stage == rights.CarryingOut {
		return d.carryOut(ctx)
	}
	if stage == rights.Deciding && d.state.Stage != stage {
		if found, err := d.gather(ctx); err != nil || !found || d.stage(workflow.Now(ctx)) != stage {
			return err
		}
	}
	if err := d.move(ctx, stage); err != nil {
		return err
	}
	over := func() bool {
		return d.state.End != nil || d.mustContinue(ctx) || d.working == 0 && !d.ending && d.stage(workflow.Now(ctx)) != stage
	}
	if stage != rights.Waiting {
		return workflow.Await(ctx, over)
	}
	wait := min(d.state.WaitUntil.Sub(workflow.Now(ctx)), look)
	woken, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: "look whether the stay is over"},
	}, over)
	if err == nil && !woken {
		d.state.WaitUntil = time.Time{} // it is looked at anew
	}
	return err
}

// stage is where the case stands by all that is known.
func (d *dsar) stage(now time.Time) rights.State {
	switch {
	case d.state.Match != rights.KnownPerson, d.blocking() > 0:
		return rights.Open
	case d.state.Proof == rights.Unproven:
		return rights.Verifying
	case len(d.state.Approvers) < rights.TierOf(d.state.Kind).Approvals():
		return rights.Deciding
	case now.Before(d.state.WaitUntil):
		return rights.Waiting
	}
	return rights.CarryingOut
}

// blocking counts the tasks that hold the case up.
func (d *dsar) blocking() (n int) {
	for _, t := range d.state.Open {
		if t.Kind.Blocks() {
			n++
		}
	}
	return n
}

// move shows the stage in the case and in the search attributes.
func (d *dsar) move(ctx workflow.Context, to rights.State) error {
	if d.state.Stage == to || d.state.End != nil {
		return nil
	}
	d.state.Stage = to
	d.show(ctx)
	if to == rights.Waiting {
		return nil // Defer wrote it
	}
	m := activities.Move{Ref: d.ref(), State: to}
	return workflow.ExecuteActivity(d.withCase(ctx, "move the case: "+string(to)), activities.MoveActivity, m).Get(ctx, nil)
}

// show makes the case searchable by where it stands.
func (d *dsar) show(ctx workflow.Context) {
	err := workflow.UpsertTypedSearchAttributes(ctx,
		KindAttribute.ValueSet(string(d.state.Kind)), StateAttribute.ValueSet(string(d.state.Stage)),
		DueAttribute.ValueSet(d.state.Clock.DueNow(d.state.Extended)))
	if err != nil {
		workflow.GetLogger(ctx).Warn("The case's state is not searchable.", "error", err)
	}
}

func (d *dsar) mustContinue(ctx workflow.Context) bool {
	return d.upgrade || d.acts >= maxActs || d.turns >= maxTurns || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// idle tells that nothing is under way that this run has to finish.
func (d *dsar) idle(ctx workflow.Context) bool {
	return d.working == 0 && d.letting == 0 && workflow.AllHandlersFinished(ctx)
}

// end waits for what is under way, and returns what came of the case.
func (d *dsar) end(ctx workflow.Context) (Result, error) {
	d.state.Stage = d.state.End.State
	d.show(ctx)
	apart, _ := workflow.NewDisconnectedContext(ctx)
	if err := workflow.Await(apart, func() bool { return d.idle(apart) }); err != nil {
		return Result{}, err
	}
	return *d.state.End, nil
}

// continueAsNew hands the state over. After an upgrade signal the next run
// begins on the newest worker version instead of this run's.
func (d *dsar) continueAsNew(ctx workflow.Context) error {
	next, state := d.in, d.state
	next.State = &state
	var options workflow.ContinueAsNewErrorOptions
	if d.upgrade {
		options.InitialVersioningBehavior = workflow.ContinueAsNewVersioningBehaviorAutoUpgrade
	}
	return workflow.NewContinueAsNewErrorWithOptions(ctx, options, Name, next)
}

func (d *dsar) status() (Status, error) {
	s := Status{
		Kind: d.state.Kind, State: d.state.Stage, Due: d.state.Clock.DueNow(d.state.Extended),
		Internal: d.state.Clock.InternalNow(d.state.Extended), Extended: d.state.Extended, Proof: d.state.Proof,
		Vouched: len(d.state.Vouchers), Approvals: len(d.state.Approvers), Needs: rights.TierOf(d.state.Kind).Approvals(),
		Blocking: d.blocking(), WaitUntil: d.state.WaitUntil,
	}
	if d.state.End != nil {
		s.State, s.Outcome, s.Certificate = d.state.End.State, d.state.End.Outcome, d.state.End.Certificate
	}
	return s, nil
}
