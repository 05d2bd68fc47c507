package starter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/starter"
)

// maintained is a client that knows statuses, and their store.
func (d *desk) maintained() (*starter.Client, *status.Store) {
	d.t.Helper()
	store, err := status.New(d.Database.Pool(d.t))
	require.NoError(d.t, err)
	return d.client(starter.Options{Statuses: store, OffersLife: time.Hour}), store
}

// TestMaintenance: nothing is asked of the hotel, nothing is answered from
// memory, and what concerns a booking is kept.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{}) // nobody carries anything out
	c, store := d.maintained()
	ctx := t.Context()
	_, err := c.Availability(ctx, d.Hotel.ID, query())
	require.NoError(t, err)
	quote := d.quote(sandbox.Double)
	now, err := c.Status(ctx, d.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, connectors.Available, now.State)

	until := time.Now().Add(time.Hour).Truncate(time.Second)
	_, err = store.Maintain(ctx, d.Hotel.ID, "a new version", until)
	require.NoError(t, err)
	now, err = c.Status(ctx, d.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, connectors.Maintenance, now.State)
	asked := d.Vendor.State(false).Counters.Requests
	for name, ask := range map[string]func() error{
		"availability": func() error { _, err := c.Availability(ctx, d.Hotel.ID, query()); return err },
		"quote": func() error {
			_, err := c.Quote(ctx, d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Double)}})
			return err
		},
		"adopt": func() error {
			_, err := c.Adopt(ctx, d.Hotel.ID, starter.AdoptRequest{Confirmation: "C1", LastName: "Example"})
			return err
		},
	} {
		p := problem(t, ask(), starter.HotelMaintenance)
		require.InDelta(t, time.Hour, p.RetryAfter, float64(time.Minute), name)
	}
	require.Equal(t, asked, d.Vendor.State(false).Counters.Requests)

	began := time.Now()
	pending, err := c.Book(ctx, d.Hotel.ID, key(), request(quote))
	require.NoError(t, err)
	require.Equal(t, ledger.Pending, pending.State)
	require.Less(t, time.Since(began), 8*time.Second, "nobody waits for a hotel that answers nobody")
	_, err = c.Quote(ctx, d.Hotel.ID, starter.QuoteRequest{})
	problem(t, err, starter.InvalidRequest)

	_, err = store.Maintain(ctx, d.Hotel.ID, "nobody knows", time.Time{})
	require.NoError(t, err)
	_, err = c.Availability(ctx, d.Hotel.ID, query())
	require.Zero(t, problem(t, err, starter.HotelMaintenance).RetryAfter)

	_, err = store.Reopen(ctx, d.Hotel.ID)
	require.NoError(t, err)
	_, err = c.Availability(ctx, d.Hotel.ID, query())
	require.NoError(t, err)
}

// TestADegradedHotelIsTriedAllTheSame.
func TestADegradedHotelIsTriedAllTheSame(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	c, store := d.maintained()
	for i := range 2 {
		_, err := store.Record(t.Context(), status.Check{Hotel: d.Hotel.ID, At: time.Now().Add(time.Duration(i) * time.Minute), Problem: "unavailable"})
		require.NoError(t, err)
	}
	now, err := c.Status(t.Context(), d.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, connectors.Degraded, now.State)
	found, err := c.Availability(t.Context(), d.Hotel.ID, query())
	require.NoError(t, err)
	require.NotEmpty(t, found)
}

func TestStatusOfNoHotel(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	_, err := d.Status(t.Context(), "hotel-nowhere")
	problem(t, err, starter.UnknownHotel)
	now, err := d.Status(t.Context(), d.Hotel.ID)
	require.NoError(t, err)
	require.Equal(t, connectors.Available, now.State, "who is told of no status knows no trouble")
}

type noStatus struct{}

func (noStatus) Status(context.Context, string) (connectors.Status, error) {
	return connectors.Status{}, errors.New("the database is away")
}

// closedForAll is a connector that a maintenance closed a moment after the look
// at its status.
type closedForAll struct{ pms.Connector }

func (closedForAll) Availability(context.Context, pms.AvailabilityQuery) ([]pms.Offer, error) {
	return nil, &pms.Error{Kind: pms.ErrUnavailable, RetryAfter: 7 * time.Second, Cause: connectors.ErrMaintenance}
}

func TestAStatusThatCannotBeReadClosesNothing(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	c := d.client(starter.Options{Statuses: noStatus{}})
	_, err := c.Status(t.Context(), d.Hotel.ID)
	problem(t, err, starter.Unavailable)
	_, err = c.Availability(t.Context(), d.Hotel.ID, query())
	require.NoError(t, err)

	d.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { return closedForAll{c} })
	q := query()
	q.Restricted = true
	_, err = c.Availability(t.Context(), d.Hotel.ID, q)
	require.Equal(t, 7*time.Second, problem(t, err, starter.HotelMaintenance).RetryAfter)
}

// TestExtras asks the real sandbox.
func TestExtras(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double, sandbox.Single)
	extras, err := d.Extras(t.Context(), d.Hotel.ID, booked.ID)
	require.NoError(t, err)
	require.Len(t, extras, 2)
	for i, stay := range extras {
		require.Equal(t, booked.Stays[i].ID, stay.Stay)
		require.NotEmpty(t, stay.Extras)
		require.False(t, stay.Extras[0].Price.IsZero())
	}
	_, err = d.Extras(t.Context(), d.Hotel.ID, ledger.NewID())
	problem(t, err, starter.UnknownReservation)
	d.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { return pms.Without{Vendor: "apaleo"} })
	_, err = d.Extras(t.Context(), d.Hotel.ID, booked.ID)
	problem(t, err, starter.Unsupported)
}

// TestWhatIsToPay is told with a reservation, as the hotel's system has it.
func TestWhatIsToPay(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	quote := d.quote(sandbox.Double, sandbox.Single)
	booked, err := d.Book(t.Context(), d.Hotel.ID, key(), request(quote))
	require.NoError(t, err)
	require.Equal(t, quote.Total, booked.PayableTotal)
}
