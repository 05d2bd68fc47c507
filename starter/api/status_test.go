package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

func TestStatusOfAHotel(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		status connectors.Status
		want   string
	}{
		"never checked": {connectors.Status{State: connectors.Available}, `{"state":"available"}`},
		"degraded": {
			connectors.Status{State: connectors.Degraded, Since: at, Reason: "unavailable", CheckedAt: at.Add(time.Minute)},
			`{"state":"degraded","since":"2027-03-01T10:00:00Z","reason":"unavailable","checked_at":"2027-03-01T10:01:00Z","say":"` + phraseDegraded[1] + `"}`,
		},
		"maintenance": {
			connectors.Status{State: connectors.Maintenance, Until: at},
			`{"state":"maintenance","until":"2027-03-01T10:00:00Z","say":"` + phraseMaintenance[1] + `"}`,
		},
	} {
		b := newBench(t)
		b.starter.status = test.status
		for _, role := range []string{"agent", "ops", "admin"} {
			w := b.send(t, request{method: "GET", path: hotel + "/status", as: role, header: map[string]string{"Accept-Language": "de"}})
			require.Equal(t, 200, w.Code, name)
			require.JSONEq(t, test.want, w.Body.String(), name)
		}
		requireProblem(t, b.send(t, request{method: "GET", path: hotel + "/status", as: "compliance"}), starter.Forbidden)
		requireProblem(t, b.send(t, request{method: "GET", path: "/v1/hotels/beta/status"}), starter.Forbidden)
	}
	b := newBench(t)
	b.starter.statusErr = starter.UnknownHotel.With("Check the hotel's id.")
	requireProblem(t, b.send(t, request{method: "GET", path: hotel + "/status"}), starter.UnknownHotel)
}

// TestADegradedHotelIsToldOf in every answer that comes from it.
func TestADegradedHotelIsToldOf(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]request{
		"availability": {method: "GET", path: hotel + "/availability?arrival=2027-05-14&departure=2027-05-16&adults=2"},
		"quote":        {method: "POST", path: hotel + "/quotes", body: exampleQuoteRequest},
		"reservation":  {method: "GET", path: hotel + "/reservations/" + id},
		"booking":      {method: "POST", path: hotel + "/reservations", body: exampleBookRequest, header: keyed},
	} {
		b := newBench(t)
		answer := func() (c starter.Courtesy) {
			w := b.send(t, q)
			require.Less(t, w.Code, 300, w.Body.String())
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &c))
			return c
		}
		for _, well := range []connectors.State{"", connectors.Available, connectors.Maintenance} {
			b.starter.status.State = well
			require.Zero(t, answer(), "%s, %s", name, well)
		}
		b.starter.status.State = connectors.Degraded
		require.Equal(t, starter.Courtesy{Degraded: true, Say: phraseDegraded[0]}, answer(), name)
		b.starter.statusErr = errors.New("away")
		require.Zero(t, answer(), "%s: an answer that is there does not fail for its courtesy", name)
	}
}

// TestWhatIsNotSettledIsSaidHonestly, in the caller's language.
func TestWhatIsNotSettledIsSaidHonestly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*starter.Reservation)
		say    phrase
	}{
		"pending":         {func(r *starter.Reservation) { r.State = ledger.Pending }, phrasePending},
		"change pending":  {func(r *starter.Reservation) { r.Pending = ledger.Cancel }, phrasePending},
		"nobody knows":    {func(r *starter.Reservation) { r.State = ledger.Unknown }, phraseUnknown},
		"all is said":     {func(*starter.Reservation) {}, phrase{}},
		"cancelled since": {func(r *starter.Reservation) { r.State = ledger.Cancelled }, phrase{}},
	} {
		b := newBench(t)
		test.change(&b.starter.answer)
		for i, language := range languages {
			for _, state := range []connectors.State{connectors.Available, connectors.Maintenance} {
				b.starter.status.State = state
				w := b.send(t, request{
					method: "POST", path: hotel + "/reservations", body: exampleBookRequest,
					header: map[string]string{"Idempotency-Key": "k-1", "Accept-Language": language.String()},
				})
				var got starter.Reservation
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
				require.Equal(t, test.say[i], got.Say, "%s in %s", name, language)
			}
		}
	}
}

func TestCourtesiesAreSpokenInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, p := range []phrase{phraseMaintenance, phraseDegraded, phrasePending, phraseUnknown} {
		seen := map[string]bool{}
		for i, text := range p {
			require.NotEmpty(t, text, languages[i])
			require.Less(t, len(text), 160, text)
			seen[text] = true
		}
		require.Len(t, seen, len(languages))
	}
}

// TestAClosedHotelTellsUntilWhen: a call platform can tell its caller, and need
// not ask before.
func TestAClosedHotelTellsUntilWhen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	closed := starter.HotelMaintenance.With("Closed until noon.")
	closed.RetryAfter = 90 * time.Minute
	b.starter.err = closed
	w := b.send(t, request{method: "POST", path: hotel + "/quotes", body: exampleQuoteRequest, header: map[string]string{"Accept-Language": "pl"}})
	require.Equal(t, "5400", w.Header().Get("Retry-After"))
	require.Equal(t, phraseMaintenance[6], requireProblem(t, w, starter.HotelMaintenance).Say)
}

func TestExtrasHideWhatIsTheConnectors(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.starter.extras = []starter.StayExtras{
		{Stay: "S1", Extras: []pms.Extra{{ID: "BREAKFAST", Name: "Breakfast", Price: pms.Money{Amount: 1800, Currency: "EUR"}, Vendor: json.RawMessage(`"sentinel-vendor"`)}}},
		{Stay: "S2"},
	}
	w := b.send(t, request{method: "GET", path: hotel + "/reservations/" + id + "/extras"})
	require.JSONEq(t, `{"stays":[
		{"stay":"S1","extras":[{"id":"BREAKFAST","name":"Breakfast","price":{"amount":1800,"currency":"EUR"}}]},
		{"stay":"S2","extras":[]}]}`, w.Body.String())
	require.NotNil(t, b.starter.extras[0].Extras[0].Vendor, "the starter's own list stays as it is")
	b.starter.extras = nil
	require.JSONEq(t, `{"stays":[]}`, b.send(t, request{method: "GET", path: hotel + "/reservations/" + id + "/extras"}).Body.String())
}

const hookSecret = "Sentinel-Secret-0123456789"

func TestWebhooksNeedNoTokenAndLeaveNoTrace(t *testing.T) {
	t.Parallel()
	hook := request{method: "POST", path: "/v1/webhooks/apaleo/alpha/" + hookSecret, body: "{}", as: "-"}
	for name, test := range map[string]struct {
		err    error
		panics any
		status int
	}{
		"taken":      {status: 204},
		"no address": {err: starter.NotFound.With("See /docs."), status: 404},
		"away":       {err: starter.Unavailable.With("Post it again."), status: 503},
		"a fault":    {err: fmt.Errorf("something"), status: 500},
		"a panic":    {panics: errors.New("a value"), status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.starter.err, b.starter.panics = test.err, test.panics
			w := b.send(t, hook)
			require.Equal(t, test.status, w.Code)
			require.Equal(t, []string{"webhook apaleo alpha " + hookSecret}, b.starter.calls)
			families, err := b.registry.Gather()
			require.NoError(t, err)
			for _, told := range []string{b.log.String(), w.Body.String(), fmt.Sprint(w.Header()), fmt.Sprint(families)} {
				require.NotContains(t, told, hookSecret)
			}
			require.Contains(t, b.log.String(), "/v1/webhooks/{vendor}/{hotel}/{secret}")
			require.Equal(t, test.status == 204, strings.Contains(b.log.String(), `"hotel":"alpha"`), "who has no secret chose the name")
		})
	}
	b := newBench(t)
	w := b.send(t, request{method: "GET", path: hook.path, as: "-"})
	require.Equal(t, "POST", w.Header().Get("Allow"))
	requireProblem(t, w, MethodNotAllowed)
	requireProblem(t, b.send(t, request{method: "POST", path: hook.path + "/more", as: "-"}), starter.NotFound)
	require.Empty(t, b.starter.calls)
	require.NotContains(t, b.log.String(), hookSecret)
}
