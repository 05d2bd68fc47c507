package apaleo_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

const bookingsPath = "/booking/v1/bookings"

func TestCreateAndRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, "VH-1")
	body["reservations"] = append(body["reservations"].([]obj), room(apaleo.Flexible(apaleo.Suite), "2026-11-10", 1, "VH-1"))
	created := d.must(http.StatusCreated, http.MethodPost, bookingsPath, body)
	require.Len(t, created.list("reservationIds"), 2)
	id := created.list("reservationIds")[0].text("id")
	require.Equal(t, created.text("id")+"-1", id)

	bare := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id, nil)
	require.NotContains(t, bare, "timeSlices")
	require.NotContains(t, bare, "booker")
	require.Equal(t, "2026-11-10T15:00:00+01:00", bare.text("arrival"))
	full := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"?expand=timeSlices,booker,actions", nil)
	require.Len(t, full.list("timeSlices"), 2)
	require.Equal(t, "Noether", full.obj("booker").text("lastName"))
	require.Len(t, full.list("actions"), 7)

	path := bookingsPath + "/" + created.text("id")
	require.NotContains(t, d.must(http.StatusOK, http.MethodGet, path, nil), "reservations")
	booking := d.must(http.StatusOK, http.MethodGet, path+"?expand=reservations,ratePlan,unitGroup,property,propertyValues", nil)
	require.Len(t, booking.list("reservations"), 2)
	require.Equal(t, "Suite", booking.list("reservations")[1].obj("unitGroup").text("name"))
	d.must(http.StatusNotFound, http.MethodGet, bookingsPath+"/NOBODY", nil)
	d.must(http.StatusNotFound, http.MethodGet, "/booking/v1/reservations/NOBODY-1", nil)
}

func TestCreateTakesAllRoomsOrNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Units: map[string]int{apaleo.Suite: 1}})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	suite := room(apaleo.Flexible(apaleo.Suite), "2026-11-10", 1, "")
	body["reservations"] = append(body["reservations"].([]obj), suite, suite)
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, body)
	require.Zero(t, d.box.Count(""))
	require.NoError(t, d.box.Audit())
	d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-10", 1, ""))
}

func TestCreateChecksTheStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for name, change := range map[string]obj{
		"past":              {"arrival": "2026-11-01", "departure": "2026-11-02"},
		"no nights":         {"departure": "2026-11-10"},
		"too few slices":    {"departure": "2026-11-12"},
		"fraction":          {"arrival": "2026-11-10T15:00:00.5+01:00"},
		"unknown plan":      {"timeSlices": nightsAt("BER-DBL-GUESS", 1)},
		"too many persons":  {"adults": 3},
		"nobody":            {"adults": 0},
		"other currency":    {"timeSlices": []obj{{"ratePlanId": apaleo.Flexible(apaleo.Double), "totalAmount": obj{"amount": 1, "currency": "USD"}}}},
		"weak guarantee":    {"timeSlices": nightsAt(apaleo.NonRefundable(apaleo.Double), 1), "guaranteeType": "CreditCard"},
		"nameless guest":    {"primaryGuest": obj{"lastName": ""}},
		"without a channel": {"channelCode": ""},
	} {
		body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
		for field, value := range change {
			body["reservations"].([]obj)[0][field] = value
		}
		answer := d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, body)
		require.NotEmpty(t, answer["messages"], name)
	}
	require.Zero(t, d.box.Count(""))
}

func TestIdempotencyKeyReplaysForADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{TokenLifetime: 48 * time.Hour})
	body, err := json.Marshal(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	require.NoError(t, err)
	other, err := json.Marshal(stay(apaleo.Flexible(apaleo.Double), "2026-11-11", 1, "VH-1"))
	require.NoError(t, err)

	first := d.must(http.StatusCreated, http.MethodPost, bookingsPath, body, "Idempotency-Key", "k1")
	d.box.Advance(24*time.Hour - time.Second)
	require.Equal(t, first, d.must(http.StatusCreated, http.MethodPost, bookingsPath, body, "Idempotency-Key", "k1"))
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, other, "Idempotency-Key", "k1")
	require.Equal(t, 1, d.box.Count(""))
	require.Equal(t, 1, d.box.State(false).Counters.Replays)

	d.box.Advance(time.Second)
	require.NotEqual(t, first, d.must(http.StatusCreated, http.MethodPost, bookingsPath, body, "Idempotency-Key", "k1"))
	require.Equal(t, 2, d.box.Count(""), "the key was forgotten after 24 hours")
	require.Equal(t, "k1", d.box.Stays()[0].Key)
}

func TestLastRoomGoesToOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Units: map[string]int{apaleo.Suite: 1}})
	var wg sync.WaitGroup
	codes := make([]int, 16)
	for i := range codes {
		wg.Go(func() {
			resp, err := d.send(http.MethodPost, bookingsPath, stay(apaleo.Flexible(apaleo.Suite), "2026-11-10", 3, ""))
			if err == nil {
				codes[i] = resp.StatusCode
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	won := 0
	for _, code := range codes {
		if code == http.StatusCreated {
			won++
			continue
		}
		require.Equal(t, http.StatusUnprocessableEntity, code)
	}
	require.Equal(t, 1, won)
	require.NoError(t, d.box.Audit())
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	a := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, "VH-1"))
	b := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-12", 2, "VH-10"))
	guest := stay(apaleo.NonRefundable(apaleo.Single), "2026-11-12", 1, "OTHER")
	guest["reservations"].([]obj)[0]["primaryGuest"] = obj{"lastName": "Hilbert", "email": "david@example.org"}
	c := d.book(guest)
	d.must(http.StatusNoContent, http.MethodPut, "/booking/v1/reservation-actions/"+c+"/cancel", nil)

	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"", []string{a, b, c}},
		{"externalCode=VH-1", []string{a, b}}, // a prefix, as the vendor does
		{"externalCode=VH-10", []string{b}},
		{"externalCode=H-1", nil},
		{"textSearch=hilb", []string{c}},
		{"textSearch=EMMY@", []string{a, b, c}},
		{"textSearch=" + b, []string{b}},
		{"status=Confirmed", []string{a, b}},
		{"status=Canceled,InHouse", []string{c}},
		{"bookingId=" + a[:8], []string{a}},
		{"propertyIds=BER,MUC", []string{a, b, c}},
		{"propertyIds=MUC", nil},
		{"unitGroupIds=" + apaleo.Single, []string{c}},
		{"ratePlanIds=" + apaleo.Flexible(apaleo.Double), []string{a, b}},
		{"dateFilter=Arrival&from=" + url.QueryEscape("2026-11-12T00:00:00+01:00") + "&to=" + url.QueryEscape("2026-11-13T00:00:00+01:00"), []string{b, c}},
		{"dateFilter=Arrival&from=2026-11-12T14:00:00Z", []string{b, c}}, // from is included
		{"dateFilter=Arrival&to=2026-11-12T14:00:00Z", []string{a}},      // to is not
		{"dateFilter=Stay&from=2026-11-11T20:00:00Z&to=2026-11-12T00:00:00Z", []string{a}},
		{"dateFilter=Departure&to=2026-11-13T00:00:00Z", []string{a}},
		{"dateFilter=Cancellation&from=2026-01-01T00:00:00Z", []string{c}},
		{"pageSize=2&pageNumber=2", []string{c}},
		{"pageSize=2", []string{a, b}},
		{"pageNumber=7", []string{a, b, c}}, // without pageSize everything comes
		{"pageSize=2&pageNumber=3", nil},
		{"sort=arrival:desc&status=Confirmed", []string{b, a}},
		{"expand=booker,timeSlices,actions,services,assignedUnits&status=Canceled", []string{c}},
	} {
		code, answer := d.call(http.MethodGet, "/booking/v1/reservations?"+tc.query, nil)
		if tc.want == nil {
			require.Equal(t, http.StatusNoContent, code, tc.query)
			continue
		}
		require.Equal(t, http.StatusOK, code, tc.query)
		var got []string
		for _, r := range answer.list("reservations") {
			got = append(got, r.text("id"))
		}
		require.Equal(t, tc.want, got, tc.query)
	}
	for _, bad := range []string{"dateFilter=Arrival", "dateFilter=Arrival&from=2026-11-12", "dateFilter=Arrival&from=2026-11-12T00:00:00.5Z"} {
		d.must(http.StatusUnprocessableEntity, http.MethodGet, "/booking/v1/reservations?"+bad, nil)
	}
	found := d.must(http.StatusOK, http.MethodGet, bookingsPath+"?externalCode=VH-10&expand=reservations", nil)
	require.Len(t, found.list("bookings"), 1)
	require.Equal(t, b, found.list("bookings")[0].list("reservations")[0].text("id"))
	d.must(http.StatusNoContent, http.MethodGet, bookingsPath+"?textSearch=hilb", nil)
	require.Len(t, d.must(http.StatusOK, http.MethodGet, bookingsPath+"?reservationId="+c, nil).list("bookings"), 1)
}

func TestGuestDataIsWithheld(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{WithholdGuests: true})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, "VH-1"))
	require.NotContains(t, d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"?expand=booker", nil), "booker")
	require.NotContains(t, d.must(http.StatusOK, http.MethodGet, bookingsPath+"/"+id[:8], nil), "booker")
}
