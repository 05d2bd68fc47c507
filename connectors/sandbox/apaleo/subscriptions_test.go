package apaleo_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestSubscriptionIsReplaced(t *testing.T) {
	t.Parallel()
	d, one, two := newDesk(t, apaleo.Options{}), newMailbox(t), newMailbox(t)
	path := "/v1/subscriptions/" + d.subscribe(one, lifeEvents...)
	d.must(http.StatusNoContent, http.MethodPut, path, obj{"endpointUrl": two.URL, "events": []string{"reservation/created"}})
	got := d.must(http.StatusOK, http.MethodGet, path, nil)
	require.Equal(t, two.URL, got.text("endpointUrl"))
	require.NotContains(t, got, "propertyIds")
	d.live()
	require.Equal(t, []string{"healthcheck", "created"}, two.types(t, 2))
	require.Equal(t, []string{"healthcheck"}, one.types(t, 1))
	require.Equal(t, two.URL, d.box.Subscriptions()[0].EndpointURL)
	require.Len(t, d.must(http.StatusOK, http.MethodGet, "/sandbox/v1/subscriptions", nil).list("subscriptions"), 1)

	two.mu.Lock()
	two.failures = 1
	two.mu.Unlock()
	d.must(http.StatusUnprocessableEntity, http.MethodPut, path, obj{"endpointUrl": two.URL, "events": lifeEvents})
	d.must(http.StatusNotFound, http.MethodPut, "/v1/subscriptions/guess", obj{"endpointUrl": one.URL, "events": lifeEvents})
	require.Equal(t, []any{"reservation/created"}, d.must(http.StatusOK, http.MethodGet, path, nil)["events"])
}

func TestSubscriptionsAreChecked(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	for name, change := range map[string]obj{
		"unknown type":     {"events": []string{"reservation/exploded"}},
		"no type":          {"events": []string{"reservation/"}},
		"unknown property": {"propertyIds": []string{"XXX"}},
		"no host":          {"endpointUrl": "https:///hook"},
	} {
		body := obj{"endpointUrl": m.URL, "events": lifeEvents}
		for field, value := range change {
			body[field] = value
		}
		d.must(http.StatusUnprocessableEntity, http.MethodPost, "/v1/subscriptions", body)
		require.Empty(t, d.box.Subscriptions(), name)
	}
	d.must(http.StatusBadRequest, http.MethodPost, "/v1/subscriptions", []byte("{"))
	d.must(http.StatusCreated, http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": m.URL, "events": []string{"folio/charge-posted"}})
}

// TestSubscribingNeedsAContentType: this API alone tells so in problem+json.
func TestSubscribingNeedsAContentType(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	resp, err := d.send(http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": "http://127.0.0.1:1", "events": lifeEvents}, "Content-Type", "")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusUnsupportedMediaType, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Type"), "application/problem+json")
	var problem obj
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&problem))
	require.EqualValues(t, 415, problem["status"])
}

func TestEveryEventTypeIsDelivered(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	var names []string
	for _, kind := range apaleo.ReservationEvents() {
		names = append(names, "reservation/"+kind)
	}
	d.subscribe(m, names...)
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	path := "/booking/v1/reservations/" + id
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{{"op": "add", "path": "/paymentAccount", "value": obj{}}})
	d.must(http.StatusNoContent, http.MethodPatch, path, []obj{{"op": "remove", "path": "/paymentAccount"}})
	require.Equal(t, []string{"healthcheck", "created", "changed", "payment-account-set", "changed", "payment-account-removed"}, m.types(t, 6))
	for _, kind := range apaleo.ReservationEvents() {
		require.NoError(t, d.box.StaffEvent(id, kind))
	}
	require.Equal(t, apaleo.ReservationEvents(), m.types(t, 6+len(names))[6:])
	// Another property's events are not for this subscription.
	d.book(stay(apaleo.Flexible(apaleo.MunichDouble), "2026-11-10", 1, ""))
	d.quiet()
	require.Len(t, m.types(t, 6+len(names)), 6+len(names))
}

// TestEventComesBeforeTheAnswer holds the answer back in both ways.
func TestEventComesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{WebhookBackoff: 50 * time.Millisecond}), newMailbox(t)
	d.subscribe(m, lifeEvents...)
	m.mu.Lock()
	m.failures = 2 // so that delivery takes its time
	m.mu.Unlock()
	d.fault(apaleo.Fault{Kind: apaleo.WebhookFirst, Operation: "createBooking", Count: 1})
	d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	m.mu.Lock()
	require.Len(t, m.events, 2, "delivered before the answer came")
	m.mu.Unlock()

	d.fault(apaleo.Fault{Kind: apaleo.HoldAfter, Operation: "createBooking", Count: 1})
	answered := make(chan string, 1)
	go func() { answered <- d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")) }()
	require.Equal(t, "created", m.types(t, 3)[2])
	select {
	case <-answered:
		t.Fatal("the answer was not held")
	default:
	}
	held, err := d.box.AwaitHeld(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, d.box.Release(held[0].ID))
	require.Equal(t, <-answered, m.events[2].obj("data").text("entityId"))

	// Nobody listens: the answer comes all the same.
	quiet := newDesk(t, apaleo.Options{})
	quiet.fault(apaleo.Fault{Kind: apaleo.WebhookFirst})
	quiet.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
}

// TestSubscriptionMayCommitLate: the client is gone when the health check is
// made.
func TestSubscriptionMayCommitLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	d.fault(apaleo.Fault{Kind: apaleo.LateCommit, Operation: "subscribe", Delay: time.Minute})
	_, err := d.send(http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": server.URL, "events": lifeEvents})
	require.Error(t, err)
	require.Empty(t, d.box.Subscriptions())
	d.box.Advance(time.Minute)
	require.Len(t, d.box.Subscriptions(), 1)
}
