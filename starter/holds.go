package starter

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// HoldStore keeps legal holds. *holds.Store is one.
type HoldStore interface {
	Place(ctx context.Context, hotel, actor string, r holds.Request) (holds.Hold, error)
	Approve(ctx context.Context, hotel, actor, id string) (holds.Hold, error)
	Review(ctx context.Context, hotel, actor, id string, next time.Time) (holds.Hold, error)
	Release(ctx context.Context, hotel, actor, id string, grace time.Duration) (holds.Hold, error)
	Show(ctx context.Context, hotel, id string) (holds.Hold, error)
	List(ctx context.Context, hotel string, ended bool) ([]holds.Hold, error)
}

// HeldPeople tells what is one person's. *subjects.Desk is one.
type HeldPeople interface {
	Of(ctx context.Context, tenant, scope string) (subjects.Ref, error)
	ScopesOf(ctx context.Context, tenant string, subject subjects.Ref) ([]string, error)
}

// Holds is the way to legal holds, for compliance officers. Its errors are
// *Problem. It is safe for concurrent use.
type Holds struct {
	hotels Hotels
	store  HoldStore
	people HeldPeople
	macs   Macer
}

// NewHolds returns it on the given parts.
func NewHolds(h Hotels, s HoldStore, p HeldPeople, m Macer) *Holds {
	return &Holds{hotels: h, store: s, people: p, macs: m}
}

// HoldRequest says what is to be held.
type HoldRequest struct {
	Matter   string           `json:"matter" minLength:"3" maxLength:"60" doc:"The file number of the dispute, such as 2026-17/B; never a name"`
	Reason   holds.Reason     `json:"reason" enum:"litigation,authority,audit,dispute"`
	Kind     holds.Kind       `json:"kind" enum:"subject,booking,call,hotel" doc:"What it reaches: one person with all that is or will be theirs, a reservation, a call, or the hotel as a whole"`
	Scope    string           `json:"scope,omitempty" maxLength:"26" doc:"The id of the reservation or call; for a subject, of any of theirs"`
	Classes  []register.Class `json:"classes,omitempty" maxItems:"50" doc:"The classes of data that are held; all when left out"`
	ReviewAt time.Time        `json:"review_at" doc:"When somebody has to ask whether it is still needed; within a year"`
	// Key makes a repeat of the same request by the same person the same hold; ""
	// makes each a hold of its own.
	Key string `json:"-"`
}

// HoldReview says that a hold is still needed.
type HoldReview struct {
	ReviewAt time.Time `json:"review_at" doc:"When to ask again; within a year"`
}

// HoldRelease asks for a hold's end.
type HoldRelease struct {
	GraceDays int `json:"grace_days,omitempty" minimum:"0" maximum:"366" doc:"How long it binds after its release; 30 days when left out"`
}

// by checks the hotel and says who acts as one of two people.
func (h *Holds) by(ctx context.Context, hotel, subject string) (string, error) {
	if _, err := (&Client{Options: Options{Hotels: h.hotels}}).hotel(ctx, hotel); err != nil {
		return "", err
	}
	return oneOfTwo(ctx, h.macs, hotel, "compliance", subject)
}

// Place places a hold, which counts at once.
func (h *Holds) Place(ctx context.Context, hotel, subject string, r HoldRequest) (holds.Hold, error) {
	actor, err := h.by(ctx, hotel, subject)
	if err != nil {
		return holds.Hold{}, err
	}
	scopes, err := h.reach(ctx, hotel, r)
	if err != nil {
		return holds.Hold{}, err
	}
	order := holds.Request{Matter: r.Matter, Reason: r.Reason, Kind: r.Kind, Scopes: scopes, Classes: r.Classes, ReviewAt: r.ReviewAt}
	if order.Key, order.Body, err = h.keyed(ctx, hotel, actor, r); err != nil {
		return holds.Hold{}, err
	}
	placed, err := h.store.Place(ctx, hotel, actor, order)
	return placed, holdProblem(err)
}

// keyed are the digests by which a repeat is known. What is held is none of
// them: a person's bookings may have become more meanwhile.
func (h *Holds) keyed(ctx context.Context, hotel, actor string, r HoldRequest) (key, body []byte, err error) {
	if r.Key == "" {
		return nil, nil, nil
	}
	text, err := json.Marshal(r)
	if err == nil {
		key, err = h.macs.MAC(ctx, hotel, "hold/key", []byte(actor), []byte(r.Key))
	}
	if err == nil {
		body, err = h.macs.MAC(ctx, hotel, "hold/body", text)
	}
	if err != nil {
		return nil, nil, keysAway("The hotel's key cannot be read now.", err)
	}
	return key, body, nil
}

// reach are the scopes that a hold names.
func (h *Holds) reach(ctx context.Context, hotel string, r HoldRequest) ([]string, error) {
	if r.Kind == holds.Hotel {
		if r.Scope != "" {
			return nil, InvalidRequest.In("/scope", "A hold of the whole hotel names no reservation or call.")
		}
		return nil, nil
	}
	if !ulidPattern.MatchString(r.Scope) {
		return nil, InvalidRequest.In("/scope", "An id looks like 01JD3Z8Q4X0000000000000000.")
	}
	ref, err := h.people.Of(ctx, hotel, r.Scope)
	if err != nil {
		return nil, subjectProblem(err)
	}
	if r.Kind != holds.Subject {
		return []string{r.Scope}, nil
	}
	scopes, err := h.people.ScopesOf(ctx, hotel, ref)
	if err != nil {
		return nil, subjectProblem(err)
	}
	if len(scopes) == 0 {
		scopes = []string{r.Scope} // nobody resolved it yet; the next run widens it
	}
	return scopes, nil
}

// Approve is the second person's word.
func (h *Holds) Approve(ctx context.Context, hotel, subject, id string) (holds.Hold, error) {
	return h.second(ctx, hotel, subject, id, func(before holds.Hold) string { return before.PlacedBy },
		func(actor string) (holds.Hold, error) { return h.store.Approve(ctx, hotel, actor, id) })
}

// Review says that a hold is still needed, and when to ask again.
func (h *Holds) Review(ctx context.Context, hotel, subject, id string, r HoldReview) (holds.Hold, error) {
	if _, err := (&Client{Options: Options{Hotels: h.hotels}}).hotel(ctx, hotel); err != nil {
		return holds.Hold{}, err
	}
	actor, err := Pseudonym(ctx, h.macs, hotel, "compliance", subject)
	if err != nil {
		return holds.Hold{}, err
	}
	held, err := h.store.Review(ctx, hotel, actor, id, r.ReviewAt)
	return held, holdProblem(err)
}

// Release asks for a hold's end; when a second person does so too it is
// released.
func (h *Holds) Release(ctx context.Context, hotel, subject, id string, r HoldRelease) (holds.Hold, error) {
	return h.second(ctx, hotel, subject, id, func(before holds.Hold) string { return before.AskedBy },
		func(actor string) (holds.Hold, error) {
			return h.store.Release(ctx, hotel, actor, id, time.Duration(r.GraceDays)*24*time.Hour)
		})
}

// second does what two people have to agree to, beside the first one, if there
// is one yet.
func (h *Holds) second(ctx context.Context, hotel, subject, id string, first func(holds.Hold) string, do func(actor string) (holds.Hold, error)) (holds.Hold, error) {
	actor, err := h.by(ctx, hotel, subject)
	if err != nil {
		return holds.Hold{}, err
	}
	before, err := h.store.Show(ctx, hotel, id)
	if err != nil {
		return holds.Hold{}, holdProblem(err)
	}
	if one := first(before); one != "" {
		if err := besides(one, actor); err != nil {
			return holds.Hold{}, err
		}
	}
	held, err := do(actor)
	return held, holdProblem(err)
}

// Show reads a hold with the reservations and calls that it keeps.
func (h *Holds) Show(ctx context.Context, hotel, id string) (holds.Hold, error) {
	held, err := h.store.Show(ctx, hotel, id)
	return held, holdProblem(err)
}

// HoldList are the holds of a hotel.
type HoldList struct {
	Holds []holds.Hold `json:"holds" nullable:"false"`
	// Overdue counts those whose review is overdue.
	Overdue int `json:"reviews_overdue"`
}

// List lists the holds of a hotel, the newest first.
func (h *Holds) List(ctx context.Context, hotel string, ended bool) (HoldList, error) {
	if _, err := (&Client{Options: Options{Hotels: h.hotels}}).hotel(ctx, hotel); err != nil {
		return HoldList{}, err
	}
	all, err := h.store.List(ctx, hotel, ended)
	list := HoldList{Holds: all}
	if list.Holds == nil {
		list.Holds = []holds.Hold{}
	}
	for _, held := range all {
		if held.ReviewOverdue {
			list.Overdue++
		}
	}
	return list, holdProblem(err)
}

// holdProblem is the one place where refusals of holds become problems.
func holdProblem(err error) error {
	var flaw *holds.Flaw
	switch {
	case errors.As(err, &flaw):
		return InvalidRequest.In("/"+flaw.Field, strings.ToUpper(flaw.Text[:1])+flaw.Text[1:]+".").because(err)
	case errors.Is(err, holds.ErrUnknown):
		return UnknownHold.With("Look at the hotel's holds.").because(err)
	case errors.Is(err, holds.ErrSamePerson):
		return SamePerson.With("A hold is approved, and released, by another person than the one who asked for it.").because(err)
	case errors.Is(err, holds.ErrEnded), errors.Is(err, holds.ErrDone):
		return HoldState.With("Look at the hold; place another one when it has ended.").because(err)
	case errors.Is(err, holds.ErrKeyReused):
		return KeyReused.With("The form was sent before with another content, and that hold is placed. Look at the hotel's holds; open the form anew for another one.").because(err)
	case errors.Is(err, holds.ErrInvalid):
		return InvalidRequest.With(err.Error())
	}
	return problemOf(err)
}
