package apaleo_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestAccountHoldsTwoProperties(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	require.EqualValues(t, 2, d.must(http.StatusOK, http.MethodGet, countPath, nil)["count"])
	listed := d.must(http.StatusOK, http.MethodGet, "/inventory/v1/properties", nil).list("properties")
	require.Equal(t, "Aurora Berlin", listed[0].text("name"))
	require.Equal(t, apaleo.MunichID, listed[1].text("id"))
	d.must(http.StatusNoContent, http.MethodGet, "/inventory/v1/properties?pageSize=2&pageNumber=2", nil)
	munich := d.must(http.StatusOK, http.MethodGet, "/inventory/v1/properties/MUC", nil)
	require.Equal(t, "München", munich.obj("location").text("city"))
	require.Len(t, d.must(http.StatusOK, http.MethodGet, "/inventory/v1/unit-groups?propertyId=MUC", nil).list("unitGroups"), 2)
	require.Len(t, d.must(http.StatusOK, http.MethodGet, "/rateplan/v1/rate-plans?propertyId=MUC", nil).list("ratePlans"), 4)
	left := d.must(http.StatusOK, http.MethodGet, "/availability/v1/unit-groups?propertyId=MUC&from=2026-11-10&to=2026-11-11", nil)
	require.EqualValues(t, 13, left.list("timeSlices")[0].obj("property")["physicalCount"])
	d.must(http.StatusNotFound, http.MethodGet, "/availability/v1/unit-groups?propertyId=XXX&from=2026-11-10&to=2026-11-11", nil)
	d.must(http.StatusNotFound, http.MethodGet, "/booking/v1/offers?propertyId=XXX&arrival=2026-11-10&departure=2026-11-11&adults=1", nil)

	answer := d.must(http.StatusOK, http.MethodGet, "/booking/v1/offers?propertyId=MUC&arrival=2026-11-10&departure=2026-11-12&adults=2", nil)
	require.Equal(t, "Aurora Munich", answer.obj("property").text("name"))
	require.Len(t, answer.list("offers"), 4)
	require.EqualValues(t, 12, answer.list("offers")[0].obj("cityTax")["grossAmount"], "three euros for each adult and night")
}

func TestBookingAcrossProperties(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1")
	body["reservations"] = append(body["reservations"].([]obj), room(apaleo.Flexible(apaleo.MunichDouble), "2026-11-11", 2, "VH-1"))
	id := d.book(body)
	booking := d.must(http.StatusOK, http.MethodGet, bookingsPath+"/"+id[:8]+"?expand=reservations,property,propertyValues", nil)
	values := booking.list("propertyValues")
	require.Len(t, values, 2)
	require.EqualValues(t, 129, values[0].amount("totalGrossAmount"))
	require.EqualValues(t, 298, values[1].amount("totalGrossAmount"))
	require.EqualValues(t, -304, values[1].amount("balance"))
	require.Equal(t, "Aurora Munich", booking.list("reservations")[1].obj("property").text("name"))
	munich := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?propertyIds=MUC", nil)
	require.Len(t, munich.list("reservations"), 1)
	require.Equal(t, id[:8]+"-2", munich.list("reservations")[0].text("id"))
	require.Equal(t, "MUC", d.box.Stays()[1].Property)
	offers := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id[:8]+"-2/offers", nil)
	require.Equal(t, "MUC", offers.obj("property").text("id"))
	require.Len(t, offers.list("offers"), 4)

	// A stay is in one house.
	d.must(http.StatusUnprocessableEntity, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.MunichDouble), "2026-11-10", 1))
	mixed := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, "")
	mixed["reservations"].([]obj)[0]["timeSlices"] = []obj{{"ratePlanId": apaleo.Flexible(apaleo.Double)}, {"ratePlanId": apaleo.Flexible(apaleo.MunichDouble)}}
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, mixed)
}

func TestCodesOpenTheirPlans(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	public := offersFor(d, "2026-11-10", 1, "")
	require.NotContains(t, public, apaleo.PromoPlan)
	require.NotContains(t, public, apaleo.CorporatePlan)
	require.Len(t, offersFor(d, "2026-11-10", 1, "&promoCode=WRONG&corporateCode=WRONG"), len(public))
	require.NotContains(t, offersFor(d, "2026-11-10", 1, "&includeUnavailable=true"), apaleo.PromoPlan)

	promo := offersFor(d, "2026-11-10", 1, "&promoCode="+apaleo.PromoCode)
	require.Len(t, promo, len(public)+1)
	require.Equal(t, 116.1, promo[apaleo.PromoPlan].amount("totalGrossAmount"))
	require.Equal(t, false, promo[apaleo.PromoPlan]["isCorporate"])
	corporate := offersFor(d, "2026-11-10", 1, "&corporateCode="+apaleo.CorporateCode)[apaleo.CorporatePlan]
	require.Equal(t, true, corporate["isCorporate"])
	require.Equal(t, apaleo.CorporateCode, corporate.text("corporateCode"))
	require.Equal(t, "Company", corporate.text("minGuaranteeType"))
	require.NotContains(t, corporate, "cityTax", "business stays pay none")

	create := func(plan string, codes obj) (int, obj) {
		body := stay(plan, "2026-11-10", 1, "")
		for name, value := range codes {
			body["reservations"].([]obj)[0][name] = value
		}
		return d.call(http.MethodPost, bookingsPath, body)
	}
	for _, codes := range []obj{{}, {"promoCode": "WRONG"}, {"corporateCode": apaleo.PromoCode}} {
		code, _ := create(apaleo.PromoPlan, codes)
		require.Equal(t, http.StatusUnprocessableEntity, code)
	}
	code, created := create(apaleo.PromoPlan, obj{"promoCode": apaleo.PromoCode})
	require.Equal(t, http.StatusCreated, code)
	id := created.list("reservationIds")[0].text("id")
	require.Equal(t, apaleo.PromoCode, d.reservation(id).text("promoCode"))
	code, created = create(apaleo.CorporatePlan, obj{"corporateCode": apaleo.CorporateCode, "companyId": apaleo.CompanyID})
	require.Equal(t, http.StatusCreated, code)
	firm := created.list("reservationIds")[0].text("id")
	require.Equal(t, false, d.reservation(firm)["hasCityTax"])
	d.must(http.StatusUnprocessableEntity, http.MethodPut, "/booking/v1/reservation-actions/"+firm+"/add-city-tax", nil)
	require.Len(t, d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?companyIds="+apaleo.CompanyID, nil).list("reservations"), 1)

	// The stay remembers its codes when it is amended.
	longer := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"/offers?departure=2026-11-12&unitGroupIds="+apaleo.Double, nil)
	require.Len(t, longer.list("offers"), 3)
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.PromoPlan, "2026-11-10", 2))
	// From a plan without the tax to one with it, the tax comes along.
	d.must(http.StatusNoContent, http.MethodPut, amendPath(firm), desired(apaleo.Flexible(apaleo.Double), "2026-11-10", 1))
	require.Equal(t, true, d.reservation(firm)["hasCityTax"])
}

func TestGuarantees(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for given, want := range map[string]string{"": "PM6Hold", "PM6Hold": "PM6Hold", "CreditCard": "CreditCard", "Prepayment": "Prepayment", "Company": "Company"} {
		body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
		if given != "" {
			body["reservations"].([]obj)[0]["guaranteeType"] = given
		}
		require.Equal(t, want, d.reservation(d.book(body)).text("guaranteeType"))
	}
}

func TestGuestDataCanBeWithheldLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1")
	body["reservations"].([]obj)[0]["primaryGuest"] = obj{"lastName": "Hilbert"}
	body["reservations"].([]obj)[0]["additionalGuests"] = []obj{{"lastName": "Klein"}}
	id := d.book(body)
	d.must(http.StatusNoContent, http.MethodPatch, "/booking/v1/reservations/"+id, []obj{{"op": "add", "path": "/paymentAccount", "value": obj{"accountHolder": "D. Hilbert"}}})
	fields := []string{"booker", "primaryGuest", "additionalGuests", "paymentAccount"}
	read := func() obj {
		return d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"?expand=booker", nil)
	}
	for _, field := range fields {
		require.Contains(t, read(), field)
	}
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/guests", obj{"withhold": true})
	for _, field := range fields {
		require.NotContains(t, read(), field)
	}
	d.must(http.StatusNoContent, http.MethodPatch, "/booking/v1/reservations/"+id, []obj{{"op": "replace", "path": "/primaryGuest", "value": obj{"lastName": "Noether"}}})
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/guests", obj{"withhold": false})
	require.Equal(t, "Noether", read().obj("primaryGuest").text("lastName"))
}
