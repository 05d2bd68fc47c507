package reservation_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func TestValidators(t *testing.T) {
	t.Parallel()
	booked := func(state ledger.State) func(*stage) {
		return func(s *stage) {
			s.in.State = &reservation.State{Outcome: booking.Outcome{State: state, Version: 1, HoldUntil: s.began.Add(time.Hour)}}
			s.onWrite(booking.ReleaseActivity, 0, becomes(ledger.Released))
		}
	}
	ulid := ledger.NewID()
	for _, test := range []struct {
		name   string
		given  func(*stage)
		update string
		req    reservation.Request
		kind   string
	}{
		{"book twice", booked(ledger.Confirmed), reservation.UpdateBook, reservation.Request{Intent: ulid}, reservation.RefusedState},
		{"book reopened", func(s *stage) { s.in.Reopened = true }, reservation.UpdateBook, reservation.Request{Intent: ulid}, reservation.RefusedState},
		{"no intent", nil, reservation.UpdateBook, reservation.Request{}, reservation.RefusedRequest},
		{"small letters", nil, reservation.UpdateBook, reservation.Request{Intent: "01jd3z8q4x0000000000000000"}, reservation.RefusedRequest},
		{"confirm nothing", nil, reservation.UpdateConfirm, reservation.Request{Intent: ulid}, reservation.RefusedState},
		{"confirm a confirmed", booked(ledger.Confirmed), reservation.UpdateConfirm, reservation.Request{Intent: ulid}, reservation.RefusedState},
		{"confirm no intent", booked(ledger.Held), reservation.UpdateConfirm, reservation.Request{}, reservation.RefusedRequest},
		{"modify nothing", nil, reservation.UpdateModify, reservation.Request{Intent: ulid, Stays: 1}, reservation.RefusedState},
		{"modify no stay", booked(ledger.Confirmed), reservation.UpdateModify, reservation.Request{Intent: ulid}, reservation.RefusedRequest},
		{"modify many stays", booked(ledger.Confirmed), reservation.UpdateModify, reservation.Request{Intent: ulid, Stays: 21}, reservation.RefusedRequest},
		{"cancel nothing", nil, reservation.UpdateCancel, reservation.Request{Intent: ulid}, reservation.RefusedState},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if test.given != nil {
				test.given(s)
			}
			a := s.send(0, test.update, "id", test.req)
			s.play()
			require.False(t, a.accepted)
			refused(t, a.rejected, test.kind)
		})
	}
}

func TestModify(t *testing.T) {
	t.Parallel()
	for stays := range 4 {
		if stays == 0 {
			continue
		}
		t.Run(strconv.Itoa(stays), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.reopen(ledger.Confirmed, 7)
			var got []booking.Change
			s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
				got = append(got, c)
				return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
			})
			changed := s.modify(0, stays)
			s.play()
			require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: int64(7 + stays)}, changed.out)
			require.Len(t, got, stays)
			for i, c := range got {
				require.Equal(t, i, c.Stay)
				require.Equal(t, int64(8+i), c.Version)
				require.Equal(t, i == stays-1, c.Last)
			}
		})
	}
}

func TestModifyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.reopen(ledger.Confirmed, 1)
	s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
		if c.Stay == 2 {
			return booking.Outcome{State: ledger.Confirmed, Version: c.Version - 1, Problem: "sold_out"}, nil
		}
		return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
	})
	var last []bool
	s.onChange(booking.RevertActivity, func(c booking.Change) (booking.Outcome, error) {
		last = append(last, c.Last)
		return booking.Outcome{State: ledger.Confirmed, Version: c.Version, Problem: c.Problem}, nil
	})
	changed := s.modify(0, 3)
	calls, _ := s.play()
	require.Equal(t, []string{
		booking.LoadActivity, "booking.amend 0", "booking.amend 1", "booking.amend 2", "booking.revert 1", "booking.revert 0",
	}, calls)
	require.Equal(t, []bool{false, true}, last)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 5, Problem: "sold_out"}, changed.out)
}

// TestNoCompensationAfterAnUnknown: what may still come to pass is not undone.
func TestNoCompensationAfterAnUnknown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.reopen(ledger.Confirmed, 1)
	s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
		if c.Stay == 1 {
			return booking.Outcome{}, temporal.NewNonRetryableApplicationError("lost", "outcome_unknown", nil)
		}
		return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
	})
	changed := s.modify(0, 2)
	calls, _ := s.play()
	require.True(t, changed.done)
	require.Error(t, changed.failed)
	require.Equal(t, []string{booking.LoadActivity, "booking.amend 0", "booking.amend 1"}, calls)
}

func TestStaleIsReadAgainAndTriedOnce(t *testing.T) {
	t.Parallel()
	stale := temporal.NewNonRetryableApplicationError("stale", booking.TypeStale, nil)
	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 4)
		tries := 0
		s.onWrite(booking.CancelActivity, 0, func(w booking.Write) (booking.Outcome, error) {
			if tries++; tries == 1 {
				return booking.Outcome{}, stale
			}
			return booking.Outcome{State: ledger.Cancelled, Version: w.Version}, nil
		})
		cancelled := s.update(0, reservation.UpdateCancel)
		calls, _ := s.play()
		require.Equal(t, []string{booking.LoadActivity, booking.CancelActivity, booking.LoadActivity, booking.CancelActivity}, calls)
		require.Equal(t, ledger.Cancelled, cancelled.out.State)
	})
	t.Run("modify", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 4)
		tries := 0
		s.onChange(booking.AmendActivity, func(c booking.Change) (booking.Outcome, error) {
			if tries++; tries == 1 {
				return booking.Outcome{}, stale
			}
			return booking.Outcome{State: ledger.Confirmed, Version: c.Version}, nil
		})
		changed := s.modify(0, 1)
		s.play()
		require.Equal(t, ledger.Confirmed, changed.out.State)
	})
	t.Run("for ever", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 4)
		s.onWrite(booking.CancelActivity, 0, func(booking.Write) (booking.Outcome, error) { return booking.Outcome{}, stale })
		cancelled := s.update(0, reservation.UpdateCancel)
		calls, _ := s.play()
		require.Equal(t, 2, count(calls, booking.CancelActivity))
		refused(t, cancelled.failed, booking.TypeStale)
	})
}

func count(calls []string, name string) int {
	n := 0
	for _, call := range calls {
		if call == name {
			n++
		}
	}
	return n
}

func TestReopenedDecidesInItsHandler(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.reopen(ledger.Cancelled, 3)
	cancelled := s.update(0, reservation.UpdateCancel)
	calls, took := s.play()
	require.True(t, cancelled.accepted)
	refused(t, cancelled.failed, reservation.RefusedState)
	require.Equal(t, []string{booking.LoadActivity}, calls)
	require.LessOrEqual(t, took, 10*time.Minute)
}

// TestARepeatIsAnsweredFromState, of whatever kind and although the booking's
// state would not allow the update any more.
func TestARepeatIsAnsweredFromState(t *testing.T) {
	t.Parallel()
	known := booking.Outcome{State: ledger.Held, Version: 1, Problem: "sold_out"}
	for _, update := range []string{reservation.UpdateBook, reservation.UpdateConfirm, reservation.UpdateModify, reservation.UpdateCancel} {
		t.Run(update, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.in.State = &reservation.State{
				Outcome: booking.Outcome{State: ledger.Confirmed, Version: 2}, Updates: 2,
				Handled: []reservation.Handled{{ID: "known", Outcome: known}},
			}
			repeated := s.repeat(time.Second, update, "known")
			calls, _ := s.play()
			require.NoError(t, repeated.rejected)
			require.Equal(t, known, repeated.out)
			require.Empty(t, calls)
			require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2}, s.outcome(), "the state is the later one")
		})
	}
}

func TestUpdatesTakeTurns(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.onWrite(booking.CreateActivity, 10*time.Second, becomes(ledger.Confirmed))
	s.onWrite(booking.CancelActivity, time.Second, becomes(ledger.Cancelled))
	s.update(0, reservation.UpdateBook)
	cancelled := s.update(time.Second, reservation.UpdateCancel)
	again := s.update(2*time.Second, reservation.UpdateCancel)
	calls, _ := s.play()
	require.Equal(t, []string{booking.CreateActivity, booking.CancelActivity}, calls)
	require.Equal(t, ledger.Cancelled, cancelled.out.State)
	refused(t, again.failed, reservation.RefusedState)
}

func TestRebook(t *testing.T) {
	t.Parallel()
	problem := func(text string) func(booking.Write) (booking.Outcome, error) {
		return func(w booking.Write) (booking.Outcome, error) {
			return booking.Outcome{State: ledger.Confirmed, Version: w.Version - 1, Problem: text}, nil
		}
	}
	rebook := func(s *stage) *answer {
		return s.send(0, reservation.UpdateModify, ledger.NewID(), reservation.Request{Intent: ledger.NewID(), Stays: 1, Rebook: true})
	}
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 7)
		s.onWrite(booking.ReplaceActivity, 0, becomes(ledger.Confirmed))
		s.onWrite(booking.RetireActivity, 0, problem(""))
		a := rebook(s)
		calls, _ := s.play()
		require.Equal(t, []string{booking.LoadActivity, booking.ReplaceActivity, booking.RetireActivity}, calls)
		require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 8}, a.out)
	})
	t.Run("refused at once", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 7)
		s.onWrite(booking.ReplaceActivity, 0, problem("sold_out"))
		a := rebook(s)
		calls, _ := s.play()
		require.Equal(t, []string{booking.LoadActivity, booking.ReplaceActivity}, calls)
		require.Equal(t, "sold_out", a.out.Problem)
	})
	t.Run("restored", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.reopen(ledger.Confirmed, 7)
		s.onWrite(booking.ReplaceActivity, 0, becomes(ledger.Confirmed))
		s.onWrite(booking.RetireActivity, 0, problem("conflict"))
		s.OnActivity(booking.RestoreActivity, mock.Anything, mock.Anything).Return(func(_ context.Context, r booking.Restoration) (booking.Outcome, error) {
			require.Equal(t, int64(9), r.Version)
			return booking.Outcome{State: ledger.Confirmed, Version: r.Version, Problem: r.Problem}, nil
		})
		a := rebook(s)
		s.play()
		require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 9, Problem: "conflict"}, a.out)
	})
}
