package api

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracerName is under which name the spans of this package are found.
const tracerName = "github.com/voicehive/voicehive/starter/api"

// span begins the span of a request, as a child of the caller's if it sent
// one. Of that only the two ids are taken over: its state can be anything.
func (s *server) span(r *http.Request) (context.Context, trace.Span) {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if from := trace.SpanContextFromContext(ctx); from.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(r.Context(), from.WithTraceState(trace.TraceState{}))
	}
	return s.tracer.Start(ctx, method(r.Method), trace.WithSpanKind(trace.SpanKindServer))
}

// finish names the span by the route, which is known by now, never by the path.
func finish(span trace.Span, r *http.Request, x *exchange, status int) {
	method, route := method(r.Method), routeOf(r.Pattern)
	span.SetName(method + " " + route)
	span.SetAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, x.problem)
	}
	span.End()
}
