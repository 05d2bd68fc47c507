package erasure

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// companion is who came along under a scope; nil when the scope is a booking.
// Without a name nobody can tell who is meant.
func (p Plan) companion(f *found, scope string) *Companion {
	if c, ok := p.Companions[scope]; ok {
		return &c
	}
	if f.bookings[scope] {
		return nil
	}
	return &Companion{Booking: scope, Reservation: f.system[scope]}
}

// place lets a survey know of companions whose place in a booking is gone.
func (p Plan) place(f *found, batch []string) {
	for _, scope := range batch {
		if c, ok := p.Companions[scope]; ok && f.system[scope] == "" {
			f.system[scope] = c.Reservation
		}
	}
}

// companions reads who the plan's people are that came along on another's
// booking. Those of an earlier plan of the case stay known: their rows may be
// gone while the hotel's system has not answered yet.
func (o *Office) companions(ctx context.Context, p *Plan, before Plan) error {
	p.Companions = map[string]Companion{}
	for scope, c := range before.Companions {
		p.Companions[scope] = c
	}
	for _, batch := range p.Batches() {
		rows, err := o.Pool.Tenant(p.Hotel).Query(ctx, `
			select p.scope, p.booking, b.vendor_booking, p.sealed
			from party p join booking b on b.hotel = p.hotel and b.id = p.booking
			where p.hotel = $1 and p.scope = any($2) and b.vendor_booking is not null`, p.Hotel, batch)
		if err != nil {
			return wrap(err, "read who came along")
		}
		var scope string
		var c Companion
		var sealed []byte
		if _, err := pgx.ForEachRow(rows, []any{&scope, &c.Booking, &c.Reservation, &sealed}, func() error {
			c.FirstName, c.LastName = "", ""
			err := o.name(ctx, keys.Scope{Tenant: p.Hotel, ID: scope}, sealed, &c)
			p.Companions[scope] = c
			return err
		}); err != nil {
			return wrap(err, "read who came along")
		}
	}
	return nil
}

// name opens a companion's name. There is none once the key is destroyed.
func (o *Office) name(ctx context.Context, scope keys.Scope, sealed []byte, c *Companion) error {
	plain, err := o.Keys.Open(ctx, scope, keys.Operations, subjects.PlaceParty, sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		return nil
	}
	if err != nil {
		return err
	}
	defer clear(plain)
	var who subjects.Person
	if json.Unmarshal(plain, &who) == nil {
		c.FirstName, c.LastName = who.FirstName, who.LastName
	}
	return nil
}
