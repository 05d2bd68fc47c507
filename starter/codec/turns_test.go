package codec

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/starter"
)

// enters takes a place in the line and does not wait.
func enters(t *testing.T, all *turns, name string) chan struct{} {
	t.Helper()
	mine, err := all.enter(name)
	require.NoError(t, err)
	return mine
}

func requireKind(t *testing.T, kind starter.Kind, err error) {
	t.Helper()
	var p *starter.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, kind.Code, p.Code)
	require.Positive(t, p.RetryAfter)
}

func has(mine chan struct{}) bool {
	select {
	case <-mine:
		return true
	default:
		return false
	}
}

func TestAUserHasFewTurnsAtOnce(t *testing.T) {
	t.Parallel()
	all := newTurns()
	var greedy []chan struct{}
	for range waitingPerUser {
		greedy = append(greedy, enters(t, all, "greedy"))
	}
	for i, mine := range greedy {
		require.Equal(t, i < perUser, has(mine), i)
	}
	require.True(t, has(enters(t, all, "another")), "who asks once is not behind who asks for much")
	for range perUser {
		enters(t, all, "greedy")
	}
	_, err := all.enter("greedy")
	requireKind(t, starter.TooMany, err)
	require.True(t, has(enters(t, all, "third")))
}

// Turns that become free go to each user in turn, whoever came first.
func TestTurnsGoRound(t *testing.T) {
	t.Parallel()
	all := newTurns()
	for i := range atOnce {
		require.True(t, has(enters(t, all, strconv.Itoa(i))))
	}
	var greedy []chan struct{}
	for range 10 {
		greedy = append(greedy, enters(t, all, "greedy"))
	}
	late := enters(t, all, "late")
	all.end("0")
	require.True(t, has(greedy[0]))
	require.False(t, has(late))
	all.end("1")
	require.True(t, has(late), "the second free turn, before the other nine")
}

func TestTheLineIsBounded(t *testing.T) {
	t.Parallel()
	all := newTurns()
	for i := range atOnce + waitingAll {
		enters(t, all, strconv.Itoa(i))
	}
	_, err := all.enter("one more")
	requireKind(t, starter.Unavailable, err)
	require.Len(t, all.users, atOnce+waitingAll, "who is refused is not remembered")
}

func TestWhoWaitsTooLongLeaves(t *testing.T) {
	t.Parallel()
	all := newTurns()
	all.patience = time.Nanosecond
	for i := range atOnce {
		enters(t, all, strconv.Itoa(i))
	}
	_, err := all.take(t.Context(), "late")
	requireKind(t, starter.Unavailable, err)
	all.patience = time.Hour
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = all.take(gone, "late")
	requireKind(t, starter.Unavailable, err)
	require.NotContains(t, all.users, "late")
	require.Empty(t, all.queue)
	all.end("0")
	done, err := all.take(t.Context(), "late")
	require.NoError(t, err)
	done()
}

// Whatever comes, goes and gives up: no turn is lost, none is made, and nobody
// has more than their share.
func TestTurnsAreNeitherLostNorMade(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
	rapid.Check(t, func(t *rapid.T) {
		type place struct {
			name string
			mine chan struct{}
		}
		all, line := newTurns(), []place{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if len(line) == 0 || rapid.Bool().Draw(t, "comes") {
				name := names.Draw(t, "who")
				mine, err := all.enter(name)
				if err == nil {
					line = append(line, place{name, mine})
				}
				continue
			}
			i := rapid.IntRange(0, len(line)-1).Draw(t, "who goes")
			all.leave(line[i].name, line[i].mine)
			line = append(line[:i], line[i+1:]...)
			held := map[string]int{}
			for _, p := range line {
				if has(p.mine) {
					held[p.name]++
				}
			}
			sum := 0
			for name, n := range held {
				if sum += n; n > perUser {
					t.Fatalf("%s has %d turns", name, n)
				}
			}
			if sum+all.free != atOnce {
				t.Fatalf("%d turns are out and %d free", sum, all.free)
			}
			if all.waiting != len(line)-sum {
				t.Fatalf("%d wait, and %d are counted", len(line)-sum, all.waiting)
			}
		}
	})
}

// With the race detector this is the test of the locks.
func TestTurnsOfManyAtOnce(t *testing.T) {
	t.Parallel()
	all := newTurns()
	all.patience = time.Hour
	var wg sync.WaitGroup
	var failed sync.Map
	for i := range 40 {
		wg.Go(func() {
			for range 50 {
				done, err := all.take(t.Context(), strconv.Itoa(i%10))
				if err != nil {
					failed.Store(i, err)
					return
				}
				done()
			}
		})
	}
	wg.Wait()
	failed.Range(func(_, err any) bool {
		require.NoError(t, errors.New(err.(error).Error()))
		return false
	})
	require.Equal(t, atOnce, all.free)
	require.Empty(t, all.users)
}
