package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
)

// keptPacks plays an officer who fetches the pack that was kept, and finds it
// altered one day.
func keptPacks(t *testing.T, p *parts, pack []byte, in func(string) string) {
	t.Helper()
	list := must[starter.PackList](t, "evidence", "list", "--hotel", "seaview")
	require.Len(t, list.Packs, 1, "the same pack is kept once")
	kept := list.Packs[0]
	require.EqualValues(t, len(pack), kept.Bytes)
	require.WithinDuration(t, kept.At.Add(p.config.Audit.Retention), kept.Ends, time.Minute)
	get := func(id, out string) error {
		_, err := verb(t, "evidence", "get", id, "--hotel", "seaview", "--out", in(out))
		return err
	}
	require.NoError(t, get(kept.ID, "fetched.zip"))
	fetched, err := os.ReadFile(in("fetched.zip"))
	require.NoError(t, err)
	require.Equal(t, pack, fetched)
	require.ErrorIs(t, get(kept.ID, "fetched.zip"), os.ErrExist, "nothing is overwritten")
	problem(t, get("01JD3Z8Q4X0000000000000000", "none.zip"), starter.UnknownPack)
	part := filepath.Join(p.config.Audit.Store.Place, "evidence", "seaview", kept.SHA256, "0000")
	require.NoError(t, os.Chmod(part, 0o600))
	require.NoError(t, os.WriteFile(part, pack[1:], 0o600))
	problem(t, get(kept.ID, "altered.zip"), starter.PackDamaged)
	require.NoFileExists(t, in("altered.zip"))
	require.NoError(t, os.Remove(part))
	problem(t, get(kept.ID, "gone.zip"), starter.PackDamaged)
	out, err := verb(t, "evidence", "list", "--hotel", "seaview")
	require.NoError(t, err)
	require.Contains(t, out, kept.SHA256)
	_, err = verb(t, "evidence", "list", "--hotel", "nowhere")
	problem(t, err, starter.UnknownHotel)
}

// TestEvidenceVerbs plays an officer who makes a pack, and an auditor.
func TestEvidenceVerbs(t *testing.T) {
	office(t)
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, p.registry.Add(t.Context(), registry.Hotel{
		ID: "seaview", Name: "Seaview", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR",
		Country: "DE", Languages: []string{"de"}, CredentialsRef: "seaview",
	}))
	require.NoError(t, p.ring.EnsureTenant(t.Context(), "seaview"))
	scope, err := p.ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	prepared, err := audit.NewWriter(p.ring).Prepare(t.Context(), audit.Event{Tenant: "seaview", Kind: "consent.given", Actor: "agent", Scope: scope.ID, Detail: "yes, said Ada"})
	require.NoError(t, err)
	require.NoError(t, p.pool.InTenant(t.Context(), "seaview", func(tx pgx.Tx) error { return prepared.Insert(t.Context(), tx) }))
	sequencer, err := p.sequencer()
	require.NoError(t, err)
	require.NoError(t, sequencer.Round(t.Context()))

	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	until := time.Now().UTC().Add(-time.Second).Format(time.RFC3339)
	collect := []string{"evidence", "collect", "--hotel", "seaview", "--from", "2026-01-01", "--to", until, "--out"}
	out, err := verb(t, append(collect, in("pack.zip"))...)
	require.NoError(t, err, out)
	require.Contains(t, out, "gdpr-30-register")
	_, err = verb(t, append(collect, in("pack.zip"))...)
	require.ErrorIs(t, err, os.ErrExist, "nothing is overwritten")
	_, err = verb(t, append(collect, in("again.zip"))...)
	require.NoError(t, err)
	_, err = verb(t, append(collect, in("unkept.zip"), "--keep=false", "--to", time.Now().UTC().Add(-time.Minute).Format(time.RFC3339))...)
	require.NoError(t, err)
	one, err := os.ReadFile(in("pack.zip"))
	require.NoError(t, err)
	two, err := os.ReadFile(in("again.zip"))
	require.NoError(t, err)
	require.Equal(t, one, two, "the same data makes the same file")
	keptPacks(t, p, one, in)

	status := must[struct{ Keys []string }](t, "audit", "status")
	require.NoError(t, os.WriteFile(in("keys"), []byte(status.Keys[0]), 0o600))
	report := must[evidence.Report](t, "evidence", "verify", "--file", in("pack.zip"), "--vkey", in("keys"))
	require.True(t, report.Right())
	require.Equal(t, "seaview", report.Hotel)
	out, err = verb(t, "evidence", "verify", "--file", in("pack.zip"))
	require.NoError(t, err)
	require.Contains(t, out, "whose it is nothing proves")

	one[len(one)/2] ^= 1
	require.NoError(t, os.WriteFile(in("changed.zip"), one, 0o600))
	out, err = verb(t, "evidence", "verify", "--file", in("changed.zip"), "--vkey", in("keys"))
	require.Error(t, err, out)
	_, err = verb(t, "evidence", "verify", "--file", in("keys"), "--vkey", in("keys"))
	require.ErrorIs(t, err, evidence.ErrPack)

	_, err = verb(t, "evidence", "collect", "--hotel", "nowhere", "--out", in("no.zip"))
	require.ErrorIs(t, err, registry.ErrUnknownHotel)
	_, err = verb(t, "evidence", "collect", "--hotel", "seaview", "--to", "2099-01-01", "--out", in("no.zip"))
	require.ErrorIs(t, err, evidence.ErrPeriod)
	require.NoFileExists(t, in("no.zip"))

	// A fault ends it with an error, and the pack is there all the same.
	require.NoError(t, p.pool.AsRole(t.Context(), "voicehive_checker", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into region_check (endpoint, role, host, class, provider, region, country, addresses, state, reason, evidence, checked_at, changed_at)
			values ('ELSEWHERE', 'telemetry', 'collector.example', 'unclassified', '', '', '', sha256('x'), 'FAIL', '', '', now(), now())`)
		return err
	}))
	out, err = verb(t, append(collect, in("fault.zip"), "--json")...)
	require.ErrorIs(t, err, errNotSatisfied)
	var summary evidence.Summary
	require.NoError(t, json.Unmarshal([]byte(out), &summary), out)
	require.Equal(t, 1, summary.NotSatisfied)
	require.FileExists(t, in("fault.zip"))
}
