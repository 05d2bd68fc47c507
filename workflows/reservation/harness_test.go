package reservation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/reservation"
)

const hotel = "hotel-aurora"

// A stage plays a workflow in skipped time, with activities that the test
// answers.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	t     testing.TB
	in    reservation.Input
	began time.Time

	mu    sync.Mutex
	calls []string
}

func newStage(t testing.TB) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment(), t: t}
	s.in = reservation.Input{Hotel: hotel, Vendor: "apaleo", Booking: ledger.NewID()}
	reservation.Register(s.TestWorkflowEnvironment)
	booking.RegisterPMS(s, new(booking.Activities))
	booking.RegisterLocal(s, new(booking.Activities))
	s.began = s.Now()
	return s
}

// reopen begins with a booking that the ledger has in this state.
func (s *stage) reopen(state ledger.State, version int64) {
	s.in.Reopened = true
	s.onLoad(func() (booking.Outcome, error) { return booking.Outcome{State: state, Version: version}, nil })
}

func (s *stage) onLoad(answer func() (booking.Outcome, error)) {
	s.OnActivity(booking.LoadActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, r booking.Ref) (booking.Outcome, error) {
		s.called(booking.LoadActivity)
		return answer()
	}).Maybe()
}

// onWrite answers an activity that carries an intent out, after it took as
// long as it takes.
func (s *stage) onWrite(name string, takes time.Duration, answer func(booking.Write) (booking.Outcome, error)) {
	s.OnActivity(name, mock.Anything, mock.Anything).Return(func(_ context.Context, w booking.Write) (booking.Outcome, error) {
		s.called(name)
		return answer(w)
	}).After(takes).Maybe()
}

// onChange answers Amend or Revert.
func (s *stage) onChange(name string, answer func(booking.Change) (booking.Outcome, error)) {
	s.OnActivity(name, mock.Anything, mock.Anything).Return(func(_ context.Context, c booking.Change) (booking.Outcome, error) {
		s.called(fmt.Sprintf("%s %d", name, c.Stay))
		return answer(c)
	}).Maybe()
}

// onRefresh answers a reading of the hotel's news.
func (s *stage) onRefresh(answer func(booking.Ref) (booking.Outcome, error)) {
	s.OnActivity(booking.RefreshActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, r booking.Ref) (booking.Outcome, error) {
		s.called(booking.RefreshActivity)
		return answer(r)
	}).Maybe()
}

// becomes answers a write with a state, under the version it came with.
func becomes(state ledger.State) func(booking.Write) (booking.Outcome, error) {
	return func(w booking.Write) (booking.Outcome, error) {
		return booking.Outcome{State: state, Version: w.Version}, nil
	}
}

func (s *stage) called(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
}

// at does something at a moment of the workflow's time.
func (s *stage) at(after time.Duration, do func()) { s.RegisterDelayedCallback(do, after) }

// An answer is what came of an update. It implements the SDK's callbacks.
type answer struct {
	rejected, failed error
	accepted, done   bool
	out              booking.Outcome
	at               time.Duration
	now              func() time.Duration
}

func (a *answer) Accept()          { a.accepted = true }
func (a *answer) Reject(err error) { a.rejected = err }
func (a *answer) Complete(value any, err error) {
	a.done, a.failed, a.at = true, err, a.now()
	if out, ok := value.(booking.Outcome); ok {
		a.out = out
	}
}

// update sends an update with a fresh intent at a moment.
func (s *stage) update(after time.Duration, name string) *answer {
	return s.repeat(after, name, ledger.NewID())
}

// repeat sends an update under an id of its own.
func (s *stage) repeat(after time.Duration, name, id string) *answer {
	return s.send(after, name, id, reservation.Request{Intent: ledger.NewID()})
}

func (s *stage) modify(after time.Duration, stays int) *answer {
	return s.send(after, reservation.UpdateModify, ledger.NewID(), reservation.Request{Intent: ledger.NewID(), Stays: stays})
}

func (s *stage) send(after time.Duration, name, id string, req reservation.Request) *answer {
	a := &answer{now: s.elapsed}
	s.at(after, func() { s.UpdateWorkflow(name, id, a, req) })
	return a
}

func (s *stage) elapsed() time.Duration { return s.Now().Sub(s.began) }

// play runs the workflow to its end and returns the activities it called and
// the time it took.
func (s *stage) play() ([]string, time.Duration) {
	s.t.Helper()
	s.ExecuteWorkflow(reservation.Name, s.in)
	require.True(s.t, s.IsWorkflowCompleted())
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.elapsed()
}

// outcome is what the workflow returned.
func (s *stage) outcome() booking.Outcome {
	s.t.Helper()
	require.NoError(s.t, s.GetWorkflowError())
	var out booking.Outcome
	require.NoError(s.t, s.GetWorkflowResult(&out))
	return out
}

// continued is what the workflow handed over, and how the next run begins.
func (s *stage) continued() (reservation.Input, workflow.ContinueAsNewVersioningBehavior) {
	s.t.Helper()
	var next *workflow.ContinueAsNewError
	require.True(s.t, errors.As(s.GetWorkflowError(), &next), "%v", s.GetWorkflowError())
	var in reservation.Input
	require.NoError(s.t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	return in, next.InitialVersioningBehavior
}

// refused expects an error of the type.
func refused(t testing.TB, err error, kind string) {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind, failed.Type())
	require.True(t, failed.NonRetryable())
}
