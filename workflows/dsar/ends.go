package dsar

import (
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
)

func (d *dsar) validateExtend(ctx workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	switch {
	case act.Kind != rights.ActExtended:
		return refuse(RefusedRequest, "not an extension")
	case d.state.Extended || d.extending:
		return refuse(RefusedExtended, "a request is extended once")
	case !workflow.Now(ctx).Before(d.state.Clock.Due):
		return refuse(RefusedLate, "the due date has passed")
	}
	return nil
}

// handleExtend tells the requester first: an extension that nobody was told of
// in time is none.
func (d *dsar) handleExtend(ctx workflow.Context, act Act) (problem string, err error) {
	d.extending = true
	defer func() { d.extending = false }()
	if err := d.toldOf(ctx, act, letters.KindExtension); err != nil {
		return "", err
	}
	told := workflow.Now(ctx)
	e := activities.Extension{ActRef: d.act(act), Told: told}
	if err := workflow.ExecuteActivity(d.withCase(ctx, "extend"), activities.ExtendActivity, e).Get(ctx, nil); err != nil {
		return "", err
	}
	d.restart(told)
	d.show(ctx)
	return "", nil
}

// toldOf sends the letter of an act and waits until it went, or takes somebody's
// word for having told.
func (d *dsar) toldOf(ctx workflow.Context, act Act, kind letters.Kind) error {
	if act.Told {
		return nil
	}
	d.state.Attempts++
	l := activities.Letter{Ref: d.ref(), Kind: kind, Act: act.ID, Attempt: d.state.Attempts}
	var q activities.Queued
	if err := workflow.ExecuteActivity(d.withCase(ctx, "queue a letter: "+string(kind)), activities.LetterActivity, l).Get(ctx, &q); err != nil {
		return err
	}
	if q.Message == "" {
		return refuse(RefusedUntold, "no letter can be sent ("+q.Problem+"): tell the requester, and say that you did")
	}
	sent, err := d.sent(ctx, q.Message)
	if err != nil {
		return err
	}
	if !sent {
		return refuse(RefusedUntold, "the letter could not be sent: tell the requester, and say that you did")
	}
	return nil
}

// validateRefuse lets a late refusal through: a requester who never proves who
// they are is owed a late answer and not none. That it was late is on record.
func (d *dsar) validateRefuse(_ workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	if act.Kind != rights.ActRefused {
		return refuse(RefusedRequest, "not a refusal")
	}
	return nil
}

// handleRefuse tells the requester why and how to complain, and closes the case
// once that went.
func (d *dsar) handleRefuse(ctx workflow.Context, act Act) (problem string, err error) {
	d.ending = true
	defer func() { d.ending = false }()
	if err := d.toldOf(ctx, act, letters.KindRefusal); err != nil {
		return "", err
	}
	return "", d.closeBy(ctx, act, rights.Refused, rights.Denied)
}

func (d *dsar) validateWithdraw(_ workflow.Context, act Act) error {
	if err := d.open(act); err != nil || !d.loaded {
		return err
	}
	if act.Kind != rights.ActWithdrawn {
		return refuse(RefusedRequest, "not a withdrawal")
	}
	return nil
}

func (d *dsar) handleWithdraw(ctx workflow.Context, act Act) (problem string, err error) {
	d.ending = true
	defer func() { d.ending = false }()
	return "", d.closeBy(ctx, act, rights.Withdrawn, rights.Gone)
}

// closeBy ends the case by somebody's act.
func (d *dsar) closeBy(ctx workflow.Context, act Act, to rights.State, outcome rights.Outcome) error {
	end := activities.Closing{Ref: d.ref(), State: to, Outcome: outcome, Act: act.ID}
	if err := workflow.ExecuteActivity(d.withCase(ctx, "close the case"), activities.CloseActivity, end).Get(ctx, nil); err != nil {
		return err
	}
	d.state.End = &Result{State: to, Outcome: outcome}
	return nil
}
