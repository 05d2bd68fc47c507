//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// A tenantTable is a table whose rows belong to tenants: one with a column
// hotel or tenant, the table of hotels, and whatever the tenant's role may
// touch.
type tenantTable struct {
	Name   string
	Tenant *string // the column that names the tenant
	Keys   []string
	Types  []string // of Keys
}

const tenantTables = `
	with candidates as (
	  select c.oid, c.relname,
	    (select a.attname::text from pg_attribute a
	     where a.attrelid = c.oid and not a.attisdropped
	       and (a.attname in ('hotel', 'tenant') or c.relname = 'hotel' and a.attname = 'id')) as tenant
	  from pg_class c
	  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
	)
	select c.relname::text as name, c.tenant,
	  array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey) order by a.attnum) as keys,
	  array(select format_type(a.atttypid, null) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey) order by a.attnum) as types
	from candidates c left join pg_index i on i.indrelid = c.oid and i.indisprimary
	where c.tenant is not null
	  or exists (select from pg_policy where polrelid = c.oid and 'voicehive_tenant'::regrole = any(polroles))
	order by 1`

// loosen takes away whatever but row security could refuse a row: the test is
// of row security alone, and must not know what a row of each table looks like.
const loosen = `
do $$
declare
  r record;
begin
  for r in select conrelid::regclass as tab, conname from pg_constraint
           where connamespace = 'public'::regnamespace and contype in ('c', 'f') loop
    execute format('alter table %s drop constraint %I', r.tab, r.conname);
  end loop;
  for r in select c.oid::regclass as tab, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and a.attnum > 0 and not a.attisdropped and a.attnotnull
             and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)) loop
    execute format('alter table %s alter column %I drop not null', r.tab, r.attname);
  end loop;
  for r in select c.oid::regclass as tab from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') loop
    execute format('alter table %s disable trigger user', r.tab);
  end loop;
end
$$`

func TestTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	database.Admin(t, loosen)
	admin := connect(t, database.AdminURL)
	rows, err := admin.Query(t.Context(), tenantTables)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByName[tenantTable])
	require.NoError(t, err)
	require.NotEmpty(t, tables)

	product := connect(t, database.URL)
	for _, table := range tables {
		t.Run(table.Name, func(t *testing.T) {
			require.NotNil(t, table.Tenant, "the tenant's role may touch this table, but no column names the tenant; teach the test")
			for n, tenant := range []string{"hotel-a", "hotel-b"} {
				_, err := admin.Exec(t.Context(), table.insert(t, tenant, n))
				require.NoError(t, err)
			}
			checkTenant(t, product, table)
			checkNoTenant(t, product, table)
		})
	}
}

// checkTenant works as hotel-a and must not touch hotel-b's row.
func checkTenant(t *testing.T, conn *pgx.Conn, table tenantTable) {
	const asA = "set local role voicehive_tenant; set local voicehive.tenant = 'hotel-a'"
	privileges := func(privilege string) (granted bool) {
		require.NoError(t, conn.QueryRow(t.Context(), "select has_any_column_privilege('voicehive_tenant', $1, $2)", table.Name, privilege).Scan(&granted))
		return granted
	}
	if privileges("select") {
		require.Equal(t, "1", attempt(t, conn, asA, "select 1 from "+table.Name), "its own row and no other")
		require.Equal(t, "0", attempt(t, conn, asA, table.where("select 1 from %s where %s = 'hotel-b'")))
	}
	if privileges("insert") {
		require.Equal(t, "1", attempt(t, conn, asA, table.insert(t, "hotel-a", 2)), "its own row goes in")
		require.Equal(t, "refused", attempt(t, conn, asA, table.insert(t, "hotel-b", 2)))
	}
	if privileges("update") {
		require.Equal(t, "refused", attempt(t, conn, asA, table.where("update %s set %s = 'hotel-b'")), "a row given away")
		// Where the tenant's own column cannot be written, any other tries it.
		require.Contains(t, []string{"0", "refused"}, attempt(t, conn, asA, table.where("update %[1]s set %[2]s = 'hotel-a' where %[2]s = 'hotel-b'")), "a row taken")
		var column string
		require.NoError(t, conn.QueryRow(t.Context(), `
			select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
			  and has_column_privilege('voicehive_tenant', attrelid, attnum, 'update') limit 1`, table.Name).Scan(&column))
		require.Equal(t, "0", attempt(t, conn, asA, table.where("update %[1]s set "+column+" = "+column+" where %[2]s = 'hotel-b'")), "a row changed")
	}
	for _, statement := range []string{"delete from %s where %s = 'hotel-b'", "update %[1]s set %[2]s = %[2]s where %[2]s = 'hotel-b'"} {
		require.Contains(t, []string{"0", "refused"}, attempt(t, conn, asA, table.where(statement)))
	}
	require.Equal(t, "refused", attempt(t, conn, asA, "truncate "+table.Name))
}

// checkNoTenant works as the tenant's role with no tenant, with an empty one,
// and as the bare login: nothing is seen and nothing written.
func checkNoTenant(t *testing.T, conn *pgx.Conn, table tenantTable) {
	for _, as := range []string{
		"set local role voicehive_tenant",
		"set local role voicehive_tenant; set local voicehive.tenant = ''",
		"select 1",
	} {
		for _, statement := range []string{"select 1 from " + table.Name, "delete from " + table.Name, table.where("update %[1]s set %[2]s = %[2]s")} {
			require.Contains(t, []string{"0", "refused"}, attempt(t, conn, as, statement), as)
		}
		require.Equal(t, "refused", attempt(t, conn, as, table.insert(t, "hotel-a", 3)), as)
	}
}

// attempt runs one statement in a transaction that is rolled back, and tells
// how many rows it touched, or that it was refused for lack of rights.
func attempt(t *testing.T, conn *pgx.Conn, as, statement string) string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	_, err = tx.Exec(t.Context(), as)
	require.NoError(t, err)
	tag, err := tx.Exec(t.Context(), statement)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42501" {
		return "refused"
	}
	require.NoError(t, err, statement)
	return fmt.Sprint(tag.RowsAffected())
}

func (table tenantTable) where(format string) string {
	return fmt.Sprintf(format, table.Name, *table.Tenant)
}

// insert writes the tenant and the key columns; n makes the row unlike others.
func (table tenantTable) insert(t *testing.T, tenant string, n int) string {
	t.Helper()
	columns, values := []string{*table.Tenant}, []string{"'" + tenant + "'"}
	for i, column := range table.Keys {
		if column == *table.Tenant {
			continue
		}
		columns, values = append(columns, column), append(values, literal(t, table.Types[i], n))
	}
	return fmt.Sprintf("insert into %s (%s) values (%s)", table.Name, strings.Join(columns, ", "), strings.Join(values, ", "))
}

func literal(t *testing.T, typ string, n int) string {
	t.Helper()
	switch typ {
	case "text":
		return fmt.Sprintf("'row-%d'", n)
	case "bytea":
		return fmt.Sprintf("'\\x%064x'", n)
	case "uuid":
		return fmt.Sprintf("'00000000-0000-0000-0000-%012x'", n)
	case "text[]":
		return fmt.Sprintf("'{row-%d}'", n)
	case "smallint", "integer", "bigint":
		return fmt.Sprint(n)
	case "date", "timestamp with time zone":
		return fmt.Sprintf("date '2026-01-01' + %d", n)
	}
	t.Fatalf("this test cannot make up a key of type %s; teach it", typ)
	return ""
}

// TestNarrowRolesSeeNoMoreThanTheirJob names what each role may read, so that
// a widening is a decision and not an accident.
func TestNarrowRolesSeeNoMoreThanTheirJob(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	pool := database.Pool(t)
	for role, allowed := range map[postgres.Role][]string{
		postgres.RoleRegistrar: {"api_key", "connection", "hotel", "hotel_attestation", "webhook_secret"},
		postgres.RoleGate:      {"access_link", "api_key", "hotel", "hotel_attestation"},
		postgres.RoleSweeper:   {"dsar_case", "intent", "legal_hold", "message", "webhook_delivery"},
		postgres.RoleJournal:   {"erasure_journal"},
		postgres.RoleArchivist: {"audit_checkpoint", "audit_cosignature", "audit_detail", "audit_drop", "audit_hash", "audit_leaf", "audit_shred", "audit_writer_end", "hold_scope", "hotel", "legal_hold"},
	} {
		var readable []string
		require.NoError(t, pool.AsRole(t.Context(), role, func(tx pgx.Tx) error {
			rows, err := tx.Query(t.Context(), `
				select relname::text from pg_class
				where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_any_column_privilege(oid, 'select')
				order by 1`)
			if err != nil {
				return err
			}
			readable, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		}))
		require.Equal(t, allowed, readable, role)
	}
	for _, sealed := range []string{"sealed from intent", "sealed from message", "sealed_wish from dsar_case", "matter from legal_hold"} {
		err := pool.AsRole(t.Context(), postgres.RoleSweeper, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "select "+sealed)
			return err
		})
		require.ErrorContains(t, err, "42501", "the sweeper sees nothing of a person: "+sealed)
	}
}
