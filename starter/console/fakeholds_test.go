package console_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/starter"
)

// holdsOf are legal holds in memory, with the rules that pages depend on.
type holdsOf struct {
	mu   sync.Mutex
	all  []holds.Hold
	keys map[string]string
	name func(subject string) string // an officer's pseudonym
}

func (d *holdsOf) List(_ context.Context, _ string, ended bool) (starter.HoldList, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := starter.HoldList{Holds: slices.DeleteFunc(slices.Clone(d.all), func(h holds.Hold) bool {
		return !ended && (h.State == holds.Released || h.State == holds.Lapsed)
	})}
	for _, h := range list.Holds {
		if h.ReviewOverdue {
			list.Overdue++
		}
	}
	return list, nil
}

func (d *holdsOf) change(id string, do func(*holds.Hold) error) (holds.Hold, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.all, func(h holds.Hold) bool { return h.ID == id })
	if i < 0 {
		return holds.Hold{}, starter.UnknownHold.With("Look at the hotel's holds.")
	}
	err := do(&d.all[i])
	return d.all[i], err
}

func (d *holdsOf) Show(_ context.Context, _, id string) (holds.Hold, error) {
	return d.change(id, func(*holds.Hold) error { return nil })
}

func (d *holdsOf) Place(_ context.Context, _, subject string, r starter.HoldRequest) (holds.Hold, error) {
	want := holds.Request{Matter: r.Matter, Reason: r.Reason, Kind: r.Kind, ReviewAt: r.ReviewAt, Scopes: []string{r.Scope}}
	if r.Kind == holds.Hotel {
		want.Scopes = nil
	}
	if err := want.Validate(time.Now()); err != nil {
		var flaw *holds.Flaw
		errors.As(err, &flaw)
		return holds.Hold{}, starter.InvalidRequest.In("/"+flaw.Field, flaw.Text)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.IndexFunc(d.all, func(h holds.Hold) bool { return h.ID == d.keys[r.Key] }); i >= 0 {
		return d.all[i], nil
	}
	h := holds.Hold{
		ID: ulid.Make().String(), Matter: r.Matter, Reason: r.Reason, Kind: r.Kind, Classes: r.Classes, Scopes: want.Scopes, State: holds.Proposed,
		PlacedBy: d.name(subject), PlacedAt: time.Now(), LapsesAt: time.Now().Add(holds.Lapse), ReviewAt: r.ReviewAt,
	}
	d.all = append(d.all, h)
	if d.keys == nil {
		d.keys = map[string]string{}
	}
	d.keys[r.Key] = h.ID
	return h, nil
}

func (d *holdsOf) Approve(_ context.Context, _, subject, id string) (holds.Hold, error) {
	actor := d.name(subject)
	return d.change(id, func(h *holds.Hold) error {
		if h.PlacedBy == actor {
			return starter.SamePerson.With("Another person has to do it.")
		}
		h.State, h.ApprovedBy, h.ApprovedAt = holds.Active, actor, time.Now()
		return nil
	})
}

func (d *holdsOf) Review(_ context.Context, _, subject, id string, r starter.HoldReview) (holds.Hold, error) {
	actor := d.name(subject)
	return d.change(id, func(h *holds.Hold) error {
		h.ReviewAt, h.ReviewedBy, h.ReviewOverdue = r.ReviewAt, actor, false
		return nil
	})
}

func (d *holdsOf) Release(_ context.Context, _, subject, id string, _ starter.HoldRelease) (holds.Hold, error) {
	actor := d.name(subject)
	return d.change(id, func(h *holds.Hold) error {
		switch h.AskedBy {
		case "":
			h.State, h.AskedBy = holds.Leaving, actor
		case actor:
			return starter.SamePerson.With("Another person has to do it.")
		default:
			h.State, h.ReleasedBy, h.ReleasedAt, h.GraceUntil = holds.Grace, actor, time.Now(), time.Now().Add(holds.GraceTime)
		}
		return nil
	})
}
