package starter_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// rooms counts what a client believes is free of a room type.
func rooms(t *testing.T, c *starter.Client, room string) int {
	t.Helper()
	found, err := c.Availability(t.Context(), bookingtest.HotelID, query())
	require.NoError(t, err)
	n := 0
	for _, offer := range found {
		if offer.RoomType.ID == room {
			n += offer.Available
		}
	}
	return n
}

// TestWhatIsRememberedSellsNothing: the last room went at the desk, and nobody
// told us.
func TestWhatIsRememberedSellsNothing(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	c := d.client(starter.Options{OffersLife: time.Hour})
	require.Positive(t, rooms(t, c, sandbox.Suite))
	kept := d.quote(sandbox.Suite)
	require.NoError(t, d.Vendor.SetRooms(sandbox.Suite, bookingtest.Arrival(), bookingtest.Arrival().AddDays(2), 0))

	require.Positive(t, rooms(t, c, sandbox.Suite), "what is remembered is wrong")
	_, err := c.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{stay(sandbox.Suite)}})
	require.NotEmpty(t, problem(t, err, starter.SoldOut).Alternatives)
	_, err = c.Book(t.Context(), d.Hotel.ID, key(), request(kept))
	problem(t, err, starter.SoldOut)
	require.Zero(t, d.Vendor.Count(sandbox.Confirmed))
}

// TestThatNothingIsFreeIsRememberedToo: a crowd that asks for a full night does
// not ask the hotel each time.
func TestThatNothingIsFreeIsRememberedToo(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	for _, room := range []string{sandbox.Single, sandbox.Double, sandbox.Family, sandbox.Suite} {
		require.NoError(t, d.Vendor.SetRooms(room, bookingtest.Arrival(), bookingtest.Arrival().AddDays(2), 0))
	}
	for range 3 {
		found, err := d.Availability(t.Context(), d.Hotel.ID, query())
		require.NoError(t, err)
		require.Empty(t, found)
	}
	require.Equal(t, 1, d.Requests("offers"))
}

// TestMetricsTellWhatTheMemoryIsGoodFor also holds the life of an answer.
func TestMetricsTellWhatTheMemoryIsGoodFor(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	c := d.client(starter.Options{OffersLife: time.Hour})
	registry := prometheus.NewRegistry()
	require.NoError(t, c.Register(registry))
	require.Error(t, c.Register(registry), "twice is a mistake")
	rooms(t, c, sandbox.Double)
	rooms(t, c, sandbox.Double)
	rooms(t, c, sandbox.Double)
	require.Equal(t, map[string]float64{"hotel": 1, "memory": 2}, counters(t, registry, "voicehive_availability_answers_total"))
	_, err := c.Book(t.Context(), d.Hotel.ID, key(), request(d.quote(sandbox.Double)))
	require.NoError(t, err)
	rooms(t, c, sandbox.Double)
	require.Equal(t, map[string]float64{"hotel": 2, "memory": 2}, counters(t, registry, "voicehive_availability_answers_total"))
	require.Equal(t, map[string]float64{"write": 1}, counters(t, registry, "voicehive_availability_invalidations_total"))

	short := d.client(starter.Options{OffersLife: time.Millisecond})
	before := d.Requests("offers")
	require.Eventually(t, func() bool {
		rooms(t, short, sandbox.Double)
		return d.Requests("offers") >= before+2
	}, time.Minute, time.Millisecond)
}

// counters reads a metric by the value of its only label.
func counters(t *testing.T, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				all[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	return all
}

// TestAStormOfQuestionsWaitsHere: many different questions to one hotel are
// asked some at a time, and all are answered.
func TestAStormOfQuestionsWaitsHere(t *testing.T) {
	t.Parallel()
	const crowd = 40
	d := openAlone(t, sandbox.Options{})
	gauge := &gauge{}
	d.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { return counted{Connector: c, gauge: gauge} })
	registry := prometheus.NewRegistry()
	require.NoError(t, d.Client.Register(registry))
	var all sync.WaitGroup
	for i := range 2 * crowd {
		all.Go(func() {
			q := query()
			q.Arrival, q.Departure = q.Arrival.AddDays(i%crowd), q.Departure.AddDays(i%crowd)
			if _, err := d.Availability(t.Context(), d.Hotel.ID, q); err != nil {
				t.Errorf("availability: %v", err)
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, gauge.most, 16)
	answers := counters(t, registry, "voicehive_availability_answers_total")
	require.EqualValues(t, crowd, answers["hotel"])
	require.EqualValues(t, crowd, answers["memory"]+answers["flight"])
}

// TestAStormIsOverForWhoGivesUp: a hotel that answers nobody keeps nobody
// longer than they want to wait.
func TestAStormIsOverForWhoGivesUp(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	d.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "offers"})
	ctx, giveUp := context.WithCancel(t.Context())
	defer d.Vendor.Release("")
	errs := make(chan error, 40)
	for i := range 40 {
		go func() {
			q := query()
			q.Arrival, q.Departure = q.Arrival.AddDays(i), q.Departure.AddDays(i)
			_, err := d.Availability(ctx, d.Hotel.ID, q)
			errs <- err
		}()
	}
	held, err := d.Vendor.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	require.LessOrEqual(t, len(held), 16)
	giveUp()
	for range 40 {
		require.True(t, errors.Is(<-errs, context.Canceled))
	}
}

// gauge notes how many were inside at once.
type gauge struct {
	mu        sync.Mutex
	now, most int
}

func (g *gauge) enter() (leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now++
	g.most = max(g.most, g.now)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.now--
	}
}

type counted struct {
	pms.Connector
	gauge *gauge
}

func (c counted) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	defer c.gauge.enter()()
	return c.Connector.Availability(ctx, q)
}

// asking notes what the hotel is asked for.
type asking struct {
	pms.Connector
	mu    *sync.Mutex
	asked *[]string
}

func (a asking) note(what, promo, corporate string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*a.asked = append(*a.asked, fmt.Sprintf("%s %s %s", what, promo, corporate))
}

func (a asking) Availability(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
	a.note("availability", q.PromoCode, q.CorporateCode)
	return a.Connector.Availability(ctx, q)
}

func (a asking) Quote(ctx context.Context, q pms.QuoteQuery) (pms.Offer, error) {
	a.note("quote", q.PromoCode, q.CorporateCode)
	return a.Connector.Quote(ctx, q)
}

// TestCodesReachTheHotel: and what was asked with a code is not answered to
// those who asked without.
func TestCodesReachTheHotel(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	a := asking{mu: &sync.Mutex{}, asked: &[]string{}}
	d.House.Connectors.Wrap(func(c pms.Connector) pms.Connector { a := a; a.Connector = c; return a })
	for _, codes := range [][2]string{{"", ""}, {"SPRING", ""}, {"", "SPRING"}, {"SPRING 27", "ACME-1"}, {"SPRING", ""}} {
		q := query()
		q.PromoCode, q.CorporateCode = codes[0], codes[1]
		_, err := d.Availability(t.Context(), d.Hotel.ID, q)
		require.NoError(t, err)
	}
	s := stay(sandbox.Double)
	s.PromoCode, s.CorporateCode = "SPRING 27", "ACME-1"
	_, _ = d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{s}})
	require.Equal(t, []string{
		"availability  ", "availability SPRING ", "availability  SPRING", "availability SPRING 27 ACME-1", "quote SPRING 27 ACME-1",
	}, *a.asked)
}

func TestCodesThatCannotBe(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	for _, code := range []string{" SPRING", "SPRING ", "a|b", "a\nb", "<b>", "\xff", string(make([]byte, 41)), "12345678901234567890123456789012345678901"} {
		q, s := query(), stay(sandbox.Double)
		q.PromoCode, s.CorporateCode = code, code
		_, err := d.Availability(t.Context(), d.Hotel.ID, q)
		require.Equal(t, "/promo_code", problem(t, err, starter.InvalidRequest).Field, code)
		_, err = d.Quote(t.Context(), d.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{s}})
		require.Equal(t, "/stays/0/corporate_code", problem(t, err, starter.InvalidRequest).Field, code)
		require.NotContains(t, err.Error(), "SPRING")
	}
	require.Empty(t, d.Vendor.State(false).Counters.Requests)
}
