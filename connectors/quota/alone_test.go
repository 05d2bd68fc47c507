//go:build unix

package quota_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/quota"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestWithoutTheDatabase: the table is gone for a while. Each process goes on at
// a quarter of the rate and comes back by itself.
func TestWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	const perSecond, burst = 40, 20
	database := postgrestest.New(t, postgres.Migrations)
	registry := prometheus.NewRegistry()
	var lines bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 2)
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		var wait sync.WaitGroup
		var all [2]sent
		began := time.Now()
		for i, pool := range open {
			o := quota.Options{Rate: always(transport.Rate{PerSecond: perSecond, Burst: burst})}
			if i == 0 {
				o.Registerer, o.Logger = registry, slog.New(slog.NewTextHandler(&lines, nil))
			}
			limits, err := quota.NewAt(pool, time.Now, o)
			require.NoError(t, err)
			limiter := limits.Limiter(credential)
			for range 5 {
				wait.Go(func() { keep(ctx, limiter, transport.Read, all[i].note) })
				wait.Go(func() { keep(ctx, limiter, transport.Write, all[i].note) })
			}
		}
		time.Sleep(5 * time.Second)
		database.Admin(t, "alter table quota rename to gone")
		time.Sleep(5 * time.Second)
		require.Equal(t, 1.0, metric(t, registry, "voicehive_quota_fallback"))
		database.Admin(t, "alter table gone rename to quota")
		wait.Wait()
		for i := range all {
			count := func(times []time.Time, from, to time.Duration) (n int) {
				for _, at := range times {
					if d := at.Sub(began); d > from && d <= to {
						n++
					}
				}
				return n
			}
			both := slices.Concat(all[i].reads, all[i].writes)
			require.InDelta(t, 40, count(both, 6*time.Second, 10*time.Second), 6, "a quarter of the rate for four seconds")
			require.LessOrEqual(t, count(all[i].reads, 6*time.Second, 10*time.Second), 26)
			require.InDelta(t, 80, count(both, 11*time.Second, 15*time.Second), 15, "half of the rate for four seconds")
		}
	})
	require.Zero(t, metric(t, registry, "voicehive_quota_fallback"))
	require.Contains(t, lines.String(), "does not answer")
	require.Equal(t, 1, bytes.Count(lines.Bytes(), []byte("does not answer")), "said once")
	require.Contains(t, lines.String(), "kept in the database again")
	require.NotContains(t, lines.String(), "aurora")
}

// TestARefusalWithoutTheDatabase is known in this process at least.
func TestARefusalWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	synctest.Test(t, func(t *testing.T) {
		open := warm(t, database, 1)
		database.Admin(t, "drop table quota cascade")
		limiter := fleet(t, open, nil)[0]
		limiter.(transport.Observer).Observe(t.Context(), transport.Observation{Refused: true, Remaining: -1, Wait: 9 * time.Second})
		began := time.Now()
		require.NoError(t, limiter.Wait(t.Context(), transport.Write))
		require.Equal(t, 9*time.Second, time.Since(began))
	})
}

// TestADatabaseThatHangs: somebody holds the table. Who waits goes on after
// half a second, and nobody waits for it again.
func TestADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	registry := prometheus.NewRegistry()
	limits, err := quota.New(database.Pool(t), quota.Options{Registerer: registry, Rate: always(transport.Rate{PerSecond: 1000, Burst: 1000})})
	require.NoError(t, err)
	limiter := limits.Limiter(credential)
	require.NoError(t, limiter.Wait(t.Context(), transport.Write))
	require.Zero(t, metric(t, registry, "voicehive_quota_fallback"))

	owner := connect(t, database.AdminURL)
	_, err = owner.Exec(t.Context(), "begin; lock table quota")
	require.NoError(t, err)
	other := limits.Limiter("vendor/other")
	began := time.Now()
	require.NoError(t, other.Wait(t.Context(), transport.Write))
	require.GreaterOrEqual(t, time.Since(began), 400*time.Millisecond)
	require.Equal(t, 1.0, metric(t, registry, "voicehive_quota_fallback"))
	began = time.Now()
	for range 100 {
		require.NoError(t, other.Wait(t.Context(), transport.Write))
	}
	require.Less(t, time.Since(began), 20*time.Second, "and not half a second each")

	_, err = owner.Exec(t.Context(), "rollback")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return other.Wait(t.Context(), transport.Write) == nil && metric(t, registry, "voicehive_quota_fallback") == 0
	}, time.Minute, 20*time.Millisecond)
}

func TestNewNeedsItsParts(t *testing.T) {
	t.Parallel()
	_, err := quota.New(nil, quota.Options{})
	require.Error(t, err)
	registry := prometheus.NewRegistry()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	_, err = quota.New(pool, quota.Options{Registerer: registry})
	require.NoError(t, err)
	_, err = quota.New(pool, quota.Options{Registerer: registry})
	require.ErrorContains(t, err, "register metrics")
}

// TestTheRowTellsNothing: of the credential there is a hash, and no other role
// sees even that.
func TestTheRowTellsNothing(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	pool := database.Pool(t)
	limits, err := quota.New(pool, quota.Options{})
	require.NoError(t, err)
	require.Same(t, limits.Limiter(credential), limits.Limiter(credential))
	require.NoError(t, limits.Limiter(credential).Wait(t.Context(), transport.Read))
	var row string
	require.NoError(t, connect(t, database.AdminURL).QueryRow(t.Context(), "select q::text from quota q").Scan(&row))
	require.Contains(t, row, "vendor")
	require.NotContains(t, row, "aurora")
	for _, role := range postgres.Roles() {
		_, err := pool.Role(role).Exec(t.Context(), "select from quota")
		if role == postgres.RoleMeter {
			require.NoError(t, err)
		} else if role != postgres.RoleKeys { // it is in the other database
			require.Error(t, err, role)
		}
	}
	_, err = pool.Tenant("aurora").Exec(t.Context(), "select from quota")
	require.Error(t, err)
}

// TestManyAtOnce lets many goroutines use one limiter in real time: none is
// forgotten, and those who give up do no harm.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	limits, err := quota.New(postgrestest.New(t, postgres.Migrations).Pool(t), quota.Options{
		Rate: always(transport.Rate{PerSecond: 2000, Burst: 500}),
	})
	require.NoError(t, err)
	limiter := limits.Limiter(credential)
	var wait sync.WaitGroup
	for i := range 400 {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if i%4 == 0 {
				ctx, cancel = context.WithTimeout(ctx, time.Duration(i)*20*time.Microsecond)
				defer cancel()
			}
			effect := transport.Effect(i % 2)
			for range 3 {
				if err := limiter.Wait(ctx, effect); err != nil && i%4 != 0 {
					t.Errorf("a patient request was not let pass: %v", err)
				} else if err != nil && pms.KindName(err) != "rate_limited" {
					t.Errorf("an impatient request was refused with %v", err)
				}
			}
		})
	}
	wait.Wait()
}
