package keys

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// rootPause is how long a root that failed is not asked again.
	rootPause = 2 * time.Second
	// rootDeadline is how long the root may take to answer: who needs longer
	// counts as away. It is shorter than loadTimeout, so that a shared load finds
	// out.
	rootDeadline = 5 * time.Second
)

// errRootFailed is the answer in the root's place, just after it failed.
var errRootFailed = errors.New("the root's keeper failed a moment ago")

// A cautious root does not let everybody wait for a keeper that is away: after
// a failure it answers ErrUnavailable itself, and lets one through now and then
// to find out. So who needs a key that is in memory is not held up by who needs
// another, and a caller is told at once to come again.
type cautious struct {
	Root
	clock func() time.Time

	mu     sync.Mutex
	failed bool
	until  time.Time // of the caution
}

// Wrap implements Root.
func (c *cautious) Wrap(ctx context.Context, epoch string, plain []Plain) (out [][]byte, err error) {
	return out, c.ask(ctx, func(ctx context.Context) error {
		out, err = c.Root.Wrap(ctx, epoch, plain)
		return err
	})
}

// Unwrap implements Root.
func (c *cautious) Unwrap(ctx context.Context, epoch string, wrapped []Wrapped) (out [][]byte, err error) {
	return out, c.ask(ctx, func(ctx context.Context) error {
		out, err = c.Root.Unwrap(ctx, epoch, wrapped)
		return err
	})
}

func (c *cautious) ask(ctx context.Context, do func(context.Context) error) error {
	if !c.may() {
		return unavailable("ask the root", errRootFailed)
	}
	asking, cancel := context.WithTimeout(ctx, rootDeadline)
	defer cancel()
	err := do(asking)
	c.learn(ctx.Err() != nil, err)
	return err
}

// may tells whether to ask. Of those who come when the pause is over, one may.
func (c *cautious) may() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.failed {
		return true
	}
	now := c.clock()
	if now.Before(c.until) {
		return false
	}
	c.until = now.Add(rootDeadline)
	return true
}

// learn takes what is known for certain as a sign of life. Somebody who gave up
// by himself, or had less time than the root may take, says nothing about it.
func (c *cautious) learn(gaveUp bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil, errors.Is(err, ErrTampered), errors.Is(err, ErrEpochGone):
		c.failed = false
	case gaveUp:
		c.until = time.Time{} // the next one may ask
	default:
		c.failed, c.until = true, c.clock().Add(rootPause)
	}
}
