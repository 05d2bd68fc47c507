package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Signer signs heads of the log with an Ed25519 key that may have several
// versions.
type Signer interface {
	// Sign returns the signature of message under the newest version.
	Sign(ctx context.Context, message []byte) (signature []byte, version int, err error)
	// PublicKeys returns the raw public key of each version.
	PublicKeys(ctx context.Context) (map[int][]byte, error)
}

// Transit is the part of Vault's Transit engine that a signer needs.
type Transit interface {
	Sign(ctx context.Context, key string, message []byte) (signature []byte, version int, err error)
	PublicKeys(ctx context.Context, key string) (map[int][]byte, error)
}

// NewTransitSigner signs with an Ed25519 key of Vault's Transit engine, which
// never leaves Vault.
func NewTransitSigner(transit Transit, key string) Signer { return transitSigner{transit, key} }

type transitSigner struct {
	transit Transit
	key     string
}

func (s transitSigner) Sign(ctx context.Context, message []byte) ([]byte, int, error) {
	return s.transit.Sign(ctx, s.key, message)
}

func (s transitSigner) PublicKeys(ctx context.Context) (map[int][]byte, error) {
	return s.transit.PublicKeys(ctx, s.key)
}

// localEnvironments are those where a key in a file is good enough. Whoever
// can read the file can forge heads.
var localEnvironments = []string{"development", "demo", "test"}

const localKeyHeader = "voicehive audit key, keep it secret: "

type localSigner struct{ key ed25519.PrivateKey }

// OpenLocalSigner signs with a key in a file that only its owner may read; the
// file is made when missing. It refuses every environment but "development",
// "demo" and "test".
func OpenLocalSigner(path, environment string) (Signer, error) {
	if !slices.Contains(localEnvironments, environment) {
		return nil, fmt.Errorf("audit: a local signing key is not allowed in environment %q: sign with a key of Vault Transit", environment)
	}
	seed, err := localSeed(path)
	if err != nil {
		return nil, err
	}
	return localSigner{ed25519.NewKeyFromSeed(seed)}, nil
}

// localSeed reads the file, or makes it whole so that the first of several
// processes wins.
func localSeed(path string) ([]byte, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed) // never fails: crypto/rand ends the process instead
		if err := writePrivate(path, localKeyHeader+base64.StdEncoding.EncodeToString(seed)+"\n", false); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("audit: making the local signing key: %w", err)
		}
	}
	text, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("audit: reading the local signing key: %w", err)
	}
	encoded, ok := strings.CutPrefix(strings.TrimSuffix(text, "\n"), localKeyHeader)
	seed, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("audit: %s holds no signing key: restore it; heads signed by another key are not this log's", path)
	}
	return seed, nil
}

// readPrivate reads a small file that nobody else may read.
func readPrivate(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others: run chmod 600 on it", path)
	}
	if info.Size() > 64<<10 {
		return "", fmt.Errorf("%s is too large", path)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// writePrivate makes a file appear whole and durable. Without replace it fails
// with fs.ErrExist when there is one.
func writePrivate(path, text string, replace bool) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(folder, ".new-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	name := os.Link
	if replace {
		name = os.Rename
	}
	if err := name(temp.Name(), path); err != nil {
		return err
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s localSigner) Sign(_ context.Context, message []byte) ([]byte, int, error) {
	return ed25519.Sign(s.key, message), 1, nil
}

func (s localSigner) PublicKeys(context.Context) (map[int][]byte, error) {
	return map[int][]byte{1: s.key.Public().(ed25519.PublicKey)}, nil
}

// publicKey is the public part of a seed.
func publicKey(seed []byte) []byte {
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}
