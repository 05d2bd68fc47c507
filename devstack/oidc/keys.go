package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-jose/go-jose/v4"
)

const pemType = "PRIVATE KEY"

// signingKey signs tokens with ES256.
type signingKey struct {
	private *ecdsa.PrivateKey
	id      string
}

// loadKey reads the key in the file, or makes one and keeps it there, readable
// by its owner alone. Keeping it lets tokens outlive a restart.
func loadKey(path string) (*signingKey, error) {
	private, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		private, err = createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key file %s: %w", path, err)
	}
	jwk := jose.JSONWebKey{Key: private.Public()}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("name the signing key: %w", err)
	}
	return &signingKey{private: private, id: base64.RawURLEncoding.EncodeToString(thumbprint)}, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read it (mode %04o): run chmod 600 on it, or delete it to get a new one", info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, errors.New("holds no PEM private key: delete it to get a new one")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("holds a damaged key: delete it to get a new one")
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("holds a key of another kind than P-256: delete it to get a new one")
	}
	return private, nil
}

func createKey(path string) (*ecdsa.PrivateKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := pem.Encode(file, &pem.Block{Type: pemType, Bytes: der}); err != nil {
		_ = file.Close()
		return nil, err
	}
	return private, file.Close()
}

func (k *signingKey) signer(kind string) (jose.Signer, error) {
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(kind))
	key := jose.JSONWebKey{Key: k.private, KeyID: k.id}
	return jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
}

// public is the key set for the JWKS endpoint.
func (k *signingKey) public() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key:       k.private.Public(),
		KeyID:     k.id,
		Algorithm: string(jose.ES256),
		Use:       "sig",
	}}}
}
