package starter

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// News carries word between the processes that share a database: the name of a
// hotel where something changed. A word that nobody heard is lost; what is
// remembered of a hotel is short-lived all the same.
type News interface {
	Send(ctx context.Context, hotels ...string) error
	// Receive tells every word until ctx ends or it cannot; see
	// postgres.Channel.
	Receive(ctx context.Context, opened func(), hear func(hotel string)) error
}

const (
	// sendTime bounds the sending of news.
	sendTime = 2 * time.Second
	// sendPause gathers the hotels of a busy moment into one message. The first
	// of them is told at once.
	sendPause = 50 * time.Millisecond
	// receivePause is between two attempts to hear.
	receivePause = time.Second
)

// gossip are the hotels that others have to be told of.
type gossip struct {
	wake chan struct{}
	mu   sync.Mutex
	told map[string]struct{}
}

func newGossip() *gossip {
	return &gossip{wake: make(chan struct{}, 1), told: map[string]struct{}{}}
}

func (g *gossip) add(hotels ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, hotel := range hotels {
		g.told[hotel] = struct{}{}
	}
	select {
	case g.wake <- struct{}{}:
	default: // it will be looked at anyway
	}
}

func (g *gossip) take() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	hotels := slices.Collect(maps.Keys(g.told))
	clear(g.told)
	return hotels
}

// changed makes what is remembered of a hotel stale, here and, a moment later,
// in every other process.
func (c *Client) changed(hotel string, why change) {
	c.offers.forget(hotel, why)
	if c.News != nil {
		c.gossip.add(hotel)
	}
}

// tell sends news until ctx ends.
func (c *Client) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.gossip.wake:
		}
		hotels := c.gossip.take()
		bounded, cancel := context.WithTimeout(ctx, sendTime)
		err := c.News.Send(bounded, hotels...)
		cancel()
		if err != nil && ctx.Err() == nil {
			c.Logger.WarnContext(ctx, "Other processes were not told that hotels changed; trying again.", "hotels", len(hotels), "error", err)
			c.gossip.add(hotels...)
			pause(ctx, receivePause)
			continue
		}
		pause(ctx, sendPause)
	}
}

// hear takes news until ctx ends. Whenever it begins to hear, words may have
// been lost, so nothing that is remembered counts any more.
func (c *Client) hear(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.News.Receive(ctx, func() { c.offers.forgetAll(changeUnknown) }, func(hotel string) { c.offers.forget(hotel, changeElse) })
		if ctx.Err() != nil {
			return
		}
		c.Logger.WarnContext(ctx, "News of changed hotels is not heard; listening again.", "error", err)
		pause(ctx, receivePause)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
