package transport

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Limiter meters the requests of one credential.
type Limiter interface {
	// Wait returns when a request may be sent. When its turn would come after
	// the context's deadline it returns at once, with an error that is
	// pms.ErrRateLimited and tells when to come back.
	Wait(ctx context.Context, effect Effect) error
}

// Limiters finds the Limiter of a credential.
type Limiters interface {
	Limiter(credential string) Limiter
}

// A Rate is how many requests per second a vendor allows a credential, and how
// many at once. The zero Rate is 10 per second and 20 at once, about what the
// vendors' documents allow for a short time.
type Rate struct {
	PerSecond float64
	Burst     int
	// ReadShare is the part of the rate that reads may take, above 0 and at most
	// 1, so that looking rooms up never starves a booking; 0 means 0.6.
	ReadShare float64
}

// OrDefault fills in what is not said. A rate that makes no sense is the zero Rate.
func (r Rate) OrDefault() Rate {
	if !(r.PerSecond > 0) {
		r = Rate{PerSecond: 10, Burst: 20, ReadShare: r.ReadShare}
	}
	r.Burst = max(1, r.Burst)
	if !(r.ReadShare > 0 && r.ReadShare <= 1) {
		r.ReadShare = 0.6
	}
	return r
}

// Buckets are token buckets per credential within this process.
type Buckets struct {
	rate    Rate
	mu      sync.Mutex
	buckets map[string]*bucket
}

// NewBuckets returns Limiters that give each credential the same rate.
func NewBuckets(r Rate) *Buckets {
	return &Buckets{rate: r.OrDefault(), buckets: make(map[string]*bucket)}
}

// Limiter returns the credential's bucket; callers that name the same
// credential share it.
func (b *Buckets) Limiter(credential string) Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found, ok := b.buckets[credential]; ok {
		return found
	}
	made := &bucket{
		all:   rate.NewLimiter(rate.Limit(b.rate.PerSecond), b.rate.Burst),
		reads: rate.NewLimiter(rate.Limit(b.rate.PerSecond*b.rate.ReadShare), max(1, int(float64(b.rate.Burst)*b.rate.ReadShare))),
	}
	b.buckets[credential] = made
	return made
}

type bucket struct{ all, reads *rate.Limiter }

func (b *bucket) Wait(ctx context.Context, effect Effect) error {
	now := time.Now()
	turns := []*rate.Reservation{b.all.ReserveN(now, 1)}
	if effect == Read {
		turns = append(turns, b.reads.ReserveN(now, 1))
	}
	var wait time.Duration
	for _, turn := range turns {
		wait = max(wait, turn.DelayFrom(now))
	}
	giveBack := func() {
		for _, turn := range turns {
			turn.CancelAt(now) // Cancel keeps a turn that has come already
		}
	}
	if deadline, ok := ctx.Deadline(); ok && wait > 0 && now.Add(wait).After(deadline) {
		giveBack()
		return &pms.Error{Kind: pms.ErrRateLimited, RetryAfter: wait, Detail: "this credential's own request limit is used up"}
	}
	if wait == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		giveBack()
		return ctx.Err()
	}
}
