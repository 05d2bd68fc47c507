package capability_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/transport"
)

// hotel is a registry of one.
type hotel registry.Hotel

func (h hotel) Hotel(context.Context, string) (registry.Hotel, error) { return registry.Hotel(h), nil }

// traffic are the calls that reached the vendor since it was last asked.
type traffic struct {
	mu    sync.Mutex
	calls []string
}

func (r *traffic) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !strings.HasPrefix(q.URL.Path, "/connect/") { // tokens are no operation
			r.mu.Lock()
			r.calls = append(r.calls, q.Method+" "+q.URL.Path)
			r.mu.Unlock()
		}
		next.ServeHTTP(w, q)
	})
}

func (r *traffic) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.calls
	r.calls = nil
	return taken
}

// aurora is a hotel at a simulated Apaleo, by the factory and all it stands on.
func aurora(t *testing.T, matrix func() *capability.Matrix) (pms.Connector, *traffic) {
	t.Helper()
	box := sandbox.New(sandbox.Options{})
	t.Cleanup(box.Close)
	seen := new(traffic)
	server := httptest.NewServer(seen.record(box))
	t.Cleanup(server.Close)
	store := credentials.NewFileStore(filepath.Join(t.TempDir(), "credentials.yaml"))
	require.NoError(t, store.Put(t.Context(), "apaleo-aurora", credentials.Credentials{
		ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret),
	}))
	factory, err := connectors.New(connectors.Deps{
		Credentials: store, Matrix: matrix,
		Transport: transport.Options{Limits: transport.NewBuckets(transport.Rate{PerSecond: 1e6, Burst: 1e6})},
		Hotels: hotel{
			ID: "aurora-berlin", Name: "Aurora", Vendor: "apaleo", Property: sandbox.PropertyID, TimeZone: "Europe/Berlin",
			Endpoints: map[string]string{"api": server.URL, "identity": server.URL, "webhook": server.URL}, CredentialsRef: "apaleo-aurora",
		},
	})
	require.NoError(t, err)
	conn, err := factory.Connector(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	return conn, seen
}

// TestTheFactoryRulesByTheMatrix drives the whole stack: an operator's file
// takes an operation from the vendor, and not one request leaves any more.
func TestTheFactoryRulesByTheMatrix(t *testing.T) {
	t.Parallel()
	own := entry(t, "apaleo")
	o := open(t, own, never)
	conn, seen := aurora(t, o.live.Current)
	require.Equal(t, capability.Default().Capabilities("apaleo"), conn.Capabilities())
	_, err := conn.Catalog(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, seen.take())

	put(t, o.path, change(t, own, "      catalog:\n        support: \"yes\"\n        calls: [\"GET /inventory/v1/properties/{id}\", \"GET /inventory/v1/unit-groups\"]\n        prose: [\"GET /rateplan/v1/rate-plans\"]",
		"      catalog:\n        support: \"no\""))
	require.NoError(t, o.live.Reload())
	_, err = conn.Catalog(t.Context())
	require.ErrorIs(t, err, pms.ErrUnsupported)
	_, err = conn.Availability(t.Context(), pms.AvailabilityQuery{Arrival: arrival, Departure: arrival, Occupancy: two})
	require.ErrorIs(t, err, pms.ErrValidation)
	require.Empty(t, seen.take(), "a refused operation makes no request")
	require.False(t, conn.Capabilities().Can(pms.OpCatalog))
}

// apaleoDay plays one booking from the first question to its end, each step an
// operation.
func apaleoDay(t *testing.T, conn pms.Connector) []step {
	ctx := t.Context()
	var offer pms.Offer
	var draft pms.Draft
	var held, made pms.Reservation
	var extras []pms.Extra
	var subscription pms.Subscription
	ours := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(ours.Close)
	ask := pms.AvailabilityQuery{Arrival: arrival, Departure: departure, Occupancy: pms.Occupancy{Adults: 1}}
	guest := pms.Guest{FirstName: "Ada", LastName: "Adler"}
	comment := "quiet room"
	request := func(hold bool, ref pms.Reference) pms.CreateRequest {
		return pms.CreateRequest{Reference: ref, Booker: guest, Hold: hold, Stays: []pms.StayRequest{{Offer: offer}}}
	}
	return []step{
		{pms.OpHealth, func() error { _, err := conn.Health(ctx); return err }},
		{pms.OpProperties, func() error { _, err := conn.Properties(ctx); return err }},
		{pms.OpCatalog, func() error { _, err := conn.Catalog(ctx); return err }},
		{pms.OpAvailability, func() error {
			offers, err := conn.Availability(ctx, ask)
			at := slices.IndexFunc(offers, func(o pms.Offer) bool { return o.Guarantee == pms.GuaranteeNone && o.Bookable() })
			if at >= 0 {
				offer = offers[at]
			}
			return err
		}},
		{pms.OpQuote, func() error {
			_, err := conn.Quote(ctx, pms.QuoteQuery{
				RoomTypeID: pms.RoomTypeID(offer.RoomType.ID), RatePlanID: pms.RatePlanID(offer.RatePlan.ID),
				Arrival: arrival, Departure: departure, Occupancy: ask.Occupancy,
			})
			return err
		}},
		{pms.OpDraft, func() (err error) { draft, err = conn.Draft(request(true, "held")); return err }},
		{pms.OpHold, func() (err error) { held, err = conn.Hold(ctx, draft); return err }},
		{pms.OpConfirm, func() error { _, err := conn.Confirm(ctx, held.ID); return err }},
		{pms.OpRelease, func() error { return conn.Release(ctx, held.ID) }},
		{pms.OpDraft, func() (err error) { draft, err = conn.Draft(request(false, "made")); return err }},
		{pms.OpCreate, func() (err error) { made, err = conn.Create(ctx, draft); return err }},
		{pms.OpRead, func() error { _, err := conn.Reservation(ctx, made.ID); return err }},
		{pms.OpByConfirmation, func() error { _, err := conn.ByConfirmation(ctx, made.Confirmation); return err }},
		{pms.OpByConfirmation, func() error { _, err := conn.ByConfirmation(ctx, string(made.Stays[0].ID)); return err }},
		{pms.OpByReference, func() error { _, err := conn.ByReference(ctx, "made"); return err }},
		{pms.OpQuoteChange, func() (err error) {
			offer, err = conn.QuoteChange(ctx, pms.ChangeQuery{Stay: made.Stays[0].ID, Arrival: arrival, Departure: departure.AddDays(1), Occupancy: ask.Occupancy})
			return err
		}},
		{pms.OpAmend, func() error { return conn.Amend(ctx, pms.AmendRequest{Stay: made.Stays[0].ID, Offer: offer}) }},
		{pms.OpEdit, func() error { return conn.Edit(ctx, pms.EditRequest{Stay: made.Stays[0].ID, Comment: &comment}) }},
		{pms.OpExtras, func() (err error) { extras, err = conn.Extras(ctx, made.Stays[0].ID); return err }},
		{pms.OpAddExtra, func() error {
			return conn.AddExtra(ctx, pms.ExtraRequest{Stay: made.Stays[0].ID, Extra: extras[0], Count: 1})
		}},
		{pms.OpSearchGuests, func() error {
			found, err := conn.SearchGuests(ctx, pms.GuestQuery{LastName: guest.LastName})
			if len(found) > 0 {
				guest = found[0]
			}
			return err
		}},
		{pms.OpGuest, func() error { _, err := conn.Guest(ctx, guest.ID); return err }},
		{pms.OpUpsertGuest, func() error { _, err := conn.UpsertGuest(ctx, guest); return err }},
		{pms.OpEraseGuest, func() error { return conn.EraseGuest(ctx, guest.ID) }},
		{pms.OpArrivals, func() error { return drained(conn.Arrivals(ctx, arrival)) }},
		{pms.OpInHouse, func() error { return drained(conn.InHouse(ctx)) }},
		{pms.OpSubscribe, func() (err error) {
			subscription, err = conn.Subscribe(ctx, pms.SubscribeRequest{URL: ours.URL})
			return err
		}},
		{pms.OpSubscriptions, func() error { _, err := conn.Subscriptions(ctx); return err }},
		{pms.OpUnsubscribe, func() error { return conn.Unsubscribe(ctx, subscription.ID) }},
		{pms.OpCancel, func() error { return conn.Cancel(ctx, made.Stays[0].ID) }},
		{pms.OpNoShow, func() error {
			if err := conn.NoShow(ctx, made.Stays[0].ID); !errors.Is(err, pms.ErrConflict) {
				return fmt.Errorf("a cancelled stay became a no-show: %w", err)
			}
			return nil
		}},
	}
}

type step struct {
	operation pms.Operation
	do        func() error
}

func drained(stream iter.Seq2[pms.Stay, error]) error {
	for _, err := range stream {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestTheMatrixNamesTheCallsThatAreMade watches what our own connector sends,
// operation by operation: the matrix names all of it.
func TestTheMatrixNamesTheCallsThatAreMade(t *testing.T) {
	t.Parallel()
	conn, seen := aurora(t, nil)
	vendor, _ := capability.Default().Vendor("apaleo")
	played := map[pms.Operation]bool{pms.OpWebhook: true} // what is posted to us
	for _, s := range apaleoDay(t, conn) {
		require.NoError(t, s.do(), s.operation)
		played[s.operation] = true
		named := slices.Concat(vendor.Operations[s.operation].Calls, vendor.Operations[s.operation].Prose)
		calls := seen.take()
		require.Equal(t, len(named) > 0, len(calls) > 0, "%s: %v", s.operation, calls)
		for _, call := range calls {
			fits := slices.ContainsFunc(named, func(name string) bool { return like(name, call) })
			if !fits {
				t.Errorf("%s: %s is not among %v", s.operation, call, named)
			}
		}
	}
	require.Len(t, played, len(pms.Operations()), "every operation is played")
}

var placeholder = regexp.MustCompile(`\\\{[^}]*\\\}`)

// like tells whether a call is one of a name, which may have a host and
// placeholders.
func like(name, call string) bool {
	method, path, _ := strings.Cut(name, " ")
	path = strings.TrimPrefix(path, "https://webhook.apaleo.com")
	pattern := placeholder.ReplaceAllString(regexp.QuoteMeta(method+" "+path), `[^/]+`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(call)
}
