//go:build unix

package postgres_test

import (
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// notes is a table with a policy and a constraint that is checked only when the
// transaction ends.
var notes = fstest.MapFS{"00009_notes.sql": {Data: []byte(`-- +goose Up
create table note (hotel text not null, id int not null, twin int, primary key (hotel, id));
alter table note add constraint note_twin foreign key (hotel, twin) references note (hotel, id) deferrable initially deferred;
alter table note enable row level security;
alter table note force row level security;
grant select, insert, update on note to voicehive_tenant;
create policy note_own on note to voicehive_tenant using (hotel = tenant()) with check (hotel = tenant());
`)}}

func withNotes(t *testing.T) *postgres.Pool {
	t.Helper()
	files := fstest.MapFS{}
	for name, file := range notes {
		files[name] = file
	}
	for _, name := range []string{"00001_roles.sql", "00002_registry.sql", "00003_ledger.sql"} {
		text, err := postgres.Migrations.Open(name)
		require.NoError(t, err)
		defer text.Close()
		info, err := text.Stat()
		require.NoError(t, err)
		data := make([]byte, info.Size())
		_, err = text.Read(data)
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	return postgrestest.New(t, files).Pool(t)
}

func TestStatementsSeeTheirTenantOnly(t *testing.T) {
	t.Parallel()
	pool := withNotes(t)
	ctx := t.Context()
	for _, hotel := range []string{"alpha", "beta"} {
		tag, err := pool.Tenant(hotel).Exec(ctx, "insert into note (hotel, id) values ($1, 1)", hotel)
		require.NoError(t, err)
		require.EqualValues(t, 1, tag.RowsAffected())
	}
	for range 20 { // on whatever connection of the pool, in whatever order
		for _, hotel := range []string{"alpha", "beta"} {
			var seen string
			require.NoError(t, pool.Tenant(hotel).QueryRow(ctx, "select hotel from note").Scan(&seen))
			require.Equal(t, hotel, seen)
		}
	}
	_, err := pool.Tenant("alpha").Exec(ctx, "insert into note (hotel, id) values ('beta', 2)")
	require.Error(t, err, "a row of another tenant is refused")
	tag, err := pool.Tenant("alpha").Exec(ctx, "update note set id = 3 where hotel = 'beta'")
	require.NoError(t, err)
	require.Zero(t, tag.RowsAffected())
}

func TestStatementsGiveRolesBack(t *testing.T) {
	t.Parallel()
	pool := withNotes(t)
	ctx := t.Context()
	_, err := pool.Tenant("alpha").Exec(ctx, "insert into note (hotel, id) values ('alpha', 1)")
	require.NoError(t, err)
	err = pool.AsRole(ctx, postgres.RoleGate, func(tx pgx.Tx) error {
		var tenant *string
		require.NoError(t, tx.QueryRow(ctx, "select nullif(current_setting('voicehive.tenant', true), '')").Scan(&tenant))
		require.Nil(t, tenant, "the tenant ended with its statement")
		return nil
	})
	require.NoError(t, err)
	_, err = pool.Role(postgres.RoleGate).Exec(ctx, "select id from note")
	require.Error(t, err, "a narrow role has its own rights only")
}

func TestStatementsTellLateErrors(t *testing.T) {
	t.Parallel()
	pool := withNotes(t)
	ctx := t.Context()
	_, err := pool.Tenant("alpha").Exec(ctx, "insert into note (hotel, id, twin) values ('alpha', 1, 99)")
	require.Error(t, err, "the constraint fails when the transaction ends")
	var id int
	err = pool.Tenant("alpha").QueryRow(ctx, "insert into note (hotel, id, twin) values ('alpha', 1, 99) returning id").Scan(&id)
	require.Error(t, err)
	rows, err := pool.Tenant("alpha").Query(ctx, "insert into note (hotel, id, twin) values ('alpha', 1, 99) returning id")
	require.NoError(t, err)
	_, err = pgx.CollectRows(rows, pgx.RowTo[int])
	require.Error(t, err)
	require.ErrorIs(t, pool.Tenant("alpha").QueryRow(ctx, "select id from note").Scan(&id), pgx.ErrNoRows, "nothing was kept")
	require.Zero(t, pool.Stat().AcquiredConns(), "every connection is back")
}

func TestStatementsRefuseOddTenantsAndRoles(t *testing.T) {
	t.Parallel()
	pool := withNotes(t)
	for _, tenant := range []string{"", "A", "a'; drop table note; --", "x"} {
		_, err := pool.Tenant(tenant).Exec(t.Context(), "select 1")
		require.ErrorIs(t, err, postgres.ErrTenant)
		require.ErrorIs(t, pool.Tenant(tenant).QueryRow(t.Context(), "select 1").Scan(new(int)), postgres.ErrTenant)
		_, err = pool.Tenant(tenant).Query(t.Context(), "select 1")
		require.ErrorIs(t, err, postgres.ErrTenant)
	}
	_, err := pool.Role("postgres").Exec(t.Context(), "select 1")
	require.ErrorIs(t, err, postgres.ErrRole)
}
