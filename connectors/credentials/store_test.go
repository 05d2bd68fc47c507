package credentials_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestFileStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	credentialstest.Contract(t, func(t testing.TB) credentialstest.Subject {
		path := filepath.Join(t.TempDir(), "credentials.yaml")
		return credentialstest.Subject{
			Open: func(testing.TB) credentials.Keeper { return credentials.NewFileStore(path) },
			Plant: func(t testing.TB, ref string, data map[string]any) {
				all := map[string]any{}
				if content, err := os.ReadFile(path); err == nil {
					require.NoError(t, yaml.Unmarshal(content, &all))
				}
				all[ref] = data
				content, err := yaml.Marshal(all)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, content, 0o600))
			},
		}
	})
}

// On a fake Vault here; the module vaulttest runs the same on a real one.
func TestVaultStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	credentialstest.Contract(t, func(t testing.TB) credentialstest.Subject {
		return credentialstest.OnVault(vaulttest.NewFake(t))
	})
}
