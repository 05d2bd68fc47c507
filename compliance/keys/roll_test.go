package keys_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// kept is what a test sealed and must be able to open.
type kept struct {
	mu     sync.Mutex
	scopes []keys.Scope
	sealed [][]byte
}

// book does what a booking does with keys.
func (k *kept) book(ctx context.Context, ring *keys.Ring) error {
	scope, err := ring.Create(ctx, "seaview")
	if err != nil {
		return err
	}
	data, err := ring.Seal(ctx, scope, keys.Operations, "place", []byte(scope.ID))
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.scopes, k.sealed = append(k.scopes, scope), append(k.sealed, data)
	return nil
}

func (k *kept) requireAllOpen(t *testing.T, ring *keys.Ring) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	require.NotEmpty(t, k.scopes)
	for i, scope := range k.scopes {
		opened, err := ring.Open(t.Context(), scope, keys.Operations, "place", k.sealed[i])
		require.NoError(t, err)
		require.Equal(t, scope.ID, string(opened))
	}
}

func live(t *testing.T, roller *keys.Roller) map[string]int64 {
	t.Helper()
	all, err := roller.Status(t.Context())
	require.NoError(t, err)
	out := map[string]int64{}
	for _, e := range all {
		out[e.Name] = e.Live
	}
	return out
}

// TestRollBesideBookings: keys are made and destroyed while epochs follow one
// another; none stays behind in an old epoch and none is lost.
func TestRollBesideBookings(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	var guests kept
	var ends []keys.Scope
	var wg sync.WaitGroup
	for range 4 {
		ring := keystest.NewRing(t, database, root)
		require.NoError(t, guests.book(t.Context(), ring))
		wg.Go(func() {
			for range 100 {
				if err := guests.book(t.Context(), ring); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	eraser := keystest.NewRing(t, database, root)
	wg.Go(func() {
		for range 100 {
			guests.mu.Lock()
			last := len(guests.scopes) - 1
			ends = append(ends, guests.scopes[last])
			guests.scopes, guests.sealed = guests.scopes[:last], guests.sealed[:last]
			guests.mu.Unlock()
			if _, err := eraser.Destroy(t.Context(), ends[len(ends)-1]); err != nil {
				t.Error(err)
				return
			}
			if err := guests.book(t.Context(), eraser); err != nil {
				t.Error(err)
				return
			}
		}
	})
	// Two rollers at once: the second finds less to do.
	for i := range 5 {
		name := fmt.Sprintf("2031-%02d", i)
		var rolling sync.WaitGroup
		for range 2 {
			roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8, Batch: 20})
			rolling.Go(func() {
				_, err := roller.Roll(t.Context(), name)
				if err != nil {
					t.Error(err)
				}
			})
		}
		rolling.Wait()
	}
	wg.Wait()
	for epoch, n := range live(t, keys.NewRoller(database.Pool(t), root, keys.RollerOptions{})) {
		require.Equal(t, epoch == "2031-04", n > 0, "%s has %d live keys", epoch, n)
	}
	fresh := keystest.NewRing(t, database, root)
	guests.requireAllOpen(t, fresh)
	for _, scope := range ends {
		_, err := fresh.Loaded(t.Context(), scope, keys.Operations)
		require.ErrorIs(t, err, keys.ErrDestroyed)
	}
}

// TestRollWaitsForAKeyUnderWay: a key whose transaction began before the epoch
// was closed, and ends after, is moved like all others.
func TestRollWaitsForAKeyUnderWay(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	ring, roller := keystest.NewRing(t, database, root), keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8})
	require.NoError(t, ring.EnsureTenant(t.Context(), "seaview"))
	admin, watch := connect(t, database), connect(t, database)
	await := func(question string) {
		for found := false; !found; {
			require.NoError(t, watch.QueryRow(t.Context(), question).Scan(&found))
		}
	}
	// Somebody who holds the key's place keeps the insert waiting.
	scope := newScope("seaview")
	_, err := admin.Exec(t.Context(), "begin; insert into scope_key (tenant, scope, purpose, epoch, destroyed_at) values ('seaview', '"+scope.ID+"', 'operations', 'none', now())")
	require.NoError(t, err)
	ensured, rolled := make(chan error, 1), make(chan error, 1)
	go func() { ensured <- ring.Ensure(t.Context(), keys.Operations, scope) }()
	await("select exists (select from pg_locks join pg_stat_activity using (pid) where locktype = 'transactionid' and not granted and datname = current_database())")
	go func() {
		_, err := roller.Roll(t.Context(), "2031-01")
		rolled <- err
	}()
	await("select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())) or exists (select from key_epoch where rewrapped_at is not null)")
	_, err = admin.Exec(t.Context(), "rollback")
	require.NoError(t, err)
	require.NoError(t, <-ensured)
	require.NoError(t, <-rolled)
	require.Equal(t, map[string]int64{keys.NewEpochName(time.Now()): 0, "2031-01": 3}, live(t, roller))
	_, err = keystest.NewRing(t, database, root).Loaded(t.Context(), scope, keys.Operations)
	require.NoError(t, err)
}

func connect(t *testing.T, database *postgrestest.Database) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database.AdminURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// flaky is a root that ends the run after some calls.
type flaky struct {
	keys.Root
	mu   sync.Mutex
	left int
	end  context.CancelFunc
}

func (f *flaky) count() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left == 0 {
		f.end()
	}
}

func (f *flaky) Create(ctx context.Context, epoch string) error {
	f.count()
	return f.Root.Create(ctx, epoch)
}

func (f *flaky) Wrap(ctx context.Context, epoch string, plain []keys.Plain) ([][]byte, error) {
	f.count()
	return f.Root.Wrap(ctx, epoch, plain)
}

func (f *flaky) Unwrap(ctx context.Context, epoch string, wrapped []keys.Wrapped) ([][]byte, error) {
	f.count()
	return f.Root.Unwrap(ctx, epoch, wrapped)
}

func TestInterruptedRollGoesOn(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	var guests kept
	ring := keystest.NewRing(t, database, root)
	for range 40 {
		require.NoError(t, guests.book(t.Context(), ring))
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	interrupted := 0
	for round := 0; ; round++ {
		ctx, cancel := context.WithCancel(t.Context())
		bad := &flaky{Root: root, left: 1 + chance.IntN(9), end: cancel}
		roller := keys.NewRoller(database.Pool(t, postgres.WithMaxConns(2)), bad, keys.RollerOptions{Buckets: 8, Batch: 6,
			Progress: func(string, int64, int64) { bad.count() }})
		done, err := roller.Roll(ctx, "2031-01")
		cancel()
		guests.requireAllOpen(t, keystest.NewRing(t, database, root))
		if err == nil && len(done.Ended) == 0 {
			break // nothing was left to do
		}
		if err != nil {
			interrupted++
		}
		require.Less(t, round, 200)
	}
	require.Positive(t, interrupted)
	all, err := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{}).Status(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2, "an interrupted roll must not open another epoch")
	require.Zero(t, all[0].Live)
	require.False(t, all[0].Rewrapped.IsZero())
	require.Equal(t, "2031-01", all[1].Name)
}

func TestKilledRollGoesOn(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, keys.Migrations)
	path := t.TempDir() + "/keyring.json"
	root, err := keys.OpenLocalKeyring(path, "test")
	require.NoError(t, err)
	var guests kept
	ring := keystest.NewRing(t, database, root)
	for range 40 {
		require.NoError(t, guests.book(t.Context(), ring))
	}
	for range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), rollChild+"="+database.URL, rollChild+"_KEYRING="+path)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		_, err = out.Read(make([]byte, 6)) // the first batch is done, others are not
		require.NoError(t, err)
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait())
	}
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8})
	done, err := roller.Roll(t.Context(), "2031-01")
	require.NoError(t, err)
	require.Len(t, done.Ended, 1)
	require.Positive(t, done.Moved, "the child was killed too late to show anything")
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))
}

func TestRollOfADamagedKeyDoesNotEnd(t *testing.T) {
	t.Parallel()
	database, root := postgrestest.New(t, keys.Migrations), keyring(t)
	var guests kept
	ring := keystest.NewRing(t, database, root)
	for range 5 {
		require.NoError(t, guests.book(t.Context(), ring))
	}
	bad := guests.scopes[0]
	database.Admin(t, "update scope_key set wrapped = overlay(wrapped placing '\\x00'::bytea from 20) where purpose = 'operations' and scope = '"+bad.ID+"'")
	roller := keys.NewRoller(database.Pool(t), root, keys.RollerOptions{Buckets: 8})
	_, err := roller.Roll(t.Context(), "2031-01")
	require.ErrorIs(t, err, keys.ErrDamaged)
	_, err = ring.Destroy(t.Context(), bad)
	require.NoError(t, err)
	guests.scopes, guests.sealed = guests.scopes[1:], guests.sealed[1:]
	done, err := roller.Roll(t.Context(), "2031-01")
	require.NoError(t, err)
	require.Len(t, done.Ended, 1)
	guests.requireAllOpen(t, keystest.NewRing(t, database, root))

	_, err = roller.Roll(t.Context(), done.Ended[0])
	require.ErrorIs(t, err, keys.ErrEpochName, "a name is used once")
	_, err = roller.Roll(t.Context(), "No epoch")
	require.ErrorIs(t, err, keys.ErrEpochName)
}
