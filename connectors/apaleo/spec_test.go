package apaleo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
)

// used are all operations of Apaleo that this package calls.
var used = []string{
	"POST /connect/token",
	"GET /inventory/v1/properties", "GET /inventory/v1/properties/{id}", "GET /inventory/v1/unit-groups",
	"GET /rateplan/v1/rate-plans",
	"GET /booking/v1/offers", "POST /booking/v1/bookings", "GET /booking/v1/bookings/{id}", "PATCH /booking/v1/bookings/{id}",
	"GET /booking/v1/reservations", "GET /booking/v1/reservations/{id}", "PATCH /booking/v1/reservations/{id}",
	"GET /booking/v1/reservations/{id}/offers", "GET /booking/v1/reservations/{id}/service-offers",
	"PUT /booking/v1/reservation-actions/{id}/amend", "PUT /booking/v1/reservation-actions/{id}/cancel",
	"PUT /booking/v1/reservation-actions/{id}/noshow", "PUT /booking/v1/reservation-actions/{id}/book-service",
	"POST /v1/subscriptions", "GET /v1/subscriptions", "DELETE /v1/subscriptions/{id}",
}

// TestRequestsFitTheVendorsFiles calls every operation once and holds each
// request, and the sandbox's answer, against Apaleo's own files. It lists what
// was checked against them, and what against our prose only.
func TestRequestsFitTheVendorsFiles(t *testing.T) {
	t.Parallel()
	checked := apaleospec.Require(t)
	require.NotNil(t, checked)
	box := sandbox.New(sandbox.Options{Clock: func() time.Time { return today }})
	t.Cleanup(box.Close)
	server := httptest.NewServer(checked.Middleware(box, func(f apaleospec.Finding) { t.Error(f) }))
	t.Cleanup(server.Close)
	everyOperation(t, rig{connect(t, server.URL), box})

	var seen, vendor, prose []string
	for _, op := range checked.Operations() {
		if len(op.Statuses) == 0 {
			continue
		}
		line := op.Method + " " + op.Path
		seen = append(seen, line)
		if op.Prose {
			prose = append(prose, line)
		} else {
			vendor = append(vendor, line)
		}
	}
	t.Logf("checked against the vendor's files: %d\n\t%s", len(vendor), strings.Join(vendor, "\n\t"))
	t.Logf("checked against our prose only: %d\n\t%s", len(prose), strings.Join(prose, "\n\t"))
	if !checked.Vendor() {
		return // Require has said loudly that the vendor's files are missing
	}
	require.ElementsMatch(t, used, seen)
	for _, line := range prose {
		require.True(t, strings.Contains(line, "/connect/") || strings.Contains(line, "/rateplan/") || strings.Contains(line, "/v1/subscriptions"),
			"%s is in the vendor's files", line)
	}
}

func everyOperation(t *testing.T, r rig) {
	t.Helper()
	ctx := t.Context()
	var err error
	must := func(what string) { t.Helper(); require.NoError(t, err, what) }
	_, err = r.Health(ctx)
	must("health")
	_, err = r.Properties(ctx)
	must("properties")
	_, err = r.Catalog(ctx)
	must("catalog")
	booked := r.book(t, "01MA", 2)
	stay := booked.Stays[0].ID
	_, err = r.ByReference(ctx, "01MA")
	must("by reference")
	extras, err := r.Extras(ctx, stay)
	require.NoError(t, err)
	err = r.AddExtra(ctx, pms.ExtraRequest{Stay: stay, Extra: extras[0], Count: 1})
	must("add extra")
	offer, err := r.QuoteChange(ctx, pms.ChangeQuery{Stay: stay, Departure: arrival.AddDays(3)})
	require.NoError(t, err)
	err = r.Amend(ctx, pms.AmendRequest{Stay: stay, Offer: offer})
	must("amend")
	wish := "a cot, please"
	err = r.Edit(ctx, pms.EditRequest{Stay: stay, Guest: &pms.Guest{LastName: "Noether"}, Companions: []pms.Guest{{LastName: "Hilbert"}}, Comment: &wish})
	must("edit")
	for _, id := range []pms.GuestID{"guest:" + pms.GuestID(stay), "booker:" + pms.GuestID(booked.ID)} {
		_, err = r.UpsertGuest(ctx, pms.Guest{ID: id, LastName: "Noether"})
		must("upsert guest")
		err = r.EraseGuest(ctx, id)
		must("erase guest")
	}
	subscribeOnce(t, r)
	err = r.Cancel(ctx, stay)
	must("cancel")
	gone := r.book(t, "01MB", 1)
	r.sandbox.Advance(8 * 24 * time.Hour)
	err = r.NoShow(ctx, gone.Stays[0].ID)
	must("no-show")
}

func subscribeOnce(t *testing.T, r rig) {
	t.Helper()
	hooks := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer hooks.Close()
	made, err := r.Subscribe(t.Context(), pms.SubscribeRequest{URL: hooks.URL})
	require.NoError(t, err)
	all, err := r.Subscriptions(t.Context())
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(all, func(s pms.Subscription) bool { return s.ID == made.ID }), fmt.Sprint(len(all)))
	require.NoError(t, r.Unsubscribe(t.Context(), made.ID))
}
