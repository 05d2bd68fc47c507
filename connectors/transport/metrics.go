package transport

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/pms"
)

// newDurations registers the histogram of single requests, repeats counted
// each; the wait for a limiter and calls an open circuit stopped are not in it.
func newDurations(r prometheus.Registerer) (*prometheus.HistogramVec, error) {
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "voicehive_pms_request_duration_seconds",
		Help:    "Time of one request to a hotel system, by vendor, operation and outcome (ok, or the kind of error).",
		Buckets: []float64{.025, .05, .1, .2, .4, .8, 1.5, 3, 6, 12, 30, 60},
	}, []string{"vendor", "operation", "outcome"})
	if r == nil {
		return durations, nil
	}
	err := r.Register(durations)
	if taken := (prometheus.AlreadyRegisteredError{}); errors.As(err, &taken) {
		if existing, ok := taken.ExistingCollector.(*prometheus.HistogramVec); ok {
			return existing, nil
		}
	}
	return durations, err
}

func (s *Stack) observe(vendor, operation string, err error, took time.Duration) {
	outcome := "ok"
	if err != nil {
		outcome = pms.KindName(err)
	}
	s.durations.WithLabelValues(vendor, operation, outcome).Observe(took.Seconds())
}
