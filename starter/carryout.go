package starter

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// workflowTask bounds how long a dead worker can sit on a workflow task.
const workflowTask = 5 * time.Second

// answerTime is kept back from the caller's time to read the ledger in.
const answerTime = 2 * time.Second

// work is what carryOut needs to know about an intent beside the intent.
type work struct {
	arrival pms.Date
	offer   pms.Offer // the first of the quote, for alternatives
	stays   int       // of the quote
}

// carryOut sends the intent to the booking's workflow and answers with what
// came of it. Whatever goes wrong on the way to the workflow is an answer too:
// the intent is stored, so the booking is pending and not lost.
func (c *Client) carryOut(ctx context.Context, s site, intent ledger.Intent, w work) (Reservation, error) {
	out, done := outcomeOf(intent)
	if !done {
		waiting, cancel := c.patience(ctx, s.ID)
		var err error
		out, done, err = c.update(waiting, s, intent, w, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
		cancel()
		if err != nil {
			return Reservation{}, err
		}
	}
	if done {
		c.changed(s.ID, changeOwn)
	}
	read, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if p := refusalOf(out); done && p != nil {
		if p.Code == SoldOut.Code && w.stays > 0 {
			p.Alternatives = c.alternatives(read, s, w.offer)
		}
		return Reservation{}, p
	}
	entry, err := c.entry(read, s.ID, intent.Booking)
	if err != nil {
		return Reservation{}, err
	}
	return reservationOf(entry), nil
}

// update sends the update and waits for its outcome as long as ctx allows.
// done is false when the outcome is still open; err is a refusal.
func (c *Client) update(ctx context.Context, s site, intent ledger.Intent, w work, reuse enums.WorkflowIdReusePolicy) (out booking.Outcome, done bool, err error) {
	options, err := c.updateOptions(s, intent, w, reuse)
	if err != nil {
		return booking.Outcome{}, false, err
	}
	handle, err := c.Temporal.UpdateWithStartWorkflow(ctx, options)
	if err == nil {
		err = handle.Get(ctx, &out)
	}
	if err == nil {
		return out, true, nil
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) && (refused.Type() == reservation.RefusedState || refused.Type() == reservation.RefusedRequest) {
		return c.refuse(ctx, s, intent)
	}
	c.Logger.WarnContext(ctx, "A booking's update is not answered yet; it stays pending.",
		"hotel", s.ID, "booking", intent.Booking, "kind", string(intent.Kind), "reason", reasonOf(err))
	return booking.Outcome{}, false, nil
}

// refuse settles an intent that the workflow's validator turned away: the
// booking's state changed between our look at it and the update.
func (c *Client) refuse(ctx context.Context, s site, intent ledger.Intent) (booking.Outcome, bool, error) {
	entry, err := c.entry(ctx, s.ID, intent.Booking)
	if err != nil {
		return booking.Outcome{}, false, err
	}
	answer, err := json.Marshal(booking.Outcome{State: entry.State, Version: entry.Version, Problem: problemState})
	if err != nil {
		return booking.Outcome{}, false, Internal.With("the outcome cannot be encoded").because(err)
	}
	if err := c.Ledger.Settle(ctx, s.ID, ledger.Settlement{Intent: intent.ID, Outcome: answer}); err != nil {
		return booking.Outcome{}, false, problemOf(err)
	}
	// The first answer stands: this may be a late repeat of what was settled.
	kept, _, err := c.Ledger.Open(ctx, s.ID, intent.ID)
	if err != nil {
		return booking.Outcome{}, false, problemOf(err)
	}
	out, done := outcomeOf(kept)
	return out, done, nil
}

func (c *Client) updateOptions(s site, intent ledger.Intent, w work, reuse enums.WorkflowIdReusePolicy) (client.UpdateWithStartWorkflowOptions, error) {
	if intent.Kind != ledger.Book {
		// A settled booking's workflow may have closed: a change opens it again.
		reuse = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	start := c.startOptions(s, intent.Booking, w.arrival, reuse)
	return client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.Temporal.NewWithStartWorkflowOperation(start, reservation.Name, c.input(s, intent.Booking, intent.Kind != ledger.Book)),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID:     base64.RawURLEncoding.EncodeToString(intent.KeyHMAC),
			WorkflowID:   start.ID,
			UpdateName:   updateOf(intent.Kind),
			Args:         []any{reservation.Request{Intent: intent.ID, Stays: w.stays, Rebook: rebooks(intent), Tell: s.Messages.Confirm()}},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	}, nil
}

// startOptions are those of a booking's workflow, whoever starts it.
func (c *Client) startOptions(s site, id string, arrival pms.Date, reuse enums.WorkflowIdReusePolicy) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       reservation.WorkflowID(s.ID, id),
		TaskQueue:                reservation.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    reuse,
		WorkflowTaskTimeout:      workflowTask,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			reservation.HotelAttribute.ValueSet(s.ID),
			reservation.VendorAttribute.ValueSet(s.Vendor),
			reservation.StateAttribute.ValueSet(string(ledger.Pending)),
			reservation.ArrivalAttribute.ValueSet(arrival.At(0, 0, s.zone)),
		),
		StaticSummary: fmt.Sprintf("Booking at %s, arrival %s", s.ID, arrival),
		Priority:      temporal.Priority{PriorityKey: 1, FairnessKey: s.ID},
	}
}

// input starts a booking's workflow; reopened when the ledger has the booking.
func (c *Client) input(s site, id string, reopened bool) reservation.Input {
	return reservation.Input{
		Hotel: s.ID, Vendor: s.Vendor, Booking: id, Reopened: reopened, Timing: reservation.Timing{Hold: c.HoldLife},
	}
}

func outcomeOf(intent ledger.Intent) (booking.Outcome, bool) {
	var out booking.Outcome
	if intent.SettledAt.IsZero() || json.Unmarshal(intent.Outcome, &out) != nil {
		return booking.Outcome{}, false
	}
	return out, true
}

// reasonOf names an error without its text, which may come from anywhere.
func reasonOf(err error) string {
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	var missing *serviceerror.NotFound
	var unavailable *serviceerror.Unavailable
	var timeout *client.WorkflowUpdateServiceTimeoutOrCanceledError
	switch {
	case errors.As(err, &started):
		return "the workflow has closed"
	case errors.As(err, &missing):
		return "the workflow closed before it answered"
	case errors.As(err, &unavailable):
		return "temporal is unavailable"
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "the caller's time is over"
	}
	return fmt.Sprintf("%T", err)
}
