package transport_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

func hedging(after time.Duration) func(*transport.Options, *transport.Settings) {
	return func(_ *transport.Options, s *transport.Settings) {
		s.Tuning = func(operation string) transport.Tuning {
			if operation != "op" {
				return transport.Tuning{}
			}
			return transport.Tuning{HedgeAfter: after, ReadTimeout: 5 * time.Second, WriteTimeout: 2 * time.Second}
		}
	}
}

// slowFirst answers the first request never and the others with status.
func slowFirst(t *testing.T, status int) (url string, requests *atomic.Int32, cancelled chan struct{}) {
	t.Helper()
	cancelled = make(chan struct{})
	var first atomic.Bool
	server, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if first.CompareAndSwap(false, true) {
			<-r.Context().Done()
			close(cancelled)
			return
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":"second"}`)
	})
	return server.URL, requests, cancelled
}

// counting is a Limiter that counts.
type counting struct{ turns atomic.Int32 }

func (c *counting) Limiter(string) transport.Limiter { return c }

func (c *counting) Wait(ctx context.Context, _ transport.Effect) error {
	c.turns.Add(1)
	return ctx.Err()
}

func TestASlowReadIsAskedTwice(t *testing.T) {
	t.Parallel()
	url, requests, cancelled := slowFirst(t, http.StatusOK)
	limits, registry := new(counting), prometheus.NewRegistry()
	c := client(t, url, hedging(20*time.Millisecond), func(o *transport.Options, _ *transport.Settings) {
		o.Limits, o.Registerer = limits, registry
	})
	read := call(transport.Read)
	out := &answer{}
	read.Out = out
	_, err := c.Do(t.Context(), read)
	require.NoError(t, err)
	require.Equal(t, "second", out.ID)
	<-cancelled // the loser
	require.Equal(t, int32(2), requests.Load())
	require.Equal(t, int32(2), limits.turns.Load(), "both count")
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Equal(t, "voicehive_pms_hedges_total", families[0].GetName())
	require.Equal(t, 1.0, families[0].GetMetric()[0].GetCounter().GetValue())
	require.Eventually(t, func() bool { return c.State().Outcomes["cancelled"] == 1 }, time.Minute, time.Millisecond)
	require.Nil(t, c.State().LastFailure, "to be overtaken is no failure")
	require.Equal(t, 1, c.State().Outcomes["ok"])
}

func TestAWriteIsNeverHedged(t *testing.T) {
	t.Parallel()
	url, requests, cancelled := slowFirst(t, http.StatusOK)
	_, err := client(t, url, hedging(time.Millisecond)).Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	<-cancelled
	require.Equal(t, int32(1), requests.Load())
}

func TestHedgingIsNoRepeat(t *testing.T) {
	t.Parallel()
	server, requests := serve(t, body(http.StatusServiceUnavailable, ""))
	c := client(t, server.URL, hedging(time.Second))
	_, err := c.Do(transport.Once(t.Context()), call(transport.Read))
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Equal(t, int32(1), requests.Load(), "a quick failure is final")

	requests.Store(0)
	_, err = c.Do(t.Context(), call(transport.Read))
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Equal(t, int32(2), requests.Load(), "but for the one repeat")

	requests.Store(0)
	other := call(transport.Read)
	other.Operation = "another"
	_, err = c.Do(transport.Once(t.Context()), other)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Equal(t, int32(1), requests.Load())
}

func TestOfTwoAttemptsTheBetterAnswerCounts(t *testing.T) {
	t.Parallel()
	// The second fails and the first brings the answer after all.
	var c *transport.Client
	var first atomic.Bool
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if first.CompareAndSwap(false, true) {
			for c.State().Outcomes["unavailable"] == 0 && r.Context().Err() == nil {
				runtime.Gosched()
			}
			_, _ = io.WriteString(w, `{"id":"first"}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	read := call(transport.Read)
	c = client(t, server.URL, hedging(10*time.Millisecond))
	_, err := c.Do(transport.Once(t.Context()), read)
	require.NoError(t, err)
	require.Equal(t, "first", read.Out.(*answer).ID)

	// A refusal is an answer, and ends both.
	url, _, cancelled := slowFirst(t, http.StatusNotFound)
	_, err = client(t, url, hedging(10*time.Millisecond)).Do(transport.Once(t.Context()), call(transport.Read))
	require.ErrorIs(t, err, pms.ErrNotFound)
	<-cancelled
}

func TestACallerWhoLeavesEndsBoth(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 2)
	server, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; <-arrived; cancel() }()
	_, err := client(t, server.URL, hedging(time.Millisecond)).Do(ctx, call(transport.Read))
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}
