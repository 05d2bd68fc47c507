package audit_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
)

func TestLocalSigner(t *testing.T) {
	t.Parallel()
	audittest.SignerContract(t, func(t testing.TB) audittest.Subject {
		open := func(file string) audit.Signer {
			s, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), file), "development")
			require.NoError(t, err)
			return s
		}
		return audittest.Subject{Signer: open("a"), Other: open("b")}
	})
}

func TestLocalSignerIsForDevelopmentOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	for _, environment := range []string{"production", "", "Test"} {
		_, err := audit.OpenLocalSigner(path, environment)
		require.ErrorContains(t, err, "Vault", environment)
		require.NoFileExists(t, path)
	}
	first, err := audit.OpenLocalSigner(path, "test")
	require.NoError(t, err)
	again, err := audit.OpenLocalSigner(path, "test")
	require.NoError(t, err)
	a, err := first.PublicKeys(t.Context())
	require.NoError(t, err)
	b, err := again.PublicKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.NoError(t, os.Chmod(path, 0o640))
	_, err = audit.OpenLocalSigner(path, "test")
	require.ErrorContains(t, err, "chmod 600")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path, []byte("voicehive audit key, keep it secret: c2VjcmV0"), 0o600))
	_, err = audit.OpenLocalSigner(path, "test")
	require.ErrorContains(t, err, "restore it")
	require.NotContains(t, err.Error(), "c2VjcmV0")
}
