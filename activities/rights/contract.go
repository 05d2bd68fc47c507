package rights

import (
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	BeginActivity    = "rights.begin"
	MoveActivity     = "rights.move"
	DeferActivity    = "rights.defer"
	CloseActivity    = "rights.close"
	LetterActivity   = "rights.letter"
	SendCodeActivity = "rights.send_code"
	CheckActivity    = "rights.check_code"
	VouchActivity    = "rights.vouch"
	ApproveActivity  = "rights.approve"
	FindActivity     = "rights.find"
	DoTaskActivity   = "rights.do_task"
	AskTaskActivity  = "rights.ask_task"
	AddTaskActivity  = "rights.add_task"
	ExtendActivity   = "rights.extend"
	MarkActivity     = "rights.mark"
	StandingActivity = "rights.standing"
)

// Types of the errors that no repeat mends.
const (
	TypeUnknownCase = "unknown_case"
	TypeState       = "refused_state"
	TypePerson      = "refused_person"
	TypeLate        = "refused_late"
	TypeExtended    = "refused_extended"
	TypeTask        = "refused_task"
	// TypePeople: it is not known whom the case is about.
	TypePeople = "unknown_people"
	// TypeProvider: another identity provider let the first of two people in.
	TypeProvider = "refused_provider"
)

// A Ref names a case.
type Ref struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
}

// An ActRef names what a person did about a case.
type ActRef struct {
	Ref
	Act string `json:"act"`
}

// Begun is what a workflow has to know of its case.
type Begun struct {
	Kind      rights.Kind  `json:"kind"`
	State     rights.State `json:"state"`
	Match     rights.Match `json:"match"`
	Proof     rights.Proof `json:"proof,omitempty"`
	Clock     rights.Clock `json:"clock"`
	Extended  bool         `json:"extended,omitempty"`
	Portable  bool         `json:"portable,omitempty"`
	Lift      bool         `json:"lift,omitempty"`
	Vouchers  []string     `json:"vouchers,omitempty"`
	Approvers []string     `json:"approvers,omitempty"`
	Open      []OpenTask   `json:"open,omitempty"`
	// Left is how many tasks the case has had: what a fresh run leaves is
	// numbered behind them.
	Left int `json:"left,omitempty"`
}

// A Standing is what people have proven and agreed to, of the person whom the
// case is about now.
type Standing struct {
	Proof     rights.Proof `json:"proof,omitempty"`
	Vouchers  []string     `json:"vouchers,omitempty"`
	Approvers []string     `json:"approvers,omitempty"`
}

func standingOf(c rights.Case) *Standing {
	s := &Standing{Proof: c.Proof}
	for _, act := range c.Acts {
		switch act.Kind {
		case rights.ActVouched:
			s.Vouchers = append(s.Vouchers, act.Actor)
		case rights.ActApproved:
			s.Approvers = append(s.Approvers, act.Actor)
		}
	}
	return s
}

// An OpenTask is one that is to be done.
type OpenTask struct {
	ID   string          `json:"id"`
	Kind rights.TaskKind `json:"kind"`
}

// A Move takes a case to a state.
type Move struct {
	Ref
	State rights.State `json:"state"`
}

// A Deferral has a case wait for a stay's end.
type Deferral struct {
	Ref
	Until time.Time `json:"until"`
}

// A Closing ends a case.
type Closing struct {
	Ref
	State       rights.State   `json:"state"`
	Outcome     rights.Outcome `json:"outcome"`
	Certificate string         `json:"certificate,omitempty"`
	// Act is the refusal or withdrawal that ends it.
	Act string `json:"act,omitempty"`
}

// A Letter asks for one of a case's letters. Which one it is makes its id, so
// asking again queues nothing.
type Letter struct {
	Ref
	Kind letters.Kind `json:"kind"`
	// Act is whose reasons and explanation the letter tells.
	Act string `json:"act,omitempty"`
	// On is the day that the letter tells: when it was done, until when it waits.
	On time.Time `json:"on,omitzero"`
	// Certificate is the one that an erasure's letter hands out.
	Certificate string `json:"certificate,omitempty"`
	// Kept is what the law keeps.
	Kept []Kept `json:"kept,omitempty"`
	// Reasons are why not all was done.
	Reasons []string `json:"reasons,omitempty"`
	// Attempt makes another letter of the same kind.
	Attempt int `json:"attempt,omitempty"`
}

// Kept is something that stays, by the names of letters.KeptThings.
type Kept struct {
	What  string    `json:"what"`
	Until time.Time `json:"until"`
}

// Queued names a letter that was queued, or says why none was.
type Queued struct {
	Message string `json:"message,omitempty"`
	// Problem is no_address or content.
	Problem string `json:"problem,omitempty"`
}

// Sent is a one-time code under way. ID names it to Check.
type Sent struct {
	ID      string `json:"id,omitempty"`
	Message string `json:"message,omitempty"`
	// Problem is no_address or too_many_codes.
	Problem string `json:"problem,omitempty"`
}

// A Check asks whether what was told is the code.
type Check struct {
	ActRef
	Code string `json:"code"`
}

// Checked tells whether it was: Problem is code_wrong or code_over when not.
type Checked struct {
	Proven  bool   `json:"proven,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// Counted tells how many people did something.
type Counted struct {
	People int `json:"people"`
	// Standing is all that counts since, where an approval looked at the plan:
	// it can have taken back others.
	Standing *Standing `json:"standing,omitempty"`
	// Problem is plan_changed when the act does not count.
	Problem string `json:"problem,omitempty"`
	// JoinedTo is the open case of the same person and kind.
	JoinedTo string `json:"joined_to,omitempty"`
}

// ProblemPlan: the plan is not the one that somebody saw and approves.
const ProblemPlan = "plan_changed"

// Found tells whether it is known whom the case is about.
type Found struct {
	Known  bool `json:"known"`
	Scopes int  `json:"scopes,omitempty"`
	// JoinedTo is the open case of the same person and kind.
	JoinedTo string `json:"joined_to,omitempty"`
	// Problem is unknown_guest or erased.
	Problem string `json:"problem,omitempty"`
	// Standing is what counts since a task named the person: nothing that was
	// proven or approved of another one does.
	Standing *Standing `json:"standing,omitempty"`
}

// A Doing marks a task as done.
type Doing struct {
	ActRef
	Task string `json:"task"`
}

// A NewTask leaves something for a person.
type NewTask struct {
	Ref
	Kind rights.TaskKind `json:"kind"`
	// Number tells several tasks of a kind apart.
	Number int       `json:"number,omitempty"`
	Due    time.Time `json:"due"`
}

// Added names the task.
type Added struct {
	Task string `json:"task"`
}

// An Extension gives a case two more months.
type Extension struct {
	ActRef
	// Told is when the requester was told.
	Told time.Time `json:"told"`
}

// A Mark is a share of the time that has passed.
type Mark struct {
	Ref
	Percent int       `json:"percent"`
	Due     time.Time `json:"due"`
}

// Register registers the activities, for a worker on the queue of privacy.
func Register(r worker.ActivityRegistry, a *Activities) {
	for name, function := range map[string]any{
		BeginActivity: a.Begin, MoveActivity: a.Move, DeferActivity: a.Defer, CloseActivity: a.Close, LetterActivity: a.Letter,
		SendCodeActivity: a.SendCode, CheckActivity: a.Check, VouchActivity: a.Vouch, ApproveActivity: a.Approve, FindActivity: a.Find,
		DoTaskActivity: a.DoTask, AskTaskActivity: a.AskTask, AddTaskActivity: a.AddTask, ExtendActivity: a.Extend, MarkActivity: a.Mark,
		StandingActivity: a.Standing,
	} {
		r.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
}

// temporalError is the one place where refusals of the store become errors of
// Temporal. Everything else is tried again.
func temporalError(err error) error {
	if err == nil {
		return nil
	}
	for refusal, kind := range map[error]string{
		rights.ErrNotFound: TypeUnknownCase, rights.ErrState: TypeState, rights.ErrSamePerson: TypePerson, rights.ErrProvider: TypeProvider, rights.ErrLate: TypeLate,
		rights.ErrExtended: TypeExtended, rights.ErrTask: TypeTask, rights.ErrPeople: TypePeople, rights.ErrForgotten: TypePeople,
		keys.ErrDestroyed: TypeUnknownCase, subjects.ErrUnknownSubject: TypePeople,
		subjects.ErrScopes: TypePeople, erasure.ErrNobody: TypeState, erasure.ErrTooMany: TypeState,
	} {
		if errors.Is(err, refusal) {
			return temporal.NewNonRetryableApplicationError(err.Error(), kind, nil)
		}
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), "internal", temporal.ApplicationErrorOptions{Cause: err})
}
