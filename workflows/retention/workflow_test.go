//go:build unix

package retention_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/retention"
	rules "github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/retention"
)

// A stage plays the workflows in skipped time, with activities that only note
// what they are asked.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	planned   activities.Planned
	ready     error
	decisions []activities.Decision
	erased    []string
	ended     rules.State
	finished  int
}

func newStage(planned activities.Planned) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment(), planned: planned}
	retention.Register(s)
	activities.Register(s, new(activities.Activities))
	s.OnActivity(activities.WidenActivity, mock.Anything, mock.Anything).Return(0, nil)
	s.OnActivity(activities.PlanActivity, mock.Anything, mock.Anything).Return(func(context.Context, activities.Start) (activities.Planned, error) { return s.planned, nil })
	s.OnActivity(activities.DecideActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, d activities.Decision) error {
		s.decisions = append(s.decisions, d)
		return nil
	})
	s.OnActivity(activities.EndActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, e activities.Ending) error {
		s.ended = e.State
		return nil
	})
	s.OnActivity(activities.ReadyActivity, mock.Anything, mock.Anything).Return(func(context.Context, activities.RunRef) error { return s.ready })
	s.OnActivity(activities.EraseActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, e activities.Erasure) (rules.Step, error) {
		s.erased = append(s.erased, e.Store)
		return rules.Step{Store: e.Store, Erased: 5, Done: len(s.erased) > 1}, nil
	})
	s.OnActivity(activities.ShredActivity, mock.Anything, mock.Anything).Return(2, nil)
	s.OnActivity(activities.FinishActivity, mock.Anything, mock.Anything).Return(func(context.Context, activities.RunRef) (activities.Finished, error) {
		s.finished++
		return activities.Finished{State: rules.Done, Erased: 15}, nil
	})
	return s
}

func small() activities.Planned {
	return activities.Planned{Run: "run-1", State: rules.Planned, StartedBy: "schedule", Hash: "abc", Rows: 15, Stores: []string{"turn", "guest"}}
}

func large() activities.Planned {
	p := small()
	p.State = rules.Waiting
	return p
}

var input = retention.Input{Hotel: "hotel-aurora", Actor: "schedule"}

// play runs it and returns the result.
func (s *stage) play(t *testing.T, in retention.Input) retention.Result {
	t.Helper()
	s.ExecuteWorkflow(retention.RunName, in)
	require.NoError(t, s.GetWorkflowError())
	var result retention.Result
	require.NoError(t, s.GetWorkflowResult(&result))
	return result
}

// decide sends a decision after a while, and keeps what it was answered.
func (s *stage) decide(after time.Duration, d retention.Decision, into *error) {
	s.RegisterDelayedCallback(func() {
		s.UpdateWorkflow(retention.DecideUpdate, "", &testsuite.TestUpdateCallback{
			OnReject: func(err error) { *into = err }, OnAccept: func() {}, OnComplete: func(any, error) {},
		}, d)
	}, after)
}

func TestASmallRunNeedsNobody(t *testing.T) {
	t.Parallel()
	s := newStage(small())
	require.Equal(t, retention.Result{Run: "run-1", State: rules.Done, Planned: 15, Erased: 15, Keys: 2}, s.play(t, input))
	require.Equal(t, []string{"turn", "turn", "guest"}, s.erased)
}

func TestALargeRunWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	s := newStage(large())
	var same, other, late, good error
	s.decide(time.Hour, retention.Decision{Actor: "schedule", Hash: "abc"}, &same)
	s.decide(2*time.Hour, retention.Decision{Actor: "compliance:2", Hash: "another"}, &other)
	s.decide(3*time.Hour, retention.Decision{Actor: "compliance:2", Hash: "abc"}, &good)
	s.RegisterDelayedCallback(func() { require.Empty(t, s.erased) }, 170*time.Minute)
	require.Equal(t, rules.Done, s.play(t, input).State)
	require.ErrorContains(t, same, "another person")
	require.ErrorContains(t, other, "another plan")
	require.NoError(t, good)
	require.NoError(t, late)
	require.Len(t, s.decisions, 1)
	require.Equal(t, "compliance:2", s.decisions[0].Actor)
}

func TestARunThatIsRefusedErasesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(large())
	var err error
	s.decide(time.Hour, retention.Decision{Actor: "compliance:2", Refuse: true}, &err)
	require.Equal(t, rules.Refused, s.play(t, input).State)
	require.NoError(t, err)
	require.Empty(t, s.erased)
	require.Zero(t, s.finished)
}

func TestARunThatNobodyApprovesLapses(t *testing.T) {
	t.Parallel()
	s := newStage(large())
	began := s.Now()
	require.Equal(t, rules.Lapsed, s.play(t, input).State)
	require.Equal(t, rules.Lapsed, s.ended)
	require.GreaterOrEqual(t, s.Now().Sub(began), 14*24*time.Hour)
	require.Empty(t, s.erased)
}

func TestAPlanThatChangedErasesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(small())
	s.ready = temporal.NewNonRetryableApplicationError("changed", activities.TypeChanged, nil)
	require.Equal(t, rules.Changed, s.play(t, input).State)
	require.Equal(t, rules.Changed, s.ended)
	require.Empty(t, s.erased)
}

func TestALongRunContinuesAsNew(t *testing.T) {
	t.Parallel()
	s := newStage(small())
	in := input
	in.Slices = 2
	s.ExecuteWorkflow(retention.RunName, in)
	var next *workflow.ContinueAsNewError
	require.True(t, errors.As(s.GetWorkflowError(), &next), "%v", s.GetWorkflowError())
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	require.Equal(t, []string{"guest"}, in.Left)
	require.Equal(t, "run-1", in.Plan.Run)
	s = newStage(activities.Planned{})
	s.erased = []string{"before"}
	require.Equal(t, rules.Done, s.play(t, in).State)
	require.Equal(t, []string{"before", "guest"}, s.erased)
}

func TestARunOfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(small())
	s.ExecuteWorkflow(retention.RunName, retention.Input{Hotel: "hotel-aurora"})
	require.ErrorContains(t, s.GetWorkflowError(), "who started it")
}
