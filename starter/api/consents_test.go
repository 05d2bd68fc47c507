package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const consentsPath = "/v1/hotels/" + consenttest.Aurora + "/consents"

// A deskBench is an API on a real store of consents.
type deskBench struct {
	*bench
	house *consenttest.House
}

func newDeskBench(t *testing.T) *deskBench {
	t.Helper()
	house := consenttest.New(t)
	hotels, err := registry.New(house.Pool)
	require.NoError(t, err)
	for _, id := range []string{consenttest.Aurora, consenttest.Boreal} {
		require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
			ID: id, Name: "Hotel", Vendor: "apaleo", Property: "MUC", TimeZone: "Europe/Berlin", Currency: "EUR",
			Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
		}))
	}
	b := &deskBench{bench: &bench{starter: &fakeStarter{}, log: &bytes.Buffer{}}, house: house}
	b.Handler, err = New(Options{
		Starter: b.starter, Auth: starAuth{}, Consents: starter.NewConsents(hotels, house.Consents, house.Ring),
		Subjects: starter.NewSubjects(hotels, house.Desk, house.Ring), Version: "1.2.3",
		Logger: slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	return b
}

// said is the request of a yes on the phone, changed where a test wants.
func said(c calls.Call, change func(map[string]any)) (string, string) {
	id := ulid.Make().String()
	body := map[string]any{
		"event_id": id, "scope": c.ID, "purpose": "recording", "action": "given", "wording_version": "2026-10", "language": "de",
		"channel": "voice", "method": "spoken", "call_id": c.ID, "audio_offset_ms": 10_000,
		"event_time": c.StartedAt.Add(10 * time.Second), "note": "ja, Marker-Zzyzx",
	}
	if change != nil {
		change(body)
	}
	text, _ := json.Marshal(body)
	return id, string(text)
}

func TestConsentsThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	c := b.house.Call(consenttest.Aurora, time.Minute)
	id, body := said(c, nil)
	answer := b.send(t, request{method: http.MethodPost, path: consentsPath, body: body, as: "agent"})
	require.Equal(t, http.StatusCreated, answer.Code, answer.Body)
	require.NotContains(t, answer.Body.String(), "Marker", "a note is never answered")
	var kept starter.Consent
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &kept))
	require.Equal(t, id, kept.EventID)
	require.Len(t, kept.Hash, 64)
	require.Regexp(t, `^agent:[0-9a-f]{16}$`, kept.Actor)

	again := b.send(t, request{method: http.MethodPost, path: consentsPath, body: body, as: "agent"})
	require.Equal(t, http.StatusOK, again.Code, again.Body)
	require.JSONEq(t, answer.Body.String(), again.Body.String())

	withdrawal, body := said(c, func(m map[string]any) {
		delete(m, "wording_version")
		m["action"], m["audio_offset_ms"], m["event_time"] = "withdrawn", 20_000, c.StartedAt.Add(20*time.Second)
	})
	answer = b.send(t, request{method: http.MethodPost, path: consentsPath, body: body, as: "agent"})
	require.Equal(t, http.StatusCreated, answer.Code, "withdrawing needs no more than giving: %s", answer.Body)
	standing, err := b.house.Consents.AllowedAt(t.Context(), consenttest.Aurora, c.ID, consent.Recording, time.Now())
	require.NoError(t, err)
	require.False(t, standing.Allowed)

	var page ConsentList
	answer = b.send(t, request{method: http.MethodGet, path: consentsPath + "?limit=1", as: "compliance"})
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &page))
	require.Equal(t, id, page.Next)
	answer = b.send(t, request{method: http.MethodGet, path: consentsPath + "?limit=1&scope=" + c.ID + "&after=" + page.Next, as: "compliance"})
	page = ConsentList{}
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &page))
	require.Len(t, page.Consents, 1)
	require.Equal(t, withdrawal, page.Consents[0].EventID)
	require.Empty(t, page.Next)
	require.NotContains(t, b.log.String(), "Marker")
}

// What is refused changes nothing and tells a kind that programs can rely on.
func TestRefusedConsents(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	c, foreign := b.house.Call(consenttest.Aurora, time.Minute), b.house.Call(consenttest.Boreal, time.Minute)
	known, first := said(c, nil)
	require.Equal(t, http.StatusCreated, b.send(t, request{method: http.MethodPost, path: consentsPath, body: first}).Code)
	set := func(field string, value any) func(map[string]any) { return func(m map[string]any) { m[field] = value } }
	for name, test := range map[string]struct {
		change func(map[string]any)
		kind   starter.Kind
	}{
		"future":               {func(m map[string]any) { m["event_time"], m["audio_offset_ms"] = time.Now().Add(time.Hour), 3_660_000 }, starter.ImpossibleConsent},
		"before the call":      {set("event_time", c.StartedAt.Add(-time.Hour)), starter.ImpossibleConsent},
		"offset elsewhere":     {set("audio_offset_ms", 50_000), starter.ImpossibleConsent},
		"out of order":         {func(m map[string]any) { m["event_time"], m["audio_offset_ms"] = c.StartedAt.Add(9*time.Second), 9_000 }, starter.ImpossibleConsent},
		"unknown scope":        {set("scope", ulid.Make().String()), starter.UnknownScope},
		"another hotel's":      {func(m map[string]any) { m["scope"], m["call_id"] = foreign.ID, foreign.ID }, starter.UnknownScope},
		"id of another event":  {func(m map[string]any) { m["event_id"], m["action"] = known, "refused" }, starter.ConsentReused},
		"words of no version":  {set("wording_version", "1"), starter.InvalidRequest},
		"other words":          {set("wording_sha256", "00"), starter.InvalidRequest},
		"hash of other words":  {set("wording_sha256", "0000000000000000000000000000000000000000000000000000000000000000"), starter.InvalidRequest},
		"no such purpose":      {set("purpose", "everything"), starter.InvalidRequest},
		"no such action":       {set("action", "presumed"), starter.InvalidRequest},
		"a field too many":     {set("subject", "Ada"), starter.InvalidRequest},
		"without a call":       {func(m map[string]any) { delete(m, "call_id"); delete(m, "audio_offset_ms") }, starter.InvalidRequest},
		"a time that is none":  {set("event_time", "yesterday"), starter.InvalidRequest},
		"a note with controls": {set("note", "a\u0001Marker"), starter.InvalidRequest},
	} {
		_, body := said(c, test.change)
		answer := b.send(t, request{method: http.MethodPost, path: consentsPath, body: body})
		require.Equal(t, test.kind.Status, answer.Code, "%s: %s", name, answer.Body)
		require.Contains(t, answer.Body.String(), "/problems/"+test.kind.Code, name)
		require.NotContains(t, answer.Body.String(), "Marker", name)
	}
	require.Equal(t, 1, b.house.Count(`select count(*) from consent_event`))

	for role, may := range map[string][2]bool{"agent": {true, false}, "compliance": {false, true}, "ops": {false, false}, "admin": {true, true}} {
		_, body := said(c, func(m map[string]any) {
			m["action"], m["event_time"], m["audio_offset_ms"] = "withdrawn", c.StartedAt.Add(30*time.Second), 30_000
		})
		require.Equal(t, may[0], b.send(t, request{method: http.MethodPost, path: consentsPath, body: body, as: role}).Code == http.StatusCreated, role)
		require.Equal(t, may[1], b.send(t, request{method: http.MethodGet, path: consentsPath, as: role}).Code == http.StatusOK, role)
	}
	elsewhere := "/v1/hotels/hotel-elsewhere/consents"
	require.Equal(t, http.StatusForbidden, b.send(t, request{method: http.MethodGet, path: elsewhere, as: "compliance"}).Code)
	require.Equal(t, http.StatusUnauthorized, b.send(t, request{method: http.MethodGet, path: consentsPath, as: "-"}).Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(t, request{method: http.MethodGet, path: consentsPath + "?limit=0", as: "compliance"}).Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(t, request{method: http.MethodGet, path: consentsPath + "?scope=x", as: "compliance"}).Code)
}

func TestWordingsThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	answer := b.send(t, request{method: http.MethodGet, path: "/v1/hotels/" + consenttest.Aurora + "/wordings?language=pl"})
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	var words starter.Wordings
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &words))
	require.Len(t, words.Questions, len(consent.Purposes()))
	notice, err := consent.NewNotice("pl", "")
	require.NoError(t, err)
	require.Equal(t, notice.Text(), words.Notice.Text)
	answer = b.send(t, request{method: http.MethodGet, path: "/v1/hotels/" + consenttest.Aurora + "/wordings?language=tlh"})
	require.Equal(t, http.StatusUnprocessableEntity, answer.Code)

	documented := b.send(t, request{method: http.MethodGet, path: "/openapi.json", as: "-"}).Body.String()
	for _, id := range []string{"record-consent", `"consents"`, `"wordings"`, "impossible-consent"} {
		require.Contains(t, documented, id)
	}
}

// starAuth is fakeAuth for callers that are bound to the house's hotel.
type starAuth struct{}

func (starAuth) Authenticate(ctx context.Context, authorization string) (auth.Caller, error) {
	caller, err := fakeAuth{}.Authenticate(ctx, authorization)
	caller.Hotels = []string{consenttest.Aurora}
	return caller, err
}
