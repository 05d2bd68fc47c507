// Package notification delivers one message to a guest: a workflow of its own,
// so that a mail relay that is down for days holds up nothing else, and so that
// the history of what the message is about stays small.
//
// It is started by an activity that queued the message, or by the sweeper for
// one that nobody delivers. Payloads are sealed under the hotel's own key and
// name the message, never its guest: a run outlives the erasure of the guest,
// finds the message gone and ends.
//
// It stands on the workflows floor and does no I/O.
package notification

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/notification"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "message"
	TaskQueue = notification.TaskQueue
)

// RefusedRequest is the type of the error of an input that names no message.
const RefusedRequest = "refused_request"

// maxWays bounds how often a message is queued anew by another channel.
const maxWays = 3

// WorkflowID is the id of a message's delivery: a second start finds the first.
func WorkflowID(ref notification.MessageRef) string {
	return "system/" + ref.Hotel + "/message/" + ref.Message
}

// Result is what became of the message in the end.
type Result struct {
	// Message is the last one: another than the first when that could not be
	// sent and the hotel has a second channel.
	Message string             `json:"message"`
	State   notification.State `json:"state,omitempty"`
	Problem string             `json:"problem,omitempty"`
}

// Register registers the workflow under its name. A delivery may wait for days
// and must not wait for a worker of the build that it began on, so it moves to
// newer ones: whatever changes here must replay what was before.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Message, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
}

// Message is the workflow of one message. What cannot be sent goes by the
// hotel's next channel, and in the end to a person.
func Message(ctx workflow.Context, ref notification.MessageRef) (Result, error) {
	if ref.Hotel == "" || ref.Message == "" {
		return Result{}, temporal.NewNonRetryableApplicationError("the input needs a hotel and a message", RefusedRequest, nil)
	}
	result := Result{Message: ref.Message}
	for range maxWays {
		settled, err := send(ctx, ref, &result)
		if settled || err != nil {
			return result, err
		}
		var next notification.Outcome
		queueing := notification.WithQueueing(ctx, ref.Hotel, "see to a message that was not sent")
		if err := workflow.ExecuteActivity(queueing, notification.UnsentActivity, ref).Get(ctx, &next); err != nil {
			return result, err
		}
		if next.Message == "" {
			return result, nil
		}
		ref.Message = next.Message
	}
	return result, nil
}

// send delivers the message, and reports whether that is all. An error is the
// run's cancellation: any other failure is for the next step to see to.
func send(ctx workflow.Context, ref notification.MessageRef, result *Result) (settled bool, err error) {
	var delivery notification.Delivery
	err = workflow.ExecuteActivity(notification.WithLetter(ctx), notification.DeliverActivity, ref).Get(ctx, &delivery)
	*result = Result{Message: ref.Message, State: delivery.State, Problem: delivery.Problem}
	switch {
	case temporal.IsCanceledError(err):
		// Not the error that came: it has details, which nothing can seal.
		return false, temporal.NewCanceledError()
	case err != nil:
		result.Problem = kindOf(err)
		return false, nil
	}
	return delivery.State == notification.Sent || delivery.State == notification.Skipped, nil
}

// kindOf is the type of a failure, without its text.
func kindOf(err error) string {
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) {
		return failed.Type()
	}
	return "not_in_time"
}
