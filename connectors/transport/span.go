package transport

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope is under which name the spans of this package are found.
const scope = "github.com/voicehive/voicehive/connectors/transport"

// span begins the span of one request. It names no URL, hotel, booking or
// guest, and it is not passed on to the vendor.
func (c *Client) span(ctx context.Context, call Call) (context.Context, trace.Span) {
	return c.stack.tracer.Start(ctx, c.o.Vendor+" "+call.Operation,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("voicehive.vendor", c.o.Vendor),
			attribute.String("voicehive.operation", call.Operation),
			attribute.String("voicehive.effect", call.Effect.String()),
		))
}

func finish(span trace.Span, e ending) {
	span.SetAttributes(attribute.String("voicehive.outcome", e.outcome))
	if e.status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", e.status))
	}
	if e.outcome != "ok" && e.outcome != "cancelled" {
		span.SetStatus(codes.Error, e.outcome)
	}
	span.End()
}
