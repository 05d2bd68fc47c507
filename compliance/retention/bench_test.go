//go:build bench && unix

package retention_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
)

// TestBenchErasure: rows a second of a run, with its locks, holds, proof and
// audit events, beside a bare DELETE by the same login, interleaved, on the same
// turns of calls: rows that hang on others by a foreign key, read through row
// level security by both. The bare one has the batch size that is best for it.
// Before each the table is full, vacuumed and written out, and no vacuum runs
// beside.
func TestBenchErasure(t *testing.T) {
	const rounds = 7
	h := open(t, func(o *retention.Options) { o.Threshold, o.Floor = 1<<40, 1<<40 })
	h.Database.Admin(t, "alter table turn set (autovacuum_enabled = off)")
	batch, most := 0, 0.0
	for _, size := range []int{1000, 5000, 10000, 20000} {
		if rate := h.bare(size); rate > most {
			batch, most = size, rate
		}
	}
	var ours, bare, ratio []float64
	for round := range rounds {
		// Each is the first as often as the other: the later one may find it warmer.
		if round%2 == 0 {
			ours, bare = append(ours, h.proven()), append(bare, h.bare(batch))
		} else {
			bare, ours = append(bare, h.bare(batch)), append(ours, h.proven())
		}
		ratio = append(ratio, ours[round]/bare[round])
		fmt.Printf("round %d: %.0f rows/s with proof, %.0f rows/s bare in batches of %d: %.2f of it\n", round+1, ours[round], bare[round], batch, ratio[round])
	}
	fmt.Printf("erasure of %d turns, %d rounds: medians %.0f rows/s with proof, %.0f rows/s bare: %.2f of it (best %.0f and %.0f: %.2f; median of the rounds %.2f)\n",
		benchRows, rounds, median(ours), median(bare), median(ours)/median(bare), slices.Max(ours), slices.Max(bare), slices.Max(ours)/slices.Max(bare), median(ratio))
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

const (
	benchCalls = 500
	benchEach  = 1000
	benchRows  = benchCalls * benchEach
)

// fill makes the turns that both erase.
func (h *house) fill() {
	h.t.Helper()
	h.admin(`insert into call (hotel, id, state, direction, language, started_at, ended_at)
		select $1, 'call-' || n, 'ended', 'inbound', 'de', now() - interval '41 days', now() - interval '40 days' from generate_series(1, $2::int) n on conflict do nothing`, aurora, benchCalls)
	h.admin(`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms)
		select $1, 'call-' || c, n, 'caller', decode(repeat('ab', 300), 'hex'), n, n + 1 from generate_series(1, $2::int) c, generate_series(1, $3::int) n`, aurora, benchCalls, benchEach)
	h.Database.Admin(h.t, "vacuum analyze turn", "analyze call", "checkpoint")
}

// proven is how many rows a second a run erases.
func (h *house) proven() float64 {
	h.t.Helper()
	h.fill()
	r := h.plan()
	_, err := h.engine.Ready(h.t.Context(), hotel, r.ID)
	require.NoError(h.t, err)
	h.Database.Admin(h.t, "checkpoint")
	began := time.Now()
	step, err := h.engine.Erase(h.t.Context(), hotel, r.ID, "turn", 1000, func(retention.Step) error { return nil })
	took := time.Since(began)
	require.NoError(h.t, err)
	require.EqualValues(h.t, benchRows, step.Erased)
	r, err = h.engine.Finish(h.t.Context(), hotel, r.ID, 0)
	require.NoError(h.t, err)
	require.Zero(h.t, *r.Overdue)
	return benchRows / took.Seconds()
}

// bare is how many rows a second a DELETE in batches does, and nothing else.
func (h *house) bare(batch int) float64 {
	h.t.Helper()
	h.fill()
	h.Database.Admin(h.t, "checkpoint")
	began, gone := time.Now(), int64(0)
	for n := int64(1); n > 0; gone += n {
		require.NoError(h.t, h.Pool.InTenant(h.t.Context(), aurora, func(tx pgx.Tx) error {
			tag, err := tx.Exec(h.t.Context(), `
				delete from turn where ctid = any(array(select x.ctid from turn x join call c on c.hotel = x.hotel and c.id = x.call
					where x.hotel = $1 and c.ended_at < now() - interval '30 days' limit $2))`, aurora, batch)
			n = tag.RowsAffected()
			return err
		}))
	}
	took := time.Since(began)
	require.EqualValues(h.t, benchRows, gone)
	return benchRows / took.Seconds()
}
