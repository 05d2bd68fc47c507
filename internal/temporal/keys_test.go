package temporal_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"
	"sync"

	"github.com/voicehive/voicehive/internal/temporal"
)

// vault is a key source whose store and memory can be steered by a test.
type vault struct {
	mu     sync.Mutex
	stored map[string]cipher.AEAD // by scope; nil once destroyed
	loaded map[string]bool
	down   error
	loads  int
}

func newVault(scopes ...string) *vault {
	v := &vault{stored: map[string]cipher.AEAD{}, loaded: map[string]bool{}}
	for _, s := range scopes {
		v.stored[s] = newCipher()
	}
	return v
}

func newCipher() cipher.AEAD {
	key := make([]byte, 32)
	rand.Read(key)
	block, _ := aes.NewCipher(key)
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return aead
}

func scopeOfName(name string) string { return strings.TrimSuffix(name, "/1") }

func (v *vault) Load(_ context.Context, names ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loads++
	if v.down != nil {
		return v.down
	}
	for _, name := range names {
		scope := scopeOfName(name)
		v.loaded[scope] = true
	}
	return nil
}

func (v *vault) Current(scope string) (string, cipher.AEAD, error) {
	aead, err := v.ByID(scope + "/1")
	return scope + "/1", aead, err
}

func (v *vault) ByID(id string) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	scope := scopeOfName(id)
	if !v.loaded[scope] {
		return nil, temporal.ErrKeyNotLoaded
	}
	aead, ok := v.stored[scope]
	switch {
	case !ok:
		return nil, temporal.ErrKeyUnknown
	case aead == nil:
		return nil, temporal.ErrKeyDestroyed
	}
	return aead, nil
}

// forget empties the memory, and says whether the store can fill it again.
func (v *vault) forget(down error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.loaded)
	v.down = down
}

// cut takes the store away or gives it back, and leaves the memory alone.
func (v *vault) cut(down error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.down = down
}

func (v *vault) destroy(scope string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stored[scope] = nil
}

func (v *vault) loadCount() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.loads
}

var errDown = errors.New("key store is down")

// lastPart is the test's ScopeOf: "kind/scope".
func lastPart(workflowID string) (string, error) {
	_, scope, ok := strings.Cut(workflowID, "/")
	if !ok || scope == "" {
		return "", errors.New("no scope in the id")
	}
	return scope, nil
}
