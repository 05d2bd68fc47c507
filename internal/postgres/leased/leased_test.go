//go:build unix

package leased_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/leased"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// TestAPoolOutlivesVaultsTokens: when Vault takes the token away, the login
// that was leased with it is dropped; the pool gets another one by itself.
func TestAPoolOutlivesVaultsTokens(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	fake := vaulttest.NewFake(t)
	fake.Lend(vaulttest.Lender{
		Create: func(user, password string) error {
			database.Admin(t, fmt.Sprintf(`create role %q login noinherit password '%s' in role voicehive_login`, user, password))
			return nil
		},
		Drop: func(user string) error {
			database.Admin(t, fmt.Sprintf(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '%s'`, user), fmt.Sprintf(`drop role %q`, user))
			return nil
		},
	}, 10*time.Second, time.Hour)
	config, err := pgx.ParseConfig(database.URL)
	require.NoError(t, err)
	url := fmt.Sprintf("postgres://%s:%d/%s?sslmode=disable", config.Host, config.Port, config.Database)
	pool, err := postgres.Open(t.Context(), url, postgres.WithCredentials(leased.From(vaulttest.Open(t, fake).Database(vaulttest.DatabaseMount), vaulttest.DatabaseRole)))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	first, err := postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, first.Problems())

	fake.RevokeAll(t)
	var next postgres.Login
	require.Eventually(t, func() bool {
		next, err = postgres.CheckLogin(t.Context(), pool)
		return err == nil
	}, time.Minute, 10*time.Millisecond)
	require.NotEqual(t, first.Name, next.Name)
	require.Equal(t, 1, fake.Leases(t))
	pool.Close()
	require.Zero(t, fake.Leases(t), "the last one is given back")
}
