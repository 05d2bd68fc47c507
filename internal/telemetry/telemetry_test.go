package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/telemetry"
)

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	telemetry.Logger(&out, slog.LevelInfo, "json").Info("Hello.", "n", 1)
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "Hello.", line["msg"])

	out.Reset()
	log := telemetry.Logger(&out, slog.LevelWarn, "text")
	log.Info("not shown")
	log.Warn("shown")
	require.NotContains(t, out.String(), "not shown")
	require.Contains(t, out.String(), "level=WARN")
}

// get reads an endpoint.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	metrics.Temporal().WithTags(map[string]string{"queue": "bookings"}).Counter("temporal_things").Inc(3)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var broken atomic.Bool
	ended := make(chan error, 1)
	go func() {
		ended <- telemetry.Serve(ctx, listener, metrics, telemetry.NewReadiness(slog.New(slog.DiscardHandler), telemetry.Part{
			Name: "ledger", Ask: func(context.Context) error {
				if broken.Load() {
					return errors.New("the database postgres://secret is away")
				}
				return nil
			},
		}))
	}()
	base := "http://" + listener.Addr().String()
	status, body := get(t, base+"/healthz")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"status":"ok"}`, body)
	status, _ = get(t, base+"/readyz")
	require.Equal(t, http.StatusOK, status)
	broken.Store(true)
	status, body = get(t, base+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.JSONEq(t, `{"status":"unavailable","parts":{"ledger":"does not answer"}}`, body, "why is for the log")
	status, body = get(t, base+"/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `temporal_things_total{queue="bookings"} 3`)
	require.Contains(t, body, "go_goroutines")
	status, _ = get(t, base+"/elsewhere")
	require.Equal(t, http.StatusNotFound, status)

	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, metrics.Close(context.WithoutCancel(ctx)))
}

func TestServeOnAClosedListener(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.ErrorContains(t, telemetry.Serve(t.Context(), listener, metrics, http.NotFoundHandler()), "telemetry: serve")
}
