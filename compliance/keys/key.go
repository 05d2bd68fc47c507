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
	ErrUnknownScope = errors.New("no key for this scope and purpose: create it first")
	// ErrDestroyed: the key is gone for good, and with it what it sealed.
	ErrDestroyed = errors.New("the key of this scope was destroyed")
	// ErrTampered: the data was changed, or belongs to another place or key.
	ErrTampered = errors.New("sealed data is not authentic: it was changed or belongs elsewhere")
	// ErrTruncated: the data ends before an envelope does.
	ErrTruncated = errors.New("sealed data is too short")
	// ErrEnvelope: the envelope is of a version this program does not know.
	ErrEnvelope = errors.New("sealed data has an unknown envelope version")
	// ErrUnavailable: the key database or the root key's keeper does not answer.
	// Nothing is lost; try again.
	ErrUnavailable = errors.New("scope keys cannot be reached just now: try again")
	// ErrEpochGone: the root key that wrapped the key was destroyed or never was
	// here, so the row is a copy from before an epoch roll. That is no erasure of
	// the guest's: restore a newer copy of the key database.
	ErrEpochGone = errors.New("the root key of this epoch is gone: restore a newer copy of the key database")
	// ErrEpochClosed: nothing new may be wrapped in that epoch any more.
	ErrEpochClosed = errors.New("the epoch is closed: wrap under the current one")
	// ErrNoEpoch: no epoch is open, so nothing can be wrapped.
	ErrNoEpoch = errors.New("no epoch is open: run `voicehive keys roll`")
)

// ErrBucketGone: the key database, restored perhaps, lacks a bucket key that is
// still in memory here.
var ErrBucketGone = errors.New("the key database has no such bucket")

// unavailable marks a failure of the store or the root as one that passes,
// unless it is known to be another.
func unavailable(what string, err error) error {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrEpochGone) || errors.Is(err, ErrTampered) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %w", what, ErrUnavailable, err)
}

// Key is a data key in memory. The raw bytes are not kept: only the cipher
// made from them.
type Key struct {
	ID   ID
	aead cipher.AEAD
	aad  []byte // of every seal, but for the place
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
	key := &Key{ID: id, aead: aead, aad: joinFields("voicehive/seal/1", id.Tenant, id.Scope.ID, versionText(id.Version), string(id.Purpose))}
	if id.IsTenant() && id.Purpose == Operations {
		// The only derivation in this package, and none of a guest's key: these
		// keys look things up, and they die with the tenant's random key.
		key.macRoot, err = hkdf.Key(sha256.New, raw, nil, "voicehive/mac-root/1", 32)
	}
	return key, err
}

// unwrapped is what became of one row: a key, or why there is none.
type unwrapped struct {
	id  ID
	key *Key
	err error // ErrDestroyed, ErrTampered, ErrEpochGone or ErrUnavailable
}

// entry is what memory knows about a slot. It never changes once it is in the
// cache, so readers need no lock.
type entry struct {
	versions map[int]unwrapped
	current  *Key  // the highest version; nil when state says why
	state    error // nil, or why there is no current key
	loaded   moment
}

// moment orders what was learnt: how long after the ring's birth, by the
// monotonic clock, so that a changed wall clock makes no key live longer; and
// after how many purges.
type moment struct {
	at     time.Duration
	purges uint64
}

// newEntry sums up what the store told about all versions of a slot's key.
func newEntry(versions []unwrapped, loaded moment) *entry {
	e := &entry{versions: make(map[int]unwrapped, len(versions)), loaded: loaded, state: ErrUnknownScope}
	newest := 0
	for _, v := range versions {
		e.versions[v.id.Version] = v
		if v.id.Version >= newest {
			newest, e.current, e.state = v.id.Version, v.key, v.err
		}
	}
	return e
}

func (e *entry) key(version int) (*Key, error) {
	if version == 0 {
		return e.current, e.state
	}
	v, ok := e.versions[version]
	switch {
	case ok:
		return v.key, v.err
	case e.state != nil:
		return nil, e.state
	default:
		return nil, ErrUnknownScope
	}
}
