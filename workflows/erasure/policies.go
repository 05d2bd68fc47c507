package erasure

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/workflows/reconciliation"
)

// priority is that of work which nobody waits for at the phone.
const priority = 4

// withRecords is for one step on our own stores. It is tried until it is done:
// an erasure does not end because a database was away for a day. A dead worker
// is noticed by its heartbeat.
func withRecords(ctx workflow.Context, what string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           reconciliation.TaskQueue,
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    10 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Priority:            temporal.Priority{PriorityKey: priority},
		Summary:             what,
	})
}

// withSystem is for the hotel's system: tried for days, ever more seldom, and
// then given up.
func withSystem(ctx workflow.Context, patience time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              reconciliation.TaskQueue,
		StartToCloseTimeout:    30 * time.Minute,
		ScheduleToCloseTimeout: patience,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: 15 * time.Minute,
			MaximumAttempts: 10_000, // more than any patience has room for
		},
		Priority: temporal.Priority{PriorityKey: priority},
		Summary:  "erase at the hotel's system",
	})
}

// mostWait is how long other recipients are tried.
const mostWait = 7 * 24 * time.Hour

// withRecipients is for other recipients: tried for a while, ever more seldom,
// and then given up.
func withRecipients(ctx workflow.Context, patience, seldom time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              reconciliation.TaskQueue,
		StartToCloseTimeout:    5 * time.Minute,
		ScheduleToCloseTimeout: patience,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: seldom,
			MaximumAttempts: 10_000, // more than any patience has room for
		},
		Priority: temporal.Priority{PriorityKey: priority},
		Summary:  "tell other recipients",
	})
}
