package dsar

import (
	"errors"
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
)

// pause is before the second look at what somebody else does; each one after it
// is twice as long, up to longest, for it can take days.
const (
	pause   = time.Minute
	longest = time.Hour
)

// tell queues a letter that nobody waits for, once for each kind. Where it
// cannot be written to, or not by that channel, a person is asked to tell.
func (d *dsar) tell(ctx workflow.Context, kind letters.Kind) {
	if d.state.End != nil || slices.Contains(d.state.Told, kind) {
		return
	}
	d.letting++
	workflow.GoNamed(ctx, "tell the requester", func(ctx workflow.Context) {
		defer func() { d.letting-- }()
		if d.post(ctx, activities.Letter{Kind: kind}) == nil {
			d.state.Told = append(d.state.Told, kind)
		}
	})
}

// post queues a letter and begins its delivery, or leaves it to a person.
func (d *dsar) post(ctx workflow.Context, l activities.Letter) error {
	l.Ref = d.ref()
	var q activities.Queued
	err := workflow.ExecuteActivity(d.withCase(ctx, "queue a letter: "+string(l.Kind)), activities.LetterActivity, l).Get(ctx, &q)
	switch {
	case err != nil:
		return err
	case q.Message == "":
		return d.leave(ctx, rights.TellByHand)
	}
	d.begun(ctx, d.delivery(ctx, q.Message))
	return nil
}

// delivery starts the delivery of a message. It outlives the case's own run.
func (d *dsar) delivery(ctx workflow.Context, message string) workflow.ChildWorkflowFuture {
	ref := notification.MessageRef{Hotel: d.in.Hotel, Message: message}
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: messageflow.WorkflowID(ref), TaskQueue: messageflow.TaskQueue,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "a letter of a data-subject request",
	})
	return workflow.ExecuteChildWorkflow(ctx, messageflow.Name, ref)
}

// begun waits until a delivery has begun. That somebody else began it is as
// good.
func (d *dsar) begun(ctx workflow.Context, delivery workflow.ChildWorkflowFuture) {
	if err := delivery.GetChildWorkflowExecution().Get(ctx, nil); err != nil && !begunBefore(err) {
		workflow.GetLogger(ctx).Warn("A letter's delivery is left to the sweeper.", "error", err)
	}
}

func begunBefore(err error) bool {
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	return errors.As(err, &started)
}

// sent waits until a message was sent, and tells whether it was. A message that
// is settled is not sent again, however often its delivery is run.
func (d *dsar) sent(ctx workflow.Context, message string) (bool, error) {
	for wait := pause; ; wait = min(2*wait, longest) {
		var result messageflow.Result
		err := d.delivery(ctx, message).Get(ctx, &result)
		switch {
		case err == nil:
			return result.State == notification.Sent, nil
		case !begunBefore(err):
			return false, err
		}
		if err := workflow.Sleep(ctx, wait); err != nil {
			return false, err
		}
	}
}

// leave leaves something for a person to do.
func (d *dsar) leave(ctx workflow.Context, kind rights.TaskKind) error {
	_, err := d.leaveTask(ctx, kind)
	return err
}

// byHand leaves something for a person, and waits until it is done.
func (d *dsar) byHand(ctx workflow.Context, kind rights.TaskKind) error {
	task, err := d.leaveTask(ctx, kind)
	if err != nil {
		return err
	}
	if err := d.move(ctx, rights.Open); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool {
		return !slices.ContainsFunc(d.state.Open, func(t activities.OpenTask) bool { return t.ID == task })
	})
}

func (d *dsar) leaveTask(ctx workflow.Context, kind rights.TaskKind) (id string, err error) {
	d.state.Tasks++
	t := activities.NewTask{Ref: d.ref(), Kind: kind, Number: d.state.Tasks, Due: d.state.Clock.InternalNow(d.state.Extended)}
	var added activities.Added
	err = workflow.ExecuteActivity(d.withCase(ctx, "leave a task: "+string(kind)), activities.AddTaskActivity, t).Get(ctx, &added)
	if err == nil {
		d.state.Open = append(d.state.Open, activities.OpenTask{ID: added.Task, Kind: kind})
	}
	return added.Task, err
}
