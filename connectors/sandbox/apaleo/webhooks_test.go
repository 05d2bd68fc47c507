package apaleo_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
)

func readerOf(data []byte) io.Reader { return bytes.NewReader(data) }

// A mailbox receives events and checks each against the documented payload.
type mailbox struct {
	*httptest.Server
	mu       sync.Mutex
	events   []obj
	failures int // deliveries still to refuse
}

func newMailbox(t *testing.T) *mailbox {
	spec := apaleospec.Require(t)
	m := &mailbox{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read an event: %v", err)
		}
		if err := spec.CheckEvent(data); err != nil {
			t.Error(err)
		}
		var e obj
		if err := json.Unmarshal(data, &e); err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.failures > 0 {
			m.failures--
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		m.events = append(m.events, e)
	}))
	t.Cleanup(m.Close)
	return m
}

// types waits for n events and lists their types.
func (m *mailbox) types(t *testing.T, n int) []string {
	t.Helper()
	var got []string
	require.Eventually(t, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		got = nil
		for _, e := range m.events {
			got = append(got, e.text("type"))
		}
		return len(got) >= n
	}, time.Minute, time.Millisecond)
	return got
}

func (d *desk) subscribe(m *mailbox, events ...string) string {
	d.t.Helper()
	return d.must(http.StatusCreated, http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": m.URL + "/hook", "events": events, "propertyIds": []string{"BER"}}).text("id")
}

// live books, amends and cancels one stay.
func (d *desk) live() string {
	d.t.Helper()
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	d.must(http.StatusNoContent, http.MethodPut, amendPath(id), desired(apaleo.Flexible(apaleo.Double), "2026-11-11", 1))
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	return id
}

// quiet waits until nothing is left to deliver: a receiver has an event before
// the sandbox knows that it took it.
func (d *desk) quiet() {
	d.t.Helper()
	require.Eventually(d.t, func() bool { return d.box.State(false).Webhooks.Waiting == 0 }, time.Minute, time.Millisecond)
}

var lifeEvents = []string{"reservation/created", "reservation/amended", "reservation/canceled"}

func TestWebhooksTellWhatChanged(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	sub := d.subscribe(m, lifeEvents...)
	id := d.live()
	require.Equal(t, []string{"healthcheck", "created", "amended", "canceled"}, m.types(t, 4))
	require.Equal(t, id, m.events[1].obj("data").text("entityId"))
	require.Equal(t, "Reservation", m.events[1].text("topic"))

	d.must(http.StatusOK, http.MethodGet, "/v1/subscriptions/"+sub, nil)
	d.must(http.StatusNoContent, http.MethodDelete, "/v1/subscriptions/"+sub, nil)
	d.must(http.StatusNotFound, http.MethodDelete, "/v1/subscriptions/"+sub, nil)
	d.live()
	d.quiet()
	require.Equal(t, 3, d.box.State(false).Webhooks.Delivered)
}

func TestSubscriptionNeedsAHealthyEndpoint(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	m.failures = 1
	d.must(http.StatusUnprocessableEntity, http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": m.URL, "events": lifeEvents})
	d.must(http.StatusUnprocessableEntity, http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": "file:///etc/hosts", "events": lifeEvents})
	d.must(http.StatusUnprocessableEntity, http.MethodPost, "/v1/subscriptions", obj{"endpointUrl": m.URL, "events": []string{}})
	d.must(http.StatusNoContent, http.MethodGet, "/v1/subscriptions", nil)
}

func TestWebhookIsRepeatedUntilTaken(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	d.subscribe(m, lifeEvents...)
	m.mu.Lock()
	m.failures = 2
	m.mu.Unlock()
	d.live()
	require.Equal(t, []string{"healthcheck", "created", "amended", "canceled"}, m.types(t, 4))
}

func TestWebhooksComeTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	d.subscribe(m, lifeEvents...)
	d.fault(apaleo.Fault{Kind: apaleo.ReorderWebhooks, Operation: "reservation/created"})
	d.fault(apaleo.Fault{Kind: apaleo.DuplicateWebhooks, Operation: "reservation/canceled"})
	d.live()
	require.Equal(t, []string{"healthcheck", "amended", "created", "canceled", "canceled"}, m.types(t, 5))
	require.Equal(t, m.events[3].text("id"), m.events[4].text("id"), "a duplicate keeps its id")

	d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-20", 1, ""))
	require.Eventually(t, func() bool { return d.box.State(false).Webhooks.Waiting == 1 }, time.Minute, time.Millisecond, "kept back until the next event or a flush")
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/webhooks/flush", nil)
	require.Equal(t, "created", m.types(t, 6)[5])
}
