package rights

import (
	"errors"
	"slices"
)

// Kind is the right that somebody makes use of. It is stored: never change one.
type Kind string

// The kinds, by the names that all files use.
const (
	Access        Kind = "access"        // Article 15
	Erasure       Kind = "erasure"       // Article 17
	Rectification Kind = "rectification" // Article 16
	Restriction   Kind = "restriction"   // Article 18
	Portability   Kind = "portability"   // Article 20
	Objection     Kind = "objection"     // Article 21
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Access, Erasure, Rectification, Restriction, Portability, Objection}
}

// Known tells whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// State is where a case stands. It is stored: never change one.
type State string

// The states.
const (
	Received    State = "received"     // stored; the receipt is on its way
	Verifying   State = "verifying"    // somebody has to prove who they are
	Open        State = "open"         // tasks of people are to be done
	Waiting     State = "waiting"      // a stay is ahead or running
	Deciding    State = "deciding"     // approvals are missing
	CarryingOut State = "carrying_out" // machines work
	Completed   State = "completed"
	Refused     State = "refused"
	Withdrawn   State = "withdrawn"
	Joined      State = "joined" // the same person asked for the same before
)

// States are all of them.
func States() []State {
	return []State{Received, Verifying, Open, Waiting, Deciding, CarryingOut, Completed, Refused, Withdrawn, Joined}
}

// Known tells whether there is such a state.
func (s State) Known() bool { return slices.Contains(States(), s) }

// Final tells that nothing more happens.
func (s State) Final() bool {
	return slices.Contains([]State{Completed, Refused, Withdrawn, Joined}, s)
}

// Channel is the way on which a request came.
type Channel string

// The channels.
const (
	ByAPI     Channel = "api"
	ByConsole Channel = "console"
	ByCLI     Channel = "cli"
	// FoundInCall: the guest said it on the phone. No form is required.
	FoundInCall Channel = "found_in_call"
)

// Channels are all of them.
func Channels() []Channel { return []Channel{ByAPI, ByConsole, ByCLI, FoundInCall} }

// Tier is how much harm a mistake would do, and so how much proof is asked for.
type Tier string

// The tiers.
const (
	// Low: to stop something by mistake harms nobody much, and it has to be fast.
	Low Tier = "low"
	// Middle: proof of who it is, and one person who agrees.
	Middle Tier = "middle"
	// High: what is given away or erased does not come back: proof, and two
	// people who agree.
	High Tier = "high"
)

// TierOf is the tier of a right.
func TierOf(k Kind) Tier {
	switch k {
	case Objection:
		return Low
	case Rectification, Restriction:
		return Middle
	}
	return High
}

// NeedsProof tells whether somebody has to prove who they are.
func (t Tier) NeedsProof() bool { return t != Low }

// Approvals is how many different people have to agree.
func (t Tier) Approvals() int {
	switch t {
	case Low:
		return 0
	case Middle:
		return 1
	}
	return 2
}

// Checks is how many different people have to vouch for a manual check.
const Checks = 2

// Proof is how somebody proved who they are. A voiceprint is none.
type Proof string

// The proofs.
const (
	Unproven  Proof = ""
	ByCode    Proof = "code"   // a one-time code to the contact on file
	ByPeople  Proof = "manual" // two people checked
	NotNeeded Proof = "none"   // the tier asks for none
)

// Match is what the house knows of whom a request is about.
type Match string

// The matches.
const (
	KnownPerson Match = "known"
	// UnknownPerson and AmbiguousPerson leave a task: somebody has to look.
	UnknownPerson   Match = "unknown"
	AmbiguousPerson Match = "ambiguous"
)

// What can be refused.
var (
	// ErrNotFound: the hotel has no such case.
	ErrNotFound = errors.New("rights: the hotel has no such request; list them")
	// ErrInvalid is wrapped by every complaint about what was asked. It quotes
	// nothing of it.
	ErrInvalid = errors.New("rights: the request is not complete")
	// ErrReused: the same key came with another request.
	ErrReused = errors.New("rights: the idempotency key came before with another request; take a fresh one")
	// ErrState: the case's state does not allow it.
	ErrState = errors.New("rights: the request's state does not allow this; look at it first")
	// ErrSamePerson: two different people are needed.
	ErrSamePerson = errors.New("rights: two different people are needed, and this one has decided already")
	// ErrProvider: the first of two people was let in by another identity provider.
	ErrProvider = errors.New("rights: the person who decided first was let in by another identity provider, and one person could be two; somebody of the same one has to decide")
	// ErrLate: the due date has passed.
	ErrLate = errors.New("rights: the due date has passed")
	// ErrExtended: a request is extended once.
	ErrExtended = errors.New("rights: the request was extended already")
	// ErrPeople: it is not known whom the request is about.
	ErrPeople = errors.New("rights: it is not known whom the request is about; do its task first")
	// ErrForgotten: the case is closed, and whom it was about is forgotten.
	ErrForgotten = errors.New("rights: the request is closed, and whom it was about is forgotten")
	// ErrTask: the case has no such open task.
	ErrTask = errors.New("rights: the request has no such open task")
)
