package quota

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/transport"
)

// metrics are by vendor and never by credential.
type metrics struct {
	granted, waited, refused *prometheus.CounterVec // by vendor and effect
	leases, unused, closed   *prometheus.CounterVec
	alone                    *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	var problems error
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		made := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "voicehive_quota_" + name, Help: help}, labels)
		if r != nil {
			problems = errors.Join(problems, r.Register(made))
		}
		return made
	}
	m := &metrics{
		granted: counter("granted_total", "Requests to hotel systems that the credential's limit let pass, by vendor and effect.", "vendor", "effect"),
		waited:  counter("wait_seconds_total", "How long requests have waited for the credential's limit, by vendor and effect.", "vendor", "effect"),
		refused: counter("refused_total", "Requests that were not sent because their turn would have come too late, by vendor and effect.", "vendor", "effect"),
		leases:  counter("leases_total", "Questions to the database for requests, by vendor and outcome (granted, later, closed, failed).", "vendor", "outcome"),
		unused:  counter("unused_total", "Requests that were leased and not used in time, by vendor.", "vendor"),
		closed:  counter("closed_total", "How often a vendor's answer closed a credential, by vendor.", "vendor"),
		alone: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "voicehive_quota_fallback",
			Help: "Credentials whose limit this process keeps by itself, because the database cannot be asked, by vendor.",
		}, []string{"vendor"}),
	}
	if r != nil {
		problems = errors.Join(problems, r.Register(m.alone))
	}
	return m, problems
}

// counts are one vendor's metrics, found once because they are counted at each
// request. Those by effect are indexed by it.
type counts struct {
	granted, waited, refused [2]prometheus.Counter
	leases                   *prometheus.CounterVec
	unused, closed           prometheus.Counter
	alone                    prometheus.Gauge
}

func (m *metrics) of(vendor string) counts {
	c := counts{
		leases: m.leases.MustCurryWith(prometheus.Labels{"vendor": vendor}),
		unused: m.unused.WithLabelValues(vendor),
		closed: m.closed.WithLabelValues(vendor),
		alone:  m.alone.WithLabelValues(vendor),
	}
	for _, effect := range []transport.Effect{transport.Write, transport.Read} {
		c.granted[effect] = m.granted.WithLabelValues(vendor, effect.String())
		c.waited[effect] = m.waited.WithLabelValues(vendor, effect.String())
		c.refused[effect] = m.refused.WithLabelValues(vendor, effect.String())
	}
	return c
}
