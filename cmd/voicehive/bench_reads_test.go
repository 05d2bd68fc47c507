//go:build bench

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

var (
	readRate = flag.Int("reads", 1000, "availability queries a second")
	readFor  = flag.Duration("reads-for", 30*time.Second, "how long to measure availability queries, after as long a warm-up")
)

const (
	// readKeys is how many different questions there are.
	readKeys = 5000
	// hotelDelay is how long the hotel system takes for each answer.
	hotelDelay = 80 * time.Millisecond
	// zipfSkew makes about seven of a hundred questions a miss while an answer
	// is remembered for 20 s.
	zipfSkew = 1.3
	// crowd is how many callers come at once, when nothing is remembered yet.
	crowd = 1000
)

// TestReads measures availability under an open load of many callers, beside an
// empty handler under the same load. It asserts no time: the figures are
// printed for a quiet machine's reader. No query may fail.
func TestReads(t *testing.T) {
	h := raiseForBench(t, false)
	hotel := h.HotelSystem()
	require.NoError(t, hotel.Fault(t.Context(), apaleo.Fault{Kind: apaleo.Delay, Operation: "offers", Delay: hotelDelay}))
	r := &reader{h: h, http: &http.Transport{MaxIdleConnsPerHost: 2 * crowd}}

	// Everybody at once, with nothing to remember and no token.
	r.storm(t)
	state, err := hotel.Counts(t.Context())
	require.NoError(t, err)
	tokens, questions := state.Counters.Requests["token"], state.Counters.Requests["offers"]

	empty := []times{r.run(t, *readFor/4, r.empty)}
	r.run(t, *readFor, r.question) // what is remembered becomes what it will be
	before := r.answers(t)
	busy := r.run(t, *readFor, r.question)
	after := r.answers(t)
	empty = append(empty, r.run(t, *readFor/4, r.empty))

	hits, misses := busy.split(hotelDelay)
	memory, asked := after["memory"]-before["memory"], after["hotel"]+after["flight"]-before["hotel"]-before["flight"]
	fmt.Printf("\nAvailability, %d a second for %s, Zipf over %d questions, hotel system answers after %s (load %s)\n",
		*readRate, *readFor, readKeys, hotelDelay, load())
	fmt.Printf("  %d parallel callers at the start: %d token request, %d questions to the hotel\n", crowd, tokens, questions)
	fmt.Printf("  %d queries, 0 failed; by the API's own count %d from memory, %d asked (%.1f %% misses)\n",
		len(busy), memory, asked, 100*float64(asked)/float64(memory+asked))
	fmt.Printf("  %-32s %8s %8s %8s %8s %8s\n", "", "n", "p50 ms", "p95 ms", "p99 ms", "max ms")
	for _, row := range []struct {
		name string
		load times
	}{
		{"empty handler before", empty[0]}, {"empty handler after", empty[1]},
		{"under the hotel's delay (hits)", hits}, {"the others (misses)", misses},
	} {
		fmt.Printf("  %-32s %8d %8.1f %8.1f %8.1f %8.1f\n", row.name, len(row.load), row.load.at(50), row.load.at(95), row.load.at(99), row.load.at(100))
	}
	require.Equal(t, 1, tokens, "a token is asked for once, whoever waits for it")
	require.GreaterOrEqual(t, 20*asked, memory+asked, "at least five of a hundred must be misses")
	// A slow hit would look like a miss.
	require.InDelta(t, asked, len(misses), float64(len(busy))/100, "hits and misses are not what they seem")
}

// times are the times of one kind of request, in milliseconds.
type times []float64

func (l times) at(percent int) float64 {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[min(len(l)-1, len(l)*percent/100)]
}

// split parts what was answered sooner than the hotel's system can.
func (l times) split(delay time.Duration) (hits, misses times) {
	for _, ms := range l {
		if ms < float64(delay.Milliseconds()) {
			hits = append(hits, ms)
		} else {
			misses = append(misses, ms)
		}
	}
	return hits, misses
}

// reader asks what many callers ask.
type reader struct {
	h    *house
	http *http.Transport
	runs uint64
}

func (r *reader) empty(*rand.Rand) func() string {
	return func() string { return "/healthz" }
}

// question draws questions of which few are popular.
func (r *reader) question(random *rand.Rand) func() string {
	zipf := rand.NewZipf(random, zipfSkew, 1, readKeys-1)
	return func() string { return r.path(int(zipf.Uint64())) }
}

// path is one question: a day, a number of nights and of adults.
func (r *reader) path(key int) string {
	arrival := time.Now().AddDate(0, 0, 5+key%300)
	return fmt.Sprintf("/v1/hotels/%s/availability?arrival=%s&departure=%s&adults=%d", r.h.Hotel.ID,
		arrival.Format(time.DateOnly), arrival.AddDate(0, 0, 1+key/300%9).Format(time.DateOnly), 1+key/2700)
}

// storm asks for many different things at once.
func (r *reader) storm(t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range crowd {
		all.Go(func() {
			<-start
			// Twenty questions: more would wait for the hotel's system longer
			// than a caller does.
			if err := r.get(t.Context(), r.path(readKeys-1-i%20)); err != nil {
				t.Errorf("a caller of the storm: %v", err)
			}
		})
	}
	close(start)
	all.Wait()
}

// run sends requests at the rate, whether those before were answered or not,
// and takes each one's time from the moment when it should have been sent.
func (r *reader) run(t *testing.T, long time.Duration, kind func(*rand.Rand) func() string) times {
	t.Helper()
	r.runs++ // other questions each time, the same each day
	next := kind(rand.New(rand.NewPCG(1, r.runs)))
	n := int(long.Seconds() * float64(*readRate))
	took := make(times, n)
	var all sync.WaitGroup
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(*readRate))
		<-time.After(time.Until(due))
		path := next()
		all.Go(func() {
			if err := r.get(t.Context(), path); err != nil {
				t.Errorf("query: %v", err)
			}
			took[i] = float64(time.Since(due).Microseconds()) / 1000
		})
	}
	all.Wait()
	return took
}

func (r *reader) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.h.API+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.h.Key)
	answer, err := r.http.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// answers reads the API's own count of answers, by where they came from.
func (r *reader) answers(t *testing.T) map[string]int {
	t.Helper()
	answer, err := http.Get(r.h.API + "/metrics")
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, `voicehive_availability_answers_total{from="`)
		if !ok {
			continue
		}
		from, value, _ := strings.Cut(rest, `"} `)
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		require.NoError(t, err)
		counts[from] = int(n)
	}
	return counts
}
