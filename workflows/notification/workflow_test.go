package notification_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
)

// A stage plays the workflow in skipped time, with activities that the test
// answers by message.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	mu      sync.Mutex
	calls   []string
	deliver func(message string) (notification.Delivery, error)
	unsent  func(message string) (notification.Outcome, error)
}

func newStage() *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment()}
	messageflow.Register(s)
	s.RegisterActivityWithOptions(func(_ context.Context, ref notification.MessageRef) (notification.Delivery, error) {
		s.called("deliver " + ref.Message)
		return s.deliver(ref.Message)
	}, activity.RegisterOptions{Name: notification.DeliverActivity})
	s.RegisterActivityWithOptions(func(_ context.Context, ref notification.MessageRef) (notification.Outcome, error) {
		s.called("unsent " + ref.Message)
		return s.unsent(ref.Message)
	}, activity.RegisterOptions{Name: notification.UnsentActivity})
	return s
}

func (s *stage) called(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, what)
}

func (s *stage) play(t *testing.T) messageflow.Result {
	t.Helper()
	s.ExecuteWorkflow(messageflow.Name, notification.MessageRef{Hotel: "hotel-aurora", Message: "1"})
	require.True(t, s.IsWorkflowCompleted())
	require.NoError(t, s.GetWorkflowError())
	var result messageflow.Result
	require.NoError(t, s.GetWorkflowResult(&result))
	return result
}

// becomes answers every delivery with a state.
func becomes(state notification.State, problem string) func(string) (notification.Delivery, error) {
	return func(string) (notification.Delivery, error) {
		return notification.Delivery{State: state, Problem: problem}, nil
	}
}

func nobody(string) (notification.Outcome, error) { return notification.Outcome{}, nil }

func TestWhatIsSettledIsAll(t *testing.T) {
	t.Parallel()
	for state, problem := range map[notification.State]string{notification.Sent: "", notification.Skipped: "superseded"} {
		s := newStage()
		s.deliver, s.unsent = becomes(state, problem), nobody
		require.Equal(t, messageflow.Result{Message: "1", State: state, Problem: problem}, s.play(t))
		require.Equal(t, []string{"deliver 1"}, s.calls)
	}
}

func TestAFailedMessageGoesByTheNextChannel(t *testing.T) {
	t.Parallel()
	s := newStage()
	s.deliver = func(message string) (notification.Delivery, error) {
		if message == "1" {
			return notification.Delivery{State: notification.Failed, Problem: "address"}, nil
		}
		return notification.Delivery{State: notification.Sent}, nil
	}
	s.unsent = func(string) (notification.Outcome, error) { return notification.Outcome{Message: "2"}, nil }
	require.Equal(t, messageflow.Result{Message: "2", State: notification.Sent}, s.play(t))
	require.Equal(t, []string{"deliver 1", "unsent 1", "deliver 2"}, s.calls)
}

func TestChannelsComeToAnEnd(t *testing.T) {
	t.Parallel()
	s := newStage()
	s.deliver = becomes(notification.Failed, "address")
	s.unsent = func(string) (notification.Outcome, error) { return notification.Outcome{Message: "2"}, nil }
	require.Equal(t, notification.Failed, s.play(t).State)
	require.Len(t, s.calls, 6)
}

func TestWhatIsNotSentIsSeenTo(t *testing.T) {
	t.Parallel()
	refused := func(kind string) func(string) (notification.Delivery, error) {
		return func(string) (notification.Delivery, error) {
			return notification.Delivery{}, temporal.NewNonRetryableApplicationError("no", kind, nil)
		}
	}
	for name, tc := range map[string]struct {
		deliver func(string) (notification.Delivery, error)
		problem string
	}{
		"nobody can tell":   {becomes(notification.Unknown, "lost"), "lost"},
		"it was erased":     {refused(notification.TypeUnknownMessage), notification.TypeUnknownMessage},
		"the hotel is gone": {refused(notification.TypeUnknownHotel), notification.TypeUnknownHotel},
		"the relay stays away": {func(string) (notification.Delivery, error) {
			return notification.Delivery{}, temporal.NewApplicationError("away", "unreachable", nil)
		}, "unreachable"},
	} {
		s := newStage()
		s.deliver, s.unsent = tc.deliver, nobody
		require.Equal(t, tc.problem, s.play(t).Problem, name)
		require.Equal(t, "unsent 1", s.calls[len(s.calls)-1], name)
	}
}

func TestAnOperatorEndsADelivery(t *testing.T) {
	t.Parallel()
	s := newStage()
	s.deliver = func(string) (notification.Delivery, error) { return notification.Delivery{}, errors.New("away") }
	s.unsent = nobody
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Minute)
	s.ExecuteWorkflow(messageflow.Name, notification.MessageRef{Hotel: "hotel-aurora", Message: "1"})
	require.True(t, temporal.IsCanceledError(s.GetWorkflowError()))
	require.NotContains(t, s.calls, "unsent 1")
}

func TestTheInputIsChecked(t *testing.T) {
	t.Parallel()
	for _, ref := range []notification.MessageRef{{}, {Hotel: "hotel-aurora"}, {Message: "1"}} {
		s := newStage()
		s.ExecuteWorkflow(messageflow.Name, ref)
		var failed *temporal.ApplicationError
		require.ErrorAs(t, s.GetWorkflowError(), &failed)
		require.Equal(t, messageflow.RefusedRequest, failed.Type())
	}
}
