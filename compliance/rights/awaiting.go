package rights

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Table knows which scopes are whose. *keys.Subjects is one.
type Table interface {
	ScopesOfAny(ctx context.Context, tenant string, subjects []uuid.UUID) ([]keys.Scope, error)
}

// Awaiting knows whose requests are open: nothing of theirs may go by its age
// meanwhile, or who asks for a copy in time gets none.
type Awaiting struct {
	Cases *Store
	Table Table
}

// Scopes are the bookings, calls and places of all whom open cases of a hotel
// are about, sorted. What they are is told nowhere: who asked lies sealed.
func (a Awaiting) Scopes(ctx context.Context, hotel string) ([]string, error) {
	type sealed struct {
		ID     string
		People []byte
	}
	rows, err := a.Cases.pool.Tenant(hotel).Query(ctx, `
		select id, sealed_people from dsar_case where hotel = $1 and closed_at is null and sealed_people is not null`, hotel)
	if err != nil {
		return nil, wrap(err, "list open requests")
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sealed])
	if err != nil || len(all) == 0 {
		return nil, wrap(err, "list open requests")
	}
	var scopes []string
	var people []uuid.UUID
	for _, each := range all {
		var p People
		if err := a.Cases.open(ctx, hotel, each.ID, placePeople, each.People, &p); err != nil {
			return nil, err
		}
		scopes, people = append(scopes, p.Scopes...), append(people, p.Subject.UUID())
	}
	// A case knows its scopes as they were found; a call since may be theirs too.
	now, err := a.Table.ScopesOfAny(ctx, hotel, people)
	if err != nil {
		return nil, wrap(err, "list whose requests are open")
	}
	for _, scope := range now {
		scopes = append(scopes, scope.ID)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}
