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
// audit events, beside a bare DELETE in batches of the same size by the same
// login, interleaved, on the turns of calls: rows that hang on others by a
// foreign key, read through row level security by both.
func TestBenchErasure(t *testing.T) {
	const calls, each, rounds = 100, 1000, 5
	h := open(t, func(o *retention.Options) { o.Threshold, o.Floor = 1<<40, 1<<40 })
	var ours, bare []float64
	for round := range rounds {
		for which := range 2 {
			h.admin(`insert into call (hotel, id, state, direction, language, started_at, ended_at)
				select $1, 'call-' || n, 'ended', 'inbound', 'de', now() - interval '41 days', now() - interval '40 days' from generate_series(1, $2::int) n on conflict do nothing`, aurora, calls)
			h.admin(`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms)
				select $1, 'call-' || c, n, 'caller', decode(repeat('ab', 300), 'hex'), n, n + 1 from generate_series(1, $2::int) c, generate_series(1, $3::int) n`, aurora, calls, each)
			h.Database.Admin(t, "vacuum analyze turn", "checkpoint")
			if (round+which)%2 == 0 {
				r := h.plan()
				_, err := h.engine.Ready(t.Context(), hotel, r.ID)
				require.NoError(t, err)
				began := time.Now()
				step, err := h.engine.Erase(t.Context(), hotel, r.ID, "turn", 1000, func(retention.Step) error { return nil })
				took := time.Since(began)
				require.NoError(t, err)
				require.EqualValues(t, calls*each, step.Erased)
				_, err = h.engine.Finish(t.Context(), hotel, r.ID, 0)
				require.NoError(t, err)
				ours = append(ours, calls*each/took.Seconds())
				continue
			}
			began := time.Now()
			gone := h.bareDelete(5000)
			bare = append(bare, float64(gone)/time.Since(began).Seconds())
			require.EqualValues(t, calls*each, gone)
		}
	}
	fmt.Printf("erasure of %d turns, best of %d: %.0f rows/s with proof, %.0f rows/s bare: %.2f of it (medians %.0f and %.0f)\n",
		calls*each, rounds, slices.Max(ours), slices.Max(bare), slices.Max(ours)/slices.Max(bare), median(ours), median(bare))
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// bareDelete deletes in batches, and does nothing else.
func (h *house) bareDelete(batch int) (gone int64) {
	h.t.Helper()
	for {
		var n int64
		require.NoError(h.t, h.Pool.InTenant(h.t.Context(), aurora, func(tx pgx.Tx) error {
			tag, err := tx.Exec(h.t.Context(), `
				delete from turn where ctid = any(array(select x.ctid from turn x join call c on c.hotel = x.hotel and c.id = x.call
					where x.hotel = $1 and c.ended_at < now() - interval '30 days' limit $2))`, aurora, batch)
			n = tag.RowsAffected()
			return err
		}))
		if gone += n; n == 0 {
			return gone
		}
	}
}
