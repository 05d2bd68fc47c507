package erasure

import (
	"time"

	"github.com/voicehive/voicehive/compliance/erasure"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	PlanActivity       = "erasure.plan"
	RowsActivity       = "erasure.rows"
	SystemActivity     = "erasure.system"
	GiveUpActivity     = "erasure.give_up"
	RecipientsActivity = "erasure.recipients"

	GiveUpRecipientsActivity = "erasure.give_up_recipients"

	RunsActivity     = "erasure.runs"
	KeysActivity     = "erasure.keys"
	ReadBackActivity = "erasure.read_back"
	CertifyActivity  = "erasure.certify"
)

// Types of the errors that they end with.
const (
	// TypePlanChanged: the plan is not the one that was approved.
	TypePlanChanged = "plan_changed"
	// TypeUnknownCase: the case is not known, or names nobody.
	TypeUnknownCase = "unknown_case"
	// TypeLeft: something that should be gone was there when it was to be
	// certified: erase again.
	TypeLeft = "left"
	// TypeAway: the hotel's system, or a recipient, does not answer now.
	TypeAway = "system_away"
)

// A Case names a request whose people are erased.
type Case struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	// Plan is the hash of the plan; for PlanActivity the one that was approved,
	// or nothing.
	Plan string `json:"plan,omitempty"`
}

// A Batch is a part of a plan.
type Batch struct {
	Case
	Batch int `json:"batch"`
}

// Kept is what stays, and why.
type Kept = erasure.Kept

// Planned sums up a plan: the plan itself lies sealed with the case.
type Planned struct {
	Hash    string `json:"hash"`
	Batches int    `json:"batches"`
	// Erase, Restrict, Hold and Defer count records.
	Erase    int `json:"erase"`
	Restrict int `json:"restrict,omitempty"`
	Hold     int `json:"hold,omitempty"`
	Defer    int `json:"defer,omitempty"`
	// Until is when the last that was deferred can go.
	Until time.Time `json:"until,omitzero"`
}

// Certified is the end of an erasure.
type Certified struct {
	Certificate string    `json:"certificate"`
	State       string    `json:"state"`
	Live        time.Time `json:"erased_live"`
	Final       time.Time `json:"final"`
	Until       time.Time `json:"deferred_until,omitzero"`
	Left        []Kept    `json:"left,omitempty"`
}
