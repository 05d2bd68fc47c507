package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
)

const (
	heardCall = "01JD4C0000000000000000000C"
	heardPath = "/v1/hotels/hotel-aurora/calls/" + heardCall + "/dsars"
)

// A call session hands in what a caller asked for, and learns nothing of guests.
func TestACallerAsksOnThePhone(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	hear := func(body, language string) (int, map[string]any) {
		t.Helper()
		answer := b.send(t, request{method: http.MethodPost, path: heardPath, body: body, as: "agent", header: map[string]string{
			"Idempotency-Key": "key-1", "Accept-Language": language,
		}})
		var c map[string]any
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &c))
		return answer.Code, c
	}
	status, c := hear(`{"kind": "erasure", "language": "de", "words": "Please."}`, "de-AT")
	require.Equal(t, http.StatusCreated, status, c)
	require.Equal(t, starter.OpenRequest{Kind: "erasure", Call: heardCall, Language: "de", Words: "Please."}, desk.opened)
	require.Equal(t, []string{"open found_in_call subject-agent key-1 "}, desk.asked)
	require.Equal(t, caseID, c["id"])
	require.Equal(t, phraseHeard[1], c["say"])
	delete(c, "$schema")
	require.Len(t, c, 4, "nothing tells whether anybody is known")

	desk.known = true
	status, _ = hear(`{"kind": "erasure"}`, "")
	require.Equal(t, http.StatusOK, status)
	desk.pending = true
	status, _ = hear(`{"kind": "erasure"}`, "")
	require.Equal(t, http.StatusAccepted, status)
}

// A session names neither a person nor a booking: another guest's rights are not
// its to make use of. Officers have a route of their own.
func TestWhatACallSessionMayNotSay(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	for name, one := range map[string]struct {
		as, path, body string
		status         int
	}{
		"a person":              {"agent", heardPath, `{"kind": "erasure", "person": {"last_name": "Lovelace"}}`, http.StatusUnprocessableEntity},
		"a booking":             {"agent", heardPath, `{"kind": "erasure", "scope": "` + caseID + `"}`, http.StatusUnprocessableEntity},
		"no kind":               {"agent", heardPath, `{}`, http.StatusUnprocessableEntity},
		"operations":            {"ops", heardPath, `{"kind": "erasure"}`, http.StatusForbidden},
		"officers' own route":   {"agent", dsarsPath, `{"kind": "erasure"}`, http.StatusForbidden},
		"reading what was said": {"agent", dsarsPath + "/" + caseID + "/words", "", http.StatusForbidden},
	} {
		method := http.MethodPost
		if one.body == "" {
			method = http.MethodGet
		}
		answer := b.send(t, request{method: method, path: one.path, body: one.body, as: one.as, header: map[string]string{"Idempotency-Key": "key-1"}})
		require.Equal(t, one.status, answer.Code, "%s: %s", name, answer.Body)
	}
	require.Empty(t, desk.asked)
}
