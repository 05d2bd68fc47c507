package dsar

import (
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// done is what came of carrying a right out: an outcome, and the letter that
// tells it. Without an outcome the case goes on.
type done struct {
	outcome     rights.Outcome
	certificate string
	letter      activities.Letter
	// told tells that the letter is on its way already.
	told bool
}

// carryOut carries the right out and closes the case. What machines cannot do
// becomes a task of a person; when that is done, they try again.
func (d *dsar) carryOut(ctx workflow.Context) error {
	d.carrying = true
	defer func() { d.carrying = false }()
	if err := d.move(ctx, rights.CarryingOut); err != nil {
		return err
	}
	if found, err := d.gather(ctx); err != nil || !found {
		return err
	}
	out, err := d.perform(ctx)
	if err != nil {
		return d.stuck(ctx, err)
	}
	if out.outcome == "" {
		return nil
	}
	return d.complete(ctx, out)
}

// gather notes which bookings and calls are the person's, as it stands now, and
// tells whether there is anything to go on with. It is done before anybody
// decides, who has to see what it comes to, and again before it is carried out,
// for the person may have called or booked in between.
func (d *dsar) gather(ctx workflow.Context) (bool, error) {
	var found activities.Found
	err := workflow.ExecuteActivity(d.withCase(ctx, "find what belongs to the person"), activities.FindActivity, d.ref()).Get(ctx, &found)
	switch {
	case err != nil:
		return false, d.stuck(ctx, err)
	case found.JoinedTo != "":
		d.state.End = &Result{State: rights.Joined}
		return false, nil
	case !found.Known:
		d.state.Match = rights.UnknownPerson
		return false, d.leave(ctx, rights.FindGuest)
	}
	return true, nil
}

// perform does what the right asks for.
func (d *dsar) perform(ctx workflow.Context) (done, error) {
	switch d.state.Kind {
	case rights.Erasure:
		return d.erase(ctx)
	case rights.Access, rights.Portability:
		return d.handOut(ctx)
	case rights.Rectification:
		return d.rectify(ctx)
	case rights.Restriction:
		return d.restrict(ctx)
	}
	var objected access.Objected
	err := workflow.ExecuteActivity(d.withRecords(ctx, "stop what is objected to"), access.ObjectActivity, d.carried()).Get(ctx, &objected)
	return d.granted(ctx), err
}

func (d *dsar) carried() access.Case { return access.Case{Hotel: d.in.Hotel, Case: d.in.Case} }

// granted is all of it, as of now.
func (d *dsar) granted(ctx workflow.Context) done {
	return done{outcome: rights.Granted, letter: activities.Letter{Kind: letters.KindCompletion, On: workflow.Now(ctx)}}
}

// stuck leaves to a person what machines cannot do. The approvals stand.
func (d *dsar) stuck(ctx workflow.Context, err error) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	workflow.GetLogger(ctx).Warn("A data-subject request cannot be carried out by machine.", "error", err)
	return d.leave(ctx, rights.LookInto)
}

// complete tells what came of it and closes the case. The letter is queued
// first: its address goes with the case's end.
func (d *dsar) complete(ctx workflow.Context, out done) error {
	if !out.told {
		if err := d.post(ctx, out.letter); err != nil {
			return d.stuck(ctx, err)
		}
	}
	end := activities.Closing{Ref: d.ref(), State: rights.Completed, Outcome: out.outcome, Certificate: out.certificate}
	if err := workflow.ExecuteActivity(d.withCase(ctx, "close the case"), activities.CloseActivity, end).Get(ctx, nil); err != nil {
		return d.stuck(ctx, err)
	}
	d.state.End = &Result{State: rights.Completed, Outcome: out.outcome, Certificate: out.certificate}
	return nil
}

// handOut packs what is kept and sends a link to it. That letter completes the
// case.
func (d *dsar) handOut(ctx workflow.Context) (done, error) {
	var built access.Built
	build := access.Build{Hotel: d.in.Hotel, Case: d.in.Case, Portable: d.state.Portable}
	if err := workflow.ExecuteActivity(d.withRecords(ctx, "pack what is kept"), access.BuildActivity, build).Get(ctx, &built); err != nil {
		return done{}, err
	}
	var linked access.Linked
	link := access.Link{Hotel: d.in.Hotel, Case: d.in.Case, Pack: built.Pack}
	if err := workflow.ExecuteActivity(d.withRecords(ctx, "send the link"), access.LinkActivity, link).Get(ctx, &linked); err != nil {
		return done{}, err
	}
	out := d.granted(ctx)
	out.told = true
	if linked.Message == "" {
		return out, d.leave(ctx, rights.TellByHand)
	}
	d.begun(ctx, d.delivery(ctx, linked.Message))
	return out, nil
}

// rectify corrects what is kept. What only people can correct at the hotel's
// system is theirs to do.
func (d *dsar) rectify(ctx workflow.Context) (done, error) {
	var rectified access.Rectified
	err := workflow.ExecuteActivity(d.withRecords(ctx, "correct what is kept"), access.RectifyActivity, d.carried()).Get(ctx, &rectified)
	if err == nil && rectified.Tasks > 0 {
		err = d.byHand(ctx, rights.CarryOutByHand)
	}
	return d.granted(ctx), err
}

// restrict freezes what is kept, or ends that after the requester was told.
func (d *dsar) restrict(ctx workflow.Context) (done, error) {
	in := access.Restrict{Hotel: d.in.Hotel, Case: d.in.Case, Lift: d.state.Lift}
	var out access.Restricted
	if err := workflow.ExecuteActivity(d.withRecords(ctx, "restrict"), access.RestrictActivity, in).Get(ctx, &out); err != nil {
		return done{}, err
	}
	switch {
	case out.Untold:
		in.ByHand = true
	case out.Message == "":
		return d.granted(ctx), nil
	default:
		told, err := d.sent(ctx, out.Message)
		if err != nil {
			return done{}, err
		}
		in.Told, in.ByHand = told, !told
	}
	if in.ByHand { // Article 18(3): the guest hears of it before
		if err := d.byHand(ctx, rights.TellByHand); err != nil {
			return done{}, err
		}
	}
	err := workflow.ExecuteActivity(d.withRecords(ctx, "lift the restriction"), access.RestrictActivity, in).Get(ctx, &out)
	return d.granted(ctx), err
}

// erase runs the erasure, which outlives this run.
func (d *dsar) erase(ctx workflow.Context) (done, error) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: eraseflow.WorkflowID(d.in.Hotel, d.in.Case), TaskQueue: eraseflow.TaskQueue,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "erase the person everywhere",
	})
	for wait := pause; ; wait = min(2*wait, longest) {
		var result eraseflow.Result
		err := workflow.ExecuteChildWorkflow(ctx, eraseflow.Name, eraseflow.Input{Hotel: d.in.Hotel, Case: d.in.Case}).Get(ctx, &result)
		switch {
		case err == nil:
			return d.erased(ctx, result)
		case !begunBefore(err):
			return done{}, err
		}
		if err := workflow.Sleep(ctx, wait); err != nil {
			return done{}, err
		}
	}
}

// erased reads what came of an erasure.
func (d *dsar) erased(ctx workflow.Context, r eraseflow.Result) (done, error) {
	manual := slices.ContainsFunc(r.Left, func(k erasure.Kept) bool { return k.Action == erasure.Manual })
	switch {
	case r.State == eraseflow.PlanChanged && workflow.GetVersion(ctx, asksAgain, workflow.DefaultVersion, 1) != workflow.DefaultVersion:
		return done{}, d.askAgain(ctx)
	case r.State == eraseflow.Deferred, r.State == eraseflow.Partly && r.DeferredUntil != "":
		if manual && !d.state.ByHand { // it does not wait for the stay; each day's look finds it again
			d.state.ByHand = true
			if err := d.leave(ctx, rights.CarryOutByHand); err != nil {
				return done{}, err
			}
		}
		return done{}, d.await(ctx, r.DeferredUntil)
	case r.State != eraseflow.Erased && r.State != eraseflow.Partly:
		// A legal hold keeps all of it, or the plan is another one.
		return done{}, d.leave(ctx, rights.LookInto)
	case manual:
		if err := d.byHand(ctx, rights.CarryOutByHand); err != nil {
			return done{}, err
		}
	}
	// What an earlier pass left is done too, before anybody is told that all is.
	if d.has(rights.CarryOutByHand) {
		if err := d.move(ctx, rights.Open); err != nil {
			return done{}, err
		}
	}
	if err := workflow.Await(ctx, func() bool { return !d.has(rights.CarryOutByHand) }); err != nil {
		return done{}, err
	}
	out := d.granted(ctx)
	out.certificate = r.Certificate
	out.letter.Kind, out.letter.Certificate = letters.KindCertificate, r.Certificate
	for _, k := range r.Left {
		reason := reasonOf(k.Action)
		if r.State == eraseflow.Partly && reason != "" && !slices.Contains(out.letter.Reasons, reason) {
			out.letter.Reasons = append(out.letter.Reasons, reason)
		}
		if what := keptAs(k.Class); what != "" && !k.Until.IsZero() {
			out.letter.Kept = append(out.letter.Kept, activities.Kept{What: what, Until: k.Until})
		}
	}
	if len(out.letter.Reasons) > 0 {
		out.outcome, out.letter.Kind = rights.Partly, letters.KindPartly
	}
	return out, nil
}

// asksAgain is the change by which people are asked again when the plan is not
// the one that they approved.
const asksAgain = "asks-again"

// askAgain learns which approvals still count, and leaves it to the case's stage
// what comes next. Where all do, somebody else planned meanwhile: try again.
func (d *dsar) askAgain(ctx workflow.Context) error {
	var s activities.Standing
	if err := workflow.ExecuteActivity(d.withCase(ctx, "see who still agrees"), activities.StandingActivity, d.ref()).Get(ctx, &s); err != nil {
		return err
	}
	d.state.Approvers = s.Approvers
	if d.stage(workflow.Now(ctx)) == rights.CarryingOut {
		return workflow.Sleep(ctx, pause)
	}
	return nil
}

// reasonOf is why a verdict keeps something, by the names of letters.
func reasonOf(a erasure.Action) string {
	switch a {
	case erasure.Restrict:
		return "legal_obligation"
	case erasure.Hold:
		return "legal_claims"
	case erasure.Defer:
		return "stay_ahead"
	}
	return ""
}

// keptAs is what a letter calls a class that is kept.
func keptAs(c register.Class) string {
	switch c {
	case register.Invoice:
		return "invoices"
	case register.GuestRegister:
		return "registration"
	case register.Consent:
		return "consents"
	case register.Case:
		return "case"
	case register.AuditDetail:
		return "audit"
	}
	return ""
}

// await has the case wait for the end of a stay, and tells the requester once.
func (d *dsar) await(ctx workflow.Context, until string) error {
	at, err := time.Parse(time.RFC3339, until)
	if err != nil || !at.After(workflow.Now(ctx)) {
		at = workflow.Now(ctx).Add(pause) // it is over meanwhile, or nobody can tell
	}
	deferral := activities.Deferral{Ref: d.ref(), Until: at}
	if err := workflow.ExecuteActivity(d.withCase(ctx, "wait for the stay's end"), activities.DeferActivity, deferral).Get(ctx, nil); err != nil {
		return err
	}
	d.state.WaitUntil = at
	if slices.Contains(d.state.Told, letters.KindDeferral) {
		return nil
	}
	err = d.post(ctx, activities.Letter{Kind: letters.KindDeferral, On: at})
	if err == nil {
		d.state.Told = append(d.state.Told, letters.KindDeferral)
	}
	return err
}
