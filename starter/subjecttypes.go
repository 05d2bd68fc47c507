package starter

import (
	"time"

	"github.com/voicehive/voicehive/compliance/subjects"
)

// PersonQuery is what is known of a person, as they told it. Any part of it may
// match.
type PersonQuery struct {
	FirstName string `json:"first_name,omitempty" yaml:"first_name" maxLength:"100" doc:"Finds with a last name only"`
	LastName  string `json:"last_name,omitempty" yaml:"last_name" maxLength:"100" doc:"Alone it finds everybody of that name"`
	Email     string `json:"email,omitempty" yaml:"email" maxLength:"254" doc:"An e-mail address"`
	Phone     string `json:"phone,omitempty" yaml:"phone" maxLength:"40" doc:"A number; without + it is one of the hotel's country"`
}

// WhoQuery names one person in one of three ways.
type WhoQuery struct {
	Subject string       `json:"subject,omitempty" maxLength:"36" doc:"A subject's number, as a look-up answers it"`
	Scope   string       `json:"scope,omitempty" maxLength:"26" doc:"The id of any of the person's reservations or calls"`
	Person  *PersonQuery `json:"person,omitempty" doc:"What is known of the person; refused when several match"`
}

// MergeRequest makes two subjects one. Each is named by its number, or by the
// id of any of its reservations or calls.
type MergeRequest struct {
	From string `json:"from" minLength:"26" maxLength:"36" doc:"Whose reservations and calls move"`
	Into string `json:"into" minLength:"26" maxLength:"36" doc:"Whose they become"`
	DecisionCause
}

// SplitRequest gives some of a person's reservations and calls to somebody new.
type SplitRequest struct {
	Scopes []string `json:"scopes" minItems:"1" maxItems:"200" doc:"Reservations and calls of one person, and not all of them" nullable:"false"`
	DecisionCause
}

// DecisionCause is why it was decided who is who.
type DecisionCause struct {
	Reason subjects.Reason `json:"reason" enum:"guest_confirmed,staff_recognised,documents_agree,shared_contact,mistaken_identity" doc:"Why, in a word of the list"`
	Note   string          `json:"note,omitempty" maxLength:"2000" doc:"What else is worth keeping. It is sealed in the audit log and never answered"`
}

// Person is somebody who was found: nothing that tells who it is.
type Person struct {
	Subject string          `json:"subject,omitempty" doc:"The person's random number; absent while nobody resolved the reservation"`
	Scopes  []string        `json:"scopes" nullable:"false" doc:"The ids of reservations and calls that match"`
	Because []subjects.Kind `json:"because" nullable:"false" doc:"What matches: phone, email, name or surname"`
}

// People are those of whom a part matches.
type People struct {
	People    []Person `json:"people" nullable:"false"`
	Truncated bool     `json:"truncated" doc:"There are more; ask for more of the person"`
}

// Profile is what is known of one person.
type Profile struct {
	Subject    string     `json:"subject"`
	Scopes     []string   `json:"scopes" nullable:"false" doc:"The ids of the person's reservations and calls, the newest first"`
	Truncated  bool       `json:"truncated" doc:"The person has more of them than are told"`
	Candidates []Person   `json:"candidates" nullable:"false" doc:"Others who may be the same person; somebody has to decide"`
	Decisions  []Decision `json:"decisions" nullable:"false" doc:"What was decided about the person, the newest first"`
	// More of both than are told.
	MoreCandidates bool `json:"more_candidates" doc:"There are more who may be the same person; look for people by more than what so many share"`
	MoreDecisions  bool `json:"more_decisions" doc:"There are older decisions about the person"`
}

// Decision is what was decided about who is who.
type Decision struct {
	ID     string    `json:"decision" doc:"To undo it with"`
	Kind   string    `json:"kind" enum:"joined,merged,split" doc:"joined is a machine's: the same full name with the same phone or e-mail"`
	From   string    `json:"from,omitempty"`
	Into   string    `json:"into"`
	Scopes []string  `json:"scopes" nullable:"false" doc:"What moved"`
	Reason string    `json:"reason"`
	Actor  string    `json:"actor" doc:"The role that decided, with a pseudonym"`
	At     time.Time `json:"at"`
	Undone bool      `json:"undone"`
}

// Decided is the answer to a decision.
type Decided struct {
	Decision string `json:"decision" doc:"To undo it with"`
	Subject  string `json:"subject,omitempty" doc:"After a split, the new person's number; after a merge, whose all of it is"`
}
