//go:build full && linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
)

// The tests with the tag full run the built binary and a whole stack of its
// processes, as a user does. They need Linux: they read /proc to tell whose a
// connection is and whether a process is left.

func TestMain(m *testing.M) { os.Exit(withBinaries(m.Run)) }

// withBinaries builds both binaries unless the environment names them.
func withBinaries(run func() int) int {
	folder, err := os.MkdirTemp("", "voicehive-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	for _, b := range []struct {
		setting, name string
		source        []string
	}{
		{"VOICEHIVE_BINARY", "voicehive", []string{"."}},
		{"VOICEHIVE_DEVSTACK", "devstack", []string{"-C", filepath.Join("..", "..", "devstack"), "."}},
	} {
		if os.Getenv(b.setting) != "" {
			continue
		}
		path := filepath.Join(folder, b.name)
		if err := build(path, b.source); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if err := os.Setenv(b.setting, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return run()
}

func build(path string, source []string) error {
	args := []string{"build"}
	if source[0] == "-C" {
		args, source = append(args, source[:2]...), source[2:]
	}
	command := exec.Command("go", append(append(args, "-o", path), source...)...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", filepath.Base(path), err, output)
	}
	return nil
}

// raiseForTest raises a stack on free ports that ends with the test. Its logs
// are kept when the test fails.
func raiseForTest(ctx context.Context, t *testing.T, o stack.Options) *house {
	t.Helper()
	o.Ephemeral, o.Discard = true, true
	o.Home = keptHome(t)
	// A database of its own, whatever the tests below use.
	t.Setenv("DATABASE_URL", "")
	t.Setenv("KEYS_DATABASE_URL", "")
	h, err := raise(ctx, o)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	for _, pair := range h.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value) // so that this process can join the stack
	}
	return h
}

// keptHome is a folder for a stack's state that outlives a failed test.
func keptHome(t *testing.T) string {
	t.Helper()
	home, err := os.MkdirTemp("", "voicehive-stack-")
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the stack's state and logs are kept in %s", home)
			return
		}
		if err := os.RemoveAll(home); err != nil {
			t.Errorf("remove the stack's state: %v", err)
		}
	})
	return home
}

// books are both databases as their superuser sees them.
type books struct {
	t            *testing.T
	ledger, keys *pgx.Conn
}

func openBooks(ctx context.Context, t *testing.T, h *house) *books {
	t.Helper()
	ledgerURL, keysURL := h.AdminURLs()
	b := &books{t: t}
	for url, conn := range map[string]**pgx.Conn{ledgerURL: &b.ledger, keysURL: &b.keys} {
		var err error
		*conn, err = pgx.Connect(ctx, url)
		require.NoError(t, err)
		t.Cleanup(func() { _ = (*conn).Close(context.WithoutCancel(ctx)) })
	}
	return b
}

// count counts rows of the ledger's database.
func (b *books) count(ctx context.Context, from string, args ...any) int {
	b.t.Helper()
	return count(ctx, b.t, b.ledger, from, args...)
}

func count(ctx context.Context, t *testing.T, conn *pgx.Conn, from string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, conn.QueryRow(ctx, "select count(*) from "+from, args...).Scan(&n))
	return n
}

// rows counts everything that a booking leaves behind.
func (b *books) rows(ctx context.Context) map[string]int {
	b.t.Helper()
	all := map[string]int{"scope_key": count(ctx, b.t, b.keys, "scope_key")}
	for _, table := range []string{"quote", "booking", "intent", "guest", "operator_task"} {
		all[table] = b.count(ctx, table)
	}
	return all
}
