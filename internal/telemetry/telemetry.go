// Package telemetry is how a process is seen from outside: structured logs, a
// Prometheus registry that Temporal's SDK also reports to, and the health,
// readiness and metrics endpoints of processes that serve no API.
//
// It stands on the internal floor and knows nothing of hotels.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// Logger writes structured logs to w: format "json" or "text". What a line says
// about a person by its form, and what the redactors find, is hidden.
func Logger(w io.Writer, level slog.Level, format string, redactors ...Redactor) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "text" {
		return slog.New(Redacting(slog.NewTextHandler(w, options), redactors...))
	}
	return slog.New(Redacting(slog.NewJSONHandler(w, options), redactors...))
}

// Metrics is the registry of a process.
type Metrics struct {
	*prometheus.Registry
	provider *metric.MeterProvider
	guard    *metricguard
	log      *slog.Logger
}

// NewMetrics returns a registry with the process's own figures in it.
func NewMetrics(log *slog.Logger) (*Metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	exporter, err := otelprom.New(otelprom.WithRegisterer(registry), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("telemetry: export metrics: %w", err)
	}
	guard := &metricguard{Gatherer: registry}
	registry.MustRegister(guard)
	return &Metrics{
		Registry: registry,
		guard:    guard,
		provider: metric.NewMeterProvider(metric.WithReader(exporter)),
		log:      log,
	}, nil
}

// Temporal is where Temporal's SDK reports its own metrics to.
func (m *Metrics) Temporal() client.MetricsHandler {
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                m.provider.Meter("temporal-sdk-go"),
		UseMonotonicCounters: true,
		OnError:              func(err error) { m.log.Warn("A Temporal metric was not recorded.", "error", err) },
	})
}

// Handler serves the registry in Prometheus's text form, without series whose
// labels could hold a person's data.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.guard, promhttp.HandlerOpts{Registry: m.Registry})
}

// Close flushes what is still on its way.
func (m *Metrics) Close(ctx context.Context) error { return m.provider.Shutdown(ctx) }

// Serve answers /healthz, /readyz and /metrics on listener until ctx ends; ready
// answers /readyz.
func Serve(ctx context.Context, listener net.Listener, m *Metrics, ready http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /readyz", ready)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	stopped := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(bounded)
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("telemetry: serve: %w", err)
	}
	return nil
}

func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{\"status\":\"ok\"}\n")
}
