package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A tree is a folder with an object in each file.
type tree struct{ path string }

func (t tree) file(name string) string {
	return filepath.Join(t.path, filepath.FromSlash(name))
}

// write makes a file that appears whole or not at all, and fails with
// fs.ErrExist where there is one of that name: the first of several writers
// wins.
func (t tree) write(ctx context.Context, name string, mode fs.FileMode, content io.Reader) error {
	file := t.file(name)
	folder := filepath.Dir(file)
	if err := t.makeFolders(folder); err != nil {
		return fmt.Errorf("objects: making a folder: %w", err)
	}
	err := link(ctx, file, mode, content)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("objects: writing an object: %w", err)
	}
	return err
}

// unfinished is how the names of files begin that are not yet the object of
// that name.
func unfinished(file string) string { return "." + filepath.Base(file) + ".new-" }

func link(ctx context.Context, file string, mode fs.FileMode, content io.Reader) error {
	folder := filepath.Dir(file)
	temp, err := os.CreateTemp(folder, unfinished(file)+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = io.Copy(temp, content)
	if err := errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close(), ctx.Err()); err != nil {
		return err
	}
	// A hard link gives the finished file its name: it fails where the name is
	// taken.
	if err := os.Link(temp.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// makeFolders makes a new folder's own name durable too.
func (t tree) makeFolders(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	if folder == t.path {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(folder))
	}
	if err := t.makeFolders(filepath.Dir(folder)); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(folder))
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
