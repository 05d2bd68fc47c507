package keys

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Destroy makes everything sealed under the scopes unreadable, for good and for
// every purpose, and returns what it destroyed now: nothing for a scope that
// was destroyed before. Other processes are told at once; those that cannot
// hear may use the keys for TTL longer. A key that never was cannot be made
// afterwards either.
func (r *Ring) Destroy(ctx context.Context, scopes ...Scope) ([]Destruction, error) {
	return r.destroy(ctx, scopes, Purposes())
}

// DestroyPurposes is Destroy for some of a scope's purposes; what was sealed for
// the others stays readable.
func (r *Ring) DestroyPurposes(ctx context.Context, scope Scope, purposes ...Purpose) ([]Destruction, error) {
	return r.destroy(ctx, []Scope{scope}, purposes)
}

func (r *Ring) destroy(ctx context.Context, scopes []Scope, purposes []Purpose) ([]Destruction, error) {
	if err := validate(scopes, purposes...); err != nil {
		return nil, err
	}
	gone, err := r.store.Destroy(ctx, scopes, purposes)
	if err != nil {
		return nil, unavailable("destroy scope keys", err)
	}
	for _, s := range scopes {
		if slices.Contains(purposes, Operations) || slices.Contains(purposes, Audit) {
			r.unreserve(s)
		}
		for _, p := range purposes {
			r.put(Slot{Scope: s, Purpose: p}, &entry{state: ErrDestroyed, loaded: r.now()})
		}
	}
	return gone, nil
}

// Pauses before the store is asked to be listened to again.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// Listen drops keys from memory at once when any process destroys them, until
// ctx ends. Whenever it begins to hear, after a broken connection too, it asks
// the store again about each key before its next use, because word may have
// been lost. While it cannot hear, the TTL holds. Bucket keys follow their
// epochs in the same way; see attend. It returns the context's error.
func (r *Ring) Listen(ctx context.Context) error {
	var attending sync.WaitGroup
	attending.Go(func() { r.attend(ctx) })
	defer attending.Wait()
	pause := firstPause
	for {
		opened := func() {
			pause = firstPause
			r.doubtAll()
			r.lookNow()
		}
		err := r.store.Listen(ctx, opened, r.forget, r.lookNow)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.options.Logger.WarnContext(ctx, "Word of destroyed keys cannot be heard; keys live for their full time until it can.", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause = min(2*pause, lastPause)
		}
	}
}

// bucketCheck is how often bucket keys are brought in line with the store,
// whatever is heard; bucketRetry is how soon again when that failed.
const (
	bucketCheck = time.Minute
	bucketRetry = 5 * time.Second
)

// attend keeps the bucket keys of living epochs in memory, and no others, until
// ctx ends. It does not trust the listener, which may be deaf.
func (r *Ring) attend(ctx context.Context) {
	failing := false
	for wait := bucketCheck; ; {
		next := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-r.look:
			next.Stop()
		case <-next.C:
		}
		asking, cancel := context.WithTimeout(ctx, 2*loadTimeout)
		held, err := r.buckets.refresh(asking)
		cancel()
		if wait = bucketCheck; err == nil {
			failing = false
			r.options.Logger.DebugContext(ctx, "Bucket keys are up to date.", "held", held)
			continue
		}
		wait = bucketRetry
		if !failing && ctx.Err() == nil {
			r.options.Logger.WarnContext(ctx, "Bucket keys cannot be brought up to date; those in memory serve until they can.", "error", err)
		}
		failing = true
	}
}

// lookNow makes attend look.
func (r *Ring) lookNow() {
	select {
	case r.look <- struct{}{}:
	default: // it will look anyway
	}
}

// forget drops what memory knows of a scope. It believes no word that a key is
// destroyed, for that would be final: the store is asked again.
func (r *Ring) forget(scope Scope) {
	r.unreserve(scope)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purges++
	mark := moment{at: r.elapsed(), purges: r.purges}
	for _, p := range Purposes() {
		slot := Slot{Scope: scope, Purpose: p}
		r.cache.Add(slot, &entry{state: ErrNotLoaded, loaded: mark})
	}
}

// doubtAll makes everything but bucket keys, which no erasure concerns, so old
// that the store is asked before the next use. What is under way just now still
// finds its key: dropped in the middle of a task, it would fail a caller for
// nothing that happened.
func (r *Ring) doubtAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purges++
	r.purged = r.purges
	oldest := r.elapsed() - r.options.TTL/2
	for _, slot := range r.cache.Keys() {
		old, ok := r.cache.Peek(slot)
		if !ok || old.loaded.at <= oldest {
			continue
		}
		doubted := *old
		doubted.loaded.at = oldest
		r.cache.Add(slot, &doubted)
	}
}
