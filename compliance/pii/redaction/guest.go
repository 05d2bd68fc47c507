package redaction

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// A Sealer encrypts under one guest's or call's key. A few lines around
// keys.Ring make one.
type Sealer interface {
	Seal(ctx context.Context, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, place string, sealed []byte) ([]byte, error)
}

const secretPlace = "redaction/secret"

// NewSecret makes the secret that a guest's hashes and tokens come from, sealed
// under the guest's key. It is kept beside the guest's data: when the key is
// destroyed no token can be read or made any more.
func NewSecret(ctx context.Context, s Sealer) ([]byte, error) {
	secret := make([]byte, 32)
	defer clear(secret)
	rand.Read(secret)
	sealed, err := s.Seal(ctx, secretPlace, secret)
	if err != nil {
		return nil, fmt.Errorf("redaction: seal a new secret: %w", err)
	}
	return sealed, nil
}

// GuestKeys are the keys of the guest whose secret NewSecret sealed.
func GuestKeys(ctx context.Context, s Sealer, secret []byte) (Keys, error) {
	plain, err := s.Open(ctx, secretPlace, secret)
	if err != nil {
		return nil, fmt.Errorf("redaction: open the secret: %w", err)
	}
	if len(plain) != 32 {
		return nil, errors.New("redaction: the secret is not 32 bytes long")
	}
	return &guestKeys{s, plain}, nil
}

type guestKeys struct {
	Sealer
	secret []byte
}

// MAC implements Keys.
func (k *guestKeys) MAC(_ context.Context, message []byte) ([]byte, error) {
	h := hmac.New(sha256.New, k.secret)
	h.Write(message)
	return h.Sum(nil), nil
}
