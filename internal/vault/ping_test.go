package vault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestPing(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	roleID, secretID := fake.AppRole(t, time.Hour, time.Hour)
	client, err := vault.New(vault.Options{Address: fake.URL, Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)}})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	require.NoError(t, client.Ping(t.Context()))
	fake.RevokeAll(t)
	require.NoError(t, client.Ping(t.Context()), "it logs in again")
	for trouble, want := range map[vaulttest.Trouble]error{vaulttest.Sealed: vault.ErrSealed, vaulttest.Gone: vault.ErrUnavailable} {
		fake.Become(t, trouble)
		require.ErrorIs(t, client.Ping(t.Context()), want)
		fake.Become(t, vaulttest.Well)
		require.NoError(t, client.Ping(t.Context()))
	}
}
