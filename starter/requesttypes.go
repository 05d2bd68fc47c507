package starter

import (
	"time"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
)

// OpenRequest is a data-subject request as it comes in. Whom it is about is told
// by scope or by person; where it is told by neither, or nobody or several
// match, the request is kept all the same and somebody has to look.
type OpenRequest struct {
	Kind rights.Kind `json:"kind" enum:"access,erasure,rectification,restriction,portability,objection" doc:"The right that somebody makes use of"`
	// ReceivedAt is when it came in; the clock runs from then.
	ReceivedAt time.Time    `json:"received_at,omitzero" doc:"When it came in, such as the date of a letter; now when it is left out, and the call's start for a request that was found in a call"`
	Call       string       `json:"call_id,omitempty" maxLength:"26" doc:"The call that the request was found in"`
	Scope      string       `json:"scope,omitempty" maxLength:"26" doc:"The id of any reservation or call of the person"`
	Person     *PersonQuery `json:"person,omitempty" doc:"What is known of the person"`
	Language   string       `json:"language,omitempty" maxLength:"35" doc:"In which the person wants to be written to, such as de"`
	Email      string       `json:"email,omitempty" maxLength:"254" doc:"Where the receipt goes; what tells of the guest goes to the address on file"`
	Phone      string       `json:"phone,omitempty" maxLength:"40" doc:"The same, for a text message"`
	Words      string       `json:"words,omitempty" maxLength:"8000" doc:"What the person said, in their own words. It lies sealed"`
	Correct    *Correction  `json:"correct,omitempty" doc:"For a rectification: what the details are to be"`
	Purposes   []string     `json:"purposes,omitempty" maxItems:"3" enum:"direct_marketing,profiling,legitimate_interests" doc:"For an objection: what it is against"`
	Ground     string       `json:"ground,omitempty" enum:"accuracy,unlawful,claims,objection" doc:"For a restriction: why (Article 18(1) GDPR)"`
	Lift       bool         `json:"lift,omitempty" doc:"For a restriction: end the one that there is"`
}

// Correction is what a rectification makes of a guest's details.
type Correction struct {
	FirstName string `json:"first_name,omitempty" maxLength:"100"`
	LastName  string `json:"last_name,omitempty" maxLength:"100"`
	Email     string `json:"email,omitempty" maxLength:"254"`
	Phone     string `json:"phone,omitempty" maxLength:"40"`
	Language  string `json:"language,omitempty" maxLength:"35"`
	Country   string `json:"country,omitempty" maxLength:"2"`
}

// Case is a data-subject request as it stands: nothing that tells who asked.
type Case struct {
	ID          string         `json:"id"`
	Kind        rights.Kind    `json:"kind"`
	State       rights.State   `json:"state" enum:"received,verifying,open,waiting,deciding,carrying_out,completed,refused,withdrawn,joined"`
	Tier        rights.Tier    `json:"tier" enum:"low,middle,high" doc:"How much proof the right needs"`
	Channel     rights.Channel `json:"channel" enum:"api,console,cli,found_in_call"`
	Call        string         `json:"call_id,omitempty"`
	Language    string         `json:"language,omitempty"`
	Match       rights.Match   `json:"match" enum:"known,unknown,ambiguous" doc:"Whether it is known whom it is about"`
	Proof       rights.Proof   `json:"proof,omitempty" doc:"How the person proved who they are: code, manual, or none where none is needed"`
	ProvenAt    time.Time      `json:"proven_at,omitzero"`
	Clock       CaseClock      `json:"clock"`
	WaitUntil   time.Time      `json:"wait_until,omitzero" doc:"When a stay that is in the way ends"`
	JoinedTo    string         `json:"joined_to,omitempty" doc:"The request that goes on for this one"`
	Outcome     rights.Outcome `json:"outcome,omitempty" doc:"granted, partly, refused or withdrawn"`
	Certificate string         `json:"certificate,omitempty"`
	Approvals   int            `json:"approvals" doc:"How many people have agreed"`
	Needs       int            `json:"approvals_needed"`
	OpenedBy    string         `json:"opened_by"`
	OpenedAt    time.Time      `json:"opened_at"`
	ClosedAt    time.Time      `json:"closed_at,omitzero"`
	Tasks       []CaseTask     `json:"tasks" nullable:"false"`
	Acts        []CaseAct      `json:"acts" nullable:"false"`
	// Plan is shown of an erasure that is read, and not in lists and after acts.
	Plan *CasePlan `json:"plan,omitempty" doc:"Of an open erasure: what would become of the records as it stands now"`
	// Problem is a word for why what was asked for was not done.
	Problem string `json:"problem,omitempty" doc:"After a code: code_wrong, code_over. After a request for one: no_address, too_many_codes, codes_over"`
	// Pending tells that what was asked for is under way.
	Pending bool `json:"pending,omitempty" doc:"What was asked for is kept and under way; look again"`
}

// CaseClock is what the law and the house allow.
type CaseClock struct {
	Received time.Time `json:"received_at"`
	Due      time.Time `json:"due_at" doc:"When the law's time is over: the earlier of a calendar month and 30 days, or three months once it is extended"`
	DueDay   string    `json:"due_day" format:"date" doc:"The last day in time, at the hotel"`
	Internal time.Time `json:"internal_at" doc:"The house's own end: early enough that backups of keys are gone by the due date"`
	Extended time.Time `json:"extended_at,omitzero" doc:"When the person was told that it takes longer"`
	// Passed is how much of the time to Internal has passed.
	Passed int        `json:"passed_percent" doc:"How much of the time to internal_at has passed"`
	Marks  []CaseMark `json:"marks" nullable:"false"`
}

// CaseMark is when somebody is reminded, or called.
type CaseMark struct {
	Percent int       `json:"percent"`
	At      time.Time `json:"at"`
}

// CaseTask is something that a person has to do.
type CaseTask struct {
	ID     string          `json:"id"`
	Kind   rights.TaskKind `json:"kind"`
	Blocks bool            `json:"blocks" doc:"The request is not carried out before this is done"`
	At     time.Time       `json:"added_at"`
	DoneAt time.Time       `json:"done_at,omitzero"`
	DoneBy string          `json:"done_by,omitempty"`
}

// CaseAct is what a person did.
type CaseAct struct {
	ID    string         `json:"id"`
	Kind  rights.ActKind `json:"kind"`
	Actor string         `json:"actor"`
	At    time.Time      `json:"at"`
	Plan  string         `json:"plan_hash,omitempty" doc:"The plan that was approved"`
	// VoidAt is when it was taken back.
	VoidAt time.Time `json:"void_at,omitzero" doc:"When it was taken back, so that it counts no more: there was more to erase than the plan had, or it is about another person"`
}

// CasePlan is what would become of an erasure's records.
type CasePlan struct {
	Hash     string         `json:"hash" doc:"Names the plan; whoever approves says it"`
	Scopes   int            `json:"scopes" doc:"How many bookings, calls and places in other bookings it is about"`
	Verdicts []erasure.Kept `json:"verdicts" nullable:"false" doc:"What becomes of each class, until when and by which rule"`
}

// ApproveRequest says what somebody agrees to.
type ApproveRequest struct {
	PlanHash string `json:"plan_hash,omitempty" maxLength:"64" doc:"For an erasure: the hash of the plan as the request shows it"`
}

// CaseWords are what a requester said and wants. Reading them stands in the
// audit log.
type CaseWords struct {
	Words    string       `json:"words,omitempty"`
	Person   *PersonQuery `json:"person,omitempty"`
	Email    string       `json:"email,omitempty"`
	Phone    string       `json:"phone,omitempty"`
	Correct  *Correction  `json:"correct,omitempty"`
	Purposes []string     `json:"purposes,omitempty"`
	Ground   string       `json:"ground,omitempty"`
	Lift     bool         `json:"lift,omitempty"`
	// Notes are what officers wrote: why they refused or extended, and what is to
	// be looked into.
	Notes []CaseNote `json:"notes,omitempty" doc:"What officers wrote of it, the oldest first"`
}

// A CaseNote is what somebody wrote with an act.
type CaseNote struct {
	Act     string         `json:"act" doc:"The act that it came with; a task that was added has the same id"`
	Kind    rights.ActKind `json:"kind"`
	Actor   string         `json:"actor"`
	At      time.Time      `json:"at"`
	Reasons []string       `json:"reasons,omitempty"`
	Text    string         `json:"text,omitempty"`
}

// CaseQuery asks for a hotel's requests, the newest first.
type CaseQuery struct {
	State     rights.State
	Kind      rights.Kind
	Open      bool
	DueBefore time.Time
	After     string
	Most      int
}

// VerifyRequest has the requester's identity checked, in one of three ways.
type VerifyRequest struct {
	Send   bool   `json:"send_code,omitempty" doc:"Send a one-time code to the address on file"`
	Code   string `json:"code,omitempty" maxLength:"16" doc:"The code as the person told it"`
	Manual bool   `json:"manual,omitempty" doc:"You have checked who it is, without a copy of papers; a second person has to vouch as well. A voice proves nothing"`
}

// TaskRequest does a task of a case, or adds one.
type TaskRequest struct {
	Task  string `json:"task,omitempty" maxLength:"26" doc:"The task that is done; left out to add one that holds the request up"`
	Scope string `json:"scope,omitempty" maxLength:"26" doc:"For find_guest and choose_guest: the id of any reservation or call of the person"`
	Note  string `json:"note,omitempty" maxLength:"2000" doc:"What is worth keeping. It lies sealed"`
}

// ExtendRequest asks for two more months.
type ExtendRequest struct {
	Reasons []string `json:"reasons" minItems:"1" maxItems:"2" enum:"complexity,number" nullable:"false" doc:"Why (Article 12(3) GDPR); the letter tells them"`
	Note    string   `json:"note,omitempty" maxLength:"2000" doc:"What else is worth keeping. It lies sealed"`
	Told    bool     `json:"told_by_hand,omitempty" doc:"You have told the person yourself, for there is no address that a letter can go to"`
}

// RefuseRequest refuses a case. The letter tells the reasons and how to complain.
type RefuseRequest struct {
	Reasons     []string `json:"reasons" minItems:"1" maxItems:"7" enum:"identity,excessive,legal_obligation,legal_claims,rights_of_others,compelling_grounds,stay_ahead" nullable:"false"`
	Explanation string   `json:"explanation,omitempty" maxLength:"2000" doc:"Your own words, in the person's language"`
	Told        bool     `json:"told_by_hand,omitempty" doc:"You have told the person yourself, reasons and complaint route included"`
}
