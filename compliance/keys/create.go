package keys

import (
	"context"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/singleflight"
)

// Create returns a new scope of the tenant whose key is durable. Scopes are
// made in batches ahead of need, so most calls touch no database; the time in
// the ULID is that of the batch.
func (r *Ring) Create(ctx context.Context, tenant string) (Scope, error) {
	if err := TenantScope(tenant).Validate(); err != nil {
		return Scope{}, err
	}
	key, err := r.takeOrRefill(ctx, tenant)
	if err != nil {
		return Scope{}, fmt.Errorf("create scope: %w", err)
	}
	r.put(key.ID.Scope, newEntry(map[int]*Key{key.ID.Version: key}, time.Now()))
	return key.ID.Scope, nil
}

// takeOrRefill waits for a refill only when nothing is ready, and more than
// once when other callers emptied it first.
func (r *Ring) takeOrRefill(ctx context.Context, tenant string) (*Key, error) {
	for {
		key, left := r.take(tenant)
		if key != nil && left >= r.options.Reserve/4 {
			return key, nil
		}
		refilled := r.refill(ctx, tenant)
		if key != nil {
			return key, nil
		}
		select {
		case result := <-refilled:
			if result.Err != nil {
				return nil, result.Err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
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
	keys, err := r.insert(ctx, scopes)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready[tenant] = append(r.ready[tenant], keys...)
	return nil
}

// Ensure gives each of the scopes a key unless it has one. It fails with
// ErrDestroyed for a scope whose key is gone: that one never gets another.
func (r *Ring) Ensure(ctx context.Context, scopes ...Scope) error {
	if err := validate(scopes); err != nil {
		return err
	}
	if _, err := r.insert(ctx, scopes); err != nil {
		return err
	}
	// Read back: another process may have been first, and its key counts.
	if err := r.Load(ctx, scopes...); err != nil {
		return err
	}
	for _, s := range scopes {
		if _, err := r.Lookup(s); err != nil {
			return err
		}
	}
	return nil
}

// EnsureTenant makes the tenant's own key, once, when a hotel is registered.
// Nothing else makes it: a MAC key that came back fresh after a restore would
// silently match nothing.
func (r *Ring) EnsureTenant(ctx context.Context, tenant string) error {
	return r.Ensure(ctx, TenantScope(tenant))
}

// insert stores a fresh wrapped key for each scope that has none.
func (r *Ring) insert(ctx context.Context, scopes []Scope) ([]*Key, error) {
	plain := make([]Plain, len(scopes))
	for i, s := range scopes {
		plain[i] = Plain{Key: newKey(), AAD: wrapAAD(ID{Scope: s, Version: 1})}
	}
	epoch, wrapped, err := r.wrapper.Wrap(ctx, plain)
	if err == nil && len(wrapped) != len(plain) {
		err = fmt.Errorf("the wrapper returned %d keys for %d", len(wrapped), len(plain))
	}
	if err != nil {
		return nil, fmt.Errorf("wrap scope keys: %w", err)
	}
	rows, keys := make([]Row, len(scopes)), make([]*Key, len(scopes))
	for i, s := range scopes {
		rows[i] = Row{ID: ID{Scope: s, Version: 1}, Epoch: epoch, Wrapped: wrapped[i]}
		if keys[i], err = newMaterial(rows[i].ID, plain[i].Key); err != nil {
			return nil, err
		}
	}
	return keys, r.store.Insert(ctx, rows)
}

// take returns a ready key, or nil, and how many are left.
func (r *Ring) take(tenant string) (*Key, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ready := r.ready[tenant]
	if len(ready) == 0 {
		return nil, 0
	}
	last := len(ready) - 1
	key := ready[last]
	r.ready[tenant] = ready[:last]
	return key, last
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
