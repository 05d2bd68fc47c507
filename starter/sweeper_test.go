package starter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// TestNothingIsLostWhileTemporalIsAway: the intents are stored, and the
// sweeper sends them when it can. Older ones of a hotel that cannot be reached
// stay open; they fill more than the sweeper reads at once.
func TestNothingIsLostWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	confirmed := d.book(sandbox.Single)
	d.House.Database.Admin(t, `
		insert into intent (hotel, key_hmac, body_hmac, id, booking, kind, created_at)
		select 'hotel-gone', sha256(n::text::bytea), sha256(''), n::text, n::text, 'book', now() - interval '1 hour'
		from generate_series(1, 5) n`)
	d.wire.cut.Store(true)
	var ids []string
	for range 5 {
		pending, err := d.Book(t.Context(), d.Hotel.ID, key(), request(d.quote(sandbox.Double)))
		require.NoError(t, err)
		require.Equal(t, ledger.Pending, pending.State)
		ids = append(ids, pending.ID)
	}
	leaving, err := d.Cancel(t.Context(), d.Hotel.ID, confirmed.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Cancel, leaving.Pending)
	d.sweep()
	d.wire.cut.Store(false)
	for _, id := range ids {
		d.becomes(id, ledger.Confirmed)
	}
	d.becomes(confirmed.ID, ledger.Cancelled)
	require.Equal(t, 5, d.Vendor.Count(sandbox.Confirmed))
	require.Equal(t, 6, d.Vendor.Count(""))
}

// TestAClosedRunDoesNotLoseABooking: Temporal keeps an update that nobody took
// up in memory only. Where it forgets one, the run closes for want of updates.
func TestAClosedRunDoesNotLoseABooking(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	d.wire.cut.Store(true)
	pending, err := d.Book(t.Context(), d.Hotel.ID, key(), request(d.quote(sandbox.Double)))
	require.NoError(t, err)
	run, err := d.temporal.Client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: reservation.WorkflowID(d.Hotel.ID, pending.ID), TaskQueue: reservation.TaskQueue,
	}, reservation.Name, reservation.Input{
		Hotel: d.Hotel.ID, Vendor: "apaleo", Booking: pending.ID, Timing: reservation.Timing{FirstUpdate: time.Millisecond},
	})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))

	d.wire.cut.Store(false)
	d.sweep()
	d.becomes(pending.ID, ledger.Confirmed)
	require.Equal(t, 1, d.Vendor.Count(""))
}

// TestATerminatedRunDoesNotBookTwice: its create succeeded and was not
// recorded. The run that the sweeper begins must find it.
func TestATerminatedRunDoesNotBookTwice(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	d.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "createBooking", Count: 1})
	r := request(d.quote(sandbox.Double))
	answered := make(chan error, 1)
	once := key()
	go func() {
		_, err := d.Book(t.Context(), d.Hotel.ID, once, r)
		answered <- err
	}()
	_, err := d.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	id := d.Vendor.Stays()[0].ExternalCode
	require.NoError(t, d.temporal.Client.TerminateWorkflow(t.Context(), reservation.WorkflowID(d.Hotel.ID, id), "", "test"))
	require.NoError(t, <-answered)
	d.Vendor.Drop("")
	d.sweep()
	d.becomes(id, ledger.Confirmed)
	require.Equal(t, 1, d.Vendor.Count(""))
}
