package apaleospec

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exchange sends one request through the check and answers what was found.
// The handler gives the answer; body "" sends none.
func exchange(t *testing.T, spec *Spec, method, target, body string, handler http.HandlerFunc) []Finding {
	t.Helper()
	var found []Finding
	req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	spec.Middleware(handler, func(f Finding) { found = append(found, f) }).ServeHTTP(httptest.NewRecorder(), req)
	return found
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if body != "" {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const goodBooking = `{"booker":{"lastName":"Noether"},"reservations":[{"arrival":"2026-11-10","departure":"2026-11-11",
	"adults":1,"channelCode":"Direct","timeSlices":[{"ratePlanId":"BER-DBL-FLEX"}]}]}`

// TestFindings proves that the check can fail, and that it tells the place.
func TestFindings(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	if !spec.Vendor() {
		return // Require has said loudly that the vendor's files are missing
	}
	created := reply(201, `{"id":"X","reservationIds":[{"id":"X-1"}]}`)
	for name, tc := range map[string]struct {
		method, target, body string
		answer               http.HandlerFunc
		want                 string // part of the only finding; "" for none
		response             bool
	}{
		"good create":      {"POST", "/booking/v1/bookings", goodBooking, created, "", false},
		"missing field":    {"POST", "/booking/v1/bookings", strings.Replace(goodBooking, `"adults":1,`, "", 1), created, "adults", false},
		"misspelt field":   {"POST", "/booking/v1/bookings", strings.Replace(goodBooking, "ratePlanId", "rateplanID", 1), created, "rateplanID", false},
		"unknown channel":  {"POST", "/booking/v1/bookings", strings.Replace(goodBooking, "Direct", "Phone", 1), created, "channelCode", false},
		"drifted channel":  {"POST", "/booking/v1/bookings", strings.Replace(goodBooking, "Direct", "DesVu", 1), created, "", false},
		"wrong type":       {"POST", "/booking/v1/bookings", strings.Replace(goodBooking, `"adults":1`, `"adults":"1"`, 1), created, "adults", false},
		"answer too small": {"POST", "/booking/v1/bookings", goodBooking, reply(201, `{"id":"X"}`), "reservationIds", true},
		"answer too big":   {"POST", "/booking/v1/bookings", goodBooking, reply(201, `{"id":"X","reservationIds":[],"extra":1}`), "extra", true},
		"unknown status":   {"POST", "/booking/v1/bookings", goodBooking, reply(418, ""), "status", true},
		"rate limited":     {"POST", "/booking/v1/bookings", goodBooking, reply(429, ""), "", true},
		"prose, too many":  {"GET", "/v1/subscriptions", "", reply(429, ""), "", false},
		"no such path":     {"GET", "/booking/v1/guests", "", reply(404, ""), "no such operation", false},
		"query misspelt":   {"GET", "/booking/v1/reservations?externalcode=A", "", reply(204, ""), "externalcode", false},
		"query missing":    {"GET", "/booking/v1/offers?propertyId=BER&arrival=2026-11-10&adults=1", "", reply(204, ""), "departure", false},
		"query repeated":   {"GET", "/booking/v1/reservations?status=Confirmed&status=InHouse", "", reply(204, ""), "repeated", false},
		"query with comma": {"GET", "/booking/v1/reservations?status=Confirmed,InHouse", "", reply(204, ""), "", false},
		"query enum":       {"GET", "/booking/v1/reservations?status=Held", "", reply(204, ""), "status", false},
		"drifted filter":   {"GET", "/booking/v1/reservations?externalReferences=A", "", reply(204, ""), "", false},
		"204 with a body":  {"GET", "/booking/v1/reservations", "", reply(204, "{}"), "has a body", true},
		"prose":            {"POST", "/v1/subscriptions", `{"endpointUrl":"http://x","events":["Reservation"]}`, reply(201, `{"id":"1"}`), "events", false},
	} {
		found := exchange(t, spec, tc.method, tc.target, tc.body, tc.answer)
		if tc.want == "" {
			require.Empty(t, found, name)
			continue
		}
		require.NotEmpty(t, found, name)
		require.Contains(t, fmt.Sprint(found), tc.want, name)
		require.Equal(t, tc.response, found[0].Response, name)
	}
}

func TestFindingsHoldNoValues(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	if !spec.Vendor() {
		return // Require has said loudly that the vendor's files are missing
	}
	body := strings.Replace(goodBooking, `"booker":{"lastName":"Noether"}`, `"booker":{"lastName":["Noether"],"title":"Noether","birthDate":"Noether"}`, 1)
	found := exchange(t, spec, "POST", "/booking/v1/bookings", body, reply(422, `{"messages":["Noether",{"Noether":1}]}`))
	require.NotEmpty(t, found)
	require.NotContains(t, fmt.Sprint(found), "Noether")
	found = exchange(t, spec, "GET", "/booking/v1/offers?propertyId=BER&arrival=x&departure=x&adults=Noether", "", reply(204, ""))
	require.NotEmpty(t, found)
	require.NotContains(t, fmt.Sprint(found), "Noether")
}

func TestSpoiledAnswersAreNotChecked(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	found := exchange(t, spec, "GET", "/v1/subscriptions", "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(faultSign, "html")
		w.WriteHeader(418)
	})
	require.Empty(t, found)
	require.Panics(t, func() {
		exchange(t, spec, "GET", "/v1/subscriptions", "", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	})
	for _, op := range spec.Operations() {
		require.Empty(t, op.Statuses, "a spoiled answer exercises nothing")
	}
}

func TestOperationsTellWhatWasExercised(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	exchange(t, spec, "GET", "/v1/subscriptions", "", reply(204, ""))
	exchange(t, spec, "GET", "/v1/subscriptions", "", reply(401, ""))
	seen := 0
	for _, op := range spec.Operations() {
		if len(op.Statuses) > 0 {
			seen++
			require.Equal(t, "ProseSubscriptions", op.ID)
			require.True(t, op.Prose)
			require.Equal(t, map[int]int{204: 1, 401: 1}, op.Statuses)
		}
	}
	require.Equal(t, 1, seen)
}

func TestControlAPIIsNotTheVendors(t *testing.T) {
	t.Parallel()
	require.Empty(t, exchange(t, Require(t), "POST", "/sandbox/v1/reset", "", reply(204, "")))
}

// TestCutConnections: a fault takes the connection away from under the check.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	found := make(chan Finding, 8) // told after the client is gone
	server := httptest.NewServer(spec.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("flush through the check: %v", err)
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijack through the check: %v", err)
			return
		}
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}), func(f Finding) { found <- f }))
	t.Cleanup(server.Close)
	resp, err := server.Client().Get(server.URL + "/v1/subscriptions?guess=1")
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	first := <-found
	require.False(t, first.Response)
	require.Contains(t, first.Detail, "guess")
}

func TestBrokenVendorFilesAreTold(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"":            "", // no file
		"no json":     "{",
		"no swagger":  `{"swagger":"2.0","paths":{"/x":{"get":{"parameters":[{"$ref":"#/parameters/guess"}]}}}}`,
		"broken path": `{"swagger":"2.0","info":{"title":"x","version":"1"},"paths":{"/x/{id":{"get":{"responses":{"200":{"description":"x"}}}}}}`,
	} {
		dir := t.TempDir()
		if name != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, files[0]), []byte(content), 0o600))
		}
		_, err := Load(dir)
		require.Error(t, err, name)
	}
}

func TestEveryDriftHasAReason(t *testing.T) {
	t.Parallel()
	for _, drift := range Drifts() {
		require.NotEmpty(t, drift.Name)
		require.NotEmpty(t, drift.Reason, drift.Name)
	}
}

func TestCheckEvent(t *testing.T) {
	t.Parallel()
	spec := Require(t)
	good := `{"topic":"Reservation","type":"created","id":"1","accountId":"A","timestamp":1,"data":{"entityId":"X-1"}}`
	require.NoError(t, spec.CheckEvent([]byte(good)))
	require.Error(t, spec.CheckEvent([]byte(strings.Replace(good, "entityId", "id", 1))))
	require.Error(t, spec.CheckEvent([]byte("{")))
}

// recorded is a T that remembers.
type recorded struct{ logs, fatals []string }

func (*recorded) Helper()                     {}
func (r *recorded) Logf(f string, a ...any)   { r.logs = append(r.logs, fmt.Sprintf(f, a...)) }
func (r *recorded) Fatalf(f string, a ...any) { r.fatals = append(r.fatals, fmt.Sprintf(f, a...)) }

// TestMissingSpecsAreLoud stands in a repository that has no vendor files.
func TestMissingSpecsAreLoud(t *testing.T) {
	repo := filepath.Join(t.TempDir(), "clone")
	require.NoError(t, os.MkdirAll(filepath.Join(repo, "deep"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(repo, "go.mod"), nil, 0o644))
	t.Chdir(filepath.Join(repo, "deep"))
	t.Setenv(Env, "")

	t.Setenv("CI", "")
	var stranger recorded
	spec := Require(&stranger)
	require.NotNil(t, spec)
	require.False(t, spec.Vendor())
	require.Empty(t, stranger.fatals)
	require.Contains(t, stranger.logs[0], "NOT CHECKED AGAINST THE VENDOR'S SPEC")
	require.Empty(t, exchange(t, spec, "POST", "/booking/v1/bookings", "{}", reply(201, "{}")))
	require.NotEmpty(t, exchange(t, spec, "POST", "/v1/subscriptions", "{}", reply(201, "{}")))

	t.Setenv("CI", "true")
	var ci recorded
	require.Nil(t, Require(&ci))
	require.Len(t, ci.fatals, 1)

	t.Setenv("CI", "")
	t.Setenv(Env, repo)
	var wrong recorded
	Require(&wrong)
	require.Len(t, wrong.fatals, 1, "a folder that was named must hold the files")
	_, err := Find()
	require.False(t, errors.Is(err, ErrNoSpecs))
}
