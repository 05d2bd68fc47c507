package rights

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/voicehive/voicehive/compliance/rights"
)

// Approve counts one person's agreement; to an erasure, when the plan is still
// the one that they saw.
func (a *Activities) Approve(ctx context.Context, act ActRef) (Counted, error) {
	counted, err := a.approve(ctx, act)
	return counted, temporalError(err)
}

func (a *Activities) approve(ctx context.Context, act ActRef) (Counted, error) {
	c, err := a.Cases.Read(ctx, act.Hotel, act.Case)
	if err != nil {
		return Counted{}, err
	}
	switch {
	case c.Kind != rights.Erasure:
		n, err := a.Cases.Approve(ctx, act.Hotel, act.Case, act.Act, rights.Plan{})
		return Counted{People: n}, err
	case slices.ContainsFunc(c.Acts, func(done rights.Act) bool { return done.ID == act.Act }):
		// In an attempt that was cut off.
		return Counted{People: c.Approvals(), Standing: standingOf(c)}, nil
	}
	return a.approvePlan(ctx, act)
}

// approvePlan looks at all that is the person's now, and asks the approvals that
// there are whether they still cover it.
func (a *Activities) approvePlan(ctx context.Context, act ActRef) (Counted, error) {
	found, err := a.gather(ctx, act.Ref)
	if err != nil || found.JoinedTo != "" {
		return Counted{JoinedTo: found.JoinedTo}, err
	}
	seen, err := a.Cases.Note(ctx, act.Hotel, act.Case, act.Act)
	if err != nil {
		return Counted{}, err
	}
	counted := Counted{Problem: ProblemPlan}
	if found.Known {
		if counted, err = a.compare(ctx, act, seen.Plan); err != nil {
			return Counted{}, err
		}
	}
	counted.Standing, err = a.standing(ctx, act.Ref)
	return counted, err
}

// compare approves the plan as it is now, when it is the one that was seen.
func (a *Activities) compare(ctx context.Context, act ActRef, seen string) (counted Counted, err error) {
	now, err := a.Erasures.Plan(ctx, act.Hotel, act.Case)
	if err != nil {
		return counted, err
	}
	if _, err := a.Cases.Recheck(ctx, act.Hotel, act.Case, now.CoveredBy); err != nil {
		return counted, err
	}
	terms := now.Terms()
	if terms.Hash() != seen {
		return Counted{Problem: ProblemPlan}, nil
	}
	text, err := json.Marshal(terms)
	if err != nil {
		return counted, errors.New("rights: the terms of a plan cannot be written as JSON")
	}
	counted.People, err = a.Cases.Approve(ctx, act.Hotel, act.Case, act.Act, rights.Plan{Hash: seen, Terms: text})
	return counted, err
}

// Standing reads what counts of a case now.
func (a *Activities) Standing(ctx context.Context, ref Ref) (Standing, error) {
	s, err := a.standing(ctx, ref)
	if err != nil {
		return Standing{}, temporalError(err)
	}
	return *s, nil
}

func (a *Activities) standing(ctx context.Context, ref Ref) (*Standing, error) {
	c, err := a.Cases.Read(ctx, ref.Hotel, ref.Case)
	if err != nil {
		return nil, err
	}
	return standingOf(c), nil
}
