//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func ask[T any](t *testing.T, tx pgx.Tx, query string, args ...any) T {
	t.Helper()
	var answer T
	require.NoError(t, tx.QueryRow(t.Context(), query, args...).Scan(&answer))
	return answer
}

func TestOpenRefusesAtOnceWhatPatienceCannotHeal(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	for _, test := range []struct{ name, url, want string }{
		{"no URL", "::", "must look like"},
		{"wrong password", strings.Replace(database.URL, "voicehive_login:", "voicehive_login:x", 1), "check user, password"},
		{"no such database", strings.Replace(database.URL, database.Name, "voicehive_nowhere", 1), "check user, password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Open(t.Context(), test.url, postgres.WithPatience(time.Hour))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestOpenGivesUpOnAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "postgres://u:secretword@127.0.0.1:1/d", postgres.WithPatience(time.Millisecond))
	require.ErrorContains(t, err, "no server answered")
	require.NotContains(t, err.Error(), "secretword")
}

func TestBadURLIsNotQuoted(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "postgres://u:secretword@host:port/d")
	require.ErrorContains(t, err, "must look like")
	require.NotContains(t, err.Error(), "secretword")
	err = postgres.Migrate(t.Context(), "postgres://u:secretword@host:port/d", postgres.Migrations)
	require.ErrorContains(t, err, "must look like")
	require.NotContains(t, err.Error(), "secretword")
}

func TestConnectionsAreBoundedAndNamed(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t,
		postgres.WithApplicationName("reception"), postgres.WithMaxConns(3), postgres.WithStatementTimeout(2*time.Second))
	require.EqualValues(t, 3, pool.Stat().MaxConns())
	require.NoError(t, pool.Ping(t.Context()))
	err := pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
		require.Equal(t, "reception", ask[string](t, tx, "select current_setting('application_name')"))
		require.Equal(t, "UTC", ask[string](t, tx, "select current_setting('timezone')"))
		_, err := tx.Exec(t.Context(), "select pg_sleep(60)")
		return err
	})
	require.ErrorContains(t, err, "57014", "the statement is cancelled")
}

func TestInTenantTakesRoleAndTenantAndGivesThemBack(t *testing.T) {
	t.Parallel()
	// One connection, so that the second transaction gets the first one's.
	pool := postgrestest.New(t, postgres.Migrations).Pool(t, postgres.WithMaxConns(1))
	require.NoError(t, pool.InTenant(t.Context(), "aurora-berlin", func(tx pgx.Tx) error {
		require.Equal(t, "voicehive_tenant", ask[string](t, tx, "select current_user::text"))
		require.Equal(t, "aurora-berlin", ask[string](t, tx, "select tenant()"))
		return nil
	}))
	require.NoError(t, pool.AsRole(t.Context(), postgres.RoleGate, func(tx pgx.Tx) error {
		require.Equal(t, "voicehive_gate", ask[string](t, tx, "select current_user::text"))
		require.Nil(t, ask[*string](t, tx, "select tenant()"))
		return nil
	}))
	require.EqualValues(t, 1, pool.Stat().NewConnsCount())
}

func TestATenantThatCannotBeOneIsRefused(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	never := func(pgx.Tx) error { return errors.New("ran") }
	for _, tenant := range []string{
		"", "a", "-a", "A1", "ä1", "a b", "a'b", "a;b", "a\nb", "ab\n", "a_b", strings.Repeat("a", 64),
		"x'; set local role voicehive_registrar; --",
	} {
		require.ErrorIs(t, pool.InTenant(t.Context(), tenant, never), postgres.ErrTenant, "%q", tenant)
		require.ErrorIs(t, pool.InTenantReadOnly(t.Context(), tenant, never), postgres.ErrTenant, "%q", tenant)
	}
	require.ErrorIs(t, pool.AsRole(t.Context(), "postgres", never), postgres.ErrRole)
	require.ErrorIs(t, pool.AsRole(t.Context(), "voicehive_tenant", never), postgres.ErrRole)
}

func TestEveryAcceptedTenantArrivesAsItIs(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	rapid.Check(t, func(rt *rapid.T) {
		tenant := rapid.OneOf(rapid.StringMatching(`[a-z0-9][a-z0-9-]{1,62}`), rapid.String()).Draw(rt, "tenant")
		var seen string
		err := pool.InTenant(context.Background(), tenant, func(tx pgx.Tx) error {
			return tx.QueryRow(context.Background(), "select tenant()").Scan(&seen)
		})
		if err == nil && seen != tenant {
			rt.Fatalf("%q arrived as %q", tenant, seen)
		}
		if err != nil && !errors.Is(err, postgres.ErrTenant) {
			rt.Fatalf("%q: %v", tenant, err)
		}
	})
}

func TestAnErrorRollsBackAndComesBackAsItIs(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	insert := func(tx pgx.Tx) {
		_, err := tx.Exec(t.Context(), "insert into guest (hotel, booking, sealed) values (tenant(), 'b1', '')")
		require.NoError(t, err)
	}
	count := func() (n int) {
		require.NoError(t, pool.InTenantReadOnly(t.Context(), "aurora", func(tx pgx.Tx) error {
			n = ask[int](t, tx, "select count(*) from guest")
			return nil
		}))
		return n
	}
	mine := errors.New("mine")
	require.Same(t, mine, pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
		insert(tx)
		return mine
	}))
	require.Zero(t, count())

	require.Panics(t, func() {
		_ = pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
			insert(tx)
			panic("a bug")
		})
	})
	require.Zero(t, count())
	require.Zero(t, pool.Stat().AcquiredConns(), "the connection is back")

	require.NoError(t, pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
		insert(tx)
		return nil
	}))
	require.Equal(t, 1, count())
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	err := pool.InTenantReadOnly(t.Context(), "aurora", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "insert into guest (hotel, booking, sealed) values (tenant(), 'b1', '')")
		return err
	})
	require.ErrorContains(t, err, "25006")
}

func TestARefusedRoleLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	// A login that may not take the role: the transaction begins and the role
	// fails, so the connection must not be used again.
	database.Admin(t, "create role "+database.Name+" login noinherit password 'x'")
	t.Cleanup(func() { database.Admin(t, "drop role "+database.Name) })
	_, rest, _ := strings.Cut(database.URL, "@")
	stranger, err := postgres.Open(t.Context(), "postgres://"+database.Name+":x@"+rest, postgres.WithMaxConns(1))
	require.NoError(t, err)
	defer stranger.Close()
	for range 3 {
		err := stranger.InTenant(t.Context(), "aurora", func(pgx.Tx) error { return errors.New("ran") })
		require.ErrorContains(t, err, "42501")
		require.NoError(t, stranger.Ping(t.Context()))
	}
}

func TestLoginIsJudged(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	check := func(url string) postgres.Login {
		pool, err := postgres.Open(t.Context(), url)
		require.NoError(t, err)
		defer pool.Close()
		login, err := postgres.CheckLogin(t.Context(), pool)
		require.NoError(t, err)
		return login
	}
	login := check(database.URL)
	require.Equal(t, "voicehive_login", login.Name)
	require.Empty(t, login.Problems())

	owner := check(database.OwnerURL)
	require.Contains(t, owner.Owns, "api_key") // of the first ten, by name
	require.True(t, owner.CreateRole)
	require.False(t, owner.Superuser || owner.BypassRLS)
	require.Len(t, owner.Problems(), 2)

	admin := check(database.AdminURL)
	require.True(t, admin.Superuser && admin.BypassRLS)
	require.NotEmpty(t, admin.Problems())
}
