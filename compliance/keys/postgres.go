package keys

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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

// Postgres is the Store in the key database, used under the role
// voicehive_keys alone.
type Postgres struct{ pool *postgres.Pool }

// NewPostgres returns the store in the database of pool.
func NewPostgres(pool *postgres.Pool) *Postgres { return &Postgres{pool: pool} }

// Insert implements Store.
func (p *Postgres) Insert(ctx context.Context, rows []Row) error {
	tenants, ids := make([]string, len(rows)), make([]string, len(rows))
	versions, epochs, wrapped := make([]int32, len(rows)), make([]string, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		tenants[i], ids[i], versions[i], epochs[i], wrapped[i] = r.Tenant, r.Scope.ID, int32(r.Version), r.Epoch, r.Wrapped
	}
	return p.do(ctx, "insert scope keys", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into scope_key (tenant, scope, version, epoch, wrapped)
			select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::bytea[])
			on conflict do nothing`, tenants, ids, versions, epochs, wrapped)
		return err
	})
}

// Fetch implements Store.
func (p *Postgres) Fetch(ctx context.Context, scopes []Scope) (rows []Row, err error) {
	tenants, ids := columns(scopes)
	found, err := p.pool.Role(postgres.RoleKeys).Query(ctx, `
		select tenant, scope, version, epoch, wrapped from scope_key
		where (tenant, scope) in (select * from unnest($1::text[], $2::text[]))`, tenants, ids)
	if err == nil {
		rows, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (r Row, err error) {
			return r, row.Scan(&r.Tenant, &r.Scope.ID, &r.Version, &r.Epoch, &r.Wrapped)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("load scope keys: %w", err)
	}
	return rows, nil
}

// Destroy implements Store. The tombstone of a scope without a key keeps one
// from being made later, when an erasure is replayed on a restored database.
func (p *Postgres) Destroy(ctx context.Context, scopes []Scope) (gone []Destruction, err error) {
	tenants, ids := columns(scopes)
	err = p.do(ctx, "destroy scope keys", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into scope_key (tenant, scope, epoch, wrapped, destroyed_at)
			select t, s, 'none', null, now() from unnest($1::text[], $2::text[]) as u (t, s)
			where not exists (select from scope_key where tenant = t and scope = s)
			on conflict do nothing`, tenants, ids)
		if err != nil {
			return err
		}
		found, err := tx.Query(ctx, `
			with live as (
				select tenant, scope, version, epoch, sha256(wrapped) as digest from scope_key
				where (tenant, scope) in (select * from unnest($1::text[], $2::text[]))
				  and destroyed_at is null
				for update)
			update scope_key k set wrapped = null, destroyed_at = now() from live
			where k.tenant = live.tenant and k.scope = live.scope and k.version = live.version
			returning k.tenant, k.scope, k.version, live.epoch, live.digest, k.destroyed_at`, tenants, ids)
		if err != nil {
			return err
		}
		gone, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (d Destruction, err error) {
			return d, row.Scan(&d.Tenant, &d.Scope.ID, &d.Version, &d.Epoch, &d.Digest, &d.At)
		})
		return err
	})
	return gone, err
}

// Assign implements Store.
func (p *Postgres) Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes []Scope) error {
	_, ids := columns(scopes)
	return p.do(ctx, "assign scopes to a subject", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update scope_key set subject = $2 where tenant = $1 and scope = any($3)`,
			tenant, subject, ids)
		return err
	})
}

// Scopes implements Store.
func (p *Postgres) Scopes(ctx context.Context, tenant string, subject uuid.UUID) (scopes []Scope, err error) {
	err = p.do(ctx, "list a subject's scopes", func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, `select distinct scope from scope_key where tenant = $1 and subject = $2 order by scope`,
			tenant, subject)
		if err != nil {
			return err
		}
		scopes, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (Scope, error) {
			s := Scope{Tenant: tenant}
			return s, row.Scan(&s.ID)
		})
		return err
	})
	return scopes, err
}

func (p *Postgres) do(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	if err := p.pool.AsRole(ctx, postgres.RoleKeys, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func columns(scopes []Scope) (tenants, ids []string) {
	tenants, ids = make([]string, len(scopes)), make([]string, len(scopes))
	for i, s := range scopes {
		tenants[i], ids[i] = s.Tenant, s.ID
	}
	return tenants, ids
}
