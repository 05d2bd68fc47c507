package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func (b *bench) ref(e ledger.Entry) booking.Ref {
	return booking.Ref{Hotel: b.Hotel.ID, Booking: e.ID, Version: e.Version + 1}
}

func TestRefreshRecordsWhatIsNew(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	b.must(booking.RefreshActivity, b.ref(entry))
	entry = b.Entry(t, entry.ID)
	require.Equal(t, ledger.Confirmed, entry.State)

	require.Equal(t, entry.Version, b.must(booking.RefreshActivity, b.ref(entry)).Version, "nothing is new")
	require.Equal(t, entry.Version, b.Entry(t, entry.ID).Version)

	b.Vendor.SetStatus(string(entry.Stays[0].ID), sandbox.Canceled)
	out := b.must(booking.RefreshActivity, b.ref(entry))
	require.Equal(t, ledger.Cancelled, out.State)
	require.Equal(t, entry.Version+1, out.Version)
	require.Equal(t, out, b.must(booking.RefreshActivity, b.ref(entry)), "the same news again")
}

func TestRefreshBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	ref := booking.Ref{Hotel: w.Hotel, Booking: w.Booking, Version: 1}
	require.Equal(t, booking.Outcome{State: ledger.Pending}, b.must(booking.RefreshActivity, ref))
	require.Equal(t, ledger.Confirmed, b.must(booking.CreateActivity, w).State, "the version is still free")
}

func TestRefreshLeavesAHoldAHold(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, _ := b.hold(10 * time.Minute)
	b.must(booking.RefreshActivity, b.ref(entry))
	after := b.Entry(t, entry.ID)
	require.Equal(t, ledger.Held, after.State)
	require.True(t, entry.HoldUntil.Equal(after.HoldUntil))
	require.Equal(t, pms.StatusHeld, after.Stays[0].Status)
}

// TestRefreshLeavesTheEndAlone: the event of our own release must not turn a
// released hold into a cancelled booking.
func TestRefreshLeavesTheEndAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry, _ := b.hold(0)
	b.must(booking.ReleaseActivity, b.cancel(entry))
	released := b.Entry(t, entry.ID)
	require.Equal(t, ledger.Released, b.must(booking.RefreshActivity, b.ref(released)).State)
	require.Equal(t, released.Version, b.Entry(t, entry.ID).Version)
}

func TestRefreshOfWhatIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	b.Vendor.Reset()
	require.Equal(t, entry.Version, b.must(booking.RefreshActivity, b.ref(entry)).Version)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 1}, b.must(booking.LoadActivity, booking.Ref{Hotel: b.Hotel.ID, Booking: entry.ID}))
	missing := b.fails(booking.TypeUnknown, booking.LoadActivity, booking.Ref{Hotel: b.Hotel.ID, Booking: ledger.NewID()})
	require.True(t, missing.NonRetryable())
}

func TestAnErasedBookingIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	_, err := b.Ring.Destroy(t.Context(), keys.Scope{Tenant: w.Hotel, ID: w.Booking})
	require.NoError(t, err)
	require.True(t, b.fails("erased", booking.CreateActivity, w).NonRetryable())
	require.Zero(t, b.Requests("createBooking"))
}

func TestErrorsBecomeTemporals(t *testing.T) {
	t.Parallel()
	after := func(kind error, wait time.Duration) error {
		return &pms.Error{Kind: kind, Vendor: "apaleo", Status: 429, RetryAfter: wait}
	}
	own := func(kind error, wait time.Duration) error { // our own breaker or limiter: nothing was asked
		return &pms.Error{Kind: kind, Vendor: "apaleo", RetryAfter: wait}
	}
	for _, test := range []struct {
		err    error
		kind   string
		final  bool
		delay  time.Duration
		benign bool
	}{
		{err: kindOf(pms.ErrAuthentication), kind: "authentication", delay: 15 * time.Second},
		{err: kindOf(pms.ErrPermission), kind: "permission", delay: 15 * time.Second},
		{err: after(pms.ErrRateLimited, 7*time.Second), kind: "rate_limited", delay: 7 * time.Second, benign: true},
		{err: own(pms.ErrUnavailable, time.Minute), kind: "unavailable", delay: 4 * time.Second},
		{err: kindOf(pms.ErrValidation), kind: "validation"},
		{err: kindOf(pms.ErrNotFound), kind: "not_found"},
		{err: kindOf(pms.ErrSoldOut), kind: "sold_out"},
		{err: kindOf(pms.ErrConflict), kind: "conflict"},
		{err: kindOf(pms.ErrUnsupported), kind: "unsupported"},
		{err: after(pms.ErrUnavailable, time.Second), kind: "unavailable", delay: time.Second},
		{err: kindOf(pms.ErrOutcomeUnknown), kind: "outcome_unknown"},
		{err: booking.ErrTooEarly, kind: "internal", benign: true},
		{err: errors.New("anything"), kind: "internal"},
		{err: ledger.ErrStale, kind: booking.TypeStale, final: true},
		{err: ledger.ErrNotFound, kind: booking.TypeUnknown, final: true},
		{err: keys.ErrDestroyed, kind: "erased", final: true},
	} {
		var failed *temporal.ApplicationError
		require.ErrorAs(t, booking.TemporalError(test.err), &failed)
		require.Equal(t, test.kind, failed.Type())
		require.Equal(t, test.final, failed.NonRetryable(), test.kind)
		require.Equal(t, test.delay, failed.NextRetryDelay(), test.kind)
		require.Equal(t, test.benign, failed.Category() == temporal.ApplicationErrorCategoryBenign, test.kind)
		require.NotContains(t, failed.Error(), bookingtest.Marker)
	}
	require.NoError(t, booking.TemporalError(nil))
}
