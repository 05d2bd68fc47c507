package offboarding

import (
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// staying are the tables with a hotel's rows that are not emptied, each for its
// reason.
var staying = map[string]string{
	"audit_detail":    "the audit log is only added to; the keys of its details are destroyed",
	"audit_leaf":      "the audit log is only added to",
	"audit_outbox":    "it empties itself into the audit log",
	"audit_writer":    "it counts what is in the audit log",
	"breach":          "the house's",
	"breach_hotel":    "the house's",
	"breach_note":     "the house's",
	"erasure_journal": "a restored backup is emptied by it",
	"offboarding":     "the house's",
}

// TestEveryTableOfAHotelIsEmptied: a migration that makes a table lets
// voicehive_leaver read and delete its hotel's rows (see 00022_house.sql), or it
// stays for a reason; and a sealed column is opened for the hotel, or not
// returned for a reason.
func TestEveryTableOfAHotelIsEmptied(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	a := New(Parts{Pool: database.Pool(t)})
	all, err := a.leaving(t.Context(), "hotel-aurora")
	require.NoError(t, err)
	var emptied []string
	for _, each := range all {
		emptied = append(emptied, each.name)
	}
	require.Equal(t, "hotel", emptied[len(emptied)-1], "the registry's row goes last")
	conn, err := pgx.Connect(t.Context(), database.AdminURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	rows, err := conn.Query(t.Context(), `
		select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname in ('hotel', 'tenant') or c.relname = 'hotel' and c.relkind = 'r'
		order by 1`)
	require.NoError(t, err)
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, table := range named {
		if staying[table] == "" {
			require.Contains(t, emptied, table, "grant select and delete, and a policy, on it to voicehive_leaver in the migration that makes it")
		} else {
			require.NotContains(t, emptied, table)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(notReturned)) {
		require.Contains(t, emptied, table, "take it out of notReturned")
	}
	sealed, err := conn.Query(t.Context(), `
		select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.atttypid = 'bytea'::regtype and a.attname ~ '^sealed'`)
	require.NoError(t, err)
	var table, column string
	_, err = pgx.ForEachRow(sealed, []any{&table, &column}, func() error {
		opened := slices.ContainsFunc(openers[table], func(o opener) bool { return o.column == column })
		require.True(t, opened || notReturned[table] != "" || staying[table] != "", "%s.%s is returned sealed, and its key is destroyed: say how it is opened", table, column)
		return nil
	})
	require.NoError(t, err)
}

// TestFourEyesAreTheDatabasesToo: whoever gets past the workflow is stopped there.
func TestFourEyesAreTheDatabasesToo(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	insert := func(columns, values string) error {
		_, err := pool.Tenant(audit.HouseTenant).Exec(t.Context(), `insert into offboarding (hotel, id, leaves, give_back, opened_by`+columns+`)
			values ('voicehive-house', '01JD3Z8Q4X0000000000000000', 'hotel-aurora', 'nothing', 'ops:ada'`+values+`)`)
		return refusal(err)
	}
	for name, tc := range map[string][2]string{
		"approved by who opened it":    {", approved_by, approved_at", ", 'ops:ada', now()"},
		"returned without an approval": {", state", ", 'returned'"},
		"removed without an approval":  {", state", ", 'removing'"},
	} {
		require.Error(t, insert(tc[0], tc[1]), name)
	}
	require.ErrorIs(t, insert(", approved_by, approved_at", ", 'ops:ada', now()"), ErrSamePerson)
	require.NoError(t, insert("", ""))
	_, err := pool.Tenant(audit.HouseTenant).Exec(t.Context(), `insert into offboarding (hotel, id, leaves, give_back, opened_by)
		values ('voicehive-house', '01JD3Z8Q4X0000000000000001', 'hotel-aurora', 'nothing', 'ops:ada')`)
	require.ErrorIs(t, refusal(err), ErrOpen)
}
