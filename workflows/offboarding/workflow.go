// Package offboarding runs the end of a hotel's contract (Article 28(3)(g)
// GDPR) from the wish to the certificate: another person approves, the hotel is
// closed, gets back what is kept for it, and says that it has it; then its runs,
// objects, rows and keys are removed, looked for again, and the end is certified.
// Until something is removed it can be withdrawn. A legal hold stops the removal
// for as long as it stands, and no longer.
//
// Its id is of the house and not of the hotel, whose keys do not outlive it. It
// stands on the workflows floor and does no I/O.
package offboarding

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/compliance/audit"
)

// Names on the wire. They live in histories: never change one.
const (
	Name           = "offboarding"
	TaskQueue      = "records"
	UpdateApprove  = "approve"
	UpdateHanded   = "handed"
	UpdateWithdraw = "withdraw"
	QueryState     = "state"
)

// Types of refusals.
const (
	RefusedRequest    = "refused_request"
	RefusedSamePerson = "same_person"
	RefusedState      = "wrong_state"
	RefusedPack       = "another_pack"
)

const (
	// lapse is how long a wish waits for another person, and a pack for the hotel.
	lapse = 90 * 24 * time.Hour
	// maxRounds is how often the removal begins anew when something was found.
	maxRounds = 20
	// roundPause lets the server's list of runs catch up before the next round.
	roundPause = 10 * time.Second
	// maxSteps bounds the attempts of one step in one round.
	maxSteps = 2000
)

// WorkflowID is the id of an off-boarding.
func WorkflowID(id string) string { return "system/" + audit.HouseTenant + "/offboarding/" + id }

// Input starts an off-boarding.
type Input struct {
	activities.Ref
	OpenedBy string `json:"opened_by"`
	GiveBack string `json:"give_back"`
}

// Decision is what somebody decides by an update. Names are pseudonyms.
type Decision struct {
	Actor string `json:"actor"`
	// SHA256 is the pack's that the hotel has, for UpdateHanded.
	SHA256 string `json:"sha256,omitempty"`
	// Reason is why it is withdrawn.
	Reason string `json:"reason,omitempty"`
}

// State is where it stands.
type State struct {
	State   string             `json:"state"`
	Pack    *activities.Pack   `json:"pack,omitempty"`
	Removed activities.Removed `json:"removed"`
	// Entry is the hotel's in the store of credentials.
	Entry string           `json:"entry,omitempty"`
	Done  *activities.Done `json:"done,omitempty"`
}

// Register registers the workflow under its name. It may wait for weeks, so its
// run moves to newer workers.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Offboarding, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
}

// Offboarding is the workflow of one hotel's end.
func Offboarding(ctx workflow.Context, in Input) (State, error) {
	if in.Offboarding == "" || in.Hotel == "" || in.OpenedBy == "" || in.GiveBack == "" {
		return State{}, temporal.NewNonRetryableApplicationError("the input names no hotel, nobody who asks, or no way to give back", RefusedRequest, nil)
	}
	o := &offboarding{in: in, state: State{State: activities.Waiting}}
	if err := o.handle(ctx); err != nil {
		return State{}, err
	}
	if err := o.run(ctx); err != nil {
		return o.state, ended(err)
	}
	err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	return o.state, ended(err)
}

// offboarding is the workflow's memory.
type offboarding struct {
	in    Input
	state State
	// deciding keeps a second decision away while one is written down.
	deciding bool
}

func (o *offboarding) handle(ctx workflow.Context) error {
	err := workflow.SetQueryHandler(ctx, QueryState, func() (State, error) { return o.state, nil })
	for _, d := range []struct {
		name, to string
		check    func(Decision) error
	}{
		{UpdateApprove, activities.Returning, o.checkApprove},
		{UpdateHanded, activities.Removing, o.checkHanded},
		{UpdateWithdraw, activities.Withdrawn, o.checkWithdraw},
	} {
		err = errors.Join(err, workflow.SetUpdateHandlerWithOptions(ctx, d.name, func(ctx workflow.Context, decision Decision) (State, error) {
			return o.decide(ctx, d.name, d.to, decision)
		}, workflow.UpdateHandlerOptions{Validator: d.check}))
	}
	return err
}

// decide writes a decision down, and then takes it.
func (o *offboarding) decide(ctx workflow.Context, name, to string, d Decision) (State, error) {
	o.deciding = true
	defer func() { o.deciding = false }()
	act := activities.Act{Ref: o.in.Ref, Actor: d.Actor, Reason: d.Reason}
	activity := map[string]string{
		UpdateApprove: activities.ApproveActivity, UpdateHanded: activities.HandedActivity, UpdateWithdraw: activities.WithdrawActivity,
	}[name]
	if err := workflow.ExecuteActivity(withRecord(ctx, "write down: "+name), activity, act).Get(ctx, nil); err != nil {
		return o.state, err
	}
	o.state.State = to
	return o.state, nil
}

func (o *offboarding) checkApprove(d Decision) error {
	switch {
	case d.Actor == "":
		return refuse(RefusedRequest, "nobody approves")
	case d.Actor == o.in.OpenedBy:
		return refuse(RefusedSamePerson, "another person than who opened it has to approve")
	}
	return o.standsAt(activities.Waiting)
}

func (o *offboarding) checkHanded(d Decision) error {
	if d.Actor == "" {
		return refuse(RefusedRequest, "nobody says so")
	}
	if err := o.standsAt(activities.Returned); err != nil {
		return err
	}
	if o.state.Pack == nil || d.SHA256 != o.state.Pack.SHA256 {
		return refuse(RefusedPack, "that is not the digest of the pack's manifest: let the hotel check what it has")
	}
	return nil
}

func (o *offboarding) checkWithdraw(d Decision) error {
	if d.Actor == "" || d.Reason == "" || len(d.Reason) > 200 {
		return refuse(RefusedRequest, "say who withdraws it, and why, in 1 to 200 characters")
	}
	return o.standsAt(activities.Waiting, activities.Returning, activities.Returned)
}

// standsAt refuses what comes in another state, or while something is decided.
func (o *offboarding) standsAt(states ...string) error {
	for _, state := range states {
		if o.state.State == state && !o.deciding {
			return nil
		}
	}
	return refuse(RefusedState, "it is past that, or not there yet")
}

func refuse(kind, text string) error {
	return temporal.NewNonRetryableApplicationError(text, kind, nil)
}

func (o *offboarding) withdrawn() bool { return o.state.State == activities.Withdrawn }

// run goes through it. A wish that nobody approves, or a pack that nobody takes,
// lapses.
func (o *offboarding) run(ctx workflow.Context) error {
	if err := o.await(ctx, activities.Waiting); err != nil || o.withdrawn() {
		return err
	}
	if err := workflow.ExecuteActivity(withRecord(ctx, "close the hotel"), activities.CloseActivity, o.in.Ref).Get(ctx, nil); err != nil {
		return err
	}
	if err := o.giveBack(ctx); err != nil || o.withdrawn() {
		return err
	}
	for range maxRounds {
		again, err := o.remove(ctx)
		if err != nil || !again {
			return err
		}
		if err := workflow.Sleep(ctx, roundPause); err != nil {
			return err
		}
	}
	return temporal.NewNonRetryableApplicationError("something of the hotel is still written: see who writes it, and open another off-boarding", activities.TypeLeft, nil)
}

// await waits until a decision has moved it on, and withdraws it when that takes
// too long.
func (o *offboarding) await(ctx workflow.Context, from string) error {
	moved, err := workflow.AwaitWithTimeout(ctx, lapse, func() bool { return o.state.State != from && !o.deciding })
	if err != nil || moved {
		return err
	}
	if o.deciding {
		return workflow.Await(ctx, func() bool { return !o.deciding })
	}
	_, err = o.decide(ctx, UpdateWithdraw, activities.Withdrawn, Decision{Actor: "worker", Reason: "nobody decided within ninety days"})
	return err
}

// giveBack has the pack written and waits until the hotel has it.
func (o *offboarding) giveBack(ctx workflow.Context) error {
	if o.in.GiveBack == activities.Nothing {
		if o.withdrawn() || o.deciding {
			return workflow.Await(ctx, func() bool { return !o.deciding })
		}
		_, err := o.decide(ctx, UpdateHanded, activities.Removing, Decision{})
		return err
	}
	var pack activities.Pack
	if err := workflow.ExecuteActivity(withReturn(ctx), activities.ReturnActivity, o.in.Ref).Get(ctx, &pack); err != nil {
		if o.withdrawn() {
			return nil // meanwhile
		}
		return err
	}
	if err := workflow.Await(ctx, func() bool { return !o.deciding }); err != nil || o.withdrawn() {
		return err
	}
	o.state.State, o.state.Pack = activities.Returned, &pack
	return o.await(ctx, activities.Returned)
}

// secretsToo is the change by which the secrets of the hotel's system go too.
const secretsToo = "secrets-too"

// remove removes all of the hotel, and certifies that it is gone; again tells
// that something was found and it is to begin anew.
func (o *offboarding) remove(ctx workflow.Context) (again bool, err error) {
	steps := []string{activities.RunsActivity, activities.ObjectsActivity, activities.RowsActivity, activities.KeysActivity}
	if workflow.GetVersion(ctx, secretsToo, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		// Before the rows: one of them names the entry.
		steps = slices.Insert(steps, 2, activities.SecretsActivity)
	}
	for _, activity := range steps {
		if err := o.step(ctx, activity); err != nil {
			return false, err
		}
	}
	var done activities.Done
	ending := activities.Ending{Ref: o.in.Ref, Removed: o.state.Removed, Entry: o.state.Entry}
	err = workflow.ExecuteActivity(withRemoval(ctx, "certify"), activities.CertifyActivity, ending).Get(ctx, &done)
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) && failed.Type() == activities.TypeLeft {
		return true, nil
	}
	if err == nil {
		o.state.State, o.state.Done = activities.Gone, &done
	}
	return false, err
}

// step repeats an activity until it has removed everything of its kind. Runs are
// listed late: the rounds see to those that come.
func (o *offboarding) step(ctx workflow.Context, activity string) error {
	for range maxSteps {
		var s activities.Step
		var in any = o.in.Ref
		if activity == activities.SecretsActivity {
			in = activities.Ending{Ref: o.in.Ref, Entry: o.state.Entry}
		}
		if err := workflow.ExecuteActivity(withRemoval(ctx, activity), activity, in).Get(ctx, &s); err != nil {
			return err
		}
		o.state.Removed.Add(s.Removed)
		if s.Entry != "" {
			o.state.Entry = s.Entry
		}
		if !s.More || activity == activities.RunsActivity && s.Removed.Runs < 1000 {
			return nil
		}
	}
	return nil // the next round goes on
}

// ended keeps a cancellation's details out of the history: nothing can seal them.
func ended(err error) error {
	if temporal.IsCanceledError(err) {
		return temporal.NewCanceledError()
	}
	return err
}
