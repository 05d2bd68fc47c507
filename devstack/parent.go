package main

import (
	"context"
	"os"
	"time"
)

const parentPoll = 200 * time.Millisecond

// withParent ends the context when this process gets another parent, which is
// how a Unix process sees that its own has died, of kill -9 too. Linux's parent
// death signal would fire early: it watches the thread that forked, and a Go
// parent's threads come and go.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		ticker := time.NewTicker(parentPoll)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if os.Getppid() != parent {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}
