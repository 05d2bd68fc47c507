package quota

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// scripted is a ledger that answers as told, for moments that a real one brings
// about by chance only.
type scripted struct {
	leases func(ask) (reply, error)
	closes *int
}

func (s scripted) lease(_ context.Context, a ask) (reply, error) { return s.leases(a) }

func (s scripted) close(context.Context, [sha256.Size]byte, string, time.Duration, time.Duration) (time.Duration, error) {
	*s.closes++
	return 10 * time.Second, nil
}

func meterOn(t *testing.T, leases func(ask) (reply, error)) *meter {
	t.Helper()
	limits, err := newLimits(scripted{leases, new(int)}, Options{})
	require.NoError(t, err)
	return limits.Limiter("vendor/x").(*meter)
}

// TestOneWhoLeavesWithATurn gives it to the next.
func TestOneWhoLeavesWithATurn(t *testing.T) {
	t.Parallel()
	m := meterOn(t, nil)
	m.lines[transport.Read].ends = time.Now().Add(time.Minute)
	leaving := func(got turn) int {
		w := &waiter{turn: make(chan turn, 1)}
		w.turn <- got
		m.leave(transport.Read, w)
		return m.lines[transport.Read].leased
	}
	require.Equal(t, 1, leaving(turn{}))
	require.Equal(t, 1, leaving(turn{at: time.Now().Add(time.Hour)}), "a turn that has not come is nobody's")
	require.Equal(t, 1, leaving(turn{err: context.Canceled}))
	m.lines[transport.Read].ends = time.Now()
	require.Equal(t, 1, leaving(turn{}), "the lease is over")
	m.leave(transport.Read, &waiter{turn: make(chan turn, 1)}) // answered already
}

// TestTurnsAheadGoToThoseWhoCanWait: of two writes the first cannot wait for a
// turn that comes for both, and one leaves before its turn has come.
func TestTurnsAheadGoToThoseWhoCanWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := make(chan struct{})
		m := meterOn(t, func(a ask) (reply, error) {
			<-begin
			return reply{granted: 1, pause: 2 * time.Second}, nil
		})
		write := func(d time.Duration) chan error {
			answer := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), d)
				defer cancel()
				answer <- m.Wait(ctx, transport.Write)
			}()
			synctest.Wait()
			return answer
		}
		hasty, patient := write(time.Second), write(time.Minute)
		began := time.Now()
		close(begin)
		require.ErrorIs(t, <-hasty, pms.ErrRateLimited)
		require.Equal(t, began, time.Now(), "at once")
		require.NoError(t, <-patient)
		require.Equal(t, 2*time.Second, time.Since(began), "in the other's place")

		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		began = time.Now()
		require.ErrorIs(t, m.Wait(ctx, transport.Write), context.Canceled)
		require.Equal(t, time.Second, time.Since(began))
	})
}

// TestATurnAheadIsNoneWhenTheVendorCloses before it has come.
func TestATurnAheadIsNoneWhenTheVendorCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := meterOn(t, func(ask) (reply, error) { return reply{granted: 1, pause: 2 * time.Second}, nil })
		time.AfterFunc(time.Second, func() {
			m.Observe(context.Background(), transport.Observation{Refused: true, Wait: 10 * time.Second})
		})
		began := time.Now()
		require.NoError(t, m.Wait(t.Context(), transport.Write))
		require.GreaterOrEqual(t, time.Since(began), 11*time.Second)
	})
}

// TestAClosedCredentialIsAskedForOnce: neither requests nor refusals that come
// together ask the ledger again and again.
func TestAClosedCredentialIsAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		m := meterOn(t, func(ask) (reply, error) { asked++; return reply{pause: time.Minute, closed: true}, nil })
		for i := range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			require.ErrorIs(t, m.Wait(ctx, transport.Effect(i%2)), pms.ErrRateLimited)
			cancel()
		}
		require.Equal(t, 1, asked)
		synctest.Wait()

		m = meterOn(t, nil)
		for range 3 {
			m.Observe(t.Context(), transport.Observation{Refused: true, Wait: 10 * time.Second})
		}
		require.Equal(t, 1, *m.limits.base.(scripted).closes)
		m.Observe(t.Context(), transport.Observation{Refused: true, Wait: 20 * time.Second})
		require.Equal(t, 2, *m.limits.base.(scripted).closes, "a longer pause is news")
	})
}

// TestAWriteMayUseWhatReadsLeased, and reads nothing that writes leased.
func TestAWriteMayUseWhatReadsLeased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		m := meterOn(t, func(ask) (reply, error) { asked++; return reply{granted: 2}, nil })
		require.NoError(t, m.Wait(t.Context(), transport.Read))
		require.NoError(t, m.Wait(t.Context(), transport.Write))
		require.Equal(t, 1, asked)
		require.NoError(t, m.Wait(t.Context(), transport.Write))
		require.NoError(t, m.Wait(t.Context(), transport.Read))
		require.Equal(t, 3, asked)
	})
}

// TestWhatWasSentAloneIsTold: also what was sent while the ledger was looked
// for, and what a failed question had told already.
func TestWhatWasSentAloneIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var spent []int
		away, hold := true, make(chan struct{})
		m := meterOn(t, func(a ask) (reply, error) {
			if away {
				return reply{}, errors.New("away")
			}
			if a.wanted == 0 {
				<-hold
			}
			spent = append(spent, a.spent)
			return reply{granted: a.waiting}, nil
		})
		send := func(n int) {
			for range n {
				require.NoError(t, m.Wait(t.Context(), transport.Write))
			}
			synctest.Wait()
		}
		send(2)
		time.Sleep(2 * time.Second)
		away = false
		send(1) // begins the search
		send(1)
		close(hold)
		synctest.Wait()
		send(1)
		require.Equal(t, []int{3, 1}, spent)

		m.alone.spent, spent, away = 5, nil, true
		send(1)
		require.Empty(t, spent)
		require.Equal(t, 6, m.alone.spent)
	})
}

// TestClosedMeanwhile: a process without the database learns, when it finds it
// again, that others were told to stop.
func TestClosedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away, found := true, make(chan struct{})
		m := meterOn(t, func(ask) (reply, error) {
			if away {
				return reply{}, errors.New("away")
			}
			<-found
			return reply{pause: time.Minute, closed: true}, nil
		})
		require.NoError(t, m.Wait(t.Context(), transport.Write))
		time.Sleep(2 * time.Second)
		away = false
		require.NoError(t, m.Wait(t.Context(), transport.Write), "the search is beside")
		close(found)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := m.Wait(ctx, transport.Write)
		require.ErrorIs(t, err, pms.ErrRateLimited)
		var refused *pms.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, time.Minute, refused.RetryAfter)
	})
}
