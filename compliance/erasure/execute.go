package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// EraseRows erases the rows and objects of a batch, as far as the plan, legal
// holds and stays let it, and puts the scopes into both journals. What it erased
// is added to the case's counts in the transaction that did.
func (o *Office) EraseRows(ctx context.Context, hotel, request, hash string, batch int) (subjects.Counts, error) {
	p, scopes, err := o.batch(ctx, hotel, request, hash, batch)
	if err != nil {
		return subjects.Counts{}, err
	}
	verdict := p.verdicts()
	gone, err := o.Desk.Erase(ctx, hotel, subjects.Order{
		Scopes: scopes, Awaited: true,
		Keep: func(class register.Class, scope string) bool {
			v, known := verdict(class, scope)
			return known && v.Action != Erase && v.Action != Keep
		},
		Along: func(ctx context.Context, tx pgx.Tx, gone subjects.Counts) error {
			n, err := erasePacks(ctx, tx, hotel, request, scopes[0])
			if err != nil {
				return err
			}
			return addErased(ctx, tx, hotel, request, gone, n)
		},
	})
	if err != nil {
		return gone, wrap(err, "erase rows")
	}
	return gone, o.copyJournal(ctx, hotel, scopes)
}

// addErased adds counts to those of the case, each by its name.
func addErased(ctx context.Context, tx pgx.Tx, hotel, request string, gone subjects.Counts, packs int64) error {
	if gone.Total()+packs == 0 {
		return nil
	}
	text, err := json.Marshal(struct {
		subjects.Counts
		Packs int64 `json:"packs,omitempty"`
	}{gone, packs})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update erasure set updated_at = now(), erased = (
			select jsonb_object_agg(k.key, coalesce((erased ->> k.key)::bigint, 0) + coalesce(($3::jsonb ->> k.key)::bigint, 0))
			from (select jsonb_object_keys(erased) as key union select jsonb_object_keys($3::jsonb)) k)
		where hotel = $1 and request = $2`, hotel, request, text)
	return wrap(err, "count what was erased")
}

// States of a booking at the hotel's system.
const (
	stateErased = "erased"
	stateManual = "manual"
)

// EraseSystem has the hotel's system erase the people of the plan's bookings.
// What it refuses becomes an operator's task. ErrLeft with others says that some
// are still to be tried: the system does not answer.
func (o *Office) EraseSystem(ctx context.Context, hotel, request, hash string, beat func()) error {
	p, err := o.load(ctx, hotel, request, hash)
	if err != nil {
		return err
	}
	return o.eachAtSystem(ctx, p, func(ctx context.Context, tx pgx.Tx, scope, reservation string, companion *Companion) error {
		beat()
		err := o.System.Erase(ctx, hotel, reservation, companion)
		var refused ErrRefused
		switch {
		case errors.As(err, &refused):
			return o.note(ctx, tx, p, scope, stateManual, refused.Problem, EventManual)
		case err != nil:
			return err
		}
		return o.note(ctx, tx, p, scope, stateErased, "", EventSystem)
	})
}

// GiveUpSystem leaves to staff what the hotel's system did not answer to.
func (o *Office) GiveUpSystem(ctx context.Context, hotel, request, hash string) error {
	p, err := o.load(ctx, hotel, request, hash)
	if err != nil {
		return err
	}
	return o.eachAtSystem(ctx, p, func(ctx context.Context, tx pgx.Tx, scope, _ string, _ *Companion) error {
		return o.note(ctx, tx, p, scope, stateManual, "away", EventManual)
	})
}

const (
	// systemFailures is how many failures in a row say that the system is away.
	systemFailures = 3
	// systemTime bounds what is done for one booking at the hotel's system: whoever
	// places a hold waits for it, and gives up a little later.
	systemTime = 9 * time.Second
)

// eachAtSystem calls do for the bookings that are still to be erased at the
// hotel's system. One that fails holds no other up.
func (o *Office) eachAtSystem(ctx context.Context, p Plan, do func(ctx context.Context, tx pgx.Tx, scope, reservation string, companion *Companion) error) error {
	var failed error
	failures := 0
	for batch := range slices.Chunk(p.Of(register.HotelSystem, Erase), BatchSize) {
		f, err := o.survey(ctx, p.Hotel, batch)
		if err != nil {
			return err
		}
		for _, scope := range batch {
			reservation, companion := f.system[scope], p.companion(f, scope)
			if companion != nil {
				reservation = companion.Reservation
			}
			if reservation == "" || f.state[scope] != "" {
				continue
			}
			err := o.freeAtSystem(ctx, p.Hotel, scope, companion, func(ctx context.Context, tx pgx.Tx) error {
				return do(ctx, tx, scope, reservation, companion)
			})
			if err != nil {
				failed = errors.Join(ErrLeft, err)
				if failures++; failures >= systemFailures || ctx.Err() != nil {
					return failed
				}
				continue
			}
			failures = 0
		}
	}
	return failed
}

// freeAtSystem calls do unless a hold keeps the booking at the hotel's system or
// its stay is not over: neither can change until do is done.
func (o *Office) freeAtSystem(ctx context.Context, hotel, scope string, companion *Companion, do func(ctx context.Context, tx pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, systemTime)
	defer cancel()
	scopes := []string{scope}
	if companion != nil {
		scopes = append(scopes, companion.Booking) // the place in it may be gone
	}
	return o.whileHeldOff(ctx, hotel, scopes, func(tx pgx.Tx, held []holds.Hold, ahead map[string]time.Time) error {
		if len(ahead) > 0 || slices.ContainsFunc(held, func(h holds.Hold) bool { return h.Keeps(register.HotelSystem, scope) }) {
			return nil
		}
		return do(ctx, tx)
	})
}

// whileHeldOff asks for holds and stays in a transaction that stays open while
// do works elsewhere: no hold can be placed and none of the bookings changed
// until it ends. Only a few are open at once, for do may need a connection of
// the same pool.
func (o *Office) whileHeldOff(ctx context.Context, hotel string, scopes []string, do func(tx pgx.Tx, held []holds.Hold, ahead map[string]time.Time) error) error {
	select {
	case o.open <- struct{}{}:
		defer func() { <-o.open }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return o.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		held, err := holds.In(ctx, tx, hotel, scopes)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select from booking where hotel = $1 and id = any($2) order by id for update`, hotel, scopes); err != nil {
			return err
		}
		ahead, err := subjects.Ahead(ctx, tx, hotel, scopes)
		if err != nil {
			return err
		}
		return do(tx, held, ahead)
	})
}

// taskErase is the kind of the task to erase by hand.
const taskErase = "erase_at_hotel_system"

// note notes what became of a booking at the hotel's system. What a person has
// to erase there becomes a task.
func (o *Office) note(ctx context.Context, tx pgx.Tx, p Plan, scope, state, problem string, kind audit.Kind) error {
	entry, err := o.Auditor.Prepare(ctx, audit.Event{Tenant: p.Hotel, Kind: kind, Actor: actor, Scope: p.Case, Detail: map[string]any{"problem": problem}})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	tag, err := tx.Exec(ctx, `
		insert into erasure_system (hotel, scope, state, problem) values ($1, $2, $3, nullif($4, ''))
		on conflict do nothing`, p.Hotel, scope, state, problem)
	if err != nil || tag.RowsAffected() == 0 {
		return wrap(err, "note what the hotel's system did")
	}
	if _, err := tx.Exec(ctx, `
		update erasure set updated_at = now(), system_erased = system_erased + ($3 = 'erased')::int, system_manual = system_manual + ($3 = 'manual')::int
		where hotel = $1 and request = $2`, p.Hotel, p.Case, state); err != nil {
		return wrap(err, "note what the hotel's system did")
	}
	if state == stateManual {
		task := scope
		if c, ok := p.Companions[scope]; ok {
			task = c.Booking
		}
		if _, err := tx.Exec(ctx, `
			insert into operator_task (hotel, id, booking, kind, detail)
			values ($1, $2, $3, $4, $5)
			on conflict (hotel, booking, kind) do update set closed_at = null, detail = excluded.detail`,
			p.Hotel, ulid.Make().String(), task, taskErase,
			"Erase or anonymise the guest of this reservation in the hotel's own system: it would not do so for us ("+problem+")."); err != nil {
			return wrap(err, "leave a task")
		}
	}
	return wrap(entry.Insert(ctx, tx), "note what the hotel's system did")
}

// runsAtOnce is of how many scopes the runs are deleted while no hold can be
// placed.
const runsAtOnce = 25

// DeleteRuns ends and deletes the workflow runs of a batch.
func (o *Office) DeleteRuns(ctx context.Context, hotel, request, hash string, batch int) (int, error) {
	p, scopes, err := o.batch(ctx, hotel, request, hash, batch)
	if err != nil {
		return 0, err
	}
	f, err := o.survey(ctx, hotel, scopes)
	if err != nil {
		return 0, err
	}
	planned, deleted := p.verdicts(), 0
	for part := range slices.Chunk(scopes, runsAtOnce) {
		n, err := o.deleteRuns(ctx, hotel, request, planned, f, part)
		deleted += n
		if err != nil {
			return deleted, wrap(err, "delete workflow runs")
		}
	}
	return deleted, nil
}

func (o *Office) deleteRuns(ctx context.Context, hotel, request string, planned verdictOf, f *found, part []string) (n int, err error) {
	if !slices.ContainsFunc(part, func(scope string) bool { return len(f.workflows(scope)) > 0 }) {
		return 0, nil
	}
	err = o.whileHeldOff(ctx, hotel, part, func(tx pgx.Tx, held []holds.Hold, ahead map[string]time.Time) error {
		now := *f
		now.held, now.awaited = held, ahead
		var ids []string
		for _, scope := range part {
			if free(planned, &now, register.Run, scope) {
				ids = append(ids, f.workflows(scope)...)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if n, err = o.Runs.Delete(ctx, ids); err != nil || n == 0 {
			return err
		}
		entry, err := o.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventRuns, Actor: actor, Scope: request, Detail: map[string]int{"runs": n}})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update erasure set runs = runs + $3, updated_at = now() where hotel = $1 and request = $2`, hotel, request, n); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return n, err
}

// free tells whether a class of a scope may go: the plan says so, or says
// nothing of it, and neither a hold nor a stay has come meanwhile.
func free(planned verdictOf, f *found, class register.Class, scope string) bool {
	if v, known := planned(class, scope); known && v.Action != Erase && v.Action != Keep {
		return false
	}
	if _, ahead := f.awaited[scope]; ahead {
		return false
	}
	return !slices.ContainsFunc(f.held, func(h holds.Hold) bool { return h.Keeps(class, scope) })
}
