package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
)

// A fakeDesk answers with a case, or with a problem, and remembers who asked.
type fakeDesk struct {
	asked   []string
	opened  starter.OpenRequest
	query   starter.CaseQuery
	pending bool
	known   bool
	problem error
}

const caseID = "01JD4A0000000000000000000A"

func (f *fakeDesk) answer(what, subject, key, id string) (starter.Case, error) {
	f.asked = append(f.asked, what+" "+subject+" "+key+" "+id)
	return starter.Case{ID: caseID, Kind: rights.Erasure, Pending: f.pending, Tasks: []starter.CaseTask{}, Acts: []starter.CaseAct{}}, f.problem
}

func (f *fakeDesk) Open(_ context.Context, _, subject, key string, channel rights.Channel, r starter.OpenRequest) (starter.Case, bool, error) {
	f.opened = r
	c, err := f.answer("open "+string(channel), subject, key, "")
	return c, !f.known, err
}

func (f *fakeDesk) List(_ context.Context, _ string, q starter.CaseQuery) ([]starter.Case, error) {
	f.query = q
	return []starter.Case{{ID: "01JD4A0000000000000000000C"}, {ID: "01JD4A0000000000000000000B"}, {ID: caseID}}[:min(q.Most, 3)], f.problem
}

func (f *fakeDesk) Show(_ context.Context, _, id string) (starter.Case, error) {
	return f.answer("show", "", "", id)
}

func (f *fakeDesk) Words(_ context.Context, _, subject, id string) (starter.CaseWords, error) {
	_, err := f.answer("words", subject, "", id)
	return starter.CaseWords{Words: "Please."}, err
}

func (f *fakeDesk) Verify(_ context.Context, _, subject, key, id string, r starter.VerifyRequest) (starter.Case, error) {
	return f.answer("verify "+r.Code, subject, key, id)
}

func (f *fakeDesk) Task(_ context.Context, _, subject, key, id string, r starter.TaskRequest) (starter.Case, error) {
	return f.answer("task "+r.Task, subject, key, id)
}

func (f *fakeDesk) Approve(_ context.Context, _, subject, key, id string, r starter.ApproveRequest) (starter.Case, error) {
	return f.answer("approve"+r.PlanHash, subject, key, id)
}

func (f *fakeDesk) Extend(_ context.Context, _, subject, key, id string, r starter.ExtendRequest) (starter.Case, error) {
	return f.answer("extend "+r.Reasons[0], subject, key, id)
}

func (f *fakeDesk) Refuse(_ context.Context, _, subject, key, id string, r starter.RefuseRequest) (starter.Case, error) {
	return f.answer("refuse "+r.Reasons[0], subject, key, id)
}

func (f *fakeDesk) Withdraw(_ context.Context, _, subject, key, id string) (starter.Case, error) {
	return f.answer("withdraw", subject, key, id)
}

const dsarsPath = "/v1/hotels/hotel-aurora/dsars"

func newRequestBench(t *testing.T) (*bench, *fakeDesk) {
	t.Helper()
	desk := &fakeDesk{}
	b := &bench{starter: &fakeStarter{}, log: &bytes.Buffer{}}
	var err error
	b.Handler, err = New(Options{
		Starter: b.starter, Auth: starAuth{}, Requests: desk, Version: "1.2.3", Logger: slog.New(slog.NewJSONHandler(b.log, nil)),
	})
	require.NoError(t, err)
	return b, desk
}

func TestRequestsThroughTheAPI(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	post := func(status int, path, body string) starter.Case {
		t.Helper()
		answer := b.send(t, request{method: http.MethodPost, path: dsarsPath + path, body: body, as: "compliance", header: map[string]string{"Idempotency-Key": "key-1"}})
		require.Equal(t, status, answer.Code, answer.Body)
		var c starter.Case
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &c))
		require.Equal(t, caseID, c.ID)
		return c
	}
	post(http.StatusCreated, "", `{"kind": "erasure", "received_at": "2027-01-31T10:00:00Z", "words": "Please."}`)
	require.Equal(t, time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC), desk.opened.ReceivedAt.UTC())
	desk.known = true
	post(http.StatusOK, "", `{"kind": "erasure"}`)
	desk.pending = true
	post(http.StatusAccepted, "", `{"kind": "erasure"}`)
	desk.pending = false
	post(http.StatusOK, "/"+caseID+"/verify", `{"code": "123456"}`)
	post(http.StatusOK, "/"+caseID+"/tasks", `{"task": "`+caseID+`"}`)
	post(http.StatusOK, "/"+caseID+"/approve", "")
	post(http.StatusOK, "/"+caseID+"/extend", `{"reasons": ["number"]}`)
	post(http.StatusOK, "/"+caseID+"/refuse", `{"reasons": ["identity"]}`)
	post(http.StatusOK, "/"+caseID+"/withdraw", "")
	who := " subject-compliance key-1 "
	require.Equal(t, []string{
		"open api" + who, "open api" + who, "open api" + who, "verify 123456" + who + caseID, "task " + caseID + who + caseID,
		"approve" + who + caseID, "extend number" + who + caseID, "refuse identity" + who + caseID, "withdraw" + who + caseID,
	}, desk.asked)

	answer := b.send(t, request{method: http.MethodGet, path: dsarsPath + "?open=true&kind=erasure&limit=2", as: "compliance"})
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	require.Equal(t, starter.CaseQuery{Open: true, Kind: rights.Erasure, Most: 3}, desk.query)
	var page CaseList
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &page))
	require.Len(t, page.Requests, 2)
	require.Equal(t, "01JD4A0000000000000000000B", page.Next)
	for _, path := range []string{"/" + caseID, "/" + caseID + "/words"} {
		answer = b.send(t, request{method: http.MethodGet, path: dsarsPath + path, as: "compliance"})
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	}
}

// Only compliance officers see and steer requests.
func TestRequestsAreForOfficers(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	for _, role := range []string{"agent", "ops", "admin", "foreign"} {
		for path, method := range map[string]string{
			"": http.MethodGet, "/" + caseID: http.MethodGet, "/" + caseID + "/words": http.MethodGet, "/" + caseID + "/approve": http.MethodPost,
		} {
			answer := b.send(t, request{method: method, path: dsarsPath + path, as: role, header: map[string]string{"Idempotency-Key": "key-1"}})
			require.Contains(t, []int{http.StatusForbidden, http.StatusUnauthorized}, answer.Code, "%s %s", role, path)
		}
	}
	require.Empty(t, desk.asked)
}

func TestRequestsThatAreMalformed(t *testing.T) {
	t.Parallel()
	b, desk := newRequestBench(t)
	for name, one := range map[string]struct {
		path, key, body, problem string
	}{
		"without a key":      {"", "", `{"kind": "erasure"}`, starter.MissingKey.Code},
		"an unknown kind":    {"", "k", `{"kind": "forgetting"}`, starter.InvalidRequest.Code},
		"an unknown field":   {"", "k", `{"kind": "erasure", "ada": 1}`, starter.InvalidRequest.Code},
		"a short id":         {"/123/approve", "k", "", starter.UnknownRequest.Code},
		"no reason":          {"/" + caseID + "/extend", "k", `{"reasons": []}`, starter.InvalidRequest.Code},
		"a reason of nobody": {"/" + caseID + "/refuse", "k", `{"reasons": ["mood"]}`, starter.InvalidRequest.Code},
	} {
		header := map[string]string{}
		if one.key != "" {
			header["Idempotency-Key"] = one.key
		}
		answer := b.send(t, request{method: http.MethodPost, path: dsarsPath + one.path, body: one.body, as: "compliance", header: header})
		var p Problem
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &p), name)
		require.Equal(t, "/problems/"+one.problem, p.Type, "%s: %s", name, answer.Body)
	}
	require.Empty(t, desk.asked)
	desk.problem = starter.SamePerson.With("Somebody else has to.")
	answer := b.send(t, request{method: http.MethodPost, path: dsarsPath + "/" + caseID + "/approve", as: "compliance", header: map[string]string{"Idempotency-Key": "k"}})
	require.Equal(t, http.StatusConflict, answer.Code)
}
