// Package breach runs the clock of one personal-data breach (Article 33 GDPR):
// it has the hotels told at once, reminds of what is still to be done when half,
// three quarters, nine tenths and all of the time have passed, and once a week of
// a breach that is told and not closed. The register says what is to be done; a
// signal says that it has changed, and a signal that is lost costs nothing, for
// the register is read before anybody is reminded.
//
// It stands on the workflows floor and does no I/O: reading, telling and
// reminding are activities of the package of the same name.
package breach

import (
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/breach"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "breach"
	TaskQueue = "records"
	// SignalChanged says that the register has something new.
	SignalChanged = "changed"
)

// RefusedRequest is the type of the error of an input that names no breach.
const RefusedRequest = "refused_request"

const (
	// finishEvery is how often somebody is reminded of a breach that is told and
	// not closed.
	finishEvery = 7 * 24 * time.Hour
	// maxWakes is how often a run looks before the next one takes over.
	maxWakes = 500
)

// percents are the shares of a clock's time after which somebody is reminded.
var percents = []int{50, 75, 90, 100}

// WorkflowID is the id of a breach's clock.
func WorkflowID(id string) string { return "system/" + audit.HouseTenant + "/breach/" + id }

// Input starts a clock, or continues it.
type Input struct {
	Breach string `json:"breach"`
	State  State  `json:"state,omitzero"`
}

// State is what a run hands over to the next.
type State struct {
	// Reminded are the shares, by clock, that somebody was reminded of.
	Reminded map[breach.Clock]int `json:"reminded,omitempty"`
	// Finish is when somebody is next reminded of a breach that is told.
	Finish time.Time `json:"finish,omitzero"`
	// Tried is how many of the untold hotels could not be told: a try is made for
	// more than those.
	Tried int `json:"tried,omitempty"`
}

// Result is how a clock ended.
type Result struct {
	Reminders int `json:"reminders"`
}

// Register registers the workflow under its name. A breach may be open for
// months, so its run moves to newer workers.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Breach, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
}

// Breach is the workflow of one breach. It ends when the breach is closed.
func Breach(ctx workflow.Context, in Input) (Result, error) {
	if in.Breach == "" {
		return Result{}, temporal.NewNonRetryableApplicationError("the input names no breach", RefusedRequest, nil)
	}
	c := &clock{in: in, changed: workflow.GetSignalChannel(ctx, SignalChanged)}
	if c.in.State.Reminded == nil {
		c.in.State.Reminded = map[breach.Clock]int{}
	}
	if c.in.State.Finish.IsZero() {
		c.in.State.Finish = workflow.Now(ctx).Add(finishEvery)
	}
	return c.run(ctx)
}

// clock is the workflow's memory. What must outlive the run is in its input.
type clock struct {
	in      Input
	changed workflow.ReceiveChannel
	result  Result
}

func (c *clock) run(ctx workflow.Context) (Result, error) {
	for range maxWakes {
		for c.changed.ReceiveAsync(nil) { // all of them ask for one look
		}
		var duties breach.Duties
		if err := workflow.ExecuteActivity(withRegister(ctx, "read what is to be done"), activities.DutiesActivity, activities.Ref{Breach: c.in.Breach}).Get(ctx, &duties); err != nil {
			return c.result, ended(err)
		}
		if duties.Closed {
			return c.result, nil
		}
		c.in.State.Tried = min(c.in.State.Tried, duties.Untold)
		if duties.Untold > c.in.State.Tried {
			if err := c.tell(ctx, duties); err != nil {
				return c.result, err
			}
			continue
		}
		next := c.next(ctx, duties)
		if next.at.After(workflow.Now(ctx)) {
			if err := c.await(ctx, next.at); err != nil {
				return c.result, err
			}
			continue
		}
		if err := c.remind(ctx, next); err != nil {
			return c.result, err
		}
	}
	return c.result, workflow.NewContinueAsNewError(ctx, Name, c.in)
}

// tell has the hotels told, and leaves those to a person who cannot be.
func (c *clock) tell(ctx workflow.Context, duties breach.Duties) error {
	var told activities.Told
	err := workflow.ExecuteActivity(withTelling(ctx), activities.TellActivity, activities.Ref{Breach: c.in.Breach}).Get(ctx, &told)
	if temporal.IsCanceledError(err) {
		return ended(err)
	}
	c.in.State.Tried = duties.Untold - told.Hotels
	if err == nil && told.Left == 0 {
		c.in.State.Tried = 0
		return nil
	}
	return c.remind(ctx, mark{clock: breach.TellControllers, due: duties.Due[breach.TellControllers]})
}

// A mark is a moment at which somebody is reminded.
type mark struct {
	clock   breach.Clock
	percent int
	at, due time.Time
}

// next is the first mark that nobody was reminded of. Of marks that have passed
// together only the last of each clock counts: who learns late of a breach wants
// one reminder.
func (c *clock) next(ctx workflow.Context, duties breach.Duties) mark {
	now := workflow.Now(ctx)
	first := mark{clock: breach.Finish, at: c.in.State.Finish, due: c.in.State.Finish}
	if len(duties.Due) > 0 {
		first = mark{}
	}
	for _, name := range []breach.Clock{breach.TellControllers, breach.TellAuthority} {
		due, runs := duties.Due[name]
		if !runs {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(percents), func(p int) bool { return p <= c.in.State.Reminded[name] })
		for i, percent := range left {
			at := duties.Aware.Add(due.Sub(duties.Aware) / 100 * time.Duration(percent))
			if i+1 < len(left) && !duties.Aware.Add(due.Sub(duties.Aware)/100*time.Duration(left[i+1])).After(now) {
				continue
			}
			if first.at.IsZero() || at.Before(first.at) {
				first = mark{name, percent, at, due}
			}
			break
		}
	}
	if first.at.IsZero() { // all of the time has passed, and it is told once a week
		first = mark{clock: breach.Finish, at: c.in.State.Finish, due: c.in.State.Finish}
	}
	return first
}

func (c *clock) remind(ctx workflow.Context, m mark) error {
	reminder := activities.Reminder{Breach: c.in.Breach, Clock: m.clock, Percent: m.percent, Due: m.due}
	if err := workflow.ExecuteActivity(withRegister(ctx, "remind a person"), activities.RemindActivity, reminder).Get(ctx, nil); err != nil {
		return ended(err)
	}
	c.result.Reminders++
	if m.clock == breach.Finish {
		c.in.State.Finish = workflow.Now(ctx).Add(finishEvery)
		return nil
	}
	c.in.State.Reminded[m.clock] = max(c.in.State.Reminded[m.clock], m.percent)
	return nil
}

// await waits for a moment, or for word that the register has changed.
func (c *clock) await(ctx workflow.Context, until time.Time) error {
	_, err := workflow.AwaitWithTimeout(ctx, until.Sub(workflow.Now(ctx)), func() bool { return c.changed.Len() > 0 })
	return ended(err)
}

// ended keeps a cancellation's details out of the history: nothing can seal them.
func ended(err error) error {
	if temporal.IsCanceledError(err) {
		return temporal.NewCanceledError()
	}
	return err
}

// withRegister is for a look into the register and for a reminder. The clock
// never gives up: what it waits for is our own database.
func withRegister(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 20 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Priority:            temporal.Priority{PriorityKey: 2, FairnessKey: audit.HouseTenant},
		Summary:             summary,
	})
}

// withTelling is for e-mail to the hotels. A relay may be away for a while, but
// a person must hear soon that a hotel was not told.
func withTelling(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    10 * time.Minute,
		ScheduleToCloseTimeout: time.Hour,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
		Priority:               temporal.Priority{PriorityKey: 1, FairnessKey: audit.HouseTenant},
		Summary:                "tell the hotels",
	})
}
