package credentials

import (
	"context"
	"errors"
	"fmt"
	"regexp"
)

// The errors of stores; ask with errors.Is.
var (
	// ErrNotFound: the store has nothing under the reference.
	ErrNotFound = errors.New("no such credentials")
	// ErrConflict: the entry is not at the version that the writer saw.
	ErrConflict = errors.New("the credentials were changed by somebody else")
)

// A Store resolves references to credentials. It is asked at every renewal of
// a token, so a rotated secret is used without a restart.
type Store interface {
	// Credentials returns what ref names, ErrNotFound, or a *FieldError.
	Credentials(ctx context.Context, ref string) (Credentials, error)
}

// A Keeper is a Store that writes too. FileStore and VaultStore are Keepers;
// package credentialstest has the tests that every one must pass.
type Keeper interface {
	Store
	// Entry returns what ref names with its version.
	Entry(ctx context.Context, ref string) (Entry, error)
	// Version returns the entry's version alone. It is asked often.
	Version(ctx context.Context, ref string) (Version, error)
	// Put stores credentials under ref, in place of any that are there. They
	// are checked first.
	Put(ctx context.Context, ref string, c Credentials) error
	// Replace is Put for a writer that has seen the entry: it fails with
	// ErrConflict when the entry is not at that version. The empty version
	// means that there is no entry.
	Replace(ctx context.Context, ref string, c Credentials, seen Version) (Version, error)
	// Delete forgets the entry, and all that was kept of its past. One that is
	// gone already is no error.
	Delete(ctx context.Context, ref string) error
	// List returns all references, sorted.
	List(ctx context.Context) ([]string, error)
}

// A Version tells one state of an entry from another. It means nothing else.
type Version string

// An Entry is what a Keeper holds under a reference.
type Entry struct {
	Credentials Credentials
	Version     Version
}

// refPattern is the form that the registry demands of a reference. It becomes
// a path, so it must not be able to leave its folder.
var refPattern = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)

// maxRef bounds a reference, in bytes.
const maxRef = 128

func checkRef(ref string) error {
	if len(ref) > maxRef || !refPattern.MatchString(ref) {
		return fmt.Errorf("credentials: %w: a reference has at most %d small letters and digits, with single . _ - or / between them", ErrInvalid, maxRef)
	}
	return nil
}

// checkWrite refuses what must not be stored.
func checkWrite(ref string, c Credentials) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	return c.Validate(ref)
}

// putAttempts bounds how often Put meets another writer.
const putAttempts = 5

// put is Put by way of Replace, so that it works where the store insists on
// versions, and never writes over what it has not seen.
func put(ctx context.Context, k Keeper, ref string, c Credentials) error {
	for attempt := 1; ; attempt++ {
		seen, err := k.Version(ctx, ref)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		_, err = k.Replace(ctx, ref, c, seen)
		if !errors.Is(err, ErrConflict) || attempt == putAttempts {
			return err
		}
	}
}
