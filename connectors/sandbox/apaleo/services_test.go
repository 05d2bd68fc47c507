package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

const (
	breakfast = apaleo.PropertyID + "-" + apaleo.Breakfast
	parking   = apaleo.PropertyID + "-" + apaleo.Parking
	lateOut   = apaleo.PropertyID + "-" + apaleo.LateCheckout
)

func servicePath(id string) string { return "/booking/v1/reservation-actions/" + id + "/book-service" }
func servicesPath(id string) string {
	return "/booking/v1/reservations/" + id + "/services"
}

// byID sorts services by the id of what they sell.
func byID(answer obj) map[string]obj {
	all := map[string]obj{}
	for _, s := range answer.list("services") {
		all[s.obj("service").text("id")] = s
	}
	return all
}

func dates(service obj) (days []string) {
	for _, d := range service.list("dates") {
		days = append(days, d.text("serviceDate"))
	}
	return days
}

// couple books two adults and a child for three nights.
func (d *desk) couple() string {
	d.t.Helper()
	body := stay(apaleo.Flexible(apaleo.Family), "2026-11-10", 3, "")
	body["reservations"].([]obj)[0]["adults"] = 2
	body["reservations"].([]obj)[0]["childrenAges"] = []int{6}
	return d.book(body)
}

func TestServiceOffers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.couple()
	offered := byID(d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"/service-offers", nil))
	require.Len(t, offered, 3)
	require.Equal(t, []string{"2026-11-11", "2026-11-12", "2026-11-13"}, dates(offered[breakfast]))
	require.EqualValues(t, 3, offered[breakfast]["count"])
	require.EqualValues(t, 3*3*18, offered[breakfast].obj("totalAmount")["grossAmount"])
	require.Equal(t, "Person", offered[breakfast].obj("service").text("pricingUnit"))
	require.Equal(t, []string{"2026-11-10", "2026-11-11", "2026-11-12"}, dates(offered[parking]))
	require.EqualValues(t, 75, offered[parking].obj("totalAmount")["grossAmount"])
	require.Equal(t, []string{"2026-11-13"}, dates(offered[lateOut]))

	every := byID(d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"/service-offers?onlyDefaultDates=false&channelCode=Direct", nil))
	require.Len(t, dates(every[lateOut]), 4)
	require.Equal(t, false, every[lateOut].list("dates")[0]["isDefaultDate"])
	require.EqualValues(t, 30, every[lateOut].obj("totalAmount")["grossAmount"], "other dates do not count")

	query := "&arrival=2026-11-10&departure=2026-11-11&adults=1"
	before := byID(d.must(http.StatusOK, http.MethodGet, "/booking/v1/service-offers?ratePlanId="+apaleo.NonRefundable(apaleo.Single)+query, nil))
	require.EqualValues(t, 18, before[breakfast].amount("prePaymentAmount"), "a plan that is paid ahead")
	d.must(http.StatusNotFound, http.MethodGet, "/booking/v1/service-offers?ratePlanId=GUESS"+query, nil)
	d.must(http.StatusUnprocessableEntity, http.MethodGet, "/booking/v1/service-offers?ratePlanId="+apaleo.Flexible(apaleo.Single)+"&arrival=2026-11-11&departure=2026-11-10&adults=1", nil)
	d.must(http.StatusNotFound, http.MethodGet, "/booking/v1/reservations/NOBODY-1/service-offers", nil)
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations/"+id+"/service-offers", nil)
}

func TestBookedServicesArePartOfTheTotal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.couple()
	before := d.reservation(id)
	d.must(http.StatusNoContent, http.MethodGet, servicesPath(id), nil)
	for range 2 { // booking it twice leaves the same
		d.must(http.StatusNoContent, http.MethodPut, servicePath(id), obj{"serviceId": breakfast})
	}
	d.must(http.StatusNoContent, http.MethodPut, servicePath(id), obj{"serviceId": parking, "dates": []obj{
		{"serviceDate": "2026-11-10", "amount": obj{"amount": 20, "currency": "EUR"}}, {"serviceDate": "2026-11-12", "count": 2},
	}})
	got := d.reservation(id)
	require.Equal(t, before.amount("totalGrossAmount").(float64)+162+20+50, got.amount("totalGrossAmount"))
	require.Equal(t, before.amount("balance").(float64)-162-20-50, got.amount("balance"))
	require.Equal(t, before.obj("cancellationFee"), got.obj("cancellationFee"), "fees are of the nights")
	require.Len(t, got.list("taxDetails"), 2, "parking pays the normal tax")
	require.Len(t, got.list("services"), 2)
	require.Equal(t, []string{breakfast, parking}, d.box.Stays()[0].Services)
	listed := d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil)
	require.EqualValues(t, 2, listed["count"])
	require.Equal(t, []string{"2026-11-10", "2026-11-12"}, dates(byID(listed)[parking]))
	booking := d.must(http.StatusOK, http.MethodGet, bookingsPath+"/"+id[:8]+"?expand=reservations,services", nil)
	require.Len(t, booking.list("reservations")[0].list("services"), 2)

	d.must(http.StatusNoContent, http.MethodPut, servicePath(id), obj{"serviceId": parking, "dates": []obj{{"serviceDate": "2026-11-11"}}})
	require.Equal(t, []string{"2026-11-11"}, dates(byID(d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil))[parking]), "dates not named are removed")
	d.must(http.StatusNoContent, http.MethodDelete, servicesPath(id)+"?serviceId="+parking, nil)
	d.must(http.StatusNoContent, http.MethodDelete, servicesPath(id)+"?serviceId="+breakfast, nil)
	d.must(http.StatusNotFound, http.MethodDelete, servicesPath(id)+"?serviceId="+breakfast, nil)
	require.Equal(t, before.amount("totalGrossAmount"), d.reservation(id).amount("totalGrossAmount"))
}

func TestServicesAreChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.couple()
	for name, body := range map[string]obj{
		"unknown":        {"serviceId": "GUESS"},
		"other property": {"serviceId": apaleo.MunichID + "-" + apaleo.Breakfast},
		"none of it":     {"serviceId": parking, "count": 0},
		"outside":        {"serviceId": parking, "dates": []obj{{"serviceDate": "2026-11-14"}}},
		"twice":          {"serviceId": parking, "dates": []obj{{"serviceDate": "2026-11-11"}, {"serviceDate": "2026-11-11"}}},
		"other currency": {"serviceId": parking, "amount": obj{"amount": 1, "currency": "USD"}},
	} {
		d.must(http.StatusUnprocessableEntity, http.MethodPut, servicePath(id), body)
		require.Empty(t, d.reservation(id).list("services"), name)
	}
	d.must(http.StatusBadRequest, http.MethodPut, servicePath(id), []byte("{"))
	for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodDelete} {
		path, body := servicesPath("NOBODY-1"), any(nil)
		switch method {
		case http.MethodPut:
			path, body = servicePath("NOBODY-1"), obj{"serviceId": parking}
		case http.MethodDelete:
			path += "?serviceId=" + parking
		}
		d.must(http.StatusNotFound, method, path, body)
	}
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, servicePath(id), obj{"serviceId": parking})
	d.must(http.StatusUnprocessableEntity, http.MethodDelete, servicesPath(id)+"?serviceId="+parking, nil)
}

func TestDeliveredServicesStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{TokenLifetime: 1000 * time.Hour})
	id := d.couple()
	d.must(http.StatusNoContent, http.MethodPut, servicePath(id), obj{"serviceId": parking})
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/reservations/"+id+"/status", obj{"status": "InHouse"})
	d.box.Advance(9 * 24 * time.Hour) // the second day of the stay
	d.must(http.StatusNoContent, http.MethodPut, servicePath(id), obj{"serviceId": parking, "count": 2})
	booked := byID(d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil))[parking]
	require.EqualValues(t, 1, booked.list("dates")[0]["count"])
	require.EqualValues(t, 2, booked.list("dates")[1]["count"])
	d.must(http.StatusNoContent, http.MethodDelete, servicesPath(id)+"?serviceId="+parking, nil)
	require.Equal(t, []string{"2026-11-10"}, dates(byID(d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil))[parking]))
	d.must(http.StatusUnprocessableEntity, http.MethodDelete, servicesPath(id)+"?serviceId="+parking, nil)
}

func TestServicesFollowAnAmendedStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	body := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, "")
	body["reservations"].([]obj)[0]["services"] = []obj{{"serviceId": breakfast}, {"serviceId": parking, "dates": []obj{{"serviceDate": "2026-11-10"}, {"serviceDate": "2026-11-11"}}}}
	id := d.book(body)
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-11", 3))
	booked := byID(d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil))
	require.Equal(t, []string{"2026-11-12", "2026-11-13", "2026-11-14"}, dates(booked[breakfast]))
	require.Equal(t, []string{"2026-11-11"}, dates(booked[parking]))
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-20", 1))
	booked = byID(d.must(http.StatusOK, http.MethodGet, servicesPath(id), nil))
	require.NotContains(t, booked, parking)
	require.Equal(t, []string{"2026-11-21"}, dates(booked[breakfast]))

	wrong := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	wrong["reservations"].([]obj)[0]["services"] = []obj{{"serviceId": "GUESS"}}
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, wrong)
	require.Equal(t, 1, d.box.Count(""))
}

func TestCityTaxComesAndGoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	add, remove := "/booking/v1/reservation-actions/"+id+"/add-city-tax", "/booking/v1/reservation-actions/"+id+"/remove-city-tax"
	tax := offersFor(d, "2026-11-10", 1, "")[apaleo.Flexible(apaleo.Double)].obj("cityTax")["grossAmount"].(float64)
	require.Equal(t, 9.04, tax) // 7.5 % of 129 less 7 % tax
	got := d.reservation(id)
	require.Equal(t, true, got["hasCityTax"])
	require.Equal(t, -129-tax, got.amount("balance"))
	require.EqualValues(t, 129, got.amount("totalGrossAmount"), "the tax comes on top")
	require.Equal(t, true, got.allowed("RemoveCityTax"))
	require.Equal(t, false, got.allowed("AddCityTax"))
	d.must(http.StatusUnprocessableEntity, http.MethodPut, add, nil)
	d.must(http.StatusNoContent, http.MethodPut, remove, nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, remove, nil)
	got = d.reservation(id)
	require.Equal(t, false, got["hasCityTax"])
	require.EqualValues(t, -129, got.amount("balance"))
	d.must(http.StatusNoContent, http.MethodPut, add, nil)
	require.Equal(t, true, d.reservation(id)["hasCityTax"])
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, add, nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPut, remove, nil)
	d.must(http.StatusNotFound, http.MethodPut, "/booking/v1/reservation-actions/NOBODY-1/add-city-tax", nil)
}
