package telemetry

import (
	"regexp"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// metricguard is the last belt of what metrics tell: a series with a label
// that could hold a person's data is left out, and counted. Labels are words,
// routes and names of queues; a free text in one is a mistake, and a costly one.
type metricguard struct {
	prometheus.Gatherer
	hidden atomic.Int64
}

// labelPattern is what a label's value may look like.
var labelPattern = regexp.MustCompile(`^[\w./:{}|,+* ()=-]{0,120}$`)

// hiddenName is the metric that counts what was left out.
const hiddenName = "voicehive_telemetry_hidden_series"

// Describe implements prometheus.Collector.
func (g *metricguard) Describe(to chan<- *prometheus.Desc) { to <- hiddenDesc }

// Collect implements prometheus.Collector.
func (g *metricguard) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(hiddenDesc, prometheus.GaugeValue, float64(g.hidden.Load()))
}

var hiddenDesc = prometheus.NewDesc(hiddenName, "Series left out at the last scrape, since a label looked like a person's data; a mistake of ours.", nil, nil)

// Gather implements prometheus.Gatherer.
func (g *metricguard) Gather() ([]*dto.MetricFamily, error) {
	families, err := g.Gatherer.Gather()
	var hidden int64
	shown := families[:0]
	for _, family := range families {
		kept := family.Metric[:0]
		for _, metric := range family.Metric {
			if harmlessLabels(metric) {
				kept = append(kept, metric)
			} else {
				hidden++
			}
		}
		family.Metric = kept
		if len(kept) > 0 {
			shown = append(shown, family)
		}
	}
	g.hidden.Store(hidden)
	return shown, err
}

func harmlessLabels(m *dto.Metric) bool {
	for _, label := range m.GetLabel() {
		value := label.GetValue()
		if !labelPattern.MatchString(value) || (patterns{}).Redact(value) != value && !isID("hotel", value) {
			return false
		}
	}
	return true
}
