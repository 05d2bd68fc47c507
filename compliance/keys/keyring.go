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
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Where root keys in a file are good enough. Any other environment, unknown
// ones included, needs a Root whose keys cannot be copied.
var localEnvironments = []string{"development", "demo", "test"}

// LocalKeyring is a Root for development: 256-bit keys by epoch, in one file
// that only its owner may read. It reads the file at each call, so an epoch
// that another process made or destroyed counts at once.
type LocalKeyring struct{ path string }

type keyringFile struct {
	Keys map[string][]byte `json:"keys"`
}

// OpenLocalKeyring opens the keyring at path, or creates it without a key. It
// refuses every environment but "development", "demo" and "test".
func OpenLocalKeyring(path, environment string) (*LocalKeyring, error) {
	if !slices.Contains(localEnvironments, environment) {
		return nil, fmt.Errorf("a local keyring is not allowed in environment %q: configure Vault Transit to wrap the scope keys", environment)
	}
	k := &LocalKeyring{path: path}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create local keyring: %w", err)
	}
	// Made only where there is none: a damaged one must be seen, not replaced.
	err := k.change(func(keyringFile) bool { return false })
	if err != nil {
		return nil, err
	}
	return k, nil
}

// Create implements Root.
func (k *LocalKeyring) Create(_ context.Context, epoch string) error {
	if err := CheckEpoch(epoch); err != nil {
		return fmt.Errorf("local keyring: %w", err)
	}
	return k.change(func(file keyringFile) bool {
		if _, ok := file.Keys[epoch]; ok {
			return false
		}
		file.Keys[epoch] = newKey()
		return true
	})
}

// Destroy implements Root.
func (k *LocalKeyring) Destroy(_ context.Context, epoch string) error {
	return k.change(func(file keyringFile) bool {
		_, ok := file.Keys[epoch]
		delete(file.Keys, epoch)
		return ok
	})
}

// Epochs implements Root.
func (k *LocalKeyring) Epochs(context.Context) ([]string, error) {
	file, err := k.read()
	if err != nil {
		return nil, err
	}
	defer file.wipe()
	return slices.Collect(maps.Keys(file.Keys)), nil
}

// Wrap implements Root.
func (k *LocalKeyring) Wrap(_ context.Context, epoch string, plain []Plain) ([][]byte, error) {
	aead, err := k.aead(epoch)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(plain))
	for i, p := range plain {
		out[i] = aead.Seal(nil, nil, p.Key, p.AAD)
	}
	return out, nil
}

// Unwrap implements Root.
func (k *LocalKeyring) Unwrap(_ context.Context, epoch string, wrapped []Wrapped) ([][]byte, error) {
	aead, err := k.aead(epoch)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(wrapped))
	for i, w := range wrapped {
		if out[i], err = aead.Open(nil, nil, w.Data, w.AAD); err != nil {
			return nil, fmt.Errorf("unwrap a key of epoch %s: %w", epoch, ErrTampered)
		}
	}
	return out, nil
}

func (k *LocalKeyring) aead(epoch string) (cipher.AEAD, error) {
	file, err := k.read()
	if err != nil {
		return nil, err
	}
	defer file.wipe()
	key, ok := file.Keys[epoch]
	if !ok {
		return nil, fmt.Errorf("local keyring, epoch %q: %w", epoch, ErrEpochGone)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("local keyring, epoch %q: %w", epoch, err)
	}
	return aead, nil
}

func (f keyringFile) wipe() {
	for _, key := range f.Keys {
		clear(key)
	}
}

func (k *LocalKeyring) read() (keyringFile, error) {
	info, err := os.Stat(k.path)
	if err != nil {
		return keyringFile{}, unavailable("local keyring", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return keyringFile{}, fmt.Errorf("local keyring %s can be read by others: run chmod 600 on it", k.path)
	}
	text, err := os.ReadFile(k.path)
	if err != nil {
		return keyringFile{}, unavailable("local keyring", err)
	}
	defer clear(text)
	var file keyringFile
	if err := json.Unmarshal(text, &file); err != nil || file.Keys == nil {
		// The cause may quote the file, and the file holds keys.
		return keyringFile{}, errors.New("local keyring is not valid JSON: restore it, or delete it together with the data sealed under it")
	}
	for epoch, key := range file.Keys {
		if len(key) != 32 {
			return keyringFile{}, fmt.Errorf("local keyring, epoch %q: key has %d bytes, want 32", epoch, len(key))
		}
	}
	return file, nil
}

// change rewrites the file when edit says so, one process at a time. A reader
// sees the old file or the new one.
func (k *LocalKeyring) change(edit func(keyringFile) bool) error {
	lock, err := os.OpenFile(k.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return unavailable("local keyring", err)
	}
	defer func() { _ = lock.Close() }() // which gives the lock up
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return unavailable("lock the local keyring", err)
	}
	file := keyringFile{Keys: map[string][]byte{}}
	_, err = os.Stat(k.path)
	missing := errors.Is(err, fs.ErrNotExist)
	if !missing {
		if file, err = k.read(); err != nil {
			return err
		}
	}
	defer file.wipe()
	if !edit(file) && !missing {
		return nil
	}
	return k.write(file)
}

func (k *LocalKeyring) write(file keyringFile) error {
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return fmt.Errorf("local keyring: %w", err)
	}
	defer clear(text)
	temp, err := os.CreateTemp(filepath.Dir(k.path), ".keyring-*") // CreateTemp makes it 0600
	if err != nil {
		return unavailable("local keyring", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return unavailable("local keyring", err)
	}
	if err := os.Rename(temp.Name(), k.path); err != nil {
		return unavailable("local keyring", err)
	}
	return nil
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
