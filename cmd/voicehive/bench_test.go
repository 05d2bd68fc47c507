//go:build bench

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	apiclient "github.com/voicehive/voicehive/starter/api/client"
)

// anchorEnv turns this test binary into the anchor's worker.
const anchorEnv = "VOICEHIVE_BENCH_ANCHOR"

// callersFlag narrows a run while something is being made faster.
var callersFlag = flag.String("callers", "1,8,32", "numbers of concurrent callers to measure")

func callerCounts(t *testing.T) []int {
	t.Helper()
	var counts []int
	for text := range strings.SplitSeq(*callersFlag, ",") {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		counts = append(counts, n)
	}
	return counts
}

// rounds is how often each cell is measured; the median counts.
const rounds = 5

func TestMain(m *testing.M) {
	if address := os.Getenv(anchorEnv); address != "" {
		if err := serveAnchor(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestCostOfDurability measures POST to confirmed beside a bare
// Update-with-Start with one no-op activity on the same server, in turns. It
// asserts no time: the figures are printed for a quiet machine's reader.
func TestCostOfDurability(t *testing.T) {
	for _, backend := range []struct {
		name     string
		postgres bool
	}{{"SQLite", false}, {"Postgres", true}} {
		t.Run(backend.name, func(t *testing.T) {
			h := raiseForBench(t, backend.postgres)
			anchor := startAnchor(t, h)
			book := newBooker(t, h)
			fmt.Printf("\nPOST → confirmed beside a bare Update-with-Start, Temporal on %s (load %s)\n", backend.name, load())
			fmt.Printf("%8s  %22s  %22s  %s\n", "callers", "bare p50/p95 ms", "booking p50/p95 ms", "ratio of p95")
			for _, callers := range callerCounts(t) {
				anchor(context.Background()) // warm
				compare(t, callers, anchor, book.one)
			}
			require.Zero(t, book.pending, "a pending answer is no confirmed one")
		})
	}
}

// TestAvailability measures an answer from memory beside a handler that does
// nothing.
func TestAvailability(t *testing.T) {
	h := raiseForBench(t, false)
	arrival := time.Now().AddDate(0, 0, 40).Format(time.DateOnly)
	departure := time.Now().AddDate(0, 0, 42).Format(time.DateOnly)
	path := fmt.Sprintf("%s/v1/hotels/%s/availability?arrival=%s&departure=%s&adults=2", h.API, h.Hotel.ID, arrival, departure)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	get := func(url string) func(context.Context) error {
		return func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return err
			}
			request.Header.Set("Authorization", "Bearer "+h.Key)
			answer, err := transport.RoundTrip(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			buffer := make([]byte, 64<<10)
			for err == nil {
				_, err = answer.Body.Read(buffer)
			}
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answered %s", url, answer.Status)
			}
			return nil
		}
	}
	require.NoError(t, get(path)(t.Context()))
	fmt.Printf("\nAvailability from memory beside an empty handler (load %s)\n", load())
	fmt.Printf("%8s  %22s  %22s  %s\n", "callers", "empty p50/p95 ms", "availability p50/p95", "ratio of p95")
	for _, callers := range callerCounts(t) {
		compare(t, callers, get(h.API+"/healthz"), get(path))
	}
}

// compare measures two operations in turns and prints the medians of their
// percentiles.
func compare(t *testing.T, callers int, anchor, subject func(context.Context) error) {
	t.Helper()
	n := operations(callers)
	var a, s [rounds]percentiles
	var anchorCPU, subjectCPU processorTime
	for i := range rounds {
		first := func() { a[i] = anchorCPU.of(func() percentiles { return measure(t, callers, n, anchor) }) }
		second := func() { s[i] = subjectCPU.of(func() percentiles { return measure(t, callers, n, subject) }) }
		if i%2 == 1 {
			first, second = second, first
		}
		first()
		second()
	}
	pa, ps := medians(a), medians(s)
	fmt.Printf("%8d  %12.1f /%8.1f  %12.1f /%8.1f  %.2f\n", callers, pa.p50, pa.p95, ps.p50, ps.p95, ps.p95/pa.p95)
	made := float64(rounds * (n + callers))
	fmt.Printf("%8s  processor ms for each: %s; beside it: %s\n", "", anchorCPU.per(made), subjectCPU.per(made))
}

// operations is how many make one round: enough that the crowd at its start,
// which goes in step for a while, is less than the five percent that p95 leaves
// out.
func operations(callers int) int { return max(40, 30*callers) }

// percentiles are in milliseconds.
type percentiles struct{ p50, p95 float64 }

func medians(all [rounds]percentiles) percentiles {
	var p50, p95 []float64
	for _, p := range all {
		p50, p95 = append(p50, p.p50), append(p95, p.p95)
	}
	slices.Sort(p50)
	slices.Sort(p95)
	return percentiles{p50[rounds/2], p95[rounds/2]}
}

// measure runs n operations by a number of callers. Each caller's first is left
// out: all of them begin at once, which is a crowd at the door and not a number
// of callers.
func measure(t *testing.T, callers, n int, op func(context.Context) error) percentiles {
	t.Helper()
	var mu sync.Mutex
	var took []float64
	var wg sync.WaitGroup
	tickets := make(chan struct{}, n)
	for range n {
		tickets <- struct{}{}
	}
	close(tickets)
	for range callers {
		wg.Go(func() {
			if err := op(t.Context()); err != nil {
				t.Errorf("operation: %v", err)
			}
			for range tickets {
				began := time.Now()
				err := op(t.Context())
				ms := float64(time.Since(began).Microseconds()) / 1000
				mu.Lock()
				took = append(took, ms)
				if err != nil {
					t.Errorf("operation: %v", err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return percentiles{took[len(took)/2], took[len(took)*95/100]}
}

// booker posts bookings from quotes that are made before the clock runs.
type booker struct {
	h       *house
	api     *apiclient.Client
	quotes  chan string
	mu      sync.Mutex
	pending int
}

func newBooker(t *testing.T, h *house) *booker {
	api, err := apiclient.New(h.API, h.Key, apiclient.WithHTTP(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}))
	require.NoError(t, err)
	needed := 0
	for _, callers := range callerCounts(t) {
		needed += rounds * (operations(callers) + callers)
	}
	b := &booker{h: h, api: api, quotes: make(chan string, needed)}
	for i := 0; len(b.quotes) < needed; i++ {
		arrival := pms.DateOf(time.Now()).AddDays(10 + i%300)
		quote, err := api.Quote(t.Context(), h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
			RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
			Arrival: arrival, Departure: arrival.AddDays(3), Occupancy: pms.Occupancy{Adults: 2},
		}}})
		var problem *apiclient.Problem
		if errors.As(err, &problem) && problem.Code() == starter.SoldOut.Code {
			continue // the hotel takes no arrivals on some days
		}
		require.NoError(t, err)
		b.quotes <- quote.ID
	}
	return b
}

func (b *booker) one(ctx context.Context) error {
	r, err := b.api.Book(ctx, b.h.Hotel.ID, apiclient.NewKey(), starter.BookRequest{Quote: <-b.quotes, Guest: ada})
	if err == nil && r.State != ledger.Confirmed {
		b.mu.Lock()
		b.pending++
		b.mu.Unlock()
	}
	return err
}

func raiseForBench(t *testing.T, postgres bool) *house {
	t.Helper()
	home := t.TempDir()
	h, err := raise(t.Context(), stack.Options{
		Home: home, Discard: true, TemporalPostgres: postgres, Sandbox: []string{"--units", "BER-DBL=100000"},
		Env: []string{"VOICEHIVE_PMS_RATE=100000"},
	})
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// startAnchor starts the bare workflow's worker as a process of its own, as
// VoiceHive's is, and returns the bare operation.
func startAnchor(t *testing.T, h *house) func(context.Context) error {
	t.Helper()
	return startAnchorOn(t, h, anchorQueue)
}

// startAnchorOn is startAnchor with the activity on a queue of its own, where
// it cannot be handed over with the workflow task's answer.
func startAnchorOn(t *testing.T, h *house, activities string) func(context.Context) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), anchorEnv+"="+h.Temporal)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c, err := client.Dial(client.Options{HostPort: h.Temporal, Namespace: defaultNamespace})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return func(ctx context.Context) error {
		id := "anchor/" + ulid.Make().String()
		start := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: id, TaskQueue: anchorQueue, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, anchorWorkflow, activities)
		handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: start,
			UpdateOptions: client.UpdateWorkflowOptions{
				WorkflowID: id, UpdateName: "go", WaitForStage: client.WorkflowUpdateStageCompleted,
			},
		})
		if err != nil {
			return err
		}
		return handle.Get(ctx, nil)
	}
}

const (
	anchorQueue = "anchor"
	apartQueue  = "anchor-apart"
)

// anchorWorkflow is the least that a durable write can be: one update that
// runs one regular activity.
func anchorWorkflow(ctx workflow.Context, activities string) error {
	done := false
	err := workflow.SetUpdateHandler(ctx, "go", func(ctx workflow.Context) error {
		defer func() { done = true }()
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second, TaskQueue: activities})
		return workflow.ExecuteActivity(ctx, "nothing").Get(ctx, nil)
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return done && workflow.AllHandlersFinished(ctx) })
}

func serveAnchor(address string) error {
	c, err := client.Dial(client.Options{HostPort: address, Namespace: defaultNamespace})
	if err != nil {
		return err
	}
	nothing := func(context.Context) error { return nil }
	apart := worker.New(c, apartQueue, worker.Options{DisableWorkflowWorker: true})
	apart.RegisterActivityWithOptions(nothing, activity.RegisterOptions{Name: "nothing"})
	if err := apart.Start(); err != nil {
		return err
	}
	defer apart.Stop()
	w := worker.New(c, anchorQueue, worker.Options{})
	w.RegisterWorkflow(anchorWorkflow)
	w.RegisterActivityWithOptions(nothing, activity.RegisterOptions{Name: "nothing"})
	return w.Run(worker.InterruptCh())
}

// load is the machine's load over the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
