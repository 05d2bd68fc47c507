//go:build unix

package keys_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// newGroup makes a group as deploy/vault/postgres.sql does, and a login in it
// as a lease has it.
func newGroup(t *testing.T, database *postgrestest.Database) (group string, connect func(string) *pgx.Conn) {
	group, password := "voicehive_test_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	login := group + "_lease"
	database.Admin(t, "create role "+group+" nologin noinherit",
		fmt.Sprintf("create role %s login noinherit password '%s' in role %s", login, password, group))
	t.Cleanup(func() { database.Admin(t, "drop role "+login, "drop role "+group) })
	return group, func(url string) *pgx.Conn {
		config, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		config.User, config.Password = login, password
		conn, err := pgx.ConnectConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(t.Context()) })
		return conn
	}
}

// TestRolesApart: a leased login takes the roles of its group, and not those of
// the sequencer and the roller, which have logins of their own.
func TestRolesApart(t *testing.T) {
	t.Parallel()
	main, scopes := postgrestest.New(t, postgres.Migrations), postgrestest.New(t, keys.Migrations)
	app, asApp := newGroup(t, main)
	sequencer, asSequencer := newGroup(t, main)
	roller, asRoller := newGroup(t, main)
	migrate := func(opts ...postgres.MigrateOption) {
		t.Helper()
		opts = append(opts, postgres.GrantTo(app))
		require.NoError(t, postgres.Migrate(t.Context(), main.OwnerURL, postgres.Migrations, opts...))
		require.NoError(t, postgres.Migrate(t.Context(), scopes.OwnerURL, keys.Migrations, opts...))
	}
	may := func(conn *pgx.Conn, role postgres.Role) error {
		_, err := conn.Exec(t.Context(), "set role "+string(role))
		if err == nil {
			_, err = conn.Exec(t.Context(), "reset role")
		}
		return err
	}
	migrate() // one login for all, as in development
	require.NoError(t, may(asApp(main.URL), postgres.RoleSequencer))
	require.NoError(t, may(asApp(scopes.URL), postgres.RoleRoller))

	for range 2 { // doing it again changes nothing
		migrate(postgres.GrantApart(postgres.RoleSequencer, sequencer, postgres.RoleAuditor), postgres.GrantApart(postgres.RoleRoller, roller, postgres.RoleKeys, postgres.RoleHouse))
	}
	for name, login := range map[string]struct {
		connect  func(string) *pgx.Conn
		url      string
		may, not []postgres.Role
	}{
		"app":  {asApp, main.URL, []postgres.Role{postgres.RoleRegistrar, postgres.RoleGate, postgres.RoleAuditor, postgres.RoleSweeper}, postgres.RolesApart()},
		"keys": {asApp, scopes.URL, []postgres.Role{postgres.RoleKeys}, postgres.RolesApart()},
		"sequencer": {asSequencer, main.URL, []postgres.Role{postgres.RoleSequencer, postgres.RoleAuditor},
			[]postgres.Role{"voicehive_tenant", postgres.RoleRegistrar, postgres.RoleGate, postgres.RoleRoller, postgres.RoleKeys}},
		"roller's word": {asRoller, main.URL, []postgres.Role{postgres.RoleHouse},
			[]postgres.Role{"voicehive_tenant", postgres.RoleSequencer, postgres.RoleRegistrar, postgres.RoleGate, postgres.RoleAuditor, postgres.RoleSweeper}},
		"roller": {asRoller, scopes.URL, []postgres.Role{postgres.RoleRoller, postgres.RoleKeys}, []postgres.Role{postgres.RoleSequencer, "voicehive_tenant"}},
	} {
		conn := login.connect(login.url)
		for _, role := range login.may {
			require.NoError(t, may(conn, role), "%s: %s", name, role)
		}
		for _, role := range login.not {
			require.ErrorContains(t, may(conn, role), "permission denied to set role", "%s: %s", name, role)
		}
	}

	config := asRoller(scopes.URL).Config()
	pool, err := postgres.Open(t.Context(), fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", config.User, config.Password, config.Host, config.Port, config.Database))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	found, err := postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, found.Problems())
	require.Equal(t, []postgres.Role{postgres.RoleRoller}, found.Apart)
	require.Empty(t, found.Beyond(postgres.RoleRoller))
	require.Len(t, found.Beyond(), 1)
	require.ErrorContains(t, postgres.Migrate(t.Context(), main.OwnerURL, postgres.Migrations,
		postgres.GrantTo("voicehive_owner"), postgres.GrantApart(postgres.RoleSequencer, sequencer)), "kept apart", "the owner made the role, and may take it")
}
