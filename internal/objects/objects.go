// Package objects keeps things outside the databases, in folders or in buckets
// of an S3 server, behind two small ports that have nothing in common but names.
//
// A Store writes an object once and never again, and cannot delete: it is for
// what has to survive the one who runs the database, such as the signed heads
// of the audit log. An Erasable keeps objects that have to be deleted one day
// for good, with every version of them: sealed recordings. They are separate
// types over separate buckets with separate logins, so that no code that holds
// the one can do what the other is for.
//
// Each has two sides: a folder, for development and for a disk that others
// administer, and a bucket. Package objectstest holds the contract that both
// keep. It stands on the internal floor and knows nothing of what it keeps.
package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

const (
	// MaxSize bounds an object of a Store, in bytes: it is for proofs, not for
	// data.
	MaxSize = 1 << 20
	// MaxErasable bounds an object of an Erasable, in bytes: an hour of a call
	// is a tenth of it.
	MaxErasable = 1 << 30
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
	// ErrTooLarge says that an object is larger than MaxSize or MaxErasable.
	ErrTooLarge = fmt.Errorf("objects: an object has at most %d bytes, and one that can be erased %d", MaxSize, MaxErasable)
	// ErrTruncated says that an object's bytes ended early; what was read is
	// only its beginning. Read it again.
	ErrTruncated = errors.New("objects: the object's bytes ended early; read it again")
	// ErrNotErased says that versions of an object are still there after they
	// were deleted, again and again.
	ErrNotErased = errors.New("objects: the object is still there after it was deleted; see who keeps writing it, and erase it again")
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

// An Erasable keeps objects until they are deleted. What it is given has to be
// sealed: a backup or a replica of the store is beyond its reach, and there
// only the destroyed key erases. It is safe for concurrent use, also by several
// processes.
type Erasable interface {
	// Put writes an object, from the beginning of content to its end, and returns
	// when it is durable. Writing the same content again is no error; other
	// content is ErrExists.
	Put(ctx context.Context, name string, content io.ReadSeeker) error
	// Read opens an object, or returns ErrNotFound. When the bytes end early the
	// reader says ErrTruncated. Close it.
	Read(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete deletes every version of an object and looks that none is left. One
	// that is gone already is no error.
	Delete(ctx context.Context, name string) error
	// Exists tells whether anything is left of an object, hidden versions too.
	Exists(ctx context.Context, name string) (bool, error)
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
