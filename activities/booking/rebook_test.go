package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// standing counts the stays at the vendor that are not cancelled.
func (b *bench) standing() int { return b.Vendor.Count(sandbox.Confirmed) }

func (b *bench) tasks() []ledger.Task {
	b.t.Helper()
	tasks, err := b.Ledger.Tasks(b.t.Context(), b.Hotel.ID)
	require.NoError(b.t, err)
	return tasks
}

func TestReplacementMovesTheBooking(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	before := b.book(sandbox.Double, sandbox.Single)
	w := b.AskAnew(t, before.ID)

	made := b.must(booking.ReplaceActivity, w)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: w.Version}, made)
	require.Equal(t, 4, b.standing(), "the old one stands until the new one is sure")
	moved := b.Entry(t, before.ID)
	require.NotEqual(t, before.VendorBooking, moved.VendorBooking)
	require.Equal(t, before.Departure.AddDays(1), moved.Departure)
	require.Equal(t, made, b.must(booking.ReplaceActivity, w), "a repeat makes no third")
	_, settled := b.Settled(t, w.Intent)
	require.False(t, settled, "the old one is still to be cancelled")

	out := b.must(booking.RetireActivity, w)
	require.Empty(t, out.Problem)
	require.Equal(t, 2, b.standing())
	require.Equal(t, out, b.must(booking.RetireActivity, w))
	require.Equal(t, out, b.must(booking.ReplaceActivity, w))
	require.Equal(t, moved.VendorBooking, b.Entry(t, before.ID).VendorBooking)
	require.Empty(t, b.tasks())
}

// TestReplacementSurvivesLostAnswers: of each step the answer is lost after it
// took effect, and the step is run again.
func TestReplacementSurvivesLostAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	before := b.book(sandbox.Double)
	w := b.AskAnew(t, before.ID)
	b.Fault(t, sandbox.Fault{Operation: "createBooking", Kind: sandbox.ResetAfter, Count: 1})
	b.Fault(t, sandbox.Fault{Operation: "cancel", Kind: sandbox.ResetAfter, Count: 1})
	b.fails("outcome_unknown", booking.ReplaceActivity, w)
	b.must(booking.ReplaceActivity, w)
	b.fails("outcome_unknown", booking.RetireActivity, w)
	require.Empty(t, b.must(booking.RetireActivity, w).Problem)
	require.Equal(t, 1, b.standing())
}

func TestRefusedReplacementChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 2}})
	before := b.book(sandbox.Suite)
	w := b.AskAnew(t, before.ID)
	b.book(sandbox.Suite)
	out := b.must(booking.ReplaceActivity, w)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: before.Version, Problem: "sold_out"}, out)
	kept, settled := b.Settled(t, w.Intent)
	require.True(t, settled)
	require.Equal(t, out, kept)
	require.Equal(t, before.VendorBooking, b.Entry(t, before.ID).VendorBooking)
	require.Equal(t, 2, b.standing())
}

// TestSecondChangeOfTheSameReservation: the quote of the second names a
// reservation that the first has replaced.
func TestSecondChangeOfTheSameReservation(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	before := b.book(sandbox.Double)
	first, second := b.AskAnew(t, before.ID), b.AskAnew(t, before.ID)
	b.must(booking.ReplaceActivity, first)
	b.must(booking.RetireActivity, first)
	second.Version++
	require.Equal(t, "conflict", b.must(booking.ReplaceActivity, second).Problem)
	require.Equal(t, 1, b.standing())
}

func TestReplacementIsUndoneWhenTheOldOneCannotBeCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	before := b.book(sandbox.Double)
	old := before.Stays[0].ID
	w := b.AskAnew(t, before.ID)
	b.must(booking.ReplaceActivity, w)
	b.answer(answers{cancel: func(id pms.StayID) error {
		if id == old {
			return kindOf(pms.ErrConflict)
		}
		return nil
	}})
	out := b.must(booking.RetireActivity, w)
	require.Equal(t, "conflict", out.Problem)
	_, settled := b.Settled(t, w.Intent)
	require.False(t, settled)

	back := booking.Restoration{Write: w, Problem: out.Problem}
	back.Version++
	out = b.must(booking.RestoreActivity, back)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: back.Version, Problem: "conflict"}, out)
	require.Equal(t, out, b.must(booking.RestoreActivity, back))
	entry := b.Entry(t, before.ID)
	require.Equal(t, before.VendorBooking, entry.VendorBooking)
	require.Equal(t, before.Departure, entry.Departure)
	require.Equal(t, 1, b.standing())
	require.Empty(t, b.tasks())
}

func TestWhatCannotBeUndoneIsATask(t *testing.T) {
	t.Parallel()
	t.Run("nothing can be cancelled", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		before := b.book(sandbox.Double)
		w := b.AskAnew(t, before.ID)
		b.must(booking.ReplaceActivity, w)
		b.answer(answers{cancel: func(pms.StayID) error { return kindOf(pms.ErrConflict) }})
		out := b.must(booking.RetireActivity, w)
		out = b.must(booking.RestoreActivity, booking.Restoration{Write: w, Problem: out.Problem})
		require.Equal(t, "conflict", out.Problem)
		require.Equal(t, "compensation_refused", b.tasks()[0].Kind)
		require.Contains(t, b.tasks()[0].Detail, before.VendorBooking)
	})
	t.Run("half of it is gone", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		before := b.book(sandbox.Double, sandbox.Single)
		w := b.AskAnew(t, before.ID)
		b.must(booking.ReplaceActivity, w)
		b.answer(answers{cancel: func(id pms.StayID) error {
			if id == before.Stays[1].ID {
				return kindOf(pms.ErrConflict)
			}
			return nil
		}})
		require.Empty(t, b.must(booking.RetireActivity, w).Problem, "the new reservation stands")
		require.Equal(t, "replaced_stay_left", b.tasks()[0].Kind)
		require.Equal(t, 3, b.standing())
	})
	t.Run("the answer never comes", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		before := b.book(sandbox.Double)
		w := b.AskAnew(t, before.ID)
		b.Fault(t, sandbox.Fault{Operation: "createBooking", Kind: sandbox.ResetBefore, Count: 1})
		b.fails("outcome_unknown", booking.ReplaceActivity, w)
		b.advance(25 * time.Hour)
		require.Equal(t, "outcome_unknown", b.must(booking.ReplaceActivity, w).Problem)
		require.Equal(t, "replacement_unknown", b.tasks()[0].Kind)
		require.Equal(t, before.VendorBooking, b.Entry(t, before.ID).VendorBooking)
	})
}

func TestHeldReservationStaysHeldWhenReplaced(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	asked := b.ask(true, sandbox.Double)
	require.Equal(t, ledger.Held, b.must(booking.CreateActivity, asked).State)
	w := b.AskAnew(t, asked.Booking)
	w.HoldFor = time.Hour
	out := b.must(booking.ReplaceActivity, w)
	require.Equal(t, ledger.Held, out.State)
	require.WithinDuration(t, time.Now().Add(time.Hour), out.HoldUntil, time.Minute)
	require.Equal(t, ledger.Held, b.must(booking.RetireActivity, w).State)
}
