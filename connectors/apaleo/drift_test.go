package apaleo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// canned is a vendor that answers by path with what a sandbox would not say.
func canned(t *testing.T, answers map[string]string) *apaleo.Connector {
	t.Helper()
	url, _ := recorded(t, answers)
	return connect(t, url)
}

// recorded is a canned vendor's address, and the bodies of its PATCH requests.
func recorded(t *testing.T, answers map[string]string) (string, <-chan string) {
	t.Helper()
	sent := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == apaleo.TokenPath {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
			return
		}
		answer, ok := answers[r.URL.Path]
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodPatch:
			body, _ := io.ReadAll(r.Body)
			sent <- string(body)
			w.WriteHeader(http.StatusNoContent)
		default:
			fmt.Fprint(w, answer)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, sent
}

const stayJSON = `{"id":"ABCD-1","bookingId":"ABCD","status":%q,"property":{"id":"BER"},"unitGroup":{"id":"BER-DBL"},
 "ratePlan":{"id":"P","isSubjectToCityTax":true},"guaranteeType":"Telepathy","channelCode":"Starship",
 "arrival":"2026-06-29T22:30:00Z","departure":"2026-07-01T23:30:00.1234567+02:00","modified":"2026-06-01T10:00:00.9289333+02:00",
 "adults":1,"totalGrossAmount":{"amount":119.99999999999999,"currency":"EUR"},"newField":{"a":[1]},
 "cancellationFee":{"name":"c","dueDateTime":"2026-06-29T18:00:00.9289333+02:00","fee":{"amount":1e2,"currency":"EUR"}}}`

func bookingWith(status string) map[string]string {
	stay := fmt.Sprintf(stayJSON, status)
	return map[string]string{
		"/booking/v1/bookings/ABCD":       `{"id":"ABCD","created":"2026-06-01T10:00:00Z","modified":"2026-06-01T07:00:00Z","reservations":[` + stay + `]}`,
		"/booking/v1/reservations/ABCD-1": stay,
	}
}

func TestSurvivesDrift(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]pms.Status{
		"Confirmed": pms.StatusConfirmed, "InHouse": pms.StatusInHouse, "CheckedOut": pms.StatusCheckedOut,
		"Canceled": pms.StatusCancelled, "NoShow": pms.StatusNoShow, "Teleported": pms.StatusUnknown,
	} {
		r, err := canned(t, bookingWith(status)).Reservation(t.Context(), "ABCD")
		require.NoError(t, err, status)
		require.Equal(t, want, r.Status)
		require.Equal(t, pms.Money{Amount: 12000, Currency: "EUR"}, r.Stays[0].Total)
		require.Equal(t, pms.NewDate(2026, time.June, 30), r.Stays[0].Arrival)
		require.Equal(t, pms.NewDate(2026, time.July, 1), r.Stays[0].Departure, "the day at the hotel")
		require.Equal(t, int64(10000), r.Stays[0].Cancellation.Fee.Amount)
		require.Nil(t, r.Booker)
		require.Equal(t, 928933300, r.Modified.Nanosecond(), "the later of booking and stay")
	}
	_, err := canned(t, bookingWith("Confirmed")).Confirm(t.Context(), "ABCD")
	require.NoError(t, err)
	for _, status := range []string{"Canceled", "NoShow", "CheckedOut", "Teleported"} {
		_, err := canned(t, bookingWith(status)).Confirm(t.Context(), "ABCD")
		require.ErrorIs(t, err, pms.ErrConflict, status)
	}
	for _, status := range []string{"InHouse", "CheckedOut", "Teleported"} {
		require.ErrorIs(t, canned(t, bookingWith(status)).Release(t.Context(), "ABCD"), pms.ErrConflict, status)
	}
}

func TestBookingAcrossPropertiesShowsOurStaysOnly(t *testing.T) {
	t.Parallel()
	answers := bookingWith("Confirmed")
	ours := answers["/booking/v1/reservations/ABCD-1"]
	answers["/booking/v1/bookings/ABCD"] = `{"id":"ABCD","reservations":[{"id":"ABCD-2","property":{"id":"MUC"}},` + ours + `]}`
	r, err := canned(t, answers).Reservation(t.Context(), "ABCD")
	require.NoError(t, err)
	require.Len(t, r.Stays, 1)
	require.Equal(t, pms.StayID("ABCD-1"), r.Stays[0].ID)
}

// TestUnreadableAnswersNameTheField spoils one field of an answer at a time.
func TestUnreadableAnswersNameTheField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ good, bad, field string }{
		{`"amount":119.99999999999999`, `"amount":"` + secretMarker + `"`, "totalGrossAmount"},
		{`"amount":119.99999999999999,"currency":"EUR"`, `"amount":1,"currency":"` + secretMarker + `"`, "totalGrossAmount"},
		{`"arrival":"2026-06-29T22:30:00Z"`, `"arrival":"29.06.2026"`, "arrival"},
		{`"adults":1`, `"adults":"1"`, "adults"},
		{`"adults":1`, `"adults":1.5`, "adults"},
		{`"modified":"2026-06-01T10:00:00.9289333+02:00"`, `"modified":{}`, "modified"},
		{`"id":"ABCD-1"`, `"id":"` + secretMarker + ` 1"`, "id"},
		{`"adults":1`, `"adults":1,"payableAmount":{"guest":{"amount":1,"currency":"USD"}}`, "payableAmount"},
		{`"adults":1`, `"adults":1,"services":[{"totalAmount":[]}]`, "services[0].totalAmount"},
		{`"property":{"id":"BER"}`, `"property":{"id":"MUC"}`, "property"},
	} {
		answers := bookingWith("Confirmed")
		stay := answers["/booking/v1/reservations/ABCD-1"]
		require.Contains(t, stay, test.good)
		answers["/booking/v1/reservations/ABCD-1"] = strings.Replace(stay, test.good, test.bad, 1)
		_, err := canned(t, answers).Reservation(t.Context(), "ABCD")
		kind := pms.ErrUnavailable
		if test.field == "property" {
			kind = pms.ErrNotFound
		}
		requireFailure(t, err, kind, pms.OpRead, test.field)
	}
}

func TestGroupsAreTheDesksWork(t *testing.T) {
	t.Parallel()
	stay := `{"id":"ABCD-1","property":{"id":"BER"}}`
	_, err := canned(t, map[string]string{
		"/booking/v1/bookings/ABCD": `{"id":"ABCD","reservations":[` + stay + strings.Repeat(","+stay, 50) + `]}`,
	}).Reservation(t.Context(), "ABCD")
	requireFailure(t, err, pms.ErrUnsupported, pms.OpRead, "stays")
}

func TestStaysInSeveralCurrenciesAreNoReservation(t *testing.T) {
	t.Parallel()
	answers := bookingWith("Confirmed")
	other := strings.NewReplacer("ABCD-1", "ABCD-2", "EUR", "USD").Replace(answers["/booking/v1/reservations/ABCD-1"])
	answers["/booking/v1/reservations/ABCD-2"] = other
	answers["/booking/v1/bookings/ABCD"] = `{"id":"ABCD","reservations":[` + answers["/booking/v1/reservations/ABCD-1"] + `,` + other + `]}`
	_, err := canned(t, answers).Reservation(t.Context(), "ABCD")
	requireFailure(t, err, pms.ErrUnavailable, pms.OpRead, "total")
}

func TestExtrasWithFees(t *testing.T) {
	t.Parallel()
	extras := func(currency string) ([]pms.Extra, error) {
		return canned(t, map[string]string{"/booking/v1/reservations/ABCD-1/service-offers": `{"services":[{"service":{"id":"S","name":"Parking"},
			"count":3,"totalAmount":{"grossAmount":100,"currency":"EUR"},"fees":[{"code":"F","totalAmount":{"grossAmount":3,"currency":"` + currency + `"}},
			{"code":"G","totalAmount":{"grossAmount":0,"currency":"EUR"}}]}]}`}).Extras(t.Context(), "ABCD-1")
	}
	all, err := extras("EUR")
	require.NoError(t, err)
	require.Equal(t, pms.Money{Amount: 33_34 + 1_00, Currency: "EUR"}, all[0].Price)
	_, err = extras("USD")
	requireFailure(t, err, pms.ErrUnavailable, pms.OpExtras, "fees")
}

func TestTwoBookingsOfOneReferenceAreTold(t *testing.T) {
	t.Parallel()
	c := canned(t, map[string]string{"/booking/v1/reservations": `{"count":3,"reservations":[
		{"id":"A-1","bookingId":"A","externalCode":"REF","property":{"id":"BER"}},
		{"id":"A-2","bookingId":"A","externalCode":"REF","property":{"id":"BER"}},
		{"id":"B-1","bookingId":"B","externalCode":"REF","property":{"id":"BER"}}]}`})
	_, err := c.ByReference(t.Context(), "REF")
	require.ErrorIs(t, err, pms.ErrConflict)
}

const offerJSON = `{"arrival":"2026-06-30T17:00:00+02:00","departure":"2026-07-01T11:00:00+02:00","unitGroup":{"id":"G","maxPersons":2},
 "ratePlan":{"id":%q},"minGuaranteeType":%q,"availableUnits":4,"totalGrossAmount":{"amount":100,"currency":"EUR"},
 "timeSlices":[{"from":"2026-06-30T17:00:00+02:00","to":"2026-07-01T11:00:00+02:00","totalGrossAmount":{"amount":100,"currency":"EUR"}}],
 "prePaymentGrossAmount":{"amount":40,"currency":"EUR"},"cityTax":{"grossAmount":5,"currency":%q}}`

func TestStrangeOffersAreLeftOut(t *testing.T) {
	t.Parallel()
	good, strange := fmt.Sprintf(offerJSON, "GOOD", "Telepathy", "EUR"), fmt.Sprintf(offerJSON, "ODD", "PM6Hold", "USD")
	query := pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple}
	offers, err := canned(t, map[string]string{"/booking/v1/offers": `{"offers":[` + strange + `,{},` + good + `]}`}).Availability(t.Context(), query)
	require.NoError(t, err)
	require.Len(t, offers, 1)
	require.Equal(t, "GOOD", offers[0].RatePlan.ID)
	require.Equal(t, pms.GuaranteePrepayment, offers[0].Guarantee, "of one that is not known the strictest is assumed")
	require.Equal(t, int64(10500), offers[0].PayableTotal.Amount)
	require.Equal(t, int64(4000), offers[0].Prepayment.Amount)

	for bad, field := range map[string]string{
		strange: "cityTax", `{}`: "unitGroup", `{"unitGroup":{"id":"G"}}`: "ratePlan", `{"totalGrossAmount":{"amount":"1","currency":"EUR"}}`: "totalGrossAmount",
		`{"unitGroup":{"id":"G"},"ratePlan":{"id":"P"}}`:           "totalGrossAmount",
		strings.Replace(good, "2026-07-01T11", "2026-07-03T11", 1): "timeSlices", `{"arrival":"` + secretMarker + `"}`: "arrival",
	} {
		_, err = canned(t, map[string]string{"/booking/v1/offers": `{"offers":[` + bad + `]}`}).Availability(t.Context(), query)
		requireFailure(t, err, pms.ErrUnavailable, pms.OpAvailability, field) // none at all is not the same as none understood
	}
}

func TestCatalogReadsNamesInAnyLanguage(t *testing.T) {
	t.Parallel()
	c := canned(t, map[string]string{
		"/inventory/v1/properties/BER": `{"id":"BER","name":{"de":"Aurora DE"},"timeZone":"Europe/Berlin","currencyCode":"EUR","location":{"countryCode":"DE"}}`,
		"/inventory/v1/unit-groups":    `{"count":1,"unitGroups":[{"id":"G","name":"Plain"}]}`,
		"/rateplan/v1/rate-plans":      `{"ratePlans":[{"id":"P","name":{"en":"Flex","de":"Flexibel"},"unitGroup":{"id":"G"}}]}`,
	})
	catalog, err := c.Catalog(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Aurora DE", catalog.Property.Name)
	require.Equal(t, "Plain", catalog.RoomTypes[0].Name)
	require.Equal(t, "Flex", catalog.RatePlans[0].Name)
}

func TestCatalogWithoutRoomsIsNone(t *testing.T) {
	t.Parallel()
	c := canned(t, map[string]string{
		"/inventory/v1/properties/BER": `{"id":"BER"}`, "/inventory/v1/unit-groups": `{"unitGroups":[]}`,
	})
	_, err := c.Catalog(t.Context())
	requireFailure(t, err, pms.ErrUnavailable, pms.OpCatalog, "unitGroups")
	_, err = canned(t, map[string]string{"/inventory/v1/properties/BER": `{"id":"BER"}`}).Catalog(t.Context())
	require.ErrorIs(t, err, pms.ErrNotFound)
	_, err = canned(t, map[string]string{
		"/inventory/v1/properties/BER": `{"id":"BER"}`, "/inventory/v1/unit-groups": `{"unitGroups":[{"id":"G"}]}`, "/rateplan/v1/rate-plans": `[]`,
	}).Catalog(t.Context())
	requireFailure(t, err, pms.ErrUnavailable, pms.OpCatalog, "")
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation, said string
		kind            error
		field           string
	}{
		{"create", "The unit group BER-DBL is fully booked", pms.ErrSoldOut, ""},
		{"create", "There are not enough available units", pms.ErrSoldOut, ""},
		{"create", "The offer is not available (UnitGroupCapacityExceeded): at most 2", pms.ErrValidation, "adults"},
		{"create", "The idempotency key was used already", pms.ErrConflict, "Idempotency-Key"},
		{"create", "booker.email: not an address", pms.ErrValidation, "booker"},
		{"amend", "Reservation is in status Canceled", pms.ErrConflict, "status"},
		{"amend", "AmendNotAllowedForReservationInFinalStatus", pms.ErrConflict, "status"},
		{"cancel", "anything", pms.ErrConflict, "status"},
		{"no_show", "anything", pms.ErrConflict, "status"},
		{"cancel", "The idempotency key was used already", pms.ErrConflict, "Idempotency-Key"},
		{"subscribe", "https://h.example/" + secretMarker + " gives 500", pms.ErrValidation, "url"},
		{"add_extra", "serviceId: there is no such service", pms.ErrValidation, "serviceId"},
		{"create", "", pms.ErrValidation, ""},
		{"create", "Frau " + secretMarker + " gibt es nicht", pms.ErrValidation, ""},
	} {
		body, err := json.Marshal(map[string]any{"messages": []string{test.said}})
		require.NoError(t, err)
		failure := apaleo.Refusal(transport.Call{Operation: test.operation}, transport.Response{Status: 422, Body: body})
		require.Equal(t, test.kind, failure.Kind, test.said)
		require.Equal(t, test.field, failure.Field, test.said)
		require.NotContains(t, failure.Error(), secretMarker)
	}
	require.Nil(t, apaleo.Refusal(transport.Call{}, transport.Response{Status: 404}))
	require.Nil(t, apaleo.Refusal(transport.Call{Path: "/inventory/v1/properties/BER"}, transport.Response{Status: 500}))
	wrong := apaleo.Refusal(transport.Call{Path: "/inventory/v1/properties/BER"}, transport.Response{Status: 404})
	require.Equal(t, "property", wrong.Field)
	wrong = apaleo.Refusal(transport.Call{Query: map[string][]string{"propertyId": {"BER"}}}, transport.Response{Status: 404})
	require.Equal(t, "property", wrong.Field)
	require.Equal(t, "scope", apaleo.Refusal(transport.Call{}, transport.Response{Status: 403}).Field)
	require.Equal(t, pms.ErrValidation, apaleo.Refusal(transport.Call{}, transport.Response{Status: 422, Body: []byte("<html>")}).Kind)
}
