package starter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

func TestModifyManyStays(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double, sandbox.Single)
	changed, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), d.longer(booked).ID)
	require.NoError(t, err)
	for i, stay := range changed.Stays {
		require.Equal(t, booked.Stays[i].Departure.AddDays(1), stay.Departure)
	}
}

func TestChangesThatTheStateForbids(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	quote, cancelKey := d.longer(booked), key()
	cancelled, err := d.Cancel(t.Context(), d.Hotel.ID, booked.ID, cancelKey)
	require.NoError(t, err)
	check := d.untouched()
	_, err = d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), quote.ID)
	problem(t, err, starter.AlreadyCancelled)
	_, err = d.Cancel(t.Context(), d.Hotel.ID, booked.ID, key())
	problem(t, err, starter.AlreadyCancelled)
	_, err = d.Confirm(t.Context(), d.Hotel.ID, booked.ID, key())
	problem(t, err, starter.AlreadyCancelled)
	_, err = d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Reservation: booked.ID, Changes: []starter.ChangedStay{{}}})
	problem(t, err, starter.AlreadyCancelled)
	again, err := d.Cancel(t.Context(), d.Hotel.ID, booked.ID, cancelKey)
	require.NoError(t, err, "a retry is answered as the first was")
	require.Equal(t, cancelled, again)
	check()
}

func TestChangesThatCannotBe(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	one, other := d.book(sandbox.Double), d.book(sandbox.Double, sandbox.Single)
	ofOther, fresh := d.longer(other), d.quote(sandbox.Double)
	check := d.untouched()
	ctx := t.Context()
	for _, test := range []struct {
		quote string
		kind  starter.Kind
	}{
		{"", starter.UnknownQuote}, {"x", starter.UnknownQuote}, {ledger.NewID(), starter.UnknownQuote},
		{ofOther.ID, starter.QuoteMismatch}, {fresh.ID, starter.QuoteMismatch},
	} {
		_, err := d.Modify(ctx, d.Hotel.ID, one.ID, key(), test.quote)
		problem(t, err, test.kind)
	}
	_, err := d.Modify(ctx, d.Hotel.ID, one.ID, "", ofOther.ID)
	problem(t, err, starter.MissingKey)
	_, err = d.Confirm(ctx, d.Hotel.ID, one.ID, key())
	problem(t, err, starter.NotChangeable)
	_, err = d.Book(ctx, d.Hotel.ID, key(), request(ofOther))
	problem(t, err, starter.QuoteMismatch)

	for _, changes := range [][]starter.ChangedStay{
		nil, {{}}, {{Stay: "X-1"}}, {{Stay: other.Stays[0].ID}, {Stay: other.Stays[0].ID}},
		{{Stay: other.Stays[0].ID}, {Stay: other.Stays[1].ID}, {Stay: other.Stays[1].ID}},
	} {
		_, err := d.Quote(ctx, d.Hotel.ID, starter.QuoteRequest{Reservation: other.ID, Changes: changes})
		problem(t, err, starter.InvalidRequest)
	}
	check()
}

// TestSomebodyChangedItMeanwhile: the hotel's staff moved the stay after the
// quote.
func TestSomebodyChangedItMeanwhile(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	first, second := d.longer(booked), d.quoteOf(booked, starter.ChangedStay{Departure: booked.Departure.AddDays(2)})
	_, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), first.ID)
	require.NoError(t, err)
	once := key()
	for range 2 {
		_, err = d.Modify(t.Context(), d.Hotel.ID, booked.ID, once, second.ID)
		problem(t, err, starter.ChangedMeanwhile)
	}
	require.Equal(t, 1, d.Requests("amend"))
}

func (d *desk) quoteOf(r starter.Reservation, change starter.ChangedStay) starter.Quote {
	d.t.Helper()
	quote, err := d.Quote(d.t.Context(), d.Hotel.ID, starter.QuoteRequest{Reservation: r.ID, Changes: []starter.ChangedStay{change}})
	require.NoError(d.t, err)
	return quote
}

// hold keeps a room.
func (d *desk) hold(c *starter.Client) starter.Reservation {
	d.t.Helper()
	r := request(d.quote(sandbox.Double))
	r.Hold = true
	held, err := c.Book(d.t.Context(), d.Hotel.ID, key(), r)
	require.NoError(d.t, err)
	require.Equal(d.t, ledger.Held, held.State)
	return held
}

func TestHoldThenConfirm(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	held := d.hold(d.Client)
	require.WithinDuration(t, time.Now().Add(30*time.Minute), held.HoldUntil, time.Minute)
	confirmed, err := d.Confirm(t.Context(), d.Hotel.ID, held.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, confirmed.State)
	require.True(t, confirmed.HoldUntil.IsZero())
	require.Equal(t, 1, d.Vendor.Count(sandbox.Confirmed))
}

func TestHoldThenNothing(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	held := d.hold(d.client(starter.Options{HoldLife: 2 * time.Second}))
	d.becomes(held.ID, ledger.Released)
	require.Equal(t, 1, d.Vendor.Count(sandbox.Canceled))
	_, err := d.Confirm(t.Context(), d.Hotel.ID, held.ID, key())
	problem(t, err, starter.AlreadyCancelled)
}

func TestHoldThenCancel(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	held := d.hold(d.Client)
	released, err := d.Cancel(t.Context(), d.Hotel.ID, held.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Released, released.State)
	require.Equal(t, 1, d.Vendor.Count(sandbox.Canceled))
}

// TestAdopt takes over what somebody else booked at the hotel.
func TestAdopt(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	draft, err := d.Conn(t).Draft(pms.CreateRequest{
		Reference: "elsewhere", Booker: bookingtest.Guest(), Stays: []pms.StayRequest{{Offer: d.Offer(t, sandbox.Double)}},
	})
	require.NoError(t, err)
	made, err := d.Conn(t).Create(t.Context(), draft)
	require.NoError(t, err)

	check := d.untouched()
	for _, wrong := range []starter.AdoptRequest{
		{Confirmation: made.Confirmation, LastName: "Somebody"}, {Confirmation: made.Confirmation},
		{Confirmation: "AAAAAAAA-1", LastName: bookingtest.Marker}, {Confirmation: "../x", LastName: bookingtest.Marker},
	} {
		_, err := d.Adopt(t.Context(), d.Hotel.ID, wrong)
		require.Equal(t, "Check the confirmation number and the last name.", problem(t, err, starter.UnknownReservation).Detail, "one answer for all")
	}
	_, err = d.Adopt(t.Context(), d.Hotel.ID, starter.AdoptRequest{LastName: bookingtest.Marker})
	problem(t, err, starter.InvalidRequest)
	check()

	right := starter.AdoptRequest{Confirmation: made.Confirmation, LastName: " zzyzXOVA "}
	adopted, err := d.Adopt(t.Context(), d.Hotel.ID, right)
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, adopted.State)
	again, err := d.Adopt(t.Context(), d.Hotel.ID, right)
	require.NoError(t, err)
	require.Equal(t, adopted, again)

	changed, err := d.Modify(t.Context(), d.Hotel.ID, adopted.ID, key(), d.longer(adopted).ID)
	require.NoError(t, err)
	require.Equal(t, adopted.Departure.AddDays(1), changed.Departure)
	cancelled, err := d.Cancel(t.Context(), d.Hotel.ID, adopted.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Cancelled, cancelled.State)
}

func TestAdoptOfOurOwn(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	found, err := d.Adopt(t.Context(), d.Hotel.ID, starter.AdoptRequest{Confirmation: booked.Confirmation, LastName: bookingtest.Marker})
	require.NoError(t, err)
	require.Equal(t, booked.ID, found.ID)

	// And one whose answer we are still waiting for.
	d.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "createBooking", Count: 1})
	answered := make(chan starter.Reservation, 1)
	r := request(d.quote(sandbox.Double))
	go func() {
		late, _ := d.Book(t.Context(), d.Hotel.ID, key(), r)
		answered <- late
	}()
	_, err = d.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	own := d.Vendor.Stays()[1]
	found, err = d.Adopt(t.Context(), d.Hotel.ID, starter.AdoptRequest{Confirmation: own.ID, LastName: bookingtest.Marker})
	require.NoError(t, err)
	require.Equal(t, ledger.Pending, found.State)
	d.Vendor.Release("")
	require.Equal(t, found.ID, (<-answered).ID)
}

func TestNamesAreHeardAndNotRead(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Müller", "MUELLER", "mueller ", "Mu\u0308ller"}, {"Strauß", "STRAUSS"}, {"O'Brien", "o brien", "OBrien"}, {"Núñez", "Nunez"}, {"Łukasz", "łukasz"},
	} {
		for _, name := range same {
			require.Equal(t, starter.Fold(same[0]), starter.Fold(name))
			require.NotEmpty(t, starter.Fold(name))
		}
	}
	require.NotEqual(t, starter.Fold("Muller"), starter.Fold("Miller"))
	require.Empty(t, starter.Fold(" - "))
}
