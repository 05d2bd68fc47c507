package codec

import "time"

// WithPatience returns the options with another wait for a turn.
func WithPatience(o Options, d time.Duration) Options {
	o.patience = d
	return o
}
