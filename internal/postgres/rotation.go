package postgres

import (
	"context"
	"errors"
	"time"
)

const (
	// leaseCheck is how often a lease is renewed at least. A lease can end before
	// its time, with the token that asked for it; the renewal finds out.
	leaseCheck = time.Minute
	// suspicion is how long a refused login is not replaced once more: it may not
	// be the login's fault.
	suspicion = time.Minute
)

// keep tends the lease until ctx ends.
func (l *logins) keep(ctx context.Context) {
	failures := 0
	due := time.NewTimer(min(l.now.TTL/3, leaseCheck))
	defer due.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		case <-l.kick:
		}
		wait := min(l.now.TTL/3, leaseCheck) // only this goroutine changes now
		if err := l.tend(ctx); err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			failures = min(failures+1, 5)
			wait = time.Second << failures / 2
			l.log.Warn("The database login could not be renewed.", "error", err, "ends", l.now.endsAt.Sub(l.clock()).Round(time.Second), "again_in", wait)
		}
		due.Reset(wait)
	}
}

// tend renews the lease, or takes another one in its place.
func (l *logins) tend(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseCall)
	defer cancel()
	if l.blame() {
		return l.rotate(ctx)
	}
	asked := l.clock()
	left, err := l.from.Renew(ctx, l.now.Lease)
	switch {
	case errors.Is(err, ErrLeaseOver):
		return l.rotate(ctx)
	case err != nil:
		l.fail(err)
		return err
	}
	l.mu.Lock()
	l.now.endsAt, l.failure = asked.Add(left), nil
	l.mu.Unlock()
	if left < l.now.TTL/2 { // its longest life comes near
		return l.rotate(ctx)
	}
	return nil
}

// blame tells whether the server refused the login that is in use.
func (l *logins) blame() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	guilty := l.suspect == l.now.User && l.clock().Sub(l.blamed) > suspicion
	l.suspect = ""
	if guilty {
		l.blamed = l.clock()
	}
	return guilty
}

// rotate puts a new login in place of the one in use. Connections of the old
// one end as they come back to the pool; no query fails.
func (l *logins) rotate(ctx context.Context) error {
	asked := l.clock()
	lease, err := l.from.Lease(ctx)
	if err != nil {
		l.fail(err)
		return err
	}
	l.mu.Lock()
	last := l.now
	last.since = l.clock()
	l.old = append(l.old, last)
	l.now, l.failure = newLoan(lease, asked), nil
	close(l.changed)
	l.changed = make(chan struct{})
	l.mu.Unlock()
	close(last.retired)
	l.pool.Reset()
	return nil
}

func (l *logins) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure = err
}

// sweep gives old logins back until ctx ends. It stands beside keep, for a lender
// that is slow to take one must not keep another from being renewed.
func (l *logins) sweep(ctx context.Context) {
	next := time.NewTicker(time.Second)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			l.giveBack(ctx, false)
		}
	}
}

// giveBack revokes old logins that nobody uses any more; all of them when told.
// What cannot be revoked ends by itself.
func (l *logins) giveBack(ctx context.Context, all bool) {
	l.mu.Lock()
	var unused, used []*loan
	for _, each := range l.old {
		if all || each.open <= 0 && l.clock().Sub(each.since) > l.grace || l.clock().After(each.endsAt) {
			unused = append(unused, each)
		} else {
			used = append(used, each)
		}
	}
	l.old = used
	if all {
		unused = append(unused, l.now)
	}
	l.mu.Unlock()
	for _, each := range unused {
		asking, cancel := context.WithTimeout(ctx, leaseCall)
		err := l.from.Revoke(asking, each.Lease)
		cancel()
		switch {
		case err != nil && ctx.Err() != nil && !all: // the pool is being closed
			l.mu.Lock()
			l.old = append(l.old, each)
			l.mu.Unlock()
		case err != nil:
			l.log.Warn("A database login that is not needed any more could not be given back; it ends by itself.", "error", err)
		}
	}
}
