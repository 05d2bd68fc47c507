package rights_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/rights"
)

// An alert on an increase sees the first mark only where the series was there
// before it.
func TestMarksAreSeriesFromTheStart(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	_, err := rights.New(rights.Parts{Registerer: registry})
	require.NoError(t, err)
	families, err := registry.Gather()
	require.NoError(t, err)
	series := map[string]int{}
	for _, family := range families {
		series[family.GetName()] = len(family.GetMetric())
	}
	require.Equal(t, 4, series["voicehive_dsar_marks_total"])
}
