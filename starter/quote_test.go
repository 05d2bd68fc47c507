package starter_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

func query() starter.AvailabilityQuery {
	return starter.AvailabilityQuery{
		Arrival: bookingtest.Arrival(), Departure: bookingtest.Arrival().AddDays(2), Occupancy: pms.Occupancy{Adults: 1},
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	quote := d.quote(sandbox.Double, sandbox.Suite)
	require.Len(t, quote.Offers, 2)
	require.Equal(t, quote.Offers[0].PayableTotal.Plus(quote.Offers[1].PayableTotal), quote.Total)
	require.WithinDuration(t, time.Now().Add(10*time.Minute), quote.ExpiresAt, time.Minute)
}

// TestBadQuotesAskNobody: what cannot be is refused before the hotel is asked,
// in a quote and, as far as it goes, in a question for availability.
func TestBadQuotesAskNobody(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	today := pms.DateOf(time.Now())
	for _, test := range []struct {
		name   string
		change func(*starter.StayRequest)
		kind   starter.Kind
		field  string
		quote  bool // availability has no such field
	}{
		{name: "no arrival", change: func(s *starter.StayRequest) { s.Arrival = pms.Date{} }, kind: starter.ImpossibleDates, field: "/arrival"},
		{name: "no departure", change: func(s *starter.StayRequest) { s.Departure = pms.Date{} }, kind: starter.ImpossibleDates, field: "/departure"},
		{name: "past", change: func(s *starter.StayRequest) { s.Arrival = today.AddDays(-2) }, kind: starter.PastArrival, field: "/arrival"},
		{name: "no night", change: func(s *starter.StayRequest) { s.Departure = s.Arrival }, kind: starter.ImpossibleDates, field: "/departure"},
		{name: "backwards", change: func(s *starter.StayRequest) { s.Departure = s.Arrival.AddDays(-1) }, kind: starter.ImpossibleDates, field: "/departure"},
		{name: "91 nights", change: func(s *starter.StayRequest) { s.Departure = s.Arrival.AddDays(91) }, kind: starter.StayTooLong, field: "/departure"},
		{name: "far ahead", change: func(s *starter.StayRequest) {
			s.Arrival, s.Departure = today.AddDays(732), today.AddDays(733)
		}, kind: starter.StayTooLong, field: "/arrival"},
		{name: "no adult", change: func(s *starter.StayRequest) { s.Occupancy.Adults = 0 }, kind: starter.InvalidOccupancy, field: "/adults"},
		{name: "21 adults", change: func(s *starter.StayRequest) { s.Occupancy.Adults = 21 }, kind: starter.InvalidOccupancy, field: "/adults"},
		{name: "11 children", change: func(s *starter.StayRequest) { s.Occupancy.ChildrenAges = make([]int, 11) }, kind: starter.InvalidOccupancy, field: "/children_ages"},
		{name: "old child", change: func(s *starter.StayRequest) { s.Occupancy.ChildrenAges = []int{3, 18} }, kind: starter.InvalidOccupancy, field: "/children_ages/1"},
		{name: "unborn child", change: func(s *starter.StayRequest) { s.Occupancy.ChildrenAges = []int{-1} }, kind: starter.InvalidOccupancy, field: "/children_ages/0"},
		{name: "no room", change: func(s *starter.StayRequest) { s.RoomType = "" }, kind: starter.UnknownRoom, field: "/room_type", quote: true},
		{name: "no rate", change: func(s *starter.StayRequest) { s.RatePlan = "" }, kind: starter.UnknownRate, field: "/rate_plan", quote: true},
	} {
		s := stay(sandbox.Double)
		test.change(&s)
		_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Double), s}})
		p := problem(t, err, test.kind)
		require.Contains(t, p.Field, "/stays/1", test.name)
		require.Contains(t, p.Field, test.field, test.name)
		if test.quote {
			continue
		}
		_, err = d.Availability(t.Context(), d.Hotel.ID, starter.AvailabilityQuery{Arrival: s.Arrival, Departure: s.Departure, Occupancy: s.Occupancy})
		require.Equal(t, test.field, problem(t, err, test.kind).Field, test.name)
	}
	for _, stays := range [][]starter.StayRequest{nil, make([]starter.StayRequest, 11)} {
		_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: stays})
		problem(t, err, starter.InvalidRequest)
	}
	_, err := d.Availability(t.Context(), "hotel-nowhere", query())
	problem(t, err, starter.UnknownHotel)
	require.Empty(t, d.Vendor.State(false).Counters.Requests)
	require.Zero(t, d.Rows(t, "quote"))
}

func TestUnknownWords(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	for field, test := range map[string]struct {
		change func(*starter.StayRequest)
		kind   starter.Kind
	}{
		"/stays/0/room_type": {func(s *starter.StayRequest) { s.RoomType = "BER-CAVE" }, starter.UnknownRoom},
		"/stays/0/rate_plan": {func(s *starter.StayRequest) { s.RatePlan = "BER-DBL-GIFT" }, starter.UnknownRate},
	} {
		s := stay(sandbox.Double)
		test.change(&s)
		_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{s}})
		require.Equal(t, field, problem(t, err, test.kind).Field)
	}
	require.Zero(t, d.Rows(t, "quote"))
}

func TestAHotelSystemThatIsAway(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	d.Fault(t, sandbox.Fault{Kind: sandbox.ErrorBefore, Operation: "offers"})
	_, err := d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Double)}})
	require.Positive(t, problem(t, err, starter.HotelUnavailable).RetryAfter)
	_, err = d.Availability(t.Context(), d.Hotel.ID, query())
	problem(t, err, starter.HotelUnavailable)
	d.Vendor.ClearFaults()
	found, err := d.Availability(t.Context(), d.Hotel.ID, query())
	require.NoError(t, err, "a failure is not remembered")
	require.NotEmpty(t, found)
}

func TestManyCallersAreOneRequest(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	d.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "offers", Count: 1})
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			found, err := d.Availability(t.Context(), d.Hotel.ID, query())
			if err != nil || len(found) == 0 {
				t.Errorf("availability: %v", err)
			}
		})
	}
	_, err := d.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)

	// One who goes away does not take the answer from the others.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.Availability(gone, d.Hotel.ID, query())
	require.True(t, errors.Is(err, context.Canceled))
	d.Vendor.Release("")
	all.Wait()
	require.Equal(t, 1, d.Requests("offers"))
	restricted := query()
	restricted.Restricted = true
	_, err = d.Availability(t.Context(), d.Hotel.ID, restricted)
	require.NoError(t, err)
	require.Equal(t, 2, d.Requests("offers"), "another question")
}

func TestAvailabilityForgetsAfterAWrite(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	suites := func() int {
		found, err := d.Availability(t.Context(), d.Hotel.ID, query())
		require.NoError(t, err)
		n := 0
		for _, offer := range found {
			if offer.RoomType.ID == sandbox.Suite {
				n += offer.Available
			}
		}
		return n
	}
	require.Positive(t, suites())
	d.book(sandbox.Suite)
	require.Zero(t, suites())
}

func TestEveryProblemIsListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, kind := range starter.Problems() {
		require.False(t, seen[kind.Code], kind.Code)
		seen[kind.Code] = true
		require.NotEmpty(t, kind.Title)
		require.GreaterOrEqual(t, kind.Status, 400)
	}
}
