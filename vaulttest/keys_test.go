package vaulttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/compliance/keys/vaultkeys"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// TestRootOnTheRealVault keeps the epochs' keys under the policy that the
// roller has.
func TestRootOnTheRealVault(t *testing.T) {
	t.Parallel()
	s := start(t)
	keystest.Contract(t, func(t testing.TB) keys.Root {
		return vaultkeys.New(s.client(t, time.Hour, time.Hour, "roller").Transit(vaulttest.TransitMount))
	})
}

// TestAWorkersRoot: what a worker's own policy lets it do with the root is
// wrapping and unwrapping, and that a missing key is not taken for a forbidden
// one.
func TestAWorkersRoot(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := func(policy string) keys.Root {
		return vaultkeys.New(s.client(t, time.Hour, time.Hour, policy).Transit(vaulttest.TransitMount))
	}
	const epoch = "2026-11"
	worker := root("worker")
	require.ErrorIs(t, worker.Create(t.Context(), epoch), vault.ErrDenied)
	_, err := worker.Wrap(t.Context(), epoch, []keys.Plain{{Key: make([]byte, 32), AAD: []byte("a")}})
	require.Error(t, err)
	require.NotErrorIs(t, err, vault.ErrDenied)

	require.NoError(t, root("roller").Create(t.Context(), epoch))
	wrapped, err := worker.Wrap(t.Context(), epoch, []keys.Plain{{Key: make([]byte, 32), AAD: []byte("a")}})
	require.NoError(t, err)
	plain, err := root("codec").Unwrap(t.Context(), epoch, []keys.Wrapped{{Data: wrapped[0], AAD: []byte("a")}})
	require.NoError(t, err)
	require.Equal(t, [][]byte{make([]byte, 32)}, plain)
	_, err = root("codec").Wrap(t.Context(), epoch, []keys.Plain{{Key: make([]byte, 32), AAD: []byte("a")}})
	require.ErrorIs(t, err, vault.ErrDenied)
	require.ErrorIs(t, worker.Destroy(t.Context(), epoch), vault.ErrDenied)
	_, err = worker.Epochs(t.Context())
	require.ErrorIs(t, err, vault.ErrDenied)
}
