package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{RateLimit: apaleo.RateLimit{
		Requests: 2, Window: 10 * time.Minute, RetryAfter: true, Exempt: []string{"offers", "reservation*"},
	}})
	get := func() *http.Response {
		resp, err := d.send(http.MethodGet, countPath, nil)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	for _, left := range []string{"1", "0"} {
		resp := get()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, left, resp.Header.Get("x-rate-limit-remaining"))
		require.Equal(t, "10m", resp.Header.Get("x-rate-limit-limit"))
	}
	d.box.Advance(time.Minute)
	resp := get()
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "540", resp.Header.Get("Retry-After"))
	reset, err := time.Parse(time.RFC3339Nano, resp.Header.Get("x-rate-limit-reset"))
	require.NoError(t, err)
	require.True(t, reset.Equal(start.Add(10*time.Minute)), "the window opened with the first request")
	require.Equal(t, 1, d.box.State(false).Counters.Throttled)
	require.Equal(t, 3, d.box.State(false).Counters.Requests["propertyCount"])

	require.NotEmpty(t, offersFor(d, "2026-11-10", 1, ""), "exempt")
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations", nil)
	d.login() // another host

	d.box.Advance(9 * time.Minute)
	require.Equal(t, http.StatusOK, get().StatusCode, "a refused request did not count, and the window is over")
}

func TestRateLimitIsSetOverTheControlAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/ratelimit", obj{"requests": 1})
	resp, err := d.send(http.MethodGet, countPath, nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "1s", resp.Header.Get("x-rate-limit-limit"))
	require.Empty(t, resp.Header.Get("Retry-After"))
	d.must(http.StatusTooManyRequests, http.MethodGet, countPath, nil)
	for window, want := range map[string]string{"2h": "2h", "100ms": "100ms"} {
		d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/ratelimit", obj{"requests": 1, "window": window})
		resp, err := d.send(http.MethodGet, countPath, nil)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, resp.Header.Get("x-rate-limit-limit"))
	}
	for _, bad := range []obj{{"requests": -1}, {"requests": 1, "window": "soon"}, {"requests": 1, "exempt": []string{"["}}} {
		d.must(http.StatusUnprocessableEntity, http.MethodPost, "/sandbox/v1/ratelimit", bad)
	}
	d.box.Reset()
	d.login()
	for range 3 {
		d.must(http.StatusOK, http.MethodGet, countPath, nil)
	}
}
