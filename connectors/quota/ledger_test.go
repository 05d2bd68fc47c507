//go:build unix

package quota

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// simulated is the database with a clock that the test sets.
func simulated(t *testing.T) (database, *time.Time) {
	t.Helper()
	now := time.Unix(2_000_000_000, 0)
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	return database{pool.Role(postgres.RoleMeter), func() time.Time { return now }}, &now
}

func question(r transport.Rate, effect transport.Effect, wanted int) ask {
	m := &meter{key: sha256.Sum256([]byte("vendor/x")), vendor: "vendor"}
	a := asking(m, r, effect)
	a.wanted, a.waiting = wanted, wanted
	return a
}

// TestDatabaseAndPaceAgree: the SQL and the Go of the same method give the same
// answers to any questions.
func TestDatabaseAndPaceAgree(t *testing.T) {
	t.Parallel()
	for _, rate := range []transport.Rate{{PerSecond: 10, Burst: 20}, {PerSecond: 7, Burst: 1}, {PerSecond: 300, Burst: 70, ReadShare: 0.3}} {
		base, now := simulated(t)
		var own pace
		random := rand.New(rand.NewPCG(1, uint64(rate.Burst)))
		for i := range 400 {
			*now = now.Add(time.Duration(random.ExpFloat64() * 2 * float64(time.Second) / rate.PerSecond))
			a := question(rate, transport.Effect(random.IntN(2)), random.IntN(5))
			a.waiting = random.IntN(a.wanted + 1)
			a.patience = time.Duration(random.Float64() * float64(time.Second))
			want := own.lease(a, *now)
			got, err := base.lease(t.Context(), a)
			require.NoError(t, err)
			require.Equal(t, want, got, "question %d: %+v", i, a)
		}
	}
}

func TestReadsLeaveRoomForWrites(t *testing.T) {
	t.Parallel()
	base, now := simulated(t)
	rate := transport.Rate{PerSecond: 10, Burst: 22} // 20 after the lease's part
	reads, writes := question(rate, transport.Read, 100), question(rate, transport.Write, 100)
	first, err := base.lease(t.Context(), reads)
	require.NoError(t, err)
	require.Equal(t, reply{granted: 12}, first, "60 % of the burst")
	none, err := base.lease(t.Context(), reads)
	require.NoError(t, err)
	require.Zero(t, none.granted)
	require.InDelta(t, time.Second/6, none.pause, 1e6, "the next one at 60 % of the rate")
	rest, err := base.lease(t.Context(), writes)
	require.NoError(t, err)
	require.Equal(t, reply{granted: 8}, rest)

	// A write takes a turn ahead of time, and reads stand behind it.
	writes.waiting, writes.patience = 3, time.Second
	ahead, err := base.lease(t.Context(), writes)
	require.NoError(t, err)
	require.Equal(t, reply{granted: 3, pause: 100 * time.Millisecond}, ahead)
	*now = now.Add(none.pause)
	behind, err := base.lease(t.Context(), reads)
	require.NoError(t, err)
	require.Zero(t, behind.granted)
	writes.patience = 100 * time.Millisecond
	refused, err := base.lease(t.Context(), writes)
	require.NoError(t, err)
	require.Zero(t, refused.granted, "nobody waits that long")
	require.Greater(t, refused.pause, writes.patience)
}

// TestRateChanges: what is owed is a number of requests, so a slow rate's debt
// does not become a long wait at a fast one, nor a fast rate's a gift.
func TestRateChanges(t *testing.T) {
	t.Parallel()
	base, _ := simulated(t)
	slow, fast := transport.Rate{PerSecond: 0.1, Burst: 11}, transport.Rate{PerSecond: 10, Burst: 12}
	used, err := base.lease(t.Context(), question(slow, transport.Write, 100))
	require.NoError(t, err)
	require.Equal(t, 10, used.granted)
	next, err := base.lease(t.Context(), question(fast, transport.Write, 1))
	require.NoError(t, err)
	require.Equal(t, reply{pause: 100 * time.Millisecond}, next)
	next, err = base.lease(t.Context(), question(slow, transport.Write, 1))
	require.NoError(t, err)
	require.Equal(t, reply{pause: 10 * time.Second}, next)
}

func TestSpentAloneIsCountedLater(t *testing.T) {
	t.Parallel()
	base, _ := simulated(t)
	a := question(transport.Rate{PerSecond: 10, Burst: 12}, transport.Write, 100)
	a.spent = 4
	got, err := base.lease(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, 6, got.granted)
	a.spent, a.wanted = 1000, 1
	got, err = base.lease(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, reply{pause: 100 * time.Millisecond}, got, "but it is no debt for ever")
}

func TestClosing(t *testing.T) {
	t.Parallel()
	base, now := simulated(t)
	a := question(transport.Rate{}, transport.Write, 1)
	shut := func(lasting time.Duration) time.Duration {
		pause, err := base.close(t.Context(), a.key, a.vendor, a.spacing, lasting)
		require.NoError(t, err)
		return pause
	}
	require.Equal(t, 7*time.Second, shut(7*time.Second))
	require.Equal(t, 7*time.Second, shut(time.Second), "a shorter word does not open it")
	got, err := base.lease(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, reply{pause: 7 * time.Second, closed: true}, got)
	*now = now.Add(8 * time.Second)
	got, err = base.lease(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, reply{granted: 1}, got)

	// A vendor that names no time: each refusal after the pause doubles it.
	*now = now.Add(time.Hour)
	for _, want := range []int{5, 10, 20, 40, 80, 160, 300, 300} {
		require.Equal(t, time.Duration(want)*time.Second, shut(0))
		require.Equal(t, time.Duration(want)*time.Second, shut(0), "refused together")
		*now = now.Add(time.Duration(want+1) * time.Second)
	}
	*now = now.Add(time.Hour)
	require.Equal(t, 5*time.Second, shut(0), "forgiven")
}

func TestTheServersClockIsTheDefault(t *testing.T) {
	t.Parallel()
	test := postgrestest.New(t, postgres.Migrations)
	base := database{test.Pool(t).Role(postgres.RoleMeter), nil}
	a := question(transport.Rate{PerSecond: 0.001, Burst: 2}, transport.Write, 5)
	got, err := base.lease(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, reply{granted: 1}, got)
	got, err = base.lease(t.Context(), a)
	require.NoError(t, err)
	require.InDelta(t, 1000, got.pause.Seconds(), 60)
}
