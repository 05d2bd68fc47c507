package postgres

import "github.com/prometheus/client_golang/prometheus"

var (
	connections = prometheus.NewDesc("voicehive_postgres_connections",
		"Connections of a pool by state: idle, used, or the most it may open.", []string{"pool", "state"}, nil)
	waits = prometheus.NewDesc("voicehive_postgres_waits_total",
		"How often a query had to wait for a connection of a pool.", []string{"pool"}, nil)
	waited = prometheus.NewDesc("voicehive_postgres_wait_seconds_total",
		"How long queries have waited for a connection of a pool.", []string{"pool"}, nil)
)

// Collector shows the pool's connections under a name, such as ledger.
func (p *Pool) Collector(name string) prometheus.Collector { return collector{p, name} }

type collector struct {
	pool *Pool
	name string
}

// Describe implements prometheus.Collector. It names nothing, for two pools
// share the same descriptions.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	stat := c.pool.Stat()
	gauge := func(state string, n int32) {
		metrics <- prometheus.MustNewConstMetric(connections, prometheus.GaugeValue, float64(n), c.name, state)
	}
	gauge("idle", stat.IdleConns())
	gauge("used", stat.AcquiredConns())
	gauge("max", stat.MaxConns())
	metrics <- prometheus.MustNewConstMetric(waits, prometheus.CounterValue, float64(stat.EmptyAcquireCount()), c.name)
	metrics <- prometheus.MustNewConstMetric(waited, prometheus.CounterValue, stat.EmptyAcquireWaitTime().Seconds(), c.name)
}
