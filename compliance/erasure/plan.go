package erasure

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
)

// Action is what becomes of a record.
type Action string

// The verdicts. Their names stand in plans and certificates: they never change.
const (
	Erase    Action = "erase"
	Restrict Action = "restrict" // until a date that a statute gives
	Hold     Action = "hold"     // a legal hold, until it is released
	Defer    Action = "defer"    // a stay is ahead or under way
	Manual   Action = "manual"   // a person has to do it: see the operator task
	Keep     Action = "keep"     // holds nothing of the person once the rest is gone
)

// A Verdict says what becomes of a record, and by which rule.
type Verdict struct {
	Action Action `json:"action"`
	// Until is when it can go; zero where no date is known.
	Until time.Time `json:"until,omitzero"`
	// Rule is the id of the policy's rule, Statute the law it follows.
	Rule    string `json:"rule,omitempty"`
	Statute string `json:"statute,omitempty"`
	Source  string `json:"source,omitempty"`
}

// A Line is the verdict on a scope's records of one class: they have the same
// anchors, and so the same fate.
type Line struct {
	Class   register.Class `json:"class"`
	Scope   string         `json:"scope"`
	Records int            `json:"records"`
	Verdict
}

// A Plan is every record of a case's people with its verdict.
type Plan struct {
	Hotel string    `json:"hotel"`
	Case  string    `json:"case"`
	At    time.Time `json:"at"`
	// Scopes are all that belong to the people, sorted; Batches cuts them.
	Scopes []string `json:"scopes"`
	Lines  []Line   `json:"lines"`
	// Secret is random; what recipients are told is named by it.
	Secret []byte `json:"secret,omitempty"`
	// Companions are those scopes that are a place in another's booking, as they
	// were before they were erased here: by that the hotel's system finds them.
	Companions map[string]Companion `json:"companions,omitempty"`
}

// A Companion is somebody who came along on another's booking.
type Companion struct {
	Booking     string `json:"booking"`
	Reservation string `json:"reservation"` // at the hotel's system
	FirstName   string `json:"first_name,omitempty"`
	LastName    string `json:"last_name,omitempty"`
}

// BatchSize is how many scopes one step of an erasure takes on.
const BatchSize = 500

// Batches are the plan's scopes in the order and portions that they are worked
// through in.
func (p Plan) Batches() [][]string { return slices.Collect(slices.Chunk(p.Scopes, BatchSize)) }

// Hash names what the plan decides: each scope and class with its verdict, and
// not how many records there are, for writing the plan down adds some.
func (p Plan) Hash() string {
	lines := slices.Clone(p.Lines)
	slices.SortFunc(lines, compareLines)
	sum := sha256.New()
	fmt.Fprintf(sum, "voicehive/erasure/plan/1\n%s/%s\n", p.Hotel, p.Case)
	for _, l := range lines {
		fmt.Fprintf(sum, "%s %s %s %s %d\n", l.Class, l.Scope, l.Action, l.Rule, l.untilUnix())
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (l Line) untilUnix() int64 {
	if l.Until.IsZero() {
		return 0
	}
	return l.Until.Unix()
}

func compareLines(a, b Line) int {
	return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Rule, b.Rule))
}

// Of are the scopes for which a class has one of the actions.
func (p Plan) Of(class register.Class, actions ...Action) []string {
	var found []string
	for _, l := range p.Lines {
		if l.Class == class && slices.Contains(actions, l.Action) {
			found = append(found, l.Scope)
		}
	}
	return found
}

// Count adds up the records with an action.
func (p Plan) Count(action Action) (n int) {
	for _, l := range p.Lines {
		if l.Action == action {
			n += l.Records
		}
	}
	return n
}

// Until is the latest moment of those lines that have an action; zero when
// there is none.
func (p Plan) Until(action Action) (last time.Time) {
	for _, l := range p.Lines {
		if l.Action == action && l.Until.After(last) {
			last = l.Until
		}
	}
	return last
}

// Kept is what a certificate and a letter say of records that stay: how many,
// until when and by which rule. It names no scope.
type Kept struct {
	Class   register.Class `json:"class"`
	Records int            `json:"records"`
	Verdict
}

// Kept are the records that stay, by class and verdict, in a fixed order.
func (p Plan) Kept() []Kept {
	at := map[Kept]int{}
	for _, l := range p.Lines {
		if l.Action != Erase {
			l.Until = l.Until.UTC()
			at[Kept{Class: l.Class, Verdict: l.Verdict}] += l.Records
		}
	}
	all := make([]Kept, 0, len(at))
	for k, n := range at {
		k.Records = n
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Rule, b.Rule), a.Until.Compare(b.Until))
	})
	return all
}
