package transport

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	permits "github.com/failsafe-go/failsafe-go/bulkhead"

	"github.com/voicehive/voicehive/connectors/pms"
)

// The bounds of one hotel at one vendor. A hotel whose system is slow holds no
// more than these, so it takes neither connections nor the turns of a shared
// credential from its neighbours.
const (
	defaultSlots = 32
	readSlots    = 0.75 // of the slots; the rest is for writes alone
	queuePerSlot = 8    // that many reads, and that many writes, may wait for each slot
	slotPatience = 2 * time.Second
)

// A bulkhead bounds the requests of one hotel that are under way or waiting.
type bulkhead struct {
	slots      int
	reads, all permits.Bulkhead[Response]

	busy, busyReads atomic.Int64
	waiting         [2]atomic.Int64 // by effect: waiting reads turn no write away
}

func newBulkhead(slots int) *bulkhead {
	if slots <= 0 {
		slots = defaultSlots
	}
	return &bulkhead{
		slots: slots,
		reads: permits.New[Response](max(1, uint(float64(slots)*readSlots))),
		all:   permits.New[Response](uint(slots)),
	}
}

// enter waits a short while for a slot and returns how to leave it.
func (b *bulkhead) enter(ctx context.Context, effect Effect) (leave func(), err error) {
	defer b.waiting[effect].Add(-1)
	if b.waiting[effect].Add(1) > int64(b.slots*queuePerSlot) {
		return nil, b.full()
	}
	if effect == Read {
		if err := b.acquire(ctx, b.reads); err != nil {
			return nil, err
		}
	}
	if err := b.acquire(ctx, b.all); err != nil {
		if effect == Read {
			b.reads.ReleasePermit()
		}
		return nil, err
	}
	b.count(effect, 1)
	return func() {
		b.count(effect, -1)
		b.all.ReleasePermit()
		if effect == Read {
			b.reads.ReleasePermit()
		}
	}, nil
}

func (b *bulkhead) acquire(ctx context.Context, slots permits.Bulkhead[Response]) error {
	err := slots.AcquirePermitWithMaxWait(ctx, slotPatience)
	if errors.Is(err, permits.ErrFull) {
		return b.full()
	}
	return err
}

func (b *bulkhead) count(effect Effect, n int64) {
	b.busy.Add(n)
	if effect == Read {
		b.busyReads.Add(n)
	}
}

func (b *bulkhead) full() error {
	return &pms.Error{
		Kind:       pms.ErrRateLimited,
		RetryAfter: minRetryAfter,
		Detail:     "this hotel has too many requests under way already",
	}
}
