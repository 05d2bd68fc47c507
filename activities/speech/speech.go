// Package speech holds the activities of the GPU pool. For now a worker can
// tell whether the recogniser beside it serves, so that operations can see a
// GPU machine that is up and deaf; transcription joins it with the call.
//
// It stands on the activities floor, above internal/riva.
package speech

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/internal/riva"
)

// ProbeActivity asks the worker's recogniser for its health.
const ProbeActivity = "speech.probe"

// probeTime bounds one question.
const probeTime = 5 * time.Second

// Recogniser is what the activities need of Riva.
type Recogniser interface {
	Health(ctx context.Context) error
}

// Activities are the activities of the GPU pool.
type Activities struct{ recogniser Recogniser }

// New returns the activities on a recogniser.
func New(r Recogniser) *Activities { return &Activities{recogniser: r} }

// Probe succeeds when the recogniser serves. A server that answers no is not
// asked again; one that does not answer is.
func (a *Activities) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	err := a.recogniser.Health(ctx)
	if errors.Is(err, riva.ErrNotServing) {
		return temporal.NewNonRetryableApplicationError(err.Error(), "not_serving", nil)
	}
	return err
}

// Register registers the activities.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Probe, activity.RegisterOptions{Name: ProbeActivity})
}
