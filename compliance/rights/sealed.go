package rights

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Wish opens what the requester said and wants.
func (s *Store) Wish(ctx context.Context, hotel, id string) (w Wish, err error) {
	sealed, err := s.column(ctx, hotel, id, "sealed_wish")
	if err != nil {
		return w, err
	}
	return w, s.open(ctx, hotel, id, placeWish, sealed, &w)
}

// People opens whom a case is about: ErrPeople while that is not known,
// ErrForgotten once the case is closed.
func (s *Store) People(ctx context.Context, hotel, id string) (p People, err error) {
	sealed, err := s.column(ctx, hotel, id, "sealed_people")
	if err != nil {
		return p, err
	}
	if sealed == nil {
		c, err := s.Read(ctx, hotel, id)
		switch {
		case err != nil:
			return p, err
		case c.State.Final():
			return p, ErrForgotten
		}
		return p, ErrPeople
	}
	return p, s.open(ctx, hotel, id, placePeople, sealed, &p)
}

// Scopes are the bookings, calls and places in other bookings that a case is
// about, as they were found last.
func (s *Store) Scopes(ctx context.Context, hotel, id string) ([]string, error) {
	p, err := s.People(ctx, hotel, id)
	return p.Scopes, err
}

// Reply opens where letters of a case go; known is false where nobody knows.
func (s *Store) Reply(ctx context.Context, hotel, id string) (r Reply, known bool, err error) {
	sealed, err := s.column(ctx, hotel, id, "sealed_reply")
	if err != nil || sealed == nil {
		return r, false, err
	}
	err = s.open(ctx, hotel, id, placeReply, sealed, &r)
	return r, r.To != "", err
}

// column reads one sealed column.
func (s *Store) column(ctx context.Context, hotel, id, name string) (sealed []byte, err error) {
	err = s.pool.Tenant(hotel).QueryRow(ctx, `select `+name+` from dsar_case where hotel = $1 and id = $2`, hotel, id).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	return sealed, refusal(err, "read a part of a request")
}
