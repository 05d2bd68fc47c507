package vaulttest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

// The tests here wait for tokens to end by the clock of Vault, which counts in
// whole seconds.

func revoked(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	_, err := kv.Write(t.Context(), entryName("aurora"), map[string]any{"secret": value}, 0)
	require.NoError(t, err)
	s.RevokeAll(t)
	found, err := kv.Read(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	require.Equal(t, value, found.Data["secret"])
}

// renewed: the secret id is taken away after the login, so only a renewal can
// keep the token alive.
func renewed(t *testing.T, s Subject) {
	roleID, secretID := s.AppRole(t, 2*time.Second, time.Hour)
	file := SecretFile(t, secretID)
	kv := openWith(t, s, vault.AppRole{RoleID: roleID, SecretIDFile: file}).KV(Mount)
	s.Plant(t, entryName("aurora"), map[string]any{"secret": value})
	_, err := kv.Read(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(file))
	readsOn(t, kv, 5*time.Second)
}

// relogged: renewals stop helping at the token's longest life.
func relogged(t *testing.T, s Subject) {
	s.Plant(t, entryName("aurora"), map[string]any{"secret": value})
	readsOn(t, openFor(t, s, 2*time.Second, 3*time.Second).KV(Mount), 6*time.Second)
}

// readsOn reads for some time, and every read must succeed.
func readsOn(t *testing.T, kv *vault.KV, how time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), how)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, err := kv.Read(t.Context(), entryName("aurora"))
			require.NoError(t, err)
		}
	}
}

// closed: a token that nobody uses any more is not left lying about.
func closed(t *testing.T, s Subject) {
	client := Open(t, s)
	before := s.Tokens(t)
	_, err := client.KV(Mount).Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	require.Equal(t, before+1, s.Tokens(t))
	client.Close()
	require.Equal(t, before, s.Tokens(t))
	client.Close() // once more does no harm
}

// issue fetches a token as somebody else would.
func issue(t *testing.T, s Subject) string {
	t.Helper()
	config := api.DefaultConfig()
	config.Address = s.Options().Address
	require.NoError(t, config.ConfigureTLS(&api.TLSConfig{CACert: s.Options().CACert}))
	client, err := api.NewClient(config)
	require.NoError(t, err)
	roleID, secretID := s.AppRole(t, time.Hour, time.Hour)
	answer, err := client.Logical().WriteWithContext(t.Context(), "auth/approle/login", map[string]any{"role_id": roleID, "secret_id": secretID})
	require.NoError(t, err)
	return answer.Auth.ClientToken
}

func overwrite(t *testing.T, file, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
}
