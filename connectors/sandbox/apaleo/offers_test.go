package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	property := d.must(http.StatusOK, http.MethodGet, "/inventory/v1/properties/BER", nil)
	require.Equal(t, "Europe/Berlin", property.text("timeZone"))
	require.Equal(t, "EUR", property.text("currencyCode"))
	require.Equal(t, "DE", property.obj("location").text("countryCode"))
	d.must(http.StatusNotFound, http.MethodGet, "/inventory/v1/properties/XXX", nil)

	groups := d.must(http.StatusOK, http.MethodGet, "/inventory/v1/unit-groups?propertyId=BER", nil)
	require.Len(t, groups.list("unitGroups"), 4)
	plans := d.must(http.StatusOK, http.MethodGet, "/rateplan/v1/rate-plans?propertyId=BER", nil)
	require.Len(t, plans.list("ratePlans"), 10)
	d.must(http.StatusNoContent, http.MethodGet, "/inventory/v1/unit-groups?pageNumber=4&pageSize=2", nil)
}

func TestAvailabilityCountsSoldRooms(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-10", 1, ""))
	answer := d.must(http.StatusOK, http.MethodGet, "/availability/v1/unit-groups?propertyId=BER&from=2026-11-10&to=2026-11-12", nil)
	left := func(night int) float64 {
		for _, g := range answer.list("timeSlices")[night].list("unitGroups") {
			if g.obj("unitGroup").text("id") == apaleo.Suite {
				return g["availableCount"].(float64)
			}
		}
		return -1
	}
	require.EqualValues(t, 1, left(0))
	require.EqualValues(t, 2, left(1))
}

// offersFor fetches offers for two nights from a day, by rate plan id.
func offersFor(d *desk, arrival string, nights int, more string) map[string]obj {
	d.t.Helper()
	code, answer := d.call(http.MethodGet, "/booking/v1/offers?propertyId=BER&adults=1&arrival="+arrival+"&departure="+later(arrival, nights)+more, nil)
	if code == http.StatusNoContent {
		return nil
	}
	require.Equal(d.t, http.StatusOK, code)
	byPlan := map[string]obj{}
	for _, o := range answer.list("offers") {
		byPlan[o.obj("ratePlan").text("id")] = o
	}
	return byPlan
}

func TestOffersTellPricesAndTerms(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	offers := offersFor(d, "2026-11-12", 3, "") // Thursday, Friday, Saturday
	require.Len(t, offers, 8)
	flexible, fixed := offers[apaleo.Flexible(apaleo.Double)], offers[apaleo.NonRefundable(apaleo.Double)]
	require.Equal(t, 129+154.8*2, flexible.obj("totalGrossAmount")["amount"])
	require.Less(t, fixed.obj("totalGrossAmount")["amount"], flexible.obj("totalGrossAmount")["amount"])
	require.Equal(t, "PM6Hold", flexible.text("minGuaranteeType"))
	require.Equal(t, "Prepayment", fixed.text("minGuaranteeType"))
	require.Equal(t, "2026-11-11T18:00:00+01:00", flexible.obj("cancellationFee").text("dueDateTime"))
	require.Equal(t, start.Format(time.RFC3339), fixed.obj("cancellationFee").text("dueDateTime"), "due at once")
	require.Equal(t, fixed.obj("totalGrossAmount"), fixed.obj("prePaymentAmount"))
	require.Positive(t, flexible.obj("cityTax")["grossAmount"])
	require.Len(t, offers[apaleo.Flexible(apaleo.Suite)].list("fees"), 1)

	sum := 0.0
	for _, night := range flexible.list("timeSlices") {
		sum += night.obj("totalGrossAmount")["amount"].(float64)
	}
	require.InDelta(t, flexible.obj("totalGrossAmount")["amount"], sum, 0.001)
}

func TestRestrictedNightsAreHiddenOrExplained(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for _, tc := range []struct{ name, arrival, code string }{
		{"closed to arrival", "2026-12-25", "RateRestrictionsViolated"},
		{"two nights over New Year", "2026-12-31", "RateRestrictionsViolated"},
		{"beyond the rates", pms.DateOf(start).AddDays(400).String(), "RatesNotSet"},
	} {
		require.Empty(t, offersFor(d, tc.arrival, 1, ""), tc.name)
		shown := offersFor(d, tc.arrival, 1, "&includeUnavailable=true")[apaleo.Flexible(apaleo.Double)]
		require.NotNil(t, shown, tc.name)
		require.Equal(t, tc.code, shown.list("validationMessages")[0].text("code"), tc.name)
		d.must(http.StatusUnprocessableEntity, http.MethodPost, "/booking/v1/bookings", stay(apaleo.Flexible(apaleo.Double), tc.arrival, 1, ""))
	}
	require.NotEmpty(t, offersFor(d, "2026-12-31", 2, ""))
	require.NotEmpty(t, offersFor(d, pms.DateOf(start).AddDays(399).String(), 1, ""))
}

func TestTooManyPersonsNarrowTheOffers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	path := "/booking/v1/offers?propertyId=BER&arrival=2026-11-10&departure=2026-11-11&adults=2&childrenAges=4,9"
	answer := d.must(http.StatusOK, http.MethodGet, path, nil)
	require.Len(t, answer.list("offers"), 4, "family rooms and suites only")
	d.must(http.StatusNoContent, http.MethodGet, path+"&unitGroupIds="+apaleo.Single+","+apaleo.Double, nil)
}

func TestFullHouseIsSoldOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Units: map[string]int{apaleo.Single: 1, apaleo.Double: 0, apaleo.Family: 0, apaleo.Suite: 0}})
	d.book(stay(apaleo.Flexible(apaleo.Single), "2026-11-10", 1, ""))
	require.Empty(t, offersFor(d, "2026-11-10", 1, ""))
	shown := offersFor(d, "2026-11-10", 1, "&includeUnavailable=true")[apaleo.Flexible(apaleo.Single)]
	require.Equal(t, "UnitGroupFullyBooked", shown.list("validationMessages")[0].text("code"))
	require.EqualValues(t, 0, shown["availableUnits"])
}
