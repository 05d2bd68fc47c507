package keys

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Row is one stored key. Wrapped is nil once the key is destroyed.
type Row struct {
	ID
	Epoch   string
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

// Store keeps the wrapped keys. Postgres is the one used outside tests.
type Store interface {
	// Insert adds rows and leaves those alone that exist. The rows are durable
	// when it returns.
	Insert(ctx context.Context, rows []Row) error
	// Fetch returns every version of every scope that has one.
	Fetch(ctx context.Context, scopes []Scope) ([]Row, error)
	// Destroy forgets the keys of the scopes and leaves a tombstone for each,
	// also for a scope that never had a key. It returns what it destroyed now.
	Destroy(ctx context.Context, scopes []Scope) ([]Destruction, error)
	// Assign records whose scopes these are.
	Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes []Scope) error
	// Scopes returns the subject's scopes, destroyed ones included.
	Scopes(ctx context.Context, tenant string, subject uuid.UUID) ([]Scope, error)
}
