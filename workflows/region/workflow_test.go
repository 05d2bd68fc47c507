//go:build unix

package region_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/activities/replaytest"
	guards "github.com/voicehive/voicehive/compliance/region"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/region"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A stage plays the workflow in skipped time.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	mu       sync.Mutex
	settings int
	pages    []activities.Page
}

func newStage(hotels int) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment()}
	region.Register(s)
	activities.Register(s, new(activities.Activities))
	s.OnActivity(activities.SettingsActivity, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.Round) (activities.Found, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.settings++
			return activities.Found{Checked: 5, Refused: 1, Changed: 1}, nil
		})
	s.OnActivity(activities.HotelsActivity, mock.Anything, mock.Anything).Return(
		func(_ context.Context, p activities.Page) (found activities.Found, _ error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.pages = append(s.pages, p)
			for i := range hotels {
				if id := fmt.Sprintf("hotel-%04d", i); id > p.After && found.Hotels < p.Most {
					found.Hotels, found.Last, found.Checked = found.Hotels+1, id, found.Checked+2
				}
			}
			return found, nil
		})
	return s
}

func TestARoundChecksEverythingOnce(t *testing.T) {
	t.Parallel()
	s := newStage(250)
	s.ExecuteWorkflow(region.Name, region.Input{})
	require.NoError(t, s.GetWorkflowError())
	var result region.Result
	require.NoError(t, s.GetWorkflowResult(&result))
	require.Equal(t, region.Result{Checked: 505, Refused: 1, Changed: 1}, result)
	require.Equal(t, 1, s.settings)
	require.Len(t, s.pages, 3)
	for _, page := range s.pages {
		require.Equal(t, s.pages[0].At, page.At, "one round is one moment")
	}
}

func TestManyHotelsContinueAsNew(t *testing.T) {
	t.Parallel()
	in, settings, pages := region.Input{PageSize: 2, Pages: 2}, 0, 0
	for run := 0; ; run++ {
		require.Less(t, run, 10, "the round does not end")
		s := newStage(9)
		s.ExecuteWorkflow(region.Name, in)
		settings, pages = settings+s.settings, pages+len(s.pages)
		var next *workflow.ContinueAsNewError
		if !errors.As(s.GetWorkflowError(), &next) {
			require.NoError(t, s.GetWorkflowError())
			var result region.Result
			require.NoError(t, s.GetWorkflowResult(&result))
			require.Equal(t, region.Result{Checked: 23, Refused: 1, Changed: 1}, result)
			require.Equal(t, 2, run)
			break
		}
		before := in.Round
		in = region.Input{}
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
		require.True(t, before.IsZero() || before.Equal(in.Round), "the round keeps its moment")
	}
	require.Equal(t, 1, settings)
	require.Equal(t, 5, pages)
}

func TestARoundThatIsCancelledEnds(t *testing.T) {
	t.Parallel()
	s := newStage(100)
	s.RegisterDelayedCallback(s.CancelWorkflow, 0)
	s.ExecuteWorkflow(region.Name, region.Input{})
	require.True(t, s.IsWorkflowCompleted())
	require.True(t, temporal.IsCanceledError(s.GetWorkflowError()), "%v", s.GetWorkflowError())
}

// A theatre plays the workflow on a real server, with real activities.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t *testing.T
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t}
	rules, err := guards.Default()
	require.NoError(t, err)
	guard, err := guards.New(guards.Options{Rules: rules, Endpoints: []guards.Endpoint{{Name: "VAULT_ADDR", Role: guards.Vault, Address: "http://127.0.0.1:8200"}}})
	require.NoError(t, err)
	checks, err := activities.New(activities.Parts{
		Guard: guard, Store: guards.NewStore(h.Database.Pool(t)), Hotels: h.Registry, Tasks: h.Ledger,
	})
	require.NoError(t, err)
	w := worker.New(th.Client, region.TaskQueue, worker.Options{Identity: "test"})
	region.Register(w)
	activities.Register(w, checks)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return th
}

// round plays a round and returns its workflow's id with what it found.
func (th *theatre) round(in region.Input) (string, region.Result) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	run, err := th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: region.WorkflowID, TaskQueue: region.TaskQueue}, region.Name, in)
	require.NoError(th.t, err)
	var result region.Result
	require.NoError(th.t, run.Get(ctx, &result))
	return run.GetID(), result
}

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"well": func(th *theatre) string {
			id, result := th.round(region.Input{})
			require.Equal(th.t, 3, result.Changed, "the setting and the hotel's two endpoints are new")
			require.Zero(th.t, result.Refused)
			return id
		},
		"continued": func(th *theatre) string {
			second := th.Hotel
			second.ID = "hotel-borealis"
			require.NoError(th.t, th.Registry.Add(th.t.Context(), second))
			id, result := th.round(region.Input{PageSize: 1, Pages: 1})
			require.Equal(th.t, 5, result.Checked)
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
			require.NoError(t, recorded.Replay(t, region.Name, region.Drift))
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
	replaytest.Holds(t, region.Name, region.Drift, names...)
}
