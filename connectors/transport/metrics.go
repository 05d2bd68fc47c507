package transport

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// newDurations is the histogram of single requests, repeats counted each; the
// wait for a limiter and calls an open circuit stopped are not in it.
func newDurations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "voicehive_pms_request_duration_seconds",
		Help:    "Time of one request to a hotel system, by vendor, operation and outcome (ok, cancelled, or the kind of error).",
		Buckets: []float64{.025, .05, .1, .2, .4, .8, 1.5, 3, 6, 12, 30, 60},
	}, []string{"vendor", "operation", "outcome"})
}

// newHedges counts the second requests of slow reads.
func newHedges() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "voicehive_pms_hedges_total",
		Help: "Second requests that were sent because a read was slow, by vendor and operation.",
	}, []string{"vendor", "operation"})
}

// register registers a collector, or finds the one that another stack of this
// process registered before.
func register[C prometheus.Collector](r prometheus.Registerer, collector C) (C, error) {
	if r == nil {
		return collector, nil
	}
	err := r.Register(collector)
	if taken := (prometheus.AlreadyRegisteredError{}); errors.As(err, &taken) {
		if existing, ok := taken.ExistingCollector.(C); ok {
			return existing, nil
		}
	}
	return collector, err
}

func (s *Stack) observe(vendor, operation string, e ending) {
	s.durations.WithLabelValues(vendor, operation, e.outcome).Observe(e.took.Seconds())
}
