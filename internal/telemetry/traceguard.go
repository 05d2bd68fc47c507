package telemetry

import (
	"context"
	"regexp"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// traceguard is the last belt of what is told about a span: known attributes
// with harmless values go out, all else stays. Libraries put error texts,
// addresses and whatever comes next into spans, and a collector is no place
// for a guest's data.
type traceguard struct{ sdktrace.SpanExporter }

// shown are the attributes that may leave.
var shown = map[attribute.Key]bool{
	"http.request.method": true, "http.route": true, "http.response.status_code": true,
	"voicehive.vendor": true, "voicehive.operation": true, "voicehive.effect": true, "voicehive.outcome": true,
	// Ids of Temporal are random or a hotel's; they lead from a span to the run.
	"temporalWorkflowID": true, "temporalRunID": true, "temporalActivityID": true,
}

// harmless is what a shown text may look like: names, routes, ids.
var harmless = regexp.MustCompile(`^[\w./:{}|=-]{0,200}$`)

// spanName is what a span may be called: words, a route, a pair with a colon.
var spanName = regexp.MustCompile(`^[\w ./:{}-]{1,120}$`)

// ExportSpans implements sdktrace.SpanExporter.
func (g traceguard) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	guarded := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		guarded[i] = guardedSpan{span}
	}
	return g.SpanExporter.ExportSpans(ctx, guarded)
}

type guardedSpan struct{ sdktrace.ReadOnlySpan }

// Name hides a name that could hold anything.
func (s guardedSpan) Name() string {
	if name := s.ReadOnlySpan.Name(); spanName.MatchString(name) {
		return name
	}
	return "hidden"
}

// Attributes leaves out what is not shown.
func (s guardedSpan) Attributes() []attribute.KeyValue {
	var kept []attribute.KeyValue
	for _, a := range s.ReadOnlySpan.Attributes() {
		switch {
		case !shown[a.Key]:
		case a.Value.Type() == attribute.STRING && !harmless.MatchString(a.Value.AsString()):
		default:
			kept = append(kept, a)
		}
	}
	return kept
}

// Events hold error texts; the status says that there was one.
func (s guardedSpan) Events() []sdktrace.Event { return nil }

// Links lose their attributes.
func (s guardedSpan) Links() []sdktrace.Link {
	links := s.ReadOnlySpan.Links()
	bare := make([]sdktrace.Link, len(links))
	for i, link := range links {
		bare[i] = sdktrace.Link{SpanContext: bareContext(link.SpanContext)}
	}
	return bare
}

// SpanContext loses the state that a caller may have sent with it.
func (s guardedSpan) SpanContext() trace.SpanContext {
	return bareContext(s.ReadOnlySpan.SpanContext())
}

// Parent loses it too.
func (s guardedSpan) Parent() trace.SpanContext { return bareContext(s.ReadOnlySpan.Parent()) }

// Status keeps the code, and a description that is one word.
func (s guardedSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	if status.Code != codes.Error || !word.MatchString(status.Description) {
		status.Description = ""
	}
	return status
}

var word = regexp.MustCompile(`^[a-z_]{0,40}$`)

func bareContext(c trace.SpanContext) trace.SpanContext { return c.WithTraceState(trace.TraceState{}) }
