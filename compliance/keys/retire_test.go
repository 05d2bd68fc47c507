package keys_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
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
	refused := func(epoch string) {
		t.Helper()
		_, err := roller.Retire(t.Context(), epoch)
		require.ErrorIs(t, err, keys.ErrNotRetirable)
	}
	var guests kept
	ring := keystest.NewRing(t, database, root)
	for range 5 {
		require.NoError(t, guests.book(t.Context(), ring))
	}
	refused("2031-01")
	_, err = roller.CheckBackup(t.Context(), keystest.Backup(t, database).Pool(t), "Ada")
	require.ErrorIs(t, err, keys.ErrBackup, "nothing waits for one")
	_, err = roller.Roll(t.Context(), "2031-02")
	require.NoError(t, err)
	refused("1999-01")

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
	refused("2031-01")
	database.Admin(t, "insert into key_backup_check values ('2031-01', (select rewrapped_at from key_epoch where epoch = '2031-01') - interval '1 second', 9, '', 'Ada')")
	refused("2031-01")

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

	ada, bob := person(t, database, "ada"), person(t, database, "bob")
	for range 2 { // under however many leases, she is one person
		end, err := keys.NewRoller(ada(), root, keys.RollerOptions{}).Retire(t.Context(), "2031-01")
		require.NoError(t, err)
		require.Equal(t, keys.Retirement{Person: "ada", ApprovedBy: []string{"ada"}}, end)
	}
	all, err := roller.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"ada"}, all[0].ApprovedBy)
	require.True(t, all[0].Retired.IsZero())
	// The keeper is away when the key should go: the end is repeated.
	_, err = keys.NewRoller(bob(), deaf{root}, keys.RollerOptions{}).Retire(t.Context(), "2031-01")
	require.ErrorIs(t, err, keys.ErrUnavailable)
	end, err := keys.NewRoller(bob(), root, keys.RollerOptions{}).Retire(t.Context(), "2031-01")
	require.NoError(t, err)
	require.True(t, end.Retired)
	all, err = roller.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"ada", "bob"}, all[0].ApprovedBy)
	require.False(t, all[0].Retired.IsZero())
	require.Zero(t, all[0].Buckets)
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))
}

// person returns a way to lease logins as one person, named as Vault names them.
func person(t *testing.T, database *postgrestest.Database, name string) (lease func() *postgres.Pool) {
	return func() *postgres.Pool {
		t.Helper()
		login, password := "v-"+name+"-"+rand.Text()[:20], rand.Text()
		database.Admin(t, fmt.Sprintf(`create role %q login noinherit password '%s' valid until 'tomorrow' in role voicehive_roller`, login, password))
		config, err := pgx.ParseConfig(database.URL)
		require.NoError(t, err)
		pool, err := postgres.Open(t.Context(), fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", login, password, config.Host, config.Port, config.Database))
		require.NoError(t, err)
		t.Cleanup(func() {
			pool.Close()
			database.Admin(t, fmt.Sprintf("drop role %q", login))
		})
		return pool
	}
}

// TestNobodyTypesWhoApproves: the database fills in who it is, and refuses a
// lease that does not tell.
func TestNobodyTypesWhoApproves(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8})
	for _, epoch := range []string{"2031-01", "2031-02"} {
		_, err := roller.Roll(t.Context(), epoch)
		require.NoError(t, err)
	}
	_, err := roller.CheckBackup(t.Context(), keystest.Backup(t, database).Pool(t), "Ada")
	require.NoError(t, err)
	pool := person(t, database, "ada")()
	for _, forged := range []string{
		"insert into key_approval (epoch, person) values ('2031-01', 'bob')",
		"insert into key_approval (epoch, login) values ('2031-01', 'bob')",
		"update key_approval set person = 'bob'",
		"delete from key_approval",
	} {
		_, err := pool.Role(postgres.RoleRoller).Exec(t.Context(), forged)
		require.ErrorContains(t, err, "permission denied", forged)
	}
	end, err := roller.Retire(t.Context(), "2031-01")
	require.NoError(t, err)
	require.Equal(t, "voicehive_login", end.Person, "a login without an end is a person's own")
	require.False(t, end.Retired)

	login, password := "lease"+strings.ToLower(rand.Text()), rand.Text()
	database.Admin(t, fmt.Sprintf("create role %s login noinherit password '%s' valid until 'tomorrow' in role voicehive_roller", login, password))
	t.Cleanup(func() { database.Admin(t, "drop role "+login) })
	config, err := pgx.ParseConfig(database.URL)
	require.NoError(t, err)
	nameless, err := postgres.Open(t.Context(), fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", login, password, config.Host, config.Port, config.Database))
	require.NoError(t, err)
	t.Cleanup(nameless.Close)
	_, err = keys.NewRoller(nameless, root, keys.RollerOptions{}).Retire(t.Context(), "2031-01")
	require.ErrorIs(t, err, keys.ErrFourEyes)
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
