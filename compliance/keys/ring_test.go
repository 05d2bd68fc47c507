package keys_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

func TestLookupReadsMemoryOnly(t *testing.T) {
	t.Parallel()
	store := newMemory()
	wrapper := keyring(t)
	maker := keys.New(store, wrapper, keys.Options{})
	scope, err := maker.Create(t.Context(), "seaview")
	require.NoError(t, err)
	reader := keys.New(store, wrapper, keys.Options{})
	_, err = reader.Lookup(scope)
	require.ErrorIs(t, err, keys.ErrNotLoaded)
	fetches, _ := store.counts()
	require.Zero(t, fetches)

	unknown := newScope("seaview")
	require.NoError(t, reader.Load(t.Context(), scope, unknown, scope))
	fetches, _ = store.counts()
	require.Equal(t, 1, fetches, "one query for all")
	key, err := reader.Lookup(scope)
	require.NoError(t, err)
	require.Equal(t, keys.ID{Scope: scope, Version: 1}, key.ID)
	_, err = reader.Lookup(unknown)
	require.ErrorIs(t, err, keys.ErrUnknownScope)
	_, err = reader.LookupID(keys.ID{Scope: scope, Version: 2})
	require.ErrorIs(t, err, keys.ErrUnknownScope)

	require.NoError(t, reader.Load(t.Context(), scope))
	fetches, _ = store.counts()
	require.Equal(t, 1, fetches, "a fresh key is not asked for again")
}

func TestKeyLivesNoLongerThanTheTTL(t *testing.T) {
	t.Parallel()
	wrapper := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		ring := keys.New(store, wrapper, keys.Options{TTL: time.Minute})
		scope, err := ring.Create(t.Context(), "seaview")
		require.NoError(t, err)
		synctest.Wait()

		time.Sleep(31 * time.Second) // virtual time; past half the TTL
		_, err = ring.Lookup(scope)
		require.NoError(t, err)

		store.fail(errDown)
		require.NoError(t, ring.Load(t.Context(), scope), "a short outage does not hurt a key that still counts")
		time.Sleep(29 * time.Second)
		_, err = ring.Lookup(scope)
		require.ErrorIs(t, err, keys.ErrNotLoaded)
		require.ErrorIs(t, ring.Load(t.Context(), scope), errDown)

		store.fail(nil)
		require.NoError(t, ring.Load(t.Context(), scope))
		_, err = ring.Lookup(scope)
		require.NoError(t, err)

		time.Sleep(31 * time.Second)
		require.NoError(t, ring.Load(t.Context(), scope))
		time.Sleep(30 * time.Second)
		_, err = ring.Lookup(scope)
		require.NoError(t, err, "Load promises half the TTL")
	})
}

func TestDestroyIsFinal(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	ring := keys.New(store, wrapper, keys.Options{})
	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	sealed, err := ring.Seal(t.Context(), scope, "guest", "intent.guest", []byte("Ada"))
	require.NoError(t, err)

	gone, err := ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.Len(t, gone, 1)
	require.Equal(t, scope, gone[0].Scope)
	require.Len(t, gone[0].Digest, 32)

	for _, r := range []*keys.Ring{ring, keys.New(store, wrapper, keys.Options{})} {
		_, err = r.Open(t.Context(), scope, "guest", "intent.guest", sealed)
		require.ErrorIs(t, err, keys.ErrDestroyed)
		_, err = r.Seal(t.Context(), scope, "guest", "intent.guest", nil)
		require.ErrorIs(t, err, keys.ErrDestroyed)
		require.ErrorIs(t, r.Ensure(t.Context(), scope), keys.ErrDestroyed)
	}
	gone, err = ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.Empty(t, gone, "nothing is destroyed twice")

	never := newScope("seaview")
	_, err = ring.Destroy(t.Context(), never)
	require.NoError(t, err)
	require.ErrorIs(t, ring.Ensure(t.Context(), never), keys.ErrDestroyed, "a tombstone keeps the scope dead")
}

func TestSlowLoadDoesNotBringADestroyedKeyBack(t *testing.T) {
	t.Parallel()
	wrapper := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		scope := newScope("seaview")
		require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), scope))

		store.hold = make(chan struct{})
		ring := keys.New(store, wrapper, keys.Options{})
		loaded := make(chan error, 1)
		go func() { loaded <- ring.Load(t.Context(), scope) }()
		synctest.Wait() // the load has read the live row
		_, err := ring.Destroy(t.Context(), scope)
		require.NoError(t, err)
		close(store.hold)
		require.NoError(t, <-loaded)
		_, err = ring.Lookup(scope)
		require.ErrorIs(t, err, keys.ErrDestroyed)
	})
}

func TestLoadsOfOneScopeAreShared(t *testing.T) {
	t.Parallel()
	wrapper := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.hold = make(chan struct{})
		ring := keys.New(store, wrapper, keys.Options{})
		scope := newScope("seaview")
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _ = ring.Load(t.Context(), scope) })
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, ring.Load(impatient, scope), context.Canceled)
		synctest.Wait()
		close(store.hold)
		wg.Wait()
		fetches, _ := store.counts()
		require.Equal(t, 1, fetches)
	})
}

func TestCreatePaysOneInsertForMany(t *testing.T) {
	t.Parallel()
	store := newMemory()
	ring := keys.New(store, keyring(t), keys.Options{Reserve: 8})
	require.NoError(t, ring.Reserve(t.Context(), "seaview", 100))
	seen := map[keys.Scope]bool{}
	for range 90 {
		scope, err := ring.Create(t.Context(), "seaview")
		require.NoError(t, err)
		require.False(t, seen[scope], "a scope was handed out twice")
		seen[scope] = true
	}
	_, inserts := store.counts()
	require.Equal(t, 1, inserts)
}

func TestCreateUnderPressure(t *testing.T) {
	t.Parallel()
	store := newMemory()
	ring := keys.New(store, keyring(t), keys.Options{Reserve: 4})
	var mu sync.Mutex
	seen := map[keys.Scope]bool{}
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			scope, err := ring.Create(t.Context(), "seaview")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen[scope] = true
			}
		})
	}
	wg.Wait()
	require.Len(t, seen, 200)
	store.mu.Lock() // a refill may be under way
	defer store.mu.Unlock()
	for scope := range seen {
		require.Contains(t, store.rows, keys.ID{Scope: scope, Version: 1}, "a scope was handed out before its key was durable")
	}
}

func TestCreateFailsWhenNothingIsDurable(t *testing.T) {
	t.Parallel()
	store := newMemory()
	store.fail(errDown)
	ring := keys.New(store, keyring(t), keys.Options{})
	_, err := ring.Create(t.Context(), "seaview")
	require.ErrorIs(t, err, errDown)
	_, err = ring.Create(t.Context(), "Not a hotel")
	require.ErrorIs(t, err, keys.ErrMalformed)
	require.ErrorIs(t, ring.EnsureTenant(t.Context(), "seaview"), errDown)
}

func TestEnsureKeepsTheFirstKey(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	one, two := keys.New(store, wrapper, keys.Options{}), keys.New(store, wrapper, keys.Options{})
	require.NoError(t, one.EnsureTenant(t.Context(), "seaview"))
	require.NoError(t, two.EnsureTenant(t.Context(), "seaview"))
	a, err := one.MAC(t.Context(), "seaview", "idempotency", []byte("key"))
	require.NoError(t, err)
	b, err := two.MAC(t.Context(), "seaview", "idempotency", []byte("key"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

func TestDamagedRowHarmsOnlyItself(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	scopes := []keys.Scope{newScope("seaview"), newScope("seaview"), newScope("harbour")}
	require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), scopes...))
	// A row copied over another one: authentic by itself, but not there.
	bad := keys.ID{Scope: scopes[0], Version: 1}
	other := store.rows[keys.ID{Scope: scopes[1], Version: 1}]
	store.rows[bad] = keys.Row{ID: bad, Epoch: other.Epoch, Wrapped: other.Wrapped}

	ring := keys.New(store, wrapper, keys.Options{})
	require.NoError(t, ring.Load(t.Context(), scopes...))
	_, err := ring.Lookup(scopes[0])
	require.ErrorIs(t, err, keys.ErrTampered)
	_, err = ring.LookupID(bad)
	require.ErrorIs(t, err, keys.ErrTampered)
	for _, s := range scopes[1:] {
		_, err = ring.Lookup(s)
		require.NoError(t, err)
	}
}

func TestSubjectHasItsScopes(t *testing.T) {
	t.Parallel()
	ring := keys.New(newMemory(), keyring(t), keys.Options{})
	subject, scope := uuid.New(), newScope("seaview")
	require.NoError(t, ring.Assign(t.Context(), "seaview", subject, scope))
	require.Error(t, ring.Assign(t.Context(), "harbour", subject, scope), "a scope of another tenant")
	found, err := ring.Scopes(t.Context(), "seaview", subject)
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{scope}, found)
}

func TestWrapperOutageIsNotTampering(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	scope := newScope("seaview")
	require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), scope))
	ring := keys.New(store, brokenWrapper{}, keys.Options{})
	err := ring.Load(t.Context(), scope)
	require.ErrorIs(t, err, errDown)
	require.NotErrorIs(t, err, keys.ErrTampered)
	_, err = ring.Lookup(scope)
	require.ErrorIs(t, err, keys.ErrNotLoaded)
}

type brokenWrapper struct{}

func (brokenWrapper) Wrap(context.Context, []keys.Plain) (string, [][]byte, error) {
	return "", nil, errDown
}

func (brokenWrapper) Unwrap(context.Context, []keys.Wrapped) ([][]byte, error) {
	return nil, errors.Join(errDown)
}
