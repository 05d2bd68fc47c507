package starter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A mailbox is the real API with the real inbox, that the vendor posts to.
type mailbox struct {
	*desk
	*httptest.Server
	edge     *starter.Client
	store    *webhooks.Store
	secret   string
	registry *prometheus.Registry
}

type nobody struct{}

func (nobody) Authenticate(context.Context, string) (auth.Caller, error) {
	return auth.Caller{}, starter.Unauthenticated.With("Nobody is known here.")
}

// subscribed opens a mailbox of the desk and has the vendor post to it.
func (d *desk) subscribed() *mailbox {
	d.t.Helper()
	m := d.mailbox()
	m.subscribe(d.Hotel.ID)
	return m
}

func (d *desk) mailbox() *mailbox {
	d.t.Helper()
	m := &mailbox{desk: d, registry: prometheus.NewRegistry()}
	var err error
	m.store, err = webhooks.New(d.Database.Pool(d.t))
	require.NoError(d.t, err)
	m.edge = d.client(starter.Options{Webhooks: m.store})
	require.NoError(d.t, m.edge.Register(m.registry))
	handler, err := api.New(api.Options{Starter: m.edge, Auth: nobody{}, Logger: d.House.Log.Logger(), Registerer: m.registry})
	require.NoError(d.t, err)
	m.Server = httptest.NewServer(handler)
	d.t.Cleanup(m.Server.Close)
	d.t.Cleanup(func() {
		if m.secret != "" {
			require.NotContains(d.t, d.House.Log.String(), m.secret, "the secret is in the log")
		}
	})
	return m
}

// subscribe makes a secret, and the vendor's subscription under it.
func (m *mailbox) subscribe(hotel string) {
	m.t.Helper()
	entry, err := m.House.Registry.Hotel(m.t.Context(), hotel)
	require.NoError(m.t, err)
	entry.Endpoints["webhook"] = entry.Endpoints["api"]
	require.NoError(m.t, m.House.Registry.Add(m.t.Context(), entry))
	conn, err := m.House.Connectors.Connector(m.t.Context(), hotel)
	require.NoError(m.t, err)
	_, err = m.store.Subscribe(m.t.Context(), conn, hotel, "apaleo", m.URL)
	require.NoError(m.t, err)
	subs := m.Vendor.Subscriptions()
	address := subs[len(subs)-1].EndpointURL
	m.secret = address[strings.LastIndexByte(address, '/')+1:]
}

// post is an event as the vendor would post it.
func (m *mailbox) post(path, body string) (status int, problem map[string]any) {
	m.t.Helper()
	answer, err := http.Post(m.URL+"/v1/webhooks/"+path, "application/json", strings.NewReader(body))
	require.NoError(m.t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(m.t, err)
	require.NotContains(m.t, fmt.Sprint(answer.Header), m.secret+"x")
	require.NotContains(m.t, string(text), m.secret+"x")
	if len(text) > 0 {
		require.NoError(m.t, json.Unmarshal(text, &problem))
		delete(problem, "instance")
	}
	return answer.StatusCode, problem
}

func (m *mailbox) own(secret string) string { return "apaleo/" + m.Hotel.ID + "/" + secret }

func amended(id, stay string) string {
	return fmt.Sprintf(`{"topic":"Reservation","type":"amended","id":%q,"accountId":"A","propertyId":%q,"timestamp":1790000000000,"data":{"entityId":%q}}`,
		id, sandbox.PropertyID, stay)
}

// quiet waits until the vendor has posted everything, and everything that it
// posted is carried out.
func (m *mailbox) quiet() {
	m.t.Helper()
	require.Eventually(m.t, func() bool {
		return m.Vendor.State(false).Webhooks.Waiting == 0 && m.open() == 0
	}, 30*time.Second, 10*time.Millisecond, "events are left over")
}

// open counts the deliveries that nobody has carried out.
func (m *mailbox) open() (n int) {
	m.t.Helper()
	m.query(&n, "select count(*) from webhook_delivery where done_at is null")
	return n
}

// events counts what became of events.
func (m *mailbox) events(result string) float64 {
	m.t.Helper()
	families, err := m.registry.Gather()
	require.NoError(m.t, err)
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if f.GetName() == "voicehive_webhook_events_total" && metric.GetLabel()[0].GetValue() == result {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}

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

// TestStrangersLearnNothing: whatever is wrong with the address, the answer is
// the same, and nothing happens.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	other := d.AddHotel(t, "hotel-borea", d.Hotel.Endpoints["api"])
	m := d.subscribed()
	own := m.secret
	m.subscribe(other.ID)
	others := m.secret
	body := amended("e1", "X-1")
	_, want := m.post("apaleo/no-such-hotel/"+own, body)
	require.Equal(t, "/problems/not-found", want["type"])
	for name, path := range map[string]string{
		"wrong secret":           m.own("wrong"),
		"shortened secret":       m.own(own[1:]),
		"another hotel's secret": m.own(others),
		"unknown vendor":         "mews/" + m.Hotel.ID + "/" + own,
		"vendor in capitals":     "Apaleo/" + m.Hotel.ID + "/" + own,
		"no hotel's name":        "apaleo/NOT%20A%20HOTEL/" + own,
	} {
		status, got := m.post(path, body)
		require.Equal(t, http.StatusNotFound, status, name)
		require.Equal(t, want, got, name)
		status, _ = m.post(path, strings.Repeat("x", 1<<20))
		require.Equal(t, http.StatusNotFound, status, "%s: the body is not read", name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"))

	status, _ := m.post(m.own(own), body)
	require.Equal(t, http.StatusNoContent, status)
	require.NotContains(t, m.House.Log.String(), own)
	require.NotContains(t, m.House.Log.String(), others)
	families, err := m.registry.Gather()
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(families), own)
}

func TestWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	for name, test := range map[string]struct {
		body string
		code string
	}{
		"no JSON":         {"<html>", "malformed-request"},
		"nothing":         {"", "malformed-request"},
		"no event":        {`{"topic":1}`, "malformed-request"},
		"an endless name": {amended(strings.Repeat("e", 200), "X-1"), "malformed-request"},
		"a strange name":  {amended("e1", "../../x"), "malformed-request"},
		"too long":        {strings.TrimSuffix(amended("e1", "X-1"), "}") + `,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "too-large"},
	} {
		status, p := m.post(m.own(m.secret), test.body)
		require.Equal(t, "/problems/"+test.code, p["type"], name)
		require.Contains(t, []int{400, 413}, status, name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"))
	for name, body := range map[string]string{
		"a health check":         `{"topic":"system","type":"healthcheck","id":"h1","accountId":"A","timestamp":1790000000000}`,
		"another property's day": strings.Replace(amended("e2", "X-1"), `"`+sandbox.PropertyID+`"`, `"ELSEWHERE"`, 1),
	} {
		status, _ := m.post(m.own(m.secret), body)
		require.Equal(t, http.StatusNoContent, status, name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"), "nothing of these is worth a look")
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
	m.wire.cut.Store(true)
	require.NoError(t, m.Vendor.StaffCancel(string(booked.Stays[0].ID)))
	require.Eventually(t, func() bool { return m.events("failed") == 1 }, 30*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return m.Vendor.State(false).Webhooks.Waiting == 0 }, 30*time.Second, 10*time.Millisecond)
	require.Zero(t, m.Vendor.State(false).Webhooks.Failed)
	require.Equal(t, 1, m.open())
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

func TestAHotelThatPostsTooMuch(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	now := time.Now()
	m.edge.SetClock(func() time.Time { return now })
	health := `{"topic":"system","type":"healthcheck","id":"h1","accountId":"A","timestamp":1790000000000}`
	status, posted := http.StatusNoContent, 0
	var p map[string]any
	for ; status == http.StatusNoContent && posted < 1000; posted++ {
		status, p = m.post(m.own(m.secret), health)
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "/problems/too-many-requests", p["type"])
	require.EqualValues(t, 1, p["retry_after"])
	require.Greater(t, posted, 100)
	now = now.Add(time.Second)
	status, _ = m.post(m.own(m.secret), health)
	require.Equal(t, http.StatusNoContent, status)
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

func TestWithoutAnInboxThereIsNoAddress(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	problem(t, d.Receive(t.Context(), starter.Webhook{Vendor: "apaleo", Hotel: d.Hotel.ID, Body: strings.NewReader("{}")}), starter.NotFound)
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
