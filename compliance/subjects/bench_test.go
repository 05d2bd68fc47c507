//go:build bench

package subjects_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
)

// TestBenchErase prints what erasing one subject costs, rows and keys, with a
// thousand and with a million others present. Both houses are asked in turn.
func TestBenchErase(t *testing.T) {
	const few, many, rounds = 1_000, 1_000_000, 200
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
	fmt.Printf("erase one subject (rows, index and keys, median of %d, interleaved): %s with %d others, %s with %d others: ratio %.2f (wanted at most 1.5)\n",
		rounds, a, few, b, many, float64(b)/float64(a))
}

// crowd is a house with many guests, some of whom go.
type crowd struct {
	*consenttest.House
	t     *testing.T
	going []string
}

func newCrowd(t *testing.T, others, going int) *crowd {
	t.Helper()
	c := &crowd{House: consenttest.New(t), t: t}
	started := time.Now()
	c.Crowd(aurora, others)
	for range going {
		c.going = append(c.going, c.Booking(aurora, ada()))
	}
	c.Settle()
	t.Logf("%d others loaded in %s", others, time.Since(started).Round(time.Millisecond))
	return c
}

// erase erases the subject of a round and tells how long it took.
func (c *crowd) erase(round int) time.Duration {
	scope := c.going[round]
	started := time.Now()
	gone, err := c.Desk.EraseRows(c.t.Context(), aurora, []string{scope})
	require.NoError(c.t, err)
	_, err = c.Ring.Destroy(c.t.Context(), keys.Scope{Tenant: aurora, ID: scope})
	require.NoError(c.t, err)
	took := time.Since(started)
	require.EqualValues(c.t, 8, gone.Total())
	return took
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(time.Microsecond)
}
