package rights

import (
	"context"
	"errors"
	"slices"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Problems of finding people.
const (
	problemUnknownGuest = "unknown_guest"
	problemNoAddress    = "no_address"
	problemContent      = "content"
)

// ProblemCodesOver: the case has had all the codes that it gets.
const ProblemCodesOver = "codes_over"

// Find notes which bookings and calls belong to whom the case is about, as it
// stands now.
func (a *Activities) Find(ctx context.Context, ref Ref) (Found, error) {
	f, err := a.gather(ctx, ref)
	return f, temporalError(err)
}

func (a *Activities) gather(ctx context.Context, ref Ref) (Found, error) {
	p, err := a.Cases.People(ctx, ref.Hotel, ref.Case)
	if errors.Is(err, rights.ErrPeople) {
		return Found{Problem: problemUnknownGuest}, nil
	}
	if err != nil {
		return Found{}, err
	}
	return a.find(ctx, ref, p.Subject)
}

func (a *Activities) find(ctx context.Context, ref Ref, subject subjects.Ref) (Found, error) {
	scopes, err := a.People.ScopesOf(ctx, ref.Hotel, subject)
	if err != nil && !errors.Is(err, subjects.ErrUnknownSubject) {
		return Found{}, err
	}
	if scopes, err = a.andErased(ctx, ref, subject, scopes); err != nil {
		return Found{}, err
	}
	if len(scopes) == 0 {
		return Found{Problem: problemUnknownGuest}, nil
	}
	joined, err := a.Cases.Find(ctx, ref.Hotel, ref.Case, rights.People{Subject: subject, Scopes: scopes})
	return Found{Known: joined == "", Scopes: len(scopes), JoinedTo: joined}, err
}

// andErased adds the scopes of the same person that were erased for the case
// already, and are nobody's since: a later pass has to see what the first one
// left of them.
func (a *Activities) andErased(ctx context.Context, ref Ref, subject subjects.Ref, scopes []string) ([]string, error) {
	p, err := a.Cases.People(ctx, ref.Hotel, ref.Case)
	switch {
	case errors.Is(err, rights.ErrPeople), errors.Is(err, rights.ErrForgotten), err == nil && p.Subject != subject:
		return scopes, nil
	case err != nil:
		return nil, err
	}
	c, err := a.Cases.Read(ctx, ref.Hotel, ref.Case)
	if err != nil || c.Kind != rights.Erasure {
		return scopes, err
	}
	erased, err := a.People.Forgotten(ctx, ref.Hotel, p.Scopes)
	return append(scopes, erased...), err
}

// DoTask marks a task as done. One that was to find the guest is done by naming
// a booking or call of theirs; when that is nobody's, the task stays.
func (a *Activities) DoTask(ctx context.Context, d Doing) (Found, error) {
	f, err := a.doTask(ctx, d)
	return f, temporalError(err)
}

func (a *Activities) doTask(ctx context.Context, d Doing) (Found, error) {
	note, err := a.Cases.Note(ctx, d.Hotel, d.Case, d.Act)
	if err != nil {
		return Found{}, err
	}
	c, err := a.Cases.Read(ctx, d.Hotel, d.Case)
	if err != nil {
		return Found{}, err
	}
	if c.State == rights.Joined { // by this very act, in an attempt that was cut off
		return Found{JoinedTo: c.JoinedTo}, nil
	}
	task, open := taskOf(c, d.Task)
	before := slices.ContainsFunc(c.Acts, func(act rights.Act) bool { return act.ID == d.Act })
	finds := task.Kind == rights.FindGuest || task.Kind == rights.ChooseGuest
	f := Found{Known: finds}
	switch {
	case before: // and cut off since
	case !open:
		return Found{}, rights.ErrTask
	case finds:
		subject, err := a.People.Of(ctx, d.Hotel, note.Scope)
		if errors.Is(err, subjects.ErrUnknownSubject) {
			return Found{Problem: problemUnknownGuest}, nil
		}
		if err != nil {
			return Found{}, err
		}
		// Found before the task is done: cut off in between, it is done again.
		if f, err = a.find(ctx, d.Ref, subject); err != nil || f.Problem != "" {
			return f, err
		}
	}
	if f.JoinedTo != "" {
		return f, nil
	}
	if err := a.Cases.DoTask(ctx, d.Hotel, d.Case, d.Act, d.Task); err != nil {
		return f, err
	}
	if err := a.settle(ctx, d.Ref); err != nil || !finds {
		return f, err
	}
	if c, err = a.Cases.Read(ctx, d.Hotel, d.Case); err == nil {
		f.Standing = standingOf(c)
	}
	return f, err
}

// taskOf is a task of a case, and tells whether it is there and open.
func taskOf(c rights.Case, id string) (t rights.Task, open bool) {
	for _, t := range c.Tasks {
		if t.ID == id {
			return t, t.DoneAt.IsZero()
		}
	}
	return t, false
}

// settle finds anew where letters of a case go.
func (a *Activities) settle(ctx context.Context, ref Ref) error {
	c, err := a.Cases.Read(ctx, ref.Hotel, ref.Case)
	if err != nil {
		return err
	}
	return a.settleReply(ctx, c)
}
