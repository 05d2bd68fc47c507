package access

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// pageSize is how many bookings and calls are read at once.
const pageSize = 200

// placeGuest is where a booking's guest lies sealed: package booking stands
// above and names it too.
const placeGuest = "guest"

// A source reads what is kept of a case's person, page by page, so that a pack
// needs the memory of a page and no more. What is about others is masked.
type source struct {
	*Desk
	request
	hotelEntry Hotel
	recipients map[string][]Named // by the register's id
	portable   bool
	masker     *masker
	person     Person
	known      pii.Known
	// present are the classes of which something was found.
	present map[register.Class]bool
	masked  int
	beat    func() // tells that the work goes on
}

// open reads who the person is, which everything else is masked by.
func (d *Desk) open(ctx context.Context, r request, portable bool, beat func()) (*source, error) {
	s := &source{Desk: d, request: r, portable: portable, present: map[register.Class]bool{}, beat: beat}
	var err error
	if s.hotelEntry, err = d.Hotels(ctx, r.hotel); err != nil {
		return nil, named(err, "read the hotel's entry")
	}
	if d.Named != nil {
		if s.recipients, err = d.Named(ctx, r.hotel); err != nil {
			return nil, named(err, "read who the recipients are")
		}
	}
	if err := s.learn(ctx); err != nil {
		return nil, err
	}
	s.masker, err = newMasker(d.Detector, s.known, s.hotelEntry)
	return s, named(err, "make the mask")
}

// pages calls fn with the person's scopes, a page at a time.
func (s *source) pages(ctx context.Context, fn func(ids []string) error) error {
	for ids := range slices.Chunk(s.people.Scopes, pageSize) {
		s.beat()
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(ids); err != nil {
			return err
		}
	}
	return nil
}

// rows reads rows of a page, one after the other. The arguments are the hotel,
// the scopes and more.
func (s *source) rows(ctx context.Context, sql string, ids []string, each func(pgx.CollectableRow) error, more ...any) error {
	found, err := s.Pool.Tenant(s.hotel).Query(ctx, sql, append([]any{s.hotel, ids}, more...)...)
	if err != nil {
		return named(err, "read what is kept")
	}
	defer found.Close()
	for found.Next() {
		if err := each(found); err != nil {
			return err
		}
	}
	return named(found.Err(), "read what is kept")
}

// load brings the keys of a page into memory at once.
func (s *source) load(ctx context.Context, purpose keys.Purpose, ids []string) error {
	scopes := make([]keys.Scope, len(ids))
	for i, id := range ids {
		scopes[i] = keys.Scope{Tenant: s.hotel, ID: id}
	}
	return named(s.Keys.Load(ctx, purpose, scopes...), "load keys")
}

// unseal reads JSON that lies sealed; false where it was erased.
func (s *source) unseal(ctx context.Context, id string, purpose keys.Purpose, place string, sealed []byte, into any) (bool, error) {
	if sealed == nil {
		return false, nil
	}
	plain, err := s.Keys.Open(ctx, keys.Scope{Tenant: s.hotel, ID: id}, purpose, place, sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		return false, nil
	}
	if err != nil {
		return false, named(err, "open what is kept")
	}
	defer clear(plain)
	if json.Unmarshal(plain, into) != nil {
		return false, errShape // the cause may quote what was sealed
	}
	return true, nil
}

var errShape = errors.New("access: what lies sealed is not what was stored there")

// learn collects how the person is called: what is theirs is not masked.
func (s *source) learn(ctx context.Context) error {
	err := s.pages(ctx, func(ids []string) error {
		if err := s.load(ctx, keys.Operations, ids); err != nil {
			return err
		}
		return s.rows(ctx, `
			select g.booking, g.sealed, coalesce(b.confirmation, ''), coalesce(b.vendor_booking, '')
			from guest g join booking b on b.hotel = g.hotel and b.id = g.booking where g.hotel = $1 and g.booking = any($2)`,
			ids, func(row pgx.CollectableRow) error {
				var id, confirmation, vendor string
				var sealed []byte
				if err := row.Scan(&id, &sealed, &confirmation, &vendor); err != nil {
					return named(err, "read a guest")
				}
				var g Guest
				if _, err := s.unseal(ctx, id, keys.Operations, placeGuest, sealed, &g); err != nil {
					return err
				}
				s.note(g)
				s.known.Bookings = distinct(s.known.Bookings, id, confirmation, vendor)
				return nil
			})
	})
	if err != nil {
		return err
	}
	return s.companions(ctx, func(c Companion) error {
		if c.Guest != nil {
			s.note(*c.Guest)
		}
		return nil
	})
}

// note adds a guest's values to what is known of the person.
func (s *source) note(g Guest) {
	s.person.Names = distinct(s.person.Names, strings.TrimSpace(g.FirstName+" "+g.LastName))
	s.person.Emails = distinct(s.person.Emails, g.Email)
	s.person.Phones = distinct(s.person.Phones, g.Phone)
	s.known.Names, s.known.Emails, s.known.Phones = s.person.Names, s.person.Emails, s.person.Phones
}

// distinct adds values that are new, long enough to be somebody's, and not too
// many.
func distinct(all []string, values ...string) []string {
	for _, v := range values {
		if len(v) >= 3 && len(all) < mostOwn && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// mask masks a text that stands alone, such as a guest's wish.
func (s *source) mask(ctx context.Context, text string) string {
	masked, changed := s.masker.text(ctx, "", text)
	if changed {
		s.masked++
	}
	return masked
}

// companions are the person's places in bookings of others.
func (s *source) companions(ctx context.Context, each func(Companion) error) error {
	return s.pages(ctx, func(ids []string) error {
		return s.rows(ctx, `
			select p.scope, p.sealed, coalesce(b.arrival::text, ''), coalesce(b.departure::text, ''), p.created_at
			from party p left join booking b on b.hotel = p.hotel and b.id = p.booking
			where p.hotel = $1 and p.scope = any($2) order by p.scope`,
			ids, func(row pgx.CollectableRow) error {
				var c Companion
				var sealed []byte
				if err := row.Scan(&c.ID, &sealed, &c.Arrival, &c.Departure, &c.CreatedAt); err != nil {
					return named(err, "read a companion")
				}
				var p subjects.Person
				there, err := s.unseal(ctx, c.ID, keys.Operations, subjects.PlaceParty, sealed, &p)
				if err != nil {
					return err
				}
				if there {
					c.Guest = &Guest{FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone, Country: p.Country}
				}
				c.CreatedAt = c.CreatedAt.UTC()
				s.present[register.Companion] = true
				return each(c)
			})
	})
}
