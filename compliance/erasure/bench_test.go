//go:build bench && unix

package erasure_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
)

// TestBenchErasure prints what erasing one subject costs the databases from plan
// to certificate (rows, keys, read-back), with a thousand and with a million
// others present. Both houses are asked in turn. Workflow runs and objects lie in
// memory and cost nothing here: workflows/erasure measures end to end, where a
// server's own seconds would hide what grows here.
func TestBenchErasure(t *testing.T) {
	const few, many, rounds = 1_000, 1_000_000, 60
	small, large := newCrowd(t, few, rounds), newCrowd(t, many, rounds)
	var short, long []time.Duration
	for i := range rounds {
		// In turn, and each first as often as the other.
		if i%2 == 0 {
			short = append(short, small.erase(i))
			long = append(long, large.erase(i))
		} else {
			long = append(long, large.erase(i))
			short = append(short, small.erase(i))
		}
	}
	a, b := median(short), median(long)
	fmt.Printf("erase and certify one subject (2 bookings, median of %d, interleaved): %s with %d others, %s with %d others: ratio %.2f (wanted at most 1.5)\n",
		rounds, a, few, b, many, float64(b)/float64(a))
}

// TestBenchErasureOfMany prints what a subject with 10,000 rows costs the
// databases, among 100,000 others.
func TestBenchErasureOfMany(t *testing.T) {
	const records, turns = 10_500, 38
	h := erasuretest.New(t)
	h.Crowd(aurora, 100_000)
	var scopes []string
	for n := 0; n < records; {
		call := said(t, h)
		h.Database.Admin(t, "set session_replication_role = replica", fmt.Sprintf(`
			insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms)
			select hotel, call, n, speaker, sealed, n * 1000, n * 1000 + 900 from turn, generate_series(2, %d) n where call = '%s'`, turns, call))
		scopes = append(scopes, call, h.Stayed(aurora, ada()))
		n += turns + 2 + 11
	}
	h.Settle()
	request := h.Case(scopes...)
	plan, err := h.Office.Plan(t.Context(), aurora, request)
	require.NoError(t, err)
	started := time.Now()
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	took := time.Since(started)
	require.Equal(t, erasure.StateErased, made.State)
	fmt.Printf("erase and certify a subject with %d records of %d bookings and calls: %s\n",
		plan.Count(erasure.Erase), len(scopes), took.Round(time.Millisecond))
}

// crowd is a house with many guests, some of whom go.
type crowd struct {
	*erasuretest.House
	t     *testing.T
	going []string // cases
}

func newCrowd(t *testing.T, others, going int) *crowd {
	t.Helper()
	c := &crowd{House: erasuretest.New(t), t: t}
	started := time.Now()
	c.Crowd(aurora, others)
	for range going {
		c.going = append(c.going, c.Case(c.Stayed(aurora, ada()), c.Stayed(aurora, ada())))
	}
	c.Settle()
	t.Logf("%d others loaded in %s", others, time.Since(started).Round(time.Millisecond))
	return c
}

// erase erases the subject of a round and tells how long it took.
func (c *crowd) erase(round int) time.Duration {
	started := time.Now()
	made, err := c.Carry(aurora, c.going[round])
	took := time.Since(started)
	require.NoError(c.t, err)
	require.Equal(c.t, erasure.StateErased, made.State)
	return took
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(time.Microsecond)
}
