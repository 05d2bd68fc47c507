package starter

import (
	"context"
	"errors"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// Running reports whether a workflow of the booking is open.
func (c *Client) Running(ctx context.Context, hotel, booking string) (bool, error) {
	described, err := c.Temporal.DescribeWorkflowExecution(ctx, reservation.WorkflowID(hotel, booking), "")
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return false, nil
	}
	if err != nil {
		return false, Unavailable.With("the workflow engine does not answer").because(err)
	}
	return described.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// Reissue sends an open intent to its booking's workflow again, and begins one
// where there is none. It makes sure that the workflow has it, and waits a few
// seconds at most for what comes of it. The write rules keep a second attempt
// from booking twice.
func (c *Client) Reissue(ctx context.Context, hotel, intent string) error {
	ctx, cancel := context.WithTimeout(ctx, sweepPatience)
	defer cancel()
	s, err := c.site(ctx, hotel)
	if err != nil {
		return err
	}
	open, entry, err := c.Ledger.Open(ctx, hotel, intent)
	if err != nil {
		return problemOf(err)
	}
	if !open.SettledAt.IsZero() {
		return nil
	}
	w := work{arrival: entry.Arrival}
	if open.Quote != "" {
		quote, err := c.Ledger.Quote(ctx, hotel, open.Quote)
		if err != nil {
			return problemOf(err)
		}
		w.stays = len(quote.Offers)
	}
	_, _, err = c.update(ctx, s, open, w, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	return err
}

// Refresh has the booking's workflow read the booking at the hotel, as after
// an event of the hotel's system. Of a booking that is not settled, or that is
// over, there is nothing to read.
func (c *Client) Refresh(ctx context.Context, hotel, booking string) error {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return err
	}
	entry, err := c.Ledger.Entry(ctx, hotel, booking)
	if err != nil {
		return problemOf(err)
	}
	if entry.State.Final() || entry.State == ledger.Pending {
		return nil
	}
	start := c.startOptions(s, booking, entry.Arrival, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	_, err = c.Temporal.SignalWithStartWorkflow(ctx, start.ID, reservation.SignalPMSEvent, reservation.Event{ID: "reconciliation"},
		start, reservation.Name, c.input(s, booking, true))
	if err != nil {
		return Unavailable.With("the workflow engine does not answer").because(err)
	}
	return nil
}
