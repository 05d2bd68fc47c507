package booking_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestCreateConfirms(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double, sandbox.Single)
	out := b.must(booking.CreateActivity, w)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 1}, out)

	entry := b.Entry(t, w.Booking)
	require.Equal(t, ledger.Confirmed, entry.State)
	require.Len(t, entry.Stays, 2)
	require.Empty(t, entry.Pending)
	require.NotEmpty(t, entry.Confirmation)
	require.Equal(t, w.Booking, b.Vendor.Stays()[0].ExternalCode)
	for _, stay := range entry.Stays {
		require.Nil(t, stay.Guest)
	}
	settled, done := b.Settled(t, w.Intent)
	require.True(t, done)
	require.Equal(t, out, settled)

	require.Equal(t, out, b.must(booking.CreateActivity, w), "a repeat is answered from the ledger")
	require.Equal(t, 1, b.Requests("createBooking"))
	require.NotContains(t, b.Log.String(), bookingtest.Marker)
}

func TestCreateRejects(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	first, second := b.ask(false, sandbox.Suite), b.ask(false, sandbox.Suite)
	b.must(booking.CreateActivity, first)
	out := b.must(booking.CreateActivity, second)
	require.Equal(t, booking.Outcome{State: ledger.Rejected, Version: 1, Problem: "sold_out"}, out)
	require.Equal(t, "sold_out", b.Entry(t, second.Booking).Problem)
	require.Equal(t, 1, b.Vendor.Count(sandbox.Confirmed))

	b.Fault(t, sandbox.Fault{Kind: sandbox.Forbidden, Operation: "createBooking", Count: 1})
	refused := b.must(booking.CreateActivity, b.ask(false, sandbox.Double))
	require.Equal(t, booking.Outcome{State: ledger.Rejected, Version: 1, Problem: "permission"}, refused)
}

// TestALostAnswerBooksOnce loses the first answer in every way there is, then
// repeats as Temporal would.
func TestALostAnswerBooksOnce(t *testing.T) {
	t.Parallel()
	for fault, kind := range map[sandbox.Kind]string{
		sandbox.ResetBefore:   "outcome_unknown",
		sandbox.ResetAfter:    "outcome_unknown",
		sandbox.ErrorBefore:   "outcome_unknown",
		sandbox.ErrorAfter:    "outcome_unknown",
		sandbox.MalformedJSON: "outcome_unknown",
		sandbox.TruncatedJSON: "outcome_unknown",
		sandbox.HTMLAnswer:    "outcome_unknown",
		sandbox.LateCommit:    "outcome_unknown",
		sandbox.RateLimited:   "rate_limited",
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{})
			w := b.ask(false, sandbox.Double)
			b.Fault(t, sandbox.Fault{Kind: fault, Operation: "createBooking", Count: 1, Delay: time.Hour, RetryAfter: 3 * time.Second})
			failed := b.fails(kind, booking.CreateActivity, w)
			require.False(t, failed.NonRetryable())
			if fault == sandbox.RateLimited {
				require.Equal(t, 3*time.Second, failed.NextRetryDelay())
			}
			require.Equal(t, ledger.Pending, b.Entry(t, w.Booking).State)

			require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
			b.advance(2 * time.Hour) // a late commit happens now
			require.Equal(t, 1, b.Vendor.Count(""))
			require.NotContains(t, b.Log.String(), bookingtest.Marker)
		})
	}
}

// TestARefusedRepeatIsNoRejection: the first create succeeded and its answer
// was lost, and the vendor says no to the repeat. A workflow that was begun
// again counts its attempts anew, so the number of the attempt says nothing.
func TestARefusedRepeatIsNoRejection(t *testing.T) {
	t.Parallel()
	for _, kind := range []error{pms.ErrSoldOut, pms.ErrConflict, pms.ErrValidation} {
		t.Run(pms.KindName(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{})
			w := b.ask(false, sandbox.Double)
			b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "createBooking", Count: 1})
			b.fails("outcome_unknown", booking.CreateActivity, w)

			b.answer(answers{create: func(d pms.Draft) (pms.Draft, error) { return d, kindOf(kind) }})
			require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
			require.Equal(t, 1, b.Vendor.Count(""))
		})
	}
}

func TestARefusedRepeatWaitsForTheList(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "createBooking", Count: 1})
	b.Fault(t, sandbox.Fault{Kind: sandbox.ListLag, Delay: 20 * time.Second})
	b.fails("outcome_unknown", booking.CreateActivity, w)
	b.answer(answers{create: func(d pms.Draft) (pms.Draft, error) { return d, kindOf(pms.ErrValidation) }})
	require.False(t, b.fails("internal", booking.CreateActivity, w).NonRetryable())
	b.advance(21 * time.Second)
	require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
}

func TestARefusedRepeatIsFinalInTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	b.Fault(t, sandbox.Fault{Kind: sandbox.ResetBefore, Operation: "createBooking", Count: 1})
	b.fails("outcome_unknown", booking.CreateActivity, w)
	b.answer(answers{create: func(d pms.Draft) (pms.Draft, error) { return d, kindOf(pms.ErrValidation) }})
	b.fails("internal", booking.CreateActivity, w)
	b.advance(2 * time.Minute)
	require.Equal(t, booking.Outcome{State: ledger.Rejected, Version: 1, Problem: "validation"}, b.must(booking.CreateActivity, w))
}

func TestRefusedCredentialsOnARepeatAreNoRejection(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "createBooking", Count: 1})
	b.fails("outcome_unknown", booking.CreateActivity, w)
	b.Fault(t, sandbox.Fault{Kind: sandbox.Forbidden, Operation: "createBooking", Count: 1})
	failed := b.fails("permission", booking.CreateActivity, w)
	require.Equal(t, 15*time.Second, failed.NextRetryDelay())
	require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
	require.Equal(t, 1, b.Vendor.Count(""))
}

func TestAfterTheKeyWindowOnlyLooking(t *testing.T) {
	t.Parallel()
	t.Run("found", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		w := b.ask(false, sandbox.Double)
		b.Fault(t, sandbox.Fault{Kind: sandbox.ResetAfter, Operation: "createBooking", Count: 1})
		b.fails("outcome_unknown", booking.CreateActivity, w)
		b.advance(23*time.Hour + time.Minute)
		require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
		require.Equal(t, 1, b.Requests("createBooking"))
	})
	t.Run("not found", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		w := b.ask(false, sandbox.Double)
		b.Fault(t, sandbox.Fault{Kind: sandbox.ResetBefore, Operation: "createBooking", Count: 1})
		b.fails("outcome_unknown", booking.CreateActivity, w)
		b.advance(23*time.Hour + time.Minute)
		b.fails("internal", booking.CreateActivity, w)
		b.advance(time.Minute)
		out := b.must(booking.CreateActivity, w)
		require.Equal(t, booking.Outcome{State: ledger.Unknown, Version: 1, Problem: "outcome_unknown"}, out)
		require.Equal(t, 1, b.Requests("createBooking"))
		tasks, err := b.Ledger.Tasks(t.Context(), b.Hotel.ID)
		require.NoError(t, err)
		require.Len(t, tasks, 1)
		require.Equal(t, w.Booking, tasks[0].Booking)
		require.Equal(t, "outcome_unknown", tasks[0].Kind)
		require.Equal(t, out, b.must(booking.CreateActivity, w))
	})
	t.Run("never sent", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, sandbox.Options{})
		w := b.ask(false, sandbox.Double)
		b.advance(48 * time.Hour) // an outage; the key has not begun to age
		require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
	})
}

// TestVendorWithoutKeys looks before it writes again, and only when the first
// write cannot take effect any more.
func TestVendorWithoutKeys(t *testing.T) {
	t.Parallel()
	for name, window := range map[string]time.Duration{"no keys": 0, "keys forgotten soon": 30 * time.Minute} {
		open := func(t *testing.T, fault sandbox.Fault) (*bench, booking.Write) {
			b := newBench(t, sandbox.Options{})
			b.answer(answers{
				caps: func(c pms.Capabilities) pms.Capabilities {
					c.KeyWindow = window
					return c
				},
				create: func(d pms.Draft) (pms.Draft, error) {
					d.Key = ledger.NewID() // a fresh key each time is as good as none
					return d, nil
				},
			})
			fault.Operation, fault.Count = "createBooking", 1
			b.Fault(t, fault)
			w := b.ask(false, sandbox.Double)
			b.fails("outcome_unknown", booking.CreateActivity, w)
			return b, w
		}
		t.Run(name+", made", func(t *testing.T) {
			t.Parallel()
			b, w := open(t, sandbox.Fault{Kind: sandbox.ResetAfter})
			b.Fault(t, sandbox.Fault{Kind: sandbox.ListLag, Delay: 20 * time.Second})
			b.fails("internal", booking.CreateActivity, w)
			b.advance(21 * time.Second)
			require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
			require.Equal(t, 1, b.Requests("createBooking"))
		})
		t.Run(name+", not made", func(t *testing.T) {
			t.Parallel()
			b, w := open(t, sandbox.Fault{Kind: sandbox.ResetBefore})
			b.advance(89 * time.Second)
			b.fails("internal", booking.CreateActivity, w)
			require.Equal(t, 1, b.Requests("createBooking"))
			b.advance(2 * time.Second)
			require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
			require.Equal(t, 1, b.Vendor.Count(""))
		})
		t.Run(name+", made late", func(t *testing.T) {
			t.Parallel()
			b, w := open(t, sandbox.Fault{Kind: sandbox.LateCommit, Delay: time.Minute})
			b.advance(59 * time.Second)
			b.fails("internal", booking.CreateActivity, w)
			b.advance(2 * time.Second)
			require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
			require.Equal(t, 1, b.Vendor.Count(""))
		})
	}
}

func TestAnIntentOfAnotherBookingIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	one, other := b.ask(false, sandbox.Double), b.ask(false, sandbox.Double)
	one.Booking = other.Booking
	require.True(t, b.fails(booking.TypeUnknown, booking.CreateActivity, one).NonRetryable())
	one.Intent = ledger.NewID()
	require.True(t, b.fails(booking.TypeUnknown, booking.CreateActivity, one).NonRetryable())
	require.Zero(t, b.Requests("createBooking"))
}

// closed is a connector that an operator closed.
type closed struct{ pms.Connector }

func (c closed) Ready(context.Context, pms.Operation) error {
	return &pms.Error{Kind: pms.ErrUnavailable, Vendor: "apaleo", RetryAfter: 20 * time.Second, Cause: connectors.ErrMaintenance}
}

// TestMaintenanceLeavesACreateUnsent: however long it takes, the create that
// follows is a first one, and not one whose outcome nobody knows.
func TestMaintenanceLeavesACreateUnsent(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	b.Connectors.Wrap(func(c pms.Connector) pms.Connector { return closed{c} })
	failed := b.fails("unavailable", booking.CreateActivity, w)
	require.Equal(t, 20*time.Second, failed.NextRetryDelay())
	require.Zero(t, b.Requests("createBooking"))
	b.undisturbed()
	b.advance(48 * time.Hour)
	require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State)
}
