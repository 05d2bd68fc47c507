package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Where a wrapping key in a file is good enough. Any other environment,
// unknown ones included, needs a Wrapper whose keys cannot be copied.
var localEnvironments = []string{"development", "demo", "test"}

// LocalKeyring is a Wrapper for development: 256-bit wrapping keys by epoch
// name, in one file that only its owner may read.
type LocalKeyring struct {
	current string
	aeads   map[string]cipher.AEAD
}

type keyringFile struct {
	Current string            `json:"current"`
	Keys    map[string][]byte `json:"keys"`
}

// OpenLocalKeyring reads the keyring at path, or creates it with one fresh key.
// It refuses every environment but "development", "demo" and "test".
func OpenLocalKeyring(path, environment string) (*LocalKeyring, error) {
	if !slices.Contains(localEnvironments, environment) {
		return nil, fmt.Errorf("a local keyring is not allowed in environment %q: configure Vault Transit to wrap the scope keys", environment)
	}
	if err := createKeyring(path); err != nil {
		return nil, fmt.Errorf("create local keyring: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("local keyring: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("local keyring %s can be read by others: run chmod 600 on it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("local keyring: %w", err)
	}
	return parseKeyring(text)
}

// createKeyring makes the file appear whole or not at all, and lets the first
// of several starting processes win.
func createKeyring(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(keyringFile{Current: "local-1", Keys: map[string][]byte{"local-1": newKey()}}, "", "  ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".keyring-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func parseKeyring(text []byte) (*LocalKeyring, error) {
	var file keyringFile
	if err := json.Unmarshal(text, &file); err != nil {
		// The cause may quote the file, and the file holds keys.
		return nil, errors.New("local keyring is not valid JSON: restore it, or delete it together with the data sealed under it")
	}
	ring := &LocalKeyring{current: file.Current, aeads: make(map[string]cipher.AEAD, len(file.Keys))}
	for epoch, key := range file.Keys {
		aead, err := newAEAD(key)
		if err != nil {
			return nil, fmt.Errorf("local keyring, epoch %q: %w", epoch, err)
		}
		ring.aeads[epoch] = aead
	}
	if ring.aeads[file.Current] == nil {
		return nil, fmt.Errorf("local keyring names %q as current but holds no such key", file.Current)
	}
	return ring, nil
}

// Wrap implements Wrapper.
func (k *LocalKeyring) Wrap(_ context.Context, plain []Plain) (string, [][]byte, error) {
	out := make([][]byte, len(plain))
	for i, p := range plain {
		out[i] = k.aeads[k.current].Seal(nil, nil, p.Key, p.AAD)
	}
	return k.current, out, nil
}

// Unwrap implements Wrapper.
func (k *LocalKeyring) Unwrap(_ context.Context, wrapped []Wrapped) ([][]byte, error) {
	out := make([][]byte, len(wrapped))
	for i, w := range wrapped {
		aead, ok := k.aeads[w.Epoch]
		if !ok {
			return nil, fmt.Errorf("local keyring has no key for epoch %q: was it replaced?", w.Epoch)
		}
		key, err := aead.Open(nil, nil, w.Data, w.AAD)
		if err != nil {
			return nil, fmt.Errorf("unwrap scope key: %w", ErrTampered)
		}
		out[i] = key
	}
	return out, nil
}

func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails: crypto/rand ends the process instead
	return key
}

// newAEAD is AES-256-GCM that draws a random nonce for each message and writes
// it in front of the ciphertext.
func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("key has %d bytes, want 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
