package reservation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func TestBookThenQuiet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var got booking.Write
	s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
		got = w
		return booking.Outcome{State: ledger.Confirmed, Version: w.Version}, nil
	})
	booked := s.update(0, reservation.UpdateBook)
	calls, took := s.play()
	require.Equal(t, []string{booking.CreateActivity}, calls)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 1}, booked.out)
	require.Equal(t, booked.out, s.outcome())
	require.Equal(t, 10*time.Minute, took, "a settled booking closes when nobody touches it")
	require.Equal(t, hotel, got.Hotel)
	require.Equal(t, s.in.Booking, got.Booking)
	require.Equal(t, int64(1), got.Version)
}

func TestRejectedClosesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Rejected, Version: w.Version, Problem: "sold_out"}, nil
	})
	booked := s.update(0, reservation.UpdateBook)
	_, took := s.play()
	require.Equal(t, "sold_out", booked.out.Problem)
	require.Zero(t, took)
	require.Equal(t, booking.Outcome{State: ledger.Rejected, Version: 1}, s.outcome())
}

func TestNothingAskedClosesWithinAMinute(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(*stage){
		"no update":       func(*stage) {},
		"a refused one":   func(s *stage) { s.update(0, reservation.UpdateCancel) },
		"an early event":  func(s *stage) { s.at(0, func() { s.SignalWorkflow(reservation.SignalPMSEvent, reservation.Event{}) }) },
		"not a ULID":      func(s *stage) { s.send(0, reservation.UpdateBook, "id", reservation.Request{Intent: "x"}) },
		"a late reopened": func(s *stage) { s.in.Reopened = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			play(s)
			calls, took := s.play()
			require.NoError(t, s.GetWorkflowError())
			require.Empty(t, calls)
			require.LessOrEqual(t, took, time.Minute)
		})
	}
}

func TestInputIsChecked(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*reservation.Input){
		func(in *reservation.Input) { in.Hotel = "" },
		func(in *reservation.Input) { in.Vendor = "" },
		func(in *reservation.Input) { in.Booking = "x" },
	} {
		s := newStage(t)
		change(&s.in)
		s.play()
		refused(t, s.GetWorkflowError(), reservation.RefusedRequest)
	}
}

// hold begins with a hold that the hotel keeps for some time.
func hold(s *stage, until time.Duration) *answer {
	s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Held, Version: w.Version, HoldUntil: s.began.Add(until)}, nil
	})
	s.onWrite(booking.ReleaseActivity, 0, becomes(ledger.Released))
	s.onWrite(booking.ConfirmActivity, 0, becomes(ledger.Confirmed))
	return s.update(0, reservation.UpdateBook)
}

func TestHoldExpires(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	held := hold(s, 20*time.Minute)
	calls, took := s.play()
	require.Equal(t, ledger.Held, held.out.State)
	require.Equal(t, []string{booking.CreateActivity, booking.ReleaseActivity}, calls)
	require.Equal(t, 20*time.Minute, took)
	require.Equal(t, ledger.Released, s.outcome().State)
}

// TestHoldLifeReachesTheActivity: the activity bounds the hold, so that the
// ledger tells the moment at which it will end.
func TestHoldLifeReachesTheActivity(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.in.Timing.Hold = 5 * time.Minute
	s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Held, Version: w.Version, HoldUntil: s.began.Add(w.HoldFor)}, nil
	})
	s.onWrite(booking.ReleaseActivity, 0, becomes(ledger.Released))
	s.update(0, reservation.UpdateBook)
	_, took := s.play()
	require.Equal(t, 5*time.Minute, took)
}

func TestHoldConfirmedInTime(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hold(s, 20*time.Minute)
	confirmed := s.update(19*time.Minute, reservation.UpdateConfirm)
	calls, took := s.play()
	require.Equal(t, ledger.Confirmed, confirmed.out.State)
	require.NotContains(t, calls, booking.ReleaseActivity)
	require.Equal(t, 29*time.Minute, took)
}

func TestCancelOfAHoldReleasesIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hold(s, 20*time.Minute)
	cancelled := s.update(time.Minute, reservation.UpdateCancel)
	calls, took := s.play()
	require.Equal(t, []string{booking.CreateActivity, booking.ReleaseActivity}, calls)
	require.Equal(t, ledger.Released, cancelled.out.State)
	require.Equal(t, time.Minute, took)
}

// TestAHoldThatCannotEndDoesNotSpin: an activity that fails for good must not
// be called again without a pause.
func TestAHoldThatCannotEndDoesNotSpin(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.in.State = &reservation.State{Outcome: booking.Outcome{State: ledger.Held, Version: 1, HoldUntil: s.began}}
	gone := temporal.NewNonRetryableApplicationError("gone", booking.TypeUnknown, nil)
	loads := 0
	s.onWrite(booking.ReleaseActivity, 0, func(booking.Write) (booking.Outcome, error) { return booking.Outcome{}, gone })
	s.onLoad(func() (booking.Outcome, error) {
		if loads++; loads < 3 {
			return booking.Outcome{}, gone
		}
		return booking.Outcome{State: ledger.Released, Version: 2}, nil
	})
	calls, took := s.play()
	require.Equal(t, 1, count(calls, booking.ReleaseActivity))
	require.GreaterOrEqual(t, took, 2*time.Minute)
	require.Equal(t, ledger.Released, s.outcome().State)
}

func TestAnEventIsRead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.reopen(ledger.Confirmed, 1)
	s.onRefresh(func(r booking.Ref) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Cancelled, Version: r.Version}, nil
	})
	s.at(0, func() { s.SignalWorkflow(reservation.SignalPMSEvent, reservation.Event{ID: "1"}) })
	calls, took := s.play()
	require.Equal(t, []string{booking.LoadActivity, booking.RefreshActivity}, calls)
	require.Zero(t, took)
	require.Equal(t, booking.Outcome{State: ledger.Cancelled, Version: 2}, s.outcome())
}

// TestEventsWaitForTheHandler: many while a write is in flight are one reading
// after it.
func TestEventsWaitForTheHandler(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.onWrite(booking.CreateActivity, 10*time.Second, becomes(ledger.Confirmed))
	s.onRefresh(func(r booking.Ref) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Confirmed, Version: r.Version - 1}, nil
	})
	booked := s.update(0, reservation.UpdateBook)
	for i := range 5 {
		s.at(time.Duration(i)*time.Second, func() { s.SignalWorkflow(reservation.SignalPMSEvent, reservation.Event{}) })
	}
	calls, _ := s.play()
	require.Equal(t, []string{booking.CreateActivity, booking.RefreshActivity}, calls)
	require.Equal(t, 10*time.Second, booked.at)
	require.Equal(t, int64(1), s.outcome().Version)
}

func TestUpgradeContinuesAsNew(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.onWrite(booking.CreateActivity, 30*time.Second, becomes(ledger.Confirmed))
	booked := s.repeat(0, reservation.UpdateBook, "first")
	s.at(10*time.Second, func() { s.SignalWorkflow(reservation.SignalUpgrade, nil) })
	_, took := s.play()
	require.Equal(t, 30*time.Second, took, "the handler comes first")
	require.Equal(t, ledger.Confirmed, booked.out.State)
	next, behavior := s.continued()
	require.EqualValues(t, workflow.ContinueAsNewVersioningBehaviorAutoUpgrade, behavior)
	require.False(t, next.Reopened)
	require.Equal(t, &reservation.State{
		Outcome: booked.out, Updates: 1, Handled: []reservation.Handled{{ID: "first", Outcome: booked.out}},
	}, next.State)
	require.Equal(t, s.in.Booking, next.Booking)
}

func TestUpgradeOfAnIdleRun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.in.Reopened = true
	s.at(time.Second, func() { s.SignalWorkflow(reservation.SignalUpgrade, nil) })
	calls, took := s.play()
	require.Empty(t, calls)
	require.Equal(t, time.Second, took)
	next, _ := s.continued()
	require.True(t, next.Reopened, "what was not read yet is read by the next run")
	require.Nil(t, next.State)
}

func TestContinuesAfterManyUpdates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.reopen(ledger.Confirmed, 0)
	s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
	})
	var all []*answer
	for range 101 { // at once: one more than a run takes
		all = append(all, s.modify(0, 1))
	}
	s.play()
	next, behavior := s.continued()
	require.Equal(t, 101, next.State.Updates)
	require.Equal(t, int64(101), next.State.Version)
	require.Len(t, next.State.Handled, 50)
	require.NotEqualValues(t, workflow.ContinueAsNewVersioningBehaviorAutoUpgrade, behavior)
	require.False(t, slices.ContainsFunc(all, func(a *answer) bool { return !a.done || a.failed != nil }), "every handler has finished")
}

func TestOperatorsCancellation(t *testing.T) {
	t.Parallel()
	t.Run("waits for the write in flight", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.onWrite(booking.CreateActivity, 30*time.Second, becomes(ledger.Confirmed))
		booked := s.update(0, reservation.UpdateBook)
		s.at(5*time.Second, s.CancelWorkflow)
		_, took := s.play()
		require.Equal(t, ledger.Confirmed, booked.out.State)
		require.Equal(t, 30*time.Second, took)
		require.True(t, temporal.IsCanceledError(s.GetWorkflowError()))
	})
	t.Run("gives a hold back", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		hold(s, time.Hour)
		s.at(5*time.Second, s.CancelWorkflow)
		calls, took := s.play()
		require.Equal(t, []string{booking.CreateActivity, booking.ReleaseActivity}, calls)
		require.Equal(t, 5*time.Second, took)
		require.True(t, temporal.IsCanceledError(s.GetWorkflowError()))
	})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.onWrite(booking.CreateActivity, 10*time.Second, becomes(ledger.Confirmed))
	s.update(0, reservation.UpdateBook)
	ask := func() (status reservation.Status) {
		value, err := s.QueryWorkflow(reservation.QueryStatus)
		require.NoError(t, err)
		require.NoError(t, value.Get(&status))
		return status
	}
	s.at(5*time.Second, func() { require.Equal(t, reservation.Status{Working: true}, ask()) })
	s.at(15*time.Second, func() {
		require.Equal(t, reservation.Status{State: ledger.Confirmed, Version: 1, Updates: 1}, ask())
	})
	s.play()
	require.NoError(t, s.GetWorkflowError())
}

func TestWorkflowIDs(t *testing.T) {
	t.Parallel()
	gotHotel, gotBooking, err := reservation.ParseWorkflowID(reservation.WorkflowID(hotel, "01"))
	require.NoError(t, err)
	require.Equal(t, []string{hotel, "01"}, []string{gotHotel, gotBooking})
	for _, id := range []string{"", "booking", "booking/a", "booking//b", "booking/a/", "call/a/b", "booking/a/b/c"} {
		_, _, err := reservation.ParseWorkflowID(id)
		require.Error(t, err, id)
	}
}
