//go:build unix

package erasure_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/subjects"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	flow "github.com/voicehive/voicehive/workflows/erasure"
	"github.com/voicehive/voicehive/workflows/reconciliation"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// rehearsal is an office that does nothing and notes what it was asked for.
type rehearsal struct {
	mu      sync.Mutex
	scopes  int
	away    int // how often the hotel's system does not answer; below zero for ever
	left    []erasure.ReadBack
	asked   []string
	state   string
	refused error
	untold  error
}

func (r *rehearsal) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

// count is how often it was asked for something.
func (r *rehearsal) count(what string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range r.asked {
		if each == what {
			n++
		}
	}
	return n
}

func (r *rehearsal) Prepare(context.Context, string, string, string) (erasure.Plan, error) {
	r.note("plan")
	return erasure.Plan{Hotel: aurora, Scopes: make([]string, r.scopes)}, r.refused
}

func (r *rehearsal) EraseRows(context.Context, string, string, string, int) (subjects.Counts, error) {
	r.note("rows")
	return subjects.Counts{}, nil
}

func (r *rehearsal) EraseSystem(context.Context, string, string, string, func()) error {
	r.note("system")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away != 0 {
		r.away--
		return errors.Join(erasure.ErrLeft, errors.New("guest Ada: connection refused"))
	}
	return nil
}

func (r *rehearsal) GiveUpSystem(context.Context, string, string, string) error {
	r.note("give up")
	return nil
}

func (r *rehearsal) Tell(context.Context, string, string, string) (int, error) {
	r.note("tell")
	return 0, r.untold
}

func (r *rehearsal) GiveUpRecipients(context.Context, string, string, string) error {
	r.note("give up recipients")
	return nil
}

func (r *rehearsal) DeleteRuns(context.Context, string, string, string, int) (int, error) {
	r.note("runs")
	return 0, nil
}

func (r *rehearsal) DestroyKeys(context.Context, string, string, string, int) (int, error) {
	r.note("keys")
	return 0, nil
}

func (r *rehearsal) Check(context.Context, string, string, string) (erasure.Plan, erasure.ReadBack, error) {
	r.note("read back")
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) == 0 {
		return erasure.Plan{}, erasure.ReadBack{}, nil
	}
	next := r.left[0]
	r.left = r.left[1:]
	return erasure.Plan{}, next, erasure.ErrLeft
}

func (r *rehearsal) Certify(context.Context, string, string, string) (erasure.Certificate, error) {
	r.note("certify")
	return erasure.Certificate{ID: "C", State: r.state}, nil
}

// play plays the workflow in skipped time.
func (r *rehearsal) play(t *testing.T, in flow.Input) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := temporaltest.Environment()
	flow.Register(env)
	activities.Register(env, activities.New(r))
	env.ExecuteWorkflow(flow.Name, in)
	require.True(t, env.IsWorkflowCompleted())
	return env
}

func input() flow.Input { return flow.Input{Hotel: aurora, Case: "01JD8Z3V5QK7M2N4P6R8S0T1WX"} }

// A hotel system that is down for a week holds up nothing but the certificate.
func TestAWeekWithoutTheHotelsSystem(t *testing.T) {
	t.Parallel()
	r := &rehearsal{scopes: 1, away: 670, state: erasure.StateErased} // a quarter of an hour each
	env := r.play(t, input())
	var result flow.Result
	require.NoError(t, env.GetWorkflowResult(&result))
	require.Equal(t, flow.Erased, result.State)
	require.Equal(t, 671, r.count("system"))
	require.Zero(t, r.count("give up"))
	require.Equal(t, "certify", r.asked[len(r.asked)-1])
	for _, step := range []string{"rows", "tell", "runs", "keys", "read back", "certify"} {
		require.Equal(t, 1, r.count(step), step)
	}
	keysAt, done := -1, 0
	for i, what := range r.asked {
		switch what {
		case "keys":
			keysAt = i
		case "system":
			if keysAt >= 0 {
				done++
			}
		}
	}
	require.Greater(t, done, 600, "the keys are gone long before")
}

func TestAHotelsSystemThatNeverAnswersIsLeftToStaff(t *testing.T) {
	t.Parallel()
	r := &rehearsal{scopes: 1, away: -1, state: erasure.StatePartly}
	var result flow.Result
	require.NoError(t, r.play(t, input()).GetWorkflowResult(&result))
	require.Equal(t, flow.Partly, result.State)
	require.Equal(t, 1, r.count("give up"))
}

// What the read-back finds is erased again, each in its own way.
func TestTheReadBackDecides(t *testing.T) {
	t.Parallel()
	r := &rehearsal{scopes: 1, state: erasure.StateErased, left: []erasure.ReadBack{{Rows: 1}, {Keys: 1}, {Runs: 1}, {Runs: 1}}}
	require.NoError(t, r.play(t, input()).GetWorkflowError())
	require.Equal(t, 2, r.count("rows"))
	require.Equal(t, 3, r.count("keys"))
	require.Equal(t, 2, r.count("runs"), "a run that is being deleted is waited for")
	require.Equal(t, 5, r.count("read back"))

	stubborn := &rehearsal{scopes: 1, left: make([]erasure.ReadBack, 100)}
	for i := range stubborn.left {
		stubborn.left[i].Rows = 1
	}
	require.ErrorContains(t, stubborn.play(t, input()).GetWorkflowError(), "comes back")
	require.Zero(t, stubborn.count("certify"))
}

// A long plan is carried out in more than one run.
func TestALongPlanContinuesAsNew(t *testing.T) {
	t.Parallel()
	r := &rehearsal{scopes: 120 * erasure.BatchSize}
	err := r.play(t, input()).GetWorkflowError()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &next)
	require.Equal(t, 100, r.count("rows"))
}

func TestNobodyIsErasedWithoutACase(t *testing.T) {
	t.Parallel()
	r := &rehearsal{refused: erasure.ErrNobody}
	require.ErrorContains(t, r.play(t, input()).GetWorkflowError(), "names nobody")
	require.Zero(t, r.count("rows"))
}

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]*rehearsal {
	return map[string]*rehearsal{
		"erased":       {scopes: 2, state: erasure.StateErased},
		"read-again":   {scopes: 1, state: erasure.StateErased, left: []erasure.ReadBack{{Rows: 1}, {Runs: 1}}},
		"plan-changed": {refused: erasure.ErrPlanChanged},
		"away":         {scopes: 1, away: 1, state: erasure.StatePartly},
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	h := bookingtest.New(t, sandbox.Options{})
	for name, r := range scenes() {
		t.Run(name, func(t *testing.T) {
			n := h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{})
			for _, queue := range []string{flow.TaskQueue, reconciliation.TaskQueue} {
				w := worker.New(n.Client, queue, worker.Options{Identity: "test"})
				flow.Register(w)
				activities.Register(w, activities.New(r))
				require.NoError(t, w.Start())
				t.Cleanup(w.Stop)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			id := flow.WorkflowID(aurora, ulid.Make().String())
			run, err := n.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: flow.TaskQueue}, flow.Name, input())
			require.NoError(t, err)
			require.NoError(t, run.Get(ctx, nil))
			recorded := replaytest.Read(t, n, id, "")
			recorded.RequireSealed(t)
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replaytest.Holds(t, flow.Name, flow.Erasure, "erased", "read-again", "plan-changed", "away")
}

// A recipient that is down for a week holds up nothing but the certificate, and
// is then left to staff.
func TestAWeekWithoutARecipient(t *testing.T) {
	t.Parallel()
	r := &rehearsal{scopes: 1, untold: errors.New("connection refused"), state: erasure.StateErased}
	env := r.play(t, input())
	var result flow.Result
	require.NoError(t, env.GetWorkflowResult(&result))
	require.Equal(t, flow.Erased, result.State)
	require.Greater(t, r.count("tell"), 100)
	require.Equal(t, 1, r.count("give up recipients"))
	require.Equal(t, []string{"give up recipients", "certify"}, r.asked[len(r.asked)-2:])
	require.Equal(t, 1, r.count("keys"))
}
