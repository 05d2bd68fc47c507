package keys_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

func TestLocalKeyringIsForDevelopmentOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keyring.json")
	for _, environment := range []string{"production", "staging", "", "Test"} {
		_, err := keys.OpenLocalKeyring(path, environment)
		require.ErrorContains(t, err, "Vault", environment)
		require.NoFileExists(t, path)
	}
}

func TestLocalKeyringIsPrivateAndLasts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "keyring.json")
	first, err := keys.OpenLocalKeyring(path, "development")
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	epoch, wrapped, err := first.Wrap(t.Context(), []keys.Plain{{Key: []byte("key"), AAD: []byte("here")}})
	require.NoError(t, err)
	second, err := keys.OpenLocalKeyring(path, "development")
	require.NoError(t, err)
	raw, err := second.Unwrap(t.Context(), []keys.Wrapped{{Epoch: epoch, Data: wrapped[0], AAD: []byte("here")}})
	require.NoError(t, err)
	require.Equal(t, []byte("key"), raw[0])

	_, err = second.Unwrap(t.Context(), []keys.Wrapped{{Epoch: epoch, Data: wrapped[0], AAD: []byte("there")}})
	require.ErrorIs(t, err, keys.ErrTampered)
	_, err = second.Unwrap(t.Context(), []keys.Wrapped{{Epoch: "1999", Data: wrapped[0], AAD: []byte("here")}})
	require.ErrorContains(t, err, "1999")

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = keys.OpenLocalKeyring(path, "development")
	require.ErrorContains(t, err, "chmod 600")
}

func TestLocalKeyringRefusesDamage(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":    `{"current":"a","keys":{"a":"c2VjcmV0LXNlY3JldA`,
		"short key":  `{"current":"a","keys":{"a":"c2VjcmV0"}}`,
		"no current": `{"current":"a","keys":{}}`,
	} {
		path := filepath.Join(t.TempDir(), "keyring.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := keys.OpenLocalKeyring(path, "test")
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "c2Vj", name)
	}
}

func TestLocalKeyringIsMadeOnceByMany(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keyring.json")
	rings := make([]*keys.LocalKeyring, 16)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() { rings[i], _ = keys.OpenLocalKeyring(path, "test") })
	}
	wg.Wait()
	for _, ring := range rings {
		require.NotNil(t, ring)
		epoch, wrapped, err := ring.Wrap(t.Context(), []keys.Plain{{Key: []byte("key")}})
		require.NoError(t, err)
		_, err = rings[0].Unwrap(t.Context(), []keys.Wrapped{{Epoch: epoch, Data: wrapped[0]}})
		require.NoError(t, err, "two processes made two keyrings")
	}
}
