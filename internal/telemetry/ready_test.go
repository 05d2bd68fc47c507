package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/telemetry"
)

// asked is an answer of /readyz.
type asked struct {
	code   int
	Status string
	Parts  map[string]string
}

func askReady(t *testing.T, h http.Handler) (a asked) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.NotContains(t, w.Body.String(), "secret")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	a.code = w.Code
	return a
}

func TestReadinessNamesWhatIsAway(t *testing.T) {
	t.Parallel()
	var wrong error
	var log bytes.Buffer
	part := func(context.Context) error { return wrong }
	well := func(context.Context) error { return nil }
	secret := errors.New("postgres://secret is away")
	for name, tc := range map[string]struct {
		spared bool
		err    error
		want   asked
	}{
		"well":          {false, nil, asked{200, "ready", map[string]string{"a": "ok", "b": "ok"}}},
		"away":          {false, secret, asked{503, "unavailable", map[string]string{"a": "ok", "b": "does not answer"}}},
		"with a reason": {false, telemetry.Because("is sealed", secret), asked{503, "unavailable", map[string]string{"a": "ok", "b": "is sealed"}}},
		"spared":        {true, secret, asked{200, "degraded", map[string]string{"a": "ok", "b": "does not answer"}}},
	} {
		wrong = tc.err
		h := telemetry.NewReadiness(slog.New(slog.NewTextHandler(&log, nil)), telemetry.Part{Name: "a", Ask: well}, telemetry.Part{Name: "b", Ask: part, Spared: tc.spared})
		require.Equal(t, tc.want, askReady(t, h), name)
	}

	log.Reset()
	h := telemetry.NewReadiness(slog.New(slog.NewTextHandler(&log, nil)), telemetry.Part{Name: "b", Ask: part})
	wrong = secret
	askReady(t, h)
	askReady(t, h)
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("not well")), "a change is logged, with its cause")
	require.Contains(t, log.String(), "secret")
	wrong = nil
	askReady(t, h)
	askReady(t, h)
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("well again")))
}

// A part that hangs holds up neither the others nor who asks, even when it does
// not listen to its context.
func TestReadinessIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		h := telemetry.NewReadiness(slog.New(slog.DiscardHandler),
			telemetry.Part{Name: "deaf", Ask: func(context.Context) error { <-ended; return nil }},
			telemetry.Part{Name: "slow", Ask: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			telemetry.Part{Name: "well", Ask: func(context.Context) error { return nil }})
		got := askReady(t, h)
		close(ended)
		require.Equal(t, asked{503, "unavailable", map[string]string{"deaf": "no answer in time", "slow": "no answer in time", "well": "ok"}}, got)
	})
}

// Whoever asks while a round is under way gets its answer: asking costs the
// parts nothing more.
func TestReadinessAsksOnceForMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rounds atomic.Int32
		release := make(chan struct{})
		h := telemetry.NewReadiness(slog.New(slog.DiscardHandler), telemetry.Part{Name: "a", Ask: func(context.Context) error {
			rounds.Add(1)
			<-release
			return nil
		}})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { askReady(t, h) })
		}
		synctest.Wait()
		close(release)
		all.Wait()
		require.EqualValues(t, 1, rounds.Load())
	})
}
