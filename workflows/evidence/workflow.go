// Package evidence makes last month's packs of evidence: a workflow that a
// Schedule starts each day, so that a month whose packs could not be made is
// made up for. A pack that is there is made no second time.
//
// One run is one round over the hotels, page by page. It stands on the workflows
// floor and does no I/O.
package evidence

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/evidence"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "evidence-month"
	TaskQueue = "records"
	// WorkflowID is what the Schedule's runs are called, with the moment of
	// each behind it.
	WorkflowID = "system/" + registry.System + "/" + Name
)

// pageSize is how many hotels one run makes packs for, before it continues as
// new.
const pageSize = 50

// Input starts a round, or continues it.
type Input struct {
	// PageSize is how many hotels one run sees to; 50 when zero.
	PageSize int `json:"page_size,omitempty"`
	// From and Until are the period; the calendar month before, in UTC, when
	// zero.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// After is the last hotel of the run before.
	After string `json:"after,omitempty"`
	// Result is what the runs before did.
	Result Result `json:"result,omitzero"`
}

// Result counts what the round did.
type Result struct {
	Made  int `json:"made"`
	Known int `json:"known"`
	// Failed are hotels without a pack; the next round tries again.
	Failed int `json:"failed"`
	// NotSatisfied are packs with a control that is not satisfied.
	NotSatisfied int `json:"not_satisfied"`
}

// Register registers the workflow under its name. A round is short, so it
// ends on the worker version that it began on.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Month, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}

// Month is the workflow of one round.
func Month(ctx workflow.Context, in Input) (Result, error) {
	if in.PageSize < 1 || in.PageSize > pageSize {
		in.PageSize = pageSize
	}
	if in.Until.IsZero() {
		y, m, _ := workflow.Now(ctx).UTC().Date()
		in.Until = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		in.From = in.Until.AddDate(0, -1, 0)
	}
	var hotels []string
	if err := workflow.ExecuteActivity(with(ctx, "list a page of hotels"), activities.HotelsActivity, activities.Page{After: in.After, Most: in.PageSize}).Get(ctx, &hotels); err != nil {
		return Result{}, err
	}
	// One at a time: a pack reads much, and nobody waits.
	for _, hotel := range hotels {
		if err := in.make(ctx, hotel); err != nil {
			return Result{}, err
		}
	}
	if len(hotels) < in.PageSize {
		return in.Result, nil
	}
	return Result{}, workflow.NewContinueAsNewError(ctx, Name, in)
}

// make makes a hotel's pack. One that cannot be made keeps no other waiting.
func (in *Input) make(ctx workflow.Context, hotel string) error {
	var made activities.Made
	err := workflow.ExecuteActivity(with(ctx, "make a pack of evidence"), activities.CollectActivity,
		activities.Wanted{Hotel: hotel, From: in.From, Until: in.Until}).Get(ctx, &made)
	in.After = hotel
	switch {
	case temporal.IsCanceledError(err):
		return err
	case err != nil:
		in.Result.Failed++
	case made.Known:
		in.Result.Known++
	default:
		in.Result.Made++
	}
	if made.NotSatisfied > 0 {
		in.Result.NotSatisfied++
	}
	return nil
}

// with is for what reads much of the database. Nobody waits for it, and the next
// round comes.
func with(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    35 * time.Minute,
		ScheduleToCloseTimeout: 90 * time.Minute,
		HeartbeatTimeout:       30 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 10 * time.Second, MaximumInterval: 5 * time.Minute, MaximumAttempts: 5},
		Priority:               temporal.Priority{PriorityKey: 5, FairnessKey: registry.System},
		Summary:                summary,
	})
}
