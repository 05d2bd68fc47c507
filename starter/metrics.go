package starter

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Where an answer to a question for availability came from.
const (
	fromMemory = "memory"
	fromHotel  = "hotel"
	fromFlight = "flight" // another caller asked the same at the same time
)

// A change is why remembered availability became stale.
type change string

const (
	changeOwn     change = "write"   // this process booked or changed something
	changeHotel   change = "webhook" // the hotel's system said so
	changeElse    change = "news"    // another process said so
	changeUnknown change = "unheard" // news may have been lost
)

// offersMetrics count what the memory of offers is good for.
type offersMetrics struct {
	answers       *prometheus.CounterVec
	invalidations *prometheus.CounterVec
}

func (m offersMetrics) answered(from string) { m.answers.WithLabelValues(from).Inc() }

func (m offersMetrics) forgot(why change) { m.invalidations.WithLabelValues(string(why)).Inc() }

// metrics of the starter. They have no label that grows with hotels or callers.
type metrics struct {
	offers     offersMetrics
	deliveries *prometheus.CounterVec
}

func newMetrics() metrics {
	return metrics{
		offers: offersMetrics{
			answers: prometheus.NewCounterVec(prometheus.CounterOpts{
				Name: "voicehive_availability_answers_total",
				Help: "Answers to availability queries, by where they came from: memory (a hit), hotel (a miss), flight (a miss that shared another's question).",
			}, []string{"from"}),
			invalidations: prometheus.NewCounterVec(prometheus.CounterOpts{
				Name: "voicehive_availability_invalidations_total",
				Help: "How often remembered availability became stale, by what told so.",
			}, []string{"why"}),
		},
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_webhook_events_total",
			Help: "Events of hotel systems, by vendor and what became of them.",
		}, []string{"vendor", "result"}),
	}
}

// Register shows the client's metrics. Two clients of one process need a
// registerer each.
func (c *Client) Register(r prometheus.Registerer) error {
	for _, m := range []prometheus.Collector{c.metrics.offers.answers, c.metrics.offers.invalidations, c.metrics.deliveries} {
		if err := r.Register(m); err != nil {
			return fmt.Errorf("starter: registering metrics: %w", err)
		}
	}
	return nil
}
