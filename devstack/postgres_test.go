package main

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Killing and starting again on the same databases also proves that setting the
// schema up twice does no harm.
func TestKillAndRestartOnPostgres(t *testing.T) {
	t.Parallel()
	requireSurvivesKill(t, "--postgres", startPostgres(t))
}

// startPostgres runs a private cluster on a socket in a folder of its own, and
// returns the URL of a database that does not exist yet.
func startPostgres(t *testing.T) string {
	t.Helper()
	initdb, postgres := postgresBinary(t, "initdb"), postgresBinary(t, "postgres")
	dir, err := os.MkdirTemp("", "devstack-pg")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	owner := unprivileged(t, dir)

	data := filepath.Join(dir, "data")
	setup := exec.CommandContext(testContext(t), initdb, "-D", data, "-U", "devstack", "-A", "trust", "-E", "UTF8", "--no-sync")
	setup.SysProcAttr, setup.Dir = owner, dir
	out, err := setup.CombinedOutput()
	require.NoError(t, err, string(out))

	var log bytes.Buffer
	server := exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = owner, dir
	server.Stdout, server.Stderr = &log, &log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // PostgreSQL's fast shutdown
		_ = server.Wait()
	})

	options := "?" + url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode()
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(t.Context(), "postgres://devstack@/postgres"+options)
		if err != nil {
			return false
		}
		return conn.Close(t.Context()) == nil
	}, patience, 100*time.Millisecond, "PostgreSQL does not answer")
	return "postgres://devstack@/temporal" + options
}

// postgresBinary finds a server binary, newest version first. Without one the
// test is skipped on a developer's machine and fails in CI.
func postgresBinary(t *testing.T, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	require.NoError(t, err)
	if path, err := exec.LookPath(name); err == nil {
		found = append(found, path)
	}
	if len(found) > 0 {
		return slices.Max(found)
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed: install PostgreSQL's server package", name)
	}
	t.Skipf("NOT TESTED: %s is not installed; install PostgreSQL's server package", name)
	return ""
}

// unprivileged gives the folder to a user PostgreSQL agrees to run as.
func unprivileged(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, int(uid), int(gid)))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
