//go:build unix

package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// childEnv turns this test binary into a process that runs a sequencer.
const childEnv = "VOICEHIVE_AUDIT_TEST_SEQUENCER"

type childSettings struct{ URL, Folder string }

func TestMain(m *testing.M) {
	if settings := os.Getenv(childEnv); settings != "" {
		if err := runChild(settings); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// enough is where a process stops and waits, so that whoever kills it is never
// too late: the backlog takes four of them.
const enough = 30

// runChild sequences until it is killed, and says so after each batch.
func runChild(settings string) error {
	var c childSettings
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}
	ctx := context.Background()
	pool, err := postgres.Open(ctx, c.URL)
	if err != nil {
		return err
	}
	signer, err := audit.OpenLocalSigner(filepath.Join(c.Folder, "audit.key"), "test")
	if err != nil {
		return err
	}
	store, err := objects.OpenDirectory(filepath.Join(c.Folder, "store"))
	if err != nil {
		return err
	}
	s, err := audit.NewSequencer(pool, audit.SequencerOptions{Name: name, Signer: signer, Store: store, Batch: 1000})
	if err != nil {
		return err
	}
	for batch := 0; ; batch++ {
		if batch == enough {
			select {}
		}
		n, err := s.Sequence(ctx)
		if err != nil {
			return err
		}
		if _, err := s.Publish(ctx); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// queue puts events of a tenant into the outbox, in transactions of each size.
func (h *house) queue(tenant string, events, each int) {
	h.t.Helper()
	scope := h.scope(tenant)
	for at := 0; at < events; at += each {
		batch := make([]audit.Event, each)
		for i := range batch {
			batch[i] = event(scope, at+i)
		}
		h.write(batch...)
	}
}

// TestBacklogSurvivesKills queues 100,000 events and kills the sequencer's
// process in the middle, several times.
func TestBacklogSurvivesKills(t *testing.T) {
	t.Parallel()
	const events = 100_000
	h := newHouse(t, "seaview", "harbour")
	for range events / 10_000 / 2 {
		h.queue("seaview", 10_000, 2000)
		h.queue("harbour", 10_000, 500)
	}
	require.EqualValues(t, events, h.count("select count(*) from audit_outbox"))
	settings, err := json.Marshal(childSettings{h.database.URL, h.folder})
	require.NoError(t, err)
	kills := 0
	for round := 0; h.count("select count(*) from audit_outbox") > 0; round++ {
		require.Less(t, round, 100)
		done := h.killAfter(string(settings), min(5+round*3, enough), time.Duration(round)*3*time.Millisecond)
		if done < events {
			kills++
		}
	}
	require.GreaterOrEqual(t, kills, 3)
	h.settle()
	require.EqualValues(t, events+1, h.count("select count(*) from audit_leaf"))
	require.Zero(t, h.count("select count(*) from (select seq - lag(seq, 1, 0::bigint) over (partition by tenant, writer order by n) as step from audit_leaf where tenant <> '') s where step <> 1"),
		"each once and in order")
	report := h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings)
	require.EqualValues(t, events+1, report.Entries)
}

// killAfter runs a sequencer's process, kills it with SIGKILL a moment after
// some batches, and returns how many entries the log has then.
func (h *house) killAfter(settings string, batches int, moment time.Duration) int64 {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+settings)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(h.t, err)
	require.NoError(h.t, child.Start())
	lines := bufio.NewScanner(out)
	for range batches {
		if !lines.Scan() {
			break
		}
	}
	timer := time.NewTimer(moment)
	<-timer.C
	require.NoError(h.t, child.Process.Kill())
	_ = child.Wait()
	// What it had under way ends with its connection.
	require.Eventually(h.t, func() bool {
		return h.count("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'voicehive' and state <> 'idle' and query like '%audit%' and pid <> pg_backend_pid()") == 0
	}, time.Minute, 5*time.Millisecond)
	return h.count("select count(*) from audit_leaf")
}
