package temporal_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

// marker stands for a guest: wherever it shows outside, the belt has a hole.
const marker = "ada.lovelace@example.test"

type guest struct{ Mail string }

// rig is a server's namespace with a sealed client, a worker, and a client
// without the plugin that sees what anyone at the server sees.
type rig struct {
	vault     *vault
	plugin    *temporal.Plugin
	namespace string
	sealed    client.Client
	plain     client.Client
	worker    worker.Worker
}

func newRig(t *testing.T, v *vault, options worker.Options) *rig {
	t.Helper()
	r := &rig{vault: v, namespace: temporaltest.Namespace(t)}
	r.plugin, r.sealed = r.client(t)
	r.plain = temporaltest.Client(t, client.Options{Namespace: r.namespace})
	r.worker = worker.New(r.sealed, "q", options)
	for name, fn := range map[string]any{
		"Everything": everything, "Child": child, "Failing": failing, "Patient": patient, "Unlucky": unlucky,
	} {
		r.worker.RegisterWorkflowWithOptions(fn, workflow.RegisterOptions{Name: name, VersioningBehavior: workflow.VersioningBehaviorPinned})
	}
	r.worker.RegisterActivityWithOptions(r.work, activity.RegisterOptions{Name: "Work"})
	r.worker.RegisterActivityWithOptions(fail, activity.RegisterOptions{Name: "Fail"})
	require.NoError(t, r.worker.Start())
	t.Cleanup(r.worker.Stop)
	return r
}

func (r *rig) client(t *testing.T) (*temporal.Plugin, client.Client) {
	t.Helper()
	plugin, err := temporal.NewPlugin(temporal.Options{Namespace: r.namespace, Keys: r.vault, ScopeOf: lastPart, Patience: 100 * time.Millisecond})
	require.NoError(t, err)
	return plugin, temporaltest.Client(t, client.Options{Namespace: r.namespace, Plugins: []client.Plugin{plugin}})
}

// work loses its keys while it runs, like an activity longer than their life.
func (r *rig) work(ctx context.Context, g guest) (guest, error) {
	r.vault.forget(nil)
	activity.RecordHeartbeat(ctx, g)
	r.vault.forget(nil)
	return g, nil
}

func fail(_ context.Context, g guest) (guest, error) {
	return g, sdktemporal.NewNonRetryableApplicationError("no room for "+g.Mail, "NoRoom", errors.New("because "+g.Mail), g)
}

func options(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: id, TaskQueue: "q",
		Memo: map[string]any{"guest": marker}, StaticSummary: marker, StaticDetails: marker,
	}
}

// everything uses each way a payload can take. It ends when told to.
func everything(ctx workflow.Context, g guest) (guest, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, Summary: g.Mail})
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	if err := workflow.SetQueryHandler(ctx, "ask", func(ok bool) (guest, error) {
		if !ok {
			return g, errors.New("cannot tell of " + g.Mail)
		}
		return g, nil
	}); err != nil {
		return g, err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, "change",
		func(_ workflow.Context, to guest) (guest, error) { return to, nil },
		workflow.UpdateHandlerOptions{Validator: func(to guest) error {
			if to.Mail == "" {
				return errors.New("no mail, was " + g.Mail)
			}
			return nil
		}}); err != nil {
		return g, err
	}
	workflow.GetVersion(ctx, "change-1", workflow.DefaultVersion, 1)
	if err := workflow.SideEffect(ctx, func(workflow.Context) any { return g }).Get(&g); err != nil {
		return g, err
	}
	if err := workflow.ExecuteLocalActivity(local, "Fail", g).Get(ctx, nil); err == nil {
		return g, errors.New("local activity should fail")
	}
	if err := workflow.ExecuteActivity(ctx, "Fail", g).Get(ctx, nil); err == nil {
		return g, errors.New("activity should fail")
	}
	if err := workflow.ExecuteActivity(ctx, "Work", g).Get(ctx, &g); err != nil {
		return g, err
	}
	other := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: "call/child"})
	if err := workflow.ExecuteChildWorkflow(other, "Child", g).Get(ctx, &g); err != nil {
		return g, err
	}
	workflow.GetSignalChannel(ctx, "end").Receive(ctx, &g)
	return g, nil
}

func child(_ workflow.Context, g guest) (guest, error) { return g, nil }

// patient waits for its signal and then passes it through an activity.
func patient(ctx workflow.Context, g guest) (guest, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	if err := workflow.SetQueryHandler(ctx, "ask", func() (guest, error) { return g, nil }); err != nil {
		return g, err
	}
	workflow.GetSignalChannel(ctx, "end").Receive(ctx, &g)
	err := workflow.ExecuteActivity(ctx, "Work", g).Get(ctx, &g)
	return g, err
}

func unlucky(ctx workflow.Context, g guest) (guest, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	err := workflow.ExecuteActivity(ctx, "Unlucky", g).Get(ctx, &g)
	return g, err
}

func failing(ctx workflow.Context, g guest) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, "Fail", g).Get(ctx, nil)
}

// history reads all events as anyone at the server can.
func (r *rig) history(t *testing.T, workflowID string) *historypb.History {
	t.Helper()
	events := r.plain.GetWorkflowHistory(t.Context(), workflowID, "", false, 0)
	history := &historypb.History{}
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

func requireNoMarker(t *testing.T, message proto.Message) {
	t.Helper()
	raw, err := proto.Marshal(message)
	require.NoError(t, err)
	require.False(t, bytes.Contains(raw, []byte(marker)), "plaintext in %.200s", message.ProtoReflect().Descriptor().FullName())
}

func TestServerNeverSeesAGuest(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one", "child", "two"), worker.Options{})
	ctx := t.Context()
	run, err := r.sealed.ExecuteWorkflow(ctx, options("booking/one"), "Everything", guest{marker})
	require.NoError(t, err)

	handle, err := r.sealed.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: "booking/one", UpdateName: "change", Args: []any{guest{marker}}, WaitForStage: client.WorkflowUpdateStageCompleted})
	require.NoError(t, err)
	var got guest
	require.NoError(t, handle.Get(ctx, &got))
	require.Equal(t, marker, got.Mail)
	handle, err = r.sealed.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: "booking/one", UpdateName: "change", Args: []any{guest{}}, WaitForStage: client.WorkflowUpdateStageCompleted})
	require.NoError(t, err)
	require.ErrorContains(t, handle.Get(ctx, &got), marker, "the caller reads the rejection")

	// The activity that is under way forgets keys, and may do so in the middle
	// of a query. Unlike a task, a query is not repeated by the server.
	require.Eventually(t, func() bool {
		answer, err := r.sealed.QueryWorkflow(ctx, "booking/one", "", "ask", true)
		return err == nil && answer.Get(&got) == nil
	}, time.Minute, 10*time.Millisecond)
	require.Equal(t, marker, got.Mail)
	_, err = r.sealed.QueryWorkflow(ctx, "booking/one", "", "ask", false)
	require.Error(t, err)
	require.NotContains(t, err.Error(), marker, "the SDK sends a failed query's text beside the sealed one")

	require.NoError(t, r.sealed.SignalWorkflow(ctx, "booking/one", "", "end", guest{marker}))
	require.NoError(t, run.Get(ctx, &got))
	require.Equal(t, marker, got.Mail)

	run, err = r.sealed.ExecuteWorkflow(ctx, options("booking/two"), "Failing", guest{marker})
	require.NoError(t, err)
	err = run.Get(ctx, nil)
	require.ErrorContains(t, err, marker, "the caller reads why")
	var reason *sdktemporal.ApplicationError
	require.ErrorAs(t, err, &reason)
	require.Equal(t, "NoRoom", reason.Type())

	types := map[string]bool{}
	for _, id := range []string{"booking/one", "call/child", "booking/two"} {
		for _, event := range r.history(t, id).Events {
			types[event.EventType.String()] = true
			requireNoMarker(t, event)
		}
		described, err := r.plain.DescribeWorkflowExecution(ctx, id, "")
		require.NoError(t, err)
		requireNoMarker(t, described)
	}
	for _, want := range []string{
		"WorkflowExecutionStarted", "WorkflowExecutionCompleted", "WorkflowExecutionFailed", "WorkflowExecutionSignaled",
		"WorkflowExecutionUpdateAccepted", "WorkflowExecutionUpdateCompleted", "MarkerRecorded",
		"ActivityTaskScheduled", "ActivityTaskCompleted", "ActivityTaskFailed", "StartChildWorkflowExecutionInitiated",
		"ChildWorkflowExecutionCompleted",
	} {
		require.True(t, types[want], "the test must cover %s", want)
	}

	replaying := r.plugin.ReplayerOptions()
	replaying.DisableDeadlockDetection = true // a busy machine can stand still for its second
	replayer, err := worker.NewWorkflowReplayerWithOptions(replaying)
	require.NoError(t, err)
	replayer.RegisterWorkflowWithOptions(everything, workflow.RegisterOptions{Name: "Everything"})
	r.vault.forget(nil)
	require.NoError(t, replayer.ReplayWorkflowHistory(nil, r.history(t, "booking/one")))
	r.vault.forget(errDown)
	require.ErrorIs(t, replayer.ReplayWorkflowHistory(nil, r.history(t, "booking/one")), errDown)
}

func TestUpdateWithStartIsSealed(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one", "child"), worker.Options{})
	start := func() client.WithStartWorkflowOperation {
		o := options("booking/one")
		o.WorkflowIDConflictPolicy = 1 // fail is fine: it runs once
		return r.sealed.NewWithStartWorkflowOperation(o, "Everything", guest{marker})
	}
	change := client.UpdateWorkflowOptions{UpdateName: "change", Args: []any{guest{marker}}, WaitForStage: client.WorkflowUpdateStageCompleted}
	_, err := r.sealed.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start(), UpdateOptions: change})
	require.ErrorContains(t, err, "WorkflowID")

	change.WorkflowID = "booking/one"
	handle, err := r.sealed.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start(), UpdateOptions: change})
	require.NoError(t, err)
	var got guest
	require.NoError(t, handle.Get(t.Context(), &got))
	require.Equal(t, marker, got.Mail)
	requireNoMarker(t, r.history(t, "booking/one"))
}

func TestDestroyedKeyErasesAHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one", "two"), worker.Options{})
	run, err := r.sealed.ExecuteWorkflow(t.Context(), options("call/one"), "Child", guest{marker})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))
	failed, err := r.sealed.ExecuteWorkflow(t.Context(), options("booking/two"), "Failing", guest{marker})
	require.NoError(t, err)
	require.Error(t, failed.Get(t.Context(), nil))

	r.vault.destroy("one")
	r.vault.destroy("two")
	var stone temporal.Tombstone
	require.NoError(t, run.Get(t.Context(), &stone))
	require.Equal(t, temporal.Tombstone{Erased: true, Key: "one/1"}, stone)
	var got guest
	require.NoError(t, run.Get(t.Context(), &got))
	require.Empty(t, got)
	err = r.sealed.GetWorkflow(t.Context(), "booking/two", "").Get(t.Context(), nil)
	require.ErrorContains(t, err, "erased")
	require.NotContains(t, err.Error(), marker)

	input := r.history(t, "call/one").Events[0].GetWorkflowExecutionStartedEventAttributes().Input.Payloads
	for _, may := range []bool{true, false} {
		opened := r.plugin.Open(t.Context(), input, func(string) bool { return may })
		require.NoError(t, opened[0].Err)
		require.True(t, temporal.IsErased(opened[0].Payload), "whoever asks is told that it is erased")
	}

	_, err = r.sealed.ExecuteWorkflow(t.Context(), options("call/one"), "Child", guest{marker})
	require.ErrorIs(t, err, temporal.ErrKeyDestroyed)
}

func TestOutageOfTheKeyStoreLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	run, err := r.sealed.ExecuteWorkflow(t.Context(), options("booking/one"), "Patient", guest{marker})
	require.NoError(t, err)
	_, err = r.sealed.QueryWorkflow(t.Context(), "booking/one", "", "ask")
	require.NoError(t, err, "the workflow waits for its signal")

	// The signal comes from a process that still has its keys.
	elsewhere := &rig{vault: newVault(), namespace: r.namespace}
	elsewhere.vault.stored = r.vault.stored
	_, sender := elsewhere.client(t)
	r.vault.forget(errDown)
	_, err = r.sealed.QueryWorkflow(t.Context(), "booking/one", "", "ask")
	require.ErrorIs(t, err, errDown)
	before := r.vault.loadCount()
	require.NoError(t, sender.SignalWorkflow(t.Context(), "booking/one", "", "end", guest{marker}))
	require.Eventually(t, func() bool { return r.vault.loadCount() > before+2 }, time.Minute, 10*time.Millisecond,
		"the worker met the outage")
	described, err := r.plain.DescribeWorkflowExecution(t.Context(), "booking/one", "")
	require.NoError(t, err)
	require.Equal(t, "Running", described.GetWorkflowExecutionInfo().GetStatus().String())

	r.vault.forget(nil)
	var got guest
	require.NoError(t, run.Get(t.Context(), &got))
	require.Equal(t, marker, got.Mail)
	requireNoMarker(t, r.history(t, "booking/one"))
}

func TestOutageDuringAnActivityCostsOneAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	attempts := make(chan int32, 10)
	r.worker.RegisterActivityWithOptions(func(ctx context.Context, g guest) (guest, error) {
		attempt := activity.GetInfo(ctx).Attempt
		attempts <- attempt
		if attempt == 1 {
			r.vault.forget(errDown)
			activity.RecordHeartbeat(ctx, g)
		}
		return g, nil
	}, activity.RegisterOptions{Name: "Unlucky"})
	run, err := r.sealed.ExecuteWorkflow(t.Context(), options("booking/one"), "Unlucky", guest{marker})
	require.NoError(t, err)
	require.EqualValues(t, 1, <-attempts)
	require.Eventually(t, func() bool {
		d, err := r.plain.DescribeWorkflowExecution(t.Context(), "booking/one", "")
		return err == nil && len(d.PendingActivities) == 1 && d.PendingActivities[0].Attempt > 1
	}, 30*time.Second, 20*time.Millisecond, "the attempt fails at once and does not wait for its time-out")
	r.vault.forget(nil)
	var got guest
	require.NoError(t, run.Get(t.Context(), &got))
	require.Equal(t, marker, got.Mail)
	requireNoMarker(t, r.history(t, "booking/one"))
}

func TestOutageLosesNoTaskHandedOutEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	// The activity comes with the answer to the workflow task, not by a poll.
	r.worker.RegisterActivityWithOptions(func(context.Context) error { r.vault.cut(errDown); return nil }, activity.RegisterOptions{Name: "Cut"})
	r.worker.RegisterActivityWithOptions(func(context.Context) error { r.vault.cut(nil); return nil }, activity.RegisterOptions{Name: "Mend"})
	r.worker.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
		if err := workflow.ExecuteLocalActivity(local, "Cut").Get(ctx, nil); err != nil {
			return err
		}
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Hour})
		return workflow.ExecuteActivity(ctx, "Mend").Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "Early"})
	run, err := r.sealed.ExecuteWorkflow(t.Context(), options("booking/one"), "Early")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, run.Get(ctx, nil))
}

func TestPlaintextIsRefusedBothWays(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	_, err := r.sealed.WorkflowService().SignalWorkflowExecution(t.Context(), &workflowservice.SignalWorkflowExecutionRequest{
		Namespace: r.namespace, SignalName: "end", WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "booking/one"},
		Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"` + marker + `"`)}}},
	})
	require.ErrorContains(t, err, "not sealed")
	require.NotContains(t, err.Error(), marker)

	// Somebody without the plugin starts a workflow: the worker refuses its input.
	_, err = r.plain.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "booking/one", TaskQueue: "q"}, "Child", guest{"x"})
	require.NoError(t, err)
	err = r.sealed.GetWorkflow(t.Context(), "booking/one", "").Get(t.Context(), nil)
	require.ErrorContains(t, err, temporal.ErrPlaintext.Error())
}

func TestWorkflowWithoutAScopeIsNotSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	for _, id := range []string{"", "booking", "booking/"} {
		_, err := r.sealed.ExecuteWorkflow(t.Context(), options(id), "Child", guest{marker})
		require.ErrorIs(t, err, temporal.ErrNoScope, id)
	}
	_, err := r.sealed.ExecuteWorkflow(t.Context(), options("booking/nobody"), "Child", guest{marker})
	require.ErrorIs(t, err, temporal.ErrKeyUnknown)
	_, err = r.plain.DescribeWorkflowExecution(t.Context(), "booking/nobody", "")
	require.Error(t, err)
}

func TestPluginRefusesToBeHalfInPlace(t *testing.T) {
	t.Parallel()
	_, err := temporal.NewPlugin(temporal.Options{Namespace: "x"})
	require.Error(t, err)
	r := newRig(t, newVault("one"), worker.Options{})
	require.Panics(t, func() { worker.New(r.sealed, "q2", worker.Options{WorkflowPanicPolicy: worker.FailWorkflow}) })
	_, err = client.NewLazyClient(client.Options{Namespace: "another", Plugins: []client.Plugin{r.plugin}})
	require.ErrorContains(t, err, "another")
}
