package starter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// TestTheDeskCancels: what the hotel's staff does shows in the ledger without
// anybody asking.
func TestTheDeskCancels(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	booked := m.book(sandbox.Double)
	require.NoError(t, m.Vendor.StaffCancel(string(booked.Stays[0].ID)))
	m.becomes(booked.ID, ledger.Cancelled)
	m.quiet()
	_, err := m.Cancel(t.Context(), m.Hotel.ID, booked.ID, key())
	problem(t, err, starter.AlreadyCancelled)
}

// TestTheDeskChangesAClosedBooking: its workflow has ended long ago.
func TestTheDeskChangesAClosedBooking(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	booked := m.book(sandbox.Double)
	m.quiet()
	m.terminate(booked.ID)
	require.NoError(t, m.Vendor.StaffAmend(string(booked.Stays[0].ID), sandbox.StaffChange{Departure: booked.Departure.AddDays(1)}))
	require.Eventually(t, func() bool {
		r, err := m.Reservation(t.Context(), m.Hotel.ID, booked.ID)
		return err == nil && r.Departure == booked.Departure.AddDays(1)
	}, 30*time.Second, 20*time.Millisecond)
	// And the booking that a signal opened can be changed like any other.
	cancelled, err := m.Cancel(t.Context(), m.Hotel.ID, booked.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Cancelled, cancelled.State)
}

func TestEventsComeTwiceAndInDisorder(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	m.Fault(t, sandbox.Fault{Kind: sandbox.ReorderWebhooks, Operation: "reservation/created"})
	m.Fault(t, sandbox.Fault{Kind: sandbox.DuplicateWebhooks, Operation: "reservation/amended"})
	m.Fault(t, sandbox.Fault{Kind: sandbox.DuplicateWebhooks, Operation: "reservation/canceled"})
	booked := m.book(sandbox.Double, sandbox.Single)
	first, second := booked.Stays[0], booked.Stays[1]
	require.NoError(t, m.Vendor.StaffAmend(string(first.ID), sandbox.StaffChange{Departure: first.Departure.AddDays(2)}))
	require.NoError(t, m.Vendor.StaffCancel(string(second.ID)))
	m.Vendor.FlushWebhooks()
	require.Eventually(t, func() bool {
		r, err := m.Reservation(t.Context(), m.Hotel.ID, booked.ID)
		return err == nil && r.State == ledger.Confirmed && r.Stays[1].Status == pms.StatusCancelled &&
			r.Stays[0].Departure == first.Departure.AddDays(2)
	}, 30*time.Second, 20*time.Millisecond)
	m.quiet()
	require.Equal(t, float64(2), m.events("duplicate"))
	require.Equal(t, float64(m.Rows(t, "webhook_delivery")), m.events("taken"))
	require.NoError(t, m.Vendor.StaffCancel(string(first.ID)))
	m.becomes(booked.ID, ledger.Cancelled)
}

// TestAnEventBeforeOurOwnAnswer: the vendor tells of a booking that we do not
// know the vendor's name of, and its staff cancels it in the same moment.
func TestAnEventBeforeOurOwnAnswer(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	quote := m.quote(sandbox.Double)
	m.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "createBooking", Count: 1})
	answered := make(chan error, 1)
	go func() {
		_, err := m.Book(context.WithoutCancel(t.Context()), m.Hotel.ID, key(), request(quote))
		answered <- err
	}()
	_, err := m.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	m.quiet() // the event that tells of its creation
	require.EqualValues(t, 1, m.wire.signals.Load(), "the booking was told while it waits for its answer")
	require.NoError(t, m.Vendor.StaffCancel(m.Vendor.Stays()[0].ID))
	m.quiet()
	m.Vendor.Release("")
	require.NoError(t, <-answered)
	require.Eventually(t, func() bool {
		var n int
		m.query(&n, "select count(*) from booking where state = 'cancelled'")
		return n == 1
	}, 30*time.Second, 20*time.Millisecond)
}

// TestForeignBookings: most of what happens at a hotel is not ours. It only
// makes what is remembered of it stale.
func TestForeignBookings(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	_, err := m.edge.Availability(t.Context(), m.Hotel.ID, query())
	require.NoError(t, err)
	m.bookElsewhere(sandbox.Double, "BOOKING-DOT-EXAMPLE")
	m.bookElsewhere(sandbox.Double, ledger.NewID()) // looks like ours
	m.quiet()
	require.Equal(t, 2, m.Rows(t, "webhook_delivery"))
	require.Zero(t, m.Rows(t, "booking"))
	require.Zero(t, m.wire.signals.Load())
	asked := m.Requests("offers")
	_, err = m.edge.Availability(t.Context(), m.Hotel.ID, query())
	require.NoError(t, err)
	require.Equal(t, asked+1, m.Requests("offers"))
}

// TestAnEventOutlastsATrouble: the vendor was told that it need not repeat the
// event, and it does not.
func TestAnEventOutlastsATrouble(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	booked := m.book(sandbox.Double)
	m.quiet()
	m.idle(booked.ID)
	m.wire.cut.Store(true)
	require.NoError(t, m.Vendor.StaffCancel(string(booked.Stays[0].ID)))
	// One failure at least: the vendor posts what it has to say of one deed in as
	// many events as it likes.
	require.Eventually(t, func() bool { return m.events("failed") >= 1 }, 30*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return m.Vendor.State(false).Webhooks.Waiting == 0 }, 30*time.Second, 10*time.Millisecond)
	require.Zero(t, m.Vendor.State(false).Webhooks.Failed)
	require.Positive(t, m.open())
	m.wire.cut.Store(false)
	m.attend(m.edge)
	m.becomes(booked.ID, ledger.Cancelled)
	m.quiet()
}

// TestAVendorThatHangsUp does not keep its event from being carried out.
func TestAVendorThatHangsUp(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	booked := m.book(sandbox.Double)
	m.quiet()
	before := m.wire.signals.Load()
	ctx, hangUp := context.WithCancel(t.Context())
	edge := m.client(starter.Options{Webhooks: hasty{Store: m.store, then: hangUp}})
	require.NoError(t, edge.Receive(ctx, starter.Webhook{
		Vendor: "apaleo", Hotel: m.Hotel.ID, Secret: credentials.NewSecret(m.secret),
		Body: strings.NewReader(amended("hung-up", string(booked.Stays[0].ID))),
	}))
	require.Error(t, ctx.Err())
	m.quiet()
	require.Equal(t, before+1, m.wire.signals.Load())
}

// hasty calls then when an event has been stored.
type hasty struct {
	*webhooks.Store
	then func()
}

func (h hasty) Take(ctx context.Context, hotel, vendor string, events []pms.Event) ([]webhooks.Delivery, error) {
	defer h.then()
	return h.Store.Take(ctx, hotel, vendor, events)
}

// TestAnEventStartsNoBooking: the workflow of a booking that nobody has begun
// is for the sweeper to start, which books in it.
func TestAnEventStartsNoBooking(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	m.wire.cut.Store(true)
	pending, err := m.Book(t.Context(), m.Hotel.ID, key(), request(m.quote(sandbox.Double)))
	require.NoError(t, err)
	require.Equal(t, ledger.Pending, pending.State)
	m.wire.cut.Store(false)
	m.bookElsewhere(sandbox.Single, "SOMEBODY") // as if ours had been sent before
	m.quiet()
	m.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { return claimed{c, pending.ID} })
	status, _ := m.post(m.own(m.secret), amended("e1", m.Vendor.Stays()[0].ID))
	require.Equal(t, http.StatusNoContent, status)
	m.quiet()
	m.House.Connectors.Wrap(nil)
	require.EqualValues(t, 1, m.wire.signals.Load())
	_, err = m.temporal.Client.DescribeWorkflowExecution(t.Context(), reservation.WorkflowID(m.Hotel.ID, pending.ID), "")
	var none *serviceerror.NotFound
	require.ErrorAs(t, err, &none)
	m.work()
	m.sweep()
	m.becomes(pending.ID, ledger.Confirmed)
}

// claimed is a hotel system whose reservations all have our reference.
type claimed struct {
	pms.Connector
	reference string
}

func (c claimed) Reservation(ctx context.Context, id pms.ReservationID) (pms.Reservation, error) {
	found, err := c.Connector.Reservation(ctx, id)
	found.Reference = pms.Reference(c.reference)
	return found, err
}

// TestAReplacementIsKnownByItsIntent: where a change is a new reservation, its
// reference is the intent's.
func TestAReplacementIsKnownByItsIntent(t *testing.T) {
	t.Parallel()
	m := open(t, sandbox.Options{}).subscribed()
	booked := m.book(sandbox.Double)
	m.quiet()
	intent := m.Want(t, ledger.Modify, booked.ID, "").Intent
	before := m.wire.signals.Load()
	m.bookElsewhere(sandbox.Single, intent)
	m.quiet()
	require.Equal(t, before+1, m.wire.signals.Load())
}

// bookElsewhere books a room for two nights with a reference of another's.
func (m *mailbox) bookElsewhere(room, reference string) {
	m.t.Helper()
	conn := m.Conn(m.t)
	draft, err := conn.Draft(pms.CreateRequest{
		Reference: pms.Reference(reference), Booker: bookingtest.Guest(), Stays: []pms.StayRequest{{Offer: m.Offer(m.t, room)}},
	})
	require.NoError(m.t, err)
	_, err = conn.Create(m.t.Context(), draft)
	require.NoError(m.t, err)
}

// query reads one value behind the product's back.
func (d *desk) query(into any, sql string) {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.Database.AdminURL)
	require.NoError(d.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(d.t.Context())) }()
	require.NoError(d.t, conn.QueryRow(d.t.Context(), sql).Scan(into))
}

// terminate ends a booking's workflow, as time would.
func (d *desk) terminate(id string) {
	d.t.Helper()
	require.NoError(d.t, d.temporal.Client.TerminateWorkflow(d.t.Context(), reservation.WorkflowID(d.Hotel.ID, id), "", "test"))
}
