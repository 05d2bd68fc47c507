package codec

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/starter"
)

// Limits bound what one user may ask of this process. A person reads a page of
// some hundred payloads and then the next; who wants all payloads that there
// are has a program, and is stopped.
type Limits struct {
	// PerSecond is how many payloads a second, in the long run. Default 20.
	PerSecond float64
	// Burst is how many at once. Default 2,000, and at least MaxPayloads.
	Burst int
}

// users bounds the memory; a user who is forgotten starts with a full burst.
const users = 4096

type limits struct {
	Limits
	bySubject *lru.Cache[string, *rate.Limiter]
	now       func() time.Time
}

func newLimits(l Limits) *limits {
	if l.PerSecond <= 0 {
		l.PerSecond = 20
	}
	if l.Burst <= 0 {
		l.Burst = 2000
	}
	l.Burst = max(l.Burst, MaxPayloads)
	cache, _ := lru.New[string, *rate.Limiter](users) // fails for sizes below one only
	return &limits{Limits: l, bySubject: cache, now: time.Now}
}

// take charges a subject for n payloads, at most MaxPayloads.
func (l *limits) take(subject string, n int) error {
	fresh := rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst)
	limiter, known, _ := l.bySubject.PeekOrAdd(subject, fresh)
	if !known {
		limiter = fresh
	}
	l.bySubject.Get(subject) // used just now, so the last to be forgotten
	now := l.now()
	r := limiter.ReserveN(now, n)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	p := starter.TooMany.With("You opened very many payloads in a short time; wait a moment.")
	p.RetryAfter = wait
	return p
}
