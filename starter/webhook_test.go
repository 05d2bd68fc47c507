package starter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/webhooks"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A mailbox is the real API with the real inbox, that the vendor posts to.
type mailbox struct {
	*desk
	*httptest.Server
	edge     *starter.Client
	store    *webhooks.Store
	secret   string
	registry *prometheus.Registry
}

type nobody struct{}

func (nobody) Authenticate(context.Context, string) (auth.Caller, error) {
	return auth.Caller{}, starter.Unauthenticated.With("Nobody is known here.")
}

// subscribed opens a mailbox of the desk and has the vendor post to it.
func (d *desk) subscribed() *mailbox {
	d.t.Helper()
	m := d.mailbox()
	m.subscribe(d.Hotel.ID)
	return m
}

func (d *desk) mailbox() *mailbox {
	d.t.Helper()
	m := &mailbox{desk: d, registry: prometheus.NewRegistry()}
	var err error
	m.store, err = webhooks.New(d.Database.Pool(d.t))
	require.NoError(d.t, err)
	m.edge = d.client(starter.Options{Webhooks: m.store})
	require.NoError(d.t, m.edge.Register(m.registry))
	handler, err := api.New(api.Options{Starter: m.edge, Auth: nobody{}, Logger: d.House.Log.Logger(), Registerer: m.registry})
	require.NoError(d.t, err)
	m.Server = httptest.NewServer(handler)
	d.t.Cleanup(m.Server.Close)
	d.t.Cleanup(func() {
		if m.secret != "" {
			require.NotContains(d.t, d.House.Log.String(), m.secret, "the secret is in the log")
		}
	})
	return m
}

// subscribe makes a secret, and the vendor's subscription under it.
func (m *mailbox) subscribe(hotel string) {
	m.t.Helper()
	entry, err := m.House.Registry.Hotel(m.t.Context(), hotel)
	require.NoError(m.t, err)
	entry.Endpoints["webhook"] = entry.Endpoints["api"]
	require.NoError(m.t, m.House.Registry.Add(m.t.Context(), entry))
	conn, err := m.House.Connectors.Connector(m.t.Context(), hotel)
	require.NoError(m.t, err)
	_, err = m.store.Subscribe(m.t.Context(), conn, hotel, "apaleo", m.URL)
	require.NoError(m.t, err)
	subs := m.Vendor.Subscriptions()
	address := subs[len(subs)-1].EndpointURL
	m.secret = address[strings.LastIndexByte(address, '/')+1:]
}

// post is an event as the vendor would post it.
func (m *mailbox) post(path, body string) (status int, problem map[string]any) {
	m.t.Helper()
	answer, err := http.Post(m.URL+"/v1/webhooks/"+path, "application/json", strings.NewReader(body))
	require.NoError(m.t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(m.t, err)
	require.NotContains(m.t, fmt.Sprint(answer.Header), m.secret+"x")
	require.NotContains(m.t, string(text), m.secret+"x")
	if len(text) > 0 {
		require.NoError(m.t, json.Unmarshal(text, &problem))
		delete(problem, "instance")
	}
	return answer.StatusCode, problem
}

func (m *mailbox) own(secret string) string { return "apaleo/" + m.Hotel.ID + "/" + secret }

func amended(id, stay string) string {
	return fmt.Sprintf(`{"topic":"Reservation","type":"amended","id":%q,"accountId":"A","propertyId":%q,"timestamp":1790000000000,"data":{"entityId":%q}}`,
		id, sandbox.PropertyID, stay)
}

// quiet waits until the vendor has posted everything, and everything that it
// posted is carried out.
func (m *mailbox) quiet() {
	m.t.Helper()
	require.Eventually(m.t, func() bool {
		return m.Vendor.State(false).Webhooks.Waiting == 0 && m.open() == 0
	}, time.Minute, 10*time.Millisecond, "events are left over")
}

// idle waits until the booking's workflow has done all that it was told of: a
// look at the hotel that is still on its way sees what happens there next, and
// needs no event for it.
func (m *mailbox) idle(booking string) {
	m.t.Helper()
	require.Eventually(m.t, func() bool {
		d, err := m.temporal.Plain.DescribeWorkflowExecution(m.t.Context(), reservation.WorkflowID(m.Hotel.ID, booking), "")
		return err == nil && d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0
	}, time.Minute, 10*time.Millisecond, "the workflow is at work")
}

// open counts the deliveries that nobody has carried out.
func (m *mailbox) open() (n int) {
	m.t.Helper()
	m.query(&n, "select count(*) from webhook_delivery where done_at is null")
	return n
}

// events counts what became of events.
func (m *mailbox) events(result string) float64 {
	m.t.Helper()
	families, err := m.registry.Gather()
	require.NoError(m.t, err)
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if f.GetName() == "voicehive_webhook_events_total" && metric.GetLabel()[0].GetValue() == result {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// TestStrangersLearnNothing: whatever is wrong with the address, the answer is
// the same, and nothing happens.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	other := d.AddHotel(t, "hotel-borea", d.Hotel.Endpoints["api"])
	m := d.subscribed()
	own := m.secret
	m.subscribe(other.ID)
	others := m.secret
	body := amended("e1", "X-1")
	_, want := m.post("apaleo/no-such-hotel/"+own, body)
	require.Equal(t, "/problems/not-found", want["type"])
	for name, path := range map[string]string{
		"wrong secret":           m.own("wrong"),
		"shortened secret":       m.own(own[1:]),
		"another hotel's secret": m.own(others),
		"unknown vendor":         "mews/" + m.Hotel.ID + "/" + own,
		"vendor in capitals":     "Apaleo/" + m.Hotel.ID + "/" + own,
		"no hotel's name":        "apaleo/NOT%20A%20HOTEL/" + own,
	} {
		status, got := m.post(path, body)
		require.Equal(t, http.StatusNotFound, status, name)
		require.Equal(t, want, got, name)
		status, _ = m.post(path, strings.Repeat("x", 1<<20))
		require.Equal(t, http.StatusNotFound, status, "%s: the body is not read", name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"))

	status, _ := m.post(m.own(own), body)
	require.Equal(t, http.StatusNoContent, status)
	require.NotContains(t, m.House.Log.String(), own)
	require.NotContains(t, m.House.Log.String(), others)
	families, err := m.registry.Gather()
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(families), own)
}

func TestWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	for name, test := range map[string]struct {
		body string
		code string
	}{
		"no JSON":         {"<html>", "malformed-request"},
		"nothing":         {"", "malformed-request"},
		"no event":        {`{"topic":1}`, "malformed-request"},
		"an endless name": {amended(strings.Repeat("e", 200), "X-1"), "malformed-request"},
		"a strange name":  {amended("e1", "../../x"), "malformed-request"},
		"too long":        {strings.TrimSuffix(amended("e1", "X-1"), "}") + `,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "too-large"},
	} {
		status, p := m.post(m.own(m.secret), test.body)
		require.Equal(t, "/problems/"+test.code, p["type"], name)
		require.Contains(t, []int{400, 413}, status, name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"))
	for name, body := range map[string]string{
		"a health check":         `{"topic":"system","type":"healthcheck","id":"h1","accountId":"A","timestamp":1790000000000}`,
		"another property's day": strings.Replace(amended("e2", "X-1"), `"`+sandbox.PropertyID+`"`, `"ELSEWHERE"`, 1),
	} {
		status, _ := m.post(m.own(m.secret), body)
		require.Equal(t, http.StatusNoContent, status, name)
	}
	require.Zero(t, m.Rows(t, "webhook_delivery"), "nothing of these is worth a look")
}

func TestAHotelThatPostsTooMuch(t *testing.T) {
	t.Parallel()
	m := openAlone(t, sandbox.Options{}).subscribed()
	now := time.Now()
	m.edge.SetClock(func() time.Time { return now })
	health := `{"topic":"system","type":"healthcheck","id":"h1","accountId":"A","timestamp":1790000000000}`
	status, posted := http.StatusNoContent, 0
	var p map[string]any
	for ; status == http.StatusNoContent && posted < 1000; posted++ {
		status, p = m.post(m.own(m.secret), health)
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "/problems/too-many-requests", p["type"])
	require.EqualValues(t, 1, p["retry_after"])
	require.Greater(t, posted, 100)
	now = now.Add(time.Second)
	status, _ = m.post(m.own(m.secret), health)
	require.Equal(t, http.StatusNoContent, status)
}

func TestWithoutAnInboxThereIsNoAddress(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	problem(t, d.Receive(t.Context(), starter.Webhook{Vendor: "apaleo", Hotel: d.Hotel.ID, Body: strings.NewReader("{}")}), starter.NotFound)
}
