package keys

import (
	"context"
	"encoding/binary"
	"regexp"
	"strconv"
)

// Root is the first tier: one key per epoch that never leaves its keeper. It
// wraps bucket keys only, so it is asked seldom, and with whole batches, because
// a remote one pays a round trip for each call. LocalKeyring is one for
// development; package vaultkeys has the one for production.
//
// All methods fail with ErrUnavailable when the keeper cannot be asked just
// now, and Wrap and Unwrap with ErrEpochGone for an epoch that has no key.
type Root interface {
	// Create makes the key of an epoch; one that is there stays as it is.
	Create(ctx context.Context, epoch string) error
	// Wrap encrypts keys under the epoch's, in their order.
	Wrap(ctx context.Context, epoch string, plain []Plain) ([][]byte, error)
	// Unwrap returns the keys in their order. It fails with ErrTampered when one
	// of them does not belong to its AAD or was changed.
	Unwrap(ctx context.Context, epoch string, wrapped []Wrapped) ([][]byte, error)
	// Destroy forgets the epoch's key for good. One that is not there is no error.
	Destroy(ctx context.Context, epoch string) error
	// Epochs names all that have a key, in no order.
	Epochs(ctx context.Context) ([]string, error)
}

// Plain is a key to be wrapped, bound to AAD.
type Plain struct {
	Key []byte
	AAD []byte
}

// Wrapped is a key as it is stored, with what it is bound to.
type Wrapped struct {
	Data []byte
	AAD  []byte
}

// epochPattern fits a Vault path and a file name.
var epochPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

// CheckEpoch returns ErrEpochName for what cannot be an epoch's name.
func CheckEpoch(name string) error {
	if !epochPattern.MatchString(name) {
		return ErrEpochName
	}
	return nil
}

// BucketID names a bucket key.
type BucketID struct {
	Epoch  string
	Number int
}

// Bucket is a bucket key as it is stored, wrapped by its epoch's root key.
type Bucket struct {
	BucketID
	Wrapped []byte
}

func (id BucketID) aad() []byte {
	return joinFields("voicehive/bucket/1", id.Epoch, strconv.Itoa(id.Number))
}

// wrapAAD binds a wrapped key to its row, so that a row copied over another
// one cannot be unwrapped there.
func wrapAAD(id ID) []byte {
	return joinFields("voicehive/wrap/2", id.Tenant, id.Scope.ID, string(id.Purpose), versionText(id.Version))
}

// wrapAAD1 is that of keys from before there were buckets and purposes.
func wrapAAD1(id ID) []byte {
	return joinFields("voicehive/wrap/1", id.Tenant, id.Scope.ID, versionText(id.Version))
}

// joinFields writes each field behind its length: no two different lists of
// fields have the same bytes.
func joinFields(fields ...string) []byte {
	size := 0
	for _, f := range fields {
		size += 4 + len(f)
	}
	out := make([]byte, 0, size)
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}
