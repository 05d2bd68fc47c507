package offboarding

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/compliance/audit"
)

// retry has no end: what is begun is brought to its end, however long a database
// is away or a legal hold stands.
func retry() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute}
}

func options(summary string, most, beat time.Duration) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: most, HeartbeatTimeout: beat, RetryPolicy: retry(),
		Priority: temporal.Priority{PriorityKey: 5, FairnessKey: audit.HouseTenant}, Summary: summary,
	}
}

// withRecord is for one write of our own database.
func withRecord(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, options(summary, 30*time.Second, 0))
}

// withReturn is for a pack of everything that a hotel ever had here. One that is
// cut off begins anew.
func withReturn(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, options("write the pack", 12*time.Hour, 30*time.Second))
}

// withRemoval is for a part of the removal; a dead worker is noticed soon.
func withRemoval(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, options(summary, 30*time.Minute, 15*time.Second))
}
