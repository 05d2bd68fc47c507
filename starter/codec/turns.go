package codec

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/voicehive/voicehive/starter"
)

const (
	// atOnce bounds the requests that have their bodies in memory; a burst waits
	// for its turn.
	atOnce = 8
	// perUser is how many of those one user may have. A page of the Web UI asks
	// for a few things at once; whoever asks for more waits behind themselves.
	perUser = 3
	// waitingPerUser and waitingAll bound the queue: on HTTP/2 a page may ask for
	// all it shows at once. A request that waits holds no more than its headers.
	waitingPerUser = 64
	waitingAll     = 1024
	// waitTime bounds the wait for a turn.
	waitTime = 10 * time.Second
)

// turns shares the places among users. Whoever is free next goes to the user
// whose last turn is longest ago, so that the requests of one who asks for much
// never stand before those of another.
type turns struct {
	patience time.Duration

	mu      sync.Mutex
	free    int
	waiting int
	users   map[string]*user
	queue   []*user // who waits, in the order of their next turns
}

// A user has turns, or waits for them, or is forgotten.
type user struct {
	name  string
	held  int
	waits []chan struct{} // closed when it is their turn
}

func newTurns() *turns { return &turns{patience: waitTime, free: atOnce, users: map[string]*user{}} }

// take waits for a turn. done must be called when it is over.
func (t *turns) take(ctx context.Context, name string) (done func(), err error) {
	mine, err := t.enter(name)
	if err != nil {
		return nil, err
	}
	patience := time.NewTimer(t.patience)
	defer patience.Stop()
	select {
	case <-mine:
		return func() { t.end(name) }, nil
	case <-ctx.Done():
	case <-patience.C:
	}
	t.leave(name, mine)
	return nil, later("Many payloads are being opened just now; ask again in a moment.")
}

// enter puts a request into its user's line.
func (t *turns) enter(name string) (chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.users[name]
	if u == nil {
		u = &user{name: name}
	}
	switch {
	case len(u.waits) >= waitingPerUser:
		p := starter.TooMany.With("You asked for very much at once; wait until some of it is answered.")
		p.RetryAfter = time.Second
		return nil, p
	case t.waiting >= waitingAll:
		return nil, later("Many payloads are being opened just now; ask again in a moment.")
	}
	t.users[name] = u
	mine := make(chan struct{})
	if len(u.waits) == 0 {
		t.queue = append(t.queue, u)
	}
	u.waits = append(u.waits, mine)
	t.waiting++
	t.share()
	return mine, nil
}

// share gives out what is free. t.mu is held.
func (t *turns) share() {
	for t.free > 0 {
		i := slices.IndexFunc(t.queue, func(u *user) bool { return u.held < perUser })
		if i < 0 {
			return
		}
		u := t.queue[i]
		close(u.waits[0])
		u.waits, u.held = u.waits[1:], u.held+1
		t.waiting--
		t.free--
		t.queue = slices.Delete(t.queue, i, i+1)
		if len(u.waits) > 0 {
			t.queue = append(t.queue, u)
		}
	}
}

// end gives a turn back.
func (t *turns) end(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.users[name]
	u.held--
	t.free++
	t.forget(u)
	t.share()
}

// leave takes a request out of the line; the turn that it may have got in this
// very moment goes back.
func (t *turns) leave(name string, mine chan struct{}) {
	t.mu.Lock()
	u := t.users[name]
	i := slices.Index(u.waits, mine)
	if i < 0 {
		t.mu.Unlock()
		t.end(name)
		return
	}
	defer t.mu.Unlock()
	u.waits = slices.Delete(u.waits, i, i+1)
	t.waiting--
	if len(u.waits) == 0 {
		t.queue = slices.DeleteFunc(t.queue, func(other *user) bool { return other == u })
	}
	t.forget(u)
}

// forget drops a user of whom nothing is left. t.mu is held.
func (t *turns) forget(u *user) {
	if u.held == 0 && len(u.waits) == 0 {
		delete(t.users, u.name)
	}
}
