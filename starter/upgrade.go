package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/workflows/reservation"
)

// Upgrading says how fast bookings move to a new worker version.
type Upgrading struct {
	// Deployment and BuildID name the version to move to.
	Deployment, BuildID string
	// Batch is how many are asked at once, 100 when zero; Pause lies between
	// two batches, one second when zero.
	Batch int
	Pause time.Duration
	// Progress is told how many have been asked so far.
	Progress func(asked int)
}

// Upgrade asks every open booking that still runs on another version to
// continue on the newest, in batches: an idle workflow gets no task by itself,
// so it would stay on its version for as long as it lives. It returns how many
// were asked.
func Upgrade(ctx context.Context, c client.Client, o Upgrading) (asked int, err error) {
	if o.Batch == 0 {
		o.Batch = 100
	}
	o.Pause = orDefault(o.Pause, time.Second)
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: int32(o.Batch),
		Query: fmt.Sprintf(
			"WorkflowType = '%s' AND ExecutionStatus = 'Running' AND TemporalWorkerDeployment = '%s' AND TemporalWorkerDeploymentVersion != '%s:%s'",
			reservation.Name, o.Deployment, o.Deployment, o.BuildID),
	}
	for {
		page, err := c.ListWorkflow(ctx, request)
		if err != nil {
			return asked, fmt.Errorf("starter: list the bookings on older versions: %w", err)
		}
		for _, run := range page.GetExecutions() {
			at := run.GetExecution()
			err := c.SignalWorkflow(ctx, at.GetWorkflowId(), at.GetRunId(), reservation.SignalUpgrade, nil)
			var closed *serviceerror.NotFound
			if errors.As(err, &closed) {
				continue // it closed meanwhile, which is as good
			}
			if err != nil {
				return asked, fmt.Errorf("starter: ask a booking to upgrade: %w", err)
			}
			asked++
		}
		if o.Progress != nil {
			o.Progress(asked)
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return asked, nil
		}
		select {
		case <-ctx.Done():
			return asked, ctx.Err()
		case <-time.After(o.Pause):
		}
	}
}
