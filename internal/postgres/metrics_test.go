//go:build unix

package postgres_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// Two pools of one process stand beside each other in its registry.
func TestPoolsShowTheirConnections(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	registry := prometheus.NewRegistry()
	for _, name := range []string{"ledger", "keys"} {
		pool := database.Pool(t)
		require.NoError(t, pool.Ping(t.Context()))
		require.NoError(t, registry.Register(pool.Collector(name)))
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	idle := 0.0
	for _, family := range families {
		if family.GetName() == "voicehive_postgres_connections" {
			require.Len(t, family.GetMetric(), 6, "idle, used and max of both")
		}
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetValue() == "idle" {
					idle += m.GetGauge().GetValue()
				}
			}
		}
	}
	require.Positive(t, idle, "a pool that was used has a connection")
}
