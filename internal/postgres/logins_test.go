//go:build unix

package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
)

// whoami asks a pool for the login of one of its connections.
func whoami(ctx context.Context, pool *postgres.Pool) (user string, err error) {
	err = pool.InTenant(ctx, "aurora", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select session_user::text").Scan(&user)
	})
	return user, err
}

func TestALeasedLoginIsHeldByRowSecurity(t *testing.T) {
	t.Parallel()
	l := newLender(t, time.Hour, time.Hour)
	pool := l.open()
	login, err := postgres.CheckLogin(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, login.Problems())
	require.True(t, strings.HasPrefix(login.Name, "v-test-"), login.Name)
	alive, _ := l.users()
	require.Equal(t, 1, alive)
	pool.Close()
	alive, gone := l.users()
	require.Equal(t, []int{0, 1}, []int{alive, gone}, "the last login is given back")
}

func TestALeaseDoesNotPrintItsPassword(t *testing.T) {
	t.Parallel()
	lease := postgres.Lease{User: "v-1", Password: "secretword"}
	text, err := json.Marshal(lease)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %q", lease, &lease, lease, lease, lease)+string(text), "secretword")
}

func TestALeasedLoginWantsNoPasswordInTheURL(t *testing.T) {
	t.Parallel()
	l := newLender(t, time.Hour, time.Hour)
	_, err := postgres.Open(t.Context(), l.database.URL, postgres.WithCredentials(l))
	require.ErrorContains(t, err, "take the password out")
	l.leave(errors.New("the Vault is sealed"))
	_, err = postgres.Open(t.Context(), l.url(), postgres.WithCredentials(l), postgres.WithPatience(time.Millisecond))
	require.ErrorIs(t, err, postgres.ErrNoLogin)
	require.ErrorContains(t, err, "the Vault is sealed")
}

// TestLoginsRotateUnderAWriter: leases end for good every few seconds, and not
// one of many writes fails.
func TestLoginsRotateUnderAWriter(t *testing.T) {
	t.Parallel()
	l := newLender(t, 2*time.Second, 5*time.Second)
	pool := l.open(postgres.WithMaxConns(3))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	users, writes := map[string]bool{}, 0
	var writers sync.WaitGroup
	for n := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				booking := fmt.Sprintf("b-%d-%d", n, i)
				err := pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
					var user string
					if err := tx.QueryRow(t.Context(), "select session_user::text from pg_sleep(0.02)").Scan(&user); err != nil {
						return err
					}
					mu.Lock()
					users[user], writes = true, writes+1
					seen := len(users)
					mu.Unlock()
					if _, gone := l.users(); seen >= 3 && gone >= 1 {
						cancel()
					}
					_, err := tx.Exec(t.Context(), "insert into guest (hotel, booking, sealed) values ('aurora', $1, '')", booking)
					return err
				})
				if err != nil {
					t.Errorf("write %d failed: %v", i, err)
					return
				}
			}
		})
	}
	writers.Wait()
	require.ErrorIs(t, ctx.Err(), context.Canceled, "several logins wrote, and old ones were given back meanwhile")
	alive, _ := l.users()
	require.LessOrEqual(t, alive, 3)
	var stored int
	require.NoError(t, pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select count(*) from guest").Scan(&stored)
	}))
	require.Equal(t, writes, stored)
}

// TestAnOldLoginLivesAsLongAsItsTransactions: a successor comes long before the
// connections' age would end them. Idle ones go at once; a transaction ends in
// peace, and then the old login is given back.
func TestAnOldLoginLivesAsLongAsItsTransactions(t *testing.T) {
	t.Parallel()
	l := newLender(t, time.Hour, time.Hour)
	pool := l.open(postgres.WithMaxConns(2))
	var first string
	require.NoError(t, pool.InTenant(t.Context(), "aurora", func(held pgx.Tx) error {
		first = ask[string](t, held, "select session_user::text")
		idle, err := whoami(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, first, idle)
		l.mu.Lock()
		l.over = true
		l.mu.Unlock()
		postgres.LookAtLease(pool)
		require.Eventually(t, func() bool {
			idle, err = whoami(t.Context(), pool)
			require.NoError(t, err)
			return idle != first
		}, time.Minute, 10*time.Millisecond)
		// Longer than an unused login is kept.
		require.Equal(t, first, ask[string](t, held, "select session_user::text from pg_sleep(5)"))
		_, gone := l.users()
		require.Zero(t, gone)
		return nil
	}))
	require.Eventually(t, func() bool {
		_, gone := l.users()
		return gone == 1
	}, time.Minute, 10*time.Millisecond)
	last, err := whoami(t.Context(), pool)
	require.NoError(t, err)
	require.NotEqual(t, first, last)
}

func TestConnectionsGoOnWhileTheLenderIsAway(t *testing.T) {
	t.Parallel()
	l := newLender(t, 3*time.Second, time.Hour)
	lines := make(logLines, 64)
	pool := l.open(postgres.WithMaxConns(2), postgres.WithLogger(slog.New(slog.NewTextHandler(lines, nil))))
	require.NoError(t, pool.InTenant(t.Context(), "aurora", func(held pgx.Tx) error {
		l.leave(errors.New("the Vault is sealed"))
		line := <-lines
		require.Contains(t, line, "could not be renewed")
		_, err := whoami(t.Context(), pool)
		require.NoError(t, err, "the login still lives")
		// Until it has ended.
		l.database.Admin(t, "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'v-test-%' and datname = current_database() and state = 'idle'")
		require.Eventually(t, func() bool {
			_, err = whoami(t.Context(), pool)
			l.database.Admin(t, "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'v-test-%' and datname = current_database() and state = 'idle'")
			return errors.Is(err, postgres.ErrNoLogin)
		}, time.Minute, 100*time.Millisecond)
		require.ErrorContains(t, err, "the Vault is sealed")
		require.NotEmpty(t, ask[string](t, held, "select session_user::text"), "an open connection goes on")
		l.leave(nil)
		require.Eventually(t, func() bool {
			_, err := whoami(t.Context(), pool)
			return err == nil
		}, time.Minute, 10*time.Millisecond, "nobody restarts anything")
		return nil
	}))
}

func TestALoginThatSomebodyDroppedIsReplaced(t *testing.T) {
	t.Parallel()
	l := newLender(t, time.Hour, time.Hour)
	pool := l.open()
	first, err := whoami(t.Context(), pool)
	require.NoError(t, err)
	l.mu.Lock()
	l.drop(first)
	l.mu.Unlock()
	var next string
	require.Eventually(t, func() bool {
		next, err = whoami(t.Context(), pool)
		return err == nil
	}, time.Minute, 10*time.Millisecond)
	require.NotEqual(t, first, next)
}

// TestAReceiverFollowsTheLogin: it holds a connection for ever, which must not
// keep the old login alive.
func TestAReceiverFollowsTheLogin(t *testing.T) {
	t.Parallel()
	l := newLender(t, 2*time.Second, 3*time.Second)
	pool := l.open()
	opened := make(chan struct{}, 1)
	for range 2 {
		err := pool.Channel("news").Receive(t.Context(), func() { opened <- struct{}{} }, func(string) {})
		require.ErrorContains(t, err, "receive again")
		<-opened
	}
	require.Eventually(t, func() bool {
		_, gone := l.users()
		return gone > 0
	}, time.Minute, 10*time.Millisecond)
}

// logLines hands on what is logged.
type logLines chan string

func (l logLines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default:
	}
	return len(p), nil
}
