//go:build unix

package postgres_test

import (
	"context"
	"io/fs"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// allMigrations are those of every database the product has. The key database
// stands on a higher floor, so its files are read and not imported.
func allMigrations() map[string]fs.FS {
	return map[string]fs.FS{
		"main": postgres.Migrations,
		"keys": os.DirFS("../../compliance/keys/migrations"),
	}
}

// flaws asks the catalogue for everything that would let a query get past row
// security: one line for each.
const flaws = `
with tables as (
  select c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relname <> 'goose_db_version'
), query_roles as (
  select distinct r.* from pg_policy p join pg_roles r on r.oid = any(p.polroles)
)
select 'table ' || relname || ' has no row security' from tables where relkind in ('r', 'p') and not relrowsecurity
union all
select 'table ' || relname || ' does not force row security' from tables where relkind in ('r', 'p') and not relforcerowsecurity
union all
select 'table ' || relname || ' has no policy' from tables
where relkind in ('r', 'p') and not exists (select from pg_policy where polrelid = tables.oid)
union all
select 'policy ' || polname || ' holds for every role' from pg_policy where 0 = any(polroles)
union all
select 'table ' || relname || ' does not belong to the owner login' from tables
where relkind in ('r', 'p', 'v', 'm') and pg_get_userbyid(relowner) <> 'voicehive_owner'
union all
select 'view ' || relname || ' runs with its owner''s rights' from tables
where relkind = 'm' or relkind = 'v' and not coalesce(reloptions && array['security_invoker=true', 'security_invoker=on'], false)
union all
select 'function ' || proname || ' runs with its owner''s rights' from pg_proc
where pronamespace = 'public'::regnamespace and prosecdef
union all
select 'table ' || relname || ' is granted to ' || coalesce(g.rolname, 'everybody')
from tables cross join aclexplode(relacl) a left join pg_roles g on g.oid = a.grantee
where relkind in ('r', 'p', 'v', 'm') and a.grantee <> relowner
  and a.grantee not in (select oid from query_roles)
union all
select 'column ' || relname || '.' || attname || ' is granted to ' || coalesce(g.rolname, 'everybody')
from tables join pg_attribute on attrelid = tables.oid cross join aclexplode(attacl) a left join pg_roles g on g.oid = a.grantee
where a.grantee not in (select oid from query_roles)
union all
select 'role ' || rolname || ' may ' || case when rolcanlogin then 'log in' when rolsuper then 'do everything'
  when rolbypassrls then 'bypass row security' else 'create roles' end
from query_roles where rolcanlogin or rolsuper or rolbypassrls or rolcreaterole
union all
select 'role ' || rolname || ' is a member of ' || m.roleid::regrole from query_roles join pg_auth_members m on m.member = query_roles.oid
order by 1`

func findFlaws(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), flaws)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestEveryTableHoldsItsTenantsApart(t *testing.T) {
	t.Parallel()
	for name, migrations := range allMigrations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := postgrestest.New(t, migrations)
			require.Empty(t, findFlaws(t, connect(t, database.AdminURL)))
		})
	}
}

// TestFlawsAreFound keeps the question above honest.
func TestFlawsAreFound(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	owner := []string{"begin", "set local role voicehive_owner"}
	for _, test := range []struct {
		name      string
		statement string
		want      string
	}{
		{"no security", "create table bare (hotel text)", "table bare has no row security"},
		{"not forced", "alter table guest no force row level security", "table guest does not force row security"},
		{"no policy", "drop policy guest_own on guest; drop policy guest_leaver on guest", "table guest has no policy"},
		{"open policy", "create policy all_of_it on guest using (true)", "policy all_of_it holds for every role"},
		{"view", "create view peek as select * from guest", "view peek runs with its owner's rights"},
		{"definer", "create function peek() returns int language sql security definer as 'select 1'", "function peek runs with its owner's rights"},
		{"granted to all", "grant select on guest to public", "table guest is granted to everybody"},
		{"granted to the login", "grant select on guest to voicehive_login", "table guest is granted to voicehive_login"},
		{"column granted", "grant select (sealed) on guest to public", "column guest.sealed is granted to everybody"},
		{"foreign owner", "reset role; alter table guest owner to voicehive_gate", "table guest does not belong to the owner login"},
		{"login role", "reset role; create policy p on guest to voicehive_login using (true)", "role voicehive_login may log in"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, database.AdminURL)
			for _, statement := range append(owner, test.statement) {
				_, err := conn.Exec(t.Context(), statement)
				require.NoError(t, err)
			}
			require.Contains(t, findFlaws(t, conn), test.want)
		})
	}
}
