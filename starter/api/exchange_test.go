package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
)

func (b *bench) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	scanner := bufio.NewScanner(strings.NewReader(b.log.String()))
	for scanner.Scan() {
		var line map[string]any
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	return lines
}

func TestLogTellsOfARequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.starter.err = starter.SoldOut.With("Offer an alternative.")
	w := b.send(t, request{
		method: "POST", path: hotel + "/reservations", body: exampleBookRequest,
		header: map[string]string{"Idempotency-Key": "sentinel-key", "X-Request-Id": "sentinel-id", "User-Agent": "sentinel-agent"},
	})
	lines := b.lines(t)
	require.Len(t, lines, 1)
	line := lines[0]
	delete(line, "time")
	require.Positive(t, line["took"])
	delete(line, "took")
	require.Equal(t, map[string]any{
		"level": "INFO", "msg": "http request", "request": w.Header().Get("X-Request-Id"), "method": "POST",
		"route": "/v1/hotels/{hotel}/reservations", "status": float64(409), "caller": "subject-agent", "hotel": "alpha", "problem": "sold-out",
	}, line)
	require.NotContains(t, w.Header().Get("X-Request-Id"), "sentinel")
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for path, level := range map[string]string{"/healthz": "DEBUG", "/readyz": "DEBUG", "/metrics": "DEBUG", "/docs": "INFO", "/nothing": "INFO"} {
		b := newBench(t)
		b.send(t, request{method: "GET", path: path})
		require.Equal(t, level, b.lines(t)[0]["level"], path)
	}
	b := newBench(t)
	b.starter.err = errors.New("the database is gone")
	b.send(t, request{method: "GET", path: "/readyz"})
	require.Equal(t, "ERROR", b.lines(t)[0]["level"])
}

func TestPanicIsAProblem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.starter.panics = "sentinel: a guest's name"
	w := b.send(t, request{method: "GET", path: hotel + "/reservations/" + id})
	requireProblem(t, w, starter.Internal)
	require.NotContains(t, b.log.String(), "sentinel")
	require.Contains(t, b.log.String(), "handler panicked")
	require.Contains(t, b.log.String(), "fakeStarter", "the stack tells where")
	lines := b.lines(t)
	require.Equal(t, float64(500), lines[len(lines)-1]["status"])
}

func TestPanicAfterTheAnswerBeganCutsIt(t *testing.T) {
	t.Parallel()
	handler, err := New(Options{Starter: &fakeStarter{}, Auth: fakeAuth{}, Logger: slog.New(slog.DiscardHandler), Mount: map[string]http.Handler{
		"/half/": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("half"))
			panic("late")
		}),
	}})
	require.NoError(t, err)
	b := &bench{Handler: handler}
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { b.send(t, request{method: "GET", path: "/half/"}) })
}

func TestMetricsCountRoutesNotPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{hotel + "/reservations/" + id, "/v1/hotels/alpha/reservations/123", "/nothing/a", "/nothing/b"} {
		b.send(t, request{method: "GET", path: path})
	}
	b.send(t, request{method: "BREW", path: "/nothing"})
	families, err := b.registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "voicehive_http_request_duration_seconds", families[0].GetName())
	counts := map[string]uint64{}
	for _, m := range families[0].GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetValue())
		}
		counts[strings.Join(labels, " ")] = m.GetHistogram().GetSampleCount()
	}
	require.Equal(t, map[string]uint64{
		"GET /v1/hotels/{hotel}/reservations/{id} 200": 1,
		"GET /v1/hotels/{hotel}/reservations/{id} 404": 1,
		"GET unmatched 404":                            2,
		"other unmatched 404":                          1,
	}, counts)
}

func TestOneRegistererServesOneAPI(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := New(Options{Starter: b.starter, Auth: fakeAuth{}, Registerer: b.registry})
	require.Error(t, err)
	_, err = New(Options{})
	require.Error(t, err)
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/healthz", "/docs", "/openapi.json", "/problems/sold-out", "/nothing", hotel + "/reservations/" + id, "/extra/x"} {
		h := b.send(t, request{method: "GET", path: path}).Header()
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NotEmpty(t, h.Get("Cache-Control"), path)
		require.NotEmpty(t, h.Get("X-Request-Id"), path)
		require.Empty(t, h.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestOperationsPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.JSONEq(t, `{"status":"ok"}`, b.send(t, request{method: "GET", path: "/healthz", as: "-"}).Body.String())
	require.Empty(t, b.starter.calls, "being alive depends on nobody")
	require.Equal(t, "ready", b.send(t, request{method: "GET", path: "/readyz", as: "-"}).Body.String())
	require.Equal(t, "metrics", b.send(t, request{method: "GET", path: "/metrics", as: "-"}).Body.String())
	require.Equal(t, "extra", b.send(t, request{method: "GET", path: "/extra/x", as: "-"}).Body.String())
}
