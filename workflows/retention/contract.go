// Package retention erases what has had its time: a round that a Schedule
// starts, which starts a run for each hotel, and the run itself, which plans,
// waits for a second person where it has to, erases store by store, reads back
// and certifies.
//
// A run may wait for two weeks and erase for hours. It survives the end of any
// process, and goes on behind the last batch that was committed. It stands on
// the workflows floor and does no I/O.
package retention

import (
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names on the wire. They live in histories: never change one.
const (
	RoundName = "retention-round"
	RunName   = "retention-run"
	TaskQueue = "records"
	// RoundID is what the Schedule's rounds are called, with the moment of each
	// behind it.
	RoundID = "system/" + registry.System + "/" + RoundName

	DecideUpdate = "decide"
	StateQuery   = "state"
)

// RunID is the id of a hotel's run: there is one at a time.
func RunID(hotel string) string { return "system/" + hotel + "/retention" }

// Types of the errors that an update or a run is refused with.
const RefusedRequest = "refused_request"

const (
	// patience is how long a run waits for a second person.
	patience = 14 * 24 * time.Hour
	// batches is how many batches one activity erases, slices how many such
	// activities one run has before it continues as new.
	batches = 20
	slices  = 200
)

// Input starts a run, or continues it.
type Input struct {
	Hotel string `json:"hotel"`
	// Actor is who started it: the Schedule, or the pseudonym of a person.
	Actor string `json:"actor"`
	// Slices is how many activities erase before it continues as new; 200 when
	// zero.
	Slices int `json:"slices,omitempty"`
	// Plan is the plan of the run before; Left are its stores that are not done.
	Plan *activities.Planned `json:"plan,omitempty"`
	Left []string            `json:"left,omitempty"`
}

// Result is what came of a run.
type Result struct {
	Run     string          `json:"run"`
	State   retention.State `json:"state"`
	Planned int64           `json:"planned"`
	Erased  int64           `json:"erased"`
	Overdue int64           `json:"overdue"`
	Keys    int             `json:"keys"`
}

// A Decision is what a second person says to a plan.
type Decision struct {
	Actor string `json:"actor"`
	// Hash is of the plan that the person saw.
	Hash   string `json:"plan_hash"`
	Refuse bool   `json:"refuse,omitempty"`
}

// Status is what a run answers about itself.
type Status struct {
	Run    string          `json:"run,omitempty"`
	State  retention.State `json:"state,omitempty"`
	Hash   string          `json:"plan_hash,omitempty"`
	Rows   int64           `json:"rows"`
	Erased int64           `json:"erased"`
	Store  string          `json:"store,omitempty"`
}

// Register registers both workflows. A round is short and ends on the worker
// version that it began on. A run may wait for weeks, so it moves to newer
// ones: whatever changes here must replay what was before.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Round, workflow.RegisterOptions{Name: RoundName, VersioningBehavior: workflow.VersioningBehaviorPinned})
	r.RegisterWorkflowWithOptions(Run, workflow.RegisterOptions{Name: RunName, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
}
