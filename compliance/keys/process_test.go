package keys_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// rollChild makes this test binary roll instead of testing.
const rollChild = "VOICEHIVE_TEST_ROLL"

func TestMain(m *testing.M) {
	if url := os.Getenv(rollChild); url != "" {
		os.Exit(rollUntilKilled(url, os.Getenv(rollChild+"_KEYRING")))
	}
	if url := os.Getenv(useChild); url != "" {
		os.Exit(useOnDemand(url, os.Getenv(useChild+"_KEYRING")))
	}
	os.Exit(m.Run())
}

// rollUntilKilled tells each batch on standard output. It stops after some, so
// that whoever kills it is never too late.
func rollUntilKilled(url, keyring string) int {
	ctx := context.Background()
	root, err := keys.OpenLocalKeyring(keyring, "test")
	if err != nil {
		return 1
	}
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return 1
	}
	batches := 0
	_, err = keys.NewRoller(pool, root, keys.RollerOptions{Buckets: 8, Batch: 2, Progress: func(string, int64, int64) {
		fmt.Println("moved")
		if batches++; batches == 6 {
			select {}
		}
	}}).Roll(ctx, "2031-01")
	if err != nil {
		return 1
	}
	return 0
}

const useChild = "VOICEHIVE_TEST_USE"

// useOnDemand is a process of its own that has a ring: it reads "tenant/ULID" of
// a scope and says whether it can use the key.
func useOnDemand(url, keyring string) int {
	ctx := context.Background()
	root, err := keys.OpenLocalKeyring(keyring, "test")
	if err != nil {
		return 1
	}
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return 1
	}
	ttl, err := time.ParseDuration(os.Getenv(useChild + "_TTL"))
	if err != nil {
		return 1
	}
	ring := keys.New(keys.NewPostgres(pool), root, keys.Options{Buckets: 8, TTL: ttl})
	if os.Getenv(useChild+"_DEAF") == "" {
		go func() { _ = ring.Listen(ctx) }()
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		scope, err := keys.ParseScope(lines.Text())
		if err == nil {
			_, err = ring.Seal(ctx, scope, keys.Operations, "place", nil)
		}
		fmt.Println(err)
	}
	return 0
}

// process is such a child.
type process struct {
	t   *testing.T
	in  *bufio.Writer
	out *bufio.Scanner
}

func newProcess(t *testing.T, url, keyring string, env ...string) process {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(append(os.Environ(), useChild+"="+url, useChild+"_KEYRING="+keyring), env...)
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = in.Close()
		require.NoError(t, child.Wait())
	})
	return process{t: t, in: bufio.NewWriter(in), out: bufio.NewScanner(out)}
}

// use returns what the process said.
func (p process) use(scope keys.Scope) string {
	p.t.Helper()
	_, err := p.in.WriteString(scope.String() + "\n")
	require.NoError(p.t, err)
	require.NoError(p.t, p.in.Flush())
	require.True(p.t, p.out.Scan(), "the process is gone")
	return p.out.Text()
}

// awaitDead returns how long a process could still use a destroyed key.
func (p process) awaitDead(scope keys.Scope, since time.Time) time.Duration {
	p.t.Helper()
	for {
		if answer := p.use(scope); strings.Contains(answer, keys.ErrDestroyed.Error()) {
			return time.Since(since)
		} else if answer != "<nil>" {
			p.t.Fatalf("the process said %q", answer)
		}
		if time.Since(since) > 90*time.Second {
			p.t.Fatal("the key is alive for ever")
		}
	}
}
