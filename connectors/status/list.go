package status

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/status/statusdb"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A Connection is a hotel's, as operations see it.
type Connection struct {
	Hotel  string `json:"hotel"`
	Vendor string `json:"vendor"`
	connectors.Status
}

// pageSize is how many connections are read at once.
const pageSize = 500

// Page lists at most so many connections, by hotel, from the one after the
// last one seen. It looks across hotels: what it tells is for operations.
func (s *Store) Page(ctx context.Context, after string, most int) ([]Connection, error) {
	rows, err := statusdb.New(s.pool.Role(postgres.RoleChecker)).ConnectionsAfter(ctx, statusdb.ConnectionsAfterParams{
		Last: after, Page: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("status: listing the connections: %w", err)
	}
	page := make([]Connection, len(rows))
	for i, row := range rows {
		page[i] = Connection{Hotel: row.ID, Vendor: row.Vendor, Status: statusOf(row)}
	}
	return page, nil
}

// List lists every connection.
func (s *Store) List(ctx context.Context) ([]Connection, error) {
	var all []Connection
	for after := ""; ; {
		page, err := s.Page(ctx, after, pageSize)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < pageSize {
			return all, nil
		}
		after = page[len(page)-1].Hotel
	}
}

// scrapeTime bounds how long a scrape of the metrics waits for the database.
const scrapeTime = 3 * time.Second

var connectionsDesc = prometheus.NewDesc("voicehive_hotel_connections",
	"Hotels by the vendor and the status of their connection.", []string{"vendor", "status"}, nil)

// Collector shows how many connections stand where. Every process shows the
// same, read at each scrape; while the database does not answer it shows none.
func (s *Store) Collector() prometheus.Collector { return collector{s} }

type collector struct{ store *Store }

// Describe implements prometheus.Collector.
func (collector) Describe(descs chan<- *prometheus.Desc) { descs <- connectionsDesc }

// Collect implements prometheus.Collector.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, err := c.store.List(ctx)
	if err != nil {
		return
	}
	counts := map[[2]string]int{}
	for _, connection := range all {
		// A zero for the other states, so that an alert sees one end.
		for _, state := range []connectors.State{connectors.Available, connectors.Degraded, connectors.Maintenance} {
			counts[[2]string{connection.Vendor, string(state)}] += 0
		}
		counts[[2]string{connection.Vendor, string(connection.State)}]++
	}
	for labels, n := range counts {
		metrics <- prometheus.MustNewConstMetric(connectionsDesc, prometheus.GaugeValue, float64(n), labels[0], labels[1])
	}
}
