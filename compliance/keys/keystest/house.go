package keystest

import (
	"bytes"
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// NewRing returns a ring with few buckets over the root and database, as one
// process has it.
func NewRing(t testing.TB, database *postgrestest.Database, root keys.Root) *keys.Ring {
	t.Helper()
	return keys.New(keys.NewPostgres(database.Pool(t)), root, keys.Options{Buckets: 8, Reserve: 4})
}

// Backup copies the key database as it is to a fresh one, as a restored backup.
func Backup(t testing.TB, database *postgrestest.Database) *postgrestest.Database {
	t.Helper()
	ctx := context.Background()
	restored := postgrestest.New(t, keys.Migrations)
	from, err := pgx.Connect(ctx, database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = from.Close(ctx) }()
	to, err := pgx.Connect(ctx, restored.AdminURL)
	require.NoError(t, err)
	defer func() { _ = to.Close(ctx) }()
	// One snapshot, as pg_dump takes it.
	_, err = from.Exec(ctx, "begin isolation level repeatable read read only")
	require.NoError(t, err)
	for _, table := range []string{"key_epoch", "bucket_key", "scope_key", "scope_subject", "key_backup_check", "key_approval"} {
		// Identity columns are copied with their values; COPY does so always.
		var rows bytes.Buffer
		_, err = from.PgConn().CopyTo(ctx, &rows, "copy "+table+" to stdout (format binary)")
		require.NoError(t, err)
		_, err = to.PgConn().CopyFrom(ctx, &rows, "copy "+table+" from stdin (format binary)")
		require.NoError(t, err)
	}
	return restored
}

func servesARing(t *testing.T, root keys.Root) {
	database := postgrestest.New(t, keys.Migrations)
	epoch := newEpoch()
	open(t, database, root, epoch)
	one, two := NewRing(t, database, root), NewRing(t, database, root)
	scope, err := one.Create(t.Context(), "seaview")
	require.NoError(t, err)
	sealed := map[keys.Purpose][]byte{}
	for _, purpose := range keys.Purposes() {
		require.NoError(t, one.Ensure(t.Context(), purpose, scope))
		sealed[purpose], err = one.Seal(t.Context(), scope, purpose, "place", []byte(purpose))
		require.NoError(t, err)
	}
	n, err := two.Warm(t.Context())
	require.NoError(t, err)
	require.Positive(t, n)
	for purpose, data := range sealed {
		opened, err := two.Open(t.Context(), scope, purpose, "place", data)
		require.NoError(t, err)
		require.Equal(t, string(purpose), string(opened))
	}
	gone, err := one.DestroyPurposes(t.Context(), scope, keys.Recording, keys.Consent)
	require.NoError(t, err)
	require.Len(t, gone, 2)
	fresh := NewRing(t, database, root)
	for purpose, data := range sealed {
		_, err := fresh.Open(t.Context(), scope, purpose, "place", data)
		if purpose == keys.Recording || purpose == keys.Consent {
			require.ErrorIs(t, err, keys.ErrDestroyed)
			require.ErrorIs(t, fresh.Ensure(t.Context(), purpose, scope), keys.ErrDestroyed)
		} else {
			require.NoError(t, err, purpose)
		}
	}
}

// open rolls an empty database into its first epoch.
func open(t *testing.T, database *postgrestest.Database, root keys.Root, epoch string) *keys.Roller {
	t.Helper()
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8, Batch: 7, Alone: true})
	done, err := roller.Roll(t.Context(), epoch)
	require.NoError(t, err)
	require.Equal(t, epoch, done.Epoch)
	return roller
}

func rolls(t *testing.T, root keys.Root) {
	database := postgrestest.New(t, keys.Migrations)
	first, second := newEpoch(), newEpoch()
	roller := open(t, database, root, first)
	ring := NewRing(t, database, root)
	var scopes []keys.Scope
	var sealed [][]byte
	for range 20 {
		scope, err := ring.Create(t.Context(), "seaview")
		require.NoError(t, err)
		data, err := ring.Seal(t.Context(), scope, keys.Operations, "place", []byte("Ada"))
		require.NoError(t, err)
		scopes, sealed = append(scopes, scope), append(sealed, data)
	}
	opens := func(r *keys.Ring, i int) error {
		_, err := r.Open(t.Context(), scopes[i], keys.Operations, "place", sealed[i])
		return err
	}
	old := Backup(t, database)
	_, err := ring.Destroy(t.Context(), scopes[0])
	require.NoError(t, err)
	require.NoError(t, opens(NewRing(t, old, root), 0), "an old backup has the key of an erased guest")

	done, err := roller.Roll(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, second, done.Epoch)
	require.Equal(t, []string{first}, done.Ended)
	require.GreaterOrEqual(t, done.Moved, int64(2*19))
	_, err = roller.Retire(t.Context(), first)
	require.ErrorIs(t, err, keys.ErrNotRetirable, "no backup was checked")
	_, err = roller.CheckBackup(t.Context(), old.Pool(t), "Ada")
	require.ErrorIs(t, err, keys.ErrBackup, "this backup is from before the roll")

	checked, err := roller.CheckBackup(t.Context(), Backup(t, database).Pool(t), "Ada")
	require.NoError(t, err)
	require.Equal(t, []string{first}, checked.Epochs)
	for range 2 { // again is no error
		end, err := roller.Retire(t.Context(), first)
		require.NoError(t, err)
		require.True(t, end.Retired)
	}

	live, dead := NewRing(t, database, root), NewRing(t, old, root)
	require.ErrorIs(t, opens(live, 0), keys.ErrDestroyed)
	for i := 1; i < len(scopes); i++ {
		require.NoError(t, opens(live, i))
	}
	for i := range scopes {
		require.ErrorIs(t, opens(dead, i), keys.ErrEpochGone, "the old backup still opens")
	}
}
