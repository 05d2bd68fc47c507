package breach_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/breach"
)

// An alert on an increase sees the first reminder only where the series was
// there before it.
func TestRemindersAreSeriesFromTheStart(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	_, err := breach.New(breach.Parts{Registerer: registry})
	require.NoError(t, err)
	families, err := registry.Gather()
	require.NoError(t, err)
	series := map[string]int{}
	for _, family := range families {
		series[family.GetName()] = len(family.GetMetric())
	}
	require.Equal(t, 4, series["voicehive_breach_reminders_total"])
}
