package starter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func TestBookModifyCancel(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	require.NotEmpty(t, booked.Confirmation)
	require.Len(t, booked.Stays, 1)
	require.Empty(t, booked.Pending)
	require.True(t, booked.Settled())
	require.Equal(t, 1, d.Vendor.Count(sandbox.Confirmed))

	quote := d.longer(booked)
	changed, err := d.Modify(t.Context(), d.Hotel.ID, booked.ID, key(), quote.ID)
	require.NoError(t, err)
	require.Equal(t, booked.Departure.AddDays(1), changed.Departure)
	require.Equal(t, changed.Departure.String(), d.Vendor.Stays()[0].Departure)
	require.Greater(t, changed.Total.Amount, booked.Total.Amount)

	cancelled, err := d.Cancel(t.Context(), d.Hotel.ID, booked.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Cancelled, cancelled.State)
	require.Equal(t, 1, d.Vendor.Count(sandbox.Canceled))
	require.NoError(t, d.Vendor.Audit())
	require.NotContains(t, d.House.Log.String(), bookingtest.Marker)

	description, err := d.temporal.Plain.DescribeWorkflowExecution(t.Context(), reservation.WorkflowID(d.Hotel.ID, booked.ID), "")
	require.NoError(t, err)
	text, err := protojson.Marshal(description)
	require.NoError(t, err)
	require.NotContains(t, string(text), bookingtest.Marker)
	require.Equal(t, "binary/encrypted", string(description.GetExecutionConfig().GetUserMetadata().GetSummary().GetMetadata()["encoding"]))
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, description.GetWorkflowExecutionInfo().GetStatus())
}

func TestBookRepeats(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	quote, once := d.quote(sandbox.Double), key()
	first, err := d.Book(t.Context(), d.Hotel.ID, once, request(quote))
	require.NoError(t, err)

	again, err := d.Book(t.Context(), d.Hotel.ID, once, request(quote))
	require.NoError(t, err)
	require.Equal(t, first, again)
	other := request(quote)
	other.Guest.FirstName = "Other"
	check := d.untouched()
	_, err = d.Book(t.Context(), d.Hotel.ID, once, other)
	problem(t, err, starter.KeyReused)
	_, err = d.Cancel(t.Context(), d.Hotel.ID, first.ID, once)
	problem(t, err, starter.KeyReused)
	_, err = d.Book(t.Context(), d.Hotel.ID, key(), request(quote))
	problem(t, err, starter.QuoteUsed)

	d.SetClock(func() time.Time { return time.Now().Add(time.Hour) })
	again, err = d.Book(t.Context(), d.Hotel.ID, once, request(quote))
	require.NoError(t, err, "the quote has expired, the answer has not")
	require.Equal(t, first, again)
	_, err = d.Book(t.Context(), d.Hotel.ID, once, other)
	problem(t, err, starter.KeyReused)
	_, err = d.Book(t.Context(), d.Hotel.ID, key(), request(quote))
	problem(t, err, starter.QuoteExpired)
	check()
	require.Equal(t, 1, d.Vendor.Count(""))
}

func TestBookAtOnceWithOneKey(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	quote, once := d.quote(sandbox.Double), key()
	answers := make(chan starter.Reservation, 8)
	for range cap(answers) {
		go func() {
			booked, err := d.Book(t.Context(), d.Hotel.ID, once, request(quote))
			if err != nil {
				t.Errorf("book: %v", err)
			}
			answers <- booked
		}()
	}
	first := <-answers
	require.Equal(t, ledger.Confirmed, first.State)
	for range cap(answers) - 1 {
		require.Equal(t, first, <-answers)
	}
	require.Equal(t, 1, d.Vendor.Count(""))
}

// A caller that forgets its key, and makes a new one for each retry, still
// books once.
func TestBookOneQuoteUnderManyKeys(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	quote := d.quote(sandbox.Double)
	answers := make(chan error, 8)
	for range cap(answers) {
		go func() {
			_, err := d.Book(t.Context(), d.Hotel.ID, key(), request(quote))
			answers <- err
		}()
	}
	booked := 0
	for range cap(answers) {
		if err := <-answers; err != nil {
			problem(t, err, starter.QuoteUsed)
		} else {
			booked++
		}
	}
	require.Equal(t, 1, booked)
	require.Equal(t, 1, d.Vendor.Count(""))
}

func TestSoldOutOffersAlternatives(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	late, once := d.quote(sandbox.Suite), key()
	d.book(sandbox.Suite)
	for range 2 { // a repeat is answered alike
		_, err := d.Book(t.Context(), d.Hotel.ID, once, request(late))
		p := problem(t, err, starter.SoldOut)
		require.NotEmpty(t, p.Alternatives)
		for _, offer := range p.Alternatives {
			require.True(t, offer.Bookable())
			require.NotEqual(t, sandbox.Suite, offer.RoomType.ID)
		}
	}
	_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Suite)}})
	require.NotEmpty(t, problem(t, err, starter.SoldOut).Alternatives)
	require.Equal(t, 1, d.Vendor.Count(""))
}

// TestBadBookingsChangeNothing needs no worker: nothing may reach one.
func TestBadBookingsChangeNothing(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	good := d.quote(sandbox.Double)
	brief := d.client(starter.Options{QuoteLife: time.Nanosecond})
	expired, err := brief.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Double)}})
	require.NoError(t, err)
	prepaid := stay(sandbox.Double)
	prepaid.RatePlan = pms.RatePlanID(sandbox.NonRefundable(sandbox.Double))
	strict, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{prepaid}})
	require.NoError(t, err)
	guest := func(change func(*pms.Guest)) func(*starter.BookRequest) {
		return func(r *starter.BookRequest) { change(&r.Guest) }
	}
	check := d.untouched()
	for _, test := range []struct {
		name   string
		hotel  string
		key    string
		change func(*starter.BookRequest)
		kind   starter.Kind
		field  string
	}{
		{name: "unknown hotel", hotel: "hotel-nowhere", kind: starter.UnknownHotel},
		{name: "hotel as SQL", hotel: "' or 1=1", kind: starter.UnknownHotel},
		{name: "no key", key: "-", kind: starter.MissingKey},
		{name: "long key", key: strings.Repeat("k", 256), kind: starter.MissingKey},
		{name: "key with a line end", key: "a\nb", kind: starter.MissingKey},
		{name: "no quote", change: func(r *starter.BookRequest) { r.Quote = "" }, kind: starter.UnknownQuote},
		{name: "unknown quote", change: func(r *starter.BookRequest) { r.Quote = ledger.NewID() }, kind: starter.UnknownQuote, field: "/quote_id"},
		{name: "expired quote", change: func(r *starter.BookRequest) { r.Quote = expired.ID }, kind: starter.QuoteExpired, field: "/quote_id"},
		{name: "hold of a prepaid rate", change: func(r *starter.BookRequest) { r.Quote, r.Hold = strict.ID, true }, kind: starter.Unsupported},
		{name: "no last name", change: guest(func(g *pms.Guest) { g.LastName = " " }), kind: starter.InvalidGuest, field: "/guest/last_name"},
		{name: "long last name", change: guest(func(g *pms.Guest) { g.LastName = strings.Repeat("a", 101) }), kind: starter.InvalidGuest, field: "/guest/last_name"},
		{name: "control in first name", change: guest(func(g *pms.Guest) { g.FirstName = "a\x00" }), kind: starter.InvalidGuest, field: "/guest/first_name"},
		{name: "first name not UTF-8", change: guest(func(g *pms.Guest) { g.FirstName = "\xff" }), kind: starter.InvalidGuest, field: "/guest/first_name"},
		{name: "mail", change: guest(func(g *pms.Guest) { g.Email = "nobody" }), kind: starter.InvalidGuest, field: "/guest/email"},
		{name: "mail with a name", change: guest(func(g *pms.Guest) { g.Email = "A <a@example.org>" }), kind: starter.InvalidGuest, field: "/guest/email"},
		{name: "phone", change: guest(func(g *pms.Guest) { g.Phone = "call me" }), kind: starter.InvalidGuest, field: "/guest/phone"},
		{name: "country", change: guest(func(g *pms.Guest) { g.Country = "Germany" }), kind: starter.InvalidGuest, field: "/guest/country"},
		{name: "guest's comment", change: guest(func(g *pms.Guest) { g.Comment = strings.Repeat("a", 501) }), kind: starter.InvalidGuest, field: "/guest/comment"},
		{name: "comment", change: func(r *starter.BookRequest) { r.Comment = strings.Repeat("a", 501) }, kind: starter.InvalidRequest, field: "/comment"},
	} {
		r, k, hotel := request(good), key(), d.Hotel.ID
		if test.change != nil {
			test.change(&r)
		}
		if test.key != "" {
			k = strings.TrimPrefix(test.key, "-")
		}
		if test.hotel != "" {
			hotel = test.hotel
		}
		_, err := d.Book(t.Context(), hotel, k, r)
		p := problem(t, err, test.kind)
		require.Equal(t, test.field, p.Field, test.name)
	}
	check()
	require.NotContains(t, d.House.Log.String(), bookingtest.Marker)
}

func TestAnotherHotelsThingsAreUnknown(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	other := d.AddHotel(t, "hotel-boreal", d.Hotel.Endpoints["api"])
	booked, quote := d.book(sandbox.Double), d.quote(sandbox.Double)
	change := d.longer(booked)
	check := d.untouched()
	ctx := t.Context()
	_, err := d.Book(ctx, other.ID, key(), request(quote))
	problem(t, err, starter.UnknownQuote)
	for _, id := range []string{booked.ID, ledger.NewID(), "x", ""} {
		_, err = d.Reservation(ctx, other.ID, id)
		problem(t, err, starter.UnknownReservation)
		_, err = d.Cancel(ctx, other.ID, id, key())
		problem(t, err, starter.UnknownReservation)
		_, err = d.Confirm(ctx, other.ID, id, key())
		problem(t, err, starter.UnknownReservation)
		_, err = d.Modify(ctx, other.ID, id, key(), change.ID)
		problem(t, err, starter.UnknownReservation)
	}
	check()
}

func TestPendingUntilTheWorkerComes(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	once, r := key(), request(d.quote(sandbox.Double))
	pending, err := d.Book(d.leaving(), d.Hotel.ID, once, r)
	require.NoError(t, err)
	require.Equal(t, ledger.Pending, pending.State)
	require.Equal(t, ledger.Book, pending.Pending)
	require.False(t, pending.Settled())

	d.work()
	booked, err := d.Book(t.Context(), d.Hotel.ID, once, r)
	require.NoError(t, err)
	require.Equal(t, pending.ID, booked.ID)
	require.Equal(t, ledger.Confirmed, booked.State)
	require.Equal(t, 1, d.Vendor.Count(""))
}

func TestTheWorkerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	booked := d.book(sandbox.Double)
	d.stop()
	pending, err := d.Cancel(d.leaving(), d.Hotel.ID, booked.ID, key())
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, pending.State)
	require.Equal(t, ledger.Cancel, pending.Pending)
	d.work()
	d.becomes(booked.ID, ledger.Cancelled)
}
