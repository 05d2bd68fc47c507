// Package temporalkeys lends scope keys to the payload codec of
// internal/temporal, which knows nothing of scopes: it declares what it needs,
// and this package fits keys.Ring to it.
package temporalkeys

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/temporal"
)

// Source is a temporal.Keys over a ring.
type Source struct{ ring *keys.Ring }

// New returns a source of the ring's keys.
func New(ring *keys.Ring) *Source { return &Source{ring: ring} }

// Load implements temporal.Keys. Names that are neither a scope nor a key id
// are left out: they come from payloads, and nobody vouches for those.
func (s *Source) Load(ctx context.Context, names ...string) error {
	slots := make([]keys.Slot, 0, len(names))
	for _, name := range names {
		if id, err := keys.ParseID(name); err == nil {
			slots = append(slots, id.Slot())
		} else if scope, err := keys.ParseScope(name); err == nil {
			slots = append(slots, keys.Slot{Scope: scope, Purpose: keys.Operations})
		}
	}
	return s.ring.LoadSlots(ctx, slots...)
}

// Current implements temporal.Keys.
func (s *Source) Current(name string) (string, cipher.AEAD, error) {
	scope, err := keys.ParseScope(name)
	if err != nil {
		return "", nil, temporal.ErrKeyMalformed
	}
	key, err := s.ring.Lookup(scope, keys.Operations)
	if err != nil {
		return "", nil, answer(err)
	}
	return key.ID.String(), key.AEAD(), nil
}

// ByID implements temporal.Keys.
func (s *Source) ByID(name string) (cipher.AEAD, error) {
	id, err := keys.ParseID(name)
	if err != nil {
		return nil, temporal.ErrKeyMalformed
	}
	key, err := s.ring.LookupID(id)
	if err != nil {
		return nil, answer(err)
	}
	return key.AEAD(), nil
}

// answer says in the codec's words what the ring said. A damaged key counts as
// missing: tasks wait until it is restored, nothing is taken for erased.
func answer(err error) error {
	switch {
	case errors.Is(err, keys.ErrNotLoaded):
		return temporal.ErrKeyNotLoaded
	case errors.Is(err, keys.ErrDestroyed):
		return temporal.ErrKeyDestroyed
	default:
		return temporal.ErrKeyUnknown
	}
}

// The kinds of workflow whose id ends in the ULID of their own scope.
var scoped = []string{"booking", "call", "dsar"}

// ScopeOf is a temporal.ScopeOf: "booking|call|dsar/<hotel>/<ulid>" is scope
// "<hotel>/<ulid>", and "system/<hotel>/<name>" is the hotel's own scope.
func ScopeOf(workflowID string) (string, error) {
	kind, rest, _ := strings.Cut(workflowID, "/")
	hotel, last, _ := strings.Cut(rest, "/")
	var scope keys.Scope
	switch {
	case slices.Contains(scoped, kind):
		scope = keys.Scope{Tenant: hotel, ID: last}
		if scope.IsTenant() {
			return "", errors.New("workflow id: the all-zero ULID is the hotel's own scope and starts no workflow")
		}
	case kind == "system" && last != "":
		scope = keys.TenantScope(hotel)
	default:
		return "", fmt.Errorf("workflow id is not of the form %s/<hotel>/<ulid> or system/<hotel>/<name>", strings.Join(scoped, "|"))
	}
	if err := scope.Validate(); err != nil {
		return "", fmt.Errorf("workflow id: %w", err)
	}
	return scope.String(), nil
}
