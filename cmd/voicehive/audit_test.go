package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// auditVerb runs `voicehive audit ...` and returns what it printed.
func auditVerb(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(append([]string{"audit"}, args...))
	root.SetOut(&out)
	root.SetErr(io.Discard)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// TestAuditVerbs plays an operator and an auditor.
func TestAuditVerbs(t *testing.T) {
	home := t.TempDir()
	t.Setenv("VOICEHIVE_HOME", home)
	t.Setenv("VOICEHIVE_LOG_LEVEL", "error")
	t.Setenv("DATABASE_URL", postgrestest.New(t, postgres.Migrations).URL)
	t.Setenv("KEYS_DATABASE_URL", postgrestest.New(t, keys.Migrations).URL)
	t.Setenv("VOICEHIVE_AUDIT_NAME", "audit.example")
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, p.ring.EnsureTenant(t.Context(), "seaview"))
	scope, err := p.ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	sequencer, err := p.sequencer()
	require.NoError(t, err)
	for range 3 {
		prepared, err := audit.NewWriter(p.ring).Prepare(t.Context(), audit.Event{Tenant: "seaview", Kind: "consent.given", Actor: "agent", Scope: scope.ID, Detail: "yes, said Ada"})
		require.NoError(t, err)
		require.NoError(t, p.pool.InTenant(t.Context(), "seaview", func(tx pgx.Tx) error { return prepared.Insert(t.Context(), tx) }))
		require.NoError(t, sequencer.Round(t.Context()))
	}

	in := func(name string) string { return filepath.Join(home, name) }
	text, err := auditVerb(t, "status", "--json")
	require.NoError(t, err)
	var status struct {
		Size int64
		Keys []string
	}
	require.NoError(t, json.Unmarshal([]byte(text), &status))
	require.EqualValues(t, 4, status.Size)
	require.NoError(t, os.WriteFile(in("keys"), []byte(status.Keys[0]), 0o600))
	text, err = auditVerb(t, "status")
	require.NoError(t, err)
	require.Contains(t, text, status.Keys[1])

	_, err = auditVerb(t, "export", "--hotel", "seaview", "--open", "--proofs", "--out", in("pack.zip"))
	require.NoError(t, err)
	_, err = auditVerb(t, "export", "--out", in("pack.zip"))
	require.Error(t, err, "nothing is overwritten")
	text, err = auditVerb(t, "verify", in("pack.zip"), "--vkey", in("keys"), "--json")
	require.NoError(t, err)
	var report audit.Report
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	require.EqualValues(t, []int64{3, 3, 3}, []int64{report.Entries, report.Opened, report.Proofs})

	// The opening is in the log.
	require.NoError(t, sequencer.Round(t.Context()))
	_, err = auditVerb(t, "export", "--out", in("whole.zip"), "--from", "2020-01-01")
	require.NoError(t, err)
	text, err = auditVerb(t, "verify", in("whole.zip"), "--vkey", in("keys"), "--whole")
	require.NoError(t, err)
	require.Contains(t, text, "RIGHT  log audit.example/")
	require.Contains(t, text, "5 entries")

	pack, err := os.ReadFile(in("pack.zip"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(in("cut.zip"), pack[:len(pack)/2], 0o600))
	_, err = auditVerb(t, "verify", in("cut.zip"), "--vkey", in("keys"))
	require.ErrorIs(t, err, audit.ErrPack)
	other, err := audit.OpenLocalSigner(in("other.key"), "test")
	require.NoError(t, err)
	lines, err := audit.VerifierKeys(t.Context(), other, "audit.example")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(in("other"), []byte(lines[0]), 0o600))
	text, err = auditVerb(t, "verify", in("pack.zip"), "--vkey", in("other"))
	require.ErrorIs(t, err, errPackWrong)
	require.Contains(t, text, "WRONG  wrong_signature")

	text, err = auditVerb(t, "prove", "--hotel", "seaview", "--scope", scope.ID, "--json")
	require.NoError(t, err)
	var places []audit.Place
	require.NoError(t, json.Unmarshal([]byte(text), &places))
	require.Len(t, places, 3)
	_, err = auditVerb(t, "prove", "2", "--out", in("2.tlog-proof"))
	require.NoError(t, err)
	text, err = auditVerb(t, "verify", in("2.tlog-proof"), "--vkey", in("keys"))
	require.NoError(t, err)
	require.Contains(t, text, "consent.given")
	require.NotContains(t, text, "Ada")
	_, err = auditVerb(t, "prove", "99", "--out", in("99"))
	require.ErrorIs(t, err, audit.ErrNoEntry)
}

func TestAuditVerbsOnTheCommandLine(t *testing.T) {
	var usage usageError
	_, err := auditVerb(t, "verify", "--vkey", "x")
	require.ErrorAs(t, err, &usage)
	_, err = momentOf("from", "yesterday")
	require.ErrorAs(t, err, &usage)
}
