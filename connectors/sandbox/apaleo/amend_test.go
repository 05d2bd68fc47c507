package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func amendPath(id string) string  { return "/booking/v1/reservation-actions/" + id + "/amend" }
func cancelPath(id string) string { return "/booking/v1/reservation-actions/" + id + "/cancel" }

func desired(plan, arrival string, nights int) obj {
	return obj{"arrival": arrival, "departure": later(arrival, nights), "adults": 1, "timeSlices": nightsAt(plan, nights)}
}

func TestAmendMovesTheStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Units: map[string]int{apaleo.Suite: 1}})
	id := d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-10", 2, ""))
	// Its own nights do not stand in its way.
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Suite), "2026-11-11", 2))
	stays := d.box.Stays()
	require.Equal(t, "2026-11-11", stays[0].Arrival)
	require.Equal(t, "2026-11-13", stays[0].Departure)
	require.NoError(t, d.box.Audit())
	d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-10", 1, ""))
	// The night before is another guest's now: nothing changes.
	d.must(http.StatusUnprocessableEntity, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Suite), "2026-11-10", 2))
	require.Equal(t, stays[0].Arrival, d.box.Stays()[0].Arrival)
	require.NoError(t, d.box.Audit())
}

func TestAmendKeepsPricesUntilRequoted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	body["reservations"].([]obj)[0]["timeSlices"] = []obj{{"ratePlanId": apaleo.Flexible(apaleo.Double), "totalAmount": obj{"amount": 99.5, "currency": "EUR"}}}
	id := d.book(body)

	kept := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"/offers?departure=2026-11-12&unitGroupIds="+apaleo.Double, nil)
	require.Equal(t, 99.5+129, kept.list("offers")[0].obj("totalGrossAmount")["amount"])
	fresh := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"/offers?departure=2026-11-12&requote=true&unitGroupIds="+apaleo.Double, nil)
	require.Equal(t, 258.0, fresh.list("offers")[0].obj("totalGrossAmount")["amount"])

	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-10", 2))
	require.EqualValues(t, 99_50+129_00, d.box.Stays()[0].Total)
	again := desired(apaleo.Flexible(apaleo.Double), "2026-11-10", 2)
	again["requote"] = true
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), again)
	require.EqualValues(t, 258_00, d.box.Stays()[0].Total)
	again["timeSlices"] = []obj{
		{"ratePlanId": apaleo.Flexible(apaleo.Double), "totalGrossAmount": obj{"amount": 1, "currency": "EUR"}},
		{"ratePlanId": apaleo.Flexible(apaleo.Double), "totalGrossAmount": obj{"amount": 2, "currency": "EUR"}},
	}
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), again)
	require.EqualValues(t, 3_00, d.box.Stays()[0].Total)
}

func TestStatusForbidsChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-03", 3, ""))
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-04", 1))
	d.must(http.StatusUnprocessableEntity, http.MethodGet, "/booking/v1/reservations/"+id+"/offers", nil)
	d.must(http.StatusNotFound, http.MethodPut, cancelPath("NOBODY-1"), nil)
	d.must(http.StatusNotFound, http.MethodPut, amendPath("NOBODY-1"), desired(apaleo.Flexible(apaleo.Double), "2026-11-04", 1))

	id = d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-03", 3, ""))
	require.True(t, d.box.SetStatus(id, apaleo.InHouse))
	d.box.Advance(48 * time.Hour) // Wednesday: one night has passed
	d.login()
	d.must(http.StatusUnprocessableEntity, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-04", 2))
	d.must(http.StatusUnprocessableEntity, http.MethodPut, amendPath(id), desired(apaleo.NonRefundable(apaleo.Double), "2026-11-03", 3))
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-03", 4))
	require.Equal(t, "2026-11-07", d.box.Stays()[1].Departure)
}

func TestCancelAfterArrivalIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-02", 1, ""))
	d.box.Advance(3 * time.Hour) // three in the afternoon
	d.login()
	d.must(http.StatusUnprocessableEntity, http.MethodPut, cancelPath(id), nil)
}

func TestPatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	path, booking := "/booking/v1/reservations/"+id, bookingsPath+"/"+id[:8]

	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{
		{"op": "add", "path": "/comment", "value": "Late."},
		{"op": "replace", "path": "/primaryGuest", "value": obj{"lastName": "Hilbert"}},
	})
	d.must(http.StatusNoContent, http.MethodPatch, booking, []obj{{"op": "replace", "path": "/booker", "value": obj{"lastName": "Klein"}}})
	got := d.must(http.StatusOK, http.MethodGet, path+"?expand=booker", nil)
	require.Equal(t, "Late.", got.text("comment"))
	require.Equal(t, "Hilbert", got.obj("primaryGuest").text("lastName"))
	require.Equal(t, "Klein", got.obj("booker").text("lastName"))

	for name, steps := range map[string][]obj{
		"unknown path":   {{"op": "remove", "path": "/comment"}, {"op": "replace", "path": "/arrival", "value": "2026-11-11"}},
		"removed guest":  {{"op": "remove", "path": "/comment"}, {"op": "remove", "path": "/primaryGuest"}},
		"nameless guest": {{"op": "replace", "path": "/primaryGuest", "value": obj{"firstName": "David"}}},
		"wrong type":     {{"op": "replace", "path": "/comment", "value": 7}},
		"added guest":    {{"op": "add", "path": "/primaryGuest", "value": obj{"lastName": "Hilbert"}}},
		"moved":          {{"op": "move", "path": "/comment", "from": "/guestComment"}},
		"tested":         {{"op": "test", "path": "/comment", "value": "Late."}},
		"without value":  {{"op": "replace", "path": "/comment"}},
		"misspelt field": {{"op": "replace", "path": "/primaryGuest", "value": obj{"lastName": "Hilbert", "mail": "david@example.org"}}},
		"unknown title":  {{"op": "replace", "path": "/primaryGuest", "value": obj{"lastName": "Hilbert", "title": "Sir"}}},
		"unknown trip":   {{"op": "add", "path": "/travelPurpose", "value": "Holiday"}},
		"one companion":  {{"op": "add", "path": "/additionalGuests/-", "value": obj{"lastName": "Hilbert"}}},
		"nameless":       {{"op": "add", "path": "/additionalGuests", "value": []obj{{"firstName": "David"}}}},
		"no such firm":   {{"op": "add", "path": "/company/id", "value": "GUESS"}},
		"other firm":     {{"op": "replace", "path": "/company/id", "value": apaleo.CompanyID}},
	} {
		d.must(http.StatusUnprocessableEntity, http.MethodPatch, path, steps)
		require.Equal(t, "Late.", d.must(http.StatusOK, http.MethodGet, path, nil).text("comment"), name)
	}
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{{"op": "remove", "path": "/comment"}})
	require.NotContains(t, d.must(http.StatusOK, http.MethodGet, path, nil), "comment")
}
