package restriction

import (
	"context"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

// Reason is why restricted data may be opened all the same: Article 18(2) GDPR.
type Reason string

// The reasons.
const (
	// ForRights: a request of the guest's own, such as access or rectification.
	ForRights Reason = "rights_request"
	// ForClaims: to establish, exercise or defend legal claims.
	ForClaims Reason = "legal_claims"
	// WithLeave: the guest agreed.
	WithLeave Reason = "guest_agreed"
	// ForOthers: to protect the rights of another person.
	ForOthers Reason = "rights_of_others"
)

// Reasons are all of them.
func Reasons() []Reason { return []Reason{ForRights, ForClaims, WithLeave, ForOthers} }

type allowance struct{}

func allowed(ctx context.Context) bool { return ctx.Value(allowance{}) != nil }

// An Opening says who opens restricted data, of which case, and why.
type Opening struct {
	Actor, Case string
	Reason      Reason
}

// Allow returns a context with which restricted data of the tenant's can be
// opened. Who does it, and why, stands in the audit log before anything is.
func (s *Store) Allow(ctx context.Context, tenant string, o Opening) (context.Context, error) {
	known := false
	for _, r := range Reasons() {
		known = known || r == o.Reason
	}
	if !known || o.Actor == "" || o.Case == "" || len(o.Case) > 64 {
		return nil, fmt.Errorf("%w, or one of the reasons %v", ErrCause, Reasons())
	}
	err := s.auditor.Record(ctx, s.pool, audit.Event{
		Tenant: tenant, Kind: EventOpened, Actor: o.Actor, Detail: map[string]any{"case": o.Case, "reason": o.Reason},
	})
	if err != nil {
		return nil, wrap(err, "tell the audit log")
	}
	return context.WithValue(ctx, allowance{}, true), nil
}

// Ring is what is kept from opening; *keys.Ring is one.
type Ring interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Keys are a ring that opens nothing of a restricted scope: ErrRestricted, or
// ErrUnknown while that cannot be found out.
type Keys struct {
	Ring
	store *Store
}

// NewKeys returns keys for the business of a hotel.
func NewKeys(r Ring, s *Store) *Keys { return &Keys{Ring: r, store: s} }

// Open opens as the ring does what is not restricted. What is sealed for a
// case, as proof of consent, for the audit log or for tax law is no business of
// the day, and opens.
func (k *Keys) Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error) {
	if purpose == keys.Operations || purpose == keys.Recording {
		if err := k.store.Check(ctx, scope.Tenant, scope.ID); err != nil {
			return nil, err
		}
	}
	return k.Ring.Open(ctx, scope, purpose, place, sealed)
}

// Refused tells whether an error says that the data is restricted, or that
// nobody knows.
func Refused(err error) bool { return errors.Is(err, ErrRestricted) || errors.Is(err, ErrUnknown) }
