package postgres

import "time"

// LookAtLease makes a pool renew its lease now.
func LookAtLease(p *Pool) { p.logins.wake() }

// WithClock gives a pool another clock.
func WithClock(clock func() time.Time) Option {
	return func(o *options) { o.clock = clock }
}
