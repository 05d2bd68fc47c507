package vaulttest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

// The keys that Troubles works with must be there.
const (
	TroubledWrapping = WrappingPrefix + "a"
	TroubledSigning  = SigningPrefix + "a"
)

// Troubles takes a client through every trouble and back: each has a name of
// its own, none is taken for a key that is gone or for data that was changed,
// and nobody restarts anything afterwards. meanwhile is called in each state.
func Troubles(t *testing.T, client *vault.Client, become func(testing.TB, Trouble), meanwhile func()) {
	transit := client.Transit(TransitMount)
	texts, err := transit.EncryptBatch(t.Context(), TroubledWrapping, []vault.TransitItem{{Plaintext: []byte("key")}})
	require.NoError(t, err)
	calls := map[string]func(context.Context) error{
		"encrypt": func(ctx context.Context) error {
			_, err := transit.EncryptBatch(ctx, TroubledWrapping, []vault.TransitItem{{Plaintext: []byte("key")}})
			return err
		},
		"decrypt": func(ctx context.Context) error {
			_, err := transit.DecryptBatch(ctx, TroubledWrapping, []vault.TransitSealed{{Ciphertext: texts[0]}})
			return err
		},
		"sign": func(ctx context.Context) error {
			_, _, err := transit.Sign(ctx, TroubledSigning, []byte("checkpoint"))
			return err
		},
		"lease": func(ctx context.Context) error {
			lease, err := client.Database(DatabaseMount).Lease(ctx, DatabaseRole)
			if err == nil {
				err = client.Database(DatabaseMount).Revoke(ctx, lease)
			}
			return err
		},
	}
	for _, trouble := range []Trouble{Well, Slow, Well, Gone, Well, Sealed, Well} {
		become(t, trouble)
		for name, call := range calls {
			requireTrouble(t, trouble, name, call(t.Context()))
		}
		meanwhile()
	}
}

func requireTrouble(t *testing.T, trouble Trouble, name string, err error) {
	t.Helper()
	switch trouble {
	case Well:
		require.NoError(t, err, name)
		return
	case Sealed:
		require.ErrorIs(t, err, vault.ErrSealed, name)
	default:
		require.ErrorIs(t, err, vault.ErrUnavailable, name)
	}
	require.NotErrorIs(t, err, vault.ErrNotFound, name)
	require.NotErrorIs(t, err, vault.ErrCiphertext, name)
}
