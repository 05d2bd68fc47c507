package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// exportTime bounds one delivery of spans, and the last one when a process ends.
const exportTime = 5 * time.Second

// TraceOptions say where spans go.
type TraceOptions struct {
	// Endpoint is the base URL of an OpenTelemetry collector that takes OTLP
	// over HTTP, such as http://127.0.0.1:4318. Empty: no spans are made.
	Endpoint string
	// Process and Version name this process in every span.
	Process, Version string
	// Equip makes the transport to the collector connect through a guard: it sets
	// its dialer and its proxy. Nil connects as net/http does.
	Equip func(*http.Transport)
	// Logger takes a line when spans could not be delivered.
	Logger *slog.Logger
}

// Traces makes spans and sends them to a collector. Only what traceguard lets
// through leaves the process. How many requests are traced, OTEL_TRACES_SAMPLER
// tells, as in every OpenTelemetry program.
type Traces struct {
	trace.TracerProvider
	shutdown func(context.Context) error
}

// NewTraces returns where tracers come from. It makes no call: a collector that
// is away costs spans and nothing else.
func NewTraces(ctx context.Context, o TraceOptions) (*Traces, error) {
	if o.Endpoint == "" {
		return &Traces{noop.NewTracerProvider(), func(context.Context) error { return nil }}, nil
	}
	base, err := url.Parse(o.Endpoint)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.User != nil {
		return nil, fmt.Errorf("telemetry: the traces' endpoint must be a URL such as http://127.0.0.1:4318, without a password")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.Equip != nil {
		o.Equip(transport)
	}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(base.JoinPath("v1", "traces").String()),
		otlptracehttp.WithTimeout(exportTime),
		otlptracehttp.WithHTTPClient(&http.Client{Transport: transport, Timeout: exportTime}),
	)
	if err != nil {
		return nil, fmt.Errorf("telemetry: export traces: %w", err)
	}
	if o.Logger != nil {
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {
			// The cause may quote an answer of the collector's.
			o.Logger.Warn("Spans were not delivered; is the collector of OTEL_EXPORTER_OTLP_ENDPOINT up?")
		}))
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(traceguard{exporter}, sdktrace.WithExportTimeout(exportTime)),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "voicehive-"+o.Process),
			attribute.String("service.namespace", "voicehive"),
			attribute.String("service.version", o.Version),
		)),
	)
	return &Traces{provider, provider.Shutdown}, nil
}

// Close delivers what is still on its way.
func (t *Traces) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	return t.shutdown(ctx)
}
