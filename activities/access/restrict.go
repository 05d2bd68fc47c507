package access

import (
	"context"
	"slices"
	"time"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/internal/postgres"
)

// actor is who the audit log says did it: who asked for it stands in the events
// of the case.
const actor = "worker"

// Restrict freezes, or lifts that.
func (a *Activities) Restrict(ctx context.Context, r Restrict) (Restricted, error) {
	defer heartbeat.Start(ctx)()
	out, err := a.restrict(ctx, r)
	return out, temporalError(err)
}

func (a *Activities) restrict(ctx context.Context, r Restrict) (Restricted, error) {
	scopes, err := a.Cases.Scopes(ctx, r.Hotel, r.Case)
	if err != nil {
		return Restricted{}, err
	}
	if r.Lift {
		return a.lift(ctx, r, scopes)
	}
	wish, err := a.Cases.Wish(ctx, r.Hotel, r.Case)
	if err != nil {
		return Restricted{}, err
	}
	why := restriction.Cause{Actor: actor, Case: r.Case, Ground: wish.Ground}
	if _, err := a.Restrictions.Restrict(ctx, r.Hotel, why, scopes); err != nil {
		return Restricted{}, err
	}
	// Done means that no process opens anything of it any more.
	return Restricted{Scopes: len(scopes)}, wait(ctx, a.Restrictions.TTL())
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lift ends what the case itself asked for, or, where it is a guest's wish that
// a restriction ends, all that were made for that guest.
func (a *Activities) lift(ctx context.Context, r Restrict, scopes []string) (out Restricted, err error) {
	cases, err := a.Restrictions.Cases(ctx, r.Hotel, scopes)
	if err != nil || len(cases) == 0 {
		return out, err
	}
	if slices.Contains(cases, r.Case) {
		cases = []string{r.Case}
	}
	if !r.Told && !r.ByHand {
		return a.announce(ctx, r, cases)
	}
	for _, c := range cases {
		if r.ByHand {
			if _, err := a.Restrictions.Announce(ctx, r.Hotel, actor, c, restriction.ByHand); err != nil {
				return out, err
			}
		}
		n, err := a.Restrictions.Lift(ctx, r.Hotel, actor, c)
		if err != nil {
			return out, err
		}
		out.Scopes += n
	}
	return out, nil
}

// announce queues the letter that tells of the end: one for all cases.
func (a *Activities) announce(ctx context.Context, r Restrict, cases []string) (Restricted, error) {
	w, known, err := a.writing(ctx, Case{r.Hotel, r.Case})
	if err != nil || !known {
		return Restricted{Untold: err == nil}, err
	}
	id, err := access.EventID(r.Case, "restriction_lifted")
	if err != nil {
		return Restricted{}, err
	}
	letter, err := a.draft(ctx, w, id, letters.Lifting{Request: w.request, From: w.day(time.Now())})
	if err != nil {
		return Restricted{}, err
	}
	for i, c := range cases {
		var steps []postgres.Step
		if i == 0 {
			steps = append(steps, letter)
		}
		counts, err := a.Restrictions.Announce(ctx, r.Hotel, actor, c, id, steps...)
		if err != nil {
			return Restricted{}, err
		}
		if i == 0 {
			id = counts
		}
	}
	return Restricted{Message: id}, nil
}
