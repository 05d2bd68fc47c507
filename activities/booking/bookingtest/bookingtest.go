// Package bookingtest gives tests a hotel whose every part is real: a ledger,
// a registry and keys in Postgres, and a connector that calls a simulated
// vendor over HTTP. It is for tests only, on the activities floor.
package bookingtest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// HotelID is the hotel of a House.
const HotelID = "hotel-aurora"

// Marker stands in every field of Guest: where it shows, a guest would.
const Marker = "Zzyzxova"

// Guest is the caller of all tests.
func Guest() pms.Guest {
	return pms.Guest{
		FirstName: "Xena" + Marker, LastName: Marker, Email: Marker + "@example.org",
		Phone: "+49 30 5550199", Language: "en", Country: "DE", Comment: "a cot for " + Marker,
	}
}

// A House is a hotel with everything that a booking needs.
type House struct {
	Hotel      registry.Hotel
	Database   *postgrestest.Database
	Ledger     *ledger.Ledger
	Registry   *registry.Registry
	Ring       *keys.Ring
	Vendor     *sandbox.Sandbox
	Connectors *Connectors
	Activities *booking.Activities
	Log        *Log
}

// New opens a house for one test. The vendor sells without restrictions, so
// that no test depends on the day it runs.
func New(t testing.TB, options sandbox.Options) *House {
	t.Helper()
	options.Restrictions = []sandbox.Restriction{}
	h := &House{Vendor: sandbox.New(options), Log: &Log{}, Database: postgrestest.New(t, postgres.Migrations)}
	server := httptest.NewServer(h.Vendor)
	t.Cleanup(server.Close)
	t.Cleanup(h.Vendor.Close)

	pool := h.Database.Pool(t)
	wrapper, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.json"), "test")
	require.NoError(t, err)
	h.Ring = keys.New(keys.NewPostgres(postgrestest.New(t, keys.Migrations).Pool(t)), wrapper, keys.Options{})
	h.Ledger = ledger.New(pool, ledger.WithAudit(audit.NewWriter(h.Ring)))
	h.Registry, err = registry.New(pool)
	require.NoError(t, err)

	store := credentials.NewFileStore(filepath.Join(t.TempDir(), "credentials.yaml"))
	require.NoError(t, store.Put(t.Context(), "aurora", credentials.Credentials{
		ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret),
	}))
	factory, err := connectors.New(connectors.Deps{
		Hotels: h.Registry, Credentials: store, Transport: transport.Options{Logger: h.Log.Logger()},
	})
	require.NoError(t, err)
	h.Connectors = &Connectors{from: factory}
	h.Hotel = h.AddHotel(t, HotelID, server.URL)
	h.Activities = booking.New(h.Ledger, h.Connectors, h.Ring)
	return h
}

// AddHotel registers a hotel whose vendor answers at url.
func (h *House) AddHotel(t testing.TB, id, url string) registry.Hotel {
	t.Helper()
	hotel := registry.Hotel{
		ID: id, Name: "Hotel Aurora", Vendor: "apaleo", Property: sandbox.PropertyID,
		Endpoints: map[string]string{"api": url, "identity": url},
		TimeZone:  "Europe/Berlin", Currency: "EUR", Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
	}
	require.NoError(t, h.Registry.Add(t.Context(), hotel))
	require.NoError(t, h.Ring.EnsureTenant(t.Context(), id))
	return hotel
}

// Connectors hands out the factory's connectors, wrapped where a test wants
// another vendor's behaviour.
type Connectors struct {
	from *connectors.Factory
	mu   sync.Mutex
	wrap func(pms.Connector) pms.Connector
}

// Wrap puts something between the product and its connector from now on.
func (c *Connectors) Wrap(wrap func(pms.Connector) pms.Connector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrap = wrap
}

// Connector implements booking.Connectors and starter.Connectors.
func (c *Connectors) Connector(ctx context.Context, hotel string) (pms.Connector, error) {
	conn, err := c.from.Connector(ctx, hotel)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || c.wrap == nil {
		return conn, err
	}
	return c.wrap(conn), nil
}

// Conn is the hotel's connector.
func (h *House) Conn(t testing.TB) pms.Connector {
	t.Helper()
	conn, err := h.Connectors.Connector(t.Context(), h.Hotel.ID)
	require.NoError(t, err)
	return conn
}

// Arrival is the first day of the stays of tests: far enough for every rate.
func Arrival() pms.Date { return pms.DateOf(time.Now()).AddDays(40) }

// Offer prices a room for two nights from Arrival at its flexible rate.
func (h *House) Offer(t testing.TB, room string) pms.Offer {
	t.Helper()
	offer, err := h.Conn(t).Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: pms.RoomTypeID(room), RatePlanID: pms.RatePlanID(sandbox.Flexible(room)),
		Arrival: Arrival(), Departure: Arrival().AddDays(2), Occupancy: pms.Occupancy{Adults: 1},
	})
	require.NoError(t, err)
	return offer
}

// Ask stores the intent to book offers, as the starter does, and returns what
// its activity is called with.
func (h *House) Ask(t testing.TB, hold bool, offers ...pms.Offer) booking.Write {
	t.Helper()
	ctx := t.Context()
	scope, err := h.Ring.Create(ctx, h.Hotel.ID)
	require.NoError(t, err)
	request := pms.CreateRequest{Reference: pms.Reference(scope.ID), Booker: Guest(), Hold: hold}
	entry := ledger.Entry{ID: scope.ID, State: ledger.Pending, Total: offers[0].PayableTotal}
	for _, offer := range offers {
		request.Stays = append(request.Stays, pms.StayRequest{Offer: offer})
		entry.Stays = append(entry.Stays, pms.Stay{Arrival: offer.Arrival, Departure: offer.Departure, Total: offer.Total})
	}
	entry.Span()
	draft, err := h.Conn(t).Draft(request)
	require.NoError(t, err)
	seal := func(place string, value any) []byte {
		sealed, err := keys.SealJSON(ctx, h.Ring, scope, booking.SealPurpose, place, value)
		require.NoError(t, err)
		return sealed
	}
	intent := h.intent(t, ledger.Intent{Kind: ledger.Book, Booking: scope.ID, Sealed: seal(booking.PlaceIntent, draft)},
		&entry, seal(booking.PlaceGuest, Guest()))
	return booking.Write{Hotel: h.Hotel.ID, Booking: scope.ID, Intent: intent, Version: 1}
}

// AskAnew stores the intent to replace a booking's reservation by one that is
// a night longer, as the starter does for a vendor that cannot amend.
func (h *House) AskAnew(t testing.TB, id string) booking.Write {
	t.Helper()
	entry := h.Entry(t, id)
	current, err := h.Conn(t).Reservation(t.Context(), pms.ReservationID(entry.VendorBooking))
	require.NoError(t, err)
	quote := ledger.Quote{ID: ledger.NewID(), Booking: id, Before: current.Stays, ExpiresAt: time.Now().Add(time.Hour)}
	intent := ledger.Intent{ID: ledger.NewID(), Kind: ledger.Modify, Booking: id, Quote: quote.ID}
	request := pms.CreateRequest{Reference: pms.Reference(intent.ID), Booker: Guest(), Hold: entry.State == ledger.Held}
	for _, stay := range current.Stays {
		offer, err := h.Conn(t).Quote(t.Context(), pms.QuoteQuery{
			RoomTypeID: pms.RoomTypeID(stay.RoomType.ID), RatePlanID: pms.RatePlanID(stay.RatePlan.ID),
			Arrival: stay.Arrival, Departure: stay.Departure.AddDays(1), Occupancy: stay.Occupancy,
		})
		require.NoError(t, err)
		quote.Offers = append(quote.Offers, offer)
		request.Stays = append(request.Stays, pms.StayRequest{Offer: offer})
	}
	require.NoError(t, h.Ledger.SaveQuote(t.Context(), h.Hotel.ID, quote))
	draft, err := h.Conn(t).Draft(request)
	require.NoError(t, err)
	scope := keys.Scope{Tenant: h.Hotel.ID, ID: id}
	intent.Sealed, err = keys.SealJSON(t.Context(), h.Ring, scope, booking.SealPurpose, booking.PlaceIntent, draft)
	require.NoError(t, err)
	h.intent(t, intent, nil, nil)
	return booking.Write{Hotel: h.Hotel.ID, Booking: id, Intent: intent.ID, Version: entry.Version + 1}
}

// Want stores the intent to change a booking that the ledger has.
func (h *House) Want(t testing.TB, kind ledger.Kind, id, quote string) booking.Write {
	t.Helper()
	intent := h.intent(t, ledger.Intent{Kind: kind, Booking: id, Quote: quote}, nil, nil)
	return booking.Write{Hotel: h.Hotel.ID, Booking: id, Intent: intent, Version: h.Entry(t, id).Version + 1}
}

func (h *House) intent(t testing.TB, i ledger.Intent, entry *ledger.Entry, guest []byte) string {
	t.Helper()
	var err error
	if i.ID == "" {
		i.ID = ledger.NewID()
	}
	i.KeyHMAC, err = h.Ring.MAC(t.Context(), h.Hotel.ID, "idempotency", []byte(i.ID))
	require.NoError(t, err)
	_, fresh, err := h.Ledger.Reserve(t.Context(), h.Hotel.ID, ledger.Request{Intent: i, BodyHMAC: i.KeyHMAC, Entry: entry, Guest: guest})
	require.NoError(t, err)
	require.True(t, fresh)
	return i.ID
}

// Change quotes every stay of a booking as change makes it, and returns the
// quote's id.
func (h *House) Change(t testing.TB, id string, change func(i int, q *pms.ChangeQuery)) string {
	t.Helper()
	current, err := h.Conn(t).Reservation(t.Context(), pms.ReservationID(h.Entry(t, id).VendorBooking))
	require.NoError(t, err)
	quote := ledger.Quote{ID: ledger.NewID(), Booking: id, Before: current.Stays, ExpiresAt: time.Now().Add(time.Hour)}
	for i, stay := range current.Stays {
		q := pms.ChangeQuery{Stay: stay.ID, Arrival: stay.Arrival, Departure: stay.Departure, Occupancy: stay.Occupancy}
		change(i, &q)
		offer, err := h.Conn(t).QuoteChange(t.Context(), q)
		require.NoError(t, err)
		quote.Offers = append(quote.Offers, offer)
	}
	require.NoError(t, h.Ledger.SaveQuote(t.Context(), h.Hotel.ID, quote))
	return quote.ID
}

// Longer is a change for Change: each stay a night longer.
func Longer(_ int, q *pms.ChangeQuery) { q.Departure = q.Departure.AddDays(1) }

// Entry reads a booking in the ledger.
func (h *House) Entry(t testing.TB, id string) ledger.Entry {
	t.Helper()
	entry, err := h.Ledger.Entry(t.Context(), h.Hotel.ID, id)
	require.NoError(t, err)
	return entry
}

// Settled returns the outcome of an intent, and whether it has one.
func (h *House) Settled(t testing.TB, intent string) (out booking.Outcome, settled bool) {
	t.Helper()
	kept, _, err := h.Ledger.Open(t.Context(), h.Hotel.ID, intent)
	require.NoError(t, err)
	if kept.SettledAt.IsZero() {
		return out, false
	}
	require.NoError(t, json.Unmarshal(kept.Outcome, &out))
	return out, true
}

// Fault scripts something that goes wrong at the vendor.
func (h *House) Fault(t testing.TB, f sandbox.Fault) {
	t.Helper()
	_, err := h.Vendor.AddFault(f)
	require.NoError(t, err)
}

// Requests counts what the vendor was asked for, by operation.
func (h *House) Requests(operation string) int {
	return h.Vendor.State(false).Counters.Requests[operation]
}

// Log keeps all that is logged.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Logger writes to the log, debug lines included.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Rows counts the rows of a table, across hotels.
func (h *House) Rows(t testing.TB, table string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.Database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	require.NoError(t, conn.QueryRow(t.Context(), "select count(*) from "+pgx.Identifier{table}.Sanitize()).Scan(&n))
	return n
}
