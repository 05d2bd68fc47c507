package temporal

import (
	"context"
	"crypto/cipher"
	"errors"
)

// Keys lends the data keys of scopes. Names are opaque to this package: a scope
// comes from ScopeOf, a key's id from Current.
type Keys interface {
	// Load brings what the names (scopes or key ids) stand for into memory, in
	// one batch. It fails only when it could not find out; names that stand for
	// nothing are no failure.
	Load(ctx context.Context, names ...string) error
	// Current returns the newest key of a scope, from memory only. It fails with
	// ErrKeyNotLoaded, ErrKeyUnknown or ErrKeyDestroyed.
	Current(scope string) (id string, aead cipher.AEAD, err error)
	// ByID returns the key of that id, from memory only, with the same errors or
	// ErrKeyMalformed. The ciphers draw their own nonces (NonceSize is 0).
	ByID(id string) (cipher.AEAD, error)
}

// ScopeOf tells which scope's key protects a workflow. It must fail, not guess,
// for an id that has none.
type ScopeOf func(workflowID string) (scope string, err error)

// Answers of Keys.
var (
	ErrKeyNotLoaded = errors.New("payload key is not in memory")
	ErrKeyUnknown   = errors.New("payload key does not exist or is damaged")
	ErrKeyDestroyed = errors.New("payload key was destroyed: the content is erased")
	ErrKeyMalformed = errors.New("payload key id is malformed")
)

// Answers of the codec.
var (
	// ErrNoScope: there is no scope to seal under, so nothing is sent.
	ErrNoScope = errors.New("payload belongs to no workflow with a key scope: use a workflow id of a known form")
	// ErrPlaintext: a payload came from the server that nobody sealed.
	ErrPlaintext = errors.New("payload from the server is not sealed: refuse it")
	// ErrEnvelope: a sealed payload of a form this program does not know.
	ErrEnvelope = errors.New("sealed payload has an unknown envelope: upgrade this program")
	// ErrTampered: it was changed, or comes from another namespace or key.
	ErrTampered = errors.New("sealed payload is not authentic")
)

const notLoadedText = "payload key is not at hand, the task will be retried"

// NotLoadedError is what the codec panics with when a key is missing in memory.
// Returned as an error it would fail the workflow for good; a panic makes the
// worker fail the task only, and the server sends it again. By then the key is
// loaded.
type NotLoadedError struct {
	// Name of the scope or the key. It names no guest.
	Name string
	Err  error
}

func (e *NotLoadedError) Error() string { return notLoadedText + ": " + e.Name + ": " + e.Err.Error() }
func (e *NotLoadedError) Unwrap() error { return e.Err }
