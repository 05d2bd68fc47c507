package notification

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The policies of these activities for workflows. A worker's death is noticed after the
// heartbeat time-out; the claim that it leaves behind ends a little later.

// WithCode is for a one-time code: somebody waits for it on the phone, and
// after its time it is worth nothing.
func WithCode(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    45 * time.Second,
		ScheduleToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:       5 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 1.5, MaximumInterval: 15 * time.Second,
		},
		Priority: temporal.Priority{PriorityKey: 1},
		Summary:  "one-time code",
	})
}

// WithLetter is for everything else. A mail relay may be down for a weekend,
// and a greylisting one wants to be left alone for minutes; but a letter with a
// legal term must not be tried in silence until the term is over. When this
// gives up, the workflow has a person send it.
func WithLetter(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    45 * time.Second,
		ScheduleToCloseTimeout: 72 * time.Hour,
		HeartbeatTimeout:       5 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: time.Hour,
		},
		Priority: temporal.Priority{PriorityKey: 4},
		Summary:  "letter",
	})
}

// WithQueueing is for Confirm and Unsent: some reads of our own databases and a
// start at Temporal. Nobody waits for them, and they must not be lost while one
// of those is away.
func WithQueueing(ctx workflow.Context, hotel, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    20 * time.Second,
		ScheduleToCloseTimeout: 24 * time.Hour,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
		Priority: temporal.Priority{PriorityKey: 4, FairnessKey: hotel},
		Summary:  summary,
	})
}
