//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/starter/api/client"
)

// spans is an OpenTelemetry collector that keeps what it hears, by trace.
type spans struct {
	mu      sync.Mutex
	raw     bytes.Buffer
	byTrace map[string][]string // "process/span name"
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	request := &collector.ExportTraceServiceRequest{}
	if err != nil || proto.Unmarshal(body, request) != nil {
		http.Error(w, "not OTLP", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(body)
	for _, of := range request.ResourceSpans {
		process := ""
		for _, a := range of.Resource.Attributes {
			if a.Key == "service.name" {
				process = a.Value.GetStringValue()
			}
		}
		for _, in := range of.ScopeSpans {
			for _, span := range in.Spans {
				trace := hex.EncodeToString(span.TraceId)
				s.byTrace[trace] = append(s.byTrace[trace], process+"/"+span.Name)
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// together tells whether one trace has all of the names.
func (s *spans) together(names ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, trace := range s.byTrace {
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(trace, name) }) {
			return true
		}
	}
	return false
}

// TestATraceLeadsFromTheCallToTheHotelSystem books, changes and cancels with a
// collector set, and finds the request, the workflow, the activity and the call
// to the hotel system in one trace of two processes, without the guest.
func TestATraceLeadsFromTheCallToTheHotelSystem(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	heard := &spans{byTrace: map[string][]string{}}
	server := httptest.NewServer(heard)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "200") // ms between deliveries
	h := raiseForTest(ctx, t, roomy())
	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	require.NoError(t, bookChangeCancel(ctx, t, h, api, 1))

	for _, write := range []struct{ request, hotelSystem string }{
		{"POST /v1/hotels/{hotel}/reservations", "apaleo create"},
		{"PATCH /v1/hotels/{hotel}/reservations/{id}", "apaleo amend"},
		{"DELETE /v1/hotels/{hotel}/reservations/{id}", "apaleo cancel"},
	} {
		require.Eventually(t, func() bool {
			return heard.together("voicehive-api/"+write.request, "voicehive-worker/"+write.hotelSystem)
		}, time.Minute, 100*time.Millisecond, "%v in %v", write, heard.names())
	}
	heard.mu.Lock()
	defer heard.mu.Unlock()
	// Not the first name: random ids hold three letters by chance.
	for _, value := range []string{ada.LastName, ada.Email, ada.Phone} {
		require.NotContains(t, heard.raw.String(), value)
	}
}

func (s *spans) names() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for trace, names := range s.byTrace {
		lines = append(lines, trace+" "+strings.Join(names, ", "))
	}
	return strings.Join(lines, "\n")
}
