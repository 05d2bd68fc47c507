package retention

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
)

// keysAtOnce is how many keys are looked at in one transaction.
const keysAtOnce = 500

// needed lists the keys that wait to be destroyed behind a key, and tells which
// of them something sealed still needs: $1 is the hotel, $2 and $3 the last of
// the page before.
const needed = `
	select k.scope, k.purpose, case k.purpose
		when 'operations' then exists (select from guest g where g.hotel = k.hotel and g.booking = k.scope)
			or exists (select from party g where g.hotel = k.hotel and g.scope = k.scope)
			or exists (select from intent g where g.hotel = k.hotel and g.booking = k.scope and g.sealed is not null)
			or exists (select from message g where g.hotel = k.hotel and g.scope = k.scope and g.purpose = 'operations' and g.sealed is not null)
			or exists (select from turn g where g.hotel = k.hotel and g.call = k.scope)
			or exists (select from call g where g.hotel = k.hotel and g.id = k.scope)
		when 'recording' then exists (select from recording g where g.hotel = k.hotel and g.call = k.scope)
		when 'consent' then exists (select from consent_event g where g.hotel = k.hotel and g.scope = k.scope and g.sealed is not null)
		when 'case' then exists (select from dsar_case g where g.hotel = k.hotel and g.id = k.scope)
			or exists (select from message g where g.hotel = k.hotel and g.scope = k.scope and g.purpose = 'case' and g.sealed is not null)
		else true end
	from retention_shred k
	where k.hotel = $1 and (k.scope, k.purpose) > ($2, $3) order by k.scope, k.purpose limit $4`

// waiting is a key that waits to be destroyed.
type waiting struct {
	scope   string
	purpose keys.Purpose
	needed  bool
}

// Shred destroys the keys that nothing needs any more, so that what backups and
// old pages of the database hold cannot be read either. Keys that something
// still needs, or a hold or an open request keeps, wait for a later run. It is repeated as often as
// one likes.
func (e *Engine) Shred(ctx context.Context, hotel, run string, beat func() error) (destroyed int, err error) {
	if _, err := e.Auditor.Prepare(ctx, keysEvent(hotel, run, 0)); err != nil {
		return 0, wrap(err, "prepare the audit entry")
	}
	if e.house(hotel) {
		return e.shredShards(ctx, run, beat)
	}
	var last waiting
	for {
		var page []waiting
		asked, err := e.asked(ctx, hotel)
		if err != nil {
			return destroyed, err
		}
		err = e.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
			if page, err = keysPage(ctx, tx, hotel, last); err != nil || len(page) == 0 {
				return err
			}
			n, err := e.destroy(ctx, tx, hotel, run, page, asked)
			destroyed += n
			return err
		})
		if err != nil || len(page) == 0 {
			return destroyed, err
		}
		last = page[len(page)-1]
		if err := beat(); err != nil {
			return destroyed, err
		}
	}
}

func keysPage(ctx context.Context, tx pgx.Tx, hotel string, last waiting) ([]waiting, error) {
	rows, err := tx.Query(ctx, needed, hotel, last.scope, last.purpose, keysAtOnce)
	if err != nil {
		return nil, wrap(err, "list keys to destroy")
	}
	page, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w waiting, err error) {
		err = row.Scan(&w.scope, &w.purpose, &w.needed)
		return w, err
	})
	return page, wrap(err, "list keys to destroy")
}

// destroy destroys a page of keys with the holds locked: they lie in another
// database, so they go before the transaction that says so, and again after a
// crash.
func (e *Engine) destroy(ctx context.Context, tx pgx.Tx, hotel, run string, page []waiting, asked []string) (n int, err error) {
	scopes := make([]string, len(page))
	for i, w := range page {
		scopes[i] = w.scope
	}
	held, err := holds.In(ctx, tx, hotel, scopes)
	if err != nil {
		return 0, err
	}
	var gone, purposes []string
	for _, w := range page {
		if w.needed || slices.Contains(asked, w.scope) || slices.ContainsFunc(held, func(h holds.Hold) bool { return h.Kind == holds.Hotel || slices.Contains(h.Scopes, w.scope) }) {
			continue
		}
		destroyed, err := e.Keys.DestroyPurposes(ctx, keys.Scope{Tenant: hotel, ID: w.scope}, w.purpose)
		if err != nil {
			return 0, wrap(err, "destroy a key")
		}
		n += len(destroyed)
		gone, purposes = append(gone, w.scope), append(purposes, string(w.purpose))
	}
	if len(gone) == 0 {
		return 0, nil
	}
	if err := e.disown(ctx, tx, hotel, gone); err != nil {
		return 0, wrap(err, "forget whose scopes these were")
	}
	entry, err := e.Auditor.Prepare(ctx, keysEvent(hotel, run, n))
	if err != nil {
		return 0, wrap(err, "prepare the audit entry")
	}
	_, err = tx.Exec(ctx, `delete from retention_shred k using unnest($2::text[], $3::text[]) g (scope, purpose)
		where k.hotel = $1 and k.scope = g.scope and k.purpose = g.purpose`, hotel, gone, purposes)
	if err != nil {
		return 0, wrap(err, "strike out destroyed keys")
	}
	return n, entry.Insert(ctx, tx)
}

// empty are the scopes of which there is nothing of a guest any more.
const empty = `
	select s from unnest($2::text[]) s
	where not exists (select from guest g where g.hotel = $1 and g.booking = s)
	and not exists (select from party g where g.hotel = $1 and g.scope = s)
	and not exists (select from intent g where g.hotel = $1 and g.booking = s and g.sealed is not null)
	and not exists (select from message g where g.hotel = $1 and g.scope = s and g.sealed is not null)
	and not exists (select from turn g where g.hotel = $1 and g.call = s)
	and not exists (select from call g where g.hotel = $1 and g.id = s)
	and not exists (select from recording g where g.hotel = $1 and g.call = s)
	and not exists (select from consent_event g where g.hotel = $1 and g.scope = s and g.sealed is not null)`

// disown forgets whose scopes these were, where nothing is left that a request
// of theirs would have to find.
func (e *Engine) disown(ctx context.Context, tx pgx.Tx, hotel string, scopes []string) error {
	if e.Table == nil {
		return nil
	}
	rows, err := tx.Query(ctx, empty, hotel, scopes)
	if err != nil {
		return err
	}
	nobodys, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (keys.Scope, error) {
		scope := keys.Scope{Tenant: hotel}
		return scope, row.Scan(&scope.ID)
	})
	if err != nil || len(nobodys) == 0 {
		return err
	}
	return e.Table.Forget(ctx, hotel, nobodys...)
}

func keysEvent(hotel, run string, n int) audit.Event {
	return audit.Event{Tenant: hotel, Kind: EventKeys, Actor: actorWorker, Detail: map[string]any{"run": run, "keys": n}}
}
