package client

import (
	"context"
	"time"

	"github.com/voicehive/voicehive/starter"
)

// settlePause is how long Settle waits before it sends a write again.
const settlePause = 500 * time.Millisecond

// Settle sends a write until its outcome is known: send must use the same
// Idempotency-Key each time. It learns the outcome of a change too, which a
// look at the reservation alone does not tell, and outlasts an API that does
// not answer for a while. A *Problem that repeating cannot mend ends it.
func (c *Client) Settle(ctx context.Context, send func(context.Context) (starter.Reservation, error)) (starter.Reservation, error) {
	for {
		r, err := send(ctx)
		if err == nil && r.Settled() || err != nil && !passing(err) {
			return r, err
		}
		timer := time.NewTimer(settlePause)
		select {
		case <-ctx.Done():
			timer.Stop()
			if err == nil {
				err = ctx.Err()
			}
			return r, err
		case <-timer.C:
		}
	}
}
