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
	"strconv"
)

// The envelope: one version byte, the key's version (4 bytes, big endian), then
// nonce, ciphertext and tag.
const (
	envelopeVersion = 1
	headerSize      = 1 + 4
	minSealedSize   = headerSize + 12 + 16
)

// Seal encrypts plaintext under the scope's key, bound to a purpose
// ("guest", "recording") and a place ("intent.guest", an object's name): moved
// anywhere else it does not open. It loads the key when it must.
func (r *Ring) Seal(ctx context.Context, scope Scope, purpose, place string, plaintext []byte) ([]byte, error) {
	key, err := r.Loaded(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	out := make([]byte, headerSize, minSealedSize+len(plaintext))
	out[0] = envelopeVersion
	binary.BigEndian.PutUint32(out[1:], uint32(key.ID.Version))
	return key.aead.Seal(out, nil, plaintext, sealAAD(key.ID, purpose, place)), nil
}

// Open decrypts what Seal made for the same scope, purpose and place. It fails
// with ErrTruncated, ErrEnvelope, ErrUnknownScope, ErrDestroyed or ErrTampered,
// or with the store's error.
func (r *Ring) Open(ctx context.Context, scope Scope, purpose, place string, sealed []byte) ([]byte, error) {
	id, err := sealedUnder(scope, sealed)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if _, err := r.Loaded(ctx, scope); err != nil && (errors.Is(err, ErrMalformed) || !known(err)) {
		return nil, fmt.Errorf("open: %w", err)
	}
	key, err := r.LookupID(id)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	plaintext, err := key.aead.Open(nil, nil, sealed[headerSize:], sealAAD(id, purpose, place))
	if err != nil {
		return nil, fmt.Errorf("open: %w", ErrTampered)
	}
	return plaintext, nil
}

// known tells a fact about a key from a failure to find it out.
func known(err error) bool {
	return errors.Is(err, ErrDestroyed) || errors.Is(err, ErrUnknownScope) || errors.Is(err, ErrTampered)
}

// sealedUnder reads the envelope's header.
func sealedUnder(scope Scope, sealed []byte) (ID, error) {
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
	return ID{Scope: scope, Version: int(version)}, nil
}

func sealAAD(id ID, purpose, place string) []byte {
	return joinFields("voicehive/seal/1", id.Tenant, id.Scope.ID, versionText(id.Version), purpose, place)
}

func versionText(version int) string { return strconv.Itoa(version) }

// SealJSON seals the JSON form of value.
func SealJSON[T any](ctx context.Context, r *Ring, scope Scope, purpose, place string, value T) ([]byte, error) {
	plaintext, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("seal: the value cannot be written as JSON: %T", value)
	}
	defer clear(plaintext)
	return r.Seal(ctx, scope, purpose, place, plaintext)
}

// OpenJSON opens what SealJSON made.
func OpenJSON[T any](ctx context.Context, r *Ring, scope Scope, purpose, place string, sealed []byte) (T, error) {
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
	key, err := r.Loaded(ctx, TenantScope(tenant))
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
