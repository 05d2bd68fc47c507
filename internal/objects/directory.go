package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Directory is a Store in a folder. Its files are read-only and appear whole
// or not at all. Who owns the folder can still delete them; give the folder to
// another machine or account where that matters.
type Directory struct{ tree }

var _ Store = (*Directory)(nil)

// OpenDirectory returns the store in a folder, which is made when missing.
func OpenDirectory(path string) (*Directory, error) {
	d := &Directory{tree{filepath.Clean(path)}}
	if err := d.makeFolders(d.path); err != nil {
		return nil, fmt.Errorf("objects: making the folder: %w", err)
	}
	return d, nil
}

// Put implements Store.
func (d *Directory) Put(ctx context.Context, name string, content []byte) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	if len(content) > MaxSize {
		return ErrTooLarge
	}
	err := d.write(ctx, name, 0o400, bytes.NewReader(content))
	if errors.Is(err, fs.ErrExist) {
		return d.same(ctx, name, content)
	}
	return err
}

// same makes a repeated Put succeed. The first one may have been cut off before
// its name was durable.
func (d *Directory) same(ctx context.Context, name string, content []byte) error {
	old, err := d.Read(ctx, name)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, content) {
		return ErrExists
	}
	return syncFolder(filepath.Dir(d.file(name)))
}

// Read implements Store.
func (d *Directory) Read(ctx context.Context, name string) ([]byte, error) {
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
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("objects: reading an object: %w", err)
	}
	if len(content) > MaxSize {
		return nil, ErrTooLarge
	}
	return content, nil
}

// List implements Store.
func (d *Directory) List(ctx context.Context, folder, after string) ([]string, error) {
	if err := errors.Join(checkName(folder), ctx.Err()); err != nil {
		return nil, err
	}
	var names []string
	err := d.walk(ctx, folder, after, &names)
	if errors.Is(err, fs.SkipAll) || errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("objects: listing a folder: %w", err)
	}
	return names, nil
}

// walk goes through a folder in the order of whole names, and not into folders
// that hold nothing after the given one.
func (d *Directory) walk(ctx context.Context, folder, after string, names *[]string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.file(folder))
	if err != nil {
		return err
	}
	found := make([]string, 0, len(entries))
	for _, entry := range entries {
		switch name := folder + "/" + entry.Name(); {
		case strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir() && name+"0" > after[:min(len(after), len(name)+1)]:
			found = append(found, name+"/")
		case entry.Type().IsRegular() && name > after:
			found = append(found, name)
		}
	}
	slices.Sort(found)
	for _, name := range found {
		below, isFolder := strings.CutSuffix(name, "/")
		if isFolder {
			err = d.walk(ctx, below, after, names)
		} else {
			*names = append(*names, name)
		}
		if len(*names) == MaxList {
			return fs.SkipAll
		}
		if err != nil {
			return err
		}
	}
	return nil
}
