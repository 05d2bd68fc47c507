package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"

	"gopkg.in/yaml.v3"
)

// maxFile bounds the credentials file, in bytes.
const maxFile = 1 << 20

// A FileStore keeps credentials in a YAML file, for development: entries by
// reference, in the form of Parse. The file is readable by its owner only; a
// file that others can read is refused. Several processes may share it.
type FileStore struct {
	path string
	salt []byte     // makes versions say nothing about what they stand for
	mu   sync.Mutex // one writer at a time
}

var _ Keeper = (*FileStore)(nil)

// NewFileStore returns the store in the file at path. Neither the file nor its
// folder need exist yet; the first write makes them.
func NewFileStore(path string) *FileStore {
	return &FileStore{path: path, salt: []byte(rand.Text())}
}

// Credentials implements Store.
func (s *FileStore) Credentials(ctx context.Context, ref string) (Credentials, error) {
	entry, err := s.Entry(ctx, ref)
	return entry.Credentials, err
}

// Entry implements Keeper. Other entries of the file may be broken.
func (s *FileStore) Entry(_ context.Context, ref string) (Entry, error) {
	data, err := s.find(ref)
	if err != nil {
		return Entry{}, err
	}
	c, err := Parse(ref, data)
	if err != nil {
		return Entry{}, err
	}
	return Entry{c, s.version(data)}, nil
}

// Version implements Keeper.
func (s *FileStore) Version(_ context.Context, ref string) (Version, error) {
	data, err := s.find(ref)
	if err != nil {
		return "", err
	}
	return s.version(data), nil
}

// List implements Keeper.
func (s *FileStore) List(context.Context) ([]string, error) {
	all, err := s.read()
	return slices.Sorted(maps.Keys(all)), err
}

// Put implements Keeper.
func (s *FileStore) Put(ctx context.Context, ref string, c Credentials) error {
	return put(ctx, s, ref, c)
}

// Replace implements Keeper.
func (s *FileStore) Replace(ctx context.Context, ref string, c Credentials, seen Version) (Version, error) {
	if err := checkWrite(ref, c); err != nil {
		return "", err
	}
	var written Version
	err := s.change(ctx, func(all map[string]map[string]any) error {
		var now Version
		if found, ok := all[ref]; ok {
			now = s.version(found)
		}
		if now != seen {
			return fmt.Errorf("credentials %s: %w", ref, ErrConflict)
		}
		all[ref] = c.plain()
		written = s.version(all[ref])
		return nil
	})
	return written, err
}

// Delete implements Keeper.
func (s *FileStore) Delete(ctx context.Context, ref string) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	return s.change(ctx, func(all map[string]map[string]any) error {
		delete(all, ref)
		return nil
	})
}

// change rewrites the file as one writer at a time.
func (s *FileStore) change(ctx context.Context, do func(all map[string]map[string]any) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	all, err := s.read()
	if err != nil {
		return err
	}
	if err := do(all); err != nil {
		return err
	}
	content, err := yaml.Marshal(all)
	if err != nil {
		return fmt.Errorf("credentials: encode: %w", err)
	}
	return s.write(content)
}

func (s *FileStore) find(ref string) (map[string]any, error) {
	if err := checkRef(ref); err != nil {
		return nil, err
	}
	all, err := s.read()
	if err != nil {
		return nil, err
	}
	found, ok := all[ref]
	if !ok {
		return nil, fmt.Errorf("credentials: %w under the reference %q in %s; add them there", ErrNotFound, ref, s.path)
	}
	return found, nil
}

// version is a keyed hash of the entry: people edit the file by hand, and no
// counter in it would know.
func (s *FileStore) version(data map[string]any) Version {
	sum := hmac.New(sha256.New, s.salt)
	// Maps are encoded in the order of their keys.
	if err := json.NewEncoder(sum).Encode(data); err != nil {
		// Only what is no entry cannot be encoded. Any text but the empty one does.
		return "unreadable"
	}
	return Version(hex.EncodeToString(sum.Sum(nil)))
}

func (s *FileStore) read() (map[string]map[string]any, error) {
	all := make(map[string]map[string]any)
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
	if err := yaml.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("credentials: %w: %s is not YAML of the form `reference: {field: text}`%s", ErrInvalid, s.path, where(err))
	}
	return all, nil
}

var linePattern = regexp.MustCompile(`line \d+`)

// where keeps the line of a parser's error and drops the rest: it can quote
// the line with the secret.
func where(err error) string {
	if line := linePattern.FindString(err.Error()); line != "" {
		return "; look at " + line
	}
	return ""
}

// lock keeps other processes out while this one reads and writes. The lock is
// on a file beside, for the file itself is replaced.
func (s *FileStore) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	file, err := os.OpenFile(s.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("credentials: lock %s: %w", s.path, errors.Join(err, file.Close()))
	}
	return func() { _ = file.Close() }, nil // which gives the lock up
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
