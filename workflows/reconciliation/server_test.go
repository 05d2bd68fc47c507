package reconciliation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	hotels "github.com/voicehive/voicehive/activities/connection"
	activities "github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/workflows/reconciliation"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A theatre plays the workflow on a real server, with real activities. The
// workflows of bookings are gone, and are heard to be asked for.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t    *testing.T
	runs *gone
}

// gone is where no booking's workflow runs.
type gone struct{ reissued chan string }

func (*gone) Running(context.Context, string, string) (bool, error) { return false, nil }
func (*gone) Refresh(context.Context, string, string) error         { return nil }
func (g *gone) Reissue(_ context.Context, _, intent string) error {
	g.reissued <- intent
	return nil
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t, runs: &gone{make(chan string, 10)}}
	pool := h.Database.Pool(t)
	statuses, err := status.New(pool)
	require.NoError(t, err)
	compare, err := activities.New(activities.Parts{
		Ledger: h.Ledger, Records: activities.NewRecords(pool), Connectors: h.Connectors, Hotels: h.Registry, Runs: th.runs,
	})
	require.NoError(t, err)
	flow := worker.New(th.Client, reconciliation.TaskQueue, worker.Options{Identity: "test"})
	reconciliation.Register(flow)
	hotels.RegisterRecords(flow, hotels.New(h.Connectors, statuses))
	calls := worker.New(th.Client, reservation.PMSQueue("apaleo"), worker.Options{Identity: "test", DisableWorkflowWorker: true})
	activities.RegisterPMS(calls, compare)
	booking.RegisterPMS(calls, h.Activities)
	for _, w := range []worker.Worker{flow, calls} {
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
	return th
}

// round plays a round and returns its first run with what it found.
func (th *theatre) round(in reconciliation.Input) (string, reconciliation.Result) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	in.Ahead = 3 // no list of arrivals is of use here, and each takes time
	run, err := th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: reconciliation.WorkflowID + "-1", TaskQueue: reconciliation.TaskQueue,
	}, reconciliation.Name, in)
	require.NoError(th.t, err)
	first := run.GetRunID()
	var result reconciliation.Result
	require.NoError(th.t, run.Get(ctx, &result))
	return first, result
}

// scenes are the ways through the workflow that have a recorded history. Each
// returns the run to record.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"quiet": func(th *theatre) string {
			run, result := th.round(reconciliation.Input{})
			require.Equal(th.t, reconciliation.Result{Hotels: 1}, result)
			return run
		},
		"findings": func(th *theatre) string {
			w := th.Ask(th.t, false, th.Offer(th.t, sandbox.Single))
			th.Database.Admin(th.t, "update intent set created_at = now() - interval '1 hour'")
			th.missing()
			run, result := th.round(reconciliation.Input{Size: 1})
			require.Equal(th.t, w.Intent, <-th.runs.reissued)
			require.Equal(th.t, 1, result.Hotels)
			require.Equal(th.t, 2, result.Compared)
			require.ElementsMatch(th.t, activities.Tally{
				{Kind: activities.Terminated, Result: activities.Repaired, Count: 1},
				{Kind: activities.Missing, Result: activities.Raised, Count: 1},
			}, result.Tally)
			return run
		},
		"continued": func(th *theatre) string {
			th.missing()
			run, result := th.round(reconciliation.Input{Steps: 2})
			require.Equal(th.t, 1, result.Hotels)
			require.Equal(th.t, 1, result.Compared)
			return run
		},
		"left": func(th *theatre) string {
			wrong := th.Hotel
			wrong.ID, wrong.CredentialsRef = "hotel-wrong", "nobodys"
			require.NoError(th.t, th.Registry.Add(th.t.Context(), wrong))
			run, result := th.round(reconciliation.Input{})
			require.Equal(th.t, 1, result.Hotels)
			require.Equal(th.t, []string{wrong.ID}, result.LeftHotels)
			return run
		},
	}
}

// missing is a booking that the ledger has and the hotel does not.
func (th *theatre) missing() {
	th.t.Helper()
	offer := th.Offer(th.t, sandbox.Single)
	entry := booking.EntryOf(ledger.NewID(), pms.Reservation{
		ID: "GONEXX", Confirmation: "GONEXX-1", Status: pms.StatusConfirmed, Total: offer.Total,
		Stays: []pms.Stay{{ID: "GONEXX-1", Arrival: offer.Arrival, Departure: offer.Departure, Total: offer.Total}},
	})
	_, err := th.Ledger.Adopt(th.t.Context(), th.Hotel.ID, entry, []byte("sealed"))
	require.NoError(th.t, err)
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t)
			recorded := replaytest.Read(t, th.Namespace, reconciliation.WorkflowID+"-1", play(th))
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, reconciliation.Name, reconciliation.Reconciliation))
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range scenes() {
		names = append(names, name)
	}
	replaytest.Holds(t, reconciliation.Name, reconciliation.Reconciliation, names...)
}
