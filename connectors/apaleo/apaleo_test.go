package apaleo_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
	"github.com/voicehive/voicehive/connectors/transport"
)

// today is a Monday in a week without the sandbox's seeded restrictions.
var today = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// secretMarker stands in every piece of guest data, so that a leak shows.
const secretMarker = "Zweifelhuber"

// memory is a credentials.Store with one entry.
type memory credentials.Credentials

func (m memory) Credentials(context.Context, string) (credentials.Credentials, error) {
	return credentials.Credentials(m), nil
}

// spec is read once, for that takes longer than a test.
var spec struct {
	sync.Once
	loaded *apaleospec.Spec
}

// rig is a connector before a sandbox.
type rig struct {
	*apaleo.Connector
	sandbox *sandbox.Sandbox
}

func newRig(t *testing.T, options sandbox.Options) rig {
	t.Helper()
	if options.Clock == nil {
		options.Clock = func() time.Time { return today }
	}
	box := sandbox.New(options)
	t.Cleanup(box.Close)
	// Every request and answer is checked against the vendor's own contract.
	spec.Do(func() { spec.loaded = apaleospec.Require(t) })
	require.NotNil(t, spec.loaded)
	server := httptest.NewServer(spec.loaded.Middleware(box, func(f apaleospec.Finding) { t.Error(f) }))
	t.Cleanup(server.Close)
	return rig{connect(t, server.URL), box}
}

// connect returns a connector whose API and identity are at url.
func connect(t *testing.T, url string) *apaleo.Connector {
	t.Helper()
	return connectAs(t, url, sandbox.PropertyID)
}

func connectAs(t *testing.T, url, property string) *apaleo.Connector {
	t.Helper()
	o := optionsAt(t, url)
	o.Property = property
	connector, err := apaleo.New(o)
	require.NoError(t, err)
	return connector
}

// optionsAt are complete options for the sandbox's property.
func optionsAt(t *testing.T, url string) apaleo.Options {
	t.Helper()
	stack, err := transport.New(transport.Options{Limits: transport.NewBuckets(transport.Rate{PerSecond: 1e6, Burst: 1e6})})
	require.NoError(t, err)
	t.Cleanup(stack.HTTP().CloseIdleConnections)
	secrets := memory{ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(sandbox.DefaultClientSecret)}
	client, err := stack.Client(transport.Settings{
		Vendor: apaleo.Vendor, Hotel: "aurora-berlin", BaseURL: url, Credential: "test",
		Authorizer: credentials.NewTokens(secrets, stack.HTTP()).Bearer("test", url+apaleo.TokenPath),
		Refusal:    apaleo.Refusal, ReadTimeout: 20 * time.Second, WriteTimeout: 2 * time.Second,
	})
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return apaleo.Options{Client: client, Webhooks: client, Hotel: "aurora-berlin", Property: sandbox.PropertyID, TimeZone: zone}
}

func (r rig) fault(t *testing.T, f sandbox.Fault) {
	t.Helper()
	_, err := r.sandbox.AddFault(f)
	require.NoError(t, err)
}

var (
	arrival = pms.NewDate(2026, time.March, 9)
	couple  = pms.Occupancy{Adults: 2}
)

func (r rig) quote(t *testing.T, group, plan string, nights int) pms.Offer {
	t.Helper()
	offer, err := r.Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: pms.RoomTypeID(group), RatePlanID: pms.RatePlanID(plan),
		Arrival: arrival, Departure: arrival.AddDays(nights), Occupancy: couple,
	})
	require.NoError(t, err)
	return offer
}

func booker() pms.Guest {
	return pms.Guest{
		FirstName: "Ada", LastName: secretMarker, Email: secretMarker + "@example.org", Phone: "+4930555" + secretMarker,
		Language: "de", Comment: "late arrival " + secretMarker,
	}
}

func (r rig) draft(t *testing.T, ref pms.Reference, hold bool, offers ...pms.Offer) pms.Draft {
	t.Helper()
	request := pms.CreateRequest{Reference: ref, Booker: booker(), Hold: hold}
	for _, o := range offers {
		request.Stays = append(request.Stays, pms.StayRequest{Offer: o, Comment: "quiet room"})
	}
	draft, err := r.Draft(request)
	require.NoError(t, err)
	return draft
}

func (r rig) book(t *testing.T, ref pms.Reference, nights int) pms.Reservation {
	t.Helper()
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), nights)
	booked, err := r.Create(t.Context(), r.draft(t, ref, false, offer))
	require.NoError(t, err)
	return booked
}

func TestHealthAndCatalog(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	health, err := r.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Aurora Berlin", health.Property.Name)
	require.Positive(t, health.Latency)

	catalog, err := r.Catalog(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", catalog.TimeZone)
	require.Equal(t, "EUR", catalog.Currency)
	require.Equal(t, "DE", catalog.Country)
	require.Len(t, catalog.RoomTypes, 4)
	require.Len(t, catalog.RatePlans, 10)
	require.Equal(t, pms.RoomTypeID(sandbox.Single), catalog.RatePlans[0].RoomTypeID)
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offers, err := r.Availability(t.Context(), pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: couple})
	require.NoError(t, err)
	require.Len(t, offers, 6) // the single takes one person
	at := slices.IndexFunc(offers, func(o pms.Offer) bool { return o.RatePlan.ID == sandbox.Flexible(sandbox.Suite) })
	suite := offers[at]
	require.True(t, suite.Bookable())
	require.Equal(t, arrival, suite.Arrival)
	require.Len(t, suite.Nights, 2)
	require.Equal(t, arrival.AddDays(1), suite.Nights[1].Date)
	require.Equal(t, pms.GuaranteeNone, suite.Guarantee)
	require.Equal(t, suite.Total, suite.Nights[0].Total.Plus(suite.Nights[1].Total))
	require.Equal(t, suite.PayableTotal.Amount-suite.Total.Amount, extras(suite), "cleaning and city tax come on top")
	require.Equal(t, 18, suite.Cancellation.FreeUntil.Hour())
}

func extras(o pms.Offer) (total int64) {
	for _, c := range o.Charges {
		if !c.Included {
			total += c.Amount.Amount
		}
	}
	return total
}

func TestAvailabilityShowsRestrictions(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Restrictions: []sandbox.Restriction{
		{RatePlan: sandbox.Flexible(sandbox.Double), From: arrival, To: arrival.AddDays(1), MinNights: 3},
		{RatePlan: sandbox.Flexible(sandbox.Family), From: arrival, To: arrival.AddDays(1), ClosedToArrival: true},
	}})
	query := pms.AvailabilityQuery{Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple, IncludeRestricted: true}
	offers, err := r.Availability(t.Context(), query)
	require.NoError(t, err)
	got := make(map[string]pms.Offer)
	for _, o := range offers {
		got[o.RatePlan.ID] = o
	}
	require.Equal(t, pms.Restrictions{MinNights: 3}, got[sandbox.Flexible(sandbox.Double)].Restrictions)
	require.False(t, got[sandbox.Flexible(sandbox.Double)].Bookable())
	require.Equal(t, pms.Restrictions{ClosedToArrival: true}, got[sandbox.Flexible(sandbox.Family)].Restrictions)
	require.Equal(t, []string{"UnitGroupCapacityExceeded"}, got[sandbox.Flexible(sandbox.Single)].Restrictions.Other)
	require.True(t, got[sandbox.NonRefundable(sandbox.Double)].Bookable())
}

func TestAvailabilityOfNothingIsEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offers, err := r.Availability(t.Context(), pms.AvailabilityQuery{
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 9},
	})
	require.NoError(t, err)
	require.Empty(t, offers)
}

func TestQuoteTellsSoldOutFromUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 0}})
	query := pms.QuoteQuery{
		RoomTypeID: sandbox.Suite, RatePlanID: pms.RatePlanID(sandbox.Flexible(sandbox.Suite)),
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple,
	}
	_, err := r.Quote(t.Context(), query)
	require.ErrorIs(t, err, pms.ErrSoldOut)
	query.RatePlanID = "BER-NOPE"
	_, err = r.Quote(t.Context(), query)
	require.ErrorIs(t, err, pms.ErrNotFound)
}

func TestCreateIsOneRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 3)
	draft := r.draft(t, "01JA", false, offer)
	before := total(r.sandbox)
	booked, err := r.Create(t.Context(), draft)
	require.NoError(t, err)
	require.Equal(t, 1, total(r.sandbox)-before)

	read, err := r.Reservation(t.Context(), booked.ID)
	require.NoError(t, err)
	require.Equal(t, bare(booked), bare(read), "what Create answers is what Apaleo has")
	require.Equal(t, pms.StatusConfirmed, read.Status)
	require.Equal(t, pms.Reference("01JA"), read.Reference)
	require.Equal(t, secretMarker, read.Booker.LastName)
	require.Equal(t, secretMarker, read.Stays[0].Guest.LastName)
	require.Equal(t, string(booked.Stays[0].ID), booked.Confirmation)
}

// bare leaves out what Apaleo alone knows and what it does not keep.
func bare(r pms.Reservation) pms.Reservation {
	r.Modified, r.Booker, r.Stays = time.Time{}, nil, slices.Clone(r.Stays)
	for i := range r.Stays {
		r.Stays[i].Guest = nil
		r.Stays[i].Cancellation.FreeUntil = r.Stays[i].Cancellation.FreeUntil.UTC()
	}
	return r
}

func total(s *sandbox.Sandbox) (requests int) {
	for _, n := range s.State(false).Counters.Requests {
		requests += n
	}
	return requests
}

func TestCreateOfUnlikeStaysReadsThem(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	draft := r.draft(t, "01JB", false,
		r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 2),
		r.quote(t, sandbox.Suite, sandbox.Flexible(sandbox.Suite), 1))
	booked, err := r.Create(t.Context(), draft)
	require.NoError(t, err)
	require.Len(t, booked.Stays, 2)
	require.Equal(t, string(booked.ID), booked.Confirmation)
	require.Equal(t, booked.Total, booked.Stays[0].Total.Plus(booked.Stays[1].Total))

	// The same key again, with reads that fail: it is booked, yet unknown.
	r.fault(t, sandbox.Fault{Operation: "GET /booking/v1/bookings/{id}", Kind: sandbox.ErrorBefore})
	_, err = r.Create(t.Context(), draft)
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	r.sandbox.ClearFaults()
	again, err := r.Create(t.Context(), draft)
	require.NoError(t, err)
	require.Equal(t, booked.ID, again.ID)
	require.Equal(t, 2, r.sandbox.Count(""))
}

func TestDraftIsDeterministic(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
	require.Equal(t, r.draft(t, "01JC", false, offer), r.draft(t, "01JC", false, offer))
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	good := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
	prepaid := r.quote(t, sandbox.Double, sandbox.NonRefundable(sandbox.Double), 1)
	foreign := good
	foreign.Vendor = []byte(`{}`)
	short := good
	short.Nights = nil
	for name, test := range map[string]struct {
		request pms.CreateRequest
		kind    error
	}{
		"no reference":   {pms.CreateRequest{Booker: booker(), Stays: []pms.StayRequest{{Offer: good}}}, pms.ErrValidation},
		"no name":        {pms.CreateRequest{Reference: "r", Stays: []pms.StayRequest{{Offer: good}}}, pms.ErrValidation},
		"no stays":       {pms.CreateRequest{Reference: "r", Booker: booker()}, pms.ErrValidation},
		"too many stays": {pms.CreateRequest{Reference: "r", Booker: booker(), Stays: make([]pms.StayRequest, 11)}, pms.ErrValidation},
		"foreign offer":  {pms.CreateRequest{Reference: "r", Booker: booker(), Stays: []pms.StayRequest{{Offer: foreign}}}, pms.ErrValidation},
		"no nights":      {pms.CreateRequest{Reference: "r", Booker: booker(), Stays: []pms.StayRequest{{Offer: short}}}, pms.ErrValidation},
		"prepaid hold":   {pms.CreateRequest{Reference: "r", Booker: booker(), Hold: true, Stays: []pms.StayRequest{{Offer: prepaid}}}, pms.ErrUnsupported},
	} {
		_, err := r.Draft(test.request)
		require.ErrorIs(t, err, test.kind, name)
		require.NotContains(t, err.Error(), secretMarker, name)
	}
}

func TestHoldConfirmRelease(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 2)
	draft := r.draft(t, "01JD", true, offer)
	_, err := r.Create(t.Context(), draft)
	require.ErrorIs(t, err, pms.ErrValidation, "a hold is not created as a reservation by mistake")

	held, err := r.Hold(t.Context(), draft)
	require.NoError(t, err)
	require.Equal(t, pms.StatusHeld, held.Status)
	require.Equal(t, "2026-03-09T17:00:00Z", held.HoldUntil.UTC().Format(time.RFC3339), "six in the evening in Berlin")

	confirmed, err := r.Confirm(t.Context(), held.ID)
	require.NoError(t, err)
	require.Equal(t, pms.StatusConfirmed, confirmed.Status)

	require.NoError(t, r.Release(t.Context(), held.ID))
	require.NoError(t, r.Release(t.Context(), held.ID), "twice is no error")
	_, err = r.Confirm(t.Context(), held.ID)
	require.ErrorIs(t, err, pms.ErrConflict)
}

func TestByConfirmation(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01JE", 1)
	for _, number := range []string{string(booked.ID), booked.Confirmation, " " + string(booked.ID) + "-1 "} {
		read, err := r.ByConfirmation(t.Context(), number)
		require.NoError(t, err, number)
		require.Equal(t, booked.ID, read.ID)
	}
	for _, number := range []string{string(booked.ID) + "-2", "XXXXXXXX", "../bookings", "", "a b", "%2e%2e"} {
		_, err := r.ByConfirmation(t.Context(), number)
		require.ErrorIs(t, err, pms.ErrNotFound, number)
	}
}

func TestByReferenceMatchesExactly(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	longer := r.book(t, "01JF-2", 1)
	_, err := r.ByReference(t.Context(), "01JF")
	require.ErrorIs(t, err, pms.ErrNotFound, "a longer code is not ours")
	exact := r.book(t, "01JF", 1)
	for ref, want := range map[pms.Reference]pms.ReservationID{"01JF": exact.ID, "01JF-2": longer.ID} {
		read, err := r.ByReference(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, want, read.ID)
	}
}

func TestByReferencePagesToTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Units: map[string]int{sandbox.Double: 400}})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
	var wanted pms.Reservation
	for i := range 130 {
		ref := pms.Reference("01JG" + string(rune('A'+i%26)) + string(rune('A'+i/26)))
		if i == 77 {
			ref = "01JG"
		}
		booked, err := r.Create(t.Context(), r.draft(t, ref, false, offer))
		require.NoError(t, err)
		if ref == "01JG" {
			wanted = booked
		}
	}
	read, err := r.ByReference(t.Context(), "01JG")
	require.NoError(t, err)
	require.Equal(t, wanted.ID, read.ID)
}

func TestAmend(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01JH", 2)
	stay := booked.Stays[0].ID

	longer, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, Departure: arrival.AddDays(4)})
	require.NoError(t, err)
	require.Equal(t, sandbox.Double, longer.RoomType.ID, "the room is kept")
	require.Len(t, longer.Nights, 4)
	require.Equal(t, couple, longer.Occupancy)
	require.NoError(t, r.Amend(t.Context(), pms.AmendRequest{Stay: stay, Offer: longer}))
	require.NoError(t, r.Amend(t.Context(), pms.AmendRequest{Stay: stay, Offer: longer}), "twice leaves the same")

	family, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, RoomTypeID: sandbox.Family})
	require.NoError(t, err)
	require.Equal(t, sandbox.Flexible(sandbox.Family), family.RatePlan.ID, "the like plan of the other room")
	require.NoError(t, r.Amend(t.Context(), pms.AmendRequest{Stay: stay, Offer: family}))

	read, err := r.Reservation(t.Context(), booked.ID)
	require.NoError(t, err)
	require.Equal(t, arrival.AddDays(4), read.Stays[0].Departure)
	require.Equal(t, sandbox.Family, read.Stays[0].RoomType.ID)
	require.Equal(t, family.Total, read.Stays[0].Total)

	plan := pms.RatePlanID(sandbox.NonRefundable(sandbox.Suite))
	suite, err := r.QuoteChange(t.Context(), pms.ChangeQuery{
		Stay: stay, RatePlanID: plan, Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: couple,
	})
	require.NoError(t, err)
	require.Equal(t, sandbox.Suite, suite.RoomType.ID)
}

func TestChildrenComeAndGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	family := pms.Occupancy{Adults: 2, ChildrenAges: []int{4, 11}}
	offer, err := r.Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: sandbox.Family, RatePlanID: pms.RatePlanID(sandbox.Flexible(sandbox.Family)),
		Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: family,
	})
	require.NoError(t, err)
	booked, err := r.Create(t.Context(), r.draft(t, "01JR", false, offer))
	require.NoError(t, err)
	read, err := r.Reservation(t.Context(), booked.ID)
	require.NoError(t, err)
	require.Equal(t, family, read.Stays[0].Occupancy)

	alone, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID, Occupancy: couple})
	require.NoError(t, err)
	require.NoError(t, r.Amend(t.Context(), pms.AmendRequest{Stay: booked.Stays[0].ID, Offer: alone}))
	read, err = r.Reservation(t.Context(), booked.ID)
	require.NoError(t, err)
	require.Equal(t, 2, read.Stays[0].Occupancy.Adults)
	require.Empty(t, read.Stays[0].Occupancy.ChildrenAges)
}

func TestOtherPropertiesStayHidden(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01JS", 1)
	server := httptest.NewServer(r.sandbox)
	t.Cleanup(server.Close)
	stranger := connectAs(t, server.URL, "MUC")
	_, err := stranger.Reservation(t.Context(), booked.ID)
	require.ErrorIs(t, err, pms.ErrNotFound)
	_, err = stranger.QuoteChange(t.Context(), pms.ChangeQuery{Stay: booked.Stays[0].ID})
	requireFailure(t, err, pms.ErrNotFound, pms.OpQuoteChange, "property")
	requireFailure(t, stranger.Release(t.Context(), booked.ID), pms.ErrNotFound, pms.OpRelease, "property")
	for _, id := range []pms.GuestID{"booker:" + pms.GuestID(booked.ID), "guest:" + pms.GuestID(booked.Stays[0].ID)} {
		_, err = stranger.Guest(t.Context(), id)
		requireFailure(t, err, pms.ErrNotFound, pms.OpGuest, "property")
		_, err = stranger.UpsertGuest(t.Context(), pms.Guest{ID: id, LastName: "Thief"})
		requireFailure(t, err, pms.ErrNotFound, pms.OpUpsertGuest, "property")
		requireFailure(t, stranger.EraseGuest(t.Context(), id), pms.ErrNotFound, pms.OpEraseGuest, "property")
	}
	found, err := stranger.SearchGuests(t.Context(), pms.GuestQuery{LastName: secretMarker})
	require.NoError(t, err)
	require.Empty(t, found)
	require.Equal(t, 1, r.sandbox.Count(sandbox.Confirmed))
}

func TestQuoteChangeWhenFull(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Units: map[string]int{sandbox.Double: 1, sandbox.Suite: 0}})
	booked := r.book(t, "01JI", 2)
	stay := booked.Stays[0].ID
	_, err := r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, Departure: arrival.AddDays(3)})
	require.NoError(t, err, "its own room counts as free")
	_, err = r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, RoomTypeID: sandbox.Suite})
	require.ErrorIs(t, err, pms.ErrSoldOut)
	_, err = r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: stay, RoomTypeID: "BER-NOPE"})
	require.ErrorIs(t, err, pms.ErrNotFound)
	_, err = r.QuoteChange(t.Context(), pms.ChangeQuery{Stay: "NOSUCH-1"})
	require.ErrorIs(t, err, pms.ErrNotFound)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01JJ", 1)
	require.NoError(t, r.Cancel(t.Context(), booked.Stays[0].ID))
	require.ErrorIs(t, r.Cancel(t.Context(), booked.Stays[0].ID), pms.ErrConflict)
	require.ErrorIs(t, r.Cancel(t.Context(), "NOSUCH-1"), pms.ErrNotFound)
	require.ErrorIs(t, r.Cancel(t.Context(), "../x"), pms.ErrNotFound)
	read, err := r.Reservation(t.Context(), booked.ID)
	require.NoError(t, err)
	require.Equal(t, pms.StatusCancelled, read.Status)
	require.Zero(t, read.Total.Amount)
}

func TestArrivalsAndInHouse(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Units: map[string]int{sandbox.Double: 300}})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
	var first pms.Reservation
	for i := range 100 { // exactly one full page: the next is empty, a 204
		booked, err := r.Create(t.Context(), r.draft(t, pms.Reference("01JK"+string(rune('A'+i%26))+string(rune('A'+i/26))), false, offer))
		require.NoError(t, err)
		if i == 0 {
			first = booked
		}
	}
	count := 0
	for stay, err := range r.Arrivals(t.Context(), arrival) {
		require.NoError(t, err)
		require.Equal(t, arrival, stay.Arrival)
		require.Len(t, stay.Nights, 1)
		count++
	}
	require.Equal(t, 100, count)
	for range r.Arrivals(t.Context(), arrival.AddDays(1)) {
		t.Fatal("nobody arrives then")
	}

	require.True(t, r.sandbox.SetStatus(string(first.Stays[0].ID), sandbox.InHouse))
	var house []pms.StayID
	for stay, err := range r.InHouse(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, pms.StatusInHouse, stay.Status)
		house = append(house, stay.ID)
	}
	require.Equal(t, []pms.StayID{first.Stays[0].ID}, house)
}

func TestSurvivesWithheldGuests(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{WithholdGuests: true})
	read, err := r.Reservation(t.Context(), r.book(t, "01JL", 1).ID)
	require.NoError(t, err)
	require.Nil(t, read.Booker)
	require.Nil(t, read.Stays[0].Guest)
	for _, id := range []pms.GuestID{"booker:" + pms.GuestID(read.ID), "guest:" + pms.GuestID(read.Stays[0].ID)} {
		_, err := r.Guest(t.Context(), id)
		requireFailure(t, err, pms.ErrPermission, pms.OpGuest, "guest")
		_, err = r.UpsertGuest(t.Context(), pms.Guest{ID: id, LastName: "Blind"})
		requireFailure(t, err, pms.ErrPermission, pms.OpUpsertGuest, "guest")
		require.NoError(t, r.EraseGuest(t.Context(), id), "who may not see can erase all the same")
	}
	found, err := r.SearchGuests(t.Context(), pms.GuestQuery{LastName: secretMarker})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestLastRoomIsSoldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	offer := r.quote(t, sandbox.Suite, sandbox.Flexible(sandbox.Suite), 1)
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		draft := r.draft(t, pms.Reference("01JM"+string(rune('A'+i))), false, offer)
		wait.Go(func() { _, errs[i] = r.Create(t.Context(), draft) })
	}
	wait.Wait()
	booked := 0
	for _, err := range errs {
		if err == nil {
			booked++
			continue
		}
		require.ErrorIs(t, err, pms.ErrSoldOut)
	}
	require.Equal(t, 1, booked)
	require.Equal(t, 1, r.sandbox.Count(sandbox.Confirmed))
}
