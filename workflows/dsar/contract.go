package dsar

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	enums "go.temporal.io/api/enums/v1"

	"github.com/voicehive/voicehive/compliance/rights"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "dsar"
	TaskQueue = "privacy"

	// UpdateVerify has a code sent or checked, or a manual check counted.
	UpdateVerify = "verify"
	// UpdateTask does or adds a task.
	UpdateTask     = "task"
	UpdateApprove  = "approve"
	UpdateExtend   = "extend"
	UpdateRefuse   = "refuse"
	UpdateWithdraw = "withdraw"

	// SignalUpgrade asks an idle workflow to continue on the newest version.
	SignalUpgrade = "upgrade"

	QueryStatus = "status"
)

// WorkflowID is the id of a case's workflow.
func WorkflowID(hotel, id string) string { return "dsar/" + hotel + "/" + id }

// ParseWorkflowID is the inverse of WorkflowID.
func ParseWorkflowID(id string) (hotel, name string, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] != "dsar" || parts[1] == "" || !ulidPattern.MatchString(parts[2]) {
		return "", "", fmt.Errorf("dsar: %q is not a request's workflow id", id)
	}
	return parts[1], parts[2], nil
}

// Search attributes of a case's workflow. None of them is guest data.
var (
	HotelAttribute = temporal.NewSearchAttributeKeyKeyword("Hotel")
	KindAttribute  = temporal.NewSearchAttributeKeyKeyword("DSARKind")
	StateAttribute = temporal.NewSearchAttributeKeyKeyword("DSARState")
	DueAttribute   = temporal.NewSearchAttributeKeyTime("DSARDue")
)

// SearchAttributes lists the attributes that a namespace must know.
func SearchAttributes() map[string]enums.IndexedValueType {
	all := map[string]enums.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{HotelAttribute, KindAttribute, StateAttribute, DueAttribute} {
		all[key.GetName()] = key.GetValueType()
	}
	return all
}

// Input starts a case's workflow, or continues it.
type Input struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	// State is what the run before handed over; nil at a start.
	State *State `json:"state,omitempty"`
}

// Result is what came of a case.
type Result struct {
	State       rights.State   `json:"state"`
	Outcome     rights.Outcome `json:"outcome,omitempty"`
	Certificate string         `json:"certificate,omitempty"`
}

// An Act asks for something that a person decided. What they wrote lies sealed
// under its id.
type Act struct {
	// ID is the ULID of the act, as the store has it; the update's id too.
	ID   string         `json:"id"`
	Kind rights.ActKind `json:"kind"`
	// Actor is a role with a pseudonym of one person.
	Actor string `json:"actor"`
	// Task is the task that is done; for ActTaskDone.
	Task string `json:"task,omitempty"`
	// Told says that the requester was told by hand; for ActExtended and
	// ActRefused, where no letter can be sent.
	Told bool `json:"told,omitempty"`
}

// Status answers QueryStatus and every update.
type Status struct {
	Kind  rights.Kind  `json:"kind"`
	State rights.State `json:"state"`
	// Due and Internal are the ends that count now.
	Due       time.Time    `json:"due"`
	Internal  time.Time    `json:"internal"`
	Extended  bool         `json:"extended,omitempty"`
	Proof     rights.Proof `json:"proof,omitempty"`
	Vouched   int          `json:"vouched,omitempty"`
	Approvals int          `json:"approvals"`
	// Needs is how many people have to approve.
	Needs int `json:"needs"`
	// Blocking counts the tasks that hold the case up.
	Blocking int `json:"blocking"`
	// Problem is a word for why an act was not done: code_wrong, code_over ...
	Problem     string         `json:"problem,omitempty"`
	WaitUntil   time.Time      `json:"wait_until,omitzero"`
	Outcome     rights.Outcome `json:"outcome,omitempty"`
	Certificate string         `json:"certificate,omitempty"`
}

// Types of the errors that a validator refuses an update with.
const (
	// RefusedState: the case's state does not allow it.
	RefusedState = "refused_state"
	// RefusedRequest: the act itself is malformed.
	RefusedRequest = "refused_request"
	// RefusedPerson: the same person has decided already.
	RefusedPerson = "refused_person"
	// RefusedLate: the due date has passed.
	RefusedLate = "refused_late"
	// RefusedExtended: a case is extended once.
	RefusedExtended = "refused_extended"
	// RefusedTask: the case has no such open task.
	RefusedTask = "refused_task"
	// RefusedPlan: the plan is not the one that somebody saw and approves.
	RefusedPlan = "refused_plan"
	// RefusedProvider: another identity provider let the first of two people in.
	RefusedProvider = "refused_provider"
	// RefusedUntold: the requester could not be told.
	RefusedUntold = "refused_untold"
)

var ulidPattern = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// Register registers the workflow under its name. A case lasts for months and
// must not wait for a worker of the build that it began on, so it moves to newer
// ones: whatever changes here must replay what was before.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(DSAR, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	})
}
