//go:build unix

package erasure_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	flow "github.com/voicehive/voicehive/workflows/erasure"
	"github.com/voicehive/voicehive/workflows/reconciliation"
)

const aurora = consenttest.Aurora

func ada() subjects.Person {
	return subjects.Person{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org", Phone: "+4930123456"}
}

// A stage runs erasures on a real server, with real databases and real runs.
type stage struct {
	*erasuretest.House
	t      *testing.T
	client client.Client
	kill   killer
	runs   erasure.Runs
}

func open(t *testing.T, change ...func(*erasuretest.House, *erasure.Options)) *stage {
	t.Helper()
	h := erasuretest.New(t)
	namespace := temporaltest.Namespace(t)
	s := &stage{House: h, t: t, client: temporaltest.Client(t, client.Options{Namespace: namespace})}
	o := h.Options
	for _, each := range change {
		each(h, &o)
	}
	s.kill.step.Store("")
	s.runs = activities.NewRuns(s.client, namespace)
	o.Runs = s.runs
	s.kill.Office = erasure.New(o)
	s.work()
	return s
}

// killer is an office whose worker dies after a step is done and before that is
// told: the step's answer is lost.
type killer struct {
	activities.Office
	// step dies, once.
	step atomic.Value
}

var errKilled = errors.New("the worker is dead")

func (k *killer) die(step string, err error) error {
	if err == nil && k.step.CompareAndSwap(step, "") {
		return errKilled
	}
	return err
}

func (k *killer) EraseRows(ctx context.Context, hotel, request, hash string, batch int) (subjects.Counts, error) {
	gone, err := k.Office.EraseRows(ctx, hotel, request, hash, batch)
	return gone, k.die("rows", err)
}

func (k *killer) EraseSystem(ctx context.Context, hotel, request, hash string, beat func()) error {
	return k.die("system", k.Office.EraseSystem(ctx, hotel, request, hash, beat))
}

func (k *killer) DeleteRuns(ctx context.Context, hotel, request, hash string, batch int) (int, error) {
	n, err := k.Office.DeleteRuns(ctx, hotel, request, hash, batch)
	return n, k.die("runs", err)
}

func (k *killer) DestroyKeys(ctx context.Context, hotel, request, hash string, batch int) (int, error) {
	n, err := k.Office.DestroyKeys(ctx, hotel, request, hash, batch)
	return n, k.die("keys", err)
}

func (k *killer) Certify(ctx context.Context, hotel, request, hash string) (erasure.Certificate, error) {
	c, err := k.Office.Certify(ctx, hotel, request, hash)
	return c, k.die("certify", err)
}

func (s *stage) work() {
	s.t.Helper()
	for _, queue := range []string{flow.TaskQueue, reconciliation.TaskQueue} {
		w := worker.New(s.client, queue, worker.Options{Identity: "test"})
		if queue == flow.TaskQueue {
			flow.Register(w)
			w.RegisterWorkflowWithOptions(idle, workflow.RegisterOptions{Name: "idle"})
		} else {
			activities.Register(w, activities.New(&s.kill))
		}
		require.NoError(s.t, w.Start())
		s.t.Cleanup(w.Stop)
	}
}

// idle is a booking's or a call's workflow: a first run that continues as new,
// and a second one that waits.
func idle(ctx workflow.Context, first bool) error {
	if first {
		return workflow.NewContinueAsNewError(ctx, "idle", false)
	}
	return workflow.Sleep(ctx, time.Hour)
}

// run starts a workflow of a guest's.
func (s *stage) run(id string) {
	s.t.Helper()
	_, err := s.client.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: flow.TaskQueue}, "idle", true)
	require.NoError(s.t, err)
}

func (s *stage) erase(in flow.Input) (result flow.Result) {
	s.t.Helper()
	// A cluster as it comes takes half a minute to delete a run that was open, and
	// longer for several at once: this only ends what hangs.
	ctx, cancel := context.WithTimeout(s.t.Context(), 8*time.Minute)
	defer cancel()
	started, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: flow.WorkflowID(in.Hotel, in.Case), TaskQueue: flow.TaskQueue}, flow.Name, in)
	require.NoError(s.t, err)
	require.NoError(s.t, started.Get(ctx, &result))
	return result
}

// gone tells whether the server knows nothing of a workflow.
func (s *stage) gone(id string) bool {
	left, err := s.runs.Count(s.t.Context(), []string{id})
	require.NoError(s.t, err)
	_, err = s.client.DescribeWorkflowExecution(s.t.Context(), id, "")
	return len(left) == 0 && err != nil
}

func TestAnErasureFromPlanToCertificate(t *testing.T) {
	t.Parallel()
	s := open(t)
	booking := s.Stayed(aurora, ada())
	mine, others := "booking/"+aurora+"/"+booking, "booking/"+aurora+"/"+s.Stayed(aurora, ada())
	s.run(mine)
	s.run(others)
	request := s.Case(booking)
	result := s.erase(flow.Input{Hotel: aurora, Case: request})
	require.Equal(t, flow.Erased, result.State)
	require.NotEmpty(t, result.Certificate)
	require.Equal(t, 1, s.Count(`select count(*) from guest`))
	require.True(t, s.gone(mine))
	require.False(t, s.gone(others))
	again := s.erase(flow.Input{Hotel: aurora, Case: request})
	require.Equal(t, result.Certificate, again.Certificate, "again changes nothing")
}

// A worker that dies after any step, before it told so, changes nothing.
func TestAnErasureOutlivesItsWorkers(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"rows", "system", "runs", "keys", "certify"} {
		t.Run("dies after "+step, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			booking := s.Stayed(aurora, ada())
			id := "booking/" + aurora + "/" + booking
			s.run(id)
			s.kill.step.Store(step)
			request := s.Case(booking)
			result := s.erase(flow.Input{Hotel: aurora, Case: request})
			require.Equal(t, flow.Erased, result.State)
			require.Equal(t, "", s.kill.step.Load(), "it died")
			require.True(t, s.gone(id))
			require.Zero(t, s.Count(`select count(*) from guest where booking = $1`, booking))
			require.Equal(t, 1, s.Count(`select count(*) from erasure_certificate where request = $1`, request))
			require.Equal(t, 1, s.Count(`select (erased ->> 'guests')::int from erasure where request = $1`, request))
		})
	}
}

// A hotel's system that is away for as long as anybody waits becomes a task,
// and all else is erased long before.
func TestAHotelsSystemThatStaysAway(t *testing.T) {
	t.Parallel()
	s := open(t)
	booking := s.Stayed(aurora, ada())
	s.System.Fail(errors.New("connection refused"))
	result := s.erase(flow.Input{Hotel: aurora, Case: s.Case(booking), Patience: 3 * time.Second})
	require.Equal(t, flow.Partly, result.State)
	require.Zero(t, s.Count(`select count(*) from guest`))
	require.Equal(t, 1, s.Count(`select count(*) from operator_task`))
	require.Contains(t, kinds(result), erasure.Manual)
}

func kinds(r flow.Result) (all []erasure.Action) {
	for _, k := range r.Left {
		all = append(all, k.Action)
	}
	return all
}

// One that comes back is asked again, and nothing is left to staff.
func TestAHotelsSystemThatComesBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.System.Fail(errors.New("connection refused"))
	booking := s.Stayed(aurora, ada())
	request := s.Case(booking)
	done := make(chan flow.Result, 1)
	go func() { done <- s.erase(flow.Input{Hotel: aurora, Case: request}) }()
	require.Eventually(t, func() bool { return s.Unreadable(aurora, booking, "operations") }, time.Minute, 50*time.Millisecond,
		"the keys are gone while the hotel's system is away")
	s.System.Fail(nil)
	result := <-done
	require.Equal(t, flow.Erased, result.State)
	require.Zero(t, s.Count(`select count(*) from operator_task`))
}

func TestADeferredErasure(t *testing.T) {
	t.Parallel()
	s := open(t)
	booking := s.Stayed(aurora, ada())
	s.Move(booking, "3")
	request := s.Case(booking)
	result := s.erase(flow.Input{Hotel: aurora, Case: request})
	require.Equal(t, flow.Deferred, result.State)
	until, err := time.Parse(time.RFC3339, result.DeferredUntil)
	require.NoError(t, err)
	require.Equal(t, time.Now().UTC().AddDate(0, 0, 4).Format(time.DateOnly), until.Format(time.DateOnly))
	require.Equal(t, 1, s.Count(`select count(*) from guest`))
	s.Move(booking, "(-1)")
	require.Equal(t, flow.Erased, s.erase(flow.Input{Hotel: aurora, Case: request}).State)
}

func TestAChangedPlanIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	booking := s.Stayed(aurora, ada())
	result := s.erase(flow.Input{Hotel: aurora, Case: s.Case(booking), Plan: "another"})
	require.Equal(t, flow.PlanChanged, result.State)
	require.Equal(t, 1, s.Count(`select count(*) from guest`))
}
