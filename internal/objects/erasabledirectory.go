package objects

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An ErasableDirectory is an Erasable in a folder, for development: a disk's
// own copies of a block, and backups of it, are out of its reach.
type ErasableDirectory struct{ tree }

var _ Erasable = (*ErasableDirectory)(nil)

// NewErasableDirectory returns the store in a folder, which is made for the
// first object. It must not be one of a Directory.
func NewErasableDirectory(path string) *ErasableDirectory {
	return &ErasableDirectory{tree{filepath.Clean(path)}}
}

// Put implements Erasable.
func (d *ErasableDirectory) Put(ctx context.Context, name string, content io.ReadSeeker) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	digest, size, err := digestOf(content)
	if err != nil {
		return err
	}
	err = d.write(ctx, name, 0o600, io.LimitReader(content, size))
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	old, err := os.Open(d.file(name))
	if err != nil {
		return fmt.Errorf("objects: reading an object: %w", err)
	}
	defer old.Close()
	if kept, _, err := digestOf(old); err != nil || kept != digest {
		return errors.Join(ErrExists, err)
	}
	// The first Put may have been cut off before its name was durable.
	return syncFolder(filepath.Dir(d.file(name)))
}

// digestOf reads content once, bounded, and goes back to its beginning.
func digestOf(content io.ReadSeeker) (digest [sha256.Size]byte, size int64, err error) {
	hash := sha256.New()
	if _, err = content.Seek(0, io.SeekStart); err == nil {
		size, err = io.Copy(hash, io.LimitReader(content, MaxErasable+1))
	}
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
		return digest, 0, fmt.Errorf("objects: reading what is to be written: %w", err)
	case size > MaxErasable:
		return digest, 0, ErrTooLarge
	}
	return [sha256.Size]byte(hash.Sum(nil)), size, nil
}

// Read implements Erasable.
func (d *ErasableDirectory) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return nil, err
	}
	file, err := os.Open(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("objects: reading an object: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("objects: reading an object: %w", err), file.Close())
	}
	return &measured{body: file, left: info.Size()}, nil
}

// Delete implements Erasable. A disk may keep a deleted file's blocks for long,
// so they are overwritten first. What a Put left behind that was cut off goes
// too.
func (d *ErasableDirectory) Delete(ctx context.Context, name string) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	files, err := d.filesOf(name)
	for _, file := range files {
		err = errors.Join(err, wipe(file))
	}
	if err == nil && len(files) > 0 {
		err = syncFolder(filepath.Dir(d.file(name)))
	}
	if err != nil {
		return fmt.Errorf("objects: erasing an object: %w", err)
	}
	if left, err := d.Exists(ctx, name); err != nil || left {
		return errors.Join(ErrNotErased, err)
	}
	return nil
}

// filesOf are an object's file and those of unfinished writes of it.
func (d *ErasableDirectory) filesOf(name string) (files []string, err error) {
	file := d.file(name)
	entries, err := os.ReadDir(filepath.Dir(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		if !entry.IsDir() && (entry.Name() == filepath.Base(file) || strings.HasPrefix(entry.Name(), unfinished(file))) {
			files = append(files, filepath.Join(filepath.Dir(file), entry.Name()))
		}
	}
	return files, err
}

func wipe(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = io.CopyN(file, zeros{}, info.Size())
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// zeros is a stream of zeros without an end.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Exists implements Erasable.
func (d *ErasableDirectory) Exists(ctx context.Context, name string) (bool, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return false, err
	}
	files, err := d.filesOf(name)
	if err != nil {
		return false, fmt.Errorf("objects: looking for an object: %w", err)
	}
	return len(files) > 0, nil
}

// measured reads as many bytes as there have to be.
type measured struct {
	body io.ReadCloser
	left int64
	// judge says what an error of the body means; nil leaves it.
	judge func(error) error
}

// Read implements io.Reader.
func (m *measured) Read(p []byte) (int, error) {
	n, err := m.body.Read(p)
	m.left -= int64(n)
	switch {
	case err == nil:
		return n, nil
	case m.left > 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return n, ErrTruncated
	case errors.Is(err, io.EOF) || m.judge == nil:
		return n, err
	}
	return n, m.judge(err)
}

// Close implements io.Closer.
func (m *measured) Close() error { return m.body.Close() }
