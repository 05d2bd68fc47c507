//go:build unix

package quota_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/quota"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const credential = "vendor/aurora"

// warm opens a pool for each process of a fleet, and its connections too. In a
// bubble they must be opened there: a connection has a timer of its own, and one
// from outside that goes off while a busy machine writes ends the test process.
func warm(t *testing.T, database *postgrestest.Database, n int) []*postgres.Pool {
	t.Helper()
	made := make([]*postgres.Pool, n)
	for i := range made {
		made[i] = database.Pool(t, postgres.WithMaxConns(3))
		var ready sync.WaitGroup
		for range 3 {
			ready.Go(func() {
				_, err := made[i].Role(postgres.RoleMeter).Exec(t.Context(), "select pg_sleep(0.05)")
				assert.NoError(t, err)
			})
		}
		ready.Wait()
	}
	return made
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// sent are the moments at which requests were let pass.
type sent struct {
	mu            sync.Mutex
	reads, writes []time.Time
}

func (s *sent) note(effect transport.Effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if effect == transport.Read {
		s.reads = append(s.reads, time.Now())
	} else {
		s.writes = append(s.writes, time.Now())
	}
}

// keep sends one request after the other until the time is over. One that is
// refused comes back when it was told to.
func keep(ctx context.Context, limiter transport.Limiter, effect transport.Effect, note func(transport.Effect)) {
	for ctx.Err() == nil {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err := limiter.Wait(bounded, effect)
		cancel()
		var refused *pms.Error
		switch {
		case err == nil:
			note(effect)
		case errors.As(err, &refused):
			<-time.After(refused.RetryAfter)
		}
	}
}

// holds checks that no stretch of time saw more than the burst and the rate
// allow.
func holds(t *testing.T, times []time.Time, perSecond, burst float64) {
	t.Helper()
	for i := range times {
		for j := i; j < len(times); j++ {
			allowed := burst + perSecond*times[j].Sub(times[i]).Seconds()
			require.LessOrEqual(t, float64(j-i+1), allowed+1e-6, "%d requests in %s", j-i+1, times[j].Sub(times[i]))
		}
	}
}

// fleet are limiters of one credential in processes of their own.
func fleet(t *testing.T, pools []*postgres.Pool, rate func(string) transport.Rate) []transport.Limiter {
	t.Helper()
	made := make([]transport.Limiter, len(pools))
	for i, pool := range pools {
		limits, err := quota.NewAt(pool, time.Now, quota.Options{Rate: rate})
		require.NoError(t, err)
		made[i] = limits.Limiter(credential)
	}
	return made
}

func always(r transport.Rate) func(string) transport.Rate {
	return func(string) transport.Rate { return r }
}

func TestProcessesShareOneRate(t *testing.T) {
	t.Parallel()
	const span = 30 * time.Second
	const perSecond, burst, share = 40, 20, 0.6
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 4)
		var all sent
		each := make([]int, len(open))
		ctx, cancel := context.WithTimeout(context.Background(), span)
		defer cancel()
		var wait sync.WaitGroup
		for i, limiter := range fleet(t, open, always(transport.Rate{PerSecond: perSecond, Burst: burst})) {
			note := func(effect transport.Effect) {
				all.note(effect)
				all.mu.Lock()
				each[i]++
				all.mu.Unlock()
			}
			for range 8 {
				wait.Go(func() { keep(ctx, limiter, transport.Read, note) })
			}
			for range 4 {
				wait.Go(func() { keep(ctx, limiter, transport.Write, note) })
			}
		}
		wait.Wait()
		both := slices.SortedFunc(slices.Values(slices.Concat(all.reads, all.writes)), time.Time.Compare)
		holds(t, both, perSecond, burst)
		holds(t, all.reads, perSecond*share, burst*share)
		total := len(all.reads) + len(all.writes)
		require.Greater(t, float64(total), 0.95*perSecond*span.Seconds(), "and little of the rate is lost")
		require.Greater(t, float64(len(all.writes)), 0.39*perSecond*span.Seconds())
		for _, n := range each {
			require.InDelta(t, total/len(open), n, float64(total)/10, "no process takes the share of another")
		}
	})
}

// TestAWriteDoesNotWaitForReads: however many reads stand in line, in whatever
// process, writes at their part of the rate pass in the moment they come.
func TestAWriteDoesNotWaitForReads(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 3)
		var all sent
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		var wait sync.WaitGroup
		limiters := fleet(t, open, always(transport.Rate{PerSecond: 20, Burst: 20}))
		for _, limiter := range limiters {
			for range 10 {
				wait.Go(func() { keep(ctx, limiter, transport.Read, all.note) })
			}
		}
		for i := range 100 {
			time.Sleep(150 * time.Millisecond)
			began := time.Now()
			require.NoError(t, limiters[i%len(limiters)].Wait(ctx, transport.Write))
			require.Zero(t, time.Since(began))
		}
		cancel()
		wait.Wait()
		require.Greater(t, len(all.reads), 170, "while reads have their share")
	})
}

// TestARefusalStopsTheFleet: one process is refused, and all stop, at the latest
// when their leases end, until the moment the vendor named.
func TestARefusalStopsTheFleet(t *testing.T) {
	t.Parallel()
	for name, word := range map[string]transport.Observation{
		"refused":           {Refused: true, Remaining: -1, Wait: 7 * time.Second},
		"nothing remaining": {Remaining: 0, Wait: 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := postgrestest.New(t, postgres.Migrations)
			synctest.Test(t, func(t *testing.T) {
				open := warm(t, database, 3)
				var all sent
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				var wait sync.WaitGroup
				limiters := fleet(t, open, always(transport.Rate{PerSecond: 100, Burst: 50}))
				for _, limiter := range limiters {
					for range 4 {
						wait.Go(func() { keep(ctx, limiter, transport.Read, all.note) })
						wait.Go(func() { keep(ctx, limiter, transport.Write, all.note) })
					}
				}
				time.Sleep(5 * time.Second)
				told := time.Now()
				limiters[0].(transport.Observer).Observe(ctx, word)
				wait.Wait()
				for _, at := range slices.Concat(all.reads, all.writes) {
					after := at.Sub(told)
					require.False(t, after > 150*time.Millisecond && after < 7*time.Second, "sent %s after the word", after)
				}
				require.Greater(t, slices.MaxFunc(all.writes, time.Time.Compare).Sub(told), 10*time.Second, "and all goes on afterwards")
			})
		})
	}
}

func TestAWordThatSaysNothing(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 1)
		limiter := fleet(t, open, nil)[0]
		limiter.(transport.Observer).Observe(t.Context(), transport.Observation{Remaining: 3})
		require.NoError(t, limiter.Wait(t.Context(), transport.Write))
		began := time.Now()
		limiter.(transport.Observer).Observe(t.Context(), transport.Observation{Remaining: 0})
		require.NoError(t, limiter.Wait(t.Context(), transport.Write))
		require.Equal(t, time.Second, time.Since(began), "nothing remains, and no time is named")
		began = time.Now()
		for range 3 { // under way together
			limiter.(transport.Observer).Observe(t.Context(), transport.Observation{Refused: true, Remaining: -1})
		}
		require.NoError(t, limiter.Wait(t.Context(), transport.Read))
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestTheRateMayChange(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 2)
		var perSecond atomic.Int64
		perSecond.Store(10)
		count := func(limiters []transport.Limiter) int {
			var all sent
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			var wait sync.WaitGroup
			for _, limiter := range limiters {
				for range 5 {
					wait.Go(func() { keep(ctx, limiter, transport.Write, all.note) })
				}
			}
			wait.Wait()
			return len(all.writes)
		}
		limiters := fleet(t, open, func(string) transport.Rate {
			return transport.Rate{PerSecond: float64(perSecond.Load()), Burst: 5}
		})
		require.InDelta(t, 105, count(limiters), 15)
		perSecond.Store(80)
		require.InDelta(t, 800, count(limiters), 60)
		perSecond.Store(2)
		require.InDelta(t, 20, count(limiters), 15)
	})
}

// TestATurnThatComesTooLate: who cannot wait is told at once when to come back,
// and does not take a turn from those who can.
func TestATurnThatComesTooLate(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 1)
		limiter := fleet(t, open, always(transport.Rate{PerSecond: 0.5, Burst: 2}))[0]
		within := func(d time.Duration, effect transport.Effect) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(context.Background(), d)
			defer cancel()
			began := time.Now()
			err := limiter.Wait(ctx, effect)
			return time.Since(began), err
		}
		_, err := within(time.Second, transport.Write)
		require.NoError(t, err)
		for _, effect := range []transport.Effect{transport.Read, transport.Write} {
			for range 2 {
				took, err := within(time.Second, effect)
				require.ErrorIs(t, err, pms.ErrRateLimited)
				require.Zero(t, took, "at once")
				var refused *pms.Error
				require.ErrorAs(t, err, &refused)
				require.Greater(t, refused.RetryAfter, time.Second)
				require.LessOrEqual(t, refused.RetryAfter, 4*time.Second)
			}
		}
		took, err := within(3*time.Second, transport.Write)
		require.NoError(t, err)
		require.Equal(t, 2*time.Second, took)

		// One who leaves takes nothing with him.
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, limiter.Wait(ctx, transport.Read), context.Canceled)
		require.ErrorIs(t, limiter.Wait(ctx, transport.Read), context.Canceled)
		took, err = within(10*time.Second, transport.Read)
		require.NoError(t, err)
		require.Less(t, took, 4*time.Second)
	})
}

// TestManyRequestsAskSeldom: the database is asked for blocks, and what was
// leased and not used is lost.
func TestManyRequestsAskSeldom(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	registry := prometheus.NewRegistry()
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 1)
		limits, err := quota.NewAt(open[0], time.Now, quota.Options{Rate: always(transport.Rate{PerSecond: 1000, Burst: 500}), Registerer: registry})
		require.NoError(t, err)
		limiter := limits.Limiter(credential)
		for range 2000 {
			time.Sleep(2500 * time.Microsecond)
			require.NoError(t, limiter.Wait(t.Context(), transport.Read))
		}
		time.Sleep(time.Second)
		require.NoError(t, limiter.Wait(t.Context(), transport.Read))
	})
	require.Equal(t, 2001.0, metric(t, registry, "voicehive_quota_granted_total"))
	require.Less(t, metric(t, registry, "voicehive_quota_leases_total"), 100.0)
	unused := metric(t, registry, "voicehive_quota_unused_total")
	require.Positive(t, unused)
	require.Less(t, unused, 100.0)
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		require.NotContains(t, family.String(), "aurora")
	}
}

// metric is the sum over a metric's labels.
func metric(t *testing.T, registry *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, each := range family.GetMetric() {
			if family.GetName() == name {
				sum += each.GetCounter().GetValue() + each.GetGauge().GetValue()
			}
		}
	}
	return sum
}
