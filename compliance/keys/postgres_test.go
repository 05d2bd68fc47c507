package keys_test

import (
	"testing"

	"github.com/google/uuid"
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
	require.NoError(t, ring.Ensure(t.Context(), other, keys.TenantScope("seaview")))
	sealed, err := ring.Seal(t.Context(), scope, "guest", "intent.guest", []byte("Ada"))
	require.NoError(t, err)

	require.NoError(t, later.Load(t.Context(), scope, other, newScope("seaview")))
	opened, err := later.Open(t.Context(), scope, "guest", "intent.guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))
	require.NoError(t, later.Ensure(t.Context(), scope), "the first key stays")
	opened, err = keys.New(store, wrapper, keys.Options{}).Open(t.Context(), scope, "guest", "intent.guest", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))

	subject := uuid.New()
	require.NoError(t, ring.Assign(t.Context(), "seaview", subject, scope, other))
	found, err := ring.Scopes(t.Context(), "seaview", subject)
	require.NoError(t, err)
	require.ElementsMatch(t, []keys.Scope{scope, other}, found)
	found, err = ring.Scopes(t.Context(), "harbour", subject)
	require.NoError(t, err)
	require.Empty(t, found)

	never := newScope("seaview")
	gone, err := ring.Destroy(t.Context(), scope, never)
	require.NoError(t, err)
	require.Len(t, gone, 1)
	require.Equal(t, keys.ID{Scope: scope, Version: 1}, gone[0].ID)
	require.Equal(t, "local-1", gone[0].Epoch)
	require.Len(t, gone[0].Digest, 32)
	require.False(t, gone[0].At.IsZero())
	rows, err := store.Fetch(t.Context(), []keys.Scope{scope, never})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	for _, row := range rows {
		require.Nil(t, row.Wrapped)
	}
	fresh := keys.New(store, wrapper, keys.Options{})
	_, err = fresh.Open(t.Context(), scope, "guest", "intent.guest", sealed)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	require.ErrorIs(t, fresh.Ensure(t.Context(), never), keys.ErrDestroyed)
	gone, err = ring.Destroy(t.Context(), scope, never)
	require.NoError(t, err)
	require.Empty(t, gone)
	found, err = ring.Scopes(t.Context(), "seaview", subject)
	require.NoError(t, err)
	require.Contains(t, found, scope, "the tombstone stays with its subject")
}
