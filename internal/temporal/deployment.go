package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// SetCurrentVersion makes a build the one that new workflows of a worker
// deployment run on. Without a current version nothing runs, so development and
// tests call it once their workers have started; production rolls out with more
// care. It waits, until ctx ends, for the server to have heard of the version
// from a polling worker. Doing it again changes nothing.
func SetCurrentVersion(ctx context.Context, c client.Client, deployment, buildID string) error {
	handle := c.WorkerDeploymentClient().GetHandle(deployment)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: buildID})
		if err == nil {
			return nil
		}
		if ctx.Err() == nil && !notYet(err) {
			return fmt.Errorf("set current version %s of %s: %w", buildID, deployment, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("set current version %s of %s: is a worker of that version polling? %w", buildID, deployment, errors.Join(ctx.Err(), err))
		case <-time.After(pause):
		}
	}
}

// notYet tells what passes by itself: the server learns of deployments and
// their queues from polls.
func notYet(err error) bool {
	var notFound *serviceerror.NotFound
	var precondition *serviceerror.FailedPrecondition
	var unavailable *serviceerror.Unavailable
	var exhausted *serviceerror.ResourceExhausted
	var late *serviceerror.DeadlineExceeded // ours too, a moment before ctx says so
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) || errors.As(err, &notFound) || errors.As(err, &precondition) || errors.As(err, &unavailable) || errors.As(err, &exhausted)
}
