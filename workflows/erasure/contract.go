package erasure

import (
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/erasure"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "erasure"
	TaskQueue = "privacy"
)

// WorkflowID is the run of a case's erasure. One case has one at a time. Its
// payloads are sealed under the hotel's own key: they name the case alone, and
// outlive it.
func WorkflowID(hotel, request string) string { return "system/" + hotel + "/" + Name + "/" + request }

// Input starts an erasure. Zero fields take the defaults.
type Input struct {
	Hotel string `json:"hotel"`
	// Case is the ULID of the request, or of whatever else names the people and
	// their scopes.
	Case string `json:"case"`
	// Plan is the hash of the plan that somebody approved: another plan is not
	// carried out, and the workflow ends with PlanChanged. Empty carries out what
	// is planned now.
	Plan string `json:"plan,omitempty"`
	// Patience is how long a hotel system that is away is tried again before
	// it becomes an operator's task; 10 days when zero.
	Patience time.Duration `json:"patience,omitempty"`
	// State is what the run before handed over; nil at a start.
	State *State `json:"state,omitempty"`
}

// How an erasure can end.
const (
	Erased      = "erased"       // all of it that the law lets us erase
	Deferred    = "deferred"     // all of it waits for the end of a stay
	Held        = "held"         // a legal hold keeps all of it
	Partly      = "partly"       // something is left: see Left
	PlanChanged = "plan_changed" // it is not what was approved; nothing was erased
)

// Result tells what came of it.
type Result struct {
	State string `json:"state"`
	// Plan is the hash of the plan that was carried out, or that stands now.
	Plan string `json:"plan,omitempty"`
	// Certificate is the id of the certificate, as `voicehive erasure
	// certificate` takes it.
	Certificate string `json:"certificate,omitempty"`
	// DeferredUntil is when what was deferred can be erased, as RFC 3339: start
	// the workflow for the case again then. Until then the case has to know its
	// people.
	DeferredUntil string `json:"deferred_until,omitempty"`
	// Left is what is still there, and why.
	Left []activities.Kept `json:"left,omitempty"`
}

// State is all that a run hands over to the next.
type State struct {
	Plan activities.Planned `json:"plan"`
	// Step is where the work goes on, and Batch in which batch of it.
	Step  int `json:"step"`
	Batch int `json:"batch"`
	// Rounds is how often the read-back found something.
	Rounds int `json:"rounds,omitempty"`
	// Began is when the first run began.
	Began time.Time `json:"began"`
}

// Register registers the workflow under its name. An erasure ends on the worker
// version that it began on.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Erasure, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}
