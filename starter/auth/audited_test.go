package auth

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	scopekeys "github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestKeysAreInTheAuditLog: each hotel that a key opens is told, and the house
// of a key for all of them; the secret is told to nobody.
func TestKeysAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	db, ctx := postgrestest.New(t, postgres.Migrations), t.Context()
	root, err := scopekeys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.json"), "test")
	require.NoError(t, err)
	ring := scopekeys.New(scopekeys.NewPostgres(postgrestest.New(t, scopekeys.Migrations).Pool(t)), root, scopekeys.Options{})
	keys := NewKeys(db.Pool(t), WithAudit(audit.NewWriter(ring)))
	_, _, err = keys.Issue(ctx, agentOf("alpha"))
	require.ErrorIs(t, err, scopekeys.ErrUnknownScope, "not even the house could be told")
	for _, tenant := range []string{"alpha", "beta", audit.HouseTenant} {
		require.NoError(t, ring.EnsureTenant(ctx, tenant))
	}

	secret, key, err := keys.Issue(ctx, KeyRequest{Name: "call platform", Hotels: []string{"alpha", "beta"}, Roles: []Role{RoleAgent}})
	require.NoError(t, err)
	_, _, err = keys.Issue(ctx, KeyRequest{Name: "us", Hotels: []string{AllHotels, "alpha"}, Roles: []Role{RoleAdmin}})
	require.NoError(t, err)
	_, _, err = keys.Issue(ctx, agentOf("unknown"))
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _ = keys.Revoke(ctx, key.ID) })
	}
	all.Wait()
	require.ErrorIs(t, keys.Revoke(ctx, key.ID), ErrUnknownKey)

	var told []string
	for _, each := range audittest.Waiting(t, db.AdminURL, ring) {
		require.Equal(t, "operator", each.Actor)
		require.NotContains(t, each.Detail, secret)
		told = append(told, each.Tenant+" "+string(each.Kind))
	}
	house := audit.HouseTenant
	require.ElementsMatch(t, []string{
		"alpha api_key.issued", "beta api_key.issued", "alpha api_key.issued", house + " api_key.issued", house + " api_key.issued",
		"alpha api_key.revoked", "beta api_key.revoked",
	}, told, "a key is revoked once, whoever asks")

	db.Admin(t, "revoke insert on audit_outbox from voicehive_tenant")
	_, _, err = keys.Issue(ctx, agentOf("alpha"))
	require.Error(t, err)
	list, err := keys.List(ctx)
	require.NoError(t, err)
	require.Len(t, list, 3, "no key without its entry")
}
