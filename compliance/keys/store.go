package keys

import (
	"context"
	"time"
)

// Row is one stored key. Wrapped is nil once the key is destroyed.
type Row struct {
	ID
	Epoch string
	// Bucket whose key wrapped it; nil for the epoch's root key itself, as it was
	// before there were buckets.
	Bucket  *int
	Wrapped []byte
}

// Destruction is what can be proved about a destroyed key: which one it was,
// the SHA-256 of its wrapped form, and when it went.
type Destruction struct {
	ID
	Epoch  string
	Digest []byte
	At     time.Time
}

// Store keeps wrapped keys. Postgres is the one used outside tests.
type Store interface {
	EpochStore
	// Insert adds rows wrapped in the epoch and leaves those alone that exist.
	// The rows are durable when it returns. It fails with ErrEpochClosed, and
	// adds nothing, when a roll has begun to empty the epoch.
	Insert(ctx context.Context, epoch string, rows []Row) error
	// Fetch returns every version of every slot that has one.
	Fetch(ctx context.Context, slots []Slot) ([]Row, error)
	// Destroy forgets the keys of the scopes for the purposes and leaves a
	// tombstone for each, also for a key that never was. It returns what it
	// destroyed now, and tells all who Listen.
	Destroy(ctx context.Context, scopes []Scope, purposes []Purpose) ([]Destruction, error)
	// Listen tells of scopes whose keys were destroyed, and that some epoch got a
	// bucket key, was emptied or retired, in any process, until ctx ends or the
	// connection breaks. What happened before it calls opened is not told.
	Listen(ctx context.Context, opened func(), destroyed func(Scope), changed func()) error
}

// EpochStore keeps the upper tiers: epochs by name, and their bucket keys.
type EpochStore interface {
	// CurrentEpoch names the newest that is open, or fails with ErrNoEpoch.
	CurrentEpoch(ctx context.Context) (string, error)
	// OpenEpoch adds one that is open, unless it is there already.
	OpenEpoch(ctx context.Context, epoch string) error
	// Standing names the bucket keys of all epochs that may have a live key.
	Standing(ctx context.Context) ([]BucketID, error)
	// Buckets returns those that exist of the named ones.
	Buckets(ctx context.Context, ids []BucketID) ([]Bucket, error)
	// InsertBucket adds one unless it is there already, and tells all who Listen.
	InsertBucket(ctx context.Context, bucket Bucket) error
}
