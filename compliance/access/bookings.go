package access

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// bookings are the person's own, the oldest first.
func (s *source) bookings(ctx context.Context, each func(Booking) error) error {
	return s.pages(ctx, func(ids []string) error {
		if err := s.load(ctx, keys.Operations, ids); err != nil {
			return err
		}
		page, err := s.bookingPage(ctx, ids)
		if err != nil {
			return err
		}
		for _, b := range page {
			if s.portable {
				b = b.given()
			}
			if err := each(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// given leaves what the guest gave: what others made of it is no part of
// Article 20.
func (b Booking) given() Booking {
	b.Tasks, b.Requests, b.Companions = nil, nil, 0
	return b
}

func (s *source) bookingPage(ctx context.Context, ids []string) ([]Booking, error) {
	var page []Booking
	at := map[string]int{}
	err := s.rows(ctx, `
		select b.id, coalesce(b.confirmation, ''), b.state, b.arrival::text, b.departure::text, b.total_amount, b.total_currency,
		  b.stays, b.created_at, b.updated_at, g.sealed,
		  (select count(*) from party p where p.hotel = b.hotel and p.booking = b.id and p.scope <> all($3))
		from booking b left join guest g on g.hotel = b.hotel and g.booking = b.id
		where b.hotel = $1 and b.id = any($2) order by b.id`, ids, func(row pgx.CollectableRow) error {
		b, err := s.booking(ctx, row)
		at[b.ID] = len(page)
		page = append(page, b)
		return err
	}, s.people.Scopes)
	if err != nil || len(page) == 0 {
		return nil, err
	}
	s.present[register.Booking], s.present[register.Guest], s.present[register.HotelSystem] = true, true, true
	err = s.rows(ctx, `
		select booking, kind, created_at, settled_at from intent where hotel = $1 and booking = any($2) order by booking, created_at`,
		ids, func(row pgx.CollectableRow) error {
			id, asked, err := askedOf(row)
			if i, ok := at[id]; ok {
				page[i].Requests = append(page[i].Requests, asked)
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	err = s.rows(ctx, `
		select booking, kind, created_at, closed_at from operator_task where hotel = $1 and booking = any($2) order by booking, created_at`,
		ids, func(row pgx.CollectableRow) error {
			id, asked, err := askedOf(row)
			if i, ok := at[id]; ok {
				page[i].Tasks = append(page[i].Tasks, asked)
				s.present[register.Task] = true
			}
			return err
		})
	return page, err
}

func askedOf(row pgx.CollectableRow) (id string, a Asked, err error) {
	err = row.Scan(&id, &a.Kind, &a.At, &a.SettledAt)
	a.At, a.SettledAt = a.At.UTC(), inUTC(a.SettledAt)
	return id, a, named(err, "read a request for a booking")
}

func (s *source) booking(ctx context.Context, row pgx.CollectableRow) (Booking, error) {
	var b Booking
	var stays, sealed []byte
	err := row.Scan(&b.ID, &b.Confirmation, &b.State, &b.Arrival, &b.Departure, &b.Total.Amount, &b.Total.Currency,
		&stays, &b.CreatedAt, &b.UpdatedAt, &sealed, &b.Companions)
	if err != nil {
		return b, named(err, "read a booking")
	}
	b.CreatedAt, b.UpdatedAt = b.CreatedAt.UTC(), b.UpdatedAt.UTC()
	if b.Stays, err = staysOf(stays); err != nil {
		return b, errShape
	}
	var g Guest
	there, err := s.unseal(ctx, b.ID, keys.Operations, placeGuest, sealed, &g)
	if err != nil || !there {
		return b, err
	}
	// A wish is free text, and may speak of others.
	g.Comment = s.mask(ctx, g.Comment)
	b.Guest = &g
	return b, nil
}
