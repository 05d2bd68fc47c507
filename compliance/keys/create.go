package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/singleflight"
)

// The keys that every scope has from its first moment; those for other purposes
// are made by Ensure when they are first needed.
var standing = []Purpose{Operations, Audit}

// reserved is a scope with standing keys that nobody uses yet.
type reserved struct {
	scope  Scope
	keys   []*Key
	loaded moment
}

// Create returns a new scope of the tenant whose keys for Operations and Audit
// are durable. Scopes are made in batches ahead of need, so most calls touch no
// database; the time in the ULID is that of the batch.
func (r *Ring) Create(ctx context.Context, tenant string) (Scope, error) {
	if err := TenantScope(tenant).Validate(); err != nil {
		return Scope{}, err
	}
	for range maxLoads {
		taken, err := r.takeOrRefill(ctx, tenant)
		if err != nil {
			return Scope{}, fmt.Errorf("create scope: %w", err)
		}
		if !r.fresh(taken.loaded) {
			// It waited for long: a restored database or another process may have
			// ended it. All that wait are asked about in one query.
			if err := r.verify(ctx, tenant, taken); err != nil {
				return Scope{}, fmt.Errorf("create scope: %w", err)
			}
			continue
		}
		for _, key := range taken.keys {
			r.put(key.ID.Slot(), newEntry([]unwrapped{{id: key.ID, key: key}}, taken.loaded))
		}
		return taken.scope, nil
	}
	return Scope{}, unavailable("create scope", errors.New("reserved keys were being destroyed all the time"))
}

// fresh tells whether a reserved key may be used without asking again.
func (r *Ring) fresh(m moment) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.age(m) < r.options.TTL/2 && m.purges >= r.purged
}

// verify asks whether the tenant's reserved keys still live, and puts back those
// that do.
func (r *Ring) verify(ctx context.Context, tenant string, taken reserved) error {
	r.mu.Lock()
	all := append(r.ready[tenant], taken)
	delete(r.ready, tenant)
	r.mu.Unlock()
	for part := range slices.Chunk(all, maxBatch/len(standing)) {
		started := r.now()
		scopes := make([]Scope, len(part))
		for i, res := range part {
			scopes[i] = res.scope
		}
		rows, err := r.store.Fetch(ctx, slotsOf(scopes, standing...))
		if err != nil {
			return unavailable("look after reserved keys", err)
		}
		live := map[Scope]int{}
		for _, row := range rows {
			if row.Wrapped != nil {
				live[row.Scope]++
			}
		}
		r.mu.Lock()
		for _, res := range part {
			if live[res.scope] == len(standing) && started.purges == r.purges {
				res.loaded = started
				r.ready[tenant] = append(r.ready[tenant], res)
			}
		}
		r.mu.Unlock()
	}
	return nil
}

// takeOrRefill waits for a refill only when nothing is ready, and more than
// once when other callers emptied it first.
func (r *Ring) takeOrRefill(ctx context.Context, tenant string) (reserved, error) {
	for {
		taken, left := r.take(tenant)
		found := taken.keys != nil
		if found && left >= r.options.Reserve/4 {
			return taken, nil
		}
		refilled := r.refill(ctx, tenant)
		if found {
			return taken, nil
		}
		select {
		case result := <-refilled:
			if result.Err != nil {
				return reserved{}, result.Err
			}
		case <-ctx.Done():
			return reserved{}, ctx.Err()
		}
	}
}

// Reserve makes n scopes of the tenant ready for Create.
func (r *Ring) Reserve(ctx context.Context, tenant string, n int) error {
	scopes := make([]Scope, n)
	for i := range scopes {
		scopes[i] = Scope{Tenant: tenant, ID: ulid.Make().String()}
	}
	if err := validate(scopes); err != nil {
		return err
	}
	started := r.now()
	keys, err := r.insert(ctx, slotsOf(scopes, standing...))
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range scopes {
		r.ready[tenant] = append(r.ready[tenant], reserved{scope: s, keys: keys[i*len(standing) : (i+1)*len(standing)], loaded: started})
	}
	return nil
}

// Ensure gives each of the scopes a key for the purpose unless it has one. It
// fails with ErrDestroyed for one whose key is gone: that one never gets
// another.
func (r *Ring) Ensure(ctx context.Context, purpose Purpose, scopes ...Scope) error {
	return r.ensure(ctx, scopes, purpose)
}

// EnsureTenant makes the tenant's own standing keys, once, when a hotel is
// registered. Nothing else makes them: a MAC key that came back fresh after a
// restore would silently match nothing.
func (r *Ring) EnsureTenant(ctx context.Context, tenant string) error {
	return r.ensure(ctx, []Scope{TenantScope(tenant)}, standing...)
}

func (r *Ring) ensure(ctx context.Context, scopes []Scope, purposes ...Purpose) error {
	if err := validate(scopes, purposes...); err != nil {
		return err
	}
	slots := slotsOf(scopes, purposes...)
	missing := r.without(slots)
	if len(missing) > 0 {
		// Most exist. Whoever may only unwrap needs no new bucket key for them.
		if err := r.LoadSlots(ctx, missing...); err != nil {
			return err
		}
		missing = r.without(missing)
	}
	for part := range slices.Chunk(missing, maxBatch) {
		if _, err := r.insert(ctx, part); err != nil {
			return err
		}
	}
	// Read back: another process may have been first, and its key counts.
	if err := r.LoadSlots(ctx, slots...); err != nil {
		return err
	}
	for _, s := range slots {
		if _, err := r.lookup(s, 0); err != nil {
			return err
		}
	}
	return nil
}

// without are the slots whose keys are not in memory.
func (r *Ring) without(slots []Slot) []Slot {
	return slices.DeleteFunc(slices.Clone(slots), func(s Slot) bool {
		_, err := r.lookup(s, 0)
		return err == nil
	})
}

// insert stores a fresh wrapped key for each slot that has none.
func (r *Ring) insert(ctx context.Context, slots []Slot) ([]*Key, error) {
	ids, raw := make([]ID, len(slots)), make([][]byte, len(slots))
	for i, s := range slots {
		ids[i], raw[i] = ID{Scope: s.Scope, Purpose: s.Purpose, Version: 1}, newKey()
	}
	if err := r.keep(ctx, ids, raw); err != nil {
		for _, key := range raw {
			clear(key)
		}
		return nil, err
	}
	keys := make([]*Key, len(slots))
	for i, id := range ids {
		var err error
		if keys[i], err = newMaterial(id, raw[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// keep wraps in the current epoch; when a roll has just closed it, in the
// next one.
func (r *Ring) keep(ctx context.Context, ids []ID, raw [][]byte) error {
	for attempt := 1; ; attempt++ {
		epoch, rows, err := r.buckets.wrap(ctx, ids, raw)
		if err != nil {
			return unavailable("wrap scope keys", err)
		}
		err = r.store.Insert(ctx, epoch, rows)
		switch {
		case err == nil:
			return nil
		case attempt == maxLoads:
			return unavailable("insert scope keys", err)
		case errors.Is(err, ErrEpochClosed):
			r.buckets.closed(epoch)
		case errors.Is(err, ErrBucketGone):
			r.buckets.lost(epoch)
		default:
			return unavailable("insert scope keys", err)
		}
	}
}

// take returns what is ready, if anything, and how much is left.
func (r *Ring) take(tenant string) (reserved, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ready := r.ready[tenant]
	if len(ready) == 0 {
		return reserved{}, 0
	}
	last := len(ready) - 1
	taken := ready[last]
	r.ready[tenant] = ready[:last]
	return taken, last
}

// unreserve drops a scope that was destroyed before anybody used it.
func (r *Ring) unreserve(scope Scope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ready, ok := r.ready[scope.Tenant]; ok {
		r.ready[scope.Tenant] = slices.DeleteFunc(ready, func(res reserved) bool { return res.scope == scope })
	}
}

// refill starts a Reserve for the tenant unless one is under way, and tells its
// end on the channel. It outlives its caller by loadTimeout at most.
func (r *Ring) refill(ctx context.Context, tenant string) <-chan singleflight.Result {
	return r.flight.DoChan("reserve "+tenant, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return nil, r.Reserve(ctx, tenant, r.options.Reserve)
	})
}
