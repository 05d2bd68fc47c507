package keys_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// listening runs Listen until the test ends or the returned function is called.
func listening(ctx context.Context, ring *keys.Ring) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = ring.Listen(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

func TestDestroyedKeyIsForgottenAtOnce(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, two := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.Options{})
		defer listening(t.Context(), two)()
		synctest.Wait()
		scope, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		other, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		require.NoError(t, two.Load(t.Context(), keys.Operations, scope, other))
		_, err = one.Destroy(t.Context(), scope)
		require.NoError(t, err)
		_, err = two.Lookup(scope, keys.Operations)
		require.ErrorIs(t, err, keys.ErrNotLoaded, "the key is still in memory")
		_, err = two.Loaded(t.Context(), scope, keys.Operations)
		require.ErrorIs(t, err, keys.ErrDestroyed)
		_, err = two.Lookup(other, keys.Operations)
		require.NoError(t, err, "others are none of its business")
	})
}

// TestWordDuringALoad: what was read before the word came does not count.
func TestWordDuringALoad(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, two := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.Options{})
		defer listening(t.Context(), two)()
		scope, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		synctest.Wait()
		store.hold = make(chan struct{})
		loaded := make(chan error, 1)
		go func() {
			_, err := two.Loaded(t.Context(), scope, keys.Operations)
			loaded <- err
		}()
		synctest.Wait() // the load has read the live row
		_, err = one.Destroy(t.Context(), scope)
		require.NoError(t, err)
		close(store.hold)
		require.ErrorIs(t, <-loaded, keys.ErrDestroyed)
	})
}

// TestRestartedListenerAsksAgain: a key that was destroyed while nobody heard is
// found out before its next use, and one that lives fails nobody who uses it
// just then.
func TestRestartedListenerAsksAgain(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, two := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.Options{})
		defer listening(t.Context(), two)()
		synctest.Wait()
		scope, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		other, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		require.NoError(t, two.Load(t.Context(), keys.Operations, scope, other))
		store.mu.Lock()
		store.listeners, store.down = nil, errDown // deaf, and the store is away
		cut := store.cut
		store.cut = make(chan struct{})
		store.mu.Unlock()
		close(cut)
		synctest.Wait()
		_, err = two.Lookup(scope, keys.Operations)
		require.NoError(t, err, "an outage alone costs no key")
		store.fail(nil)
		_, err = one.Destroy(t.Context(), scope) // nobody hears it
		require.NoError(t, err)
		_, err = two.Lookup(scope, keys.Operations)
		require.NoError(t, err)
		time.Sleep(10 * time.Second) // virtual: Listen begins to hear again
		_, err = two.Lookup(other, keys.Operations)
		require.NoError(t, err, "what is under way goes on")
		require.NoError(t, two.Load(t.Context(), keys.Operations, scope, other))
		_, err = two.Lookup(scope, keys.Operations)
		require.ErrorIs(t, err, keys.ErrDestroyed, "asked before its next use, and long before its time was over")
		_, err = two.Lookup(other, keys.Operations)
		require.NoError(t, err)
	})
}

// TestReservedKeysObey: a scope that waits for its booking may be destroyed
// like any other, and is not handed out then.
func TestReservedKeysObey(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	for name, heard := range map[string]bool{"told": true, "deaf": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				one, two := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.Options{Reserve: 2})
				if heard {
					defer listening(t.Context(), two)()
				}
				synctest.Wait()
				require.NoError(t, two.Reserve(t.Context(), "seaview", 4))
				var waiting []keys.Scope
				for id := range store.rows {
					if id.Purpose == keys.Operations {
						waiting = append(waiting, id.Scope)
					}
				}
				_, err := one.Destroy(t.Context(), waiting[:3]...)
				require.NoError(t, err)
				if !heard {
					time.Sleep(time.Minute) // virtual: the TTL has to do
				}
				for range 6 {
					scope, err := two.Create(t.Context(), "seaview")
					require.NoError(t, err)
					require.NotContains(t, waiting[:3], scope)
					_, err = two.Seal(t.Context(), scope, keys.Operations, "place", nil)
					require.NoError(t, err)
				}
			})
		})
	}
}

// TestDestroyedKeyIsDeadInEveryProcess: in those that listen when they are told,
// in a deaf one when its time is over. A listener with a life of an hour shows
// that it was the word and not the time.
func TestDestroyedKeyIsDeadInEveryProcess(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, keys.Migrations)
	path := t.TempDir() + "/keyring.json"
	root, err := keys.OpenLocalKeyring(path, "test")
	require.NoError(t, err)
	ring := keystest.NewRing(t, database, root)
	scope, err := ring.Create(t.Context(), "seaview")
	require.NoError(t, err)
	fleet := []process{
		newProcess(t, database.URL, path, useChild+"_TTL=1h"),
		newProcess(t, database.URL, path, useChild+"_TTL=1h"),
		newProcess(t, database.URL, path, useChild+"_TTL=500ms", useChild+"_DEAF=1"),
	}
	for _, p := range fleet {
		require.Equal(t, "<nil>", p.use(scope))
	}
	awaitListeners(t, database, 2)
	for _, p := range fleet {
		require.Equal(t, "<nil>", p.use(scope))
	}
	_, err = ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	since := time.Now()
	for _, p := range fleet {
		t.Logf("dead after %v", p.awaitDead(scope, since))
	}
}

// awaitListeners returns when so many connections of the database listen.
func awaitListeners(t *testing.T, database *postgrestest.Database, n int) {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), database.AdminURL) // others see no one's statements
	require.NoError(t, err)
	defer func() { _ = admin.Close(context.Background()) }()
	for {
		var found int
		require.NoError(t, admin.QueryRow(t.Context(),
			"select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'").Scan(&found))
		if found == n {
			return
		}
	}
}

// TestListenerSurvivesABrokenConnection on the real store.
func TestListenerSurvivesABrokenConnection(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	one := keystest.NewRing(t, database, root)
	two := keys.New(keys.NewPostgres(database.Pool(t)), root, keys.Options{Buckets: 8, TTL: time.Hour})
	t.Cleanup(listening(t.Context(), two))
	awaitListeners(t, database, 1)
	scope, err := one.Create(t.Context(), "seaview")
	require.NoError(t, err)
	require.NoError(t, two.Load(t.Context(), keys.Operations, scope))
	database.Admin(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'")
	_, err = one.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := two.Loaded(t.Context(), scope, keys.Operations)
		return errors.Is(err, keys.ErrDestroyed)
	}, time.Minute, 20*time.Millisecond, "whether it heard the word or asked again")
}
