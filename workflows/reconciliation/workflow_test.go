package reconciliation_test

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

	hotels "github.com/voicehive/voicehive/activities/connection"
	activities "github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workflows/reconciliation"
)

// A stage plays the workflow in skipped time.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	mu    sync.Mutex
	calls []string
}

// batchAnswer is what a test answers a batch with.
type batchAnswer func(activity string, b activities.Batch) (activities.Report, error)

func newStage(count int, answer batchAnswer) *stage {
	s := &stage{TestWorkflowEnvironment: temporaltest.Environment()}
	reconciliation.Register(s)
	hotels.RegisterRecords(s, new(hotels.Activities))
	activities.RegisterPMS(s, new(activities.Activities))
	s.OnActivity(hotels.HotelsActivity, mock.Anything, mock.Anything).Return(
		func(_ context.Context, p hotels.Page) ([]hotels.Hotel, error) {
			var page []hotels.Hotel
			for i := range count {
				if id := hotel(i); id > p.After && len(page) < p.Most {
					page = append(page, hotels.Hotel{ID: id, Vendor: "apaleo"})
				}
			}
			return page, nil
		})
	for _, activity := range []string{activities.BookingsActivity, activities.ArrivalsActivity} {
		s.OnActivity(activity, mock.Anything, mock.Anything).Return(
			func(_ context.Context, b activities.Batch) (activities.Report, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.calls = append(s.calls, fmt.Sprintf("%s %s %s", activity, b.Hotel, b.After))
				return answer(activity, b)
			}).After(time.Second)
	}
	return s
}

func hotel(i int) string { return fmt.Sprintf("hotel-%03d", i) }

// play runs a round to its end, through all of its runs.
func play(t *testing.T, count int, in reconciliation.Input, answer batchAnswer) (calls []string, result reconciliation.Result, runs int) {
	t.Helper()
	for {
		s := newStage(count, answer)
		s.ExecuteWorkflow(reconciliation.Name, in)
		calls, runs = append(calls, s.calls...), runs+1
		var next *workflow.ContinueAsNewError
		if !errors.As(s.GetWorkflowError(), &next) {
			require.NoError(t, s.GetWorkflowError())
			require.NoError(t, s.GetWorkflowResult(&result))
			return calls, result, runs
		}
		before := in.State
		in = reconciliation.Input{}
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
		require.NotNil(t, in.State)
		require.True(t, before == nil || before.Began.Equal(in.State.Began), "the window does not move within a round")
		require.Less(t, runs, 200, "the round does not end")
	}
}

// three answers each kind of batch three times, with a finding in the second.
func three(_ string, b activities.Batch) (activities.Report, error) {
	report := activities.Report{Compared: 10}
	switch b.After {
	case "":
		report.Next = "b"
	case "b":
		report.Next = "c"
		report.Tally.Add(activities.Drift, activities.Repaired, 1)
	}
	return report, nil
}

func TestARoundComparesEveryHotelToTheEnd(t *testing.T) {
	t.Parallel()
	for _, steps := range []int{0, 7, 1} {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			t.Parallel()
			calls, result, runs := play(t, 11, reconciliation.Input{Steps: steps}, three)
			require.Equal(t, steps == 0, runs == 1, "%d runs", runs)
			require.Equal(t, reconciliation.Result{
				Hotels: 11, Compared: 11 * 6 * 10,
				Tally: activities.Tally{{Kind: activities.Drift, Result: activities.Repaired, Count: 22}},
			}, result)
			for i := range 11 {
				var own []string
				for _, call := range calls {
					var activity, id, after string
					_, _ = fmt.Sscan(call, &activity, &id, &after)
					if id == hotel(i) {
						own = append(own, activity+" "+after)
					}
				}
				require.Equal(t, []string{
					activities.BookingsActivity + " ", activities.BookingsActivity + " b", activities.BookingsActivity + " c",
					activities.ArrivalsActivity + " ", activities.ArrivalsActivity + " b", activities.ArrivalsActivity + " c",
				}, own, "in order, and each batch once")
			}
		})
	}
}

func TestMoreHotelsThanAPage(t *testing.T) {
	t.Parallel()
	_, result, _ := play(t, 100, reconciliation.Input{Steps: 30}, func(string, activities.Batch) (activities.Report, error) {
		return activities.Report{}, nil
	})
	require.Equal(t, 100, result.Hotels)
}

func TestAHotelThatFailsIsLeftForTheNextRound(t *testing.T) {
	t.Parallel()
	calls, result, _ := play(t, 6, reconciliation.Input{}, func(activity string, b activities.Batch) (activities.Report, error) {
		if b.Hotel == hotel(2) || b.Hotel == hotel(4) && activity == activities.ArrivalsActivity {
			return activities.Report{}, temporal.NewNonRetryableApplicationError("closed", activities.TypeMaintenance, nil)
		}
		return activities.Report{Compared: 1}, nil
	})
	require.Equal(t, 4, result.Hotels)
	require.Equal(t, 2, result.Left)
	require.ElementsMatch(t, []string{hotel(2), hotel(4)}, result.LeftHotels)
	require.Len(t, calls, 4*2+1+2)
	require.Equal(t, 9, result.Compared)
}

func TestOnlySomeOfTheHotelsLeftAreNamed(t *testing.T) {
	t.Parallel()
	_, result, _ := play(t, 60, reconciliation.Input{}, func(string, activities.Batch) (activities.Report, error) {
		return activities.Report{}, temporal.NewNonRetryableApplicationError("closed", activities.TypeMaintenance, nil)
	})
	require.Equal(t, 60, result.Left)
	require.Len(t, result.LeftHotels, 50)
}

func TestABatchIsRepeatedBeforeItsHotelIsLeft(t *testing.T) {
	t.Parallel()
	tries := 0
	_, result, _ := play(t, 1, reconciliation.Input{}, func(string, activities.Batch) (activities.Report, error) {
		if tries++; tries < 3 {
			return activities.Report{}, temporal.NewApplicationError("away", "unavailable")
		}
		return activities.Report{}, nil
	})
	require.Equal(t, 1, result.Hotels)
}

func TestTheWindowOfARound(t *testing.T) {
	t.Parallel()
	var seen []activities.Batch
	answer := func(_ string, b activities.Batch) (activities.Report, error) {
		seen = append(seen, b)
		return activities.Report{}, nil
	}
	play(t, 1, reconciliation.Input{}, answer)
	play(t, 1, reconciliation.Input{Ahead: 3, Changed: time.Hour, Grace: time.Second, Stuck: time.Minute, Size: 5}, answer)
	require.Equal(t, 30, seen[0].Window.Ahead)
	require.Equal(t, 25, seen[0].Size)
	require.Equal(t, 7, seen[1].Size, "days")
	require.Equal(t, seen[0].Window, seen[1].Window)
	require.Equal(t, 3, seen[2].Window.Ahead)
	require.Equal(t, time.Second, seen[2].Window.Grace)
	require.Equal(t, time.Minute, seen[2].Window.Stuck)
	require.Equal(t, 25*time.Hour, seen[2].Window.Since.Sub(seen[0].Window.Since).Round(time.Hour))
}

func TestARoundThatIsCancelledEnds(t *testing.T) {
	t.Parallel()
	s := newStage(40, three)
	s.RegisterDelayedCallback(s.CancelWorkflow, 2500*time.Millisecond)
	s.ExecuteWorkflow(reconciliation.Name, reconciliation.Input{})
	require.True(t, s.IsWorkflowCompleted())
	require.True(t, temporal.IsCanceledError(s.GetWorkflowError()), "%v", s.GetWorkflowError())
	require.Less(t, len(s.calls), 40)
}
