package vaulttest

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/plugins/database/postgresql"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/vault/plugincatalog"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/leased"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

const databasePlugin = "postgresql-database-plugin"

// builtins are the plugins of a test's Vault with the real one for PostgreSQL.
type builtins struct{ plugincatalog.BuiltinRegistry }

func (b builtins) Get(name string, kind consts.PluginType) (func() (any, error), bool) {
	if name == databasePlugin && kind == consts.PluginTypeDatabase {
		return postgresql.New, true
	}
	return b.BuiltinRegistry.Get(name, kind)
}

// lendLogins sets the database engine up as deploy/vault/README.md tells.
func (s *real) lendLogins(t testing.TB) {
	require.NoError(t, s.root.Sys().MountWithContext(t.Context(), vaulttest.DatabaseMount, &api.MountInput{Type: "database"}))
	s.groups = newGroups(t, s.tables)
	name, password, url := vaultsLogin(t, s.tables, s.groups)
	s.write(t, vaulttest.DatabaseMount+"/config/voicehive", map[string]any{
		"plugin_name": databasePlugin, "allowed_roles": "voicehive-app,voicehive-keys,voicehive-sequencer,voicehive-roller,voicehive-house", "username": name, "password": password,
		"connection_url": url, "password_authentication": "scram-sha-256",
	})
	for _, role := range []string{"voicehive-app", "voicehive-keys", "voicehive-sequencer", "voicehive-roller", "voicehive-house"} {
		s.leaseRole(t, role, "1h", "24h")
	}
}

// vaultsLogin makes what postgres.sql makes for Vault, and tells where it logs in.
// The tests' server is shared: every Vault has an administrator of its own
// there, and groups.
func vaultsLogin(t testing.TB, tables *postgrestest.Database, g *groups) (name, password, connection string) {
	name, password = "voicehive_vault_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	rights := read(t, "postgres.sql")
	rights = strings.ReplaceAll(rights[strings.Index(rights, "create role voicehive_vault"):], "voicehive_vault", name)
	tables.Admin(t, strings.ReplaceAll(g.named(rights), "rotated-by-vault", password))
	t.Cleanup(func() { tables.Admin(t, "drop owned by "+name, "drop role "+name) })
	at, err := url.Parse(tables.AdminURL)
	require.NoError(t, err)
	at.User = nil
	return name, password, strings.Replace(at.String(), "://", "://{{username}}:{{password}}@", 1)
}

// creates is the file with the statements that make a role's logins.
func creates(role string) string {
	switch role {
	case "voicehive-sequencer", "voicehive-roller":
		return "login." + strings.TrimPrefix(role, "voicehive-") + ".sql"
	case "voicehive-house":
		return "login.roller.sql" // whose word it is
	}
	return "login.create.sql"
}

func (s *real) leaseRole(t testing.TB, role, ttl, max string) {
	s.write(t, fmt.Sprintf("%s/roles/%s", vaulttest.DatabaseMount, role), map[string]any{
		"db_name": "voicehive", "default_ttl": ttl, "max_ttl": max,
		"creation_statements": s.groups.named(read(t, creates(role))), "revocation_statements": read(t, "login.revoke.sql"),
	})
}

// lendingURL is the tests' database without a login.
func (s *real) lendingURL(t testing.TB) string {
	at, err := url.Parse(s.tables.AdminURL)
	require.NoError(t, err)
	at.User = nil
	query := at.Query()
	query.Set("connect_timeout", "1")
	at.RawQuery = query.Encode()
	return at.String()
}

// TestLoginsRotateUnderAWriter: real leases that end for good every few
// seconds, from a token that ends too, and no write fails.
func TestLoginsRotateUnderAWriter(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.leaseRole(t, vaulttest.DatabaseRole, "3s", "8s")
	lent := leased.From(s.client(t, time.Hour, time.Hour, "worker").Database(vaulttest.DatabaseMount), vaulttest.DatabaseRole)
	pool, err := postgres.Open(t.Context(), s.lendingURL(t), postgres.WithCredentials(lent), postgres.WithMaxConns(3))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	login, err := postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, login.Problems())
	require.NotEqual(t, "voicehive_login", login.Name)

	users, deadline := map[string]bool{}, time.Now().Add(time.Minute)
	for i := 0; len(users) < 3; i++ {
		require.True(t, time.Now().Before(deadline), "the logins rotate")
		err := pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
			var user string
			if err := tx.QueryRow(t.Context(), "select session_user::text from pg_sleep(0.02)").Scan(&user); err != nil {
				return err
			}
			users[user] = true
			_, err := tx.Exec(t.Context(), "insert into guest (hotel, booking, sealed) values ('aurora', $1, '')", fmt.Sprint(i))
			return err
		})
		require.NoError(t, err)
	}
	// Row-level security holds leased logins like any other.
	require.NoError(t, pool.InTenant(t.Context(), "borealis", func(tx pgx.Tx) error {
		var seen int
		require.NoError(t, tx.QueryRow(t.Context(), "select count(*) from guest").Scan(&seen))
		require.Zero(t, seen)
		_, err := tx.Exec(t.Context(), "savepoint s")
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "insert into guest (hotel, booking, sealed) values ('aurora', 'theirs', '')")
		require.ErrorContains(t, err, "row-level security")
		_, err = tx.Exec(t.Context(), "rollback to s")
		return err
	}))
	pool.Close()
	for user := range users {
		require.Eventually(t, func() bool { return !s.exists(t, user) }, time.Minute, 50*time.Millisecond, "every login is given back or ends")
	}
}

// exists tells whether the server knows a login.
func (s *real) exists(t testing.TB, user string) (yes bool) {
	conn, err := pgx.Connect(t.Context(), s.tables.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	require.NoError(t, conn.QueryRow(t.Context(), "select exists (select from pg_roles where rolname = $1)", user).Scan(&yes))
	return yes
}

// TestARevokedLoginIsDead: its open connections end, and it cannot come back.
func TestARevokedLoginIsDead(t *testing.T) {
	t.Parallel()
	s := start(t)
	database := s.client(t, time.Hour, time.Hour, "worker").Database(vaulttest.DatabaseMount)
	lease, err := database.Lease(t.Context(), vaulttest.DatabaseRole)
	require.NoError(t, err)
	at, err := url.Parse(s.lendingURL(t))
	require.NoError(t, err)
	at.User = url.UserPassword(lease.Username, lease.Password)
	conn, err := pgx.Connect(t.Context(), at.String())
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	for _, forbidden := range []string{
		"select * from guest", "set role voicehive_owner", "set role pg_read_all_data", "create role mine login", "create table mine ()",
		"alter table guest disable row level security", "select rolpassword from pg_authid",
	} {
		_, err = conn.Exec(t.Context(), forbidden)
		require.Error(t, err, forbidden)
	}
	_, err = conn.Exec(t.Context(), "set role voicehive_tenant")
	require.NoError(t, err)

	require.NoError(t, database.Revoke(t.Context(), lease))
	_, err = conn.Exec(t.Context(), "select 1")
	require.Error(t, err)
	_, err = pgx.Connect(t.Context(), at.String())
	require.Error(t, err)
	require.False(t, s.exists(t, lease.Username))
}

// TestAPoolOutlivesItsToken: leases end with the token that asked for them, so
// a new token means a new login. Old and new live side by side for a while.
func TestAPoolOutlivesItsToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	client := s.client(t, 12*time.Second, 20*time.Second, "worker")
	s.leaseRole(t, vaulttest.DatabaseRole, "6s", "1h")
	lent := leased.From(client.Database(vaulttest.DatabaseMount), vaulttest.DatabaseRole)
	pool, err := postgres.Open(t.Context(), s.lendingURL(t), postgres.WithCredentials(lent))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	first, err := postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
	deadline := time.Now().Add(time.Minute)
	for s.exists(t, first.Name) {
		require.True(t, time.Now().Before(deadline), "the token's longest life is over")
		_, err = postgres.CheckLogin(t.Context(), pool)
		require.NoError(t, err)
	}
	_, err = postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
}
