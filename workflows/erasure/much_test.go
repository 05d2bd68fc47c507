//go:build (full || bench) && unix

package erasure_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/objects"
)

// A full stage has its recordings as files, as an installation of its own disks
// has them.
type full struct {
	*stage
	folder string
	files  *objects.ErasableDirectory
}

func openFull(t *testing.T) *full {
	t.Helper()
	folder := t.TempDir()
	files := objects.NewErasableDirectory(folder)
	s := open(t, func(h *erasuretest.House, o *erasure.Options) {
		o.Desk = subjects.New(subjects.Options{
			Pool: h.Pool, Keys: h.Ring, Table: h.Table, Auditor: h.Writer, Objects: files, Holds: erasure.LegalHolds,
		})
	})
	return &full{stage: s, folder: folder, files: files}
}

// stay is a booking of a stay that is over, with messages about it and a run.
func (f *full) stay(messages int) (scope, run string) {
	f.t.Helper()
	scope = f.Stayed(aurora, ada())
	f.raw(`insert into message (hotel, id, scope, purpose, channel, kind, sealed, state)
		select $1, $2 || n, $2, 'operations', 'email', 'confirmation', '\x01', 'sent' from generate_series(1, $3::int) n`, aurora, scope, messages)
	run = "booking/" + aurora + "/" + scope
	f.run(run)
	return scope, run
}

// talk is a call with what was said, a recording of it, and a run.
func (f *full) talk(turns int) (scope, run string) {
	f.t.Helper()
	ctx := f.t.Context()
	c := f.Call(aurora, time.Minute)
	require.NoError(f.t, f.Desk.AddIndex(ctx, aurora, c.ID, ada()))
	f.Notice(aurora, c)
	f.Append(f.Said(aurora, c, consent.Transcription, consent.Given, 7*time.Second))
	yes := f.Append(f.Said(aurora, c, consent.Recording, consent.Given, 8*time.Second))
	require.NoError(f.t, f.Calls.AddTurn(ctx, aurora, calls.Turn{Call: c.ID, Seq: 1, Speaker: calls.Caller, Text: "Ada hier", To: time.Second}))
	name := "recordings/" + c.ID
	require.NoError(f.t, f.files.Put(ctx, name, strings.NewReader("sealed sound")))
	require.NoError(f.t, f.Calls.AddRecording(ctx, aurora, calls.Recording{
		ID: c.ID, Call: c.ID, Object: name, To: time.Second, Consent: yes.ID, Bytes: 12, SHA256: make([]byte, 32),
	}))
	require.NoError(f.t, f.Calls.End(ctx, aurora, c.ID))
	f.raw(`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms)
		select hotel, call, n, speaker, sealed, n * 1000, n * 1000 + 900 from turn, generate_series(2, $2::int) n where call = $1`, c.ID, turns)
	run = "call/" + aurora + "/" + c.ID
	f.run(run)
	return c.ID, run
}

// raw runs a statement behind row security and every guard.
func (f *full) raw(statement string, args ...any) {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), f.Database.AdminURL)
	require.NoError(f.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(f.t.Context())) }()
	_, err = conn.Exec(f.t.Context(), "set session_replication_role = replica")
	require.NoError(f.t, err)
	_, err = conn.Exec(f.t.Context(), statement, args...)
	require.NoError(f.t, err)
}
