package starter_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// immutable is a hotel system that changes no reservation, like some are.
type immutable struct {
	pms.Connector
}

func (i immutable) Capabilities() pms.Capabilities {
	caps := i.Connector.Capabilities()
	caps.Operations = maps.Clone(caps.Operations)
	caps.Operations[pms.OpAmend], caps.Operations[pms.OpQuoteChange] = pms.ByRebooking, pms.ByRebooking
	return caps
}

// openImmutable opens a desk at such a hotel.
func openImmutable(t testing.TB, options sandbox.Options) *desk {
	d := open(t, options)
	d.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { return immutable{Connector: c} })
	return d
}

func TestModifyByRebooking(t *testing.T) {
	t.Parallel()
	d := openImmutable(t, sandbox.Options{})
	booked := d.book(sandbox.Double, sandbox.Single)
	quote, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{
		Reservation: booked.ID,
		Changes:     []starter.ChangedStay{{Stay: booked.Stays[1].ID, Departure: booked.Stays[1].Departure.AddDays(1)}},
	})
	require.NoError(t, err)
	require.Len(t, quote.Offers, 2, "every stay moves to the new reservation")
	once := key()
	changed, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, once, quote.ID)
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, changed.State)
	require.NotEqual(t, booked.Confirmation, changed.Confirmation)
	require.Equal(t, booked.Stays[0].Departure, changed.Stays[0].Departure)
	require.Equal(t, booked.Stays[1].Departure.AddDays(1), changed.Stays[1].Departure)
	require.Equal(t, 2, d.Vendor.Count(sandbox.Confirmed))
	require.Equal(t, 2, d.Vendor.Count(sandbox.Canceled))

	again, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, once, quote.ID)
	require.NoError(t, err)
	require.Equal(t, changed, again)
	_, err = d.Cancel(t.Context(), d.Hotel.ID, booked.ID, key())
	require.NoError(t, err)
	require.Zero(t, d.Vendor.Count(sandbox.Confirmed))
}

// TestRebookingNamesItsPrice: another room without a rate gets the cheapest of
// that room, and what cancelling the old one costs is part of the quote.
func TestRebookingNamesItsPrice(t *testing.T) {
	t.Parallel()
	d := openImmutable(t, sandbox.Options{})
	stay := stay(sandbox.Double)
	stay.RatePlan = pms.RatePlanID(sandbox.NonRefundable(sandbox.Double))
	dear, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay}})
	require.NoError(t, err)
	booked, err := d.Book(t.Context(), d.Hotel.ID, key(), starter.BookRequest{Quote: dear.ID, Guest: bookingtest.Guest()})
	require.NoError(t, err)
	fee := booked.Stays[0].Cancellation.Fee
	require.NotZero(t, fee.Amount)
	quote, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{
		Reservation: booked.ID, Changes: []starter.ChangedStay{{RoomType: sandbox.Suite}},
	})
	require.NoError(t, err)
	offer := quote.Offers[0]
	require.Equal(t, sandbox.Suite, offer.RoomType.ID)
	last := offer.Charges[len(offer.Charges)-1]
	require.Equal(t, pms.Charge{Code: "cancellation_fee", Name: last.Name, Amount: fee}, last)
	require.Equal(t, quote.Total, offer.PayableTotal)
	plain, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: sandbox.Suite, RatePlan: pms.RatePlanID(offer.RatePlan.ID),
		Arrival: offer.Arrival, Departure: offer.Departure, Occupancy: offer.Occupancy,
	}}})
	require.NoError(t, err)
	require.Equal(t, plain.Total.Plus(fee), quote.Total)
}

func TestRebookingThatCannotBe(t *testing.T) {
	t.Parallel()
	t.Run("the last room is the guest's own", func(t *testing.T) {
		t.Parallel()
		d := openImmutable(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
		booked := d.book(sandbox.Suite)
		_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{
			Reservation: booked.ID, Changes: []starter.ChangedStay{{Departure: booked.Stays[0].Departure.AddDays(1)}},
		})
		problem(t, err, starter.SoldOut)
	})
	t.Run("the stay has begun", func(t *testing.T) {
		t.Parallel()
		d := openImmutable(t, sandbox.Options{})
		booked := d.book(sandbox.Double)
		require.True(t, d.Vendor.SetStatus(string(booked.Stays[0].ID), sandbox.InHouse))
		_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{
			Reservation: booked.ID, Changes: []starter.ChangedStay{{Departure: booked.Stays[0].Departure.AddDays(1)}},
		})
		problem(t, err, starter.Unsupported)
	})
	t.Run("nobody knows whose it is", func(t *testing.T) {
		t.Parallel()
		d := openImmutable(t, sandbox.Options{WithholdGuests: true})
		booked := d.book(sandbox.Double)
		_, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), d.longer(booked).ID)
		problem(t, err, starter.Unsupported)
		require.Equal(t, 1, d.Vendor.Count(sandbox.Confirmed))
	})
}
