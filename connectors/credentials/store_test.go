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

func TestFileStoreMakesItsFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "home", ".voicehive")
	store := credentials.NewFileStore(filepath.Join(folder, "credentials.yaml"))
	refs, err := store.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, refs)
	require.NoDirExists(t, folder, "reading makes nothing")

	require.NoError(t, store.Put(t.Context(), "hotel", credentials.Credentials{ClientID: "a", ClientSecret: credentials.NewSecret("b")}))
	info, err := os.Stat(folder)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "nobody else looks into it")
	got, err := store.Credentials(t.Context(), "hotel")
	require.NoError(t, err)
	require.Equal(t, "a", got.ClientID)
}

// On a fake Vault here; the module vaulttest runs the same on a real one.
func TestVaultStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	credentialstest.Contract(t, func(t testing.TB) credentialstest.Subject {
		return credentialstest.OnVault(vaulttest.NewFake(t))
	})
}
