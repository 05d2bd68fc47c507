package keys_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

// memory is a store that can be made to fail and counts its queries. What it
// does is checked against Postgres in postgres_test.go.
type memory struct {
	mu      sync.Mutex
	rows    map[keys.ID]keys.Row
	buckets map[keys.BucketID][]byte
	epochs  []string
	closed  map[string]bool
	emptied map[string]bool // rolled to the end
	fetches int
	inserts int
	down    error
	hold    chan struct{} // when set, Fetch reads and then waits for it

	listeners []func(keys.Scope)
	cut       chan struct{} // ends every Listen when closed
}

func newMemory() *memory {
	return &memory{
		rows: map[keys.ID]keys.Row{}, buckets: map[keys.BucketID][]byte{}, closed: map[string]bool{}, emptied: map[string]bool{}, cut: make(chan struct{}),
	}
}

var errDown = errors.New("store is down")

func (m *memory) Insert(_ context.Context, epoch string, rows []keys.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inserts++
	if m.down == nil && m.closed[epoch] {
		return keys.ErrEpochClosed
	}
	for _, r := range rows {
		if _, ok := m.rows[r.ID]; !ok && m.down == nil {
			m.rows[r.ID] = r
		}
	}
	return m.down
}

func (m *memory) Fetch(_ context.Context, slots []keys.Slot) ([]keys.Row, error) {
	m.mu.Lock()
	m.fetches++
	var out []keys.Row
	for _, r := range m.rows {
		if slices.Contains(slots, r.ID.Slot()) {
			out = append(out, r)
		}
	}
	hold, down := m.hold, m.down
	m.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return out, down
}

func (m *memory) Destroy(_ context.Context, scopes []keys.Scope, purposes []keys.Purpose) (gone []keys.Destruction, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range scopes {
		for _, p := range purposes {
			id := keys.ID{Scope: s, Purpose: p, Version: 1}
			r := m.rows[id]
			if r.Wrapped != nil {
				digest := sha256.Sum256(r.Wrapped)
				gone = append(gone, keys.Destruction{ID: id, Epoch: r.Epoch, Digest: digest[:], At: time.Now()})
				for _, tell := range m.listeners {
					tell(s)
				}
			}
			m.rows[id] = keys.Row{ID: id, Epoch: cmp.Or(r.Epoch, "none")}
		}
	}
	return gone, m.down
}

// Listen tells within Destroy, and ends when the test says so.
func (m *memory) Listen(ctx context.Context, opened func(), destroyed func(keys.Scope), _ func()) error {
	m.mu.Lock()
	if m.down != nil {
		defer m.mu.Unlock()
		return m.down
	}
	m.listeners = append(m.listeners, destroyed)
	cut := m.cut
	m.mu.Unlock()
	opened()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-cut:
		return errDown
	}
}

func (m *memory) CurrentEpoch(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, epoch := range slices.Backward(m.epochs) {
		if !m.closed[epoch] {
			return epoch, m.down
		}
	}
	return "", cmp.Or(m.down, keys.ErrNoEpoch)
}

func (m *memory) OpenEpoch(_ context.Context, epoch string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.epochs, epoch) {
		m.epochs = append(m.epochs, epoch)
	}
	return m.down
}

func (m *memory) Standing(context.Context) (ids []keys.BucketID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id := range m.buckets {
		if !m.emptied[id.Epoch] {
			ids = append(ids, id)
		}
	}
	return ids, m.down
}

func (m *memory) Buckets(_ context.Context, ids []keys.BucketID) (out []keys.Bucket, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, wrapped := range m.buckets {
		if slices.Contains(ids, id) {
			out = append(out, keys.Bucket{BucketID: id, Wrapped: wrapped})
		}
	}
	return out, m.down
}

func (m *memory) InsertBucket(_ context.Context, b keys.Bucket) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.buckets[b.BucketID] == nil {
		m.buckets[b.BucketID] = b.Wrapped
	}
	return m.down
}

// roll ends an epoch and opens the next one; nobody is told.
func (m *memory) roll(from, to string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed[from], m.emptied[from] = true, true
	m.epochs = append(m.epochs, to)
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = err
}

func (m *memory) counts() (fetches, inserts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fetches, m.inserts
}

func keyring(t testing.TB) *keys.LocalKeyring {
	t.Helper()
	ring, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.json"), "test")
	require.NoError(t, err)
	return ring
}

func newScope(tenant string) keys.Scope {
	return keys.Scope{Tenant: tenant, ID: ulid.Make().String()}
}
