package dsar

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
)

// listen sets every handler before anything else runs.
func (d *dsar) listen(ctx workflow.Context) error {
	updates := []struct {
		name        string
		description string
		validate    func(workflow.Context, Act) error
		handle      func(workflow.Context, Act) (problem string, err error)
	}{
		{UpdateVerify, "Send or check a one-time code, or vouch for the requester.", d.validateVerify, d.handleVerify},
		{UpdateTask, "Do a task, or add one.", d.validateTask, d.handleTask},
		{UpdateApprove, "Agree to carry the request out.", d.validateApprove, d.handleApprove},
		{UpdateExtend, "Take two more months, once the requester was told.", d.validateExtend, d.handleExtend},
		{UpdateRefuse, "Refuse the request, once the requester was told why.", d.validateRefuse, d.handleRefuse},
		{UpdateWithdraw, "End the request, for the requester took it back.", d.validateWithdraw, d.handleWithdraw},
	}
	for _, u := range updates {
		err := workflow.SetUpdateHandlerWithOptions(ctx, u.name,
			func(ctx workflow.Context, act Act) (Status, error) { return d.once(ctx, act, u.validate, u.handle) },
			workflow.UpdateHandlerOptions{
				Description: u.description,
				Validator: func(ctx workflow.Context, act Act) error {
					if _, known := d.answered(workflow.GetCurrentUpdateInfo(ctx).ID); known {
						return nil
					}
					if err := validateAct(act); err != nil {
						return err
					}
					return u.validate(ctx, act)
				},
			})
		if err != nil {
			return fmt.Errorf("dsar: set the %s handler: %w", u.name, err)
		}
	}
	upgrades := workflow.GetSignalChannel(ctx, SignalUpgrade)
	workflow.GoNamed(ctx, SignalUpgrade, func(ctx workflow.Context) {
		for {
			upgrades.Receive(ctx, nil)
			d.upgrade = true
		}
	})
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, d.status, workflow.QueryHandlerOptions{Description: "Where the request stands."})
}

// once does an act, unless a run before has answered it. Handlers are not
// cancelled with the workflow: what is under way must become known.
func (d *dsar) once(ctx workflow.Context, act Act, validate func(workflow.Context, Act) error,
	handle func(workflow.Context, Act) (string, error)) (Status, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	if status, known := d.answered(id); known {
		return status, nil
	}
	d.acts++
	// One after the other: what is proven belongs to the person whom a task named.
	if err := workflow.Await(ctx, func() bool { return d.loaded && d.working == 0 }); err != nil {
		return Status{}, err
	}
	// What was true for the validator may be so no more.
	if err := validate(ctx, act); err != nil {
		return Status{}, err
	}
	problem, err := handle(ctx, act)
	if err != nil {
		return Status{}, refusedBy(err)
	}
	status, err := d.status()
	status.Problem = problem
	d.state.Handled = append(d.state.Handled, Handled{ID: id, Status: status})
	if len(d.state.Handled) > maxHandled {
		d.state.Handled = d.state.Handled[1:]
	}
	return status, err
}

// answered returns the answer that was given to an update id.
func (d *dsar) answered(id string) (Status, bool) {
	i := slices.IndexFunc(d.state.Handled, func(h Handled) bool { return h.ID == id })
	if i < 0 {
		return Status{}, false
	}
	return d.state.Handled[i].Status, true
}

func refuse(kind, message string) error {
	return temporal.NewNonRetryableApplicationError(message, kind, nil)
}

// refusedBy hands an activity's refusal on as the update's own.
func refusedBy(err error) error {
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) && failed.NonRetryable() {
		return refuse(failed.Type(), failed.Message())
	}
	return err
}

// validateAct refuses what no act may be.
func validateAct(act Act) error {
	if !ulidPattern.MatchString(act.ID) || act.Actor == "" || len(act.Actor) > 64 {
		return refuse(RefusedRequest, "an act needs its ULID and who does it")
	}
	return nil
}

// open refuses an act on a case that is closed, or that machines work on. Before
// the case is read its state is not known: the handler looks again.
func (d *dsar) open(act Act) error {
	switch {
	case d.state.End != nil:
		return refuse(RefusedState, "the request is "+string(d.state.End.State))
	case d.ending:
		return refuse(RefusedState, "the request is being ended")
	case d.carrying && act.Kind != rights.ActTaskDone && act.Kind != rights.ActExtended:
		return refuse(RefusedState, "the request is being carried out")
	}
	return nil
}

// doing counts a handler that changes what may be done next.
func (d *dsar) doing() (done func()) {
	d.working++
	return func() { d.working-- }
}

func (d *dsar) act(act Act) activities.ActRef { return activities.ActRef{Ref: d.ref(), Act: act.ID} }

func (d *dsar) validateVerify(_ workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	switch {
	case d.state.Proof != rights.Unproven:
		return refuse(RefusedState, "who the requester is was proven already, or need not be")
	case act.Kind == rights.ActCodeAsked && d.state.Match != rights.KnownPerson:
		return refuse(RefusedState, "it is not known whom the request is about; do its task first")
	case act.Kind == rights.ActCodeTold && d.state.Code == "":
		return refuse(RefusedState, "no code was sent")
	case act.Kind == rights.ActVouched && slices.Contains(d.state.Vouchers, act.Actor):
		return refuse(RefusedPerson, "this person has vouched already; somebody else has to")
	case !slices.Contains([]rights.ActKind{rights.ActCodeAsked, rights.ActCodeTold, rights.ActVouched}, act.Kind):
		return refuse(RefusedRequest, "not a way to verify")
	}
	return nil
}

func (d *dsar) handleVerify(ctx workflow.Context, act Act) (problem string, err error) {
	defer d.doing()()
	switch act.Kind {
	case rights.ActCodeAsked:
		return d.sendCode(ctx, act)
	case rights.ActCodeTold:
		var checked activities.Checked
		check := activities.Check{ActRef: d.act(act), Code: d.state.Code}
		err = workflow.ExecuteActivity(d.withCase(ctx, "check a code"), activities.CheckActivity, check).Get(ctx, &checked)
		if checked.Proven {
			d.state.Proof = rights.ByCode
		}
		return checked.Problem, err
	}
	var counted activities.Counted
	if err = workflow.ExecuteActivity(d.withCase(ctx, "vouch"), activities.VouchActivity, d.act(act)).Get(ctx, &counted); err != nil {
		return "", err
	}
	d.state.Vouchers = append(d.state.Vouchers, act.Actor)
	if counted.People >= rights.Checks && d.state.Proof == rights.Unproven {
		d.state.Proof = rights.ByPeople
	}
	return "", nil
}

func (d *dsar) sendCode(ctx workflow.Context, act Act) (problem string, err error) {
	var sent activities.Sent
	if err = workflow.ExecuteActivity(d.withCase(ctx, "make a code"), activities.SendCodeActivity, d.act(act)).Get(ctx, &sent); err != nil {
		return "", err
	}
	switch {
	case sent.Message != "":
		d.state.Code = sent.ID
		d.begun(ctx, d.delivery(ctx, sent.Message))
	case (sent.Problem == "no_address" || sent.Problem == activities.ProblemCodesOver) && !d.has(rights.CheckIdentity):
		return sent.Problem, d.leave(ctx, rights.CheckIdentity)
	}
	return sent.Problem, nil
}

// has tells whether a task of a kind is open.
func (d *dsar) has(kind rights.TaskKind) bool {
	return slices.ContainsFunc(d.state.Open, func(t activities.OpenTask) bool { return t.Kind == kind })
}

func (d *dsar) validateTask(_ workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	switch {
	case act.Kind == rights.ActTaskAdded:
		return nil
	case act.Kind != rights.ActTaskDone:
		return refuse(RefusedRequest, "a task is done or added")
	}
	return nil
}

func (d *dsar) handleTask(ctx workflow.Context, act Act) (problem string, err error) {
	defer d.doing()()
	if act.Kind == rights.ActTaskAdded {
		var added activities.Added
		err = workflow.ExecuteActivity(d.withCase(ctx, "add a task"), activities.AskTaskActivity, d.act(act)).Get(ctx, &added)
		if err == nil {
			d.state.Open = append(d.state.Open, activities.OpenTask{ID: added.Task, Kind: rights.LookInto})
		}
		return "", err
	}
	var found activities.Found
	doing := activities.Doing{ActRef: d.act(act), Task: act.Task}
	if err = workflow.ExecuteActivity(d.withCase(ctx, "do a task"), activities.DoTaskActivity, doing).Get(ctx, &found); err != nil {
		return "", err
	}
	switch {
	case found.JoinedTo != "":
		d.state.End = &Result{State: rights.Joined}
	case found.Problem != "":
		return found.Problem, nil
	case found.Known:
		d.named(found.Standing)
	}
	d.state.Open = slices.DeleteFunc(d.state.Open, func(t activities.OpenTask) bool { return t.ID == act.Task })
	return "", nil
}

// named notes that a task told whom the case is about. What was proven or agreed
// to of somebody else counts no more, nor does a code that went to them.
func (d *dsar) named(s *activities.Standing) {
	d.state.Match = rights.KnownPerson
	if s != nil {
		d.state.Proof, d.state.Vouchers, d.state.Approvers, d.state.Code = s.Proof, s.Vouchers, s.Approvers, ""
	}
}

func (d *dsar) validateApprove(ctx workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	switch {
	case act.Kind != rights.ActApproved:
		return refuse(RefusedRequest, "not an approval")
	case slices.Contains(d.state.Approvers, act.Actor):
		return refuse(RefusedPerson, "this person has approved already; somebody else has to")
	case d.state.Proof == rights.Unproven:
		return refuse(RefusedState, "it is not proven who the requester is")
	case d.state.Match != rights.KnownPerson || d.blocking() > 0:
		return refuse(RefusedState, "tasks are to be done first")
	case len(d.state.Approvers) >= rights.TierOf(d.state.Kind).Approvals():
		return refuse(RefusedState, "nobody else has to approve")
	case d.state.Stage != rights.Deciding:
		// Nobody agrees to what nobody can see yet.
		return refuse(RefusedState, "it is being found out what the request comes to; look at it once it is deciding, and approve it then")
	}
	return nil
}

func (d *dsar) handleApprove(ctx workflow.Context, act Act) (problem string, err error) {
	defer d.doing()()
	var counted activities.Counted
	if err = workflow.ExecuteActivity(d.withPlan(ctx, "approve"), activities.ApproveActivity, d.act(act)).Get(ctx, &counted); err != nil {
		return "", err
	}
	switch {
	case counted.JoinedTo != "":
		d.state.End = &Result{State: rights.Joined}
		return "", nil
	case counted.Standing == nil: // nothing that is erased
		d.state.Approvers = append(d.state.Approvers, act.Actor)
	default:
		d.state.Approvers = counted.Standing.Approvers
	}
	if counted.Problem != "" {
		return "", refuse(RefusedPlan, "what would be erased is not what you saw: look at it again, and approve that")
	}
	return "", nil
}
