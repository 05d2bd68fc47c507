package erasure

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
)

// widen brings the holds of subjects up to date for what is about to be
// planned: they name the bookings and calls that there were when they were
// placed, or when retention ran last.
func (o *Office) widen(ctx context.Context, hotel, request string) error {
	_, before, err := o.stored(ctx, hotel, request)
	if err != nil && !errors.Is(err, ErrNoPlan) {
		return err
	}
	scopes, err := o.scopes(ctx, hotel, request, before.Scopes)
	if err != nil {
		return err
	}
	store := holds.New(o.Pool, o.Auditor)
	all, err := store.List(ctx, hotel, false)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(h holds.Hold) bool { return h.Kind != holds.Subject })
	if len(all) == 0 {
		return nil
	}
	whose, err := o.whose(ctx, hotel, scopes)
	if err != nil {
		return err
	}
	for _, h := range all {
		if h, err = store.Show(ctx, hotel, h.ID); err != nil {
			return err
		}
		its, err := o.whose(ctx, hotel, h.Scopes)
		if err != nil {
			return err
		}
		held := map[uuid.UUID]bool{}
		for _, subject := range its {
			held[subject] = true
		}
		fresh := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
			subject, known := whose[scope]
			return !known || !held[subject] || slices.Contains(h.Scopes, scope)
		})
		if err := store.Widen(ctx, hotel, actor, h.ID, fresh); err != nil {
			return err
		}
	}
	return nil
}

// whose are the subjects of scopes, of those that have one.
func (o *Office) whose(ctx context.Context, hotel string, scopes []string) (map[string]uuid.UUID, error) {
	asked := make([]keys.Scope, len(scopes))
	for i, id := range scopes {
		asked[i] = keys.Scope{Tenant: hotel, ID: id}
	}
	found, err := o.Table.SubjectOf(ctx, hotel, asked...)
	if err != nil {
		return nil, wrap(err, "ask whose scopes these are")
	}
	all := map[string]uuid.UUID{}
	for scope, subject := range found {
		if subject != uuid.Nil {
			all[scope.ID] = subject
		}
	}
	return all, nil
}
