// Package region checks each hour that every endpoint still stands where it
// stood: a workflow that a Schedule starts, so that a name that was turned
// elsewhere, or an attestation that ran out, is known without a restart.
//
// One run is one round: the installation's own endpoints, then the hotels'
// systems, page by page. It stands on the workflows floor and does no I/O.
package region

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "region-drift"
	TaskQueue = "records"
	// WorkflowID is what the Schedule's runs are called, with the moment of
	// each behind it.
	WorkflowID = "system/" + registry.System + "/" + Name
)

const (
	// pageSize is how many hotels one activity checks.
	pageSize = 100
	// pages is how many of them one run has before it continues as new.
	pages = 100
)

// Input starts a round, or continues it.
type Input struct {
	// PageSize is how many hotels are checked at a time; 100 when zero.
	PageSize int `json:"page_size,omitempty"`
	// Pages is how many pages one run checks; 100 when zero.
	Pages int `json:"pages,omitempty"`
	// Round is when the round began; zero at its start.
	Round time.Time `json:"round,omitzero"`
	// After is the last hotel of the run before.
	After string `json:"after,omitempty"`
	// Result is what the runs before found.
	Result Result `json:"result,omitzero"`
}

// Result counts what the round found.
type Result struct {
	Checked int `json:"checked"`
	// Refused are those that must not be used.
	Refused int `json:"refused"`
	// Changed are those that stand otherwise than at the round before.
	Changed int `json:"changed"`
}

func (r *Result) add(f activities.Found) {
	r.Checked += f.Checked
	r.Refused += f.Refused
	r.Changed += f.Changed
}

// Register registers the workflow under its name. A round is short, so it
// ends on the worker version that it began on.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Drift, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}

// Drift is the workflow of one round.
func Drift(ctx workflow.Context, in Input) (Result, error) {
	if in.PageSize < 1 || in.PageSize > pageSize {
		in.PageSize = pageSize
	}
	if in.Pages < 1 || in.Pages > pages {
		in.Pages = pages
	}
	if in.Round.IsZero() {
		in.Round = workflow.Now(ctx)
		var found activities.Found
		if err := workflow.ExecuteActivity(with(ctx, "check the settings"), activities.SettingsActivity, activities.Round{At: in.Round}).Get(ctx, &found); err != nil {
			return Result{}, err
		}
		in.Result.add(found)
	}
	for range in.Pages {
		var found activities.Found
		page := activities.Page{At: in.Round, After: in.After, Most: in.PageSize}
		if err := workflow.ExecuteActivity(with(ctx, "check a page of hotels"), activities.HotelsActivity, page).Get(ctx, &found); err != nil {
			return Result{}, err
		}
		in.Result.add(found)
		if in.After = found.Last; found.Hotels < in.PageSize {
			return in.Result, nil
		}
	}
	return Result{}, workflow.NewContinueAsNewError(ctx, Name, in)
}

// with is for a check of some endpoints: resolvers are asked, each question for
// some seconds at most. Nobody waits for it, and the next round comes.
func with(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    5 * time.Minute,
		ScheduleToCloseTimeout: 20 * time.Minute,
		HeartbeatTimeout:       10 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 5 * time.Second, MaximumInterval: time.Minute},
		Priority:               temporal.Priority{PriorityKey: 4, FairnessKey: registry.System},
		Summary:                summary,
	})
}
