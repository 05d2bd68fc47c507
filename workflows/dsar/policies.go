package dsar

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/access"
)

// withCase is for a short read or write of our own databases. It never gives
// up: while they are away the case waits, and its clock goes on.
func (d *dsar) withCase(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
		Priority: temporal.Priority{PriorityKey: 3, FairnessKey: d.in.Hotel},
		Summary:  summary,
	})
}

// withPlan is withCase for what looks at all that a person has, which can be
// much.
func (d *dsar) withPlan(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithStartToCloseTimeout(d.withCase(ctx, summary), 5*time.Minute)
}

// withRecords is for carrying a right out: it may read and write for a long
// time, and the hotel's system may be away. When it gives up, a person looks.
func (d *dsar) withRecords(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              access.TaskQueue,
		StartToCloseTimeout:    time.Hour,
		ScheduleToCloseTimeout: 72 * time.Hour,
		HeartbeatTimeout:       time.Minute,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute,
		},
		Priority: temporal.Priority{PriorityKey: 4, FairnessKey: d.in.Hotel},
		Summary:  summary,
	})
}
