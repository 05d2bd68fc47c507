package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// DefaultTTL is how long a key may be used without asking the store again.
const DefaultTTL = time.Minute

const (
	// A batch query stays small enough for one packet or two.
	maxBatch = 500
	// A shared load goes on when its first caller gives up, but not for ever.
	loadTimeout = 5 * time.Second
)

// Options of a Ring. The zero value is good for production.
type Options struct {
	// TTL bounds the life of a key in memory, and so the time until a key
	// destroyed elsewhere is dead here. Default DefaultTTL.
	TTL time.Duration
	// Size is the number of scopes held in memory. Default 16,384, some 15 MB.
	Size int
	// Reserve is how many keys are made at once for new scopes. Default 32.
	Reserve int
}

// Ring is the key service: it makes, loads, lends and destroys scope keys. It
// is safe for concurrent use.
type Ring struct {
	store   Store
	wrapper Wrapper
	options Options
	flight  singleflight.Group

	mu    sync.Mutex // orders writes to cache: a tombstone is never replaced
	cache *lru.Cache[Scope, *entry]
	ready map[string][]*Key // per tenant: stored keys that no scope uses yet
}

// New returns a ring with nothing loaded.
func New(store Store, wrapper Wrapper, options Options) *Ring {
	if options.TTL <= 0 {
		options.TTL = DefaultTTL
	}
	if options.Size <= 0 {
		options.Size = 16_384
	}
	if options.Reserve <= 0 {
		options.Reserve = 32
	}
	cache, _ := lru.New[Scope, *entry](options.Size) // fails for sizes below one only
	return &Ring{store: store, wrapper: wrapper, options: options, cache: cache, ready: map[string][]*Key{}}
}

// TTL is how long other processes may still use a key after Destroy.
func (r *Ring) TTL() time.Duration { return r.options.TTL }

// Lookup returns the newest key of a scope, from memory only: ErrNotLoaded,
// ErrUnknownScope, ErrDestroyed, ErrTampered (its wrapped form is damaged).
func (r *Ring) Lookup(scope Scope) (*Key, error) { return r.lookup(scope, 0) }

// LookupID returns one version of a key, from memory only, with the errors of
// Lookup.
func (r *Ring) LookupID(id ID) (*Key, error) { return r.lookup(id.Scope, id.Version) }

func (r *Ring) lookup(scope Scope, version int) (*Key, error) {
	e, ok := r.cache.Get(scope)
	if !ok || time.Since(e.loaded) >= r.options.TTL {
		return nil, ErrNotLoaded
	}
	return e.key(version)
}

// Load brings the scopes' keys into memory, in one query for all that are
// missing or older than half the TTL; so a key that was just loaded can be used
// for half the TTL at least. It fails only when the store or the wrapper cannot
// answer: what it learnt about a scope, Lookup tells.
func (r *Ring) Load(ctx context.Context, scopes ...Scope) error {
	for batch := range slices.Chunk(r.stale(scopes), maxBatch) {
		if err := r.share(ctx, batch); err != nil && !r.usable(batch) {
			return err
		}
	}
	return nil
}

// Loaded is Load and Lookup of one scope.
func (r *Ring) Loaded(ctx context.Context, scope Scope) (*Key, error) {
	if err := scope.Validate(); err != nil {
		return nil, err
	}
	if err := r.Load(ctx, scope); err != nil {
		return nil, err
	}
	return r.Lookup(scope)
}

// stale returns, sorted and once each, the scopes that need the store.
func (r *Ring) stale(scopes []Scope) []Scope {
	var out []Scope
	for _, s := range scopes {
		e, ok := r.cache.Get(s)
		fresh := ok && time.Since(e.loaded) < r.options.TTL/2 && !errors.Is(e.state, ErrUnknownScope)
		if !fresh {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Scope) int {
		return strings.Compare(a.String(), b.String())
	})
	return slices.Compact(out)
}

// usable tells whether the scopes can be used although a refresh failed.
func (r *Ring) usable(scopes []Scope) bool {
	for _, s := range scopes {
		if _, err := r.Lookup(s); errors.Is(err, ErrNotLoaded) || errors.Is(err, ErrUnknownScope) {
			return false
		}
	}
	return true
}

// share fetches a batch once for all that ask for the same one at a time.
func (r *Ring) share(ctx context.Context, batch []Scope) error {
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

func (r *Ring) fetch(ctx context.Context, batch []Scope) error {
	started := time.Now() // before the query: what it reads may be that old
	rows, err := r.store.Fetch(ctx, batch)
	if err != nil {
		return err
	}
	found, err := r.unwrap(ctx, rows)
	if err != nil {
		return fmt.Errorf("unwrap scope keys: %w", err)
	}
	for _, s := range batch {
		r.put(s, newEntry(found[s], started))
	}
	return nil
}

// newEntry sums up what the store told about all versions of a scope.
func newEntry(versions map[int]*Key, loaded time.Time) *entry {
	e := &entry{versions: versions, loaded: loaded, state: ErrUnknownScope}
	newest := 0
	for version, key := range versions {
		if version < newest {
			continue
		}
		newest = version
		switch {
		case key == nil:
			e.current, e.state = nil, ErrDestroyed
		case key.aead == nil:
			e.current, e.state = nil, ErrTampered
		default:
			e.current, e.state = key, nil
		}
	}
	for version, key := range versions {
		if key != nil && key.aead == nil {
			// A damaged version reads like a missing one, never like a destroyed
			// one: nothing may call it erased.
			delete(versions, version)
		}
	}
	return e
}

// put stores what was learnt, unless a tombstone is there already: a load that
// began before a Destroy must not bring the key back.
func (r *Ring) put(s Scope, e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.cache.Peek(s); ok && errors.Is(old.state, ErrDestroyed) && !errors.Is(e.state, ErrDestroyed) {
		return
	}
	r.cache.Add(s, e)
}

// unwrap turns rows into keys by scope and version.
func (r *Ring) unwrap(ctx context.Context, rows []Row) (map[Scope]map[int]*Key, error) {
	out := make(map[Scope]map[int]*Key, len(rows))
	var live []Row
	for _, row := range rows {
		if out[row.Scope] == nil {
			out[row.Scope] = map[int]*Key{}
		}
		out[row.Scope][row.Version] = nil
		if row.Wrapped != nil {
			live = append(live, row)
		}
	}
	keys, err := r.unwrapBatch(ctx, live)
	for i, key := range keys {
		out[live[i].Scope][live[i].Version] = key
	}
	return out, err
}

// unwrapBatch marks a damaged row by a key without cipher, so that one bad row
// does not keep the others of its batch away.
func (r *Ring) unwrapBatch(ctx context.Context, rows []Row) ([]*Key, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	wrapped := make([]Wrapped, len(rows))
	for i, row := range rows {
		wrapped[i] = Wrapped{Epoch: row.Epoch, Data: row.Wrapped, AAD: wrapAAD(row.ID)}
	}
	raw, err := r.wrapper.Unwrap(ctx, wrapped)
	switch {
	case err == nil && len(raw) != len(rows):
		return nil, fmt.Errorf("the wrapper returned %d keys for %d", len(raw), len(rows))
	case errors.Is(err, ErrTampered) && len(rows) == 1:
		return []*Key{{ID: rows[0].ID}}, nil
	case errors.Is(err, ErrTampered):
		middle := len(rows) / 2
		left, err := r.unwrapBatch(ctx, rows[:middle])
		if err != nil {
			return nil, err
		}
		right, err := r.unwrapBatch(ctx, rows[middle:])
		return append(left, right...), err
	case err != nil:
		return nil, err
	}
	keys := make([]*Key, len(rows))
	for i, row := range rows {
		if keys[i], err = newMaterial(row.ID, raw[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Destroy makes everything sealed under the scopes unreadable, for good, and
// returns what it destroyed now: nothing for a scope that was destroyed before.
// Other processes may use the keys for TTL longer. A scope without a key gets a
// tombstone too.
func (r *Ring) Destroy(ctx context.Context, scopes ...Scope) ([]Destruction, error) {
	if err := validate(scopes); err != nil {
		return nil, err
	}
	gone, err := r.store.Destroy(ctx, scopes)
	if err != nil {
		return nil, err
	}
	for _, s := range scopes {
		r.put(s, &entry{state: ErrDestroyed, loaded: time.Now()})
	}
	return gone, nil
}

// Assign records which data subject the scopes belong to. subject is random and
// names nobody by itself.
func (r *Ring) Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes ...Scope) error {
	for _, s := range scopes {
		if s.Tenant != tenant {
			return errors.New("assign scopes: a scope belongs to another tenant")
		}
	}
	if err := validate(scopes); err != nil {
		return err
	}
	return r.store.Assign(ctx, tenant, subject, scopes)
}

// Scopes returns all scopes of a data subject, destroyed ones included.
func (r *Ring) Scopes(ctx context.Context, tenant string, subject uuid.UUID) ([]Scope, error) {
	return r.store.Scopes(ctx, tenant, subject)
}

func validate(scopes []Scope) error {
	for _, s := range scopes {
		if err := s.Validate(); err != nil {
			return err
		}
	}
	return nil
}
