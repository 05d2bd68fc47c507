package telemetry_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/telemetry"
)

func TestSeriesWithAPersonAreLeftOut(t *testing.T) {
	t.Parallel()
	m, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "calls_total", Help: "Calls."}, []string{"who"})
	m.MustRegister(calls)
	fine := []string{"seaview", "POST /v1/hotels/{hotel}/reservations", "pms.apaleo", "", "+Inf", "booking/seaview"}
	for _, who := range append([]string{"ada@example.com", "+49 151 2345678", "4111111111111111", "Müller", "a\nb"}, fine...) {
		calls.WithLabelValues(who).Inc()
	}
	scrape := func() string {
		answer := httptest.NewRecorder()
		m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		require.Equal(t, 200, answer.Code)
		return answer.Body.String()
	}
	text := scrape()
	for _, who := range []string{"ada@", "2345678", "4111", "ller"} {
		require.NotContains(t, text, who)
	}
	for _, who := range fine {
		require.Contains(t, text, `calls_total{who="`+who+`"} 1`)
	}
	require.Contains(t, scrape(), "voicehive_telemetry_hidden_series 5")
}
