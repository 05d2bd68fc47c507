//go:build full && linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// faultRun bounds one run; it takes a fraction of this.
const faultRun = 8 * time.Minute

// roomy is a hotel that never sells out and a limiter that never bites.
func roomy() stack.Options {
	return stack.Options{Sandbox: []string{"--units", apaleo.Double + "=1000"}, Env: []string{"VOICEHIVE_PMS_RATE=1000"}}
}

// stormy are the faults of the create while workers die. About every third
// attempt goes wrong in some way. They are counted, so that the last callers
// see calmer weather, and few enough that a worker's circuit breaker, which
// opens when half of its requests fail, does so seldom.
func stormy() []apaleo.Fault {
	return []apaleo.Fault{
		{Kind: apaleo.HoldAfter, Probability: .15, Count: 45},
		{Kind: apaleo.ResetAfter, Probability: .08, Count: 30},
		{Kind: apaleo.LateCommit, Probability: .08, Count: 24, Delay: 100 * time.Millisecond},
		{Kind: apaleo.LateCommit, Probability: .05, Count: 16, Delay: time.Second},
		{Kind: apaleo.LateCommit, Probability: .03, Count: 10, Delay: 3 * time.Second},
		{Kind: apaleo.LateCommit, Probability: .03, Count: 2, Delay: 2 * time.Second, Withhold: true},
		{Kind: apaleo.ErrorAfter, Probability: .04, Count: 15},
		{Kind: apaleo.TruncatedJSON, Probability: .02, Count: 6},
		{Kind: apaleo.ErrorBefore, Probability: .01, Count: 4},
		{Kind: apaleo.ResetBefore, Probability: .01, Count: 4},
		{Kind: apaleo.RateLimited, Probability: .02, Count: 6, RetryAfter: time.Second},
		{Kind: apaleo.Delay, Probability: .4, Delay: 200 * time.Millisecond},
		{Kind: apaleo.Delay, Probability: .3, Delay: 500 * time.Millisecond},
	}
}

// windy are the faults while the Temporal server dies.
func windy() []apaleo.Fault {
	return []apaleo.Fault{
		{Kind: apaleo.ResetAfter, Probability: .15},
		{Kind: apaleo.LateCommit, Probability: .12, Delay: time.Second},
		{Kind: apaleo.ErrorAfter, Probability: .08},
		{Kind: apaleo.Delay, Probability: .4, Delay: 400 * time.Millisecond},
	}
}

func script(ctx context.Context, t *testing.T, h *house, faults []apaleo.Fault) {
	t.Helper()
	for _, f := range faults {
		f.Operation = "createBooking"
		require.NoError(t, h.HotelSystem().Fault(ctx, f))
	}
}

// TestFaultsWorkersKilled books while workers die by SIGKILL and the hotel's
// system loses, delays and doubles answers.
func TestFaultsWorkersKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), faultRun)
	defer cancel()
	began := time.Now()
	h := raiseForTest(ctx, t, roomy())
	for range 2 { // three with the first
		_, err := h.StartWorker(ctx)
		require.NoError(t, err)
	}
	script(ctx, t, h, stormy())
	r := startRush(ctx, t, h)
	k := killer{h: h, hotel: h.HotelSystem()}
	const perKill = 7
	for !r.over() {
		hunt := r.admit(perKill)
		pause(ctx, 500*time.Millisecond+rand.N(2*time.Second))
		require.NoError(t, k.strike(ctx, hunt))
	}
	state := settledState(ctx, t, h)
	printFigures(t, "Faults: workers killed", append([][2]any{
		{"kills of workers (SIGKILL)", k.kills},
		{"kills in flight: cut a create off", k.inFlight},
	}, figures(r, state, began)...))
	r.requireConfirmed(t)
	requireWhole(ctx, t, h, r, state)
	require.GreaterOrEqual(t, k.inFlight, 20, "kills in flight")
	require.GreaterOrEqual(t, state.Counters.LostAnswers, 50, "lost answers")
	require.GreaterOrEqual(t, state.Counters.LateCommits, 20, "late commits")
}

// TestFaultsServerKilled books while the Temporal server dies by SIGKILL and
// comes back on its file.
func TestFaultsServerKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), faultRun)
	defer cancel()
	began := time.Now()
	o := roomy()
	o.TemporalFile = true
	h := raiseForTest(ctx, t, o)
	_, err := h.StartWorker(ctx)
	require.NoError(t, err)
	script(ctx, t, h, windy())
	r := startRush(ctx, t, h)
	kills, away := 0, time.Duration(0)
	const outages = 5
	for !r.over() {
		// One in each outage calls while Temporal is away.
		if !r.admit(bookings/outages - 1) {
			pause(ctx, 100*time.Millisecond) // only the slow are left
			continue
		}
		pause(ctx, time.Second+rand.N(2*time.Second))
		h.KillServer()
		kills++
		down := time.Now()
		pause(ctx, rand.N(2*time.Second))
		r.serveWhileAway(ctx, t)
		require.NoError(t, h.RestartServer(ctx))
		away += time.Since(down)
	}
	state := settledState(ctx, t, h)
	printFigures(t, "Faults: Temporal server killed", append([][2]any{
		{"kills of the Temporal server (SIGKILL)", kills},
		{"time it was away, in all", short(away)},
	}, figures(r, state, began)...))
	r.requireConfirmed(t)
	requireWhole(ctx, t, h, r, state)
	require.GreaterOrEqual(t, kills, 3)
	require.Positive(t, r.pending, "no caller was told to wait while Temporal was away")
}

// killer kills workers and starts others.
type killer struct {
	h               *house
	hotel           *stack.HotelSystem
	kills, inFlight int
}

// strike kills a random worker and starts another. When it hunts, it chooses
// among those that have a create at the hotel's system in hand, if one soon
// has; always to hunt would mean to go for the last few callers again and
// again.
func (k *killer) strike(ctx context.Context, hunt bool) error {
	workers := k.h.Workers()
	if len(workers) < 2 {
		return errors.New("no worker would be left")
	}
	rand.Shuffle(len(workers), func(i, j int) { workers[i], workers[j] = workers[j], workers[i] })
	patience := time.Duration(0)
	if hunt {
		patience = time.Second
	}
	victim, creates, err := k.choose(ctx, workers, patience)
	if err != nil {
		return err
	}
	victim.Kill()
	k.kills++
	cut, err := k.cutOff(ctx, creates)
	if err != nil {
		return err
	}
	if cut {
		k.inFlight++
	}
	_, err = k.h.StartWorker(ctx)
	return err
}

// choose looks for a worker with a create in hand, for so long; else it takes
// the first, with the creates that it has.
func (k *killer) choose(ctx context.Context, workers []*stack.Child, patience time.Duration) (*stack.Child, []int, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause(ctx, 20*time.Millisecond) {
		state, err := k.hotel.Counts(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, w := range workers {
			creates, err := createsOf(w, state.Open)
			if err != nil || len(creates) > 0 {
				return w, creates, err
			}
		}
	}
	state, err := k.hotel.Counts(ctx)
	if err != nil {
		return nil, nil, err
	}
	creates, err := createsOf(workers[0], state.Open)
	return workers[0], creates, err
}

// createsOf are the creates that came from a worker's own connections.
func createsOf(w *stack.Child, open []apaleo.Request) ([]int, error) {
	mine, err := localAddresses(w.PID())
	if err != nil {
		return nil, err
	}
	var creates []int
	for _, request := range open {
		if request.Operation == "createBooking" && mine[request.Peer] {
			creates = append(creates, request.ID)
		}
	}
	return creates, nil
}

// cutOff reports whether one of the creates that the dead worker had in hand
// ended without its answer, because its connection was gone.
func (k *killer) cutOff(ctx context.Context, creates []int) (bool, error) {
	is := func(r apaleo.Request) bool { return slices.Contains(creates, r.ID) }
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); pause(ctx, 10*time.Millisecond) {
		state, err := k.hotel.Counts(ctx)
		if err != nil {
			return false, err
		}
		if !slices.ContainsFunc(state.Open, is) {
			return slices.ContainsFunc(state.Abandoned, is), nil
		}
	}
	return false, errors.New("the hotel's system still serves a dead worker")
}

// pause waits, or not when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// settledState is what the hotel's system holds when nothing is on its way.
func settledState(ctx context.Context, t *testing.T, h *house) apaleo.State {
	t.Helper()
	require.NoError(t, h.HotelSystem().ClearFaults(ctx))
	var state apaleo.State
	require.Eventually(t, func() bool {
		var err error
		state, err = h.HotelSystem().State(ctx)
		return err == nil && state.Late == 0 && len(state.Open) == 0
	}, time.Minute, 50*time.Millisecond, "requests or late commits are still on their way")
	return state
}

// requireWhole requires that hotel, ledger and workflows agree on every
// booking, and that each exists once.
func requireWhole(ctx context.Context, t *testing.T, h *house, r *rush, state apaleo.State) {
	t.Helper()
	require.Empty(t, state.Oversold)
	require.Equal(t, map[string]int{apaleo.Confirmed: bookings}, state.ByStatus)
	confirmations := map[string]string{}
	for _, stay := range state.Reservations {
		booked, ours := r.booked[stay.ExternalCode]
		require.True(t, ours, "nobody was told of reservation %s", stay.ID)
		require.NotContains(t, confirmations, stay.ExternalCode, "booked twice")
		require.Equal(t, stay.ID, booked.Confirmation)
		require.Equal(t, stay.Arrival, booked.Arrival.String())
		confirmations[stay.ExternalCode] = stay.ID
	}
	require.Len(t, confirmations, bookings)
	b := openBooks(ctx, t, h)
	require.Equal(t, confirmations, b.confirmations(ctx))
	require.Equal(t, bookings, b.count(ctx, "booking"))
	require.Equal(t, bookings, b.count(ctx, "guest"))
	require.Equal(t, bookings, b.count(ctx, "intent"))
	require.Zero(t, b.count(ctx, "intent where settled_at is null"), "open intents")
	require.Zero(t, b.count(ctx, "operator_task"), "a person was asked for")
	requireQuiet(ctx, t, h, r)
}

// confirmations are the ledger's confirmed bookings.
func (b *books) confirmations(ctx context.Context) map[string]string {
	b.t.Helper()
	rows, err := b.ledger.Query(ctx, "select id, confirmation from booking where state = 'confirmed'")
	require.NoError(b.t, err)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var id, confirmation string
		require.NoError(b.t, rows.Scan(&id, &confirmation))
		all[id] = confirmation
	}
	require.NoError(b.t, rows.Err())
	return all
}

// requireQuiet requires that every booking's workflow knows it as confirmed
// and waits for nothing.
func requireQuiet(ctx context.Context, t *testing.T, h *house, r *rush) {
	t.Helper()
	p, err := openAll(ctx, "test")
	require.NoError(t, err)
	defer p.close()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for id := range r.booked {
		group.Go(func() error {
			answer, err := p.temporal.QueryWorkflow(ctx, reservation.WorkflowID(h.Hotel.ID, id), "", reservation.QueryStatus)
			if err != nil {
				return fmt.Errorf("ask the workflow of %s: %w", id, err)
			}
			var status reservation.Status
			if err := answer.Get(&status); err != nil {
				return fmt.Errorf("read the status of %s: %w", id, err)
			}
			if status.Working || status.Updates != 1 || status.State != "confirmed" {
				return fmt.Errorf("the workflow of %s is not at rest: %+v", id, status)
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
}

// figures are what both runs report.
func figures(r *rush, state apaleo.State, began time.Time) [][2]any {
	return [][2]any{
		{"bookings asked for", bookings},
		{"callers at a time", callerCount},
		{"reservations at the hotel", len(state.Reservations)},
		{"creates received", state.Counters.Requests["createBooking"]},
		{"answered again from the key", state.Counters.Replays},
		{"lost answers", state.Counters.LostAnswers},
		{"late commits", state.Counters.LateCommits},
		{"clients gone before the answer", state.Counters.Abandoned},
		{"refused for a moment (429)", state.Counters.Faults[apaleo.RateLimited]},
		{"bookings answered 202 first", r.pending},
		{"to confirmed, p50", short(r.percentile(50))},
		{"to confirmed, p95", short(r.percentile(95))},
		{"to confirmed, longest", short(r.percentile(100))},
		{"the whole run", short(time.Since(began))},
	}
}

// printFigures prints figures once to the log and once where a reader of a passing
// run sees them.
func printFigures(t *testing.T, title string, figures [][2]any) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s\n", title)
	for _, f := range figures {
		fmt.Fprintf(&text, "  %-40s %8v\n", f[0], f[1])
	}
	t.Log(text.String())
	fmt.Print(text.String())
}
