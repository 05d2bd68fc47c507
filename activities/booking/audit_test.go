package booking_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// events are the audit events that wait, as the writers numbered them.
func (b *bench) events() (kinds []string) {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.Database.AdminURL)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, conn.Close(b.t.Context())) }()
	rows, err := conn.Query(b.t.Context(), "select kind from audit_outbox order by id")
	require.NoError(b.t, err)
	kinds, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(b.t, err)
	return kinds
}

// TestTheLedgerAndTheAuditLogAgree: each thing that the ledger took is an event,
// and what it refused or knew already is none.
func TestTheLedgerAndTheAuditLogAgree(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.ask(false, sandbox.Double)
	b.must(booking.CreateActivity, w)
	want := []string{"booking.book_requested", "booking.confirmed"}
	require.Equal(t, want, b.events())

	b.must(booking.CreateActivity, w)
	stale := b.Entry(t, w.Booking)
	require.ErrorIs(t, b.Ledger.Advance(t.Context(), b.Hotel.ID, stale, ledger.Settlement{}), ledger.ErrStale)
	require.Equal(t, want, b.events(), "a repeat and a refused move leave no trace")

	cancel := b.Want(t, ledger.Cancel, w.Booking, "")
	b.must(booking.CancelActivity, cancel)
	want = append(want, "booking.cancel_requested", "booking.cancelled")
	require.Equal(t, want, b.events())

	elsewhere := b.Entry(t, w.Booking)
	elsewhere.ID, elsewhere.VendorBooking, elsewhere.Confirmation = b.scope(), "ELSEWHERE", "ELSEWHERE"
	for range 2 {
		_, err := b.Ledger.Adopt(t.Context(), b.Hotel.ID, elsewhere, []byte("sealed"))
		require.NoError(t, err)
	}
	require.Equal(t, append(want, "booking.adopted"), b.events(), "once, however often it is adopted")
}

// TestAnErasedBookingIsStillAccountedFor: the key of the booking is gone, and
// what happens to it is told under the hotel's own.
func TestAnErasedBookingIsStillAccountedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	_, err := b.Ring.Destroy(t.Context(), keys.Scope{Tenant: b.Hotel.ID, ID: entry.ID})
	require.NoError(t, err)
	entry.Version++
	entry.State = ledger.Cancelled
	require.NoError(t, b.Ledger.Advance(t.Context(), b.Hotel.ID, entry, ledger.Settlement{}))
	require.Equal(t, []string{"booking.book_requested", "booking.confirmed", "booking.cancelled"}, b.events())
}

// scope makes the scope of another booking.
func (b *bench) scope() string {
	b.t.Helper()
	scope, err := b.Ring.Create(b.t.Context(), b.Hotel.ID)
	require.NoError(b.t, err)
	return scope.ID
}
