package apaleo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/contracttest"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
	"github.com/voicehive/voicehive/connectors/transport"
)

// TestContract runs the golden suite.
func TestContract(t *testing.T) { contracttest.Run(t, contractTarget(t, contractCaps)) }

// TestFaultMatrix runs the suite's fault matrix alone and prints it.
func TestFaultMatrix(t *testing.T) { contracttest.FaultMatrix(t, contractTarget(t, contractCaps)) }

// TestContractOfNothing takes every operation away, as a matrix could: each
// answers that it is not there, and asks nobody.
func TestContractOfNothing(t *testing.T) {
	t.Parallel()
	nothing := func() pms.Capabilities { return pms.Capabilities{Vendor: apaleo.Vendor} }
	ran := 0
	for _, r := range contracttest.Check(t.Context(), contractTarget(t, nothing)) {
		require.Empty(t, r.Failures, r.Name)
		if r.Missing == "" {
			ran++
		}
	}
	require.Len(t, pms.Operations(), ran)
}

func contractCaps() pms.Capabilities { return capability.Default().Capabilities(apaleo.Vendor) }

// contractTarget starts Apaleo's sandbox with a connector over the real
// transport, credentials and capabilities. Every request, and every answer that
// is not spoiled on purpose, is checked against Apaleo's own contract.
func contractTarget(t *testing.T, caps func() pms.Capabilities) contracttest.Target {
	spec := apaleospec.Require(t)
	require.NotNil(t, spec)
	return contracttest.Target{
		Vendor: apaleo.Vendor,
		New: func(t contracttest.T, o contracttest.Options) contracttest.Bench {
			t.Helper()
			return newContractBench(t, spec, caps, o)
		},
	}
}

// contractSecret is the client secret of the bench's account.
const contractSecret = "contract-secret-9b1f"

func newContractBench(t contracttest.T, spec *apaleospec.Spec, caps func() pms.Capabilities, o contracttest.Options) contracttest.Bench {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	box := sandbox.New(sandbox.Options{
		// A Monday in a week without the sandbox's seeded restrictions.
		Clock:        func() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) },
		ClientSecret: contractSecret, WithholdGuests: o.WithholdGuests,
	})
	t.Cleanup(box.Close)
	vendor := &contractVendor{box: box, zone: zone}
	server := httptest.NewServer(spec.Middleware(box, func(f apaleospec.Finding) {
		if !f.Response || !vendor.novel.Load() {
			t.Errorf("%s", f)
		}
	}))
	t.Cleanup(server.Close)
	log := new(contracttest.Log)
	return contracttest.Bench{
		Connector: capability.Guard(contractConnector(t, server.URL, log, zone), caps),
		Property:  sandbox.PropertyID, Zone: zone, Currency: "EUR", PageSize: 100, PromoCode: sandbox.PromoCode, CorporateCode: sandbox.CorporateCode,
		Closed: pms.NewDate(2026, time.December, 25), Arrives: vendor.arrives, Raw: vendor.raw,
		AsksReceivers: true, Elsewhere: vendor.elsewhere, Sandbox: vendor, Log: log.String, Secrets: []string{contractSecret},
	}
}

func contractConnector(t contracttest.T, at string, log *contracttest.Log, zone *time.Location) pms.Connector {
	t.Helper()
	stack, err := transport.New(log.Transport())
	require.NoError(t, err)
	t.Cleanup(stack.HTTP().CloseIdleConnections)
	secrets := contracttest.Credentials{ClientID: sandbox.DefaultClientID, ClientSecret: credentials.NewSecret(contractSecret)}
	client, err := stack.Client(transport.Settings{
		Vendor: apaleo.Vendor, Hotel: "aurora-berlin", BaseURL: at, Credential: "test", Refusal: apaleo.Refusal,
		Authorizer: credentials.NewTokens(secrets, stack.HTTP()).Bearer("test", at+apaleo.TokenPath),
	})
	require.NoError(t, err)
	connector, err := apaleo.New(apaleo.Options{
		Client: client, Webhooks: client, Hotel: "aurora-berlin", Property: sandbox.PropertyID, TimeZone: zone,
	})
	require.NoError(t, err)
	return connector
}

// contractVendor says the suite's words in the sandbox's.
type contractVendor struct {
	box  *sandbox.Sandbox
	zone *time.Location
	// novel: answers hold values that Apaleo's contract does not name, or are
	// cut off when their reader leaves.
	novel atomic.Bool
}

func (v *contractVendor) Now() time.Time          { return v.box.Now() }
func (v *contractVendor) Advance(d time.Duration) { v.box.Advance(d) }
func (v *contractVendor) TokenRequests() int      { return v.box.TokenRequests() }

func (v *contractVendor) Requests() (all int) {
	for operation, n := range v.box.State(false).Counters.Requests {
		if operation != "token" {
			all += n
		}
	}
	return all
}

// contractKinds are the sandbox's words for faults.
var contractKinds = map[contracttest.Kind]sandbox.Kind{
	contracttest.Slow: sandbox.Delay, contracttest.CutBefore: sandbox.ResetBefore, contracttest.CutAfter: sandbox.ResetAfter,
	contracttest.LateCommit: sandbox.LateCommit, contracttest.Silence: sandbox.HoldAfter,
	contracttest.ErrorBefore: sandbox.ErrorBefore, contracttest.ErrorAfter: sandbox.ErrorAfter,
	contracttest.BadGateway: sandbox.BadGateway, contracttest.GatewayLate: sandbox.GatewayTimeout,
	contracttest.RateLimited: sandbox.RateLimited, contracttest.Forbidden: sandbox.Forbidden,
	contracttest.TokenRevoked: sandbox.RevokeTokens, contracttest.TokenRefused: sandbox.RevokeTokens, contracttest.NoToken: sandbox.ErrorBefore,
	contracttest.NotJSON: sandbox.MalformedJSON, contracttest.Truncated: sandbox.TruncatedJSON, contracttest.HTML: sandbox.HTMLAnswer,
	contracttest.Huge: sandbox.OversizedBody, contracttest.Empty: sandbox.EmptyAnswer, contracttest.NoContent: sandbox.NoContent,
	contracttest.TextNumbers: sandbox.NumberAsText, contracttest.OtherDates: sandbox.OtherDates, contracttest.WrongType: sandbox.WrongMedia,
	contracttest.NovelValues: sandbox.UnknownValues, contracttest.Drip: sandbox.SlowBody, contracttest.ListLag: sandbox.ListLag,
	contracttest.TwiceEvents: sandbox.DuplicateWebhooks, contracttest.MixedEvents: sandbox.ReorderWebhooks,
}

// contractRequests are the requests that do the work of an operation.
var contractRequests = map[pms.Operation]string{
	pms.OpHealth: "property", pms.OpProperties: "properties", pms.OpCatalog: "unitGroups",
	pms.OpAvailability: "offers", pms.OpQuote: "offers", pms.OpQuoteChange: "reservationOffers",
	pms.OpCreate: "createBooking", pms.OpHold: "createBooking", pms.OpConfirm: "booking", pms.OpRelease: "cancel",
	pms.OpRead: "booking", pms.OpByConfirmation: "booking", pms.OpByReference: "reservations",
	pms.OpAmend: "amend", pms.OpEdit: "patchReservation", pms.OpCancel: "cancel", pms.OpNoShow: "noShow",
	pms.OpExtras: "reservationServiceOffers", pms.OpAddExtra: "bookService",
	pms.OpSearchGuests: "*s", pms.OpGuest: "booking", pms.OpUpsertGuest: "patch*", pms.OpEraseGuest: "patch*",
	pms.OpArrivals: "reservations", pms.OpInHouse: "reservations",
	pms.OpSubscribe: "subscribe", pms.OpSubscriptions: "subscriptions", pms.OpUnsubscribe: "unsubscribe",
}

func (v *contractVendor) Plays() (kinds []contracttest.Kind) {
	for kind := range contractKinds {
		kinds = append(kinds, kind)
	}
	return kinds
}

func (v *contractVendor) Play(f contracttest.Fault) error {
	fault := sandbox.Fault{
		Kind: contractKinds[f.Kind], Operation: contractRequests[f.Operation], Count: f.Times, Delay: f.Wait,
	}
	switch f.Kind {
	case contracttest.RateLimited:
		fault.Delay, fault.RetryAfter = 0, f.Wait
	case contracttest.NoToken:
		fault.Operation = "token"
		v.box.RevokeTokens()
	case contracttest.Drip:
		fault.Delay = time.Minute
		v.novel.Store(true)
	}
	_, err := v.box.AddFault(fault)
	return err
}

func (v *contractVendor) Clear() {
	v.box.ClearFaults()
	v.box.Drop("")
	v.box.FlushWebhooks()
	limit, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(v.box.State(false).Open) > 0 {
		select {
		case <-tick.C:
		case <-limit:
			return // what is looked at next will tell
		}
	}
}

func (v *contractVendor) AwaitSilence(ctx context.Context) error {
	_, err := v.box.AwaitHeld(ctx, 1)
	return err
}

func (v *contractVendor) Records() (records []contracttest.Record) {
	for _, s := range v.box.Stays() {
		arrival, _ := pms.ParseDate(s.Arrival) // the sandbox writes dates
		departure, _ := pms.ParseDate(s.Departure)
		records = append(records, contracttest.Record{
			Reservation: pms.ReservationID(s.Booking), Stay: pms.StayID(s.ID), Reference: pms.Reference(s.ExternalCode),
			Status: contractStatus[s.Status], RoomType: pms.RoomTypeID(s.UnitGroup), Arrival: arrival, Departure: departure,
			Adults: s.Adults, Total: pms.Money{Amount: s.Total, Currency: "EUR"},
		})
	}
	return records
}

var contractStatus = map[string]pms.Status{
	sandbox.Confirmed: pms.StatusConfirmed, sandbox.InHouse: pms.StatusInHouse, sandbox.CheckedOut: pms.StatusCheckedOut,
	sandbox.Canceled: pms.StatusCancelled, sandbox.NoShow: pms.StatusNoShow, novelStatus: pms.StatusUnknown,
}

// novelStatus is one that Apaleo might invent.
const novelStatus = "Waitlisted"

func (v *contractVendor) SetRooms(room pms.RoomTypeID, n int) error {
	today := pms.DateOf(v.box.Now().In(v.zone))
	return v.box.SetRooms(string(room), today, today.AddDays(100), n)
}

func (v *contractVendor) Staff(id pms.StayID, d contracttest.Deed) error {
	if !d.Departure.IsZero() {
		if err := v.box.StaffAmend(string(id), sandbox.StaffChange{Departure: d.Departure}); err != nil {
			return err
		}
	}
	for wire, status := range contractStatus {
		if status != d.Status {
			continue
		}
		v.novel.Store(wire == novelStatus)
		if !v.box.SetStatus(string(id), wire) {
			return errors.New("there is no such stay")
		}
	}
	return nil
}

// Listen subscribes as the account's owner would, without the connector.
func (v *contractVendor) Listen(t contracttest.T, receive func(http.Header, []byte)) error {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			receive(r.Header, body)
		}
	}))
	t.Cleanup(server.Close)
	_, err := v.ask(http.MethodPost, "/v1/subscriptions", map[string]any{
		"endpointUrl": server.URL, "propertyIds": []string{sandbox.PropertyID},
		"events": []string{"reservation/created", "reservation/amended", "reservation/canceled", "reservation/changed"},
	})
	return err
}

// raw is a booking with its booker, and each of its reservations.
func (v *contractVendor) raw(id pms.ReservationID) (string, error) {
	all, err := v.ask(http.MethodGet, "/booking/v1/bookings/"+string(id)+"?expand=booker", nil)
	for _, r := range v.Records() {
		if r.Reservation != id || err != nil {
			continue
		}
		var one string
		one, err = v.ask(http.MethodGet, "/booking/v1/reservations/"+string(r.Stay)+"?expand=booker", nil)
		all += one
	}
	return all, err
}

// elsewhere books at the account's house in Munich.
func (v *contractVendor) elsewhere(ref pms.Reference, arrival pms.Date, inHouse bool) (contracttest.Record, error) {
	booked, err := v.book(ref, arrival.String(), arrival.AddDays(1), sandbox.MunichDouble)
	if err == nil && inHouse {
		v.box.SetStatus(string(booked.Stay), sandbox.InHouse)
		booked.Status = pms.StatusInHouse
	}
	return booked, err
}

func (v *contractVendor) arrives(ref pms.Reference, at time.Time) (contracttest.Record, error) {
	at = at.In(v.zone)
	return v.book(ref, at.Format(time.RFC3339), pms.DateOf(at).AddDays(1), sandbox.Double)
}

// book books a night without the connector.
func (v *contractVendor) book(ref pms.Reference, arrival string, departure pms.Date, room string) (contracttest.Record, error) {
	guest := map[string]any{"firstName": "Emil", "lastName": contracttest.Marker}
	_, err := v.ask(http.MethodPost, "/booking/v1/bookings", map[string]any{"booker": guest, "reservations": []any{map[string]any{
		"arrival": arrival, "departure": departure.String(), "adults": 1, "primaryGuest": guest,
		"channelCode": "Direct", "externalCode": string(ref),
		"timeSlices": []any{map[string]any{"ratePlanId": sandbox.Flexible(room)}},
	}}})
	if err != nil {
		return contracttest.Record{}, err
	}
	all := v.Records()
	return all[len(all)-1], nil
}

// ask asks the sandbox as the account's owner.
func (v *contractVendor) ask(method, path string, body any) (string, error) {
	token, err := v.token()
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	request := httptest.NewRequest(method, path, bytes.NewReader(content))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	v.box.ServeHTTP(answer, request)
	if answer.Code/100 != 2 {
		return "", errors.New("the sandbox refuses: " + answer.Body.String())
	}
	return answer.Body.String(), nil
}

func (v *contractVendor) token() (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	request := httptest.NewRequest(http.MethodPost, apaleo.TokenPath, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(sandbox.DefaultClientID, contractSecret)
	answer := httptest.NewRecorder()
	v.box.ServeHTTP(answer, request)
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &granted); err != nil || granted.Token == "" {
		return "", errors.New("the sandbox grants no token")
	}
	return granted.Token, nil
}
