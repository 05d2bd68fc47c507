//go:build unix

package postgrestest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/cluster"
)

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	one, other := New(t, postgres.Migrations), New(t, postgres.Migrations)
	require.NotEqual(t, one.Name, other.Name)
	one.Admin(t, "insert into guest (hotel, booking, sealed) values ('aurora', 'b1', '')")
	other.Admin(t, "insert into guest (hotel, booking, sealed) values ('aurora', 'b1', '')")
}

func TestItsDatabaseIsDroppedAtTheEnd(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("a test", func(t *testing.T) {
		database := New(t, postgres.Migrations)
		database.Pool(t)
		name = database.Name
	})
	// An unused name can be given again, a used one cannot.
	s, err := theServer(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.admin(t.Context(), "create database "+name))
	require.NoError(t, s.admin(t.Context(), "drop database "+name))
}

func TestAProductsLoginIsHeldByRowSecurity(t *testing.T) {
	t.Parallel()
	login, err := postgres.CheckLogin(t.Context(), New(t, postgres.Migrations).Pool(t))
	require.NoError(t, err)
	require.Empty(t, login.Problems())
}

// TestAGivenServer runs a test of this package once more in a process of its
// own, which is told to use a server.
func TestAGivenServer(t *testing.T) {
	t.Parallel()
	given := os.Getenv("DATABASE_URL")
	if given == "" {
		// Not this process's own: the child gives the logins other passwords.
		dir, err := os.MkdirTemp("", "given")
		require.NoError(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		c, err := cluster.Start(t.Context(), cluster.Options{Dir: dir, Relaxed: true})
		require.NoError(t, err)
		t.Cleanup(c.Stop)
		given = c.AdminURL("postgres")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAProductsLoginIsHeldByRowSecurity$", "-test.v")
	child.Env = append(os.Environ(), "DATABASE_URL="+given)
	output, err := child.CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, string(output), "--- PASS: TestAProductsLogin")
}

func TestWithoutAServerATestFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, env, want string }{
		{"not installed", "PG_BIN=/nowhere", "apt-get install postgresql"},
		{"unreadable URL", "DATABASE_URL=nonsense", "must look like"},
		{"nobody there", "DATABASE_URL=postgres://u:p@127.0.0.1:1/d", "must be a superuser"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAProductsLoginIsHeldByRowSecurity$")
			child.Env = append(os.Environ(), "DATABASE_URL=", test.env)
			output, err := child.CombinedOutput()
			require.Error(t, err, string(output))
			require.Contains(t, string(output), test.want)
		})
	}
}
