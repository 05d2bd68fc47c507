//go:build unix

package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// TestMain lets this test binary play the process that owns a cluster and is
// killed: with the variable set it starts one, says so, and waits for the end.
func TestMain(m *testing.M) {
	dir := os.Getenv("VOICEHIVE_CLUSTER_CHILD")
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Options{Dir: dir, Databases: []string{"main"}, Relaxed: true})
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println(c.AdminURL("main"))
	<-c.Done()
}

func startForTest(t *testing.T, dir string, databases ...string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Dir: dir, Databases: databases, Relaxed: true})
	require.NoError(t, err)
	t.Cleanup(c.Stop)
	return c
}

func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

func question[T any](t *testing.T, url, query string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var answer T
	require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&answer))
	return answer
}

// openDir is a directory that the server's account can reach even under root:
// t.TempDir is mode 0700 in parts.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o711))
	return filepath.Join(dir, "c")
}

func TestDataSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startForTest(t, dir, "main", "keys")
	execute(t, c.OwnerURL("main"), "create table note (text text)", "insert into note values ('kept')")
	c.Stop()
	c.Stop() // twice is no error
	<-c.Done()

	c = startForTest(t, dir, "main", "keys")
	require.Equal(t, "kept", question[string](t, c.OwnerURL("main"), "select text from note"))
	require.Equal(t, "keys", question[string](t, c.URL("keys"), "select current_database()::text"))
}

func TestTheServerEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	child, url := startChild(t, dir)
	execute(t, url, "create table note (text text)", "insert into note values ('kept')")
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()

	// The lock is free only when every process of the server is gone, so a
	// start that succeeds proves that no orphan is left.
	c := startForTest(t, dir, "main")
	require.Equal(t, "kept", question[string](t, c.AdminURL("main"), "select text from note"))
}

func TestTheServerStartsAfterItWasKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startForTest(t, dir, "main")
	execute(t, c.OwnerURL("main"), "create table note (text text)", "insert into note values ('kept')")
	require.NoError(t, c.server.process.Signal(syscall.SIGKILL))
	<-c.Done()
	require.FileExists(t, filepath.Join(dir, "data", "pgdata", "postmaster.pid"))
	c.Stop()

	c = startForTest(t, dir, "main")
	require.Equal(t, "kept", question[string](t, c.OwnerURL("main"), "select text from note"))
}

func TestAnInterruptedInitdbIsDoneAgain(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	startForTest(t, dir).Stop()
	pgdata := filepath.Join(dir, "data", "pgdata")
	require.NoError(t, os.Rename(pgdata, filepath.Join(dir, "data", "new")))
	c := startForTest(t, dir)
	require.Equal(t, 1, question[int](t, c.URL("postgres"), "select 1"))
}

// TestRunningCluster shares one cluster, for making one takes a second.
func TestRunningCluster(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startForTest(t, dir, "main")
	logins := Logins{OwnerPassword: c.credentials.Owner, Password: c.credentials.Login}

	t.Run("a second start is told who has it", func(t *testing.T) {
		_, err := Start(t.Context(), Options{Dir: dir})
		require.ErrorIs(t, err, ErrInUse)
		require.ErrorContains(t, err, fmt.Sprint(os.Getpid()))
	})
	t.Run("logins have no more than they need", func(t *testing.T) {
		const attributes = `
			select concat_ws(' ', rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolinherit)
			from pg_roles where rolname = current_user`
		require.Equal(t, "f f f f f", question[string](t, c.URL("main"), attributes))
		require.Equal(t, "f f f t t", question[string](t, c.OwnerURL("main"), attributes))
	})
	t.Run("a wrong password is refused", func(t *testing.T) {
		_, err := pgx.Connect(t.Context(), strings.Replace(c.URL("main"), ":"+c.credentials.Login, ":wrong", 1))
		require.ErrorContains(t, err, "28P01")
	})
	t.Run("bootstrap is safe side by side", func(t *testing.T) {
		var group errgroup.Group
		for range 8 {
			group.Go(func() error {
				return Bootstrap(t.Context(), c.AdminURL("postgres"), logins, "main", "other")
			})
		}
		require.NoError(t, group.Wait())
		require.Equal(t, OwnerName, question[string](t, c.URL("other"),
			"select pg_get_userbyid(datdba)::text from pg_database where datname = 'other'"))
	})
	t.Run("the owner may grant roles that others made", func(t *testing.T) {
		execute(t, c.AdminURL("postgres"), "create role voicehive_stranger nologin")
		require.NoError(t, Bootstrap(t.Context(), c.AdminURL("postgres"), logins))
		execute(t, c.OwnerURL("main"), "grant voicehive_stranger to "+LoginName)
	})
}

func TestSecretsStayPrivate(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startForTest(t, dir)
	info, err := os.Stat(filepath.Join(dir, "credentials.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoFileExists(t, filepath.Join(dir, "data", "password"))

	execute(t, c.AdminURL("postgres"), "create table guest (name text primary key)", "insert into guest values ('Ada Private')")
	conn, err := pgx.Connect(t.Context(), c.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(t.Context(), "insert into guest values ('Ada Private')")
	require.Error(t, err)
	c.Stop()
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "duplicate key", "the failure itself is logged")
	require.NotContains(t, string(log), "Ada Private")
}

func TestDamagedPasswordsAreReported(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "credentials.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"admin":"x"}`), 0o600))
	_, err := loadCredentials(file)
	require.ErrorContains(t, err, "start anew")
}

func TestRootFindsAPlaceBelowAPrivateHome(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("only root needs another place; what follows holds for any user")
	}
	home := openDir(t)
	require.NoError(t, os.MkdirAll(home, 0o700))
	require.NoError(t, os.Chmod(home, 0o700))
	dir := filepath.Join(home, "project", ".voicehive")
	c := startForTest(t, dir, "main")
	require.Equal(t, 1, question[int](t, c.URL("main"), "select 1"))
	if os.Getuid() == 0 {
		away, err := os.Readlink(filepath.Join(dir, "data"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(away) })
	}
	c.Stop()
	c = startForTest(t, dir, "main")
	require.Equal(t, 1, question[int](t, c.URL("main"), "select 1"))
	c.Stop()
}

// A directory that somebody removed, as one removes .voicehive, is a fresh start
// even where its data lay elsewhere; and Remove leaves nothing of either.
func TestARemovedDirectoryStartsAfresh(t *testing.T) {
	t.Parallel()
	home := openDir(t)
	require.NoError(t, os.MkdirAll(home, 0o700))
	require.NoError(t, os.Chmod(home, 0o700))
	dir := filepath.Join(home, "postgres")
	c := startForTest(t, dir, "main")
	c.Stop()
	require.NoError(t, os.RemoveAll(dir))
	c = startForTest(t, dir, "main")
	require.Equal(t, 1, question[int](t, c.URL("main"), "select 1"))
	c.Stop()
	data, err := filepath.EvalSymlinks(filepath.Join(dir, "data"))
	require.NoError(t, err)
	require.NoError(t, Remove(dir))
	require.NoDirExists(t, data)
	require.NoDirExists(t, dir)
}

func TestALinkIsNoDataDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "data")
	require.NoError(t, os.Symlink(t.TempDir(), link))
	require.ErrorContains(t, makeData(link, nil), "not a directory of user")
}

func TestMissingProgramsSayWhatToInstall(t *testing.T) {
	t.Setenv("PG_BIN", t.TempDir())
	_, err := findPrograms(t.TempDir())
	require.ErrorIs(t, err, ErrNotInstalled)
	require.ErrorContains(t, err, "apt-get install postgresql")
}

func TestAnotherVersionsDataIsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(data, "pgdata"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(data, "pgdata", "PG_VERSION"), []byte("7\n"), 0o600))
	_, err := findPrograms(data)
	require.ErrorContains(t, err, "postgresql-7")
}

func TestVersionsSortAsNumbers(t *testing.T) {
	t.Parallel()
	require.Greater(t, versionIn("/usr/lib/postgresql/15/bin"), versionIn("/usr/lib/postgresql/9/bin"))
	require.Zero(t, versionIn("/usr/bin"))
}

// startChild runs this test binary as the owner of the cluster in dir.
func startChild(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), "VOICEHIVE_CLUSTER_CHILD="+dir)
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "postgres://")
	return child, strings.TrimSpace(line)
}
