// Package connection checks every hotel's connection to its system, again and
// again: a workflow that a Schedule starts, so that a hotel whose system is
// down is known before a caller finds out.
//
// One run is one round over all hotels. It stands on the workflows floor and
// does no I/O: asking and recording are activities of the package of the same
// name, a few hotels at a time, each on its vendor's own queue.
package connection

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "connection-health"
	TaskQueue = "records"
	// WorkflowID is what the Schedule's runs are called, with the moment of
	// each behind it.
	WorkflowID = "system/" + registry.System + "/" + Name
)

const (
	// pageSize is how many hotels one run checks before it continues as new.
	pageSize = 200
	// width is how many hotels are asked at once.
	width = 20
)

// Input starts a round, or continues it.
type Input struct {
	// PageSize is how many hotels one run checks; 200 when zero.
	PageSize int `json:"page_size,omitempty"`
	// Round is when the round began; zero at its start.
	Round time.Time `json:"round,omitzero"`
	// After is the last hotel of the run before.
	After string `json:"after,omitempty"`
	// Result is what the runs before found.
	Result Result `json:"result,omitzero"`
}

// Result counts hotels by where their connection stands after the round.
type Result struct {
	Available   int `json:"available"`
	Degraded    int `json:"degraded"`
	Maintenance int `json:"maintenance"`
	// Untold are those whose check told nothing, or could not be made.
	Untold int `json:"untold"`
}

func (r *Result) count(f activities.Found, err error) {
	switch {
	case err != nil || f.Untold:
		r.Untold++
	case f.State == connectors.Maintenance:
		r.Maintenance++
	case f.State == connectors.Degraded:
		r.Degraded++
	default:
		r.Available++
	}
}

// Register registers the workflow under its name. A round is short, so it
// ends on the worker version that it began on.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Health, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}

// Health is the workflow of one round.
func Health(ctx workflow.Context, in Input) (Result, error) {
	if in.PageSize < 1 || in.PageSize > pageSize {
		in.PageSize = pageSize
	}
	if in.Round.IsZero() {
		in.Round = workflow.Now(ctx)
	}
	var hotels []activities.Hotel
	page := activities.Page{After: in.After, Most: in.PageSize}
	if err := workflow.ExecuteActivity(withRecords(ctx), activities.HotelsActivity, page).Get(ctx, &hotels); err != nil {
		return Result{}, err
	}
	if err := check(ctx, &in, hotels); err != nil {
		return Result{}, err
	}
	if len(hotels) < in.PageSize {
		return in.Result, nil
	}
	in.After = hotels[len(hotels)-1].ID
	return Result{}, workflow.NewContinueAsNewError(ctx, Name, in)
}

// check asks the hotels, some at once, and counts what they answer.
func check(ctx workflow.Context, in *Input, hotels []activities.Hotel) error {
	places := workflow.NewSemaphore(ctx, width)
	group := workflow.NewWaitGroup(ctx)
	for _, hotel := range hotels {
		if err := places.Acquire(ctx, 1); err != nil {
			return err
		}
		group.Add(1)
		workflow.GoNamed(ctx, hotel.ID, func(ctx workflow.Context) {
			defer group.Done()
			defer places.Release(1)
			var found activities.Found
			probe := activities.Probe{Hotel: hotel.ID, At: in.Round}
			err := workflow.ExecuteActivity(withHotel(ctx, hotel), activities.HealthActivity, probe).Get(ctx, &found)
			if err != nil && !temporal.IsCanceledError(err) {
				workflow.GetLogger(ctx).Warn("A hotel's connection could not be checked.", "hotel", hotel.ID, "reason", reasonOf(err))
			}
			in.Result.count(found, err)
		})
	}
	group.Wait(ctx)
	return ctx.Err()
}

// reasonOf names an error without its text.
func reasonOf(err error) string {
	var failed *temporal.ApplicationError
	var late *temporal.TimeoutError
	switch {
	case errors.As(err, &failed):
		return failed.Type()
	case errors.As(err, &late):
		return "timeout: " + late.TimeoutType().String()
	}
	return "unknown"
}

// priority is that of work which nobody waits for.
const priority = 4

// withRecords is for one read of our own database. The next round comes soon,
// so it gives up early.
func withRecords(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: time.Minute,
		Priority:               temporal.Priority{PriorityKey: priority, FairnessKey: registry.System},
		Summary:                "list hotels",
	})
}

// withHotel is for one question to a hotel's system. It is repeated once, for
// a worker that died: a hotel that does not answer is a result and no error.
// When no worker takes the vendor's queue the next round asks again.
func withHotel(ctx workflow.Context, h activities.Hotel) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              reservation.PMSQueue(h.Vendor),
		StartToCloseTimeout:    20 * time.Second,
		ScheduleToCloseTimeout: 45 * time.Second,
		HeartbeatTimeout:       5 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: 2},
		Priority:               temporal.Priority{PriorityKey: priority, FairnessKey: h.ID},
		Summary:                "check " + h.ID,
	})
}
