package keys

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voicehive/voicehive/internal/postgres"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations are the key database's, for postgres.Migrate.
var Migrations = below(embedded, "migrations")

// below is fs.Sub for a folder that the compiler has seen.
func below(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return files
	}
	return sub
}

// channel carries word of what was destroyed: "tenant/ULID" for a scope, and
// epochWord with its name for an epoch that has a new bucket key, or in which
// nothing lives any more.
const (
	channel   = "voicehive_keys"
	epochWord = "epoch "
)

// Postgres is the Store in the key database, used under the role
// voicehive_keys alone.
type Postgres struct {
	pool *postgres.Pool
	epochs
}

// NewPostgres returns the store in the database of pool.
func NewPostgres(pool *postgres.Pool) *Postgres {
	return &Postgres{pool: pool, epochs: epochs{pool: pool, role: postgres.RoleKeys}}
}

// Insert implements Store. The lock is shared with other writers and taken
// alone by a roll that closes the epoch: a key is either seen by the roll or
// refused here.
func (p *Postgres) Insert(ctx context.Context, epoch string, rows []Row) error {
	c := newColumns(rows)
	return p.do(ctx, "insert scope keys", func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue("select pg_advisory_xact_lock_shared($1, hashtext($2))", epochLock, epoch)
		batch.Queue("select exists (select from key_epoch where epoch = $1 and closed_at is null)", epoch)
		batch.Queue(`
			insert into scope_key (tenant, scope, purpose, version, epoch, bucket, wrapped)
			select tenant, scope, purpose, version, $1, bucket, wrapped
			from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bytea[])
			  as new (tenant, scope, purpose, version, bucket, wrapped)
			on conflict do nothing`, epoch, c.tenants, c.scopes, c.purposes, c.versions, c.buckets, c.wrapped)
		results := tx.SendBatch(ctx, batch)
		var open bool
		_, err := results.Exec()
		if err == nil {
			err = results.QueryRow().Scan(&open)
		}
		if err == nil {
			_, err = results.Exec()
		}
		if closing := results.Close(); err == nil {
			err = closing
		}
		var refused *pgconn.PgError
		switch {
		case errors.As(err, &refused) && refused.Code == "23503":
			return ErrBucketGone
		case err == nil && !open:
			return ErrEpochClosed
		}
		return err
	})
}

// Fetch implements Store.
func (p *Postgres) Fetch(ctx context.Context, slots []Slot) ([]Row, error) {
	tenants, ids, purposes := make([]string, len(slots)), make([]string, len(slots)), make([]string, len(slots))
	for i, s := range slots {
		tenants[i], ids[i], purposes[i] = s.Tenant, s.Scope.ID, string(s.Purpose)
	}
	found, err := p.pool.Role(postgres.RoleKeys).Query(ctx, `
		select `+rowColumns+` from scope_key
		where (tenant, scope, purpose) in (select * from unnest($1::text[], $2::text[], $3::text[]))`, tenants, ids, purposes)
	var rows []Row
	if err == nil {
		rows, err = pgx.CollectRows(found, scanRow)
	}
	if err != nil {
		return nil, fmt.Errorf("load scope keys: %w", err)
	}
	return rows, nil
}

const rowColumns = "tenant, scope, purpose, version, epoch, bucket, wrapped"

func scanRow(row pgx.CollectableRow) (r Row, err error) {
	return r, row.Scan(&r.Tenant, &r.Scope.ID, &r.Purpose, &r.Version, &r.Epoch, &r.Bucket, &r.Wrapped)
}

// Destroy implements Store. The tombstones of keys that never were keep them
// from being made later: by a call that was under way, or when an erasure is
// replayed on a restored database.
func (p *Postgres) Destroy(ctx context.Context, scopes []Scope, purposes []Purpose) (gone []Destruction, err error) {
	scopes = slices.Clone(scopes)
	// In one order, so that two who destroy the same wait and do not deadlock.
	slices.SortFunc(scopes, func(a, b Scope) int { return strings.Compare(a.String(), b.String()) })
	purposes = slices.Sorted(slices.Values(purposes))
	slots := slotsOf(slices.Compact(scopes), slices.Compact(purposes)...)
	err = p.do(ctx, "destroy scope keys", func(tx pgx.Tx) error {
		for part := range slices.Chunk(slots, maxBatch) {
			now, err := destroy(ctx, tx, part)
			if err != nil {
				return err
			}
			gone = append(gone, now...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

func destroy(ctx context.Context, tx pgx.Tx, slots []Slot) ([]Destruction, error) {
	tenants, ids, purposes := make([]string, len(slots)), make([]string, len(slots)), make([]string, len(slots))
	for i, s := range slots {
		tenants[i], ids[i], purposes[i] = s.Tenant, s.Scope.ID, string(s.Purpose)
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		insert into scope_key (tenant, scope, purpose, epoch, wrapped, destroyed_at)
		select t, s, p, 'none', null, now() from unnest($1::text[], $2::text[], $3::text[]) as u (t, s, p)
		on conflict do nothing`, tenants, ids, purposes)
	// Those who listen hear of it when the transaction commits, or never.
	batch.Queue(`
		with named as (
			select t, s, p from unnest($1::text[], $2::text[], $3::text[]) as u (t, s, p)
		), live as (
			select tenant, scope, purpose, version, epoch, sha256(wrapped) as digest
			from scope_key join named on tenant = t and scope = s and purpose = p
			where destroyed_at is null
			order by tenant, scope, purpose, version
			for update of scope_key
		), dead as (
			update scope_key k set wrapped = null, bucket = null, destroyed_at = now() from live
			where k.tenant = live.tenant and k.scope = live.scope and k.purpose = live.purpose and k.version = live.version
			returning k.tenant, k.scope, k.purpose, k.version, live.epoch, live.digest, k.destroyed_at
		)
		select dead.*, pg_notify($4, tenant || '/' || scope)::text from dead`, tenants, ids, purposes, channel)
	results := tx.SendBatch(ctx, batch)
	_, err := results.Exec()
	var gone []Destruction
	if err == nil {
		var found pgx.Rows
		if found, err = results.Query(); err == nil {
			gone, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (d Destruction, err error) {
				var told string
				return d, row.Scan(&d.Tenant, &d.Scope.ID, &d.Purpose, &d.Version, &d.Epoch, &d.Digest, &d.At, &told)
			})
		}
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	return gone, err
}

// Listen implements Store. Words that are none of ours are not believed.
func (p *Postgres) Listen(ctx context.Context, opened func(), destroyed func(Scope), changed func()) error {
	return p.pool.Channel(channel).Receive(ctx, opened, func(word string) {
		if strings.HasPrefix(word, epochWord) {
			changed()
		} else if scope, err := ParseScope(word); err == nil {
			destroyed(scope)
		}
	})
}

func (p *Postgres) do(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	if err := p.pool.AsRole(ctx, postgres.RoleKeys, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// columns are rows as arrays, for unnest.
type columns struct {
	tenants, scopes, purposes []string
	versions                  []int32
	buckets                   []*int
	wrapped                   [][]byte
}

func newColumns(rows []Row) columns {
	n := len(rows)
	c := columns{make([]string, n), make([]string, n), make([]string, n), make([]int32, n), make([]*int, n), make([][]byte, n)}
	for i, r := range rows {
		c.tenants[i], c.scopes[i], c.purposes[i], c.versions[i] = r.Tenant, r.Scope.ID, string(r.Purpose), int32(r.Version)
		c.buckets[i], c.wrapped[i] = r.Bucket, r.Wrapped
	}
	return c
}

// Living lists scopes of a tenant of which a key lives, at most so many; the
// tenant's own comes last, for others are read by it.
func (p *Postgres) Living(ctx context.Context, tenant string, most int) (all []Scope, err error) {
	err = p.do(ctx, "list a tenant's scopes", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select distinct scope, scope = $2 as own from scope_key where tenant = $1 and wrapped is not null order by own, scope limit $3`, tenant, tenantID, most)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Scope, err error) {
			var own bool
			s.Tenant = tenant
			return s, row.Scan(&s.ID, &own)
		})
		return err
	})
	return all, err
}
