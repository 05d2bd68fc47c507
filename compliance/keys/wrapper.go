package keys

import (
	"context"
	"encoding/binary"
)

// Wrapper protects data keys at rest. It is called with whole batches, because
// a remote one (Vault Transit) pays a round trip for each call.
type Wrapper interface {
	// Wrap encrypts data keys under the current wrapping key and names its epoch.
	Wrap(ctx context.Context, plain []Plain) (epoch string, wrapped [][]byte, err error)
	// Unwrap returns the data keys in the same order. It fails with ErrTampered
	// when one of them does not belong to its AAD or was changed.
	Unwrap(ctx context.Context, wrapped []Wrapped) ([][]byte, error)
}

// Plain is a data key to be wrapped, bound to AAD.
type Plain struct {
	Key []byte
	AAD []byte
}

// Wrapped is a data key as it is stored, with what is needed to unwrap it.
type Wrapped struct {
	Epoch string
	Data  []byte
	AAD   []byte
}

// wrapAAD binds a wrapped key to its row, so that a row copied over another
// one cannot be unwrapped there.
func wrapAAD(id ID) []byte {
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
