// Package objects is a store in which an object is written once and never
// again: for what has to survive the one who runs the database, such as the
// signed heads of the audit log.
//
// It is a small port with two sides: Directory keeps objects in a folder, for
// development and for a disk that others administer; a bucket with object lock
// fits the same four rules. It stands on the internal floor and knows nothing
// of what it keeps.
package objects

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const (
	// MaxSize bounds an object, in bytes: this store is for proofs, not for data.
	MaxSize = 1 << 20
	// MaxList is how many names List returns at most.
	MaxList = 1000
)

var (
	// ErrExists says that there is an object of that name with other content. It
	// stays as it is.
	ErrExists = errors.New("objects: there is another object of that name, and none is ever replaced")
	// ErrNotFound says that there is no object of that name.
	ErrNotFound = errors.New("objects: no object of that name")
	// ErrName says that a name is not of the allowed form.
	ErrName = errors.New("objects: a name is words of a-z, A-Z, 0-9, _, - and . with slashes between them, up to 512 characters")
	// ErrTooLarge says that an object is larger than MaxSize.
	ErrTooLarge = fmt.Errorf("objects: an object has at most %d bytes", MaxSize)
)

// A Store keeps objects for good. It is safe for concurrent use, also by
// several processes.
type Store interface {
	// Put writes an object and returns when it is durable. Writing the same
	// content again is no error; other content is ErrExists.
	Put(ctx context.Context, name string, content []byte) error
	// Read returns an object, or ErrNotFound.
	Read(ctx context.Context, name string) ([]byte, error)
	// List returns the names in a folder, and below it, that come after the
	// given one, in the order of bytes and MaxList at most. after may be empty.
	List(ctx context.Context, folder, after string) ([]string, error)
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*(/[a-zA-Z0-9_-][a-zA-Z0-9_.-]*)*$`)

// checkName keeps out what leaves the folder, and the files that are still
// being written, which begin with a dot.
func checkName(name string) error {
	if len(name) > 512 || !namePattern.MatchString(name) || strings.HasSuffix(name, ".") {
		return ErrName
	}
	return nil
}
