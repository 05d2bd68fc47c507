package apaleo_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
)

// start is the sandbox's time in tests: a Monday at noon in Berlin.
var start = time.Date(2026, time.November, 2, 12, 0, 0, 0, time.FixedZone("CET", 3600))

// A desk is a client of a sandbox that sits behind the vendor's own spec.
type desk struct {
	t     testing.TB
	box   *apaleo.Sandbox
	url   string
	token string
	http  *http.Client
}

// newDesk starts a sandbox whose every request and answer is held against the
// spec; a single finding fails the test. Only a request that the sandbox
// refused may be wrong: some tests send such on purpose.
func newDesk(t testing.TB, opts apaleo.Options) *desk {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = func() time.Time { return start }
	}
	if opts.WebhookBackoff == 0 {
		opts.WebhookBackoff = time.Millisecond
	}
	box := apaleo.New(opts)
	spec := apaleospec.Require(t)
	server := httptest.NewServer(spec.Middleware(box, func(f apaleospec.Finding) {
		if f.Response || f.Status < 400 {
			t.Errorf("spec: %v", f)
		}
	}))
	t.Cleanup(func() {
		box.Close()
		server.Close()
	})
	d := &desk{t: t, box: box, url: server.URL, http: &http.Client{
		// Go repeats a request with an Idempotency-Key by itself when a kept
		// connection breaks, and so would hide the fault.
		Transport: &http.Transport{DisableKeepAlives: true},
	}}
	d.login()
	return d
}

// tokenRequest asks for a token with the given credentials.
func (d *desk) tokenRequest(id, secret string) *http.Request {
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+"/connect/token", form)
	require.NoError(d.t, err)
	req.SetBasicAuth(id, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func (d *desk) login() {
	d.t.Helper()
	resp, err := d.http.Do(d.tokenRequest(apaleo.DefaultClientID, apaleo.DefaultClientSecret))
	require.NoError(d.t, err)
	defer resp.Body.Close()
	require.Equal(d.t, http.StatusOK, resp.StatusCode)
	var granted struct {
		Token string `json:"access_token"`
	}
	require.NoError(d.t, json.NewDecoder(resp.Body).Decode(&granted))
	d.token = granted.Token
}

// send makes a request; headers come in pairs.
func (d *desk) send(method, path string, body any, headers ...string) (*http.Response, error) {
	d.t.Helper()
	var reader io.Reader
	if body != nil {
		data, ok := body.([]byte)
		if !ok {
			var err error
			data, err = json.Marshal(body)
			require.NoError(d.t, err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, reader)
	require.NoError(d.t, err)
	req.Header.Set("Authorization", "Bearer "+d.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return d.http.Do(req)
}

// call makes a request and answers its status and JSON.
func (d *desk) call(method, path string, body any, headers ...string) (int, obj) {
	d.t.Helper()
	resp, err := d.send(method, path, body, headers...)
	require.NoError(d.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	var decoded obj
	if len(data) > 0 {
		require.NoError(d.t, json.Unmarshal(data, &decoded))
	}
	return resp.StatusCode, decoded
}

// must is call with an expected status.
func (d *desk) must(status int, method, path string, body any, headers ...string) obj {
	d.t.Helper()
	got, answer := d.call(method, path, body, headers...)
	require.Equal(d.t, status, got, "%s %s: %v", method, path, answer)
	return answer
}

// obj is a JSON object.
type obj map[string]any

func (o obj) obj(name string) obj {
	m, _ := o[name].(map[string]any)
	return m
}

func (o obj) list(name string) []obj {
	values, _ := o[name].([]any)
	all := make([]obj, len(values))
	for i, v := range values {
		all[i], _ = v.(map[string]any)
	}
	return all
}

func (o obj) text(name string) string {
	s, _ := o[name].(string)
	return s
}

// stay is a booking body for one room at one plan.
func stay(plan, arrival string, nights int, external string) obj {
	return obj{
		"booker":       obj{"lastName": "Noether", "firstName": "Emmy", "email": "emmy@example.org"},
		"reservations": []obj{room(plan, arrival, nights, external)},
	}
}

func room(plan, arrival string, nights int, external string) obj {
	return obj{
		"arrival": arrival, "departure": later(arrival, nights), "adults": 1,
		"channelCode": "Direct", "externalCode": external, "timeSlices": nightsAt(plan, nights),
	}
}

func nightsAt(plan string, nights int) []obj {
	all := make([]obj, nights)
	for i := range all {
		all[i] = obj{"ratePlanId": plan}
	}
	return all
}

func later(day string, n int) string { return pms.MustParseDate(day).AddDays(n).String() }

// book creates a booking and answers its reservation's id.
func (d *desk) book(body obj) string {
	d.t.Helper()
	created := d.must(http.StatusCreated, http.MethodPost, "/booking/v1/bookings", body)
	return created.list("reservationIds")[0].text("id")
}
