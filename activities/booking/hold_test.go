package booking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// hold makes a hold that ends after a time; 0 leaves that to the hotel.
func (b *bench) hold(life time.Duration) (ledger.Entry, booking.Outcome) {
	b.t.Helper()
	w := b.ask(true, sandbox.Double)
	w.HoldFor = life
	out := b.must(booking.CreateActivity, w)
	require.Equal(b.t, ledger.Held, out.State)
	return b.Entry(b.t, w.Booking), out
}

func TestHoldEndsWithTheHotels(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	zone, err := b.Hotel.Location()
	require.NoError(t, err)
	evening := bookingtest.Arrival().At(18, 0, zone)
	for _, life := range []time.Duration{0, 365 * 24 * time.Hour} {
		entry, out := b.hold(life)
		require.True(t, evening.Equal(entry.HoldUntil))
		require.True(t, evening.Equal(out.HoldUntil))
		require.Equal(t, pms.StatusHeld, entry.Stays[0].Status)
	}
}

// TestHoldShorterThanTheHotels: what the ledger says is what will happen.
func TestHoldShorterThanTheHotels(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, out := b.hold(10 * time.Minute)
	require.WithinDuration(t, time.Now().Add(10*time.Minute), entry.HoldUntil, time.Minute)
	require.True(t, entry.HoldUntil.Equal(out.HoldUntil))
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, _ := b.hold(0)
	w := b.Want(t, ledger.Confirm, entry.ID, "")
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2}, b.must(booking.ConfirmActivity, w))
	after := b.Entry(t, entry.ID)
	require.True(t, after.HoldUntil.IsZero())
	require.Equal(t, pms.StatusConfirmed, after.Stays[0].Status)
	require.Equal(t, int64(2), b.must(booking.ConfirmActivity, w).Version)
}

func TestConfirmOfAHoldThatIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, _ := b.hold(0)
	b.Vendor.SetStatus(string(entry.Stays[0].ID), sandbox.Canceled)
	out := b.must(booking.ConfirmActivity, b.Want(t, ledger.Confirm, entry.ID, ""))
	require.Equal(t, booking.Outcome{State: ledger.Released, Version: 2, Problem: "conflict", HoldUntil: out.HoldUntil}, out)
}

func TestRelease(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, _ := b.hold(0)
	w := booking.Write{Hotel: b.Hotel.ID, Booking: entry.ID, Version: 2}
	b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "cancel", Count: 1})
	b.fails("outcome_unknown", booking.ReleaseActivity, w)
	require.Equal(t, ledger.Released, b.must(booking.ReleaseActivity, w).State)
	require.Equal(t, ledger.Released, b.must(booking.ReleaseActivity, w).State)
	require.Equal(t, 1, b.Vendor.Count(sandbox.Canceled))
	require.Equal(t, ledger.Released, b.Entry(t, entry.ID).State)

	confirmed := b.book(sandbox.Double)
	asked := b.cancel(confirmed)
	require.Equal(t, ledger.Confirmed, b.must(booking.ReleaseActivity, asked).State, "only a hold is released")
	_, settled := b.Settled(t, asked.Intent)
	require.True(t, settled)
}

// TestReleaseThatIsRefused records what the hotel has, and not a wish.
func TestReleaseThatIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	arrived, _ := b.hold(0)
	b.Vendor.SetStatus(string(arrived.Stays[0].ID), sandbox.InHouse)
	out := b.must(booking.ReleaseActivity, b.cancel(arrived))
	require.Equal(t, ledger.Confirmed, out.State)
	require.Equal(t, "conflict", out.Problem)
	require.Equal(t, pms.StatusInHouse, b.Entry(t, arrived.ID).Stays[0].Status)

	late, _ := b.hold(0)
	b.answer(answers{release: func() error {
		b.Vendor.SetStatus(string(late.Stays[0].ID), sandbox.Canceled)
		return kindOf(pms.ErrConflict)
	}})
	out = b.must(booking.ReleaseActivity, b.cancel(late))
	require.Equal(t, booking.Outcome{State: ledger.Released, Version: 2}, out)
}

// TestAHoldThatIsFoundIsAHold: to the hotel it is a reservation like others.
func TestAHoldThatIsFoundIsAHold(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(true, sandbox.Double)
	w.HoldFor = 10 * time.Minute
	b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "createBooking", Count: 1})
	b.fails("outcome_unknown", booking.CreateActivity, w)
	b.advance(23*time.Hour + time.Minute)
	out := b.must(booking.CreateActivity, w)
	require.Equal(t, ledger.Held, out.State)
	require.WithinDuration(t, time.Now().Add(b.offset+10*time.Minute), out.HoldUntil, time.Minute)
}
