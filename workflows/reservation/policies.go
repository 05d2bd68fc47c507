package reservation

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Priorities of activities: a caller waits for the first, nobody for the other.
const (
	priorityCaller     = 1
	priorityBackground = 4
)

// withPMSWrite is for everything a caller waits for at the hotel. It never
// gives up by itself: whether a write happened must become known, and the
// activity says when nothing more can be learned. A dead worker is noticed
// after the heartbeat time-out, a lost answer is asked for again at once, and
// after several in a row still while the caller is on the phone. It is the
// connector's circuit breaker that spares a hotel's system which is down: its
// errors say themselves when to come back.
func (r *reservation) withPMSWrite(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           PMSQueue(r.in.Vendor),
		StartToCloseTimeout: 45 * time.Second,
		HeartbeatTimeout:    4 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    250 * time.Millisecond,
			BackoffCoefficient: 2,
			MaximumInterval:    4 * time.Second,
		},
		Priority: temporal.Priority{PriorityKey: priorityCaller, FairnessKey: r.in.Hotel},
		Summary:  summary,
	})
}

// withPMSRead is for news that nobody waits for: it may give up, for the next
// event or change reads again.
func (r *reservation) withPMSRead(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              PMSQueue(r.in.Vendor),
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:       4 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
		},
		Priority: temporal.Priority{PriorityKey: priorityBackground, FairnessKey: r.in.Hotel},
		Summary:  summary,
	})
}

// withLedger is for one short read of our own database.
func withLedger(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 3 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
		Summary: summary,
	})
}
