package transport_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// learning is a Limiter that keeps what it is told.
type learning struct {
	counting
	mu   sync.Mutex
	told []transport.Observation
}

func (l *learning) Limiter(string) transport.Limiter { return l }

func (l *learning) Observe(_ context.Context, o transport.Observation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, o)
}

func TestTheLimiterIsToldWhatTheVendorSays(t *testing.T) {
	t.Parallel()
	const nothing = -2
	const soon, epoch = time.RFC3339Nano, "epoch" // ninety seconds after the answer
	for name, test := range map[string]struct {
		status    int
		header    map[string]string
		refused   bool
		remaining int
		wait      time.Duration // to within some seconds
	}{
		"silence":               {200, nil, false, nothing, 0},
		"some left":             {200, map[string]string{"X-Rate-Limit-Remaining": "3", "X-Rate-Limit-Reset": soon}, false, 3, 0},
		"none left, time":       {200, map[string]string{"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": soon}, false, 0, 90 * time.Second},
		"none left, epoch":      {200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": epoch}, false, 0, 90 * time.Second},
		"none left, seconds":    {200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "30"}, false, 0, 30 * time.Second},
		"none left, one header": {200, map[string]string{"RateLimit": "limit=100, remaining=0, reset=30"}, false, 0, 30 * time.Second},
		"none left, newer":      {200, map[string]string{"RateLimit": `"default";r=0;t=30`}, false, 0, 30 * time.Second},
		"none left, no time":    {200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}, false, 0, 0},
		"nonsense":              {200, map[string]string{"RateLimit-Remaining": "-1", "X-Rate-Limit-Limit": "10m"}, false, nothing, 0},
		"refused":               {429, map[string]string{"Retry-After": "12"}, true, -1, 12 * time.Second},
		"refused, reset":        {429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "40"}, true, 0, 40 * time.Second},
		"refused, no time":      {429, nil, true, -1, 0},
		"by another word":       {403, map[string]string{"Retry-After": "12"}, true, -1, 12 * time.Second},
		"other failure":         {500, map[string]string{"Retry-After": "12"}, false, nothing, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				then := time.Now().Add(90 * time.Second)
				for name, value := range test.header {
					switch value {
					case soon:
						value = then.Format(soon)
					case epoch:
						value = strconv.FormatInt(then.Unix(), 10)
					}
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
			})
			limits := new(learning)
			c := client(t, server.URL, func(o *transport.Options, s *transport.Settings) {
				o.Limits = limits
				s.Refusal = func(_ transport.Call, r transport.Response) *pms.Error {
					if r.Status == http.StatusForbidden {
						return &pms.Error{Kind: pms.ErrRateLimited}
					}
					return nil
				}
			})
			write := call(transport.Write)
			write.Out = nil
			_, _ = c.Do(t.Context(), write)
			if test.remaining == nothing {
				require.Empty(t, limits.told)
				return
			}
			require.Len(t, limits.told, 1)
			got := limits.told[0]
			require.Equal(t, test.refused, got.Refused)
			require.Equal(t, test.remaining, got.Remaining)
			require.InDelta(t, test.wait.Seconds(), got.Wait.Seconds(), 5)
			require.Equal(t, test.wait == 0, got.Wait == 0)
		})
	}
}
