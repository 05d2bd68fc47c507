package keys_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// held counts a ring's bucket keys by epoch.
func held(ring *keys.Ring) map[string]int {
	all := map[string]int{}
	for _, id := range keys.Held(ring) {
		all[id.Epoch]++
	}
	return all
}

// TestBucketKeysGoWithTheirEpoch: a process that hears nothing drops the bucket
// keys of an epoch in which nothing lives within a minute, and holds those that
// others made in the next one.
func TestBucketKeysGoWithTheirEpoch(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	require.NoError(t, root.Create(t.Context(), "2031-01"))
	require.NoError(t, root.Create(t.Context(), "2031-02"))
	synctest.Test(t, func(t *testing.T) {
		store := newMemory() // its Listen tells nobody of epochs
		require.NoError(t, store.OpenEpoch(t.Context(), "2031-01"))
		one, two := keys.New(store, root, keys.Options{Buckets: 4}), keys.New(store, root, keys.Options{Buckets: 4})
		defer listening(t.Context(), two)()
		synctest.Wait()
		for range 50 {
			require.NoError(t, two.Reserve(t.Context(), "seaview", 1))
		}
		require.Equal(t, map[string]int{"2031-01": 4}, held(two))

		store.roll("2031-01", "2031-02")
		for range 50 {
			require.NoError(t, one.Reserve(t.Context(), "seaview", 1))
		}
		time.Sleep(61 * time.Second) // virtual
		synctest.Wait()
		require.Equal(t, map[string]int{"2031-02": 4}, held(two))

		// While the store cannot be asked, what is in memory stays.
		store.fail(errDown)
		time.Sleep(10 * time.Minute) // virtual
		synctest.Wait()
		require.Equal(t, map[string]int{"2031-02": 4}, held(two))
	})
}

// TestWordOfEpochs: who listens loads new bucket keys and drops old ones at once.
func TestWordOfEpochs(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	one, two := keystest.NewRing(t, database, root), keystest.NewRing(t, database, root)
	t.Cleanup(listening(t.Context(), two))
	awaitListeners(t, database, 1)
	scope, err := one.Create(t.Context(), "seaview")
	require.NoError(t, err)
	first := keys.Held(one)[0].Epoch
	await := func(epoch string, why string) {
		t.Helper()
		require.Eventually(t, func() bool { return held(two)[epoch] == held(one)[epoch] && len(held(two)) == 1 }, 20*time.Second, 5*time.Millisecond, why)
	}
	await(first, "it loads what another process made")
	done, err := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 1}).Roll(t.Context(), "2031-02")
	require.NoError(t, err)
	require.Equal(t, []string{first}, done.Ended)
	require.Eventually(t, func() bool { return len(held(two)) == 1 && held(two)["2031-02"] == 1 }, 20*time.Second, 5*time.Millisecond, "nothing of the old epoch is left")
	require.NoError(t, two.Load(t.Context(), keys.Operations, scope))
	_, err = two.Lookup(scope, keys.Operations)
	require.NoError(t, err)
}

// A moody root can be away, slow, or without its keys.
type moody struct {
	keys.Root
	asked atomic.Int64
	mood  atomic.Value // func(context.Context) error
}

func newMoody(root keys.Root) *moody {
	m := &moody{Root: root}
	m.be(func(context.Context) error { return nil })
	return m
}

func (m *moody) be(mood func(context.Context) error) { m.mood.Store(mood) }

func (m *moody) Wrap(ctx context.Context, epoch string, plain []keys.Plain) ([][]byte, error) {
	m.asked.Add(1)
	if err := m.mood.Load().(func(context.Context) error)(ctx); err != nil {
		return nil, err
	}
	return m.Root.Wrap(ctx, epoch, plain)
}

func (m *moody) Unwrap(ctx context.Context, epoch string, wrapped []keys.Wrapped) ([][]byte, error) {
	m.asked.Add(1)
	if err := m.mood.Load().(func(context.Context) error)(ctx); err != nil {
		return nil, err
	}
	return m.Root.Unwrap(ctx, epoch, wrapped)
}

func away(context.Context) error { return keys.ErrUnavailable }

func slow(ctx context.Context) error {
	<-ctx.Done()
	return errors.Join(keys.ErrUnavailable, ctx.Err())
}

// TestNewKeysWhileTheRootIsAway: what is warm goes on however many scopes are
// made, what is cold is refused at once, and nobody asks the root all the time.
func TestNewKeysWhileTheRootIsAway(t *testing.T) {
	t.Parallel()
	for name, mood := range map[string]func(context.Context) error{"away": away, "slow": slow} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local := keyring(t)
			synctest.Test(t, func(t *testing.T) {
				store, root := newMemory(), newMoody(local)
				warm, cold := keys.New(store, root, keys.Options{Reserve: 8}), keys.New(store, root, keys.Options{})
				scope, err := warm.Create(t.Context(), "seaview")
				require.NoError(t, err)
				root.be(mood)
				before, began := root.asked.Load(), time.Now()
				for range 500 {
					made, err := warm.Create(t.Context(), "seaview")
					require.NoError(t, err)
					_, err = warm.Seal(t.Context(), made, keys.Operations, "place", nil)
					require.NoError(t, err)
				}
				require.Less(t, time.Since(began), 3*time.Second, "virtual: one patience, and the pause after it")
				require.LessOrEqual(t, root.asked.Load()-before, int64(2))

				_, err = cold.Loaded(t.Context(), scope, keys.Operations)
				require.ErrorIs(t, err, keys.ErrUnavailable)
				began = time.Now()
				for range 100 {
					_, err = cold.Loaded(t.Context(), scope, keys.Operations)
					require.ErrorIs(t, err, keys.ErrUnavailable)
				}
				require.Zero(t, time.Since(began), "virtual: told at once")

				root.be(func(context.Context) error { return nil })
				time.Sleep(8 * time.Second) // virtual: longer than a pause and a probe
				_, err = cold.Loaded(t.Context(), scope, keys.Operations)
				require.NoError(t, err, "it finds out by itself")
			})
		})
	}
}

// TestASlowRootIsNotAway: one that answers, however late, is asked by whoever
// needs it, and what it answered late is there for those who come after.
func TestASlowRootIsNotAway(t *testing.T) {
	t.Parallel()
	local := keyring(t)
	synctest.Test(t, func(t *testing.T) {
		store, root := newMemory(), newMoody(local)
		options := keys.Options{Buckets: 1 << 20} // so many that the next one is cold
		busy, other := keys.New(store, root, options), keys.New(store, root, options)
		theirs, err := other.Create(t.Context(), "seaview")
		require.NoError(t, err)
		require.NoError(t, busy.Reserve(t.Context(), "seaview", 1))
		root.be(func(ctx context.Context) error {
			select {
			case <-time.After(4 * time.Second): // virtual
				return nil
			case <-ctx.Done():
				return errors.Join(keys.ErrUnavailable, ctx.Err())
			}
		})
		before := len(keys.Held(busy))
		began := time.Now()
		require.NoError(t, busy.Reserve(t.Context(), "seaview", 1), "a warm bucket does")
		require.NoError(t, busy.Reserve(t.Context(), "seaview", 1))
		require.Less(t, time.Since(began), 2*time.Second, "virtual: one patience for all who come while the root thinks")
		hurried, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // virtual
		defer cancel()
		require.Error(t, busy.Load(hurried, keys.Operations, theirs))
		require.NoError(t, busy.Load(t.Context(), keys.Operations, theirs), "nobody's hurry is a failure of the root")
		time.Sleep(8 * time.Second) // virtual: a bucket key is made and read back
		require.Greater(t, len(keys.Held(busy)), before+1, "what was asked for is there, though nobody waited")
	})
}

// TestNothingHangsOnALostRoot: a warm bucket key whose root key is gone for
// certain wraps nothing new: it could not be opened after a restart.
func TestNothingHangsOnALostRoot(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	ring := keys.New(newMemory(), root, keys.Options{Buckets: 1 << 20}) // so many that the next one is cold
	require.NoError(t, ring.Reserve(t.Context(), "seaview", 1))
	require.NoError(t, root.Destroy(t.Context(), keys.Held(ring)[0].Epoch))
	require.ErrorIs(t, ring.Reserve(t.Context(), "seaview", 1), keys.ErrEpochGone)
}
