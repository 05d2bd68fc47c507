//go:build unix

package retention_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/postgres"
)

// childEnv turns this test binary into a process that erases.
const childEnv = "VOICEHIVE_RETENTION_TEST_WORKER"

type childSettings struct{ URL, KeysURL, Keyring, Run string }

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

// runChild erases until it is killed or done, and says so after each batch.
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
	keysPool, err := postgres.Open(ctx, c.KeysURL)
	if err != nil {
		return err
	}
	root, err := keys.OpenLocalKeyring(c.Keyring, "test")
	if err != nil {
		return err
	}
	policy, err := retention.Shipped()
	if err != nil {
		return err
	}
	ring := keys.New(keys.NewPostgres(keysPool), root, keys.Options{Buckets: 4})
	engine := retention.New(retention.Options{Pool: pool, Policy: policy, Auditor: audit.NewWriter(ring), Keys: ring}).InBatches(200)
	for {
		step, err := engine.Erase(ctx, hotel, c.Run, "turn", 1000, func(s retention.Step) error {
			fmt.Println(s.Batch)
			return nil
		})
		if err != nil || step.Done {
			return err
		}
	}
}

// TestARunSurvivesKills kills the process that erases in the middle of batches,
// many times, with two processes at once now and then: every row that was due
// goes once and is told once, and no other row goes.
func TestARunSurvivesKills(t *testing.T) {
	t.Parallel()
	const old, young, each = 40, 5, 600
	h := open(t, func(o *retention.Options) { o.Threshold, o.Floor = 1<<40, 1<<40 })
	for range old {
		h.talk(40, each)
	}
	for range young {
		h.talk(3, each)
	}
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	settings, err := json.Marshal(childSettings{h.Database.URL, h.KeysDB.URL, h.Keyring, r.ID})
	require.NoError(t, err)
	left := func() int {
		return h.Count(`select count(*) from turn join call on call.id = turn.call where ended_at < now() - interval '30 days'`)
	}
	kills := 0
	for round := 0; left() > 0; round++ {
		require.Less(t, round, 200)
		h.killAfter(string(settings), 2+round%5, time.Duration(round%7)*time.Millisecond, round%4 == 3)
		if left() > 0 {
			kills++
		}
	}
	require.GreaterOrEqual(t, kills, 5)
	step, err := h.engine.Erase(t.Context(), hotel, r.ID, "turn", 10, func(retention.Step) error { return nil })
	require.NoError(t, err)
	require.True(t, step.Done)
	require.Zero(t, step.Erased)

	require.Equal(t, young*each, h.Count(`select count(*) from turn`), "what is young stays")
	require.Equal(t, old*each, h.Count(`select sum(rows) from retention_batch where store = 'turn'`))
	require.Zero(t, h.Count(`select count(*) from (select n - lag(n, 1, 0) over (order by n) as step from retention_batch where store = 'turn') s where step <> 1`))
	var told, batches int64
	for _, event := range audittest.Waiting(t, h.Database.AdminURL, h.Ring, retention.EventErased) {
		var detail struct{ Rows, Batch int64 }
		require.NoError(t, json.Unmarshal([]byte(event.Detail), &detail))
		told, batches = told+detail.Rows, batches+1
		require.Equal(t, batches, detail.Batch)
	}
	require.EqualValues(t, old*each, told)
	t.Logf("%d rows in %d batches, with %d kills", told, batches, kills)
}

// killAfter runs a process that erases, perhaps with a second one beside it, and
// kills them with SIGKILL a moment after some batches.
func (h *house) killAfter(settings string, batches int, moment time.Duration, two bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	start := func() (*exec.Cmd, *bufio.Scanner) {
		child := exec.CommandContext(ctx, os.Args[0])
		child.Env = append(os.Environ(), childEnv+"="+settings)
		out, err := child.StdoutPipe()
		require.NoError(h.t, err)
		require.NoError(h.t, child.Start())
		return child, bufio.NewScanner(out)
	}
	first, lines := start()
	if two {
		second, _ := start()
		defer func() {
			_ = second.Process.Kill()
			_ = second.Wait()
		}()
	}
	for range batches {
		if !lines.Scan() {
			break
		}
	}
	timer := time.NewTimer(moment)
	<-timer.C
	_ = first.Process.Kill()
	_ = first.Wait()
}
