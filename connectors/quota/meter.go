package quota

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// A meter is one credential's limit, as this process shares in it.
type meter struct {
	limits *Limits
	key    [sha256.Size]byte
	vendor string
	counts counts

	mu          sync.Mutex
	lines       [2]line   // by effect
	closedUntil time.Time // the vendor allows nothing before
	alone       alone
}

var (
	_ transport.Limiter  = (*meter)(nil)
	_ transport.Observer = (*meter)(nil)
)

// A line is the requests of one effect.
type line struct {
	waiting []*waiter // in their order
	served  bool      // somebody asks the ledger for those who wait
	next    time.Time // nothing is to be had before
	step    time.Duration

	leased int // ahead, until it ends
	ends   time.Time
	// used since the last lease tells how many will be wanted.
	used  int
	since time.Time
}

// A waiter is a request without a turn yet.
type waiter struct {
	deadline time.Time // zero: none
	turn     chan turn // takes one
}

// A turn is a waiter's answer.
type turn struct {
	at  time.Time // not before
	err error
}

// Wait implements transport.Limiter.
func (m *meter) Wait(ctx context.Context, effect transport.Effect) error {
	began := time.Now()
	for again := false; ; again = true {
		m.mu.Lock()
		if m.take(effect, began, again) {
			m.mu.Unlock()
			m.counts.granted[effect].Inc()
			return nil
		}
		w, err := m.queue(ctx, effect)
		m.mu.Unlock()
		if err == nil {
			err = m.await(ctx, effect, w)
		}
		if errors.Is(err, errClosed) {
			continue
		}
		m.counts.waited[effect].Add(time.Since(began).Seconds())
		if err != nil {
			return m.refused(effect, err)
		}
		m.counts.granted[effect].Inc()
		return nil
	}
}

// errClosed: the vendor closed the credential before a turn came.
var errClosed = errors.New("closed")

// take uses up a leased request, if there is one and nobody stands before. A
// write may use one that was leased for reads, since that is counted already.
func (m *meter) take(effect transport.Effect, now time.Time, again bool) bool {
	own := &m.lines[effect]
	if again || now.Before(m.closedUntil) || len(own.waiting) > 0 {
		return false
	}
	own.used++
	if m.draw(own, now) {
		return true
	}
	return effect == transport.Write && m.draw(&m.lines[transport.Read], now)
}

func (m *meter) draw(l *line, now time.Time) bool {
	if l.leased > 0 && now.After(l.ends) {
		m.counts.unused.Add(float64(l.leased))
		l.leased = 0
	}
	if l.leased == 0 {
		return false
	}
	l.leased--
	return true
}

// queue puts a request at the end of its line, and sees to it that the line is
// served. One whose turn would come too late is refused.
func (m *meter) queue(ctx context.Context, effect transport.Effect) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, now := &m.lines[effect], time.Now()
	w := &waiter{turn: make(chan turn, 1)}
	w.deadline, _ = ctx.Deadline()
	free := later(later(l.next, m.closedUntil), now).Add(time.Duration(len(l.waiting)) * l.step)
	if free.After(now) && late(w, free) {
		return nil, tooLate(free.Sub(now))
	}
	l.waiting = append(l.waiting, w)
	if !l.served {
		l.served = true
		go m.serve(effect)
	}
	return w, nil
}

// await waits for a turn and until it has come.
func (m *meter) await(ctx context.Context, effect transport.Effect, w *waiter) error {
	select {
	case got := <-w.turn:
		if got.err != nil {
			return got.err
		}
		if !sleep(ctx, time.Until(got.at)) {
			return ctx.Err()
		}
	case <-ctx.Done():
		m.leave(effect, w)
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.closedUntil) {
		return errClosed
	}
	return nil
}

// leave takes a request out of its line. A turn that came in the same moment
// goes to the next one.
func (m *meter) leave(effect transport.Effect, w *waiter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &m.lines[effect]
	if i := slices.Index(l.waiting, w); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	select {
	case got := <-w.turn:
		if now := time.Now(); got.err == nil && !got.at.After(now) && now.Before(l.ends) {
			l.leased++
		}
	default:
	}
}

// refused counts and names why a request is not sent. Time that ran out in the
// line is the limit's doing and says nothing of the vendor.
func (m *meter) refused(effect transport.Effect, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	m.counts.refused[effect].Inc()
	if errors.Is(err, context.DeadlineExceeded) {
		return tooLate(time.Second)
	}
	return err
}

func late(w *waiter, free time.Time) bool {
	return !w.deadline.IsZero() && w.deadline.Before(free)
}

func tooLate(pause time.Duration) error {
	return &pms.Error{Kind: pms.ErrRateLimited, RetryAfter: pause, Detail: "this credential's own request limit is used up"}
}

// sleep is false when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
