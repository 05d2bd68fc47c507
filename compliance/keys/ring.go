package keys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// DefaultTTL is how long a key may be used without asking the store again.
const DefaultTTL = time.Minute

const (
	// A batch query stays small enough for one packet or two.
	maxBatch = 500
	// A shared load goes on when its first caller gives up, but not for ever.
	loadTimeout = rootDeadline + time.Second
	// How often a load is begun anew because a purge came in between.
	maxLoads = 3
)

// Options of a Ring. The zero value is good for production.
type Options struct {
	// TTL bounds the life of a key in memory, and so the time until a key
	// destroyed elsewhere is dead here, whatever became of the notification.
	// Default DefaultTTL.
	TTL time.Duration
	// Size is the number of keys held in memory. Default 16,384, some 15 MB.
	Size int
	// Reserve is how many scopes are made at once for Create. Default 32.
	Reserve int
	// Buckets is how many bucket keys an epoch has. Default DefaultBuckets.
	Buckets int
	// Logger takes a line when notifications cannot be heard; nil logs nothing.
	Logger *slog.Logger

	clock func() time.Time // for tests
}

// Ring is the key service: it makes, loads, lends and destroys scope keys. It
// is safe for concurrent use. Let Listen run beside it.
type Ring struct {
	store   Store
	buckets *buckets
	options Options
	clock   func() time.Time
	born    time.Time // read for its monotonic clock only
	flight  singleflight.Group
	look    chan struct{} // holds one: refresh the bucket keys now

	mu     sync.Mutex // orders writes to cache: see put
	cache  *lru.Cache[Slot, *entry]
	ready  map[string][]reserved // per tenant: stored keys that no scope uses yet
	purges uint64                // how many there were
	purged uint64                // what was read before this one of them does not count
}

// New returns a ring with nothing loaded.
func New(store Store, root Root, options Options) *Ring {
	if options.TTL <= 0 {
		options.TTL = DefaultTTL
	}
	if options.Size <= 0 {
		options.Size = 16_384
	}
	if options.Reserve <= 0 {
		options.Reserve = 32
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.clock == nil {
		options.clock = time.Now
	}
	cache, _ := lru.New[Slot, *entry](options.Size) // fails for sizes below one only
	return &Ring{
		store: store, buckets: newBuckets(&cautious{Root: root, clock: options.clock}, store, options.Buckets, options.clock), options: options,
		clock: options.clock, born: options.clock(), look: make(chan struct{}, 1), cache: cache, ready: map[string][]reserved{},
	}
}

// TTL is how long other processes may still use a key after Destroy when they
// cannot be told.
func (r *Ring) TTL() time.Duration { return r.options.TTL }

// Warm loads the bucket keys of all epochs in which something lives, so that no
// booking waits for the root's keeper, and forgets all others. It returns how
// many are in memory. Without it each is loaded when it is first needed; Listen
// does it again and again.
func (r *Ring) Warm(ctx context.Context) (int, error) { return r.buckets.refresh(ctx) }

// Lookup returns the newest key of a scope and purpose, from memory only:
// ErrNotLoaded, ErrUnknownScope, ErrDestroyed, ErrTampered (its wrapped form is
// damaged), ErrEpochGone.
func (r *Ring) Lookup(scope Scope, purpose Purpose) (*Key, error) {
	return r.lookup(Slot{Scope: scope, Purpose: purpose}, 0)
}

// LookupID returns one version of a key, from memory only, with the errors of
// Lookup.
func (r *Ring) LookupID(id ID) (*Key, error) { return r.lookup(id.Slot(), id.Version) }

func (r *Ring) lookup(slot Slot, version int) (*Key, error) {
	e, ok := r.cache.Get(slot)
	if !ok || r.age(e.loaded) >= r.options.TTL {
		return nil, ErrNotLoaded
	}
	return e.key(version)
}

// elapsed is the ring's own time. Only the monotonic clock counts, so that a
// changed wall clock makes no key live longer.
func (r *Ring) elapsed() time.Duration { return r.clock().Sub(r.born) }

func (r *Ring) age(m moment) time.Duration { return r.elapsed() - m.at }

// now is to be taken before the store is asked: what it tells may be that old.
func (r *Ring) now() moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return moment{at: r.elapsed(), purges: r.purges}
}

// Load brings the scopes' keys for one purpose into memory: see LoadSlots.
func (r *Ring) Load(ctx context.Context, purpose Purpose, scopes ...Scope) error {
	return r.LoadSlots(ctx, slotsOf(scopes, purpose)...)
}

// LoadSlots brings keys into memory, in one query for all that are missing or
// older than half the TTL; so a key that was just loaded can be used for half
// the TTL at least. It fails with ErrUnavailable, and only then: what it learnt
// about a slot, Lookup tells.
func (r *Ring) LoadSlots(ctx context.Context, slots ...Slot) error {
	for batch := range slices.Chunk(r.stale(slots), maxBatch) {
		if err := r.share(ctx, batch); err != nil && !r.usable(batch) {
			return err
		}
	}
	return nil
}

// Loaded is Load and Lookup of one key.
func (r *Ring) Loaded(ctx context.Context, scope Scope, purpose Purpose) (*Key, error) {
	slot := Slot{Scope: scope, Purpose: purpose}
	// What is in memory and fresh was validated when it came there.
	if e, ok := r.cache.Get(slot); ok && e.state == nil && r.age(e.loaded) < r.options.TTL/2 {
		return e.current, nil
	}
	if err := slot.Validate(); err != nil {
		return nil, err
	}
	if err := r.LoadSlots(ctx, slot); err != nil {
		return nil, err
	}
	return r.lookup(slot, 0)
}

// stale returns, sorted and once each, the slots that need the store.
func (r *Ring) stale(slots []Slot) []Slot {
	var out []Slot
	for _, s := range slots {
		e, ok := r.cache.Get(s)
		fresh := ok && r.age(e.loaded) < r.options.TTL/2 && !errors.Is(e.state, ErrUnknownScope) && !errors.Is(e.state, ErrNotLoaded)
		if !fresh {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Slot) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// usable tells whether the slots can be used although a refresh failed.
func (r *Ring) usable(slots []Slot) bool {
	for _, s := range slots {
		if _, err := r.lookup(s, 0); errors.Is(err, ErrNotLoaded) || errors.Is(err, ErrUnknownScope) {
			return false
		}
	}
	return true
}

// share fetches a batch once for all that ask for the same one at a time.
func (r *Ring) share(ctx context.Context, batch []Slot) error {
	names := make([]string, len(batch))
	for i, s := range batch {
		names[i] = s.String()
	}
	done := r.flight.DoChan(strings.Join(names, ","), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return nil, r.fetch(ctx, batch)
	})
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return fmt.Errorf("load scope keys: %w", ctx.Err())
	}
}

// fetch asks again for what was purged while it asked.
func (r *Ring) fetch(ctx context.Context, batch []Slot) error {
	for range maxLoads {
		again, err := r.fetchOnce(ctx, batch)
		if err != nil || len(again) == 0 {
			return err
		}
		batch = again
	}
	return unavailable("load scope keys", errors.New("keys were being destroyed all the time"))
}

func (r *Ring) fetchOnce(ctx context.Context, batch []Slot) (again []Slot, err error) {
	started := r.now()
	rows, err := r.store.Fetch(ctx, batch)
	if err != nil {
		return nil, unavailable("load scope keys", err)
	}
	found, err := r.buckets.unwrap(ctx, rows)
	if err != nil {
		return nil, unavailable("unwrap scope keys", err)
	}
	versions := make(map[Slot][]unwrapped, len(batch))
	for _, u := range found {
		versions[u.id.Slot()] = append(versions[u.id.Slot()], u)
	}
	for _, s := range batch {
		// What could not be found out just now is not put: the old entry may still
		// do. The others of the batch are not kept waiting for it.
		if missed := firstUnavailable(versions[s]); missed != nil {
			err = missed
			continue
		}
		if !r.put(s, newEntry(versions[s], started)) {
			again = append(again, s)
		}
	}
	return again, err
}

func firstUnavailable(versions []unwrapped) error {
	for _, v := range versions {
		if errors.Is(v.err, ErrUnavailable) {
			return v.err
		}
	}
	return nil
}

// put stores what was learnt, unless the slot was purged after that: a load
// that began before a Destroy must not bring the key back.
func (r *Ring) put(s Slot, e *entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.cache.Peek(s)
	switch {
	case ok && errors.Is(old.state, ErrDestroyed) && !errors.Is(e.state, ErrDestroyed):
		return true // final already
	case e.loaded.purges < r.purged, ok && errors.Is(old.state, ErrNotLoaded) && e.loaded.purges < old.loaded.purges:
		return false
	}
	r.cache.Add(s, e)
	return true
}

func slotsOf(scopes []Scope, purposes ...Purpose) []Slot {
	out := make([]Slot, 0, len(scopes)*len(purposes))
	for _, s := range scopes {
		for _, p := range purposes {
			out = append(out, Slot{Scope: s, Purpose: p})
		}
	}
	return out
}

func validate(scopes []Scope, purposes ...Purpose) error {
	for _, s := range scopes {
		if err := s.Validate(); err != nil {
			return err
		}
	}
	for _, p := range purposes {
		if err := p.Validate(); err != nil {
			return err
		}
	}
	return nil
}
