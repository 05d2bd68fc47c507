package keys_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

// memory is a store that can be made to fail and counts its queries. What it
// does is checked against Postgres in postgres_test.go.
type memory struct {
	mu      sync.Mutex
	rows    map[keys.ID]keys.Row
	subject map[keys.Scope]uuid.UUID
	fetches int
	inserts int
	down    error
	hold    chan struct{} // when set, Fetch reads and then waits for it
}

func newMemory() *memory {
	return &memory{rows: map[keys.ID]keys.Row{}, subject: map[keys.Scope]uuid.UUID{}}
}

var errDown = errors.New("store is down")

func (m *memory) Insert(_ context.Context, rows []keys.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inserts++
	for _, r := range rows {
		if _, ok := m.rows[r.ID]; !ok && m.down == nil {
			m.rows[r.ID] = r
		}
	}
	return m.down
}

func (m *memory) Fetch(_ context.Context, scopes []keys.Scope) ([]keys.Row, error) {
	m.mu.Lock()
	m.fetches++
	var out []keys.Row
	for _, r := range m.rows {
		if slices.Contains(scopes, r.Scope) {
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

func (m *memory) Destroy(_ context.Context, scopes []keys.Scope) (gone []keys.Destruction, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range scopes {
		found := false
		for id, r := range m.rows {
			if r.Scope != s {
				continue
			}
			found = true
			if r.Wrapped != nil {
				digest := sha256.Sum256(r.Wrapped)
				gone = append(gone, keys.Destruction{ID: id, Epoch: r.Epoch, Digest: digest[:], At: time.Now()})
			}
			m.rows[id] = keys.Row{ID: id, Epoch: r.Epoch}
		}
		if !found {
			id := keys.ID{Scope: s, Version: 1}
			m.rows[id] = keys.Row{ID: id, Epoch: "none"}
		}
	}
	return gone, m.down
}

func (m *memory) Assign(_ context.Context, _ string, subject uuid.UUID, scopes []keys.Scope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range scopes {
		m.subject[s] = subject
	}
	return m.down
}

func (m *memory) Scopes(_ context.Context, tenant string, subject uuid.UUID) (out []keys.Scope, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s, owner := range m.subject {
		if s.Tenant == tenant && owner == subject {
			out = append(out, s)
		}
	}
	return out, m.down
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
