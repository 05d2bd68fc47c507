package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// EventRectified: something of what is kept of a guest was corrected.
const EventRectified audit.Kind = "access.rectified"

// errChanged: somebody else wrote the same row meanwhile.
var errChanged = errors.New("access: a guest's row changed meanwhile; try again")

// A Correction is a row of a guest before and after it is corrected. It holds
// guest data and lives in memory only.
type Correction struct {
	Scope string
	// Booking is where it stands, and Companion tells that this is somebody
	// else's booking.
	Booking       string
	Companion     bool
	Before, After Guest
	// Fields are those that differ.
	Fields []string

	old    []byte // as it lies sealed
	stored map[string]json.RawMessage
}

// fields are those that can be corrected: what they are called where they lie,
// as a guest and as a companion, and where they stand.
var fields = []struct {
	guest, companion string
	of               func(*Guest) *string
	wished           func(rights.Correction) string
}{
	{"first_name", "FirstName", func(g *Guest) *string { return &g.FirstName }, func(c rights.Correction) string { return c.FirstName }},
	{"last_name", "LastName", func(g *Guest) *string { return &g.LastName }, func(c rights.Correction) string { return c.LastName }},
	{"email", "Email", func(g *Guest) *string { return &g.Email }, func(c rights.Correction) string { return c.Email }},
	{"phone", "Phone", func(g *Guest) *string { return &g.Phone }, func(c rights.Correction) string { return c.Phone }},
	{"language", "", func(g *Guest) *string { return &g.Language }, func(c rights.Correction) string { return c.Language }},
	{"country", "Country", func(g *Guest) *string { return &g.Country }, func(c rights.Correction) string { return c.Country }},
}

// Corrections calls each with every row that a case corrects and that is not
// corrected yet. It changes nothing: tell the hotel's system first, while it is
// still known what the guest was called there, and then Apply.
func (d *Desk) Corrections(ctx context.Context, hotel, ofCase string, each func(Correction) error) error {
	r, err := d.request(ctx, hotel, ofCase)
	if err != nil {
		return err
	}
	wish, err := d.Cases.Wish(ctx, hotel, ofCase)
	if err != nil {
		return named(err, "read what was asked")
	}
	if wish.Correct.IsZero() {
		return ErrRequest
	}
	s := &source{Desk: d, request: r, beat: func() {}}
	return s.pages(ctx, func(ids []string) error {
		if err := s.load(ctx, keys.Operations, ids); err != nil {
			return err
		}
		var page []Correction
		err := s.rows(ctx, `
			select booking, booking, false, sealed from guest where hotel = $1 and booking = any($2)
			union all
			select scope, booking, true, sealed from party where hotel = $1 and scope = any($2)
			order by 1`, ids, func(row pgx.CollectableRow) error {
			var c Correction
			if err := row.Scan(&c.Scope, &c.Booking, &c.Companion, &c.old); err != nil {
				return named(err, "read a guest")
			}
			differs, err := s.correct(ctx, &c, wish.Correct)
			if differs {
				page = append(page, c)
			}
			return err
		})
		if err != nil {
			return err
		}
		return eachOf(page, each)
	})
}

func (c Correction) place() string {
	if c.Companion {
		return subjects.PlaceParty
	}
	return placeGuest
}

// correct opens a row and works out what it would become. What it has beside
// the fields stays as it is.
func (s *source) correct(ctx context.Context, c *Correction, wish rights.Correction) (differs bool, err error) {
	there, err := s.unseal(ctx, c.Scope, keys.Operations, c.place(), c.old, &c.stored)
	if err != nil || !there {
		return false, err
	}
	for _, f := range fields {
		name := f.guest
		if c.Companion {
			name = f.companion
		}
		if name == "" {
			continue
		}
		var value string
		if text, ok := c.stored[name]; ok && json.Unmarshal(text, &value) != nil {
			return false, errShape
		}
		*f.of(&c.Before), *f.of(&c.After) = value, value
		if w := f.wished(wish); w != "" && w != value {
			*f.of(&c.After) = w
			c.Fields = append(c.Fields, f.guest)
			if c.stored[name], err = json.Marshal(w); err != nil {
				return false, errShape
			}
		}
	}
	return len(c.Fields) > 0, nil
}

// committed is a field's change as the audit log has it: whoever knows a value
// can prove that it was this one, and nobody can read it. The nonce lies sealed
// with it, and goes with the guest.
type committed struct {
	Field  string `json:"field"`
	Nonce  string `json:"nonce"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func commit(field, before, after string) committed {
	nonce := make([]byte, 32)
	rand.Read(nonce)
	of := func(value string) string {
		sum := sha256.Sum256(append(bytes.Clone(nonce), value...))
		return hex.EncodeToString(sum[:])
	}
	return committed{Field: field, Nonce: hex.EncodeToString(nonce), Before: of(before), After: of(after)}
}

// Apply writes a correction over what was there: the row, the ways to find it,
// and the entry in the audit log, all or nothing.
func (d *Desk) Apply(ctx context.Context, hotel, ofCase string, c Correction) error {
	plain, err := json.Marshal(c.stored)
	if err != nil {
		return errShape
	}
	defer clear(plain)
	scope := keys.Scope{Tenant: hotel, ID: c.Scope}
	sealed, err := d.Keys.Seal(ctx, scope, keys.Operations, c.place(), plain)
	if err != nil {
		return named(err, "seal a corrected guest")
	}
	entries, err := d.entries(ctx, hotel, c)
	if err != nil {
		return err
	}
	var changes []committed
	for _, f := range fields {
		if before, after := *f.of(&c.Before), *f.of(&c.After); before != after {
			changes = append(changes, commit(f.guest, before, after))
		}
	}
	entry, err := d.Auditor.Prepare(ctx, audit.Event{
		Tenant: hotel, Kind: EventRectified, Actor: actor, Scope: c.Scope,
		Detail: map[string]any{"case": ofCase, "place": c.place(), "fields": changes},
	})
	if err != nil {
		return named(err, "prepare the audit entry")
	}
	statement := `update guest set sealed = $3 where hotel = $1 and booking = $2 and sealed = $4`
	if c.Companion {
		statement = `update party set sealed = $3 where hotel = $1 and scope = $2 and sealed = $4`
	}
	return named(d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, statement, hotel, c.Scope, sealed, c.old)
		if err == nil && tag.RowsAffected() == 0 {
			return errChanged
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from guest_index where hotel = $1 and scope = $2`, hotel, c.Scope); err != nil {
			return err
		}
		if err := subjects.Insert(ctx, tx, hotel, c.Scope, entries); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	}), "correct a guest")
}

// entries are the ways to find the corrected guest.
func (d *Desk) entries(ctx context.Context, hotel string, c Correction) ([]subjects.Entry, error) {
	h, err := d.Hotels(ctx, hotel)
	if err != nil {
		return nil, named(err, "read the hotel's entry")
	}
	return d.index.Entries(ctx, hotel, subjects.Person{
		FirstName: c.After.FirstName, LastName: c.After.LastName, Email: c.After.Email, Phone: c.After.Phone, Country: h.Country,
	})
}
