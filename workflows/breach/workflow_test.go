package breach_test

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
	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/breach"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	breachflow "github.com/voicehive/voicehive/workflows/breach"
)

// A stage plays a clock in skipped time.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	mu     sync.Mutex
	began  time.Time
	duties breach.Duties
	looks  int
	tells  int
	told   func() (activities.Told, error)
	// reminders are what somebody was reminded of, and when after the beginning.
	reminders []reminder
}

type reminder struct {
	clock   breach.Clock
	percent int
	after   time.Duration
}

// newStage begins a clock of a breach that somebody has been aware of for so
// long, with a hotel to be told.
func newStage(aware time.Duration) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment()}
	s.began = s.Now()
	s.duties = breach.Duties{Aware: s.began.Add(-aware), Untold: 1, Due: map[breach.Clock]time.Time{
		breach.TellControllers: s.began.Add(24*time.Hour - aware), breach.TellAuthority: s.began.Add(72*time.Hour - aware),
	}}
	s.told = func() (activities.Told, error) {
		s.duties.Untold = 0
		delete(s.duties.Due, breach.TellControllers)
		return activities.Told{Hotels: 1}, nil
	}
	s.RegisterWorkflowWithOptions(breachflow.Breach, workflow.RegisterOptions{Name: breachflow.Name})
	s.RegisterActivityWithOptions(func(context.Context, activities.Ref) (breach.Duties, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.looks++
		return s.duties, nil
	}, activity.RegisterOptions{Name: activities.DutiesActivity})
	s.RegisterActivityWithOptions(func(context.Context, activities.Ref) (activities.Told, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tells++
		return s.told()
	}, activity.RegisterOptions{Name: activities.TellActivity})
	s.RegisterActivityWithOptions(func(_ context.Context, r activities.Reminder) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reminders = append(s.reminders, reminder{r.Clock, r.Percent, s.Now().Sub(s.began).Round(time.Minute)})
		return nil
	}, activity.RegisterOptions{Name: activities.RemindActivity})
	return s
}

// at changes the register so long after the beginning, and says so unless the
// word is lost.
func (s *stage) at(after time.Duration, lost bool, change func(*breach.Duties)) {
	s.RegisterDelayedCallback(func() {
		s.mu.Lock()
		change(&s.duties)
		s.mu.Unlock()
		if !lost {
			s.SignalWorkflow(breachflow.SignalChanged, nil)
		}
	}, after)
}

func (s *stage) play(t *testing.T) (result breachflow.Result) {
	t.Helper()
	s.ExecuteWorkflow(breachflow.Name, breachflow.Input{Breach: "01JD3Z8Q4X0000000000000000"})
	require.True(t, s.IsWorkflowCompleted())
	require.NoError(t, s.GetWorkflowError())
	require.NoError(t, s.GetWorkflowResult(&result))
	return result
}

func closed(d *breach.Duties) { *d = breach.Duties{Closed: true} }

func authorityTold(d *breach.Duties) { delete(d.Due, breach.TellAuthority) }

const hour, day = time.Hour, 24 * time.Hour

func TestTheHotelsAreToldAtOnceAndTheAuthoritysClockIsWatched(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.at(70*hour, false, authorityTold)
	s.at(30*day, false, closed)
	result := s.play(t)
	require.Equal(t, 1, s.tells)
	require.Equal(t, []reminder{
		{breach.TellAuthority, 50, 36 * hour}, {breach.TellAuthority, 75, 54 * hour}, {breach.TellAuthority, 90, 64*hour + 48*time.Minute},
		{breach.Finish, 0, 7 * day}, {breach.Finish, 0, 14 * day}, {breach.Finish, 0, 21 * day}, {breach.Finish, 0, 28 * day},
	}, s.reminders)
	require.Equal(t, 7, result.Reminders)
}

// TestWhatIsLateIsToldOnce: who learns late of a breach gets one reminder of
// each clock and not four, and the end of the time is told too.
func TestWhatIsLateIsToldOnce(t *testing.T) {
	t.Parallel()
	s := newStage(60 * hour)
	s.told = func() (activities.Told, error) { return activities.Told{Left: 1}, nil }
	s.at(3*day, false, closed)
	s.play(t)
	require.Equal(t, 1, s.tells, "a hotel that cannot be told so is not tried again and again")
	require.Equal(t, []reminder{
		{breach.TellControllers, 0, 0}, {breach.TellControllers, 100, 0}, {breach.TellAuthority, 75, 0},
		{breach.TellAuthority, 90, 4*hour + 48*time.Minute}, {breach.TellAuthority, 100, 12 * hour},
	}, s.reminders)
}

// TestALostWordCostsNothing: the register is read before anybody is reminded.
func TestALostWordCostsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.at(hour, true, authorityTold)
	s.at(40*hour, true, closed)
	s.play(t)
	require.Empty(t, s.reminders)
	require.Less(t, s.Now().Sub(s.began), 8*day, "it looks by itself")
}

// TestAHotelThatIsFoundLaterIsToldToo.
func TestAHotelThatIsFoundLaterIsToldToo(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.at(hour, false, func(d *breach.Duties) { d.Untold, d.Due[breach.TellControllers] = 2, s.began.Add(24*hour) })
	s.at(2*hour, false, closed)
	s.play(t)
	require.Equal(t, 2, s.tells)
	require.Empty(t, s.reminders)
}

// TestMailThatIsDownIsAPersonsMatter: after an hour, and the clock runs on.
func TestMailThatIsDownIsAPersonsMatter(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.told = func() (activities.Told, error) { return activities.Told{}, errors.New("the relay is away") }
	s.at(13*hour, false, closed)
	s.play(t)
	require.Greater(t, s.tells, 5)
	require.Len(t, s.reminders, 2)
	require.Equal(t, breach.TellControllers, s.reminders[0].clock)
	require.Zero(t, s.reminders[0].percent)
	require.LessOrEqual(t, s.reminders[0].after, hour)
	require.Equal(t, reminder{breach.TellControllers, 50, 12 * hour}, s.reminders[1])
}

func TestALongBreachContinuesAsNew(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.at(hour, false, authorityTold)
	s.ExecuteWorkflow(breachflow.Name, breachflow.Input{Breach: "01JD3Z8Q4X0000000000000000"})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.GetWorkflowError(), &next)
	require.Greater(t, s.Now().Sub(s.began), 4*365*day)
	require.GreaterOrEqual(t, len(s.reminders), 200)
}

func TestAnInputWithoutABreachIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(0)
	s.ExecuteWorkflow(breachflow.Name, breachflow.Input{})
	var refused *temporal.ApplicationError
	require.ErrorAs(t, s.GetWorkflowError(), &refused)
	require.Equal(t, breachflow.RefusedRequest, refused.Type())
}
