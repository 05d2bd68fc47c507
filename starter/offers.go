package starter

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/connectors/pms"
)

// maxOffers bounds how many answers are kept in memory.
const maxOffers = 10_000

// offers keeps what hotels offered for a short while, so that a caller who
// asks again is answered at once. Nothing is ever sold from it: a quote and a
// booking ask the hotel afresh.
type offers struct {
	answers *expirable.LRU[string, []pms.Offer]
	flights singleflight.Group

	mu     sync.Mutex
	epochs map[string]int // by hotel; a write makes all its answers stale
}

func newOffers(life time.Duration) *offers {
	return &offers{
		answers: expirable.NewLRU[string, []pms.Offer](maxOffers, nil, life),
		epochs:  map[string]int{},
	}
}

// ask answers from memory, or asks once for all who wait for the same answer.
// The question outlives a caller who goes away, for the others.
func (o *offers) ask(ctx context.Context, hotel string, q AvailabilityQuery, ask func(context.Context) ([]pms.Offer, error)) ([]pms.Offer, error) {
	key := fmt.Sprintf("%s|%d|%s|%s|%d|%v|%t", hotel, o.epoch(hotel), q.Arrival, q.Departure,
		q.Occupancy.Adults, q.Occupancy.ChildrenAges, q.Restricted)
	if found, ok := o.answers.Get(key); ok {
		return found, nil
	}
	flight := o.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		found, err := ask(ctx)
		if err == nil {
			o.answers.Add(key, found)
		}
		return found, err
	})
	select {
	case <-ctx.Done():
		return nil, HotelUnavailable.With("The hotel's system took too long.").because(ctx.Err())
	case r := <-flight:
		found, _ := r.Val.([]pms.Offer)
		return found, r.Err
	}
}

// forget makes all of a hotel's answers stale, because we changed something.
func (o *offers) forget(hotel string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.epochs[hotel]++
}

func (o *offers) epoch(hotel string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.epochs[hotel]
}
