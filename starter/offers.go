package starter

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/connectors/pms"
)

const (
	// maxOffers bounds how many answers are kept in memory.
	maxOffers = 10_000
	// maxFlights bounds how many questions to one hotel are under way at once.
	// The rest wait here, where waiting costs nothing, and not in front of the
	// hotel's limiter, where they would keep quotes and bookings waiting too.
	maxFlights = 16
	// flightTime bounds one question, its waiting included.
	flightTime = 15 * time.Second
)

// offers keeps what hotels offered for a short while, so that a caller who
// asks again is answered at once; also that nothing is free. Nothing is ever
// sold from it: a quote and a booking ask the hotel afresh.
type offers struct {
	answers *expirable.LRU[string, []pms.Offer]
	flights singleflight.Group
	metrics offersMetrics

	mu     sync.Mutex
	hotels map[string]*hotelOffers
}

// hotelOffers are what the cache knows of a hotel beside its answers.
type hotelOffers struct {
	epoch int           // whatever changes at the hotel makes its answers stale
	slots chan struct{} // taken by questions under way
}

func newOffers(life time.Duration, metrics offersMetrics) *offers {
	return &offers{
		answers: expirable.NewLRU[string, []pms.Offer](maxOffers, nil, life),
		metrics: metrics,
		hotels:  map[string]*hotelOffers{},
	}
}

// ask answers from memory, or asks once for all who wait for the same answer.
// The question outlives a caller who goes away, for the others. An answer that
// was on its way when its hotel changed is given to those who wait for it, who
// asked before the change, and not kept.
func (o *offers) ask(ctx context.Context, hotel string, q AvailabilityQuery, ask func(context.Context) ([]pms.Offer, error)) ([]pms.Offer, error) {
	epoch, slots := o.of(hotel)
	key := fmt.Sprintf("%s|%d|%s|%s|%d|%v|%t|%q|%q", hotel, epoch, q.Arrival, q.Departure,
		q.Occupancy.Adults, q.Occupancy.ChildrenAges, q.Restricted, q.PromoCode, q.CorporateCode)
	if found, ok := o.answers.Get(key); ok {
		o.metrics.answered(fromMemory)
		return found, nil
	}
	var first atomic.Bool
	flight := o.flights.DoChan(key, func() (any, error) {
		first.Store(true)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTime)
		defer cancel()
		found, err := o.fly(ctx, slots, ask)
		if err == nil {
			o.answers.Add(key, found)
		}
		return found, err
	})
	select {
	case <-ctx.Done():
		return nil, HotelUnavailable.With("The hotel's system took too long.").because(ctx.Err())
	case r := <-flight:
		if first.Load() {
			o.metrics.answered(fromHotel)
		} else {
			o.metrics.answered(fromFlight)
		}
		found, _ := r.Val.([]pms.Offer)
		return found, r.Err
	}
}

// fly asks when the hotel has a slot free.
func (o *offers) fly(ctx context.Context, slots chan struct{}, ask func(context.Context) ([]pms.Offer, error)) ([]pms.Offer, error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, HotelUnavailable.With("Too many ask this hotel's system at once; try again in a moment.").because(ctx.Err())
	}
	return ask(ctx)
}

// forget makes all of a hotel's answers stale, because something changed.
func (o *offers) forget(hotel string, why change) {
	o.metrics.forgot(why)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hotel(hotel).epoch++
}

// forgetAll makes every answer stale.
func (o *offers) forgetAll(why change) {
	o.metrics.forgot(why)
	o.answers.Purge()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, h := range o.hotels {
		h.epoch++ // for the answers that are on their way
	}
}

func (o *offers) of(hotel string) (epoch int, slots chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.hotel(hotel)
	return h.epoch, h.slots
}

// hotel is called with mu held. Hotels are registered ones, so there are only
// so many.
func (o *offers) hotel(id string) *hotelOffers {
	h := o.hotels[id]
	if h == nil {
		h = &hotelOffers{slots: make(chan struct{}, maxFlights)}
		o.hotels[id] = h
	}
	return h
}
