package keys_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
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

	require.NoError(t, first.Create(t.Context(), "2026-11"))
	wrapped, err := first.Wrap(t.Context(), "2026-11", []keys.Plain{{Key: []byte("key"), AAD: []byte("here")}})
	require.NoError(t, err)
	second, err := keys.OpenLocalKeyring(path, "development")
	require.NoError(t, err)
	raw, err := second.Unwrap(t.Context(), "2026-11", []keys.Wrapped{{Data: wrapped[0], AAD: []byte("here")}})
	require.NoError(t, err)
	require.Equal(t, []byte("key"), raw[0])
	require.NoError(t, second.Destroy(t.Context(), "2026-11"))
	_, err = first.Unwrap(t.Context(), "2026-11", []keys.Wrapped{{Data: wrapped[0], AAD: []byte("here")}})
	require.ErrorIs(t, err, keys.ErrEpochGone, "the other process goes on with it")

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = keys.OpenLocalKeyring(path, "development")
	require.ErrorContains(t, err, "chmod 600")
	_, err = first.Epochs(t.Context())
	require.ErrorContains(t, err, "chmod 600")
}

func TestLocalKeyringRefusesDamage(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":   `{"current":"a","keys":{"a":"c2VjcmV0LXNlY3JldA`,
		"short key": `{"current":"a","keys":{"a":"c2VjcmV0"}}`,
		"no keys":   `{"current":"a"}`,
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
	for i, ring := range rings {
		require.NotNil(t, ring)
		wg.Go(func() { assert.NoError(t, ring.Create(t.Context(), fmt.Sprintf("2026-%02d", i%4))) })
	}
	wg.Wait()
	wrapped, err := rings[0].Wrap(t.Context(), "2026-00", []keys.Plain{{Key: []byte("key")}})
	require.NoError(t, err)
	for _, ring := range rings {
		epochs, err := ring.Epochs(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"2026-00", "2026-01", "2026-02", "2026-03"}, epochs, "one process wrote over another's")
		_, err = ring.Unwrap(t.Context(), "2026-00", []keys.Wrapped{{Data: wrapped[0]}})
		require.NoError(t, err, "two processes made two keys")
	}
}

func TestLocalKeyringIsARoot(t *testing.T) {
	t.Parallel()
	keystest.Contract(t, func(t testing.TB) keys.Root { return keyring(t) })
}
