//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// verb runs a command line in this process and returns what it printed.
func verb(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// must is verb without an error, with --json read into v.
func must[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	out, err := verb(t, append(args, "--json")...)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(out), &v), out)
	return v
}

// office points this process's verbs at databases of their own.
func office(t *testing.T) {
	t.Helper()
	main, keyDB := postgrestest.New(t, postgres.Migrations), postgrestest.New(t, keys.Migrations)
	home := t.TempDir()
	for name, value := range map[string]string{
		"VOICEHIVE_HOME": home, "DATABASE_URL": main.URL, "KEYS_DATABASE_URL": keyDB.URL,
		"VOICEHIVE_KEYRING": filepath.Join(home, "keyring.json"), "VOICEHIVE_LOG_LEVEL": "error", "VAULT_ADDR": "",
	} {
		t.Setenv(name, value)
	}
	_, err := verb(t, "hotel", "add", "--unchecked", "../../config/hotels/hotel-aurora.yaml")
	require.NoError(t, err)
}

func TestMaintenanceByTheOperator(t *testing.T) {
	office(t)
	all := must[[]status.Connection](t, "hotel", "status")
	require.Len(t, all, 1)
	id := all[0].Hotel
	require.Equal(t, connectors.Available, all[0].State)
	_, err := verb(t, "hotel", "maintenance", id, "--on", "--reason", "a new server", "--until", "90m")
	require.NoError(t, err)
	one := must[[]status.Connection](t, "hotel", "status", id)
	require.Equal(t, connectors.Maintenance, one[0].State)
	require.Equal(t, "a new server", one[0].Reason)
	require.WithinDuration(t, time.Now().Add(90*time.Minute), one[0].Until, time.Minute)
	text, err := verb(t, "hotel", "status")
	require.NoError(t, err)
	require.Contains(t, text, "a new server")
	now := must[map[string]any](t, "hotel", "maintenance", id, "--off")
	require.Equal(t, "available", now["status"].(map[string]any)["state"])

	for _, wrong := range [][]string{
		{id}, {id, "--on"}, {id, "--on", "--off", "--reason", "x"}, {id, "--off", "--reason", "x"},
		{id, "--on", "--reason", "x", "--until", "soon"}, {id, "--on", "--reason", " x"}, {id, "--on", "--reason", "x", "--until", "-1h"}, {},
	} {
		_, err := verb(t, append([]string{"hotel", "maintenance"}, wrong...)...)
		var usage usageError
		require.True(t, errors.As(err, &usage), "%v: %v", wrong, err)
	}
	_, err = verb(t, "hotel", "maintenance", "nobody", "--off")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	_, err = verb(t, "hotel", "status", "nobody")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
}

func TestTheEndOfAMaintenance(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 24, 15, 30, 0, 0, time.FixedZone("hotel", 3600))
	for text, want := range map[string]string{
		"90m": "2026-12-24T17:00:00+01:00", "15:31": "2026-12-24T15:31:00+01:00", "15:30": "2026-12-25T15:30:00+01:00",
		"2026-12-31T00:00:00Z": "2026-12-31T00:00:00Z",
	} {
		end, err := parseEnd(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, end.Format(time.RFC3339), text)
	}
	_, err := parseEnd("25:00", now)
	require.Error(t, err)
}

func TestTasksOfTheOperator(t *testing.T) {
	office(t)
	require.Empty(t, must[[]reconciliation.Task](t, "tasks", "list"))
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	ids, err := p.hotels(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, ids, 1)
	booking := ledger.NewID()
	require.NoError(t, p.ledger.AddTask(t.Context(), ids[0], ledger.Task{Booking: booking, Kind: "outcome_unknown", Detail: "Look for it."}))

	open := must[[]reconciliation.Task](t, "tasks", "list", "--hotel", ids[0])
	require.Len(t, open, 1)
	require.Equal(t, booking, open[0].Booking)
	text, err := verb(t, "tasks", "show", ids[0], open[0].ID)
	require.NoError(t, err)
	require.Contains(t, text, "Look for it.")
	done := must[reconciliation.Task](t, "tasks", "done", ids[0], open[0].ID)
	require.False(t, done.ClosedAt.IsZero())
	require.Empty(t, must[[]reconciliation.Task](t, "tasks", "list"))
	require.Equal(t, []reconciliation.Task{done}, must[[]reconciliation.Task](t, "tasks", "list", "--all"))

	_, err = verb(t, "tasks", "done", ids[0], strings.Repeat("0", 26))
	require.ErrorIs(t, err, reconciliation.ErrNoTask)
	_, err = verb(t, "tasks", "list", "--hotel", "nobody")
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	_, err = verb(t, "tasks", "show", ids[0])
	var usage usageError
	require.True(t, errors.As(err, &usage))
}
