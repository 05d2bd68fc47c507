package apaleo_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// requireFailure asks an error for everything that it must name.
func requireFailure(t *testing.T, err, kind error, o pms.Operation, field string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var failure *pms.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, apaleo.Vendor, failure.Vendor)
	require.Equal(t, "aurora-berlin", failure.Hotel)
	require.Equal(t, string(o), failure.Operation)
	require.Equal(t, field, failure.Field)
	require.NotContains(t, err.Error(), secretMarker)
}

func (r rig) read(t *testing.T, id pms.ReservationID) pms.Reservation {
	t.Helper()
	read, err := r.Reservation(t.Context(), id)
	require.NoError(t, err)
	return read
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := optionsAt(t, "https://apaleo.example")
	_, err := apaleo.New(good)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*apaleo.Options){
		"client":    func(o *apaleo.Options) { o.Client = nil },
		"property":  func(o *apaleo.Options) { o.Property = "../BER" },
		"time zone": func(o *apaleo.Options) { o.TimeZone = nil },
	} {
		o := good
		spoil(&o)
		_, err := apaleo.New(o)
		require.ErrorContains(t, err, name)
	}
}

func TestPropertiesOfTheAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	all, err := r.Properties(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, sandbox.PropertyID, all[0].ID)
	require.Equal(t, "Aurora Berlin", all[0].Name)
	require.Equal(t, sandbox.MunichID, all[1].ID)
}

func TestWrongPropertyIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	server := httptest.NewServer(r.sandbox)
	t.Cleanup(server.Close)
	stranger := connectAs(t, server.URL, "ZRH")
	_, err := stranger.Health(t.Context())
	requireFailure(t, err, pms.ErrNotFound, pms.OpHealth, "property")
	_, err = stranger.Availability(t.Context(), pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple})
	requireFailure(t, err, pms.ErrNotFound, pms.OpAvailability, "property")
}

func TestMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Scopes: []string{"reservations.read"}})
	_, err := r.Quote(t.Context(), pms.QuoteQuery{RatePlanID: "X", Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple})
	requireFailure(t, err, pms.ErrPermission, pms.OpQuote, "scope")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01KA", 1)
	stay := booked.Stays[0].ID
	require.NoError(t, r.Edit(t.Context(), pms.EditRequest{Stay: stay}), "nothing to change is no request")

	wish := "a cot, please"
	guest := pms.Guest{FirstName: "Emmy", LastName: "Noether", Email: "emmy@example.org"}
	edit := pms.EditRequest{Stay: stay, Guest: &guest, Companions: []pms.Guest{{LastName: "Hilbert"}}, Comment: &wish}
	require.NoError(t, r.Edit(t.Context(), edit))
	require.NoError(t, r.Edit(t.Context(), edit), "twice leaves the same")
	read := r.read(t, booked.ID)
	require.Equal(t, "Noether", read.Stays[0].Guest.LastName)
	require.Empty(t, read.Stays[0].Guest.Phone, "a replaced guest leaves nothing behind")
	require.Equal(t, secretMarker, read.Booker.LastName, "the booker stays")

	nothing := ""
	require.NoError(t, r.Edit(t.Context(), pms.EditRequest{Stay: stay, Companions: []pms.Guest{}, Comment: &nothing}))
	requireFailure(t, r.Edit(t.Context(), pms.EditRequest{Stay: stay, Guest: &pms.Guest{}}), pms.ErrValidation, pms.OpEdit, "guest.last_name")
	requireFailure(t, r.Edit(t.Context(), pms.EditRequest{Stay: stay, Companions: []pms.Guest{{}}}), pms.ErrValidation, pms.OpEdit, "companions.last_name")
	requireFailure(t, r.Edit(t.Context(), pms.EditRequest{Stay: "../x", Comment: &wish}), pms.ErrNotFound, pms.OpEdit, "id")
	require.ErrorIs(t, r.Edit(t.Context(), pms.EditRequest{Stay: "NOSUCH-1", Comment: &wish}), pms.ErrNotFound)
}

func TestNoShowCostsItsFee(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01KB", 2)
	stay := booked.Stays[0].ID
	requireFailure(t, r.NoShow(t.Context(), stay), pms.ErrConflict, pms.OpNoShow, "status")
	r.sandbox.Advance(8 * 24 * time.Hour)
	require.NoError(t, r.NoShow(t.Context(), stay))
	requireFailure(t, r.NoShow(t.Context(), stay), pms.ErrConflict, pms.OpNoShow, "status")
	read := r.read(t, booked.ID)
	require.Equal(t, pms.StatusNoShow, read.Stays[0].Status)
	require.Positive(t, read.Stays[0].CancellationFee.Amount)
	require.Equal(t, read.Stays[0].Cancellation.NoShowFee, read.Stays[0].CancellationFee)
}

func TestCancellationCostsItsFeeOnceDue(t *testing.T) {
	t.Parallel()
	for late, days := range map[bool]int{false: 0, true: 7} {
		r := newRig(t, sandbox.Options{})
		booked := r.book(t, "01KC", 2)
		require.Zero(t, r.read(t, booked.ID).Stays[0].CancellationFee)
		r.sandbox.Advance(time.Duration(days) * 24 * time.Hour)
		require.NoError(t, r.Cancel(t.Context(), booked.Stays[0].ID))
		read := r.read(t, booked.ID).Stays[0]
		require.Equal(t, late, read.CancellationFee.Amount > 0, "after %d days", days)
		if late {
			require.Equal(t, read.Cancellation.Fee, read.CancellationFee)
		}
	}
}

func TestCityTaxAndFeesComeOnTop(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer := r.quote(t, sandbox.Suite, sandbox.Flexible(sandbox.Suite), 2)
	require.True(t, slices.ContainsFunc(offer.Charges, func(c pms.Charge) bool { return c.Code == "city_tax" && !c.Included }))
	booked, err := r.Create(t.Context(), r.draft(t, "01KD", false, offer))
	require.NoError(t, err)
	read := r.read(t, booked.ID)
	for _, one := range []pms.Reservation{booked, read} {
		require.Equal(t, offer.PayableTotal, one.PayableTotal)
		last := one.Stays[0].Charges[len(one.Stays[0].Charges)-1]
		require.Equal(t, "city_tax_and_fees", last.Code)
		require.Equal(t, offer.PayableTotal.Amount-offer.Total.Amount, last.Amount.Amount)
		require.False(t, last.Included)
		require.Equal(t, "vat", one.Stays[0].Charges[0].Code)
	}
}

func TestExtras(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01KE", 2)
	stay := booked.Stays[0].ID
	extras, err := r.Extras(t.Context(), stay)
	require.NoError(t, err)
	require.Len(t, extras, 3)
	breakfast := extras[slices.IndexFunc(extras, func(e pms.Extra) bool { return e.Name == "Breakfast" })]
	require.Equal(t, pms.Money{Amount: 2 * 18_00, Currency: "EUR"}, breakfast.Price, "of one person for two mornings")
	require.Zero(t, breakfast.Count)

	require.NoError(t, r.AddExtra(t.Context(), pms.ExtraRequest{Stay: stay, Extra: breakfast, Count: 2}))
	require.NoError(t, r.AddExtra(t.Context(), pms.ExtraRequest{Stay: stay, Extra: breakfast, Count: 1}), "sets how many")
	read := r.read(t, booked.ID)
	require.Len(t, read.Stays[0].Extras, 1)
	added := read.Stays[0].Extras[0]
	require.Equal(t, breakfast.ID, added.ID)
	require.Equal(t, 1, added.Count)
	require.Equal(t, breakfast.Price, added.Price)
	require.Equal(t, booked.PayableTotal.Amount+breakfast.Price.Amount, read.PayableTotal.Amount)
	require.Equal(t, booked.Stays[0].Charges[len(booked.Stays[0].Charges)-1], read.Stays[0].Charges[len(read.Stays[0].Charges)-1], "an extra is no tax")

	requireFailure(t, r.AddExtra(t.Context(), pms.ExtraRequest{Stay: stay, Count: 1}), pms.ErrValidation, pms.OpAddExtra, "extra.id")
	requireFailure(t, r.AddExtra(t.Context(), pms.ExtraRequest{Stay: stay, Extra: breakfast}), pms.ErrValidation, pms.OpAddExtra, "count")
	requireFailure(t, r.AddExtra(t.Context(), pms.ExtraRequest{Stay: stay, Extra: pms.Extra{ID: "BER-NOPE"}, Count: 1}), pms.ErrValidation, pms.OpAddExtra, "serviceId")
	_, err = r.Extras(t.Context(), "../x")
	requireFailure(t, err, pms.ErrNotFound, pms.OpExtras, "id")
}

func TestPromoAndCorporateCodes(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	for code, test := range map[string]struct {
		plan, promo, corporate string
		guarantee              pms.Guarantee
	}{
		"promo":     {sandbox.PromoPlan, sandbox.PromoCode, "", pms.GuaranteeCard},
		"corporate": {sandbox.CorporatePlan, "", sandbox.CorporateCode, pms.GuaranteeCompany},
	} {
		query := pms.QuoteQuery{
			RoomTypeID: sandbox.Double, RatePlanID: pms.RatePlanID(test.plan), Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple,
		}
		_, err := r.Quote(t.Context(), query)
		requireFailure(t, err, pms.ErrNotFound, pms.OpQuote, "rate_plan_id")
		query.PromoCode, query.CorporateCode = test.promo, test.corporate
		offer, err := r.Quote(t.Context(), query)
		require.NoError(t, err, code)
		require.Equal(t, test.guarantee, offer.Guarantee)
		booked, err := r.Create(t.Context(), r.draft(t, pms.Reference("01KF"+code), false, offer))
		require.NoError(t, err)
		// The stay keeps its plan, though nobody names the code again.
		longer, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID, Departure: arrival.AddDays(3)})
		require.NoError(t, err, code)
		require.Equal(t, test.plan, longer.RatePlan.ID)
		require.NoError(t, r.Amend(t.Context(), pms.AmendRequest{Stay: booked.Stays[0].ID, Offer: longer}))
	}
}

func TestQuoteChangeOfAnotherPlanFallsBackToANewStay(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01KG", 1)
	r.fault(t, sandbox.Fault{Operation: "reservationOffers", Kind: sandbox.NoContent})
	plan := pms.RatePlanID(sandbox.NonRefundable(sandbox.Double))
	offer, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID, RatePlanID: plan})
	require.NoError(t, err)
	require.Equal(t, string(plan), offer.RatePlan.ID)
	_, err = r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID})
	requireFailure(t, err, pms.ErrNotFound, pms.OpQuoteChange, "rate_plan_id")
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	var checks []pms.Event
	ok := true
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body := make([]byte, req.ContentLength)
		_, _ = req.Body.Read(body)
		events, err := r.ParseWebhook(req.Header, body)
		if err != nil || !ok {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		checks = append(checks, events...)
	}))
	t.Cleanup(hooks.Close)
	url := hooks.URL + "/v1/webhooks/apaleo/aurora-berlin/" + secretMarker

	none, err := r.Subscriptions(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
	made, err := r.Subscribe(t.Context(), pms.SubscribeRequest{URL: url})
	require.NoError(t, err)
	require.Equal(t, url, made.URL)
	require.Equal(t, []string{sandbox.PropertyID}, made.Properties)
	require.Equal(t, pms.EventHealth, checks[0].Kind)
	all, err := r.Subscriptions(t.Context())
	require.NoError(t, err)
	require.Equal(t, []pms.Subscription{made}, all)

	ok = false
	_, err = r.Subscribe(t.Context(), pms.SubscribeRequest{URL: url})
	requireFailure(t, err, pms.ErrValidation, pms.OpSubscribe, "url")
	require.NoError(t, r.Unsubscribe(t.Context(), made.ID))
	require.NoError(t, r.Unsubscribe(t.Context(), made.ID), "twice is no error")
	require.NoError(t, r.Unsubscribe(t.Context(), "../x"), "what cannot be is gone")
}

func TestWithoutAHostForWebhooksNothingIsSubscribed(t *testing.T) {
	t.Parallel()
	o := optionsAt(t, "https://apaleo.example")
	o.Webhooks = nil
	bare, err := apaleo.New(o)
	require.NoError(t, err)
	_, err = bare.Subscribe(t.Context(), pms.SubscribeRequest{URL: "https://h.example"})
	requireFailure(t, err, pms.ErrUnsupported, pms.OpSubscribe, "endpoints.webhook")
	_, err = bare.Subscriptions(t.Context())
	require.ErrorIs(t, err, pms.ErrUnsupported)
	require.ErrorIs(t, bare.Unsubscribe(t.Context(), "x"), pms.ErrUnsupported)
}

// TestQuestionsAreNarrow looks at what is asked, since Apaleo answers to less
// precise questions too, only with more.
func TestQuestionsAreNarrow(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer, err := r.Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: sandbox.Double, RatePlanID: sandbox.PromoPlan, PromoCode: sandbox.PromoCode,
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple,
	})
	require.NoError(t, err)
	booked, err := r.Create(t.Context(), r.draft(t, "01KH", false, offer))
	require.NoError(t, err)

	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/offers") {
			asked <- req.URL.RawQuery
		}
		r.sandbox.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	c := connect(t, server.URL)
	_, err = c.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID, Occupancy: pms.Occupancy{Adults: 1}})
	require.NoError(t, err)
	require.Equal(t, "adults=1&arrival=2026-03-09&channelCode=Direct&departure=2026-03-10&includeUnavailable=true&"+
		"promoCode="+sandbox.PromoCode+"&unitGroupIds="+sandbox.Double, <-asked)
	_, err = c.Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: sandbox.Family, RatePlanID: pms.RatePlanID(sandbox.Flexible(sandbox.Family)), CorporateCode: "C",
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 1, ChildrenAges: []int{3, 5}},
	})
	require.NoError(t, err)
	require.Equal(t, "adults=1&arrival=2026-03-09&channelCode=Direct&childrenAges=3%2C5&corporateCode=C&departure=2026-03-10&"+
		"includeUnavailable=true&propertyId=BER&unitGroupIds="+sandbox.Family, <-asked)
}

func TestNothingIsNoAnswerWhereOneMustBe(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01KI", 1)
	r.fault(t, sandbox.Fault{Kind: sandbox.NoContent})
	_, err := r.Health(t.Context())
	requireFailure(t, err, pms.ErrUnavailable, pms.OpHealth, "id")
	_, err = r.Reservation(t.Context(), booked.ID)
	requireFailure(t, err, pms.ErrUnavailable, pms.OpRead, "id")
	for stay, err := range r.InHouse(t.Context()) {
		require.NoError(t, err)
		t.Fatalf("nobody is in the house: %s", stay.ID)
	}
}
