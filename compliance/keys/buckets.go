package keys

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// DefaultBuckets is how many bucket keys an epoch has. One that leaked would
// open that fraction of the scope keys, and needs the key database too.
const DefaultBuckets = 4096

// buckets wraps and unwraps scope keys under bucket keys, which it makes and
// loads when they are first needed and keeps in memory. So the root's keeper is
// asked once per bucket, and what is warm goes on while it is away.
type buckets struct {
	root  Root
	store EpochStore
	count int
	clock func() time.Time

	// late counts those who ask for a bucket key that nobody waits for any more.
	late atomic.Int32

	mu      sync.Mutex
	current string // epoch to wrap in; "" when it must be asked for
	held    *lru.Cache[BucketID, cipher.AEAD]
}

// rootPatience is how long a caller waits for the root where a warm bucket would
// do as well.
const rootPatience = time.Second

func newBuckets(root Root, store EpochStore, count int, clock func() time.Time) *buckets {
	if count <= 0 {
		count = DefaultBuckets
	}
	// Two epochs' while one is rolled, some 8 MB; fails below one only. Far more
	// than one batch of rows can ask for.
	held, _ := lru.New[BucketID, cipher.AEAD](2 * max(count, DefaultBuckets))
	return &buckets{root: root, store: store, count: count, clock: clock, held: held}
}

// wrap encrypts scope keys under one bucket of the current epoch.
func (b *buckets) wrap(ctx context.Context, ids []ID, raw [][]byte) (epoch string, rows []Row, err error) {
	if epoch, err = b.epoch(ctx); err != nil {
		return "", nil, err
	}
	bucket, aead, err := b.pick(ctx, epoch)
	if err != nil {
		return "", nil, err
	}
	rows = make([]Row, len(ids))
	for i, id := range ids {
		rows[i] = Row{ID: id, Epoch: epoch, Bucket: &bucket.Number, Wrapped: aead.Seal(nil, nil, raw[i], wrapAAD(id))}
	}
	return epoch, rows, nil
}

// epoch names the current one, and opens the first when there is none.
func (b *buckets) epoch(ctx context.Context) (string, error) {
	b.mu.Lock()
	current := b.current
	b.mu.Unlock()
	if current != "" {
		return current, nil
	}
	current, err := b.store.CurrentEpoch(ctx)
	if errors.Is(err, ErrNoEpoch) {
		current = NewEpochName(b.clock())
		if err := b.root.Create(ctx, current); err != nil {
			return "", fmt.Errorf("open the first epoch; where only the roller may, run `voicehive keys roll`: %w", err)
		}
		if err := b.store.OpenEpoch(ctx, current); err != nil {
			return "", err
		}
		current, err = b.store.CurrentEpoch(ctx)
	}
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	b.current = current
	b.mu.Unlock()
	return current, nil
}

// NewEpochName is how an epoch that begins at a time is called.
func NewEpochName(t time.Time) string { return t.UTC().Format("2006-01") }

// closed is told that an epoch takes nothing new.
func (b *buckets) closed(epoch string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current == epoch {
		b.current = ""
	}
}

// lost is told that the store has no bucket keys of an epoch any more.
func (b *buckets) lost(epoch string) {
	b.closed(epoch)
	for _, id := range b.held.Keys() {
		if id.Epoch == epoch {
			b.held.Remove(id)
		}
	}
}

// refresh brings memory in line with the store: what belongs to an epoch in
// which nothing lives any more is forgotten, whether word of that came or not,
// and what other processes made is loaded, so that a root that goes away later
// is not missed. It returns how many are in memory.
func (b *buckets) refresh(ctx context.Context) (int, error) {
	before := b.held.Keys() // what is made from here on is not doubted
	standing, err := b.store.Standing(ctx)
	if err != nil {
		return b.held.Len(), err
	}
	living := make(map[BucketID]bool, len(standing))
	var cold []BucketID
	for _, id := range standing {
		living[id] = true
		if !b.held.Contains(id) {
			cold = append(cold, id)
		}
	}
	for _, id := range before {
		if !living[id] {
			b.held.Remove(id)
		}
	}
	failed, err := b.load(ctx, cold)
	if err != nil {
		return b.held.Len(), err
	}
	for _, err := range failed {
		if errors.Is(err, ErrUnavailable) {
			return b.held.Len(), err
		}
	}
	return b.held.Len(), nil
}

// pick chooses a bucket by chance. When that one cannot be had soon, any that is
// in memory will do: nobody waits for a root that is away or slow, and while one
// has waited in vain and the root still thinks, the others do not even begin.
// Only a root key that is gone for certain ends it, for nothing more may hang on
// that.
func (b *buckets) pick(ctx context.Context, epoch string) (BucketID, cipher.AEAD, error) {
	id := BucketID{Epoch: epoch, Number: rand.IntN(b.count)}
	if aead, ok := b.held.Get(id); ok {
		return id, aead, nil
	}
	warm, spare := b.warm(epoch)
	if spare == nil {
		aead, err := b.ensure(ctx, id)
		return id, aead, err
	}
	if b.late.Load() > 0 {
		return warm, spare, nil
	}
	aead, err := b.ensureSoon(ctx, id)
	switch {
	case err == nil:
		return id, aead, nil
	case errors.Is(err, ErrEpochGone):
		return id, nil, err
	}
	return warm, spare, nil
}

// errLate says that the root still thinks about a bucket key.
var errLate = errors.New("the root is slow")

// ensureSoon is ensure for somebody with little patience: the asking goes on
// without him, so that a slow root's answer is there for the next one.
func (b *buckets) ensureSoon(ctx context.Context, id BucketID) (cipher.AEAD, error) {
	type answer struct {
		aead cipher.AEAD
		err  error
	}
	answered := make(chan answer)
	gone := make(chan struct{})
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*loadTimeout) // read, made, read back
		defer cancel()
		aead, err := b.ensure(ctx, id)
		select {
		case answered <- answer{aead, err}:
		case <-gone:
			b.late.Add(-1)
		}
	}()
	patience := time.NewTimer(rootPatience)
	defer patience.Stop()
	select {
	case a := <-answered:
		return a.aead, a.err
	case <-patience.C:
	case <-ctx.Done():
	}
	b.late.Add(1)
	close(gone)
	return nil, errLate
}

// warm returns one of the epoch's bucket keys that is in memory, by chance; nil
// when none is.
func (b *buckets) warm(epoch string) (BucketID, cipher.AEAD) {
	all := b.held.Keys()
	for _, i := range rand.Perm(len(all)) {
		if aead, ok := b.held.Peek(all[i]); ok && all[i].Epoch == epoch {
			return all[i], aead
		}
	}
	return BucketID{}, nil
}

// ensure loads a bucket key, and makes it when it is the first time.
func (b *buckets) ensure(ctx context.Context, id BucketID) (cipher.AEAD, error) {
	if aead, ok := b.held.Get(id); ok {
		return aead, nil
	}
	failed, err := b.load(ctx, []BucketID{id})
	if err != nil {
		return nil, err
	}
	if errors.Is(failed[id], errNoBucket) {
		if err := b.make(ctx, id); err != nil {
			return nil, err
		}
		// Read back: another process may have been first, and its key counts.
		if failed, err = b.load(ctx, []BucketID{id}); err != nil {
			return nil, err
		}
	}
	if failed[id] != nil {
		return nil, fmt.Errorf("bucket key %d of epoch %s: %w", id.Number, id.Epoch, failed[id])
	}
	aead, ok := b.held.Get(id)
	if !ok {
		return nil, unavailable("bucket key", errors.New("the epoch was retired meanwhile"))
	}
	return aead, nil
}

func (b *buckets) make(ctx context.Context, id BucketID) error {
	raw := newKey()
	defer clear(raw)
	wrapped, err := b.root.Wrap(ctx, id.Epoch, []Plain{{Key: raw, AAD: id.aad()}})
	if err == nil && len(wrapped) != 1 {
		err = unavailable("wrap a bucket key", errors.New("the root answered another number of keys"))
	}
	if err != nil {
		return fmt.Errorf("wrap a bucket key: %w", err)
	}
	return b.store.InsertBucket(ctx, Bucket{BucketID: id, Wrapped: wrapped[0]})
}
