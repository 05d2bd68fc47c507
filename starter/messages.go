package starter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/notification"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
)

// Stranded finds messages that nobody delivers; *notification.Outbox is one.
type Stranded interface {
	Stranded(ctx context.Context, age time.Duration, after notification.StrandedMessage, most int) ([]notification.StrandedMessage, error)
}

// Deliveries starts the delivery of messages to guests.
type Deliveries struct{ temporal client.Client }

// NewDeliveries returns deliveries at Temporal.
func NewDeliveries(c client.Client) *Deliveries { return &Deliveries{temporal: c} }

// Deliver starts the delivery of a queued message. One that is under way goes
// on, and a message that is settled is not sent again.
func (d *Deliveries) Deliver(ctx context.Context, ref notification.MessageRef) error {
	_, err := d.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: messageflow.WorkflowID(ref), TaskQueue: messageflow.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "Message to a guest of " + ref.Hotel,
		Priority:                 temporal.Priority{PriorityKey: 4, FairnessKey: ref.Hotel},
	}, messageflow.Name, ref)
	if err != nil {
		return fmt.Errorf("starter: start the delivery of a message: %w", err)
	}
	return nil
}

// Sweep delivers messages that nobody seems to deliver, until ctx ends: those
// whose process died between queueing and the start of the delivery, and those
// that a delivery gave up on while their provider was away. It looks every
// minute for those of two minutes unless o says otherwise.
func (d *Deliveries) Sweep(ctx context.Context, from Stranded, o Sweeping, log *slog.Logger) {
	o.Every, o.Age = orDefault(o.Every, time.Minute), orDefault(o.Age, 2*time.Minute)
	if o.Batch == 0 {
		o.Batch = 200
	}
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := d.sweepOnce(ctx, from, o); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "Messages to guests may wait for a delivery; the sweeper tries again.", "error", err)
			}
		}
	}
}

// sweepOnce goes through all stranded messages, page by page: one that cannot
// be started must not hide those behind it.
func (d *Deliveries) sweepOnce(ctx context.Context, from Stranded, o Sweeping) (err error) {
	var last notification.StrandedMessage
	for {
		page, readErr := from.Stranded(ctx, o.Age, last, o.Batch)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		for _, m := range page {
			// The first error is told: the others are most likely the same.
			if startErr := d.Deliver(ctx, m.MessageRef); err == nil {
				err = startErr
			}
			if ctx.Err() != nil {
				return err
			}
		}
		if len(page) < o.Batch {
			return err
		}
		last = page[len(page)-1]
	}
}
