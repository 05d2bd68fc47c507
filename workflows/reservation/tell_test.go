package reservation_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// registerConfirm puts something in the place of the activity that queues
// messages.
func registerConfirm(r worker.ActivityRegistry, confirm func(context.Context, notification.Notice) (notification.Outcome, error)) {
	r.RegisterActivityWithOptions(confirm, activity.RegisterOptions{Name: notification.ConfirmActivity})
}

// registerUntold puts something in the place of the activity that leaves a
// notice to a person.
func registerUntold(r worker.ActivityRegistry, leave func(context.Context, notification.Notice) error) {
	r.RegisterActivityWithOptions(leave, activity.RegisterOptions{Name: notification.UntoldActivity})
}

// tellable begins a stage whose guests want to be told; told are the notices
// that were queued.
func tellable(t *testing.T, fail func(n int) error) (s *stage, told *[]notification.Notice) {
	t.Helper()
	s, told, _ = tellableOrLeft(t, fail)
	return s, told
}

// tellableOrLeft tells, beside, the notices that were left to a person, who can
// be reached from the third attempt on.
func tellableOrLeft(t *testing.T, fail func(n int) error) (s *stage, told, left *[]notification.Notice) {
	t.Helper()
	s, told, left = newStage(t), new([]notification.Notice), new([]notification.Notice)
	leaving := 0
	registerUntold(s, func(_ context.Context, n notification.Notice) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if leaving++; leaving < 3 {
			return errors.New("the database is away")
		}
		*left = append(*left, n)
		return nil
	})
	attempts := 0
	registerConfirm(s, func(_ context.Context, n notification.Notice) (notification.Outcome, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		attempts++
		if fail != nil {
			if err := fail(attempts); err != nil {
				return notification.Outcome{}, err
			}
		}
		*told = append(*told, n)
		return notification.Outcome{Message: "M"}, nil
	})
	return s, told, left
}

// ask sends an update whose guest is to be told.
func (s *stage) ask(after time.Duration, name string, stays int) *answer {
	return s.send(after, name, ledger.NewID(), reservation.Request{Intent: ledger.NewID(), Stays: stays, Tell: true})
}

func (s *stage) notice(version int64, kind letters.Kind) notification.Notice {
	return notification.Notice{Hotel: hotel, Booking: s.in.Booking, Version: version, Kind: kind}
}

func TestTheGuestIsToldOfEachOutcome(t *testing.T) {
	t.Parallel()
	s, told := tellable(t, nil)
	s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Held, Version: w.Version, HoldUntil: s.Now().Add(time.Hour)}, nil
	})
	s.onWrite(booking.ConfirmActivity, 0, becomes(ledger.Confirmed))
	s.onWrite(booking.CancelActivity, 0, becomes(ledger.Cancelled))
	s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
		return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
	})
	s.ask(0, reservation.UpdateBook, 1) // a hold, of which nothing is to tell
	s.ask(time.Minute, reservation.UpdateConfirm, 0)
	s.ask(2*time.Minute, reservation.UpdateModify, 1)
	s.ask(3*time.Minute, reservation.UpdateCancel, 0)
	s.play()
	require.Equal(t, ledger.Cancelled, s.outcome().State)
	require.Equal(t, []notification.Notice{
		s.notice(2, letters.KindConfirmation), s.notice(3, letters.KindChange), s.notice(4, letters.KindCancellation),
	}, *told)
}

func TestNobodyIsToldOfWhatDidNotHappen(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*stage){
		"sold out": func(s *stage) {
			s.onWrite(booking.CreateActivity, 0, func(w booking.Write) (booking.Outcome, error) {
				return booking.Outcome{State: ledger.Rejected, Version: w.Version, Problem: "sold_out"}, nil
			})
			s.ask(0, reservation.UpdateBook, 1)
		},
		"a change that was refused": func(s *stage) {
			s.reopen(ledger.Confirmed, 3)
			s.onChange(booking.AmendActivity, func(booking.Change) (booking.Outcome, error) {
				return booking.Outcome{State: ledger.Confirmed, Version: 3, Problem: "sold_out"}, nil
			})
			s.ask(0, reservation.UpdateModify, 1)
		},
		"a hold that was released": func(s *stage) {
			s.reopen(ledger.Held, 1)
			s.onWrite(booking.ReleaseActivity, 0, becomes(ledger.Released))
			s.ask(0, reservation.UpdateCancel, 0)
		},
		"the hotel's own change": func(s *stage) {
			s.reopen(ledger.Confirmed, 1)
			s.onRefresh(func(r booking.Ref) (booking.Outcome, error) {
				return booking.Outcome{State: ledger.Cancelled, Version: r.Version}, nil
			})
			s.at(0, func() { s.SignalWorkflow(reservation.SignalPMSEvent, reservation.Event{ID: "1"}) })
		},
		"a hotel without confirmations": func(s *stage) {
			s.onWrite(booking.CreateActivity, 0, becomes(ledger.Confirmed))
			s.update(0, reservation.UpdateBook)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, told := tellable(t, nil)
			act(s)
			s.play()
			require.Empty(t, *told)
		})
	}
}

// TestNobodyWaitsForAMessage: the caller is answered at once, the run stays
// open until the message is queued, and a message that cannot be queued ends
// nothing but itself, and is left to a person.
func TestNobodyWaitsForAMessage(t *testing.T) {
	t.Parallel()
	away := errors.New("the database is away")
	for name, tc := range map[string]struct {
		fail  func(int) error
		told  int
		least time.Duration
	}{
		"for a minute": {func(n int) error {
			if n < 7 {
				return away
			}
			return nil
		}, 1, time.Minute},
		"for good": {func(int) error { return away }, 0, time.Minute},
		"refused": {func(int) error {
			return temporal.NewNonRetryableApplicationError("no such hotel", notification.TypeUnknownHotel, nil)
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, told, left := tellableOrLeft(t, tc.fail)
			s.SetTestTimeout(20 * time.Second)
			s.reopen(ledger.Confirmed, 1)
			s.onWrite(booking.CancelActivity, 0, becomes(ledger.Cancelled))
			cancelled := s.ask(time.Second, reservation.UpdateCancel, 0)
			_, took := s.play()
			require.Equal(t, ledger.Cancelled, cancelled.out.State)
			require.Equal(t, time.Second, cancelled.at, "answered at once")
			require.Equal(t, ledger.Cancelled, s.outcome().State)
			require.Len(t, *told, tc.told)
			require.Len(t, *left, 1-tc.told)
			for _, n := range *left {
				require.Equal(t, s.notice(2, letters.KindCancellation), n)
			}
			require.GreaterOrEqual(t, took, time.Second+tc.least)
		})
	}
}

// TestARepeatedUpdateTellsOnce: the answer is repeated and the message is not.
func TestARepeatedUpdateTellsOnce(t *testing.T) {
	t.Parallel()
	s, told := tellable(t, nil)
	s.onWrite(booking.CreateActivity, 0, becomes(ledger.Confirmed))
	once := ledger.NewID()
	s.in.State = &reservation.State{Outcome: booking.Outcome{State: ledger.Confirmed, Version: 1}, Handled: []reservation.Handled{
		{ID: once, Outcome: booking.Outcome{State: ledger.Confirmed, Version: 1}},
	}}
	again := s.send(0, reservation.UpdateBook, once, reservation.Request{Intent: ledger.NewID(), Tell: true})
	s.play()
	require.True(t, again.done)
	require.Empty(t, *told)
}

// TestTheNextRunTellsWhatThisOneDidNot: an upgrade does not wait for a message.
func TestTheNextRunTellsWhatThisOneDidNot(t *testing.T) {
	t.Parallel()
	s, told := tellable(t, func(int) error { return errors.New("the database is away") })
	s.onWrite(booking.CreateActivity, 0, becomes(ledger.Confirmed))
	s.ask(0, reservation.UpdateBook, 1)
	s.at(time.Minute, func() { s.SignalWorkflow(reservation.SignalUpgrade, nil) })
	_, took := s.play()
	require.Equal(t, time.Minute, took)
	require.Empty(t, *told)
	next, _ := s.continued()
	require.Equal(t, []notification.Notice{s.notice(1, letters.KindConfirmation)}, next.Untold)

	s, told = tellable(t, nil)
	s.in = next
	s.play()
	require.Equal(t, next.Untold, *told)
}

// TestAnOperatorsCancellationWaitsForNoMessage: it would have to wait for what
// may be broken.
func TestAnOperatorsCancellationWaitsForNoMessage(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]ledger.State{"alive": ledger.Confirmed, "final": ledger.Cancelled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := tellable(t, func(int) error { return errors.New("the database is away") })
			s.in.State = &reservation.State{Outcome: booking.Outcome{State: state, Version: 1}}
			s.in.Untold = []notification.Notice{s.notice(1, letters.KindConfirmation)}
			s.at(time.Minute, s.CancelWorkflow)
			_, took := s.play()
			require.Equal(t, time.Minute, took)
			require.True(t, temporal.IsCanceledError(s.GetWorkflowError()))
		})
	}
}

// TestConfirmationsCostNothingWhereThereAreNone: not one event more than a
// booking has without them.
func TestConfirmationsCostNothingWhereThereAreNone(t *testing.T) {
	t.Parallel()
	th := newTheatre(t, nil)
	th.timing.Idle = time.Second
	w, _ := th.book(false, sandbox.Double)
	th.cancel(w.Booking)
	th.closed(w.Booking)
	kinds := map[enums.EventType]int{}
	for _, event := range th.history(w.Booking, "").Events {
		kinds[event.GetEventType()]++
	}
	require.Equal(t, 2, kinds[enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED], "create and cancel")
	require.Zero(t, kinds[enums.EVENT_TYPE_MARKER_RECORDED])
	require.Zero(t, kinds[enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED])
	require.LessOrEqual(t, kinds[enums.EVENT_TYPE_TIMER_STARTED], 1, "it closes when quiet")
	require.LessOrEqual(t, kinds[enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES], 2, "a state each")
}
