package apaleo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// fetch reads a path under a fault and answers status, headers and body.
func (d *desk) fetch(f apaleo.Fault, method, path string, body any) (*http.Response, string) {
	d.t.Helper()
	f.Count = 1
	d.fault(f)
	resp, err := d.send(method, path, body)
	require.NoError(d.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	return resp, string(data)
}

func TestDamagedAnswers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	path := "/booking/v1/reservations/" + id + "?expand=timeSlices,actions"
	read := func(f apaleo.Fault) (*http.Response, string) { return d.fetch(f, http.MethodGet, path, nil) }

	_, body := read(apaleo.Fault{Kind: apaleo.NumberAsText})
	require.Contains(t, body, `"adults":"1"`)
	require.Contains(t, body, `"amount":"129"`)
	require.Contains(t, body, `"isAllowed":true`)

	_, body = read(apaleo.Fault{Kind: apaleo.OtherDates})
	require.Contains(t, body, `"serviceDate":"10.11.2026"`)
	require.Contains(t, body, `"arrival":"11/10/2026 03:00 PM"`)
	require.NotContains(t, body, `"2026-11-1`)

	_, body = read(apaleo.Fault{Kind: apaleo.UnknownValues})
	for _, want := range []string{`"status":"Waitlisted"`, `"channelCode":"VoiceAssistant"`, `"guaranteeType":"Voucher"`, `"addedLater":{`, `"code":"BER"`} {
		require.Contains(t, body, want)
	}

	resp, body := read(apaleo.Fault{Kind: apaleo.WrongMedia})
	require.Contains(t, resp.Header.Get("Content-Type"), "text/plain")
	require.True(t, json.Valid([]byte(body)))

	resp, body = read(apaleo.Fault{Kind: apaleo.OversizedBody})
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Greater(t, len(body), 10<<20)
	require.True(t, json.Valid([]byte(body)), "a reader without a limit would take it")
	require.Contains(t, body, id)

	resp, body = read(apaleo.Fault{Kind: apaleo.EmptyAnswer})
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, body)
	resp, _ = read(apaleo.Fault{Kind: apaleo.NoContent})
	require.Equal(t, http.StatusNoContent, resp.StatusCode)

	for kind, status := range map[apaleo.Kind]int{apaleo.BadGateway: 502, apaleo.GatewayTimeout: 504} {
		resp, body = read(apaleo.Fault{Kind: kind})
		require.Equal(t, status, resp.StatusCode)
		require.Contains(t, resp.Header.Get("Content-Type"), "text/html")
		require.Contains(t, body, "<p>")
	}
	_, body = read(apaleo.Fault{Kind: apaleo.SlowBody, Delay: 40 * time.Millisecond})
	require.Contains(t, body, `"adults":1`, "nothing is wrong with it but the pace")
	require.Equal(t, 7, d.box.State(false).Counters.LostAnswers)
}

// TestDamageOfAWrite tells which faults let a write happen.
func TestDamageOfAWrite(t *testing.T) {
	t.Parallel()
	for kind, happened := range map[apaleo.Kind]bool{
		apaleo.BadGateway: false, apaleo.GatewayTimeout: true, apaleo.EmptyAnswer: true, apaleo.NoContent: true,
		apaleo.OversizedBody: true, apaleo.NumberAsText: true, apaleo.OtherDates: true, apaleo.WrongMedia: true,
		apaleo.UnknownValues: true, apaleo.SlowBody: true,
	} {
		d := newDesk(t, apaleo.Options{})
		d.fetch(apaleo.Fault{Kind: kind, Delay: time.Millisecond}, http.MethodPost, bookingsPath, stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
		require.Equal(t, happened, d.box.Count("") == 1, kind)
	}
}

// TestDamageOfAnAnswerWithoutABody: there is little to damage, and no kind
// breaks the sandbox.
func TestDamageOfAnAnswerWithoutABody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "VH-1"))
	path := "/booking/v1/reservations/" + id
	step := []obj{{"op": "add", "path": "/comment", "value": "Late."}}
	for kind, status := range map[apaleo.Kind]int{
		apaleo.OversizedBody: 200, apaleo.NumberAsText: 204, apaleo.OtherDates: 204, apaleo.WrongMedia: 204, apaleo.EmptyAnswer: 200,
		apaleo.UnknownValues: 204, apaleo.SlowBody: 204, apaleo.NoContent: 204, apaleo.MalformedJSON: 204, apaleo.WebhookFirst: 204,
	} {
		resp, _ := d.fetch(apaleo.Fault{Kind: kind}, http.MethodPatch, path, step)
		require.Equal(t, status, resp.StatusCode, kind)
		require.Equal(t, "Late.", d.reservation(id).text("comment"))
	}
	d.fault(apaleo.Fault{Kind: apaleo.TruncatedJSON, Count: 1})
	_, err := d.send(http.MethodPatch, path, step)
	require.Error(t, err)
}

func TestSlowBodyEndsWithItsClient(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.fault(apaleo.Fault{Kind: apaleo.SlowBody, Delay: 24 * time.Hour, Count: 1})
	resp, err := d.send(http.MethodGet, countPath, nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Eventually(t, func() bool { return len(d.box.State(false).Open) == 0 }, time.Minute, time.Millisecond)
}

// TestKindsAreListed: each kind can be scripted, and the list is served.
func TestKindsAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	listed, _ := d.must(http.StatusOK, http.MethodGet, "/sandbox/v1/faults/kinds", nil)["kinds"].([]any)
	require.Len(t, listed, len(apaleo.Kinds()))
	seen := map[apaleo.Kind]bool{}
	for _, kind := range apaleo.Kinds() {
		require.False(t, seen[kind], "%s is listed twice", kind)
		seen[kind] = true
		d.fault(apaleo.Fault{Kind: kind, Operation: "nothing"})
	}
	_, err := d.box.AddFault(apaleo.Fault{Kind: "meteor"})
	require.ErrorContains(t, err, strings.TrimSpace(string(apaleo.SlowBody)))
}
