package reconciliation

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// priority is that of work which nobody waits for.
const priority = 5

// withRecords is for one read of our own database. Without it there is no
// round, so it is asked for again for a while.
func withRecords(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: 15 * time.Minute,
		Priority:               temporal.Priority{PriorityKey: priority, FairnessKey: registry.System},
		Summary:                "list hotels",
	})
}

// withHotel is for a batch at one hotel: many requests, which give way to
// callers' at the limiter. A dead worker is noticed by its heartbeat. The
// hotel is given up when its system is away for longer than a short outage:
// the next round comes.
func withHotel(ctx workflow.Context, w Work) workflow.Context {
	what := "compare bookings of "
	if w.Arrivals {
		what = "compare arrivals of "
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              reservation.PMSQueue(w.Vendor),
		StartToCloseTimeout:    10 * time.Minute,
		ScheduleToCloseTimeout: 20 * time.Minute,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute, MaximumAttempts: 6,
		},
		Priority: temporal.Priority{PriorityKey: priority, FairnessKey: w.ID},
		Summary:  what + w.ID,
	})
}
