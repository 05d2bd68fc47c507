package dsar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/dsar"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
)

// A month runs a case's workflow with a clock that does not wait.
type month struct {
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	begun activities.Begun
	// marks, erasures and told are what happened, and when.
	marks    []time.Time
	erasures []time.Time
	told     []letters.Kind
	closed   []activities.Closing
	// stay is when the stay that is in the way ends.
	stay time.Time
}

// received is when every case of these tests came in.
var received = time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC)

func newMonth(t *testing.T, kind rights.Kind) *month {
	t.Helper()
	return &month{t: t, begun: activities.Begun{
		Kind: kind, State: rights.Received, Match: rights.KnownPerson, Clock: rights.Deadline(received, time.UTC, 48*time.Hour),
	}}
}

// run plays one run from a moment on, with what is done at other moments, and
// returns what the next one would begin with; nil when the case is closed.
func (m *month) run(from time.Time, in dsar.Input, acts map[time.Time]func()) *dsar.Input {
	m.t.Helper()
	m.env = temporaltest.Environment()
	m.env.SetStartTime(from)
	dsar.Register(m.env)
	m.register()
	for at, act := range acts {
		m.env.RegisterDelayedCallback(act, at.Sub(from))
	}
	m.env.ExecuteWorkflow(dsar.Name, in)
	require.True(m.t, m.env.IsWorkflowCompleted())
	var anew *workflow.ContinueAsNewError
	if !errors.As(m.env.GetWorkflowError(), &anew) {
		require.NoError(m.t, m.env.GetWorkflowError())
		return nil
	}
	var next dsar.Input
	require.NoError(m.t, converter.GetDefaultDataConverter().FromPayloads(anew.Input, &next))
	return &next
}

// register stands in for everything that the workflow calls.
func (m *month) register() {
	stands := map[string]any{
		activities.BeginActivity: func(context.Context, activities.Ref) (activities.Begun, error) { return m.begun, nil },
		activities.FindActivity: func(context.Context, activities.Ref) (activities.Found, error) {
			return activities.Found{Known: true, Scopes: 1}, nil
		},
		activities.MoveActivity:   func(context.Context, activities.Move) error { return nil },
		activities.DeferActivity:  func(context.Context, activities.Deferral) error { return nil },
		activities.ExtendActivity: func(context.Context, activities.Extension) error { return nil },
		activities.CloseActivity: func(_ context.Context, c activities.Closing) error {
			m.closed = append(m.closed, c)
			return nil
		},
		activities.LetterActivity: func(_ context.Context, l activities.Letter) (activities.Queued, error) {
			m.told = append(m.told, l.Kind)
			return activities.Queued{Message: ulid.Make().String()}, nil
		},
		activities.MarkActivity: func(context.Context, activities.Mark) (activities.Added, error) {
			m.marks = append(m.marks, m.env.Now().UTC())
			return activities.Added{Task: ulid.Make().String()}, nil
		},
		activities.ApproveActivity: func(context.Context, activities.ActRef) (activities.Counted, error) {
			return activities.Counted{People: 1}, nil
		},
	}
	for name, f := range stands {
		m.env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	m.env.RegisterWorkflowWithOptions(func(workflow.Context, notification.MessageRef) (messageflow.Result, error) {
		return messageflow.Result{State: notification.Sent}, nil
	}, workflow.RegisterOptions{Name: messageflow.Name})
	m.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ eraseflow.Input) (eraseflow.Result, error) {
		m.erasures = append(m.erasures, workflow.Now(ctx).UTC())
		if workflow.Now(ctx).Before(m.stay) {
			return eraseflow.Result{State: eraseflow.Deferred, DeferredUntil: m.stay.Format(time.RFC3339)}, nil
		}
		return eraseflow.Result{State: eraseflow.Erased, Certificate: "C"}, nil
	}, workflow.RegisterOptions{Name: eraseflow.Name})
}

// act sends an act, and expects it to be accepted or refused as a kind.
func (m *month) act(update string, kind rights.ActKind, actor string, accepted bool) {
	id := ulid.Make().String()
	m.env.UpdateWorkflow(update, id, &testsuite.TestUpdateCallback{
		OnAccept: func() { require.True(m.t, accepted, "%s is accepted", update) },
		OnReject: func(err error) { require.False(m.t, accepted, "%s: %v", update, err) },
		OnComplete: func(_ any, err error) {
			require.NoError(m.t, err)
		},
	}, dsar.Act{ID: id, Kind: kind, Actor: actor})
}

func anInput() dsar.Input { return dsar.Input{Hotel: "hotel-aurora", Case: ulid.Make().String()} }

// TestTheClockRunsForAMonth: nobody does anything, and at 50, 75, 90 and 95 % of
// the time somebody hears of it. After the due date nothing is extended any more;
// a refusal is late, and better than no answer.
func TestTheClockRunsForAMonth(t *testing.T) {
	t.Parallel()
	m := newMonth(t, rights.Access)
	due := m.begun.Clock.Due
	require.Nil(t, m.run(received, anInput(), map[time.Time]func(){
		due.Add(time.Minute): func() {
			m.act(dsar.UpdateExtend, rights.ActExtended, one, false)
		},
		due.Add(time.Hour): func() { m.act(dsar.UpdateRefuse, rights.ActRefused, one, true) },
	}))
	var want []time.Time
	for _, mark := range m.begun.Clock.Marks {
		want = append(want, mark.At)
	}
	require.Equal(t, want, m.marks)
	require.Equal(t, []letters.Kind{letters.KindReceipt, letters.KindRefusal}, m.told)
	require.Len(t, m.closed, 1)
	require.Equal(t, rights.Refused, m.closed[0].State)
}

// TestAnExtensionOnTheLastDay gives the clock two more months: the marks that
// lie behind are not told again.
func TestAnExtensionOnTheLastDay(t *testing.T) {
	t.Parallel()
	m := newMonth(t, rights.Access)
	due, extended := m.begun.Clock.Due, m.begun.Clock.Extended
	require.Nil(t, m.run(received, anInput(), map[time.Time]func(){
		due.Add(-time.Minute):   func() { m.act(dsar.UpdateExtend, rights.ActExtended, one, true) },
		due.Add(time.Minute):    func() { m.act(dsar.UpdateExtend, rights.ActExtended, one, false) },
		extended.Add(time.Hour): func() { m.act(dsar.UpdateWithdraw, rights.ActWithdrawn, one, true) },
	}))
	require.Len(t, m.marks, 8, "four of the month and four of the three")
	for i, mark := range m.begun.Clock.ExtendedMarks {
		require.Equal(t, mark.At, m.marks[4+i])
	}
}

// TestAStayInHalfAYear is waited for over many runs, and what was agreed holds.
func TestAStayInHalfAYear(t *testing.T) {
	t.Parallel()
	m := newMonth(t, rights.Erasure)
	m.begun.Proof, m.begun.Approvers = rights.ByCode, []string{one}
	m.stay = received.AddDate(0, 6, 0)
	from, in := received, anInput()
	next := m.run(from, in, map[time.Time]func(){
		received.Add(time.Hour): func() { m.act(dsar.UpdateApprove, rights.ActApproved, two, true) },
	})
	runs := 1
	for ; next != nil; runs++ {
		require.Less(t, runs, 20)
		require.NotNil(t, next.State)
		from = m.env.Now()
		next = m.run(from, *next, nil)
	}
	require.Greater(t, runs, 2, "a long wait is told to a fresh run early")
	require.Len(t, m.closed, 1)
	require.Equal(t, "C", m.closed[0].Certificate)
	last := m.erasures[len(m.erasures)-1]
	require.WithinDuration(t, m.stay, last, time.Minute, "as soon as the stay is over")
	require.Greater(t, len(m.erasures), 150, "each day it looks whether the stay was cancelled")
	require.Equal(t, 1, count(m.told, letters.KindDeferral), "the requester hears of it once")
	require.Equal(t, 1, count(m.told, letters.KindReceipt))
	require.Len(t, m.marks, 4, "the clock goes on over all runs")
}

func count(told []letters.Kind, kind letters.Kind) (n int) {
	for _, one := range told {
		if one == kind {
			n++
		}
	}
	return n
}
