//go:build full && linux

package main

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// promised is how long a process may take to end, as the operations manual has
// it: what containers are given.
const promised = 90 * time.Second

// atOnce is shorter than a hotel is waited for, and longer than a busy machine
// needs to end a process.
const atOnce = 20 * time.Second

// A served program is a process of ours that serves in a stack.
type served struct {
	*program
	t   *testing.T
	url string
}

// serve starts a verb that serves and waits until it can be used.
func serve(ctx context.Context, t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{program: runIn(ctx, t, os.Environ(), args...), t: t}
	s.out.await(ctx, t, "\n")
	var ready readyLine
	require.NoError(t, json.Unmarshal([]byte(s.out.lastLine()), &ready), "%s", s.told)
	s.url = ready.URL
	return s
}

func serveAPI(ctx context.Context, t *testing.T) *served {
	t.Helper()
	return serve(ctx, t, "api", "--addr", "127.0.0.1:0")
}

func serveWorker(ctx context.Context, t *testing.T) *served {
	t.Helper()
	return serve(ctx, t, "worker", "--set-current", "--metrics-addr", "127.0.0.1:0")
}

// endsWith sends a signal and requires the exit code; -1 is the signal's own end.
func (s *served) endsWith(ctx context.Context, signal syscall.Signal, within time.Duration, code int) {
	s.t.Helper()
	require.NoError(s.t, s.Process.Signal(signal))
	bounded, stop := context.WithTimeout(ctx, within)
	defer stop()
	require.Equal(s.t, code, s.awaitEnd(bounded, s.t), "%s", s.told)
}

// awaitEnding waits until the process takes nobody new: it has heard the signal.
func (s *served) awaitEnding() {
	s.t.Helper()
	at, err := url.Parse(s.url)
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool {
		conn, err := net.Dial("tcp", at.Host)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, ending, 10*time.Millisecond)
}

// raiseToEnd raises a stack whose only worker is one of the test's.
func raiseToEnd(ctx context.Context, t *testing.T) (*house, *served) {
	t.Helper()
	h := raiseForTest(ctx, t, stack.Options{})
	h.Workers()[0].Stop()
	return h, serveWorker(ctx, t)
}

// TestProcessesEndOnASignal ends an API and a worker that have nothing to do.
func TestProcessesEndOnASignal(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	_, worker := raiseToEnd(ctx, t)
	serveAPI(ctx, t).endsWith(ctx, syscall.SIGTERM, promised, exitOK)
	serveAPI(ctx, t).endsWith(ctx, syscall.SIGINT, promised, exitOK)
	worker.endsWith(ctx, syscall.SIGTERM, promised, exitOK)
	serveWorker(ctx, t).endsWith(ctx, syscall.SIGINT, promised, exitOK)
}

// TestProcessesThatCannotTellEnd: whoever waits for the ready line would wait for
// ever.
func TestProcessesThatCannotTellEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	raiseForTest(ctx, t, stack.Options{})
	for _, args := range [][]string{{"api", "--addr", "127.0.0.1:0"}, {"worker", "--metrics-addr", "127.0.0.1:0"}, {"codec", "--addr", "127.0.0.1:0"}} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		require.NoError(t, err)
		told := newLines()
		command := exec.CommandContext(ctx, os.Getenv("VOICEHIVE_BINARY"), args...)
		command.Stdout, command.Stderr = full, told
		require.Error(t, command.Run(), "%v", args)
		require.NoError(t, full.Close())
		require.Equal(t, exitFailed, command.ProcessState.ExitCode(), "%v: %s", args, told)
		require.Contains(t, told.String(), "no space left on device")
		require.NotContains(t, told.String(), "panic")
	}
}

// A heldBooking is one that the hotel has made and not yet answered.
type heldBooking struct {
	*testing.T
	*house
	api      *client.Client
	answered chan error
}

// hold books through an API and waits until the hotel holds its answer back.
func hold(ctx context.Context, t *testing.T, h *house, address string) *heldBooking {
	t.Helper()
	api, err := client.New(address, h.Key)
	require.NoError(t, err)
	b := &heldBooking{T: t, house: h, api: api, answered: make(chan error, 1)}
	arrival := openDay(pms.DateOf(time.Now()).AddDays(40))
	quote, err := api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	require.NoError(t, err)
	require.NoError(t, h.HotelSystem().Fault(ctx, apaleo.Fault{Operation: "createBooking", Kind: apaleo.HoldAfter, Count: 1}))
	go func() {
		_, err := api.Book(ctx, h.Hotel.ID, client.NewKey(), starter.BookRequest{Quote: quote.ID, Guest: ada})
		b.answered <- err
	}()
	require.NoError(t, h.HotelSystem().AwaitHeld(ctx))
	return b
}

// released lets the hotel answer, and requires that the caller hears of it.
func (b *heldBooking) released(ctx context.Context) {
	b.Helper()
	require.NoError(b, b.HotelSystem().Release(ctx))
	select {
	case err := <-b.answered:
		require.NoError(b, err)
	case <-ctx.Done():
		require.NoError(b, ctx.Err())
	}
}

// TestABusyAPIAnswersBeforeItEnds: callers who wait for a booking, and many who
// ask at the same time, have whole answers.
func TestABusyAPIAnswersBeforeItEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	h, _ := raiseToEnd(ctx, t)
	api := serveAPI(ctx, t)
	booking := hold(ctx, t, h, api.url)
	asked, err := client.New(api.url, h.Key)
	require.NoError(t, err)
	var answers atomic.Int64
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			day := openDay(pms.DateOf(time.Now()).AddDays(50))
			query := starter.AvailabilityQuery{Arrival: day, Departure: day.AddDays(1), Occupancy: pms.Occupancy{Adults: 2}}
			for ctx.Err() == nil {
				if _, err := asked.Availability(ctx, h.Hotel.ID, query); err != nil {
					return // nobody is taken any more
				}
				answers.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return answers.Load() > 100 }, time.Minute, time.Millisecond)
	require.NoError(t, api.Process.Signal(syscall.SIGTERM))
	api.awaitEnding()
	booking.released(ctx)
	bounded, stop := context.WithTimeout(ctx, promised)
	defer stop()
	require.Equal(t, exitOK, api.awaitEnd(bounded, t), "%s", api.told)
	callers.Wait()
}

// TestABusyWorkerFinishesBeforeItEnds: its answer from the hotel comes after the
// signal, and many bookings go on around it.
func TestABusyWorkerFinishesBeforeItEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	h, worker := raiseToEnd(ctx, t)
	booking := hold(ctx, t, h, h.API)
	r := startRush(ctx, t, h)
	r.admit(bookings)
	require.Eventually(t, func() bool { return r.done.Load() > 10 }, time.Minute, time.Millisecond)
	require.NoError(t, worker.Process.Signal(syscall.SIGTERM))
	worker.awaitEnding()
	next := serveWorker(ctx, t)
	booking.released(ctx)
	bounded, stop := context.WithTimeout(ctx, promised)
	defer stop()
	require.Equal(t, exitOK, worker.awaitEnd(bounded, t), "%s", worker.told)
	r.requireConfirmed(t)
	state, err := h.HotelSystem().Counts(ctx)
	require.NoError(t, err)
	require.Equal(t, bookings+1, state.ByStatus[apaleo.Confirmed], "each once, the one that was held too")
	require.Equal(t, bookings+1, openBooks(ctx, t, h).count(ctx, "booking where state = $1", string(ledger.Confirmed)))
	next.endsWith(ctx, syscall.SIGTERM, promised, exitOK)
}

// TestASecondSignalEndsAtOnce: whoever sends two does not want to wait for a
// caller, nor for a hotel.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	h, worker := raiseToEnd(ctx, t)
	for _, second := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		api := serveAPI(ctx, t)
		hold(ctx, t, h, api.url)
		require.NoError(t, api.Process.Signal(syscall.SIGTERM))
		api.awaitEnding()
		api.endsWith(ctx, second, atOnce, -1)

		require.NoError(t, worker.Process.Signal(syscall.SIGINT))
		worker.awaitEnding()
		worker.endsWith(ctx, second, atOnce, -1)
		require.NoError(t, h.HotelSystem().Drop(ctx))
		worker = serveWorker(ctx, t)
	}
	worker.endsWith(ctx, syscall.SIGTERM, promised, exitOK)
}
