package transport_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// TestAFullHotelKeepsRoomForWrites: reads that never end fill their part of the
// slots and of the queue; a write passes; another hotel is not touched.
func TestAFullHotelKeepsRoomForWrites(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			select {
			case <-ended:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	c := client(t, server.URL, func(_ *transport.Options, s *transport.Settings) { s.Slots = 4 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	refused := make(chan error, 100)
	for range 40 {
		wait.Go(func() {
			_, err := c.Do(ctx, call(transport.Read))
			refused <- err
		})
	}
	err := <-refused
	require.ErrorIs(t, err, pms.ErrRateLimited, "more than the queue holds")
	require.ErrorContains(t, err, "too many requests under way")
	require.Eventually(t, func() bool { return c.State().BusyReads == 3 && c.State().Waiting == 32 }, time.Minute, time.Millisecond)
	_, err = c.Do(t.Context(), call(transport.Write))
	require.NoError(t, err)
	state := c.State()
	require.Equal(t, 4, state.Slots)
	require.Equal(t, 3, state.Busy)
	require.Equal(t, "closed", state.Circuit, "our own bound says nothing of the vendor")
	_, err = client(t, server.URL).Do(t.Context(), call(transport.Write))
	require.NoError(t, err)

	// Those who queue are told after a while.
	for range 36 {
		require.ErrorIs(t, <-refused, pms.ErrRateLimited)
	}
	require.Zero(t, c.State().Waiting)
}

func TestOneWhoLeavesTheQueue(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	c := client(t, server.URL, func(_ *transport.Options, s *transport.Settings) { s.Slots = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { _, _ = c.Do(ctx, call(transport.Write)) })
	require.Eventually(t, func() bool { return c.State().Busy == 1 }, time.Minute, time.Millisecond)
	for _, effect := range []transport.Effect{transport.Read, transport.Write} {
		leaving, leave := context.WithCancel(t.Context())
		wait.Go(func() {
			_, err := c.Do(leaving, call(effect))
			if pms.KindName(err) != "unavailable" {
				t.Errorf("one who left the queue was told %v", err)
			}
		})
		require.Eventually(t, func() bool { return c.State().Waiting == 1 }, time.Minute, time.Millisecond)
		leave()
		require.Eventually(t, func() bool { return c.State().Waiting == 0 }, time.Minute, time.Millisecond)
	}
	cancel()
	wait.Wait()
	require.Zero(t, c.State().Busy)
	_, err := c.Do(t.Context(), call(transport.Read))
	require.NoError(t, err, "they took no slot with them")
}

func TestStateTellsTheCircuit(t *testing.T) {
	t.Parallel()
	var healthy atomic.Bool
	healthy.Store(true)
	server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	c := client(t, server.URL)
	state := c.State()
	require.Equal(t, "closed", state.Circuit)
	require.WithinDuration(t, time.Now(), state.Since, time.Minute)
	require.Zero(t, state.LastOK)
	require.Nil(t, state.LastFailure)
	_, err := c.Do(t.Context(), call(transport.Write))
	require.NoError(t, err)
	made := state.Since
	healthy.Store(false)
	for range 12 {
		_, err := c.Do(t.Context(), call(transport.Write))
		require.Error(t, err)
	}
	state = c.State()
	require.Equal(t, "open", state.Circuit)
	require.Positive(t, state.Pause)
	require.True(t, state.Since.After(made))
	require.Equal(t, 1, state.Outcomes["ok"])
	require.Positive(t, state.Outcomes["outcome_unknown"])
	require.NotZero(t, state.LastOK)
	require.Equal(t, "op", state.LastFailure.Operation)
	require.Equal(t, "outcome_unknown", state.LastFailure.Outcome)
	text, err := json.Marshal(state)
	require.NoError(t, err)
	require.NotContains(t, string(text), marker)
}

// TestSpans: one for each request, and nothing in it that leads to a guest.
func TestSpans(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if name == "Traceparent" || name == "Baggage" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, marker)
	})
	c := client(t, server.URL, func(o *transport.Options, _ *transport.Settings) {
		o.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	})
	read := call(transport.Read)
	read.Path = "/thing/" + marker
	_, err := c.Do(t.Context(), read)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Len(t, recorder.Ended(), 2, "the repeat has its own")
	for _, span := range recorder.Ended() {
		require.Equal(t, "vendor op", span.Name())
		require.Equal(t, trace.SpanKindClient, span.SpanKind())
		require.Equal(t, codes.Error, span.Status().Code)
		told := map[string]string{}
		for _, a := range span.Attributes() {
			told[string(a.Key)] = a.Value.String()
		}
		require.Equal(t, map[string]string{
			"voicehive.vendor": "vendor", "voicehive.operation": "op", "voicehive.effect": "read",
			"voicehive.outcome": "unavailable", "http.response.status_code": "503",
		}, told)
		require.Empty(t, span.Events())
	}
}
