package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
)

const hotelPath = "/v1/hotels/" + consenttest.Aurora

// newRetentionBench is an API on real holds and a real engine, without Temporal.
func newRetentionBench(t *testing.T) *deskBench {
	t.Helper()
	b := newDeskBench(t)
	hotels, err := registry.New(b.house.Pool)
	require.NoError(t, err)
	policy, err := retention.Shipped()
	require.NoError(t, err)
	engine := retention.New(retention.Options{Pool: b.house.Pool, Policy: policy, Auditor: b.house.Writer, Keys: b.house.Ring})
	b.Handler, err = New(Options{
		Starter: b.starter, Auth: personAuth{}, Version: "1.2.3",
		Holds:     starter.NewHolds(hotels, holds.New(b.house.Pool, b.house.Writer), b.house.Desk, b.house.Ring),
		Retention: starter.NewRetention(hotels, engine, nil, b.house.Ring),
		Logger:    slog.New(slog.NewJSONHandler(b.log, nil)),
	})
	require.NoError(t, err)
	return b
}

// does sends a request as a role and reads the answer.
func does[A any](t *testing.T, b *deskBench, as, method, path, body string, status int) (a A) {
	t.Helper()
	answer := b.send(t, request{method: method, path: hotelPath + path, body: body, as: as})
	require.Equal(t, status, answer.Code, "%s %s: %s", path, body, answer.Body)
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &a))
	return a
}

func TestHoldsThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := newRetentionBench(t)
	one, two := b.house.Booking(consenttest.Aurora, zzyzx(herPhone)), b.house.Booking(consenttest.Aurora, zzyzx(herPhone))
	_, err := b.house.Desk.Resolve(t.Context(), consenttest.Aurora, one)
	require.NoError(t, err)
	_, err = b.house.Desk.Resolve(t.Context(), consenttest.Aurora, two)
	require.NoError(t, err)
	review := time.Now().Add(100 * 24 * time.Hour).UTC().Format(time.RFC3339)
	body := `{"matter": "2026-17/B", "reason": "litigation", "kind": "subject", "scope": "` + one + `", "review_at": "` + review + `"}`
	placed := does[holds.Hold](t, b, "compliance", http.MethodPost, "/holds", body, http.StatusCreated)
	require.ElementsMatch(t, []string{one, two}, placed.Scopes, "all that is the person's")
	require.Equal(t, holds.Proposed, placed.State)
	shown := does[holds.Hold](t, b, "compliance", http.MethodGet, "/holds/"+placed.ID, "", http.StatusOK)
	require.Equal(t, placed.PlacedBy, shown.PlacedBy)
	problem := does[starter.Problem](t, b, "compliance", http.MethodPost, "/holds/"+placed.ID+"/approve", "", http.StatusConflict)
	require.Equal(t, starter.SamePerson.Title, problem.Title)
	list := does[starter.HoldList](t, b, "compliance", http.MethodGet, "/holds", "", http.StatusOK)
	require.Len(t, list.Holds, 1)
	does[holds.Hold](t, b, "compliance", http.MethodPost, "/holds/"+placed.ID+"/review", `{"review_at": "`+review+`"}`, http.StatusOK)
	leaving := does[holds.Hold](t, b, "compliance", http.MethodPost, "/holds/"+placed.ID+"/release", `{}`, http.StatusOK)
	require.Equal(t, holds.Leaving, leaving.State)

	does[starter.Problem](t, b, "agent", http.MethodGet, "/holds", "", http.StatusForbidden)
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/holds/01JD3ZG0000000000000000000", "", http.StatusNotFound)
	does[starter.Problem](t, b, "compliance", http.MethodPost, "/holds", strings.Replace(body, "2026-17/B", "Ada Zzyzx", 1), http.StatusUnprocessableEntity)
	does[starter.Problem](t, b, "compliance", http.MethodPost, "/holds", strings.Replace(body, one, "01JD3ZG0000000000000000000", 1), http.StatusNotFound)
	require.NotContains(t, b.log.String(), "Zzyzx")
}

func TestRetentionThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := newRetentionBench(t)
	scope := b.house.Booking(consenttest.Aurora, zzyzx(herPhone))
	b.house.Database.Admin(t, "update booking set arrival = current_date - 102, departure = current_date - 100")
	plan := does[retention.Plan](t, b, "compliance", http.MethodPost, "/retention/dry-runs", "", http.StatusOK)
	require.Positive(t, plan.Rows)
	require.Equal(t, 1, b.house.Count(`select count(*) from guest`))
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	require.False(t, bytes.Contains(text, []byte(scope)), "rows are named by pseudonym")

	policy := does[starter.RetentionPolicy](t, b, "compliance", http.MethodGet, "/retention/policy?class=invoice", "", http.StatusOK)
	require.Equal(t, "DE", policy.Country)
	require.Len(t, policy.Rules, 2)
	verdict := does[retention.Verdict](t, b, "compliance", http.MethodPost, "/retention/verdicts", `{"class": "guest", "scope": "`+scope+`"}`, http.StatusOK)
	require.Equal(t, retention.Erase, verdict.Action)
	require.NotEmpty(t, verdict.Why)
	set := does[starter.RetentionPolicy](t, b, "compliance", http.MethodPatch, "/retention/policy/guest", `{"period": "P14D"}`, http.StatusOK)
	require.Len(t, set.Settings, 1)
	does[starter.Problem](t, b, "compliance", http.MethodPatch, "/retention/policy/guest", `{"period": "P9Y"}`, http.StatusUnprocessableEntity)
	does[starter.Problem](t, b, "compliance", http.MethodPatch, "/retention/policy/shoes", `{"period": "P9D"}`, http.StatusUnprocessableEntity)
	does[starter.Problem](t, b, "compliance", http.MethodPost, "/retention/verdicts", `{"class": "shoes"}`, http.StatusUnprocessableEntity)
	does[starter.Problem](t, b, "compliance", http.MethodGet, "/retention/runs/01JD3ZG0000000000000000000", "", http.StatusNotFound)
	require.Empty(t, does[starter.RetentionRuns](t, b, "compliance", http.MethodGet, "/retention/runs", "", http.StatusOK).Runs)
	does[starter.Problem](t, b, "ops", http.MethodPost, "/retention/dry-runs", "", http.StatusForbidden)
}
