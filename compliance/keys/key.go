package keys

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// What a look-up or an opening can answer.
var (
	// ErrNotLoaded: the key may well exist, but is not in memory. Load it.
	ErrNotLoaded = errors.New("scope key is not in memory: load it first")
	// ErrUnknownScope: there is no such key. It must be created before its use.
	ErrUnknownScope = errors.New("no key for this scope: create it first")
	// ErrDestroyed: the key is gone for good, and with it what it sealed.
	ErrDestroyed = errors.New("the key of this scope was destroyed")
	// ErrTampered: the data was changed, or belongs to another place or key.
	ErrTampered = errors.New("sealed data is not authentic: it was changed or belongs elsewhere")
	// ErrTruncated: the data ends before an envelope does.
	ErrTruncated = errors.New("sealed data is too short")
	// ErrEnvelope: the envelope is of a version this program does not know.
	ErrEnvelope = errors.New("sealed data has an unknown envelope version")
)

// Key is a data key in memory. The raw bytes are not kept: only the cipher
// made from them.
type Key struct {
	ID   ID
	aead cipher.AEAD
	// Only for a tenant's own scope: what its MAC keys are derived from.
	macRoot []byte
}

// AEAD is AES-256-GCM under this key. It draws its own random nonces, so the
// nonce passed to it must be nil.
func (k *Key) AEAD() cipher.AEAD { return k.aead }

// newMaterial takes the raw key over and wipes it.
func newMaterial(id ID, raw []byte) (*Key, error) {
	defer clear(raw)
	aead, err := newAEAD(raw)
	if err != nil {
		return nil, fmt.Errorf("scope key: %w", err)
	}
	key := &Key{ID: id, aead: aead}
	if id.IsTenant() {
		// The only derivation in this package, and none of a guest's key: these
		// keys look things up, and they die with the tenant's random key.
		key.macRoot, err = hkdf.Key(sha256.New, raw, nil, "voicehive/mac-root/1", 32)
	}
	return key, err
}

// entry is what memory knows about a scope. It never changes once it is in the
// cache, so readers need no lock.
type entry struct {
	versions map[int]*Key // nil value: that version is destroyed
	current  *Key         // the highest version; nil when state says why
	state    error        // nil, ErrDestroyed, ErrUnknownScope or ErrTampered
	loaded   time.Time
}

func (e *entry) key(version int) (*Key, error) {
	if version == 0 {
		return e.current, e.state
	}
	key, ok := e.versions[version]
	switch {
	case key != nil:
		return key, nil
	case ok || errors.Is(e.state, ErrDestroyed):
		return nil, ErrDestroyed
	case e.state != nil:
		return nil, e.state
	default:
		return nil, ErrUnknownScope
	}
}
