//go:build unix

package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
)

// TestSequencerApart: the sequencer as a process of its own takes what operators
// did into the log, signs it, and ends when it is told to. It needs no key of a
// guest: it runs where the keys' database cannot be reached.
func TestSequencerApart(t *testing.T) {
	office(t) // which adds a hotel, and so an event
	before := must[audit.Status](t, "audit", "status")
	require.Zero(t, before.Size)
	require.EqualValues(t, 1, before.Waiting)

	keysURL := os.Getenv("KEYS_DATABASE_URL")
	t.Setenv("KEYS_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	root := newRoot()
	root.SetArgs([]string{"audit", "sequence", "--metrics-addr", "127.0.0.1:0"})
	root.SetOut(in)
	root.SetErr(io.Discard)
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	var line readyLine
	require.NoError(t, json.NewDecoder(out).Decode(&line))
	t.Setenv("KEYS_DATABASE_URL", keysURL)
	require.Eventually(t, func() bool {
		status := must[audit.Status](t, "audit", "status")
		return status.Waiting == 0 && status.Size == 2 && status.Signed == 2
	}, time.Minute, 50*time.Millisecond, "the log's own first entry, and the hotel's")
	answer, err := http.Get(line.URL + "/readyz")
	require.NoError(t, err)
	defer answer.Body.Close()
	var ready readiness
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&ready))
	require.Equal(t, map[string]string{"audit": "ok", "ledger": "ok"}, ready.Parts)
	stop()
	require.NoError(t, <-ended)
}
