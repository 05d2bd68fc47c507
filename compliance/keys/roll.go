package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// Answers of a Roller.
var (
	// ErrDamaged: some live keys do not open, so their epoch cannot end. Restore
	// their rows from a backup, or destroy their scopes.
	ErrDamaged = errors.New("live keys are damaged: restore their rows or destroy their scopes, then roll again")
	// ErrEpochName: it is no name, or it was used before.
	ErrEpochName = errors.New("an epoch's name is 1 to 40 of a-z, 0-9, dot and dash, and is never used twice")
)

// RollerOptions of a Roller. The zero value is good for production.
type RollerOptions struct {
	// Buckets is how many bucket keys an epoch has. Default DefaultBuckets.
	Buckets int
	// Batch is how many keys are moved in one transaction. Default 500.
	Batch int
	// Alone lets one person end an epoch. For development, where there is one
	// login only.
	Alone bool
	// Progress, when set, is told how many keys of an epoch were moved, of how
	// many.
	Progress func(epoch string, moved, all int64)
}

// A Roller ends epochs: it opens the next one, rewraps what lives, and destroys
// the old root key when a restored backup has proved that nothing is lost by it.
// From then on every older copy of the key database is dead, and so is whatever
// was erased since it was made. It has a database role of its own, and is meant
// to run as a workload of its own with the right to make and destroy root keys.
//
// All of it can be interrupted at any point and begun again.
type Roller struct {
	pool    *postgres.Pool
	root    Root
	buckets *buckets
	options RollerOptions
}

// NewRoller returns a roller of the key database of pool.
func NewRoller(pool *postgres.Pool, root Root, o RollerOptions) *Roller {
	if o.Batch <= 0 || o.Batch > maxBatch {
		o.Batch = maxBatch
	}
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	store := epochs{pool: pool, role: postgres.RoleRoller}
	return &Roller{pool: pool, root: root, buckets: newBuckets(root, store, o.Buckets, time.Now), options: o}
}

// Rolled tells what a Roll did.
type Rolled struct {
	Epoch string   `json:"epoch"` // the current one
	Moved int64    `json:"moved"` // keys that were rewrapped now
	Ended []string `json:"ended"` // epochs in which no live key is left
}

// Roll opens the epoch of that name and moves every live key into it. When an
// earlier roll was interrupted, it finishes that one and opens nothing; when the
// epoch is the current one already, it does nothing. Keys may be made and
// destroyed meanwhile.
func (r *Roller) Roll(ctx context.Context, name string) (done Rolled, err error) {
	all, err := r.Status(ctx)
	if err != nil {
		return Rolled{}, err
	}
	current, waiting := "", false
	for _, e := range all {
		if e.Closed.IsZero() {
			current = e.Name // the last open one, for they come in order
		}
		waiting = waiting || !e.Closed.IsZero() && e.Rewrapped.IsZero()
	}
	if current == "" || !waiting && current != name {
		if err := r.open(ctx, name, all); err != nil {
			return Rolled{}, err
		}
		r.buckets.closed(current)
		if all, err = r.Status(ctx); err != nil {
			return Rolled{}, err
		}
	}
	for _, e := range all {
		if e.Closed.IsZero() || !e.Rewrapped.IsZero() {
			continue
		}
		moved, err := r.empty(ctx, e)
		done.Moved += moved
		if err != nil {
			return done, fmt.Errorf("roll epoch %s: %w", e.Name, err)
		}
		done.Ended = append(done.Ended, e.Name)
	}
	done.Epoch, err = r.buckets.store.CurrentEpoch(ctx)
	return done, err
}

// open makes the next epoch and closes all before it, in one transaction. The
// lock waits for keys that are being inserted in those, and none comes after.
func (r *Roller) open(ctx context.Context, name string, before []EpochStatus) error {
	used := slices.ContainsFunc(before, func(e EpochStatus) bool { return e.Name == name && !e.Closed.IsZero() })
	if CheckEpoch(name) != nil || used {
		return ErrEpochName
	}
	if err := r.root.Create(ctx, name); err != nil {
		return fmt.Errorf("make the root key of epoch %s: %w", name, err)
	}
	return r.do(ctx, "open an epoch", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "insert into key_epoch (epoch) values ($1) on conflict do nothing", name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			select pg_advisory_xact_lock($1, hashtext(epoch)) from
			  (select epoch from key_epoch where closed_at is null and epoch <> $2 order by serial) open`, epochLock, name); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update key_epoch set closed_at = now() where closed_at is null and epoch <> $1", name)
		return err
	})
}

// empty moves every live key out of a closed epoch and notes the end of it.
func (r *Roller) empty(ctx context.Context, e EpochStatus) (moved int64, err error) {
	var after ID
	damaged := 0
	for {
		rows, err := r.page(ctx, e.Name, after)
		if err != nil {
			return moved, err
		}
		if len(rows) == 0 {
			break
		}
		n, bad, err := r.move(ctx, e.Name, rows)
		if err != nil {
			return moved, err
		}
		moved, damaged, after = moved+n, damaged+bad, rows[len(rows)-1].ID
		r.options.Progress(e.Name, moved, e.Live)
	}
	if damaged > 0 {
		return moved, fmt.Errorf("%d %w", damaged, ErrDamaged)
	}
	return moved, r.do(ctx, "note the end of an epoch", func(tx pgx.Tx) error {
		// Who holds its bucket keys hears that nobody needs them any more.
		tag, err := tx.Exec(ctx, `
			with ended as (
				update key_epoch set rewrapped_at = now()
				where epoch = $1 and closed_at is not null and rewrapped_at is null
				  and not exists (select from scope_key where epoch = $1 and wrapped is not null)
				returning epoch)
			select pg_notify($2, $3 || epoch) from ended`, e.Name, channel, epochWord)
		if err == nil && tag.RowsAffected() == 0 {
			return r.endedAlready(ctx, tx, e.Name)
		}
		return err
	})
}

// endedAlready allows for another roller that was faster.
func (r *Roller) endedAlready(ctx context.Context, tx pgx.Tx, epoch string) error {
	var ended bool
	err := tx.QueryRow(ctx, "select rewrapped_at is not null from key_epoch where epoch = $1", epoch).Scan(&ended)
	if err == nil && !ended {
		return errors.New("live keys are left in it: roll again")
	}
	return err
}

// page returns the next live keys of an epoch.
func (r *Roller) page(ctx context.Context, epoch string, after ID) (rows []Row, err error) {
	found, err := r.pool.Role(postgres.RoleRoller).Query(ctx, `
		select `+rowColumns+` from scope_key
		where epoch = $1 and wrapped is not null and (tenant, scope, purpose, version) > ($2, $3, $4, $5)
		order by tenant, scope, purpose, version limit $6`,
		epoch, after.Tenant, after.Scope.ID, after.Purpose, after.Version, r.options.Batch)
	if err == nil {
		rows, err = pgx.CollectRows(found, scanRow)
	}
	if err != nil {
		return nil, unavailable("read an epoch's keys", err)
	}
	return rows, nil
}

// move rewraps rows in the current epoch. A key that was destroyed or moved
// since it was read is left alone, for its wrapped form is another.
func (r *Roller) move(ctx context.Context, from string, rows []Row) (moved int64, damaged int, err error) {
	var ids []ID
	var raw, old [][]byte
	var missed error
	defer func() {
		for _, key := range raw {
			clear(key)
		}
	}()
	err = r.buckets.each(ctx, rows, func(i int, key []byte, bad error) {
		switch {
		case bad == nil:
			ids, raw, old = append(ids, rows[i].ID), append(raw, slices.Clone(key)), append(old, rows[i].Wrapped)
		case errors.Is(bad, ErrTampered):
			damaged++
		default:
			missed = bad
		}
	})
	if err = errors.Join(err, missed); err != nil || len(ids) == 0 {
		return 0, damaged, err
	}
	to, fresh, err := r.buckets.wrap(ctx, ids, raw)
	if err != nil {
		return 0, damaged, unavailable("rewrap keys", err)
	}
	moved, err = r.swap(ctx, from, to, fresh, old)
	return moved, damaged, err
}

func (r *Roller) swap(ctx context.Context, from, to string, fresh []Row, old [][]byte) (moved int64, err error) {
	c := newColumns(fresh)
	err = r.do(ctx, "move keys", func(tx pgx.Tx) error {
		if err := writable(ctx, tx, to); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			with mine as (
				select k.tenant, k.scope, k.purpose, k.version, n.bucket, n.wrapped
				from scope_key k join unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bytea[], $9::bytea[])
				  as n (tenant, scope, purpose, version, bucket, wrapped, old)
				  on k.tenant = n.tenant and k.scope = n.scope and k.purpose = n.purpose and k.version = n.version
				where k.epoch = $1 and k.wrapped = n.old
				order by k.tenant, k.scope, k.purpose, k.version -- as Destroy does: who meets waits
				for update of k)
			update scope_key k set epoch = $2, bucket = mine.bucket, wrapped = mine.wrapped from mine
			where k.tenant = mine.tenant and k.scope = mine.scope and k.purpose = mine.purpose and k.version = mine.version`,
			from, to, c.tenants, c.scopes, c.purposes, c.versions, c.buckets, c.wrapped, old)
		moved = tag.RowsAffected()
		return err
	})
	if errors.Is(err, ErrEpochClosed) {
		r.buckets.closed(to)
	}
	return moved, err
}

// writable keeps an epoch open until the transaction ends, as Insert does.
func writable(ctx context.Context, tx pgx.Tx, epoch string) error {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock_shared($1, hashtext($2))", epochLock, epoch); err != nil {
		return err
	}
	var open bool
	err := tx.QueryRow(ctx, "select exists (select from key_epoch where epoch = $1 and closed_at is null)", epoch).Scan(&open)
	if err == nil && !open {
		return ErrEpochClosed
	}
	return err
}

func (r *Roller) do(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	if err := r.pool.AsRole(ctx, postgres.RoleRoller, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
