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
}

func (s scripted) lease(_ context.Context, a ask) (reply, error) { return s.leases(a) }

func (s scripted) close(context.Context, [sha256.Size]byte, string, time.Duration, time.Duration) (time.Duration, error) {
	return 0, errors.New("not asked here")
}

func meterOn(t *testing.T, leases func(ask) (reply, error)) *meter {
	t.Helper()
	limits, err := newLimits(scripted{leases}, Options{})
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
		close(begin)
		require.ErrorIs(t, <-hasty, pms.ErrRateLimited)
		require.NoError(t, <-patient)

		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		require.ErrorIs(t, m.Wait(ctx, transport.Write), context.Canceled)
		require.Equal(t, time.Second, time.Since(began))
	})
}

// TestClosedMeanwhile: a process without the database learns, when it finds it
// again, that others were told to stop.
func TestClosedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := true
		m := meterOn(t, func(a ask) (reply, error) {
			if away {
				return reply{}, errors.New("away")
			}
			return reply{pause: time.Minute, closed: true}, nil
		})
		require.NoError(t, m.Wait(t.Context(), transport.Write))
		time.Sleep(2 * time.Second)
		away = false
		require.NoError(t, m.Wait(t.Context(), transport.Write), "the search is beside")
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
