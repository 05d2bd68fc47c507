package keys_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func TestPostgresKeepsWhatTheRingNeeds(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, keys.Migrations)
	store, wrapper := keys.NewPostgres(database.Pool(t)), keyring(t)
	ring, later := keys.New(store, wrapper, keys.Options{}), keys.New(store, wrapper, keys.Options{})

	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	other := newScope("seaview")
	require.NoError(t, ring.Ensure(t.Context(), keys.Operations, other, keys.TenantScope("seaview")))
	sealed, err := ring.Seal(t.Context(), scope, keys.Operations, "guest", []byte("Ada"))
	require.NoError(t, err)

	require.NoError(t, later.Load(t.Context(), keys.Operations, scope, other, newScope("seaview")))
	opened, err := later.Open(t.Context(), scope, keys.Operations, "guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))
	require.NoError(t, later.Ensure(t.Context(), keys.Operations, scope), "the first key stays")
	opened, err = keys.New(store, wrapper, keys.Options{}).Open(t.Context(), scope, keys.Operations, "guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))

	never := newScope("seaview")
	gone, err := ring.Destroy(t.Context(), scope, never)
	require.NoError(t, err)
	require.Len(t, gone, 2)
	require.Equal(t, keys.ID{Scope: scope, Purpose: keys.Audit, Version: 1}, gone[0].ID)
	require.Equal(t, keys.ID{Scope: scope, Purpose: keys.Operations, Version: 1}, gone[1].ID)
	require.Equal(t, keys.NewEpochName(time.Now()), gone[0].Epoch)
	require.Len(t, gone[0].Digest, 32)
	require.False(t, gone[0].At.IsZero())
	var all []keys.Slot
	for _, purpose := range keys.Purposes() {
		all = append(all, keys.Slot{Scope: scope, Purpose: purpose}, keys.Slot{Scope: never, Purpose: purpose})
	}
	rows, err := store.Fetch(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, rows, 12, "a tombstone for each key, also for those that never were")
	for _, row := range rows {
		require.Nil(t, row.Wrapped)
	}
	fresh := keys.New(store, wrapper, keys.Options{})
	_, err = fresh.Open(t.Context(), scope, keys.Operations, "guest", sealed)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	require.ErrorIs(t, fresh.Ensure(t.Context(), keys.Operations, never), keys.ErrDestroyed)
	gone, err = ring.Destroy(t.Context(), scope, never)
	require.NoError(t, err)
	require.Empty(t, gone)
}
