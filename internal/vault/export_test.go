package vault

import "time"

// WithClock returns the options with another clock.
func WithClock(o Options, clock func() time.Time) Options {
	o.clock = clock
	return o
}
