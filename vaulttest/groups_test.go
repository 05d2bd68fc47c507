package vaulttest

import (
	"crypto/rand"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault"
)

// groups are a test's own in the place of those that postgres.sql makes: the
// tests share a server.
type groups struct{ names *strings.Replacer }

// newGroups makes the groups and shares the roles out as `voicehive migrate`
// does with its three flags.
func newGroups(t testing.TB, databases ...*postgrestest.Database) *groups {
	own := func(name string) string { return name + "_" + strings.ToLower(rand.Text()[:12]) }
	app, sequencer, roller := own("voicehive_login"), own("voicehive_sequencer_login"), own("voicehive_roller_login")
	server := databases[0]
	for _, group := range []string{app, sequencer, roller} {
		server.Admin(t, "create role "+group+" nologin noinherit")
		t.Cleanup(func() { server.Admin(t, "drop owned by "+group, "drop role "+group) })
	}
	for i, database := range databases {
		migrations := []fs.FS{postgres.Migrations, keys.Migrations}[i]
		require.NoError(t, postgres.Migrate(t.Context(), database.OwnerURL, migrations, postgres.GrantTo(app),
			postgres.GrantApart(postgres.RoleSequencer, sequencer, postgres.RoleAuditor),
			postgres.GrantApart(postgres.RoleRoller, roller, postgres.RoleKeys, postgres.RoleHouse)))
	}
	return &groups{strings.NewReplacer("voicehive_login", app, "voicehive_sequencer_login", sequencer, "voicehive_roller_login", roller)}
}

// named puts the test's groups into statements.
func (g *groups) named(statements string) string { return g.names.Replace(statements) }

// TestNoLeaseTakesAnothersRole: what Vault lends to the API and the workers
// cannot become the sequencer or the roller, whatever is run there.
func TestNoLeaseTakesAnothersRole(t *testing.T) {
	t.Parallel()
	i := asTheReadmeSays(t)
	for _, lent := range []struct {
		job      string
		database *postgrestest.Database
		role     string
		may, not []postgres.Role
	}{
		{"worker", i.tables, "voicehive-app", []postgres.Role{"voicehive_tenant", postgres.RoleGate}, postgres.RolesApart()},
		{"codec", i.keysDB, "voicehive-keys", []postgres.Role{postgres.RoleKeys}, postgres.RolesApart()},
		{"sequencer", i.tables, "voicehive-sequencer", []postgres.Role{postgres.RoleSequencer}, []postgres.Role{"voicehive_tenant", postgres.RoleRegistrar, postgres.RoleRoller}},
		{"roller", i.keysDB, "voicehive-roller", []postgres.Role{postgres.RoleRoller}, []postgres.Role{"voicehive_tenant", postgres.RoleSequencer}},
		{"roller", i.tables, "voicehive-house", []postgres.Role{postgres.RoleHouse}, []postgres.Role{"voicehive_tenant", postgres.RoleSequencer, postgres.RoleRegistrar, postgres.RoleGate}},
	} {
		name := lent.job
		conn := i.job(t, name).connect(lent.database, lent.role)
		for _, role := range lent.may {
			_, err := conn.Exec(t.Context(), "begin; set local role "+string(role)+"; rollback")
			require.NoError(t, err, "%s: %s", name, role)
		}
		for _, role := range lent.not {
			_, err := conn.Exec(t.Context(), "set role "+string(role))
			require.ErrorContains(t, err, "permission denied to set role", "%s: %s", name, role)
		}
	}
	for name, role := range map[string]string{"roller": "voicehive-app", "worker": "voicehive-sequencer", "codec": "voicehive-roller", "sequencer": "voicehive-app", "operator": "voicehive-roller"} {
		_, err := i.job(t, name).client.Database("database").Lease(t.Context(), role)
		require.ErrorIs(t, err, vault.ErrDenied, "%s: %s", name, role)
	}
}

// connect is one connection under a login that Vault lends this job.
func (j *job) connect(database *postgrestest.Database, role string) *pgx.Conn {
	lease, err := j.client.Database("database").Lease(j.t.Context(), role)
	require.NoError(j.t, err, "%s: %s", j.name, role)
	at, err := url.Parse(database.AdminURL)
	require.NoError(j.t, err)
	at.User = url.UserPassword(lease.Username, lease.Password)
	conn, err := pgx.Connect(j.t.Context(), at.String())
	require.NoError(j.t, err)
	j.t.Cleanup(func() { _ = conn.Close(j.t.Context()) })
	return conn
}
