package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// The envelope: one version byte, the key's version (4 bytes, big endian), then
// nonce, ciphertext and tag.
const (
	envelopeVersion = 1
	headerSize      = 1 + 4
	minSealedSize   = headerSize + 12 + 16
)

// Seal encrypts plaintext under the scope's key for the purpose, bound to that
// and to a place ("guest", an object's name): moved anywhere else it does not
// open. It loads the key when it must.
func (r *Ring) Seal(ctx context.Context, scope Scope, purpose Purpose, place string, plaintext []byte) ([]byte, error) {
	key, err := r.Loaded(ctx, scope, purpose)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	// One piece of memory: what is sealed, and behind it what it is bound to.
	size := minSealedSize + len(plaintext)
	out := make([]byte, headerSize, size+len(key.aad)+4+len(place))
	aad := key.sealAAD(out[size:size], place)
	out[0] = envelopeVersion
	binary.BigEndian.PutUint32(out[1:], uint32(key.ID.Version))
	return key.aead.Seal(out[:headerSize:size], nil, plaintext, aad), nil
}

// Open decrypts what Seal made for the same scope, purpose and place. It fails
// with ErrTruncated, ErrEnvelope, ErrUnknownScope, ErrDestroyed, ErrTampered,
// ErrEpochGone or ErrUnavailable.
func (r *Ring) Open(ctx context.Context, scope Scope, purpose Purpose, place string, sealed []byte) ([]byte, error) {
	id, err := sealedUnder(Slot{Scope: scope, Purpose: purpose}, sealed)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	key, err := r.version(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	size := len(sealed) - minSealedSize
	out := make([]byte, 0, size+len(key.aad)+4+len(place))
	plaintext, err := key.aead.Open(out[:0:size], nil, sealed[headerSize:], key.sealAAD(out[size:size], place))
	if err != nil {
		return nil, fmt.Errorf("open: %w", ErrTampered)
	}
	return plaintext, nil
}

// version returns the key that sealed, the newest one in nearly all cases.
func (r *Ring) version(ctx context.Context, id ID) (*Key, error) {
	key, err := r.Loaded(ctx, id.Scope, id.Purpose)
	switch {
	case err == nil && key.ID.Version == id.Version:
		return key, nil
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, err
	}
	return r.LookupID(id)
}

// sealedUnder reads the envelope's header.
func sealedUnder(slot Slot, sealed []byte) (ID, error) {
	if len(sealed) == 0 {
		return ID{}, ErrTruncated
	}
	if sealed[0] != envelopeVersion {
		return ID{}, ErrEnvelope
	}
	if len(sealed) < minSealedSize {
		return ID{}, ErrTruncated
	}
	version := binary.BigEndian.Uint32(sealed[1:])
	if version == 0 || version > 1<<31-1 {
		return ID{}, ErrTampered
	}
	return ID{Scope: slot.Scope, Purpose: slot.Purpose, Version: int(version)}, nil
}

// sealAAD appends what a seal is bound to: tenant, scope, version, purpose and
// place, each behind its length.
func (k *Key) sealAAD(to []byte, place string) []byte {
	to = append(to, k.aad...)
	to = binary.BigEndian.AppendUint32(to, uint32(len(place)))
	return append(to, place...)
}

// SealJSON seals the JSON form of value.
func SealJSON[T any](ctx context.Context, r *Ring, scope Scope, purpose Purpose, place string, value T) ([]byte, error) {
	plaintext, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("seal: the value cannot be written as JSON: %T", value)
	}
	defer clear(plaintext)
	return r.Seal(ctx, scope, purpose, place, plaintext)
}

// OpenJSON opens what SealJSON made.
func OpenJSON[T any](ctx context.Context, r *Ring, scope Scope, purpose Purpose, place string, sealed []byte) (T, error) {
	var value T
	plaintext, err := r.Open(ctx, scope, purpose, place, sealed)
	if err != nil {
		return value, err
	}
	defer clear(plaintext)
	if err := json.Unmarshal(plaintext, &value); err != nil {
		// The cause may quote what was sealed.
		return value, fmt.Errorf("open: the sealed JSON does not fit %T", value)
	}
	return value, nil
}

// MAC is HMAC-SHA-256 over the list data under a key of the tenant and the
// purpose ("idempotency", "body"): for what must be found again but not read.
// The key comes from the tenant's own random key by HKDF; that is no breach of
// the rule against derived keys, for it protects no guest's content. It fails
// with ErrUnknownScope until EnsureTenant.
func (r *Ring) MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error) {
	key, err := r.Loaded(ctx, TenantScope(tenant), Operations)
	if err != nil {
		return nil, fmt.Errorf("mac: %w", err)
	}
	macKey, err := hkdf.Expand(sha256.New, key.macRoot, string(joinFields("voicehive/mac/1", tenant, purpose)), 32)
	if err != nil {
		return nil, fmt.Errorf("mac: %w", err)
	}
	mac := hmac.New(sha256.New, macKey)
	for _, d := range data {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(d)))
		mac.Write(size[:])
		mac.Write(d)
	}
	return mac.Sum(nil), nil
}
