package apaleo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestTokenRequestsAreChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Scopes: []string{"offers.read", "reservations.read"}})
	ask := func(form url.Values) int {
		req := d.tokenRequest(apaleo.DefaultClientID, apaleo.DefaultClientSecret)
		body := strings.NewReader(form.Encode())
		again, err := http.NewRequestWithContext(t.Context(), http.MethodPost, req.URL.String(), body)
		require.NoError(t, err)
		again.Header = req.Header
		resp, err := d.http.Do(again)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusBadRequest, ask(url.Values{"grant_type": {"password"}}))
	require.Equal(t, http.StatusBadRequest, ask(url.Values{"grant_type": {"client_credentials"}, "scope": {"reservations.manage"}}))
	require.Equal(t, http.StatusOK, ask(url.Values{"grant_type": {"client_credentials"}, "scope": {"offers.read"}}))
}

func TestQueriesAreChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	const stayed = "&arrival=2026-11-10&departure=2026-11-11&adults=1"
	for path, want := range map[string]int{
		"/booking/v1/offers?propertyId=BER&timeSliceTemplate=DayUse" + stayed:                           204,
		"/booking/v1/offers?propertyId=BER&arrival=2026-10-10&departure=2026-10-11&adults=1":            422,
		"/booking/v1/offers?propertyId=BER&arrival=soon&departure=2026-10-11&adults=1":                  422,
		"/booking/v1/offers?propertyId=BER&arrival=2026-11-10&departure=later&adults=1":                 422,
		"/booking/v1/offers?propertyId=BER&arrival=2026-11-10&departure=2026-11-11&adults=0":            422,
		"/booking/v1/offers?propertyId=BER&childrenAges=18" + stayed:                                    422,
		"/booking/v1/offers?propertyId=BER&arrival=2026-11-10&departure=2032-11-11&adults=1":            422,
		"/booking/v1/reservations/NOBODY-1/offers":                                                      404,
		"/booking/v1/reservations/" + id + "/offers?arrival=2026-11-12":                                 422,
		"/availability/v1/unit-groups?propertyId=BER&from=soon&to=2026-11-12":                           422,
		"/availability/v1/unit-groups?propertyId=BER&from=2026-11-10&to=soon":                           422,
		"/availability/v1/unit-groups?propertyId=BER&from=2026-11-10&to=2026-11-10":                     422,
		"/booking/v1/reservations?balanceFilter=lt_0":                                                   422,
		"/booking/v1/reservations?unitIds=A":                                                            204,
		"/booking/v1/reservations?unitGroupTypes=ParkingLot":                                            204,
		"/booking/v1/reservations?dateFilter=ArrivalAndCheckIn&from=2026-11-10T00:00:00Z":               422,
		"/booking/v1/reservations?dateFilter=Arrival&from=2026-11-10T00:00:00Z&to=2026-11-10T00:00:00Z": 422,
	} {
		code, _ := d.call(http.MethodGet, path, nil)
		require.Equal(t, want, code, path)
	}
	d.must(http.StatusBadRequest, http.MethodPut, amendPath(id), []byte("{"))
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, obj{"reservations": []obj{room(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")}})
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, obj{"booker": obj{"firstName": "Emmy"}, "reservations": []obj{room(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")}})
}

func TestReservationsAreSorted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	a := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-12", 1, ""))
	d.box.Advance(1)
	b := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 5, ""))
	d.box.Advance(1)
	d.must(http.StatusNoContent, http.MethodPatch, "/booking/v1/reservations/"+a, []obj{{"op": "add", "path": "/comment", "value": "x"}})
	low, high := min(a, b), max(a, b)
	for by, want := range map[string][]string{
		"arrival:asc": {b, a}, "arrival:desc": {a, b}, "departure:asc": {a, b}, "created:desc": {b, a},
		"updated:asc": {b, a}, "id:asc": {low, high}, "id:desc": {high, low}, "unitname:asc": {a, b},
	} {
		var got []string
		for _, r := range d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?sort="+by, nil).list("reservations") {
			got = append(got, r.text("id"))
		}
		require.Equal(t, want, got, by)
	}
}
