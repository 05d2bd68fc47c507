package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// personAuth is starAuth with people who signed in, and with officers who are a
// "key" or a "machine".
type personAuth struct{}

func (personAuth) Authenticate(ctx context.Context, authorization string) (auth.Caller, error) {
	role := map[string]string{"Bearer key": "Bearer compliance", "Bearer machine": "Bearer compliance"}[authorization]
	if role == "" {
		role = authorization
	}
	caller, err := starAuth{}.Authenticate(ctx, role)
	caller.Subject = auth.Actor("https://login.example", strings.TrimPrefix(caller.Subject, "subject-"))
	if authorization == "Bearer key" {
		caller.Subject = "key:01JD3ZG0000000000000000000"
	}
	caller.Machine = authorization == "Bearer machine"
	return caller, err
}

// TestProgramsAreNobody where two people have to agree: neither a key nor a
// program's own token gets as far as the desk. All else they may.
func TestProgramsAreNobody(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	var err error
	b.Handler, err = New(Options{Starter: b.starter, Auth: personAuth{}, Requests: desk, Version: "1.2.3", Logger: slog.New(slog.NewJSONHandler(b.log, nil))})
	require.NoError(t, err)
	base := strings.Replace(dsarsPath, "hotel-aurora", consenttest.Aurora, 1) + "/" + caseID
	send := func(as, path, body string) (int, string) {
		answer := b.send(t, request{method: http.MethodPost, path: base + path, body: body, as: as, header: map[string]string{"Idempotency-Key": "k"}})
		var p Problem
		_ = json.Unmarshal(answer.Body.Bytes(), &p)
		return answer.Code, p.Type
	}
	for _, as := range []string{"key", "machine"} {
		for path, body := range map[string]string{"/approve": `{"plan_hash": "ca"}`, "/verify": `{"manual": true}`} {
			code, problem := send(as, path, body)
			require.Equal(t, http.StatusForbidden, code, path)
			require.Equal(t, "/problems/"+starter.PersonNeeded.Code, problem, path)
		}
		require.Empty(t, desk.asked)
		code, _ := send(as, "/verify", `{"send_code": true}`)
		require.Equal(t, http.StatusOK, code)
		desk.asked = nil
	}
	code, _ := send("compliance", "/approve", `{"plan_hash": "ca"}`)
	require.Equal(t, http.StatusOK, code)
	code, _ = send("compliance", "/verify", `{"manual": true}`)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "approveca https://login.example#compliance k "+caseID, desk.asked[0])
}

// TestHoldsAndTermsAreOfPeople, too.
func TestHoldsAndTermsAreOfPeople(t *testing.T) {
	t.Parallel()
	b := newRetentionBench(t)
	const id = "01JD3ZG0000000000000000000"
	for _, as := range []string{"key", "machine"} {
		for path, body := range map[string]string{
			"/holds": `{}`, "/holds/" + id + "/approve": "", "/holds/" + id + "/release": `{}`, "/retention/runs": "", "/retention/runs/" + id + "/decision": `{"plan_hash": "ca"}`,
		} {
			p := does[Problem](t, b, as, http.MethodPost, path, body, http.StatusForbidden)
			require.Equal(t, "/problems/"+starter.PersonNeeded.Code, p.Type, path)
		}
		does[Problem](t, b, as, http.MethodPatch, "/retention/policy/guest", `{"period": "P14D"}`, http.StatusForbidden)
		does[starter.HoldList](t, b, as, http.MethodGet, "/holds", "", http.StatusOK)
	}
}
