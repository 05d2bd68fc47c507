package keys_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	_, err = reader.Lookup(scope, keys.Operations)
	require.ErrorIs(t, err, keys.ErrNotLoaded)
	fetches, _ := store.counts()
	require.Zero(t, fetches)

	unknown := newScope("seaview")
	require.NoError(t, reader.Load(t.Context(), keys.Operations, scope, unknown, scope))
	fetches, _ = store.counts()
	require.Equal(t, 1, fetches, "one query for all")
	key, err := reader.Lookup(scope, keys.Operations)
	require.NoError(t, err)
	require.Equal(t, keys.ID{Scope: scope, Purpose: keys.Operations, Version: 1}, key.ID)
	_, err = reader.Lookup(unknown, keys.Operations)
	require.ErrorIs(t, err, keys.ErrUnknownScope)
	_, err = reader.LookupID(keys.ID{Scope: scope, Purpose: keys.Operations, Version: 2})
	require.ErrorIs(t, err, keys.ErrUnknownScope)

	require.NoError(t, reader.Load(t.Context(), keys.Operations, scope))
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
		_, err = ring.Lookup(scope, keys.Operations)
		require.NoError(t, err)

		store.fail(errDown)
		require.NoError(t, ring.Load(t.Context(), keys.Operations, scope), "a short outage does not hurt a key that still counts")
		time.Sleep(29 * time.Second)
		_, err = ring.Lookup(scope, keys.Operations)
		require.ErrorIs(t, err, keys.ErrNotLoaded)
		require.ErrorIs(t, ring.Load(t.Context(), keys.Operations, scope), errDown)

		store.fail(nil)
		require.NoError(t, ring.Load(t.Context(), keys.Operations, scope))
		_, err = ring.Lookup(scope, keys.Operations)
		require.NoError(t, err)

		time.Sleep(31 * time.Second)
		require.NoError(t, ring.Load(t.Context(), keys.Operations, scope))
		time.Sleep(30 * time.Second)
		_, err = ring.Lookup(scope, keys.Operations)
		require.NoError(t, err, "Load promises half the TTL")
	})
}

func TestDestroyIsFinal(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	ring := keys.New(store, wrapper, keys.Options{})
	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	sealed, err := ring.Seal(t.Context(), scope, keys.Operations, "guest", []byte("Ada"))
	require.NoError(t, err)

	gone, err := ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.Len(t, gone, 2, "what Create made")
	require.Equal(t, scope, gone[0].Scope)
	require.Len(t, gone[0].Digest, 32)

	for _, r := range []*keys.Ring{ring, keys.New(store, wrapper, keys.Options{})} {
		_, err = r.Open(t.Context(), scope, keys.Operations, "guest", sealed)
		require.ErrorIs(t, err, keys.ErrDestroyed)
		_, err = r.Seal(t.Context(), scope, keys.Operations, "guest", nil)
		require.ErrorIs(t, err, keys.ErrDestroyed)
		require.ErrorIs(t, r.Ensure(t.Context(), keys.Operations, scope), keys.ErrDestroyed)
	}
	gone, err = ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.Empty(t, gone, "nothing is destroyed twice")

	never := newScope("seaview")
	_, err = ring.Destroy(t.Context(), never)
	require.NoError(t, err)
	require.ErrorIs(t, ring.Ensure(t.Context(), keys.Operations, never), keys.ErrDestroyed, "a tombstone keeps the scope dead")
}

func TestSlowLoadDoesNotBringADestroyedKeyBack(t *testing.T) {
	t.Parallel()
	wrapper := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		scope := newScope("seaview")
		require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), keys.Operations, scope))

		store.hold = make(chan struct{})
		ring := keys.New(store, wrapper, keys.Options{})
		loaded := make(chan error, 1)
		go func() { loaded <- ring.Load(t.Context(), keys.Operations, scope) }()
		synctest.Wait() // the load has read the live row
		_, err := ring.Destroy(t.Context(), scope)
		require.NoError(t, err)
		close(store.hold)
		require.NoError(t, <-loaded)
		_, err = ring.Lookup(scope, keys.Operations)
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
			wg.Go(func() { _ = ring.Load(t.Context(), keys.Operations, scope) })
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, ring.Load(impatient, keys.Operations, scope), context.Canceled)
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
		require.Contains(t, store.rows, keys.ID{Scope: scope, Purpose: keys.Operations, Version: 1}, "a scope was handed out before its key was durable")
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

// TestEnsureKeepsTheFirstKey: two processes that both find no key make one.
func TestEnsureKeepsTheFirstKey(t *testing.T) {
	t.Parallel()
	wrapper := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.hold = make(chan struct{})
		rings := []*keys.Ring{keys.New(store, wrapper, keys.Options{}), keys.New(store, wrapper, keys.Options{})}
		ensured := make(chan error, len(rings))
		for _, ring := range rings {
			go func() { ensured <- ring.EnsureTenant(t.Context(), "seaview") }()
		}
		synctest.Wait() // both have looked and found none
		close(store.hold)
		for range rings {
			require.NoError(t, <-ensured)
		}
		a, err := rings[0].MAC(t.Context(), "seaview", "idempotency", []byte("key"))
		require.NoError(t, err)
		b, err := rings[1].MAC(t.Context(), "seaview", "idempotency", []byte("key"))
		require.NoError(t, err)
		require.Equal(t, a, b)
	})
}

// TestEnsureWrapsNothingThatExists: a login that may only unwrap, such as an
// operator's, uses the house's keys and makes no bucket key for them.
func TestEnsureWrapsNothingThatExists(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	require.NoError(t, keys.New(store, wrapper, keys.Options{}).EnsureTenant(t.Context(), "seaview"))
	_, before := store.counts()
	reader := keys.New(store, unwrapOnly{wrapper}, keys.Options{})
	require.NoError(t, reader.EnsureTenant(t.Context(), "seaview"))
	_, after := store.counts()
	require.Equal(t, before, after, "nothing is inserted")
}

// unwrapOnly is a root whose login may not wrap.
type unwrapOnly struct{ keys.Root }

func (unwrapOnly) Wrap(context.Context, string, []keys.Plain) ([][]byte, error) {
	return nil, fmt.Errorf("%w: denied", keys.ErrUnavailable)
}

func TestDamagedRowHarmsOnlyItself(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	scopes := []keys.Scope{newScope("seaview"), newScope("seaview"), newScope("harbour")}
	require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), keys.Operations, scopes...))
	// A row copied over another one: authentic by itself, but not there.
	bad := keys.ID{Scope: scopes[0], Purpose: keys.Operations, Version: 1}
	other := store.rows[keys.ID{Scope: scopes[1], Purpose: keys.Operations, Version: 1}]
	store.rows[bad] = keys.Row{ID: bad, Epoch: other.Epoch, Bucket: other.Bucket, Wrapped: other.Wrapped}

	ring := keys.New(store, wrapper, keys.Options{})
	require.NoError(t, ring.Load(t.Context(), keys.Operations, scopes...))
	_, err := ring.Lookup(scopes[0], keys.Operations)
	require.ErrorIs(t, err, keys.ErrTampered)
	_, err = ring.LookupID(bad)
	require.ErrorIs(t, err, keys.ErrTampered)
	for _, s := range scopes[1:] {
		_, err = ring.Lookup(s, keys.Operations)
		require.NoError(t, err)
	}
}

func TestRootOutageIsNotTampering(t *testing.T) {
	t.Parallel()
	store, wrapper := newMemory(), keyring(t)
	scope := newScope("seaview")
	require.NoError(t, keys.New(store, wrapper, keys.Options{}).Ensure(t.Context(), keys.Operations, scope))
	ring := keys.New(store, brokenRoot{wrapper}, keys.Options{})
	err := ring.Load(t.Context(), keys.Operations, scope)
	require.ErrorIs(t, err, errDown)
	require.ErrorIs(t, err, keys.ErrUnavailable)
	require.NotErrorIs(t, err, keys.ErrTampered)
	_, err = ring.Lookup(scope, keys.Operations)
	require.ErrorIs(t, err, keys.ErrNotLoaded)
}

// brokenRoot is one whose keeper is away.
type brokenRoot struct{ keys.Root }

func (brokenRoot) Wrap(context.Context, string, []keys.Plain) ([][]byte, error) { return nil, errDown }

func (brokenRoot) Unwrap(context.Context, string, []keys.Wrapped) ([][]byte, error) {
	return nil, errDown
}
