package temporal

import (
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// tracingInterceptor makes spans. Headers are not sealed, so only the ids of
// trace and span travel: no baggage, which callers may fill with anything.
func tracingInterceptor(provider trace.TracerProvider) (interceptor.Interceptor, error) {
	return opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer:                  provider.Tracer("github.com/voicehive/voicehive/internal/temporal"),
		DisableBaggage:          true,
		AllowInvalidParentSpans: true,
		TextMapPropagator:       propagation.TraceContext{},
	})
}
