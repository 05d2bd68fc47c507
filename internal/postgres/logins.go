package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// leaseCall bounds one call to the lender, and how long a connection waits for
// a login.
const leaseCall = 10 * time.Second

// A loan is a lease that is in use.
type loan struct {
	Lease
	endsAt  time.Time     // by the clock of this process
	retired chan struct{} // closed when another one took its place
	since   time.Time     // of the retirement
	open    int           // connections
}

// logins keep a pool supplied with a login that lives.
type logins struct {
	from  Credentials
	log   *slog.Logger
	pool  *pgxpool.Pool // set before keep
	grace time.Duration // an old login is kept at least
	clock func() time.Time
	stop  context.CancelFunc
	once  sync.Once // for the end
	tasks sync.WaitGroup
	kick  chan struct{} // holds one: look at the lease now

	mu      sync.Mutex
	now     *loan
	old     []*loan
	changed chan struct{} // closed when now changes
	failure error         // of the last call to the lender
	suspect string        // a user whom the server refused
	blamed  time.Time     // when that last cost a login
}

// borrow takes the first lease, with some patience for a lender that is not
// there yet.
func borrow(ctx context.Context, from Credentials, o options) (*logins, error) {
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	retry := time.NewTicker(200 * time.Millisecond)
	defer retry.Stop()
	for {
		asked := o.clock()
		lease, err := from.Lease(ctx)
		if err == nil {
			return &logins{
				from: from, log: o.log, clock: o.clock, kick: make(chan struct{}, 1), changed: make(chan struct{}),
				now: newLoan(lease, asked),
			}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrNoLogin, err)
		case <-retry.C:
		}
	}
}

// newLoan counts a lease's time from when it was asked for: the answer may have
// been slow.
func newLoan(lease Lease, asked time.Time) *loan {
	return &loan{Lease: lease, endsAt: asked.Add(lease.TTL), retired: make(chan struct{})}
}

// attach makes a pool connect with the logins. A connection lives shorter than
// its login would without a renewal.
func (l *logins) attach(config *pgxpool.Config) {
	config.MaxConnLifetime = min(config.MaxConnLifetime, l.now.TTL/2)
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 6
	// A connection that began with the old login may still come.
	l.grace = 3 * config.ConnConfig.ConnectTimeout
	config.BeforeConnect = func(ctx context.Context, c *pgx.ConnConfig) error {
		lease, err := l.current(ctx)
		c.User, c.Password = lease.User, lease.Password
		return err
	}
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		l.count(c, 1)
		return nil
	}
	config.BeforeClose = func(c *pgx.Conn) { l.count(c, -1) }
}

// current is the login to connect with. When it has ended it waits a little,
// for the keeper may be about to get another.
func (l *logins) current(ctx context.Context) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseCall)
	defer cancel()
	for {
		l.mu.Lock()
		now, changed, failure := l.now, l.changed, l.failure
		holds := l.clock().Before(now.endsAt)
		l.mu.Unlock()
		if holds {
			return now.Lease, nil
		}
		l.wake()
		select {
		case <-changed:
		case <-ctx.Done():
			if failure == nil {
				failure = ctx.Err()
			}
			return Lease{}, fmt.Errorf("%w: %w", ErrNoLogin, failure)
		}
	}
}

// count follows how many connections use a login.
func (l *logins) count(c *pgx.Conn, by int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, each := range append([]*loan{l.now}, l.old...) {
		if each.User == c.Config().User {
			each.open += by
		}
	}
}

// follow ends ctx when the connection's login gets a successor; for connections
// that do not come back to the pool. Without leases it never does.
func (l *logins) follow(ctx context.Context, c *pgx.Conn) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	if l == nil {
		return ctx, func() { end(nil) }
	}
	l.mu.Lock()
	retired := make(chan struct{})
	if l.now.User == c.Config().User {
		retired = l.now.retired
	} else {
		close(retired)
	}
	l.mu.Unlock()
	go func() {
		select {
		case <-retired:
			end(errSuccessor)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { end(nil) }
}

// left notes that a connection was closed outside of the pool.
func (l *logins) left(c *pgx.Conn) {
	if l != nil {
		l.count(c, -1)
	}
}

// noticed looks at a failure: when the server refused the login, somebody may
// have dropped it.
func (l *logins) noticed(err error) {
	if l == nil || err == nil || !refusedLogin(err) {
		return
	}
	l.mu.Lock()
	l.suspect = l.now.User
	l.mu.Unlock()
	l.wake()
}

func (l *logins) wake() {
	select {
	case l.kick <- struct{}{}:
	default: // it will look anyway
	}
}

// start begins to keep the lease of a pool.
func (l *logins) start(pool *pgxpool.Pool) {
	l.pool = pool
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	l.tasks.Go(func() { l.keep(ctx) })
	l.tasks.Go(func() { l.sweep(ctx) })
}

// abandon gives a login back with which no pool could be made.
func (l *logins) abandon() {
	if l != nil {
		l.giveAllBack()
	}
}

// close ends the keeping; give the logins back after the pool was closed.
func (l *logins) close() (giveBack func()) {
	if l == nil {
		return func() {}
	}
	l.stop()
	l.tasks.Wait()
	return l.giveAllBack
}

func (l *logins) giveAllBack() {
	l.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), leaseCall)
		defer cancel()
		l.giveBack(ctx, true)
	})
}
