package keys

import "time"

// WithClock returns the options with another clock.
func WithClock(o Options, clock func() time.Time) Options {
	o.clock = clock
	return o
}

// Held are the bucket keys that are in memory.
func Held(r *Ring) []BucketID { return r.buckets.held.Keys() }
