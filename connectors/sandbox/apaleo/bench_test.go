package apaleo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// BenchmarkOffers asks for offers over HTTP from 400 callers at once, each
// answer delayed by 80 ms. It reports requests a second, and the processor time
// of one, which tells what a core could serve on a machine that does other
// things too. The client's share is in both.
func BenchmarkOffers(b *testing.B) {
	const callers = 400
	box := apaleo.New(apaleo.Options{Clock: func() time.Time { return start }})
	defer box.Close()
	server := httptest.NewServer(box)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers, MaxConnsPerHost: callers}}
	d := &desk{t: b, box: box, url: server.URL, http: client}
	d.login()
	_, err := box.AddFault(apaleo.Fault{Kind: apaleo.Delay, Delay: 80 * time.Millisecond, Operation: "offers"})
	require.NoError(b, err)
	const path = "/booking/v1/offers?propertyId=BER&arrival=2026-11-10&departure=2026-11-12&adults=2"
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	before := processorTime(b)
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, d.url+path, nil)
				if err != nil {
					failed.Add(1)
					return
				}
				req.Header.Set("Authorization", "Bearer "+d.token)
				resp, err := client.Do(req)
				if err != nil {
					failed.Add(1)
					continue
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					failed.Add(1)
				}
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/request")
	require.Zero(b, failed.Load())
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
