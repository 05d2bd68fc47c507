package booking_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// cancel stores the wish to cancel a booking.
func (b *bench) cancel(e ledger.Entry) booking.Write {
	b.t.Helper()
	return b.Want(b.t, ledger.Cancel, e.ID, "")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double, sandbox.Single)
	w := b.cancel(entry)
	out := b.must(booking.CancelActivity, w)
	require.Equal(t, booking.Outcome{State: ledger.Cancelled, Version: 2}, out)
	require.Equal(t, 2, b.Vendor.Count(sandbox.Canceled))
	after := b.Entry(t, entry.ID)
	require.Equal(t, ledger.Cancelled, after.State)
	require.Equal(t, entry.Arrival, after.Arrival)
	require.Equal(t, pms.Money{Currency: "EUR"}, after.Total)
	require.Equal(t, out, b.must(booking.CancelActivity, w))
	require.Equal(t, 2, b.Requests("cancel"))
}

func TestCancelledAlreadyIsSuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	b.Vendor.SetStatus(string(entry.Stays[0].ID), sandbox.Canceled)
	require.Equal(t, ledger.Cancelled, b.must(booking.CancelActivity, b.cancel(entry)).State)
	require.Zero(t, b.Requests("cancel"))
}

func TestCancelWithALostAnswer(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Kind{sandbox.ResetAfter, sandbox.ResetBefore, sandbox.ErrorAfter} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{})
			w := b.cancel(b.book(sandbox.Double, sandbox.Single))
			b.Fault(t, sandbox.Fault{Kind: fault, Operation: "cancel", Count: 1})
			b.fails("outcome_unknown", booking.CancelActivity, w)
			require.Equal(t, ledger.Cancelled, b.must(booking.CancelActivity, w).State)
			require.Equal(t, 2, b.Vendor.Count(sandbox.Canceled))
		})
	}
}

// TestCancelThatTookEffectInBetween: our own earlier write arrives after we
// looked and before we write, and the vendor refuses to cancel twice.
func TestCancelThatTookEffectInBetween(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	b.answer(answers{cancel: func(id pms.StayID) error {
		b.Vendor.SetStatus(string(id), sandbox.Canceled)
		return nil
	}})
	require.Equal(t, booking.Outcome{State: ledger.Cancelled, Version: 2}, b.must(booking.CancelActivity, b.cancel(entry)))
}

func TestCancelPartlyRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double, sandbox.Single)
	b.Vendor.SetStatus(string(entry.Stays[0].ID), sandbox.InHouse)
	out := b.must(booking.CancelActivity, b.cancel(entry))
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2, Problem: "conflict"}, out)
	after := b.Entry(t, entry.ID)
	require.Equal(t, pms.StatusInHouse, after.Stays[0].Status)
	require.Equal(t, pms.StatusCancelled, after.Stays[1].Status)
	require.Equal(t, after.Stays[0].Total, after.Total)
	require.Equal(t, "conflict", after.Problem)
}

func TestCancelOfWhatTheHotelDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	w := b.cancel(entry)
	b.Vendor.Reset()
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 1, Problem: "not_found"}, b.must(booking.CancelActivity, w))
	_, settled := b.Settled(t, w.Intent)
	require.True(t, settled)
}
