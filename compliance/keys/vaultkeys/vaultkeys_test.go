package vaultkeys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/compliance/keys/vaultkeys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestVaultIsARoot(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	keystest.Contract(t, func(t testing.TB) keys.Root {
		return vaultkeys.New(vaulttest.Open(t, fake).Transit(vaulttest.TransitMount))
	})
}

// TestASealedVaultStopsNothingThatIsWarm: bookings go on, and what needs Vault
// says that it may be tried again.
func TestASealedVaultStopsNothingThatIsWarm(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	root := vaultkeys.New(vaulttest.Open(t, fake).Transit(vaulttest.TransitMount))
	database := postgrestest.New(t, keys.Migrations)
	_, err := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 4}).Roll(t.Context(), "2026-11")
	require.NoError(t, err)
	warm := keystest.NewRing(t, database, root)
	scope, err := warm.Create(t.Context(), "seaview")
	require.NoError(t, err)
	sealed, err := warm.Seal(t.Context(), scope, keys.Operations, "place", []byte("Ada"))
	require.NoError(t, err)

	fake.Seal(t)
	require.NoError(t, warm.Reserve(t.Context(), "seaview", 10), "keys can be made")
	_, err = warm.Open(t.Context(), scope, keys.Operations, "place", sealed)
	require.NoError(t, err)
	cold := keystest.NewRing(t, database, root)
	_, err = cold.Open(t.Context(), scope, keys.Operations, "place", sealed)
	require.ErrorIs(t, err, keys.ErrUnavailable)
	require.NotErrorIs(t, err, keys.ErrDestroyed)
	_, err = cold.Create(t.Context(), "seaview")
	require.ErrorIs(t, err, keys.ErrUnavailable)
	// Erasing needs no Vault.
	_, err = cold.Destroy(t.Context(), scope)
	require.NoError(t, err)
	_, err = cold.Open(t.Context(), scope, keys.Operations, "place", sealed)
	require.ErrorIs(t, err, keys.ErrDestroyed)
}
