package telemetry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/internal/telemetry"
)

// collect is a collector that keeps what it was sent.
func collect(t *testing.T) (url string, received func() []byte, requests func() []*collector.ExportTraceServiceRequest) {
	t.Helper()
	var mu sync.Mutex
	var raw []byte
	var all []*collector.ExportTraceServiceRequest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			http.Error(w, "not OTLP", http.StatusBadRequest)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		request := &collector.ExportTraceServiceRequest{}
		if err != nil || proto.Unmarshal(body, request) != nil {
			http.Error(w, "not a request", http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		raw, all = append(raw, body...), append(all, request)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL,
		func() []byte { mu.Lock(); defer mu.Unlock(); return raw },
		func() []*collector.ExportTraceServiceRequest { mu.Lock(); defer mu.Unlock(); return all }
}

func TestTracesReachACollectorWithoutAGuest(t *testing.T) {
	t.Parallel()
	const guest = "Ada Lovelace ada@example.com"
	url, raw, requests := collect(t)
	traces, err := telemetry.NewTraces(t.Context(), telemetry.TraceOptions{Endpoint: url, Process: "worker", Version: "v1"})
	require.NoError(t, err)

	state, err := trace.ParseTraceState("guest=Lovelace")
	require.NoError(t, err)
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	tracer := traces.Tracer("test")
	_, span := tracer.Start(trace.ContextWithSpanContext(t.Context(), parent), "apaleo create",
		trace.WithAttributes(
			attribute.String("voicehive.operation", "create"),
			attribute.String("voicehive.vendor", guest),
			attribute.String("guest.name", guest),
			attribute.Int("http.response.status_code", 201)),
		trace.WithLinks(trace.Link{SpanContext: parent, Attributes: []attribute.KeyValue{attribute.String("guest.name", guest)}}))
	span.RecordError(errors.New("no room for " + guest))
	span.SetStatus(codes.Error, "no room for "+guest)
	span.End()
	_, span = tracer.Start(t.Context(), "greet "+guest)
	span.SetStatus(codes.Error, "sold_out")
	span.End()
	require.NoError(t, traces.Close(t.Context()))

	got := map[string]string{} // name → status
	for _, request := range requests() {
		for _, of := range request.ResourceSpans {
			require.Contains(t, of.Resource.String(), "voicehive-worker")
			for _, s := range of.ScopeSpans[0].Spans {
				got[s.Name] = s.Status.Message
				require.Empty(t, s.Events)
				require.Empty(t, s.TraceState)
			}
		}
	}
	require.Equal(t, map[string]string{"apaleo create": "", "hidden": "sold_out"}, got)
	require.Contains(t, string(raw()), "voicehive.operation")
	require.Contains(t, string(raw()), "http.response.status_code")
	for _, secret := range []string{"Lovelace", "ada@example"} {
		require.NotContains(t, string(raw()), secret)
	}
}

func TestTracesWithoutACollectorAreNotMade(t *testing.T) {
	t.Parallel()
	traces, err := telemetry.NewTraces(t.Context(), telemetry.TraceOptions{})
	require.NoError(t, err)
	_, span := traces.Tracer("test").Start(t.Context(), "x")
	require.False(t, span.IsRecording())
	require.NoError(t, traces.Close(context.WithoutCancel(t.Context())))
}

func TestTracesRefuseAWrongEndpoint(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"collector:4318", "ftp://collector", "http://", "http://user:secret@collector:4318"} {
		_, err := telemetry.NewTraces(t.Context(), telemetry.TraceOptions{Endpoint: endpoint})
		require.ErrorContains(t, err, "endpoint", endpoint)
		require.NotContains(t, err.Error(), "secret")
	}
}
