package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"gopkg.in/yaml.v3"
)

// ErrNotFound: the store has nothing under the reference.
var ErrNotFound = errors.New("no such credentials")

// Credentials open an account at a vendor.
type Credentials struct {
	ClientID     string   `yaml:"client_id"`
	ClientSecret Secret   `yaml:"client_secret"`
	Scopes       []string `yaml:"scopes,omitempty"`
}

// A Store resolves references to credentials. It is asked at every renewal of
// a token, so a rotated secret is used without a restart.
type Store interface {
	// Credentials returns what ref names, or ErrNotFound.
	Credentials(ctx context.Context, ref string) (Credentials, error)
}

// maxFile bounds the credentials file, in bytes.
const maxFile = 1 << 20

// A FileStore keeps credentials in a YAML file, for development. The file is
// readable by its owner only; a file that others can read is refused.
type FileStore struct {
	path string
	mu   sync.Mutex // one writer at a time
}

// NewFileStore returns the store in the file at path, which need not exist yet.
func NewFileStore(path string) *FileStore { return &FileStore{path: path} }

// Credentials implements Store.
func (s *FileStore) Credentials(_ context.Context, ref string) (Credentials, error) {
	all, err := s.read()
	if err != nil {
		return Credentials{}, err
	}
	found, ok := all[ref]
	if !ok {
		return Credentials{}, fmt.Errorf("credentials: %w under the reference %q in %s; add them there", ErrNotFound, ref, s.path)
	}
	return found, nil
}

// Put stores credentials under ref, in place of any that are there.
func (s *FileStore) Put(_ context.Context, ref string, c Credentials) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.read()
	if err != nil {
		return err
	}
	all[ref] = c
	plain := make(map[string]plainCredentials, len(all))
	for name, each := range all {
		plain[name] = plainCredentials{each.ClientID, each.ClientSecret.Reveal(), each.Scopes}
	}
	content, err := yaml.Marshal(plain)
	if err != nil {
		return fmt.Errorf("credentials: encode: %w", err)
	}
	return s.write(content)
}

// plainCredentials is the file's form, the one place where a secret is written.
type plainCredentials struct {
	ClientID     string   `yaml:"client_id"`
	ClientSecret string   `yaml:"client_secret"`
	Scopes       []string `yaml:"scopes,omitempty"`
}

func (s *FileStore) read() (map[string]Credentials, error) {
	all := make(map[string]Credentials)
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("credentials: %s can be read by others; run chmod 600 on it", s.path)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("credentials: %s is larger than %d bytes", s.path, maxFile)
	}
	// The parser's error is dropped: it can quote the line with the secret.
	if err := yaml.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("credentials: %s is not YAML of the form reference: {client_id, client_secret}", s.path)
	}
	return all, nil
}

// write replaces the file as a whole, so that a reader never sees half of it.
func (s *FileStore) write(content []byte) error {
	// CreateTemp makes files with mode 0600.
	temporary, err := os.CreateTemp(filepath.Dir(s.path), ".credentials-*")
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("credentials: write: %w", err)
	}
	if err := os.Rename(temporary.Name(), s.path); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return nil
}
