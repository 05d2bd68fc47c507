package rights

import (
	"slices"
	"time"
	"unicode/utf8"

	"fmt"

	"github.com/voicehive/voicehive/compliance/subjects"
)

// A Case is one request as its row has it: nothing that tells who asked.
type Case struct {
	Hotel, ID string
	Kind      Kind
	State     State
	Channel   Channel
	Call      string // the call that it was found in, if it was
	Language  string // in which the requester is written to; may be empty
	Match     Match
	Proof     Proof
	ProvenAt  time.Time
	Clock     Clock
	// ExtendedAt is when the requester was told that it takes longer.
	ExtendedAt time.Time
	// WaitUntil is when a stay that is in the way ends.
	WaitUntil time.Time
	// JoinedTo is the case that goes on for this one.
	JoinedTo string
	// Outcome is a word for what came of it, Certificate the id of an erasure's.
	Outcome     Outcome
	Certificate string
	OpenedBy    string // a role with a pseudonym
	OpenedAt    time.Time
	ClosedAt    time.Time
	// Started tells that its workflow was started.
	Started bool
	Tasks   []Task // of Read only, the oldest first
	Acts    []Act  // of Read only, the oldest first
	// Void are acts that were taken back and count no more; of Read only.
	Void []Act
}

// Tier is how much proof the case needs.
func (c Case) Tier() Tier { return TierOf(c.Kind) }

// Due is when the case has to be answered.
func (c Case) Due() time.Time { return c.Clock.DueNow(!c.ExtendedAt.IsZero()) }

// Internal is the house's own due date.
func (c Case) Internal() time.Time { return c.Clock.InternalNow(!c.ExtendedAt.IsZero()) }

// Approvals counts the people who agreed.
func (c Case) Approvals() (n int) {
	for _, act := range c.Acts {
		if act.Kind == ActApproved {
			n++
		}
	}
	return n
}

// Outcome is what came of a case.
type Outcome string

// The outcomes.
const (
	Granted Outcome = "granted" // all of it
	Partly  Outcome = "partly"  // the law keeps some
	Denied  Outcome = "refused"
	Gone    Outcome = "withdrawn"
)

// A Task is something that a person has to do.
type Task struct {
	ID     string
	Kind   TaskKind
	Due    time.Time
	At     time.Time
	DoneAt time.Time
	DoneBy string
}

// TaskKind says what is to be done.
type TaskKind string

// The kinds of task.
const (
	// FindGuest: nobody matches, ChooseGuest: several do. The task is done by
	// naming any booking or call of the person.
	FindGuest   TaskKind = "find_guest"
	ChooseGuest TaskKind = "choose_guest"
	// CheckIdentity: there is no address on file that a code could go to.
	CheckIdentity TaskKind = "check_identity"
	// TellByHand: a letter could not be sent.
	TellByHand TaskKind = "tell_by_hand"
	// Reminder and DeadlineNear: the clock runs.
	Reminder     TaskKind = "reminder"
	DeadlineNear TaskKind = "deadline_near"
	// CarryOutByHand: a machine could not do all of it.
	CarryOutByHand TaskKind = "carry_out_by_hand"
	// LookInto is anything else that somebody added.
	LookInto TaskKind = "look_into"
)

// TaskKinds are all of them.
func TaskKinds() []TaskKind {
	return []TaskKind{FindGuest, ChooseGuest, CheckIdentity, TellByHand, Reminder, DeadlineNear, CarryOutByHand, LookInto}
}

// Blocks tells that the case cannot be carried out before the task is done.
func (k TaskKind) Blocks() bool {
	return slices.Contains([]TaskKind{FindGuest, ChooseGuest, LookInto}, k)
}

// An Act is what a person did about a case. What they wrote lies sealed.
type Act struct {
	ID    string
	Kind  ActKind
	Actor string
	At    time.Time
	// Plan is the hash of the plan that was approved.
	Plan string
	// VoidAt is when it was taken back, so that it counts no more.
	VoidAt time.Time
}

// ActKind says what was done.
type ActKind string

// The kinds of act.
const (
	ActVouched   ActKind = "vouched" // for who the requester is
	ActApproved  ActKind = "approved"
	ActExtended  ActKind = "extended"
	ActRefused   ActKind = "refused"
	ActWithdrawn ActKind = "withdrawn"
	ActTaskDone  ActKind = "task_done"
	ActTaskAdded ActKind = "task_added"
	// ActCodeAsked asks for a one-time code, ActCodeTold tells one back.
	ActCodeAsked ActKind = "code_asked"
	ActCodeTold  ActKind = "code_told"
)

// ActKinds are all of them.
func ActKinds() []ActKind {
	return []ActKind{ActVouched, ActApproved, ActExtended, ActRefused, ActWithdrawn, ActTaskDone, ActTaskAdded, ActCodeAsked, ActCodeTold}
}

// A Wish is what the requester said and wants. It lies sealed under the case's
// own scope.
type Wish struct {
	// Words are the requester's own.
	Words string `json:"words,omitempty"`
	// Person is what the requester told of themselves.
	Person  subjects.Person `json:"person,omitzero"`
	Contact Contact         `json:"contact,omitzero"`
	// Correct is what a rectification makes of the guest's details.
	Correct Correction `json:"correct,omitzero"`
	// Purposes are what an objection is against: direct_marketing, profiling,
	// legitimate_interests.
	Purposes []string `json:"purposes,omitempty"`
	// Ground is why processing is to be restricted: accuracy, unlawful, claims
	// or objection (Article 18(1)). Lift ends a restriction instead.
	Ground string `json:"ground,omitempty"`
	Lift   bool   `json:"lift,omitempty"`
}

// A Contact is where the requester wants to be written to.
type Contact struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// A Correction names fields that are wrong; empty ones stay.
type Correction struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Language  string `json:"language,omitempty"`
	Country   string `json:"country,omitempty"`
}

// IsZero tells that nothing is to be corrected.
func (c Correction) IsZero() bool { return c == Correction{} }

// Against are what an objection can be against.
func Against() []string { return []string{"direct_marketing", "profiling", "legitimate_interests"} }

// Grounds are those of a restriction.
func Grounds() []string { return []string{"accuracy", "unlawful", "claims", "objection"} }

// People are whom a case is about. They lie sealed, and go when it is closed.
type People struct {
	Subject subjects.Ref `json:"subject"`
	// Scopes are the person's bookings, calls and places in other bookings.
	Scopes []string `json:"scopes"`
}

// same tells whether it is the same person with the same scopes.
func (p People) same(other People) bool {
	return p.Subject == other.Subject && slices.Equal(slices.Sorted(slices.Values(p.Scopes)), slices.Sorted(slices.Values(other.Scopes)))
}

// A Reply is where letters of a case go. It lies sealed.
type Reply struct {
	// Channel is email or sms.
	Channel  string `json:"channel"`
	To       string `json:"to"`
	Language string `json:"language,omitempty"`
	// OnFile tells that the address is one that the house had before the request.
	OnFile bool `json:"on_file,omitempty"`
}

// An Opening is a request as it comes in.
type Opening struct {
	Hotel string
	// ID is the fresh key scope of the case.
	ID       string
	Kind     Kind
	Channel  Channel
	Call     string
	Language string
	Clock    Clock
	Wish     Wish
	Match    Match
	// Subject is whom it is about, where Match is KnownPerson.
	Subject  subjects.Ref
	OpenedBy string
	// KeyHMAC and BodyHMAC tell a repeated request; 32 bytes each.
	KeyHMAC, BodyHMAC []byte
}

func incomplete(what string) error { return fmt.Errorf("%w: %s", ErrInvalid, what) }

// check refuses what could never be carried out.
func (n Opening) check() error {
	switch {
	case !n.Kind.Known():
		return incomplete("a kind of access, erasure, rectification, restriction, portability or objection")
	case !slices.Contains(Channels(), n.Channel) || (n.Channel == FoundInCall) != (n.Call != ""):
		return incomplete("the channel; a request that was found in a call names the call, and no other does")
	case n.Match == KnownPerson && n.Subject.IsZero():
		return incomplete("whom it is about")
	case n.Clock.Received.IsZero():
		return incomplete("when it came in")
	case n.OpenedBy == "" || len(n.OpenedBy) > 200:
		return incomplete("who opens it")
	case len(n.KeyHMAC) != 32 || len(n.BodyHMAC) != 32:
		return incomplete("an idempotency key")
	}
	return n.Wish.check(n.Kind)
}

// maxWords bounds what a requester can say, in characters.
const maxWords = 8000

func (w Wish) check(k Kind) error {
	bad := func(known []string) func(string) bool {
		return func(s string) bool { return !slices.Contains(known, s) }
	}
	switch {
	case utf8.RuneCountInString(w.Words) > maxWords || !utf8.ValidString(w.Words):
		return incomplete(fmt.Sprintf("the words are text of at most %d characters", maxWords))
	case k == Rectification && w.Correct.IsZero():
		return incomplete("what is to be corrected")
	case k != Rectification && !w.Correct.IsZero():
		return incomplete("a correction belongs to a rectification")
	case k == Objection && len(w.Purposes) == 0, len(w.Purposes) > len(Against()), slices.ContainsFunc(w.Purposes, bad(Against())):
		return incomplete("what an objection is against: direct_marketing, profiling or legitimate_interests")
	case k == Restriction && !w.Lift && !slices.Contains(Grounds(), w.Ground):
		return incomplete("the ground of a restriction: accuracy, unlawful, claims or objection")
	case k != Restriction && (w.Lift || w.Ground != ""):
		return incomplete("a ground and a lift belong to a restriction")
	}
	return nil
}
