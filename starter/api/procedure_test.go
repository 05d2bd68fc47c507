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

	"github.com/voicehive/voicehive/starter"
)

// fakeProcedure remembers who confirmed what.
type fakeProcedure struct{ confirmed []string }

func (f *fakeProcedure) Procedure(context.Context, string, string) (starter.Procedure, error) {
	return starter.Procedure{Version: "0123456789ab", Text: "# Rules"}, nil
}

func (f *fakeProcedure) ConfirmProcedure(_ context.Context, hotel, subject string, r starter.ProcedureConfirmation) (starter.Procedure, error) {
	f.confirmed = append(f.confirmed, hotel+" "+subject+" "+r.Version)
	return starter.Procedure{Version: r.Version, ConfirmedAt: time.Now()}, nil
}

func TestTheProcedureThroughTheAPI(t *testing.T) {
	t.Parallel()
	desk := &fakeProcedure{}
	b := &bench{starter: &fakeStarter{}, log: &bytes.Buffer{}}
	var err error
	b.Handler, err = New(Options{Starter: b.starter, Auth: starAuth{}, Procedure: desk, Version: "1.2.3", Logger: slog.New(slog.NewJSONHandler(b.log, nil))})
	require.NoError(t, err)
	const path, confirm = "/v1/hotels/hotel-aurora/procedure", `{"version": "0123456789ab"}`
	read := b.send(t, request{method: http.MethodGet, path: path, as: "compliance"})
	require.Equal(t, http.StatusOK, read.Code, read.Body)
	var p starter.Procedure
	require.NoError(t, json.Unmarshal(read.Body.Bytes(), &p))
	require.Equal(t, "# Rules", p.Text)
	require.NotContains(t, read.Body.String(), "confirmed_at", "nobody has yet")
	answer := b.send(t, request{method: http.MethodPost, path: path, body: confirm, as: "compliance"})
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	for _, role := range []string{"agent", "ops", "admin"} {
		require.Equal(t, http.StatusForbidden, b.send(t, request{method: http.MethodPost, path: path, body: confirm, as: role}).Code, role)
	}
	answer = b.send(t, request{method: http.MethodPost, path: path, body: `{"version": "1"}`, as: "compliance"})
	require.Equal(t, http.StatusUnprocessableEntity, answer.Code, answer.Body)
	require.Equal(t, []string{"hotel-aurora subject-compliance 0123456789ab"}, desk.confirmed)
}

// TestAllRoutesTogether: the names of all schemas go together in one document.
func TestAllRoutesTogether(t *testing.T) {
	t.Parallel()
	_, err := New(Options{
		Starter: &fakeStarter{}, Auth: starAuth{}, Requests: &fakeDesk{}, Procedure: &fakeProcedure{},
		Consents: struct{ Consents }{}, Subjects: struct{ Subjects }{}, Holds: struct{ Holds }{}, Retention: struct{ Retention }{}, Packs: struct{ Packs }{},
	})
	require.NoError(t, err)
}
