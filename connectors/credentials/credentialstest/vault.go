package credentialstest

import (
	"testing"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// OnVault is the VaultStore in a Vault, real or not. Each process is a login of
// its own.
func OnVault(s vaulttest.Subject) Subject {
	return Subject{
		Open: func(t testing.TB) credentials.Keeper {
			return credentials.NewVaultStore(vaulttest.Open(t, s).KV(vaulttest.Mount))
		},
		Plant: func(t testing.TB, ref string, data map[string]any) { s.Plant(t, vaulttest.Allowed+"/"+ref, data) },
	}
}
