//go:build bench && unix

package erasure_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	flow "github.com/voicehive/voicehive/workflows/erasure"
)

// TestBenchErasureEndToEnd prints what one subject costs from the start of the
// workflow to its certificate, with a thousand and with a million other guests
// present: rows, recordings as files, runs of workflows deleted on a real server,
// keys, read-back. Both houses are asked in turn, each first as often as the
// other. A server as it comes deletes an open run lazily, in seconds, which is
// most of it: compliance/erasure has the same without Temporal.
func TestBenchErasureEndToEnd(t *testing.T) {
	const few, many, rounds = 1_000, 1_000_000, 10
	small, large := benchHouse(t, few, rounds), benchHouse(t, many, rounds)
	var short, long []time.Duration
	for i := range rounds {
		if i%2 == 0 {
			short = append(short, small.bench(i))
			long = append(long, large.bench(i))
		} else {
			long = append(long, large.bench(i))
			short = append(short, small.bench(i))
		}
		fmt.Printf("round %d: %s with %d others, %s with %d\n", i+1, short[i].Round(time.Millisecond), few, long[i].Round(time.Millisecond), many)
	}
	a, b := middle(short), middle(long)
	fmt.Printf("erase and certify one subject end to end (2 bookings, a call with a recording, 3 workflows; median of %d, interleaved): %s with %d others, %s with %d others: ratio %.2f (wanted at most 1.5)\n",
		rounds, a, few, b, many, float64(b)/float64(a))
}

// TestBenchErasureOfManyEndToEnd prints what a subject with 10,000 records over
// all stores costs in one run of the workflow, among 100,000 others.
func TestBenchErasureOfManyEndToEnd(t *testing.T) {
	f := openFull(t)
	f.Crowd(aurora, 100_000)
	var scopes []string
	for range 40 {
		stay, _ := f.stay(50)
		talk, _ := f.talk(190)
		scopes = append(scopes, stay, talk)
	}
	f.Settle()
	request := f.Case(scopes...)
	plan, err := f.Office.Plan(t.Context(), aurora, request)
	require.NoError(t, err)
	records := 0
	for _, line := range plan.Lines {
		records += line.Records
	}
	began := time.Now()
	require.Equal(t, flow.Erased, f.erase(flow.Input{Hotel: aurora, Case: request}).State)
	fmt.Printf("erase and certify a subject with %d records of %d bookings and calls, and as many workflows, in one run: %s\n",
		records, len(scopes), time.Since(began).Round(time.Millisecond))
}

// A benched house has many guests, some of whom go.
type benched struct {
	*full
	going []string // cases
	runs  [][]string
}

func benchHouse(t *testing.T, others, going int) *benched {
	t.Helper()
	b := &benched{full: openFull(t)}
	b.Crowd(aurora, others)
	for range going {
		one, first := b.stay(1)
		two, second := b.stay(1)
		call, third := b.talk(10)
		b.going, b.runs = append(b.going, b.Case(one, two, call)), append(b.runs, []string{first, second, third})
	}
	b.Settle()
	return b
}

func (b *benched) bench(round int) time.Duration {
	b.t.Helper()
	began := time.Now()
	result := b.erase(flow.Input{Hotel: aurora, Case: b.going[round]})
	took := time.Since(began)
	require.Equal(b.t, flow.Erased, result.State)
	for _, run := range b.runs[round] {
		require.True(b.t, b.gone(run))
	}
	return took
}

func middle(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(time.Millisecond)
}
