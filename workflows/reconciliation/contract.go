package reconciliation

import (
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	hotels "github.com/voicehive/voicehive/activities/connection"
	activities "github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors/registry"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "reconciliation"
	TaskQueue = "records"
	// WorkflowID is what the Schedule's runs are called, with the moment of
	// each behind it.
	WorkflowID = "system/" + registry.System + "/" + Name
)

// Input starts a round, or continues it. Zero fields take the defaults.
type Input struct {
	// Ahead is how many days of arrivals are compared; 30 when zero.
	Ahead int `json:"ahead,omitempty"`
	// Changed is how long ago a booking may have changed to be looked at
	// wherever it stands; 26 hours when zero, more than a day lies between two
	// nightly rounds.
	Changed time.Duration `json:"changed,omitempty"`
	// Grace is how old an open intent must be to be looked at; 2 minutes when
	// zero.
	Grace time.Duration `json:"grace,omitempty"`
	// Stuck is how old it must be to be an operator's matter although its
	// workflow runs; 2 hours when zero.
	Stuck time.Duration `json:"stuck,omitempty"`
	// Steps is how many batches one run makes; 200 when zero.
	Steps int `json:"steps,omitempty"`
	// Size is how many bookings are compared in one batch; 25 when zero.
	Size int `json:"size,omitempty"`
	// State is what the run before handed over; nil at a start.
	State *State `json:"state,omitempty"`
}

func (in Input) withDefaults() Input {
	in.Ahead = orDefault(in.Ahead, 30)
	in.Changed = orDefault(in.Changed, 26*time.Hour)
	in.Grace = orDefault(in.Grace, 2*time.Minute)
	in.Stuck = orDefault(in.Stuck, 2*time.Hour)
	in.Steps = orDefault(in.Steps, 200)
	in.Size = orDefault(in.Size, 25)
	return in
}

func orDefault[T ~int | ~int64](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

// State is all that a run hands over to the next.
type State struct {
	// Began is when the round began.
	Began time.Time `json:"began"`
	// After is the last hotel that was listed, Listed whether there are no
	// more.
	After  string `json:"after,omitempty"`
	Listed bool   `json:"listed,omitempty"`
	// Left is the work that is left at listed hotels.
	Left   []Work `json:"left,omitempty"`
	Result Result `json:"result"`
}

// Work is what is left to do at a hotel.
type Work struct {
	hotels.Hotel
	// Arrivals tells that the ledger's bookings are compared and the hotel's
	// arrivals follow.
	Arrivals bool `json:"arrivals,omitempty"`
	// Next is where the next batch begins.
	Next string `json:"next,omitempty"`
}

// maxNamed bounds the hotels that a result names.
const maxNamed = 50

// Result is what a round found, over all hotels.
type Result struct {
	// Hotels counts those that were compared to the end.
	Hotels int `json:"hotels"`
	// Compared counts bookings and arrivals that were looked at.
	Compared int `json:"compared"`
	// Left counts hotels that were given up in this round, because their
	// system did not answer or is closed; LeftHotels names the first 50.
	Left       int              `json:"left"`
	LeftHotels []string         `json:"left_hotels,omitempty"`
	Tally      activities.Tally `json:"tally,omitempty"`
}

// Register registers the workflow under its name. A round ends on the worker
// version that it began on.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Reconciliation, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}
