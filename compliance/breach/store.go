package breach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// house is whose the register is.
const house = audit.HouseTenant

// Kinds of audit events.
const (
	EventOpened audit.Kind = "breach.opened"
	EventNoted  audit.Kind = "breach.noted"
	EventClosed audit.Kind = "breach.closed"
	EventRead   audit.Kind = "breach.read"
)

// Keys seals and opens under the house's own key, which must be there.
// *keys.Ring is one.
type Keys interface {
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Finder tells whether a text tells of a person.
type Finder func(ctx context.Context, text string) (bool, error)

// Register keeps the breaches. It is safe for concurrent use.
type Register struct {
	Pool    *postgres.Pool
	Keys    Keys
	Auditor Auditor
	// People finds people in texts; every register has one.
	People Finder
	Hours  Hours
}

// Open writes a breach down and returns it. Its clocks run from the moment of
// awareness and never change.
func (r *Register) Open(ctx context.Context, o Opening) (Breach, error) {
	if err := errors.Join(o.validate(time.Now()), r.Hours.Validate()); err != nil {
		return Breach{}, err
	}
	o.Hotels = slices.Compact(slices.Sorted(slices.Values(o.Hotels)))
	b := Breach{
		ID: ulid.Make().String(), Kinds: o.Kinds, Aware: o.Aware.UTC(), Hotels: o.Hotels, Text: o.Text, OpenedBy: o.Actor,
		ControllerDue: o.Aware.Add(time.Duration(r.Hours.Controller) * time.Hour).UTC(),
		AuthorityDue:  o.Aware.Add(time.Duration(r.Hours.Authority) * time.Hour).UTC(),
	}
	sealed, err := r.seal(ctx, placeOf(b.ID, 0), o.Text)
	if err != nil {
		return Breach{}, err
	}
	entry, err := r.event(ctx, EventOpened, o.Actor, b.ID, map[string]any{"kinds": o.Kinds, "aware": b.Aware, "hotels": len(o.Hotels)})
	if err != nil {
		return Breach{}, err
	}
	err = r.Pool.InTenant(ctx, house, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			insert into breach (hotel, id, kinds, aware_at, controller_due, authority_due, sealed, opened_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8) returning opened_at`,
			house, b.ID, b.Kinds, b.Aware, b.ControllerDue, b.AuthorityDue, sealed, b.OpenedBy).Scan(&b.OpenedAt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into breach_hotel (hotel, breach, concerns) select $1, $2, unnest($3::text[])`, house, b.ID, b.Hotels)
		if err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return b, wrap(err, "open a breach")
}

// Note adds what was found out or done. It returns the breach as it stands then,
// without its texts.
func (r *Register) Note(ctx context.Context, id string, e Entry) (Breach, error) {
	now := time.Now()
	if e.At.IsZero() {
		e.At = now
	}
	if err := e.validate(now); err != nil {
		return Breach{}, err
	}
	return r.change(ctx, id, func(b Breach) (step, error) {
		if e.Act == AuthorityTold && !b.told("") && e.At.After(b.AuthorityDue) && e.Delay == "" {
			return step{}, fmt.Errorf("%w: the notice is late, so it has a reason: %s", ErrInvalid, strings.Join(Delays(), ", "))
		}
		if e.At.Before(b.Aware) {
			return step{}, fmt.Errorf("%w: it lies before the awareness of the breach", ErrInvalid)
		}
		n := Note{
			N: len(b.Notes) + 1, Act: e.Act, Hotel: e.Hotel, Risk: e.Risk, Phase: e.Phase, Delay: e.Delay, At: e.At.UTC(), Actor: e.Actor,
		}
		if n.N > maxNotes {
			return step{}, ErrFull
		}
		sealed, err := r.seal(ctx, placeOf(id, n.N), e.Text)
		if err != nil {
			return step{}, err
		}
		entry, err := r.event(ctx, EventNoted, e.Actor, id, map[string]any{"note": n.N, "act": e.Act, "hotel": e.Hotel, "risk": e.Risk, "phase": e.Phase, "delay": e.Delay})
		if err != nil {
			return step{}, err
		}
		return step{b: b.with(n), do: func(tx pgx.Tx) error {
			if e.Hotel != "" {
				// One that is found out later to be concerned.
				if _, err := tx.Exec(ctx, `insert into breach_hotel (hotel, breach, concerns) values ($1, $2, $3) on conflict do nothing`, house, id, e.Hotel); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `
				insert into breach_note (hotel, breach, n, kind, concerns, risk, phase, delay, sealed, happened_at, actor)
				values ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''), nullif($8, ''), $9, $10, $11)`,
				house, id, n.N, n.Act, n.Hotel, n.Risk, n.Phase, n.Delay, sealed, n.At, n.Actor)
			if err != nil {
				return err
			}
			return entry.Insert(ctx, tx)
		}}, nil
	})
}

const maxNotes = 1000

// with is the breach with one more note.
func (b Breach) with(n Note) Breach {
	b.Notes = append(slices.Clone(b.Notes), n)
	if n.Hotel != "" && !slices.Contains(b.Hotels, n.Hotel) {
		b.Hotels = append(slices.Clone(b.Hotels), n.Hotel)
	}
	return b
}

// Close ends a breach of which everything is done: ErrUndone tells what is not.
func (r *Register) Close(ctx context.Context, id, actor string) (Breach, error) {
	if err := checkActor(actor); err != nil {
		return Breach{}, err
	}
	return r.change(ctx, id, func(b Breach) (step, error) {
		if left := b.undone(); len(left) > 0 {
			return step{}, fmt.Errorf("%w: %s", ErrUndone, strings.Join(left, "; "))
		}
		entry, err := r.event(ctx, EventClosed, actor, id, map[string]any{"risk": b.Risk(), "notes": len(b.Notes)})
		if err != nil {
			return step{}, err
		}
		b.ClosedAt = time.Now().UTC()
		return step{b: b, do: func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "update breach set closed_at = $3 where hotel = $1 and id = $2", house, id, b.ClosedAt); err != nil {
				return err
			}
			return entry.Insert(ctx, tx)
		}}, nil
	})
}

// A step is a change of a breach: how it stands after, and what to write.
type step struct {
	b  Breach
	do func(pgx.Tx) error
}

// change locks a breach that is open, and does what plan says.
func (r *Register) change(ctx context.Context, id string, plan func(Breach) (step, error)) (b Breach, err error) {
	err = r.Pool.InTenant(ctx, house, func(tx pgx.Tx) error {
		// Its row cannot be updated by this role but for its end, so the lock is one
		// of its own.
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('breach ' || $1, 0))", id); err != nil {
			return err
		}
		standing, err := read(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !standing.ClosedAt.IsZero():
			return ErrClosed
		}
		planned, err := plan(standing)
		if err != nil {
			return err
		}
		b = planned.b
		return planned.do(tx)
	})
	return b, wrap(err, "change a breach")
}

// Duties tells what there is still to do of a breach, with no word of it.
func (r *Register) Duties(ctx context.Context, id string) (d Duties, err error) {
	err = r.Pool.InTenantReadOnly(ctx, house, func(tx pgx.Tx) error {
		b, err := read(ctx, tx, id)
		d = b.Duties()
		return err
	})
	return d, wrap(err, "read a breach")
}

// Untold reads a breach without its texts, and which hotels were not told yet.
func (r *Register) Untold(ctx context.Context, id string) (b Breach, untold []string, err error) {
	err = r.Pool.InTenantReadOnly(ctx, house, func(tx pgx.Tx) error {
		b, err = read(ctx, tx, id)
		return err
	})
	return b, b.Untold(), wrap(err, "read a breach")
}

// Read reads a breach with its texts. That it was read stands in the audit log.
func (r *Register) Read(ctx context.Context, id, actor string) (b Breach, err error) {
	entry, err := r.event(ctx, EventRead, actor, id, nil)
	if err != nil {
		return Breach{}, err
	}
	var sealed [][]byte
	err = r.Pool.InTenant(ctx, house, func(tx pgx.Tx) error {
		if b, err = read(ctx, tx, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select sealed from (select 0 as n, sealed from breach where hotel = $1 and id = $2
			  union all select n, sealed from breach_note where hotel = $1 and breach = $2) all_of order by n`, house, id)
		if err != nil {
			return err
		}
		if sealed, err = pgx.CollectRows(rows, pgx.RowTo[[]byte]); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return Breach{}, wrap(err, "read a breach")
	}
	for n, text := range sealed {
		plain, err := r.Keys.Open(ctx, keys.TenantScope(house), keys.Operations, placeOf(id, n), text)
		if err != nil {
			return Breach{}, wrap(err, "open a breach's text")
		}
		if n == 0 {
			b.Text = string(plain)
		} else {
			b.Notes[n-1].Text = string(plain)
		}
	}
	return b, nil
}

// List lists the breaches, the newest first, at most 500 and without texts;
// those that are open, or all.
func (r *Register) List(ctx context.Context, closedToo bool) (all []Breach, err error) {
	err = r.Pool.InTenantReadOnly(ctx, house, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id from breach where hotel = $1 and ($2 or closed_at is null) order by aware_at desc, id desc limit 500`, house, closedToo)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, id := range ids {
			b, err := read(ctx, tx, id)
			if err != nil {
				return err
			}
			all = append(all, b)
		}
		return nil
	})
	return all, wrap(err, "list breaches")
}

// read reads a breach without its texts.
func read(ctx context.Context, tx pgx.Tx, id string) (Breach, error) {
	b := Breach{ID: id, Notes: []Note{}}
	var closed *time.Time
	var notes []byte
	err := tx.QueryRow(ctx, `
		select kinds, aware_at, controller_due, authority_due, opened_by, opened_at, closed_at,
		  array(select concerns from breach_hotel h where h.hotel = b.hotel and h.breach = b.id order by 1),
		  coalesce((select jsonb_agg(jsonb_build_object('n', n, 'act', kind, 'hotel', concerns, 'risk', risk, 'phase', phase, 'delay', delay,
		    'at', happened_at, 'actor', actor, 'noted_at', noted_at) order by n)
		    from breach_note n where n.hotel = b.hotel and n.breach = b.id), '[]')
		from breach b where hotel = $1 and id = $2`, house, id).Scan(
		&b.Kinds, &b.Aware, &b.ControllerDue, &b.AuthorityDue, &b.OpenedBy, &b.OpenedAt, &closed, &b.Hotels, &notes)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(notes, &b.Notes)
	}
	if closed != nil {
		b.ClosedAt = closed.UTC()
	}
	b.Aware, b.ControllerDue, b.AuthorityDue, b.OpenedAt = b.Aware.UTC(), b.ControllerDue.UTC(), b.AuthorityDue.UTC(), b.OpenedAt.UTC()
	return b, err
}

// placeOf is where a text lies: that of the breach itself, or of a note.
func placeOf(id string, n int) string { return fmt.Sprintf("breach/%s/%d", id, n) }

// seal seals a text in which nobody is found.
func (r *Register) seal(ctx context.Context, place, text string) ([]byte, error) {
	found, err := r.People(ctx, text)
	if err != nil {
		return nil, wrap(err, "look for people in a text")
	}
	if found {
		return nil, ErrGuest
	}
	sealed, err := r.Keys.Seal(ctx, keys.TenantScope(house), keys.Operations, place, []byte(text))
	return sealed, wrap(err, "seal a text")
}

func (r *Register) event(ctx context.Context, kind audit.Kind, actor, id string, detail map[string]any) (audit.Prepared, error) {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["breach"] = id
	prepared, err := r.Auditor.Prepare(ctx, audit.Event{Tenant: house, Kind: kind, Actor: actor, Detail: detail})
	return prepared, wrap(err, "prepare the audit entry")
}

func wrap(err error, what string) error {
	for _, known := range []error{nil, ErrInvalid, ErrNotFound, ErrClosed, ErrUndone, ErrFull} {
		if err == known || known != nil && errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("breach: %s: %w", what, err)
}
