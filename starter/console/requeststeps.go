package console

import (
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
)

// A nextStep says what somebody has to do about a request, if anybody.
type nextStep struct {
	Text string
	// Yours tells that an officer has to act, and not a machine or the guest.
	Yours bool
}

// nextOfCase is the next step of a request.
func nextOfCase(c starter.Case) nextStep {
	if open := openTasks(c); len(open) > 0 && !c.State.Final() {
		text := taskTexts[open[0].Kind]
		if len(open) > 1 {
			text += fmt.Sprintf(", and %d more", len(open)-1)
		}
		return nextStep{text, true}
	}
	switch c.State {
	case rights.Received:
		return nextStep{"The receipt is on its way", false}
	case rights.Verifying:
		return nextStep{"Have the person prove who they are", true}
	case rights.Open:
		return nextStep{"Do the open tasks", true}
	case rights.Waiting:
		return nextStep{"Wait for the stay to end", false}
	case rights.Deciding:
		return nextStep{fmt.Sprintf("Approve: %d of %d have", c.Approvals, c.Needs), true}
	case rights.CarryingOut:
		return nextStep{"The machines work; look again", false}
	case rights.Joined:
		return nextStep{"Goes on in another request", false}
	}
	return nextStep{"Nothing", false}
}

// openTasks are those that are not done, what blocks the request first.
func openTasks(c starter.Case) []starter.CaseTask {
	open := slices.DeleteFunc(slices.Clone(c.Tasks), func(t starter.CaseTask) bool { return !t.DoneAt.IsZero() })
	slices.SortStableFunc(open, func(a, b starter.CaseTask) int {
		switch {
		case a.Blocks == b.Blocks:
			return 0
		case a.Blocks:
			return -1
		}
		return 1
	})
	return open
}

// Open are the tasks of a page that are not done.
func (p requestPage) Open() []starter.CaseTask { return openTasks(p.Case) }

// A step of a request's way.
type step struct {
	Text string
	Here bool
}

// stepsOf are the stations of a request, with the one where it is.
func stepsOf(c starter.Case) []step {
	var all []step
	add := func(text string, states ...rights.State) {
		all = append(all, step{text, slices.Contains(states, c.State)})
	}
	add("Received", rights.Received)
	if c.Tier.NeedsProof() {
		add("Identity", rights.Verifying)
	}
	add("Tasks", rights.Open)
	if c.State == rights.Waiting {
		add("Waiting for a stay", rights.Waiting)
	}
	if c.Needs > 0 {
		add("Approval", rights.Deciding)
	}
	add("Carrying out", rights.CarryingOut)
	switch c.State {
	case rights.Refused, rights.Withdrawn, rights.Joined:
		add(words(c.State), c.State)
	default:
		add("Completed", rights.Completed)
	}
	return all
}

// taskTexts say what a person has to do.
var taskTexts = map[rights.TaskKind]string{
	rights.FindGuest:      "Find out whom it is about: nobody matches",
	rights.ChooseGuest:    "Choose whom it is about: several match",
	rights.CheckIdentity:  "Check who it is: there is no address on file for a code",
	rights.TellByHand:     "Tell the person yourself: a letter could not be sent",
	rights.Reminder:       "Reminder: the clock runs",
	rights.DeadlineNear:   "The due date is near",
	rights.CarryOutByHand: "Carry out by hand what a machine could not",
	rights.LookInto:       "Look into what somebody noted",
}

// kindTexts explain a right to an officer, with its article of the GDPR.
var kindTexts = map[rights.Kind]struct{ Article, Text string }{
	rights.Access:        {"Article 15", "Wants to know what is kept, and gets a copy by a link that works once"},
	rights.Erasure:       {"Article 17", "Wants to be forgotten; what the law keeps is restricted and listed"},
	rights.Rectification: {"Article 16", "Says that a detail is wrong, and what it is to be"},
	rights.Restriction:   {"Article 18", "Wants use to stop while something is disputed"},
	rights.Portability:   {"Article 20", "Wants their data in a form that machines read"},
	rights.Objection:     {"Article 21", "Objects to a use, such as advertising"},
}

// badgeOf colours a state; the word beside it says the same.
func badgeOf(s rights.State) string {
	switch s {
	case rights.Verifying, rights.Open, rights.Deciding:
		return "warn"
	case rights.Received, rights.Waiting, rights.CarryingOut:
		return "info"
	case rights.Completed:
		return "good"
	case rights.Refused:
		return "bad"
	}
	return ""
}
