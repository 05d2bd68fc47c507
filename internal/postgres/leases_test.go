//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/clocktest"
	"github.com/voicehive/voicehive/internal/postgres"
)

// TestAPoolThatCannotBeMadeGivesItsLoginBack: the lease comes before the pool.
func TestAPoolThatCannotBeMadeGivesItsLoginBack(t *testing.T) {
	t.Parallel()
	l := newLender(t, time.Hour, time.Hour)
	_, err := postgres.Open(t.Context(), l.url(), postgres.WithCredentials(l), postgres.WithMaxConns(0))
	require.ErrorContains(t, err, "making the pool")
	alive, gone := l.users()
	require.Equal(t, []int{0, 1}, []int{alive, gone})

	_, err = postgres.Open(t.Context(), l.url()+"&host=127.0.0.1&port=1", postgres.WithCredentials(l), postgres.WithPatience(time.Millisecond))
	require.ErrorContains(t, err, "no server answered")
	alive, gone = l.users()
	require.Equal(t, []int{0, 2}, []int{alive, gone}, "nor does one that reaches no server keep it")
}

// A keen lender lends and renews, and answers nobody who gives a login back.
type keen struct {
	*lender
	asked atomic.Int64
	over  chan struct{}
}

func (k *keen) Revoke(ctx context.Context, _ postgres.Lease) error {
	k.asked.Add(1)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-k.over:
		return nil
	}
}

// TestASlowRevocationKeepsNoLoginFromBeingRenewed: logins go on being replaced
// while the lender does not take the old ones.
func TestASlowRevocationKeepsNoLoginFromBeingRenewed(t *testing.T) {
	t.Parallel()
	k := &keen{lender: newLender(t, 2*time.Second, 5*time.Second), over: make(chan struct{})}
	pool, err := postgres.Open(t.Context(), k.url(), postgres.WithCredentials(k), postgres.WithMaxConns(2))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	t.Cleanup(func() { close(k.over) })
	users, after := map[string]bool{}, 0
	deadline := time.Now().Add(time.Minute)
	for after < 3 {
		require.True(t, time.Now().Before(deadline), "the logins rotate no more")
		user, err := whoami(t.Context(), pool)
		require.NoError(t, err)
		if !users[user] && k.asked.Load() > 0 {
			after++ // replaced while a revocation hangs
		}
		users[user] = true
	}
}

// TestALeaseIgnoresTheWallClock: it ends when its time has passed, whatever date
// it is meanwhile.
func TestALeaseIgnoresTheWallClock(t *testing.T) {
	t.Parallel()
	for _, jump := range clocktest.Jumps() {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			clock := clocktest.New()
			l := newLender(t, 30*time.Minute, time.Hour)
			pool := l.open(postgres.WithClock(clock.Now), postgres.WithMaxConns(1))
			first, err := whoami(t.Context(), pool)
			require.NoError(t, err)
			l.leave(errors.New("the Vault is sealed"))
			cut := func() {
				l.database.Admin(t, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename like 'v-test-%' and datname = current_database()")
			}
			again := func() (user string, err error) {
				cut()
				require.Eventually(t, func() bool { // the pool finds out that its connection is dead
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					defer cancel()
					user, err = whoami(ctx, pool)
					return err == nil || errors.Is(err, postgres.ErrNoLogin)
				}, time.Minute, 10*time.Millisecond)
				return user, err
			}
			clock.Set(jump)
			user, err := again()
			require.NoError(t, err, "the login lives")
			require.Equal(t, first, user)
			clock.Pass(29 * time.Minute)
			_, err = again()
			require.NoError(t, err)
			clock.Pass(2 * time.Minute)
			_, err = again()
			require.ErrorIs(t, err, postgres.ErrNoLogin, "it has ended")
			l.leave(nil)
			require.Eventually(t, func() bool {
				_, err := whoami(t.Context(), pool)
				return err == nil
			}, time.Minute, 10*time.Millisecond)
		})
	}
}
