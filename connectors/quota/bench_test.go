//go:build unix

package quota_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/connectors/quota"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// BenchmarkWait is one turn at a limit that nobody reaches, leases from the real
// database included.
func BenchmarkWait(b *testing.B) {
	limits, err := quota.New(postgrestest.New(b, postgres.Migrations).Pool(b), quota.Options{
		Rate: always(transport.Rate{PerSecond: 1e9, Burst: 1e9}),
	})
	require.NoError(b, err)
	bench(b, limits.Limiter(credential))
}

// BenchmarkWaitAnchor is the same at a limiter of one process: a mutex and a
// clock.
func BenchmarkWaitAnchor(b *testing.B) {
	bench(b, bucket{rate.NewLimiter(1e9, 1e9)})
}

type bucket struct{ limiter *rate.Limiter }

func (k bucket) Wait(ctx context.Context, _ transport.Effect) error { return k.limiter.Wait(ctx) }

func bench(b *testing.B, limiter transport.Limiter) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	for range 1000 {
		require.NoError(b, limiter.Wait(ctx, transport.Write))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := limiter.Wait(ctx, transport.Write); err != nil {
			b.Fatal(err)
		}
	}
}
