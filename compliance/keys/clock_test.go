package keys_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/clocktest"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestAKeysLifeIgnoresTheWallClock: a deaf process serves a destroyed key for a
// minute at most and a living one for a minute at least, whatever date it is
// told in between.
func TestAKeysLifeIgnoresTheWallClock(t *testing.T) {
	t.Parallel()
	root := keyring(t)
	for _, jump := range clocktest.Jumps() {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			clock, store := clocktest.New(), newMemory()
			one, deaf := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.WithClock(keys.Options{}, clock.Now))
			scope, err := one.Create(t.Context(), "seaview")
			require.NoError(t, err)
			require.NoError(t, deaf.Load(t.Context(), keys.Operations, scope))
			reserved, err := deaf.Create(t.Context(), "seaview")
			require.NoError(t, err)
			_, err = one.Destroy(t.Context(), scope, reserved)
			require.NoError(t, err)
			clock.Set(jump)
			clock.Pass(59 * time.Second)
			_, err = deaf.Lookup(scope, keys.Operations)
			require.NoError(t, err, "nothing is lost before its time")
			clock.Pass(time.Second)
			for _, s := range []keys.Scope{scope, reserved} {
				_, err = deaf.Lookup(s, keys.Operations)
				require.ErrorIs(t, err, keys.ErrNotLoaded, "nothing is served beyond it")
				_, err = deaf.Loaded(t.Context(), s, keys.Operations)
				require.ErrorIs(t, err, keys.ErrDestroyed)
			}
			clock.Set(0) // and back again
			next, err := deaf.Create(t.Context(), "seaview")
			require.NoError(t, err)
			_, err = deaf.Seal(t.Context(), next, keys.Operations, "place", nil)
			require.NoError(t, err)
		})
	}
}

// TestARootsPauseIgnoresTheWallClock: it is asked again when the pause is over.
func TestARootsPauseIgnoresTheWallClock(t *testing.T) {
	t.Parallel()
	for _, jump := range clocktest.Jumps() {
		clock, store, root := clocktest.New(), newMemory(), newMoody(keyring(t))
		one, two := keys.New(store, root, keys.Options{}), keys.New(store, root, keys.WithClock(keys.Options{}, clock.Now))
		scope, err := one.Create(t.Context(), "seaview")
		require.NoError(t, err)
		root.be(away)
		require.ErrorIs(t, two.Load(t.Context(), keys.Operations, scope), keys.ErrUnavailable)
		root.be(func(context.Context) error { return nil })
		clock.Set(jump)
		require.ErrorIs(t, two.Load(t.Context(), keys.Operations, scope), keys.ErrUnavailable)
		clock.Pass(2 * time.Second)
		require.NoError(t, two.Load(t.Context(), keys.Operations, scope), jump)
	}
}

// TestEpochsAreInTheOrderOfTheirRolls: the name says a month, as some clock told
// it. One that was wrong opens no epoch twice, and loses nothing.
func TestEpochsAreInTheOrderOfTheirRolls(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 2})
	var guests kept
	for _, name := range []string{"2031-01", "2032-07", "2031-02"} { // a year and a half ahead, and right again
		_, err := roller.Roll(t.Context(), name)
		require.NoError(t, err)
		require.NoError(t, guests.book(t.Context(), keystest.NewRing(t, database, root)))
	}
	_, err := roller.Roll(t.Context(), "2031-01")
	require.ErrorIs(t, err, keys.ErrEpochName, "back in a month that was")
	all, err := roller.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.True(t, all[2].Closed.IsZero())
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))
}
