package starter_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workers"
	healthflow "github.com/voicehive/voicehive/workflows/connection"
	reconcileflow "github.com/voicehive/voicehive/workflows/reconciliation"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// An office is a desk whose worker also looks after connections and compares
// bookings.
type office struct {
	*desk
	records *reconciliation.Records
	rounds  int
}

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{desk: openAlone(t, sandbox.Options{})}
	pool := o.Database.Pool(t)
	o.records = reconciliation.NewRecords(pool)
	statuses, err := status.New(pool)
	require.NoError(t, err)
	compare, err := reconciliation.New(reconciliation.Parts{
		Ledger: o.House.Ledger, Records: o.records, Connectors: o.House.Connectors, Hotels: o.House.Registry, Runs: o.Client,
	})
	require.NoError(t, err)
	require.NoError(t, o.Ring.EnsureTenant(t.Context(), registry.System))
	o.serve(workers.Parts{
		Booking: booking.New(o.House.Ledger, o.House.Connectors, o.Ring), Vendors: []string{"apaleo"},
		Connection: connection.New(o.House.Connectors, statuses), Reconciliation: compare,
	})
	return o
}

// serve runs a worker until the test ends.
func (o *office) serve(parts workers.Parts) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan struct{}), make(chan error, 1)
	table := workers.Table(parts)
	go func() {
		ended <- workers.Run(ctx, o.temporal.Client, table, workers.Options{
			BuildID: build, Logger: o.House.Log.Logger(), Started: func() { close(started) },
		})
	}()
	o.t.Cleanup(sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			o.t.Errorf("the worker: %v", err)
		}
	}))
	<-started
	bounded, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	require.NoError(o.t, temporal.SetCurrentVersion(bounded, o.temporal.Client, table[0].Deployment(), build))
}

// round reconciles once, with the arrivals of the days around those of tests
// out of its reach: each day is a request.
func (o *office) round(in reconcileflow.Input) reconcileflow.Result {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	o.rounds++
	in.Grace = max(in.Grace, time.Nanosecond)
	run, err := o.temporal.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: fmt.Sprintf("%s-%d", reconcileflow.WorkflowID, o.rounds), TaskQueue: reconcileflow.TaskQueue,
	}, reconcileflow.Name, in)
	require.NoError(o.t, err)
	var result reconcileflow.Result
	require.NoError(o.t, run.Get(ctx, &result))
	require.Zero(o.t, result.Left)
	return result
}

// terminate ends a booking's workflow in the hard way.
func (o *office) terminate(id string) {
	o.t.Helper()
	require.NoError(o.t, o.temporal.Client.TerminateWorkflow(o.t.Context(), reservation.WorkflowID(o.Hotel.ID, id), "", "test"))
	running, err := o.Running(o.t.Context(), o.Hotel.ID, id)
	require.NoError(o.t, err)
	require.False(o.t, running)
}

var soon = reconcileflow.Input{Ahead: 1}

// TestReconciliationBeginsATerminatedRunAgain: a wish is stored, its workflow
// is ended, and no sweeper runs.
func TestReconciliationBeginsATerminatedRunAgain(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "createBooking", Count: 1})
	r := request(o.quote(sandbox.Double))
	answered := make(chan error, 1)
	go func() {
		_, err := o.Book(t.Context(), o.Hotel.ID, key(), r)
		answered <- err
	}()
	_, err := o.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	id := o.Vendor.Stays()[0].ExternalCode
	running, err := o.Running(t.Context(), o.Hotel.ID, id)
	require.NoError(t, err)
	require.True(t, running)
	o.terminate(id)
	require.NoError(t, <-answered)
	o.Vendor.Drop("")

	require.Equal(t, reconciliation.Tally{{Kind: reconciliation.Terminated, Result: reconciliation.Repaired, Count: 1}}, o.round(soon).Tally)
	o.becomes(id, ledger.Confirmed)
	require.Equal(t, 1, o.Vendor.Count(""), "booked once")
	require.Empty(t, o.round(soon).Tally)
	tasks, err := o.records.Tasks(t.Context(), o.Hotel.ID, true, 10)
	require.NoError(t, err)
	require.Empty(t, tasks)
}

// TestReconciliationReadsWhatTheDeskChanged, in a run that is open and after
// the run has ended.
func TestReconciliationReadsWhatTheDeskChanged(t *testing.T) {
	t.Parallel()
	for _, ended := range []bool{false, true} {
		t.Run(fmt.Sprint(ended), func(t *testing.T) {
			t.Parallel()
			o := openOffice(t)
			booked := o.book(sandbox.Double)
			require.Empty(t, o.round(soon).Tally)
			if ended {
				o.terminate(booked.ID)
			}
			o.Vendor.SetStatus(string(booked.Stays[0].ID), sandbox.Canceled)
			require.Equal(t, reconciliation.Tally{{Kind: reconciliation.Drift, Result: reconciliation.Repaired, Count: 1}}, o.round(soon).Tally)
			o.becomes(booked.ID, ledger.Cancelled)
			require.Empty(t, o.round(soon).Tally)
			require.NoError(t, o.Refresh(t.Context(), o.Hotel.ID, booked.ID), "of what is over nothing is read")
		})
	}
}

// TestReconciliationLeavesTheRestToAPerson, and says it once.
func TestReconciliationLeavesTheRestToAPerson(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	booked := o.book(sandbox.Double)
	draft, err := o.Conn(t).Draft(pms.CreateRequest{
		Reference: pms.Reference(booked.ID), Booker: bookingtest.Guest(), Stays: []pms.StayRequest{{Offer: o.Offer(t, sandbox.Double)}},
	})
	require.NoError(t, err)
	draft.Key = key()
	_, err = o.Conn(t).Create(t.Context(), draft)
	require.NoError(t, err)
	whole := reconcileflow.Input{Ahead: 42}
	require.Equal(t, reconciliation.Tally{{Kind: reconciliation.Duplicate, Result: reconciliation.Raised, Count: 1}}, o.round(whole).Tally)
	require.Equal(t, reconciliation.Tally{{Kind: reconciliation.Duplicate, Result: reconciliation.Known, Count: 1}}, o.round(whole).Tally)
	tasks, err := o.records.Tasks(t.Context(), o.Hotel.ID, false, 10)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.Equal(t, booked.ID, tasks[0].Booking)
	require.Equal(t, 2, o.Vendor.Count(sandbox.Confirmed))
	require.NotContains(t, o.House.Log.String(), bookingtest.Marker)
}

func TestWhatReconciliationCannotReach(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	running, err := d.Running(t.Context(), d.Hotel.ID, ledger.NewID())
	require.NoError(t, err)
	require.False(t, running, "there never was one")
	require.Error(t, d.Reissue(t.Context(), d.Hotel.ID, ledger.NewID()))
	require.Error(t, d.Reissue(t.Context(), "hotel-gone", ledger.NewID()))
	require.Error(t, d.Refresh(t.Context(), d.Hotel.ID, ledger.NewID()))
	require.Error(t, d.Refresh(t.Context(), "hotel-gone", ledger.NewID()))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.Running(gone, d.Hotel.ID, ledger.NewID())
	require.Error(t, err)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	require.NoError(t, d.Refresh(t.Context(), d.Hotel.ID, w.Booking), "what is pending is for its own workflow")
	d.Database.Admin(t, "update intent set settled_at = now(), outcome = '{}'")
	require.NoError(t, d.Reissue(t.Context(), d.Hotel.ID, w.Intent))
	require.Zero(t, d.wire.sent.Load(), "what is settled is not sent again")
}

// TestSchedules are applied again and again, and do what they are for.
func TestSchedules(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	every := starter.Schedules{Health: 10 * time.Minute, Reconciliation: 2 * time.Hour, Reconcile: soon}
	for _, created := range []bool{true, false} {
		applied, err := starter.ApplySchedules(t.Context(), o.temporal.Client, every)
		require.NoError(t, err)
		require.Equal(t, []starter.Schedule{
			{ID: "connection-health", Every: every.Health.String(), Created: created},
			{ID: "reconciliation", Every: "2h0m0s", Created: created},
			{ID: "region-drift", Every: "1h0m0s", Created: created},
			{ID: "retention-round", Every: "24h0m0s", Created: created},
			{ID: "evidence-month", Every: "24h0m0s", Created: created},
		}, applied)
		every.Health = 20 * time.Minute
	}
	handle := o.temporal.Client.ScheduleClient().GetHandle(t.Context(), healthflow.Name)
	description, err := handle.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, 20*time.Minute, description.Schedule.Spec.Intervals[0].Every)
	require.Equal(t, enums.SCHEDULE_OVERLAP_POLICY_SKIP, description.Schedule.Policy.Overlap)

	require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: "an operator"}))
	_, err = starter.ApplySchedules(t.Context(), o.temporal.Client, every)
	require.NoError(t, err)
	description, err = handle.Describe(t.Context())
	require.NoError(t, err)
	require.True(t, description.Schedule.State.Paused, "it stays paused")
	require.NoError(t, handle.Unpause(t.Context(), client.ScheduleUnpauseOptions{}))

	for _, id := range []string{healthflow.Name, reconcileflow.Name} {
		require.NoError(t, o.temporal.Client.ScheduleClient().GetHandle(t.Context(), id).Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		ended := o.lastRun(id)
		require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, ended, id)
	}
	connections, err := mustStatuses(t, o).List(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), connections[0].CheckedAt, time.Minute)

	_, err = starter.ApplySchedules(t.Context(), o.temporal.Client, starter.Schedules{Health: time.Second})
	require.ErrorContains(t, err, "10 seconds")
}

func mustStatuses(t *testing.T, o *office) *status.Store {
	t.Helper()
	store, err := status.New(o.Database.Pool(t))
	require.NoError(t, err)
	return store
}

// lastRun waits until what a Schedule started has ended, and tells how.
func (o *office) lastRun(schedule string) (ended enums.WorkflowExecutionStatus) {
	o.t.Helper()
	require.Eventually(o.t, func() bool {
		description, err := o.temporal.Client.ScheduleClient().GetHandle(o.t.Context(), schedule).Describe(o.t.Context())
		if err != nil || len(description.Info.RecentActions) == 0 {
			return false
		}
		run := description.Info.RecentActions[0].StartWorkflowResult
		described, err := o.temporal.Plain.DescribeWorkflowExecution(o.t.Context(), run.WorkflowID, run.FirstExecutionRunID)
		if err != nil {
			return false
		}
		ended = described.GetWorkflowExecutionInfo().GetStatus()
		return ended != enums.WORKFLOW_EXECUTION_STATUS_RUNNING
	}, 30*time.Second, 100*time.Millisecond, "schedule %s started nothing that ended", schedule)
	return ended
}
