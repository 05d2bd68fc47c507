// Package heartbeat tells Temporal that the worker of a long activity is
// alive, so that a dead one is noticed long before the activity's time is over.
//
// It stands on the activities floor and serves the rooms beside it.
package heartbeat

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// Every is how often a running activity tells. A heartbeat time-out should be
// a few times as long.
const Every = time.Second

// Start beats until the returned function is called or ctx ends. An activity
// that ends within Every costs no heartbeat at all. For whoever does an
// activity's work without being one, there is nobody to tell.
func Start(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(Every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return func() { close(done) }
}
