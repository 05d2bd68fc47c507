package connection_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/connectors"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/connection"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A stage plays the workflow in skipped time.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	mu     sync.Mutex
	probes []activities.Probe
	most   int
	now    int
}

func newStage(hotels int, answer func(activities.Probe) (activities.Found, error)) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment()}
	connection.Register(s)
	activities.RegisterPMS(s, new(activities.Activities))
	activities.RegisterRecords(s, new(activities.Activities))
	s.OnActivity(activities.HotelsActivity, mock.Anything, mock.Anything).Return(
		func(_ context.Context, p activities.Page) ([]activities.Hotel, error) {
			var page []activities.Hotel
			for i := range hotels {
				id := fmt.Sprintf("hotel-%04d", i)
				if id > p.After && len(page) < p.Most {
					page = append(page, activities.Hotel{ID: id, Vendor: "apaleo"})
				}
			}
			return page, nil
		})
	s.OnActivity(activities.HealthActivity, mock.Anything, mock.Anything).Return(
		func(_ context.Context, p activities.Probe) (activities.Found, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.probes = append(s.probes, p)
			return answer(p)
		}).After(time.Second)
	s.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) { s.count(info, 1) })
	s.SetOnActivityCompletedListener(func(info *activity.Info, _ converter.EncodedValue, _ error) { s.count(info, -1) })
	return s
}

func (s *stage) count(info *activity.Info, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if info.ActivityType.Name == activities.HealthActivity {
		s.now += n
		s.most = max(s.most, s.now)
	}
}

func well(activities.Probe) (activities.Found, error) {
	return activities.Found{State: connectors.Available}, nil
}

func TestARoundAsksEveryHotelOnce(t *testing.T) {
	t.Parallel()
	s := newStage(150, well)
	s.ExecuteWorkflow(connection.Name, connection.Input{})
	require.NoError(t, s.GetWorkflowError())
	var result connection.Result
	require.NoError(t, s.GetWorkflowResult(&result))
	require.Equal(t, connection.Result{Available: 150}, result)
	require.Len(t, s.probes, 150)
	for _, probe := range s.probes {
		require.Equal(t, s.probes[0].At, probe.At, "one round is one moment")
	}
	require.LessOrEqual(t, s.most, 20, "a few at once")
	require.Greater(t, s.most, 1)
}

func TestManyHotelsContinueAsNew(t *testing.T) {
	t.Parallel()
	in, asked := connection.Input{PageSize: 4}, 0
	for run := 0; ; run++ {
		s := newStage(10, well)
		s.ExecuteWorkflow(connection.Name, in)
		asked += len(s.probes)
		require.Less(t, run, 10, "the round does not end")
		var next *workflow.ContinueAsNewError
		if !errors.As(s.GetWorkflowError(), &next) {
			require.NoError(t, s.GetWorkflowError())
			var result connection.Result
			require.NoError(t, s.GetWorkflowResult(&result))
			require.Equal(t, 10, result.Available)
			require.Equal(t, 2, run)
			break
		}
		before := in.Round
		in = connection.Input{}
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
		require.True(t, before.IsZero() || before.Equal(in.Round), "the round keeps its moment")
	}
	require.Equal(t, 10, asked)
}

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	answers := map[string]activities.Found{
		"hotel-0000": {State: connectors.Available}, "hotel-0001": {State: connectors.Degraded, Problem: "unavailable"},
		"hotel-0002": {State: connectors.Maintenance}, "hotel-0003": {Untold: true},
	}
	s := newStage(5, func(p activities.Probe) (activities.Found, error) {
		if found, ok := answers[p.Hotel]; ok {
			return found, nil
		}
		return activities.Found{}, temporal.NewNonRetryableApplicationError("gone", "unknown_hotel", nil)
	})
	s.ExecuteWorkflow(connection.Name, connection.Input{})
	require.NoError(t, s.GetWorkflowError())
	var result connection.Result
	require.NoError(t, s.GetWorkflowResult(&result))
	require.Equal(t, connection.Result{Available: 1, Degraded: 1, Maintenance: 1, Untold: 2}, result)
}

func TestARoundThatIsCancelledEnds(t *testing.T) {
	t.Parallel()
	s := newStage(100, well)
	s.RegisterDelayedCallback(s.CancelWorkflow, 1500*time.Millisecond)
	s.ExecuteWorkflow(connection.Name, connection.Input{})
	require.True(t, s.IsWorkflowCompleted())
	require.True(t, temporal.IsCanceledError(s.GetWorkflowError()), "%v", s.GetWorkflowError())
	require.Less(t, len(s.probes), 100)
}

// A theatre plays the workflow on a real server, with real activities.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t     *testing.T
	store *status.Store
	runs  int
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t}
	var err error
	th.store, err = status.New(h.Database.Pool(t))
	require.NoError(t, err)
	checks := activities.New(h.Connectors, th.store)
	flow := worker.New(th.Client, connection.TaskQueue, worker.Options{Identity: "test"})
	connection.Register(flow)
	activities.RegisterRecords(flow, checks)
	calls := worker.New(th.Client, reservation.PMSQueue("apaleo"), worker.Options{Identity: "test", DisableWorkflowWorker: true})
	activities.RegisterPMS(calls, checks)
	for _, w := range []worker.Worker{flow, calls} {
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
	return th
}

// round plays a round and returns its workflow's id with what it found.
func (th *theatre) round(in connection.Input) (string, connection.Result) {
	th.t.Helper()
	th.runs++
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	run, err := th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: fmt.Sprintf("%s-%d", connection.WorkflowID, th.runs), TaskQueue: connection.TaskQueue,
	}, connection.Name, in)
	require.NoError(th.t, err)
	var result connection.Result
	require.NoError(th.t, run.Get(ctx, &result))
	return run.GetID(), result
}

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"well": func(th *theatre) string {
			id, result := th.round(connection.Input{})
			require.Equal(th.t, connection.Result{Available: 1}, result)
			return id
		},
		"down": func(th *theatre) string {
			th.Fault(th.t, sandbox.Fault{Kind: sandbox.ErrorBefore, Count: 1000})
			_, result := th.round(connection.Input{})
			require.Equal(th.t, connection.Result{Available: 1}, result)
			id, result := th.round(connection.Input{})
			require.Equal(th.t, connection.Result{Degraded: 1}, result)
			now, err := th.store.Status(th.t.Context(), th.Hotel.ID)
			require.NoError(th.t, err)
			require.Equal(th.t, connectors.Degraded, now.State)
			return id
		},
		"continued": func(th *theatre) string {
			second := th.Hotel
			second.ID = "hotel-borealis"
			require.NoError(th.t, th.Registry.Add(th.t.Context(), second))
			id, result := th.round(connection.Input{PageSize: 1})
			require.Equal(th.t, connection.Result{Available: 2}, result)
			return id
		},
	}
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t)
			id := play(th)
			run := ""
			if name == "continued" { // the first of its runs has something to replay
				d, err := th.Plain.DescribeWorkflowExecution(t.Context(), id, "")
				require.NoError(t, err)
				run = d.GetWorkflowExecutionInfo().GetFirstRunId()
			}
			recorded := replaytest.Read(t, th.Namespace, id, run)
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, connection.Name, connection.Health))
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
	replaytest.Holds(t, connection.Name, connection.Health, names...)
}
