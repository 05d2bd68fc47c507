package keys_test

import (
	"context"
	"io/fs"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func TestRetireWantsProof(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8})
	_, err := roller.Roll(t.Context(), "2031-01")
	require.NoError(t, err)
	var guests kept
	ring := keystest.NewRing(t, database, root)
	for range 5 {
		require.NoError(t, guests.book(t.Context(), ring))
	}
	require.ErrorIs(t, roller.Retire(t.Context(), "2031-01", "Ada", "Bob"), keys.ErrNotRetirable, "the current one")
	_, err = roller.CheckBackup(t.Context(), keystest.Backup(t, database).Pool(t), "Ada")
	require.ErrorIs(t, err, keys.ErrBackup, "nothing waits for one")
	_, err = roller.Roll(t.Context(), "2031-02")
	require.NoError(t, err)
	require.ErrorIs(t, roller.Retire(t.Context(), "1999-01", "Ada", "Bob"), keys.ErrNotRetirable)

	_, err = roller.CheckBackup(t.Context(), database.Pool(t), "Ada")
	require.ErrorIs(t, err, keys.ErrBackup, "the live database is no backup of itself")
	for name, harm := range map[string]string{
		"a key is missing":     "delete from scope_key where purpose = 'operations' and scope = '" + guests.scopes[2].ID + "'",
		"a key is another":     "update scope_key set wrapped = overlay(wrapped placing '\\x00'::bytea from 20) where purpose = 'operations' and scope = '" + guests.scopes[2].ID + "'",
		"bucket keys are lost": "alter table scope_key drop constraint scope_key_epoch_bucket_fkey; delete from bucket_key",
		"bucket keys are bad":  "update bucket_key set wrapped = overlay(wrapped placing '\\x00'::bytea from 20)",
		"from before the roll": "update key_epoch set rewrapped_at = null",
	} {
		copied := keystest.Backup(t, database)
		copied.Admin(t, harm)
		_, err = roller.CheckBackup(t.Context(), copied.Pool(t), "Ada")
		require.ErrorIs(t, err, keys.ErrBackup, name)
	}
	require.ErrorIs(t, roller.Retire(t.Context(), "2031-01", "Ada", "Bob"), keys.ErrNotRetirable)
	database.Admin(t, "insert into key_backup_check values ('2031-01', (select rewrapped_at from key_epoch where epoch = '2031-01') - interval '1 second', 9, '', 'Ada')")
	require.ErrorIs(t, roller.Retire(t.Context(), "2031-01", "Ada", "Bob"), keys.ErrNotRetirable, "a check from before the end of the roll")

	good := keystest.Backup(t, database)
	late := len(guests.scopes)
	require.NoError(t, ring.Reserve(t.Context(), "seaview", 3)) // after the backup
	require.NoError(t, guests.book(t.Context(), ring))
	_, err = roller.CheckBackup(t.Context(), good.Pool(t), " ")
	require.Error(t, err, "nobody did it")
	checked, err := roller.CheckBackup(t.Context(), good.Pool(t), "Ada")
	require.NoError(t, err)
	require.Equal(t, []string{"2031-01"}, checked.Epochs)
	require.GreaterOrEqual(t, checked.Rows, int64(2*late))
	require.GreaterOrEqual(t, checked.Newer, int64(2*3))
	require.Len(t, checked.Digest, 32)

	for name, people := range map[string][]string{"nobody": nil, "one": {"Ada"}, "one twice": {"Ada", " ada"}, "an empty name": {"Ada", ""}} {
		require.ErrorIs(t, roller.Retire(t.Context(), "2031-01", people...), keys.ErrFourEyes, name)
	}
	// The keeper is away when the key should go: the end is repeated.
	away := keys.NewRoller(database.Pool(t), deaf{root}, keys.RollerOptions{})
	require.ErrorIs(t, away.Retire(t.Context(), "2031-01", "Ada", "Bob"), keys.ErrUnavailable)
	require.NoError(t, roller.Retire(t.Context(), "2031-01", "Ada", "Bob"))
	all, err := roller.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"Ada", "Bob"}, all[0].ApprovedBy)
	require.False(t, all[0].Retired.IsZero())
	require.Zero(t, all[0].Buckets)
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))
}

type deaf struct{ keys.Root }

func (deaf) Destroy(context.Context, string) error { return errDown }

// TestKeysFromBeforeBuckets: a database that was filled before there were
// purposes and buckets works as before, and its keys move in the first roll.
func TestKeysFromBeforeBuckets(t *testing.T) {
	t.Parallel()
	first, err := fs.ReadFile(keys.Migrations, "00001_scope_key.sql")
	require.NoError(t, err)
	database, root := postgrestest.New(t, fstest.MapFS{"00001_scope_key.sql": {Data: first}}), keyring(t)
	require.NoError(t, root.Create(t.Context(), "local-1"))
	scope, subject := newScope("seaview"), uuid.New()
	field := func(s string) string { return string([]byte{0, 0, 0, byte(len(s))}) + s }
	aad := field("voicehive/wrap/1") + field("seaview") + field(scope.ID) + field("1")
	wrapped, err := root.Wrap(t.Context(), "local-1", []keys.Plain{{Key: make([]byte, 32), AAD: []byte(aad)}})
	require.NoError(t, err)
	_, err = connect(t, database).Exec(t.Context(), "insert into scope_key (tenant, scope, epoch, wrapped, subject) values ('seaview', $1, 'local-1', $2, $3)", scope.ID, wrapped[0], subject)
	require.NoError(t, err)
	require.NoError(t, postgres.Migrate(t.Context(), database.OwnerURL, keys.Migrations, postgres.GrantTo(loginOf(t, database))))
	found, err := keys.NewSubjects(database.Pool(t)).Scopes(t.Context(), "seaview", subject)
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{scope}, found)

	ring := keystest.NewRing(t, database, root)
	sealed, err := ring.Seal(t.Context(), scope, keys.Operations, "place", []byte("Ada"))
	require.NoError(t, err)
	done, err := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8}).Roll(t.Context(), "2031-01")
	require.NoError(t, err)
	require.Equal(t, []string{"local-1"}, done.Ended)
	require.NoError(t, root.Destroy(t.Context(), "local-1"))
	opened, err := keystest.NewRing(t, database, root).Open(t.Context(), scope, keys.Operations, "place", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))
}

// loginOf is the user that the product connects as.
func loginOf(t *testing.T, database *postgrestest.Database) string {
	t.Helper()
	config, err := pgx.ParseConfig(database.URL)
	require.NoError(t, err)
	return config.User
}

// TestRollerMakesAndDestroysNoScopeKey: the database holds the two workloads
// apart, whatever their code does.
func TestRollerMakesAndDestroysNoScopeKey(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	require.NoError(t, new(kept).book(t.Context(), keystest.NewRing(t, database, root)))
	pool := database.Pool(t)
	for i, forbidden := range []struct {
		role postgres.Role
		sql  string
	}{
		{postgres.RoleRoller, "insert into scope_key (tenant, scope, purpose, epoch, wrapped) values ('seaview', '" + uuid.NewString() + "', 'operations', 'x', '')"},
		{postgres.RoleRoller, "update scope_key set wrapped = null, destroyed_at = now()"},
		{postgres.RoleRoller, "delete from scope_key"},
		{postgres.RoleRoller, "select from scope_subject"},
		{postgres.RoleKeys, "update key_epoch set closed_at = now()"},
		{postgres.RoleKeys, "delete from bucket_key"},
		{postgres.RoleKeys, "insert into key_backup_check (epoch, rows, digest, by) values ('x', 1, '', 'me')"},
		{postgres.RoleKeys, "update scope_key set epoch = 'x'"},
		{postgres.RoleKeys, "delete from scope_key"},
	} {
		_, err := pool.Role(forbidden.role).Exec(t.Context(), forbidden.sql)
		require.ErrorContains(t, err, "permission denied", strconv.Itoa(i))
	}
}
