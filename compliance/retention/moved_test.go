//go:build unix

package retention_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
)

// A batch deletes without locking first. A row that somebody changes in that very
// moment, so that it is due no more, stays; the others go.
func TestARowThatChangesWhileItsBatchGoesStays(t *testing.T) {
	t.Parallel()
	h := open(t)
	old, young := h.talk(40, 30), h.talk(3, 0)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), h.Database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for _, statement := range []string{
		`set session_replication_role = replica`, `begin`, `update turn set call = '` + young.ID + `' where seq = 7`,
	} {
		_, err = conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	erased := make(chan error, 1)
	var step retention.Step
	go func() {
		var err error
		step, err = h.engine.Patient(time.Minute).Erase(t.Context(), hotel, r.ID, "turn", 9, func(retention.Step) error { return nil })
		erased <- err
	}()
	require.Eventually(t, func() bool {
		return h.Count(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0
	}, 20*time.Second, time.Millisecond)
	_, err = conn.Exec(t.Context(), `commit`)
	require.NoError(t, err)
	require.NoError(t, <-erased)
	require.EqualValues(t, 29, step.Erased)
	require.Equal(t, 29, h.Count(`select sum(rows) from retention_batch where store = 'turn'`))
	require.Zero(t, h.Count(`select count(*) from turn where call = '`+old.ID+`'`))
	require.Equal(t, 1, h.Count(`select count(*) from turn where call = '`+young.ID+`'`), "it belongs to a call of three days ago now")
}

// What a run asks of the database for a batch does not grow with what the
// batches before it emptied, nor with the table: no batch sorts what is left.
func TestABatchReadsOnInTheOrderOfItsKeys(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *retention.Options) { o.Threshold, o.Floor = 1<<40, 1<<40 })
	for range 40 {
		h.talk(40, 250)
	}
	// As of before the rows came: such statistics make a plan that sorts.
	h.admin(`update pg_class set reltuples = 40, relpages = 1 where relname = 'turn'`)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	read := func() int {
		return h.Count(`select coalesce(idx_tup_read, 0) from pg_stat_user_indexes where indexrelname = 'turn_pkey'`)
	}
	before := read()
	_, err = h.engine.InBatches(250).Erase(t.Context(), hotel, r.ID, "turn", 100, func(retention.Step) error { return nil })
	require.NoError(t, err)
	h.Pool.Close() // sends its counts
	require.Eventually(t, func() bool { return read() > before }, 20*time.Second, 10*time.Millisecond)
	require.Less(t, read()-before, 5*40*250, "each row about once")
}
