//go:build full && linux

package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
	"github.com/voicehive/voicehive/starter/auth"
)

// otherHotel is a second hotel at the same hotel system.
const otherHotel = "borealis-berlin"

// premises are what the refusals are tried on: a confirmed and a cancelled
// reservation, quotes of each age, and a second hotel.
type premises struct {
	*house
	bothKey              string // may call for both hotels
	confirmed, cancelled string
	fresh, expired       string // quotes of new bookings
	change               string // quote of a change of confirmed
	day                  pms.Date
}

// TestBadInputChangesNothing sends what must be refused through the real API,
// and requires its documented problem, and that nothing is written or started.
func TestBadInputChangesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	h := raiseForTest(ctx, t, roomy())
	p := arrange(ctx, t, h)
	b := openBooks(ctx, t, h)
	parts, err := openAll(ctx, "test")
	require.NoError(t, err)
	defer parts.close()
	runs := func() int64 {
		answer, err := parts.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: defaultNamespace})
		require.NoError(t, err)
		return answer.Count
	}
	require.Eventually(t, func() bool { return runs() == 2 }, time.Minute, 100*time.Millisecond, "the two bookings' workflows")
	state, err := h.HotelSystem().State(ctx)
	require.NoError(t, err)

	for _, r := range p.refusals() {
		t.Run(r.name, func(t *testing.T) {
			before := b.rows(ctx)
			status, problem := p.send(ctx, t, r)
			require.Equal(t, r.want.Code, problem.Code(), "%+v", problem)
			require.Equal(t, r.want.Status, status)
			require.Equal(t, r.field, problem.Field)
			require.NotEmpty(t, problem.Say)
			require.NotEmpty(t, problem.Detail)
			require.Equal(t, before, b.rows(ctx), "rows were written")
		})
	}

	require.EqualValues(t, 2, runs(), "a workflow was started")
	after, err := h.HotelSystem().State(ctx)
	require.NoError(t, err)
	require.Equal(t, state.Reservations, after.Reservations)
	require.Equal(t, state.Counters.Requests["createBooking"], after.Counters.Requests["createBooking"])
	require.Zero(t, b.count(ctx, "intent where settled_at is null"))
}

func arrange(ctx context.Context, t *testing.T, h *house) *premises {
	t.Helper()
	parts, err := openStores(ctx, "test")
	require.NoError(t, err)
	defer parts.close()
	other := h.Hotel
	other.ID = otherHotel
	require.NoError(t, parts.ring.EnsureTenant(ctx, other.ID))
	require.NoError(t, parts.registry.Add(ctx, other))
	p := &premises{house: h, day: openDay(pms.DateOf(time.Now()).AddDays(40))}
	p.bothKey, _, err = auth.NewKeys(parts.pool).Issue(ctx, auth.KeyRequest{
		Name: "call platform of both hotels", Hotels: []string{h.Hotel.ID, otherHotel},
		Roles: []auth.Role{auth.RoleAgent}, ExpiresAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)

	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	quote := func(r starter.QuoteRequest) string {
		q, err := api.Quote(ctx, h.Hotel.ID, r)
		require.NoError(t, err)
		return q.ID
	}
	stays := starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: p.day, Departure: p.day.AddDays(2), Occupancy: pms.Occupancy{Adults: 2},
	}}}
	for _, id := range []*string{&p.confirmed, &p.cancelled} {
		key, from := client.NewKey(), quote(stays)
		booked, err := api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
			return api.Book(ctx, h.Hotel.ID, key, starter.BookRequest{Quote: from, Guest: ada})
		})
		require.NoError(t, err)
		*id = booked.ID
	}
	p.fresh = quote(stays)
	p.change = quote(starter.QuoteRequest{Reservation: p.confirmed, Changes: []starter.ChangedStay{{Departure: p.day.AddDays(3)}}})
	key := client.NewKey()
	_, err = api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		return api.Cancel(ctx, h.Hotel.ID, p.cancelled, key)
	})
	require.NoError(t, err)
	// A copy that nobody remembers, of a quote from yesterday.
	p.expired = ledger.NewID()
	_, err = openBooks(ctx, t, h).ledger.Exec(ctx, `insert into quote (hotel, id, offers, expires_at)
		select hotel, $1, offers, now() - interval '1 day' from quote where id = $2`, p.expired, p.fresh)
	require.NoError(t, err)
	return p
}

// A refusal is a request that must be refused.
type refusal struct {
	name, method, path, body string
	want                     starter.Kind
	field                    string
	key                      string // of the caller; the hotel's own when empty
	noIdempotency            bool
}

func (p *premises) refusals() []refusal {
	const post, get, patch, del = http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodDelete
	hotel, other := "/v1/hotels/"+p.Hotel.ID, "/v1/hotels/"+otherHotel
	quotes, reservations := hotel+"/quotes", hotel+"/reservations"
	flexible := apaleo.Flexible(apaleo.Double)
	good := p.day.String()
	stay := func(arrival, departure, room, rate, occupancy string) string {
		return `{"stays":[{"room_type":"` + room + `","rate_plan":"` + rate + `","arrival":"` + arrival + `","departure":"` + departure + `","occupancy":` + occupancy + `}]}`
	}
	dates := func(arrival, departure string) string {
		return stay(arrival, departure, apaleo.Double, flexible, `{"adults":2}`)
	}
	named := func(room, rate, occupancy string) string {
		return stay(good, p.day.AddDays(2).String(), room, rate, occupancy)
	}
	book := func(quote, guest string) string { return `{"quote_id":"` + quote + `","guest":` + guest + `}` }
	const guest = `{"last_name":"Beispiel"}`
	unheard := "01JD3Z8Q4X0000000000000000"
	tomorrow, yesterday := pms.DateOf(time.Now()).AddDays(1).String(), pms.DateOf(time.Now()).AddDays(-2).String()
	availability := func(arrival, departure, adults string) string {
		return hotel + "/availability?arrival=" + arrival + "&departure=" + departure + "&adults=" + adults
	}
	return []refusal{
		{name: "a day that does not exist", method: post, path: quotes, body: dates("2027-02-30", "2027-03-02"), want: starter.ImpossibleDates, field: "/stays/0/arrival"},
		{name: "no date", method: post, path: quotes, body: dates("soon", "later"), want: starter.ImpossibleDates, field: "/stays/0/arrival"},
		{name: "departure before arrival", method: post, path: quotes, body: dates(good, tomorrow), want: starter.ImpossibleDates, field: "/stays/0/departure"},
		{name: "no night", method: post, path: quotes, body: dates(good, good), want: starter.ImpossibleDates, field: "/stays/0/departure"},
		{name: "arrival in the past", method: post, path: quotes, body: dates(yesterday, tomorrow), want: starter.PastArrival, field: "/stays/0/arrival"},
		{name: "availability of the past", method: get, path: availability(yesterday, tomorrow, "2"), want: starter.PastArrival, field: "/arrival"},
		{name: "too many nights", method: post, path: quotes, body: dates(good, p.day.AddDays(91).String()), want: starter.StayTooLong, field: "/stays/0/departure"},
		{name: "no guests", method: post, path: quotes, body: named(apaleo.Double, flexible, `{"adults":0}`), want: starter.InvalidOccupancy, field: "/stays/0/occupancy/adults"},
		{name: "availability for no guests", method: get, path: availability(good, p.day.AddDays(1).String(), "0"), want: starter.InvalidOccupancy, field: "/adults"},
		{name: "fewer than no guests", method: post, path: quotes, body: named(apaleo.Double, flexible, `{"adults":-1}`), want: starter.InvalidOccupancy, field: "/stays/0/occupancy/adults"},
		{name: "unknown room", method: post, path: quotes, body: named("BER-XXX", flexible, `{"adults":2}`), want: starter.UnknownRoom, field: "/stays/0/room_type"},
		{name: "unknown rate", method: post, path: quotes, body: named(apaleo.Double, "BER-DBL-XXX", `{"adults":2}`), want: starter.UnknownRate, field: "/stays/0/rate_plan"},
		{name: "unknown hotel", method: post, path: "/v1/hotels/nowhere/quotes", body: dates(good, p.day.AddDays(1).String()), want: starter.Forbidden},
		{name: "oversized body", method: post, path: quotes, body: `{"stays":"` + strings.Repeat("x", 70<<10) + `"}`, want: starter.TooLarge},
		{name: "malformed body", method: post, path: reservations, body: `{"quote_id":`, want: starter.MalformedRequest},
		{name: "body that is no UTF-8", method: post, path: reservations, body: book(p.fresh, "{\"last_name\":\"\xff\"}"), want: starter.MalformedRequest},
		{name: "no name", method: post, path: reservations, body: book(p.fresh, `{"first_name":"Ada"}`), want: starter.InvalidGuest, field: "/guest/last_name"},
		{name: "no address", method: post, path: reservations, body: book(p.fresh, `{"last_name":"Beispiel","email":"nowhere"}`), want: starter.InvalidGuest, field: "/guest/email"},
		{name: "no Idempotency-Key", method: post, path: reservations, body: book(p.fresh, guest), want: starter.MissingKey, noIdempotency: true},
		{name: "wrong token", method: post, path: reservations, body: book(p.fresh, guest), want: starter.Unauthenticated, key: "vh_wrong"},
		{name: "another hotel's caller", method: post, path: other + "/quotes", body: dates(good, p.day.AddDays(1).String()), want: starter.Forbidden},
		{name: "another hotel's quote", method: post, path: other + "/reservations", body: book(p.fresh, guest), want: starter.UnknownQuote, field: "/quote_id", key: p.bothKey},
		{name: "reading another hotel's reservation", method: get, path: other + "/reservations/" + p.confirmed, want: starter.UnknownReservation, key: p.bothKey},
		{name: "cancelling another hotel's reservation", method: del, path: other + "/reservations/" + p.confirmed, want: starter.UnknownReservation, key: p.bothKey},
		{name: "unknown quote", method: post, path: reservations, body: book(unheard, guest), want: starter.UnknownQuote, field: "/quote_id"},
		{name: "expired quote", method: post, path: reservations, body: book(p.expired, guest), want: starter.QuoteExpired, field: "/quote_id"},
		{name: "booking a quote of a change", method: post, path: reservations, body: book(p.change, guest), want: starter.QuoteMismatch, field: "/quote_id"},
		{name: "changing with a quote of a booking", method: patch, path: reservations + "/" + p.confirmed, body: `{"quote_id":"` + p.fresh + `"}`, want: starter.QuoteMismatch, field: "/quote_id"},
		{name: "unknown reservation", method: del, path: reservations + "/" + unheard, want: starter.UnknownReservation},
		{name: "quoting a change of a cancelled stay", method: post, path: quotes, body: `{"reservation":"` + p.cancelled + `","changes":[{"departure":"` + p.day.AddDays(4).String() + `"}]}`, want: starter.AlreadyCancelled},
		{name: "changing a cancelled stay", method: patch, path: reservations + "/" + p.cancelled, body: `{"quote_id":"` + p.change + `"}`, want: starter.AlreadyCancelled},
		{name: "cancelling a cancelled stay", method: del, path: reservations + "/" + p.cancelled, want: starter.AlreadyCancelled},
		{name: "confirming what is no hold", method: post, path: reservations + "/" + p.confirmed + "/confirm", want: starter.NotChangeable},
	}
}

// send sends the request as it is and reads the problem.
func (p *premises) send(ctx context.Context, t *testing.T, r refusal) (status int, problem client.Problem) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, r.method, p.API+r.path, strings.NewReader(r.body))
	require.NoError(t, err)
	if r.key == "" {
		r.key = p.Key
	}
	request.Header.Set("Authorization", "Bearer "+r.key)
	if r.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if !r.noIdempotency {
		request.Header.Set("Idempotency-Key", client.NewKey())
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "application/problem+json", answer.Header.Get("Content-Type"), "%s", body)
	require.NoError(t, json.Unmarshal(body, &problem))
	return answer.StatusCode, problem
}
