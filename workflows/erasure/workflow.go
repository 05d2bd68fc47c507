package erasure

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/erasure"
)

// The steps, in their order. Their numbers travel to the next run.
const (
	planning = iota
	rows
	others // the hotel's system, and other recipients
	runs
	keys
	readingBack
	certifying
)

const (
	// stepsPerRun is how many batches one run works through before it continues
	// as new.
	stepsPerRun = 100
	// mostRounds is how often what the read-back finds is erased again.
	mostRounds = 40
	// settle and mostSettle are how long the stores get before they are read
	// again: Temporal deletes a run that was open half a minute later.
	settle, mostSettle = 2 * time.Second, time.Minute
)

// Erasure is the workflow of one case.
func Erasure(ctx workflow.Context, in Input) (Result, error) {
	if in.Patience <= 0 {
		in.Patience = 10 * 24 * time.Hour
	}
	e := &run{in: in, state: State{Began: workflow.Now(ctx)}, steps: stepsPerRun}
	if in.State != nil {
		e.state = *in.State
	}
	result, err := e.run(ctx)
	if changed(err) {
		return Result{State: PlanChanged}, nil
	}
	return result, err
}

// run is the workflow's memory. What must outlive the run is in state.
type run struct {
	in    Input
	state State
	steps int
	// system is the work at the hotel's system, beside everything else; nil
	// until it begins in this run.
	system workflow.Future
	// recipients is the work of telling others, beside everything else.
	recipients workflow.Future
}

func (r *run) run(ctx workflow.Context) (Result, error) {
	if r.state.Step == planning {
		if err := r.plan(ctx); err != nil {
			return Result{}, err
		}
	}
	for {
		switch {
		case r.state.Step == certifying:
			result, err := r.certify(ctx)
			if !typed(err, activities.TypeLeft) {
				return result, err
			}
			// Something was written while the hotel's system was waited for.
			r.state.Step, r.state.Batch = rows, 0
		case r.steps <= 0 && r.system == nil && r.recipients == nil:
			next := r.in
			next.State = &r.state
			return Result{}, workflow.NewContinueAsNewError(ctx, Name, next)
		}
		if err := r.step(ctx); err != nil {
			return Result{}, err
		}
	}
}

func (r *run) plan(ctx workflow.Context) error {
	ask := r.theCase()
	ask.Plan = r.in.Plan
	if err := workflow.ExecuteActivity(withRecords(ctx, "plan"), activities.PlanActivity, ask).Get(ctx, &r.state.Plan); err != nil {
		return err
	}
	r.state.Step = rows
	return nil
}

// step does what comes next.
func (r *run) step(ctx workflow.Context) error {
	r.steps--
	switch r.state.Step {
	case rows:
		return r.batch(ctx, activities.RowsActivity, others)
	case others:
		r.startSystem(ctx)
		return r.tell(ctx)
	case runs:
		return r.batch(ctx, activities.RunsActivity, keys)
	case keys:
		return r.batch(ctx, activities.KeysActivity, readingBack)
	}
	return r.readBack(ctx)
}

// batch does one batch of a step, or goes on to the next.
func (r *run) batch(ctx workflow.Context, activity string, next int) error {
	if r.state.Batch >= r.state.Plan.Batches {
		r.state.Step, r.state.Batch = next, 0
		return nil
	}
	work := activities.Batch{Case: r.theCase(), Batch: r.state.Batch}
	if err := workflow.ExecuteActivity(withRecords(ctx, activity), activity, work).Get(ctx, nil); err != nil {
		return err
	}
	r.state.Batch++
	return nil
}

// startSystem begins with the hotel's system, which may be away for days. It
// holds nothing else up.
func (r *run) startSystem(ctx workflow.Context) {
	if r.system == nil {
		r.system = workflow.ExecuteActivity(withSystem(ctx, r.in.Patience), activities.SystemActivity, r.theCase())
	}
}

// beside is the change by which other recipients are waited for as the hotel's
// system is, and not for half an hour.
const beside = "recipients-beside"

// startRecipients begins to tell other recipients. It holds nothing up but the
// certificate.
func (r *run) startRecipients(ctx workflow.Context) (started bool) {
	if workflow.GetVersion(ctx, beside, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return false
	}
	if r.recipients == nil {
		r.recipients = workflow.ExecuteActivity(withRecipients(ctx, min(r.in.Patience, mostWait), time.Hour), activities.RecipientsActivity, r.theCase())
	}
	return true
}

// tell notifies other recipients.
func (r *run) tell(ctx workflow.Context) error {
	if r.startRecipients(ctx) {
		r.state.Step, r.state.Batch = runs, 0
		return nil
	}
	err := workflow.ExecuteActivity(withRecipients(ctx, 30*time.Minute, 5*time.Minute), activities.RecipientsActivity, r.theCase()).Get(ctx, nil)
	if ctx.Err() != nil || changed(err) {
		return err
	}
	if err != nil {
		workflow.GetLogger(ctx).Warn("Not every recipient has answered; the certificate lists those who have.", "hotel", r.in.Hotel)
	}
	r.state.Step, r.state.Batch = runs, 0
	return nil
}

// readBack looks at every store. What is left is erased again.
func (r *run) readBack(ctx workflow.Context) error {
	var left erasure.ReadBack
	if err := workflow.ExecuteActivity(withRecords(ctx, activities.ReadBackActivity), activities.ReadBackActivity, r.theCase()).Get(ctx, &left); err != nil {
		return err
	}
	if left == (erasure.ReadBack{}) {
		r.state.Step = certifying
		return nil
	}
	if r.state.Rounds++; r.state.Rounds > mostRounds {
		return temporal.NewApplicationError("erasure: something comes back as often as it is erased; find out what writes it", "comes_back")
	}
	if err := workflow.Sleep(ctx, min(time.Duration(r.state.Rounds)*settle, mostSettle)); err != nil {
		return err
	}
	switch r.state.Batch = 0; {
	case left.Rows > 0:
		r.state.Step = rows
	case left.Runs > 0 && r.state.Rounds%5 == 0:
		r.state.Step = runs
	case left.Keys > 0:
		r.state.Step = keys
	}
	return nil
}

// certify waits for the hotel's system, leaves to staff what it never answered
// to, and signs.
func (r *run) certify(ctx workflow.Context) (Result, error) {
	r.startSystem(ctx)
	if err := r.system.Get(ctx, nil); err != nil {
		if ctx.Err() != nil || changed(err) {
			return Result{}, err
		}
		if err := workflow.ExecuteActivity(withRecords(ctx, activities.GiveUpActivity), activities.GiveUpActivity, r.theCase()).Get(ctx, nil); err != nil {
			return Result{}, err
		}
	}
	if err := r.awaitRecipients(ctx); err != nil {
		return Result{}, err
	}
	var made activities.Certified
	if err := workflow.ExecuteActivity(withRecords(ctx, activities.CertifyActivity), activities.CertifyActivity, r.theCase()).Get(ctx, &made); err != nil {
		return Result{}, err
	}
	result := Result{State: made.State, Plan: r.state.Plan.Hash, Certificate: made.Certificate, Left: made.Left}
	if made.State == Deferred || made.State == Partly {
		result.DeferredUntil = r.deferredUntil(ctx, made)
	}
	return result, nil
}

// awaitRecipients waits for other recipients and leaves to staff those who never
// answered.
func (r *run) awaitRecipients(ctx workflow.Context) error {
	if !r.startRecipients(ctx) {
		return nil
	}
	err := r.recipients.Get(ctx, nil)
	if err == nil || ctx.Err() != nil || changed(err) {
		return err
	}
	return workflow.ExecuteActivity(withRecords(ctx, activities.GiveUpRecipientsActivity), activities.GiveUpRecipientsActivity, r.theCase()).Get(ctx, nil)
}

// deferredUntil is when to try again; within the hour where nobody can say: a
// request or a call is being carried out just now.
func (r *run) deferredUntil(ctx workflow.Context, made activities.Certified) string {
	for _, k := range made.Left {
		if k.Action != erasure.Defer {
			continue
		}
		until := made.Until
		if until.IsZero() {
			until = workflow.Now(ctx).Add(time.Hour)
		}
		return until.UTC().Format(time.RFC3339)
	}
	return ""
}

func (r *run) theCase() activities.Case {
	return activities.Case{Hotel: r.in.Hotel, Case: r.in.Case, Plan: r.state.Plan.Hash}
}

// changed tells that the plan is not the one that was approved.
func changed(err error) bool { return typed(err, activities.TypePlanChanged) }

func typed(err error, kind string) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) && refused.Type() == kind
}
