//go:build unix

package postgres_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// empty makes a database without tables: one migration that does nothing.
var empty = fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nselect 1;\n")}}

func TestMigrateSideBySideAndAgain(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, empty)
	// The template's own migration must not count.
	database.Admin(t, "drop table goose_db_version")
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			return postgres.Migrate(t.Context(), database.OwnerURL, postgres.Migrations, postgres.GrantTo("voicehive_login"))
		})
	}
	require.NoError(t, group.Wait())

	var log bytes.Buffer
	require.NoError(t, postgres.Migrate(t.Context(), database.OwnerURL, postgres.Migrations,
		postgres.WithLog(slog.New(slog.NewTextHandler(&log, nil)))))
	require.Empty(t, log.String(), "nothing is left to apply")
	login, err := postgres.CheckLogin(t.Context(), database.Pool(t))
	require.NoError(t, err)
	require.Empty(t, login.Problems())
}

func TestMigrateInManyDatabasesAtOnce(t *testing.T) {
	t.Parallel()
	// Roles belong to the cluster, so these race for one role's creation.
	role := "voicehive_race"
	migrations := fstest.MapFS{"00001_role.sql": {Data: []byte(`
-- +goose Up
-- +goose StatementBegin
do $$
begin
  if not exists (select from pg_roles where rolname = 'voicehive_race') then
    create role voicehive_race nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end
$$;
-- +goose StatementEnd
create table thing (id int);
alter table thing enable row level security;
create policy thing_all on thing to voicehive_race using (true);
`)}}
	var databases []*postgrestest.Database
	for range 4 {
		d := postgrestest.New(t, empty)
		d.Admin(t, "drop table goose_db_version")
		databases = append(databases, d)
	}
	t.Cleanup(func() {
		for _, d := range databases {
			d.Admin(t, "drop owned by "+role)
		}
		databases[0].Admin(t, "drop role "+role)
	})
	var group errgroup.Group
	for _, d := range databases {
		group.Go(func() error {
			return postgres.Migrate(t.Context(), d.OwnerURL, migrations, postgres.GrantTo("voicehive_login"))
		})
	}
	require.NoError(t, group.Wait())
}

func TestMigrateSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	const policy = "-- +goose Up\ncreate table thing (id int);\ncreate policy thing_all on thing to pg_monitor;\n"
	database := postgrestest.New(t, empty)
	for _, test := range []struct {
		name       string
		migrations fs.FS
		login      string
		want       string
	}{
		{"no files", fstest.MapFS{}, "", "reading the migrations"},
		{"bad SQL", fstest.MapFS{"00002_bad.sql": {Data: []byte("-- +goose Up\ncreate nonsense;\n")}}, "", "fix the cause and repeat"},
		{"no login", fstest.MapFS{"00001_nothing.sql": empty["00001_nothing.sql"], "00002_policy.sql": {Data: []byte(policy)}}, "voicehive_nobody", "create it first"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := postgres.Migrate(t.Context(), database.OwnerURL, test.migrations, postgres.GrantTo(test.login))
			require.ErrorContains(t, err, test.want)
		})
	}
}
