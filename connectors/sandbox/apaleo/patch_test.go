package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestPatchTakesWhatTheVendorLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	path := "/booking/v1/reservations/" + id
	read := func() obj { return d.must(http.StatusOK, http.MethodGet, path+"?expand=company", nil) }
	before := read()
	d.box.Advance(time.Minute)
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{
		{"op": "add", "path": "/guestComment", "value": "A quiet room, please."},
		{"op": "add", "path": "/travelPurpose", "value": "Business"},
		{"op": "add", "path": "/additionalGuests", "value": []obj{{"lastName": "Klein", "title": "Prof"}, {"lastName": "Artin"}}},
		{"op": "add", "path": "/paymentAccount", "value": obj{"accountNumber": "1111", "payerReference": "R1"}},
		{"op": "add", "path": "/company/id", "value": apaleo.CompanyID},
		{"op": "add", "path": "/commission", "value": obj{"commissionAmount": obj{"amount": 10, "currency": "EUR"}}},
		{"op": "remove", "path": "/validationMessages"},
	})
	got := read()
	require.Equal(t, "A quiet room, please.", got.text("guestComment"))
	require.Equal(t, "Business", got.text("travelPurpose"))
	require.Equal(t, "Klein", got.list("additionalGuests")[0].text("lastName"))
	require.Len(t, got.list("additionalGuests"), 2)
	require.Equal(t, true, got.obj("paymentAccount")["isActive"])
	require.NotContains(t, got.obj("paymentAccount"), "payerReference", "written only")
	require.Equal(t, apaleo.CompanyID, got.obj("company").text("id"))
	require.EqualValues(t, 10, got.obj("commission").obj("commissionAmount")["amount"])
	require.NotEqual(t, before.text("modified"), got.text("modified"))
	require.Equal(t, got.text("modified"), d.must(http.StatusOK, http.MethodGet, bookingsPath+"/"+id[:8], nil).text("modified"))

	d.must(http.StatusUnprocessableEntity, http.MethodPatch, path, []obj{{"op": "add", "path": "/company/id", "value": apaleo.CompanyID}})
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{
		{"op": "replace", "path": "/additionalGuests", "value": []obj{{"lastName": "Artin"}}},
		{"op": "remove", "path": "/paymentAccount"},
		{"op": "remove", "path": "/guestComment"},
	})
	got = read()
	require.Len(t, got.list("additionalGuests"), 1)
	require.NotContains(t, got, "paymentAccount")
	require.NotContains(t, got, "guestComment")
	d.must(http.StatusBadRequest, http.MethodPatch, path, []byte(`{"op":"remove"`))
	d.must(http.StatusNotFound, http.MethodPatch, "/booking/v1/reservations/NOBODY-1", []obj{{"op": "remove", "path": "/comment"}})
}

func TestPatchBooking(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	body["comment"], body["paymentAccount"] = "From the desk.", obj{"accountNumber": "1111"}
	path := bookingsPath + "/" + d.book(body)[:8]
	got := d.must(http.StatusOK, http.MethodGet, path, nil)
	require.Equal(t, "From the desk.", got.text("comment"))
	require.Equal(t, false, got.obj("paymentAccount")["isActive"])
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{
		{"op": "replace", "path": "/comment", "value": "Changed."},
		{"op": "add", "path": "/bookerComment", "value": "By night train."},
		{"op": "remove", "path": "/paymentAccount"},
		{"op": "replace", "path": "/booker", "value": obj{"lastName": "Klein", "phone": "+4930123456"}},
	})
	got = d.must(http.StatusOK, http.MethodGet, path, nil)
	require.Equal(t, "By night train.", got.text("bookerComment"))
	require.Equal(t, "Klein", got.obj("booker").text("lastName"))
	require.NotContains(t, got.obj("booker"), "email", "replaced as a whole")
	require.NotContains(t, got, "paymentAccount")
	for name, step := range map[string]obj{
		"nameless":       {"op": "replace", "path": "/booker", "value": obj{"firstName": "Felix"}},
		"unknown gender": {"op": "replace", "path": "/booker", "value": obj{"lastName": "Klein", "gender": "Guess"}},
		"removed":        {"op": "remove", "path": "/booker"},
		"of a stay":      {"op": "replace", "path": "/primaryGuest", "value": obj{"lastName": "Klein"}},
	} {
		d.must(http.StatusUnprocessableEntity, http.MethodPatch, path, []obj{{"op": "remove", "path": "/comment"}, step})
		require.Equal(t, "Changed.", d.must(http.StatusOK, http.MethodGet, path, nil).text("comment"), name)
	}
	d.must(http.StatusNotFound, http.MethodPatch, bookingsPath+"/NOBODY", []obj{{"op": "remove", "path": "/comment"}})
}

func TestTextSearchLooksWhereTheVendorDoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-77")
	body["booker"] = obj{"lastName": "Noether", "firstName": "Emmy", "email": "emmy@example.org", "phone": "+4930123456", "company": obj{"name": "Ring Theory Ltd"}}
	body["reservations"].([]obj)[0]["primaryGuest"] = obj{"lastName": "van der Waerden", "email": "bartel@example.org"}
	id := d.book(body)
	for text, want := range map[string]struct{ reservations, bookings bool }{
		"NOETH":             {true, true},
		"emmy":              {true, true},
		"emmy%40example":    {true, true},
		"ring+theory":       {true, true},
		"van+der":           {true, false},
		"bartel":            {true, false},
		"vh-77":             {true, false},
		id:                  {true, false},
		"%2B4930123456":     {false, false}, // the vendor does not search phone numbers
		"emmy+noether":      {false, true},  // a whole text in one field; any of the words
		"nobody+somewhere":  {false, false},
		"waerden+emmy":      {false, true},
		"ring+theory+ltd.x": {false, true},
	} {
		code, answer := d.call(http.MethodGet, "/booking/v1/reservations?textSearch="+text, nil)
		require.Equal(t, want.reservations, code == http.StatusOK, text)
		require.Equal(t, want.reservations, len(answer.list("reservations")) == 1, text)
		code, answer = d.call(http.MethodGet, bookingsPath+"?textSearch="+text, nil)
		require.Equal(t, want.bookings, code == http.StatusOK, text)
		require.Equal(t, want.bookings, len(answer.list("bookings")) == 1, text)
	}
}

func TestBookingsComeInPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for range 3 {
		d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH"))
	}
	first := d.must(http.StatusOK, http.MethodGet, bookingsPath+"?pageSize=2&pageNumber=1&channelCode=Direct", nil)
	require.Len(t, first.list("bookings"), 2)
	require.EqualValues(t, 3, first["count"])
	require.Len(t, d.must(http.StatusOK, http.MethodGet, bookingsPath+"?pageSize=2&pageNumber=2", nil).list("bookings"), 1)
	d.must(http.StatusNoContent, http.MethodGet, bookingsPath+"?pageSize=2&pageNumber=3", nil)
	d.must(http.StatusNoContent, http.MethodGet, bookingsPath+"?channelCode=Ibe", nil)
	require.EqualValues(t, 3, d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/$count?externalCode=VH", nil)["count"])
	require.EqualValues(t, 0, d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/$count?status=InHouse", nil)["count"])
	d.must(http.StatusUnprocessableEntity, http.MethodGet, "/booking/v1/reservations/$count?dateFilter=Arrival", nil)
}
