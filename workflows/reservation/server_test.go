package reservation_test

import (
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	sealing "github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// noSticky, set in a process of its own, makes every workflow task a replay.
const noSticky = "VOICEHIVE_TEST_NO_STICKY"

func TestMain(m *testing.M) {
	if os.Getenv(noSticky) != "" {
		worker.SetStickyWorkflowCacheSize(0)
	}
	os.Exit(m.Run())
}

// A theatre plays the workflow on a real server, with real activities.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t      testing.TB
	timing reservation.Timing
	// tell has guests told; told are the messages that were queued.
	tell bool
	told chan notification.Notice
	// mute has messages refused for good; left are those left to a person.
	mute atomic.Bool
	left chan notification.Notice
}

func newTheatre(t testing.TB, keys sealing.Keys) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), keys), t: t, told: make(chan notification.Notice, 10), left: make(chan notification.Notice, 10)}
	flow := worker.New(th.Client, reservation.TaskQueue, worker.Options{Identity: "test", LocalActivityWorkerOnly: true})
	reservation.Register(flow)
	booking.RegisterLocal(flow, h.Activities)
	pmsCalls := worker.New(th.Client, reservation.PMSQueue("apaleo"), worker.Options{Identity: "test", DisableWorkflowWorker: true})
	booking.RegisterPMS(pmsCalls, h.Activities)
	messages := worker.New(th.Client, notification.TaskQueue, worker.Options{Identity: "test", DisableWorkflowWorker: true})
	registerConfirm(messages, func(_ context.Context, n notification.Notice) (notification.Outcome, error) {
		if th.mute.Load() {
			return notification.Outcome{}, temporal.NewNonRetryableApplicationError("no such hotel", notification.TypeUnknownHotel, nil)
		}
		th.told <- n
		return notification.Outcome{Message: ledger.NewID()}, nil
	})
	registerUntold(messages, func(_ context.Context, n notification.Notice) error {
		th.left <- n
		return nil
	})
	for _, w := range []worker.Worker{flow, pmsCalls, messages} {
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
	return th
}

// update sends a write's update, and starts its workflow where none runs.
func (th *theatre) update(name string, w booking.Write, stays int) (booking.Outcome, error) {
	th.t.Helper()
	return th.send(name, w, reservation.Request{Intent: w.Intent, Stays: stays})
}

// rebook has the booking's reservation replaced by a longer one.
func (th *theatre) rebook(id string) booking.Outcome {
	th.t.Helper()
	w := th.AskAnew(th.t, id)
	out, err := th.send(reservation.UpdateModify, w, reservation.Request{Intent: w.Intent, Stays: 1, Rebook: true})
	require.NoError(th.t, err)
	return out
}

func (th *theatre) send(name string, w booking.Write, req reservation.Request) (booking.Outcome, error) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	req.Tell = th.tell
	start := client.StartWorkflowOptions{
		ID: reservation.WorkflowID(w.Hotel, w.Booking), TaskQueue: reservation.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			reservation.HotelAttribute.ValueSet(w.Hotel), reservation.VendorAttribute.ValueSet("apaleo"),
			reservation.StateAttribute.ValueSet(string(ledger.Pending)), reservation.ArrivalAttribute.ValueSet(time.Now()),
		),
	}
	input := reservation.Input{
		Hotel: w.Hotel, Vendor: "apaleo", Booking: w.Booking, Timing: th.timing, Reopened: name != reservation.UpdateBook,
	}
	handle, err := th.Client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: th.Client.NewWithStartWorkflowOperation(start, reservation.Name, input),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: base64.RawURLEncoding.EncodeToString([]byte(w.Intent)), WorkflowID: start.ID, UpdateName: name,
			Args: []any{req}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return booking.Outcome{}, err
	}
	var out booking.Outcome
	return out, handle.Get(ctx, &out)
}

// must is update without an error.
func (th *theatre) must(name string, w booking.Write, stays int) booking.Outcome {
	th.t.Helper()
	out, err := th.update(name, w, stays)
	require.NoError(th.t, err)
	return out
}

// book asks for rooms and returns the write and what came of it.
func (th *theatre) book(hold bool, rooms ...string) (booking.Write, booking.Outcome) {
	th.t.Helper()
	var offers []pms.Offer
	for _, room := range rooms {
		offers = append(offers, th.Offer(th.t, room))
	}
	w := th.Ask(th.t, hold, offers...)
	return w, th.must(reservation.UpdateBook, w, len(rooms))
}

func (th *theatre) modify(id string) booking.Outcome {
	th.t.Helper()
	quote := th.Change(th.t, id, bookingtest.Longer)
	return th.must(reservation.UpdateModify, th.Want(th.t, ledger.Modify, id, quote), len(th.Entry(th.t, id).Stays))
}

func (th *theatre) cancel(id string) booking.Outcome {
	th.t.Helper()
	return th.must(reservation.UpdateCancel, th.Want(th.t, ledger.Cancel, id, ""), 0)
}

// closed waits until no run of the booking is open.
func (th *theatre) closed(id string) {
	th.t.Helper()
	require.Eventually(th.t, func() bool {
		d, err := th.Plain.DescribeWorkflowExecution(th.t.Context(), reservation.WorkflowID(th.Hotel.ID, id), "")
		return err == nil && d.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING
	}, time.Minute, 50*time.Millisecond)
}

// history reads a run as the server has it: sealed. An empty run is the last.
func (th *theatre) history(id, run string) *historypb.History {
	th.t.Helper()
	history := &historypb.History{}
	events := th.Plain.GetWorkflowHistory(th.t.Context(), reservation.WorkflowID(th.Hotel.ID, id), run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(th.t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

// TestLife books, modifies and cancels on a real server, and looks at what the
// server can see of it.
func TestLife(t *testing.T) {
	t.Parallel()
	th := newTheatre(t, nil)
	w, booked := th.book(false, sandbox.Double, sandbox.Single)
	require.Equal(t, ledger.Confirmed, booked.State)
	id := reservation.WorkflowID(w.Hotel, w.Booking)
	require.NoError(t, th.Client.SignalWorkflow(t.Context(), id, "", reservation.SignalUpgrade, nil))
	require.Eventually(t, func() bool { return th.firstEvent(id).GetContinuedExecutionRunId() != "" }, time.Minute, 50*time.Millisecond)
	described, err := th.Plain.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	require.Equal(t, []string{"Arrival", "BookingState", "Hotel", "Vendor"}, attributes(described), "the next run keeps them")

	changed := th.modify(w.Booking)
	require.Equal(t, ledger.Confirmed, changed.State)
	require.Equal(t, booked, th.must(reservation.UpdateBook, w, 2), "a repeat across runs is answered from the state")
	require.Equal(t, 1, th.Requests("createBooking"))
	require.Equal(t, ledger.Cancelled, th.cancel(w.Booking).State)
	require.Equal(t, 2, th.Vendor.Count(sandbox.Canceled))
	th.closed(w.Booking)

	first := described.GetWorkflowExecutionInfo().GetFirstRunId()
	for _, run := range []string{first, ""} {
		history := th.history(w.Booking, run)
		requireSealed(t, history)
	}
	described, err = th.Plain.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	require.Equal(t, `"cancelled"`, string(described.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()["BookingState"].GetData()))
	require.NotContains(t, th.Log.String(), bookingtest.Marker)
}

// firstEvent is how the booking's last run began.
func (th *theatre) firstEvent(id string) *historypb.WorkflowExecutionStartedEventAttributes {
	events := th.Plain.GetWorkflowHistory(th.t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	event, err := events.Next()
	if err != nil {
		return nil
	}
	return event.GetWorkflowExecutionStartedEventAttributes()
}

func attributes(d *workflowservice.DescribeWorkflowExecutionResponse) []string {
	var names []string
	for name := range d.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields() {
		if slices.Contains([]string{"Hotel", "Vendor", "BookingState", "Arrival"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// requireSealed holds every payload of a history against the rule that only
// search attributes can be read.
func requireSealed(t testing.TB, history *historypb.History) {
	t.Helper()
	text, err := protojson.Marshal(history)
	require.NoError(t, err)
	for _, plain := range []string{bookingtest.Marker, base64.StdEncoding.EncodeToString([]byte(bookingtest.Marker))} {
		require.NotContains(t, string(text), plain)
	}
	sealed := 0
	for _, event := range history.Events {
		payloads := slices.Concat(
			event.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads(),
			event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetArgs().GetPayloads(),
			event.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome().GetSuccess().GetPayloads(),
			event.GetActivityTaskScheduledEventAttributes().GetInput().GetPayloads(),
			event.GetActivityTaskCompletedEventAttributes().GetResult().GetPayloads(),
			event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetInput().GetPayloads(),
			event.GetWorkflowExecutionCompletedEventAttributes().GetResult().GetPayloads(),
		)
		if summary := event.GetUserMetadata().GetSummary(); summary != nil {
			payloads = append(payloads, summary)
		}
		for _, p := range payloads {
			require.Equal(t, "binary/encrypted", encoding(p), event.GetEventType())
			sealed++
		}
	}
	require.Greater(t, sealed, 4)
}

func encoding(p *commonpb.Payload) string { return string(p.GetMetadata()["encoding"]) }

// TestBookingNeedsNoTimerBeforeItsAnswer: a timer that the first task started
// would cost every booking two events.
func TestBookingNeedsNoTimerBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	th := newTheatre(t, nil)
	w, _ := th.book(false, sandbox.Double)
	answered := false
	for _, event := range th.history(w.Booking, "").Events {
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
			answered = true
		case enums.EVENT_TYPE_TIMER_STARTED:
			require.True(t, answered, "a timer was started before the answer")
		case enums.EVENT_TYPE_TIMER_CANCELED:
			t.Error("a timer was started in vain")
		}
	}
	require.True(t, answered)
}

func TestOperatorsCancellationOnAServer(t *testing.T) {
	t.Parallel()
	th := newTheatre(t, nil)
	th.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "createBooking", Count: 1})
	w := th.Ask(t, true, th.Offer(t, sandbox.Double))
	answered := make(chan booking.Outcome, 1)
	go func() {
		out, _ := th.update(reservation.UpdateBook, w, 1)
		answered <- out
	}()
	_, err := th.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	require.NoError(t, th.Client.CancelWorkflow(t.Context(), reservation.WorkflowID(w.Hotel, w.Booking), ""))
	th.Vendor.Release("")
	require.Equal(t, ledger.Held, (<-answered).State)
	th.closed(w.Booking)
	require.Equal(t, ledger.Released, th.Entry(t, w.Booking).State)
	require.Equal(t, 1, th.Vendor.Count(sandbox.Canceled))
}

// TestWithoutStickyCache plays the life once more in a process whose worker
// replays every task.
func TestWithoutStickyCache(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLife$", "-test.v")
	child.Env = append(os.Environ(), noSticky+"=1")
	output, err := child.CombinedOutput()
	require.NoError(t, err, string(output))
	require.True(t, strings.Contains(string(output), "--- PASS: TestLife"), string(output))
}
