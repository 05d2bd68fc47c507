package register_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestEveryColumnIsInTheRegister holds the register against the migrated
// databases, in both directions.
func TestEveryColumnIsInTheRegister(t *testing.T) {
	t.Parallel()
	r, err := register.Load()
	require.NoError(t, err)
	for database, migrations := range map[string]fs.FS{register.Main: postgres.Migrations, register.Keys: keys.Migrations} {
		found := catalogue(t, postgrestest.New(t, migrations).AdminURL)
		for _, flaw := range differences(r, database, found) {
			t.Errorf("%s; write it into compliance/register/data", flaw)
		}
	}
}

// TestWhatIsMissingIsNamed: the comparison finds a new table, a new column,
// and entries for what is gone.
func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	database.Admin(t,
		"create table loyalty (hotel text, phone text)",
		"alter table guest add column passport text",
		"alter table quote drop column before",
		"drop table operator_task")
	r, err := register.Load()
	require.NoError(t, err)
	wanted := []string{
		"the table loyalty of the main database is not in the register",
		"the column guest.passport of the main database is not in the register",
		"the register names the column quote.before of the main database, which is not there",
		"the register names the table operator_task of the main database, which is not there",
	}
	require.Subset(t, differences(r, register.Main, catalogue(t, database.AdminURL)), wanted)
}

// catalogue reads the columns of every table, views and foreign tables among
// them, by table.
func catalogue(t *testing.T, url string) map[string][]string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `
		select c.relname::text, a.attname::text
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
		and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
		order by 1, a.attnum`)
	require.NoError(t, err)
	found := map[string][]string{}
	var table, column string
	_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		found[table] = append(found[table], column)
		return nil
	})
	require.NoError(t, err)
	return found
}

func differences(r register.Register, database string, found map[string][]string) (flaws []string) {
	known := map[string]register.Store{}
	for _, s := range r.Stores {
		if s.Kind == register.Table && s.Database == database {
			known[s.Name] = s
		}
	}
	for _, table := range slices.Sorted(maps.Keys(found)) {
		s, ok := known[table]
		if !ok {
			flaws = append(flaws, fmt.Sprintf("the table %s of the %s database is not in the register", table, database))
			continue
		}
		for _, column := range found[table] {
			if _, ok := s.Columns[column]; !ok {
				flaws = append(flaws, fmt.Sprintf("the column %s.%s of the %s database is not in the register", table, column, database))
			}
		}
		for _, column := range slices.Sorted(maps.Keys(s.Columns)) {
			if !slices.Contains(found[table], column) {
				flaws = append(flaws, fmt.Sprintf("the register names the column %s.%s of the %s database, which is not there", table, column, database))
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(known)) {
		if _, ok := found[table]; !ok {
			flaws = append(flaws, fmt.Sprintf("the register names the table %s of the %s database, which is not there", table, database))
		}
	}
	return flaws
}
