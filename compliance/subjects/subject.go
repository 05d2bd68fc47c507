package subjects

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Ref is a data subject: random, of one hotel. It joins all that is known of a
// person, so it shows itself to no log and no error: String is a fixed word.
type Ref uuid.UUID

// String says only that this is a subject.
func (Ref) String() string { return "subject" }

// LogValue implements slog.LogValuer.
func (Ref) LogValue() slog.Value { return slog.StringValue("subject") }

// UUID is the number itself, for the keys' database and for sealed places.
func (r Ref) UUID() uuid.UUID { return uuid.UUID(r) }

// IsZero tells whether there is none.
func (r Ref) IsZero() bool { return r == Ref{} }

// MarshalText writes the number; payloads that hold it are sealed.
func (r Ref) MarshalText() ([]byte, error) { return uuid.UUID(r).MarshalText() }

// UnmarshalText reads it.
func (r *Ref) UnmarshalText(text []byte) error { return (*uuid.UUID)(r).UnmarshalText(text) }

// What can be refused.
var (
	// ErrUnknownSubject: nothing of the hotel belongs to that subject.
	ErrUnknownSubject = errors.New("subjects: nothing of this hotel belongs to that subject")
	// ErrMerged is ErrUnknownSubject of one that was made part of another.
	ErrMerged = fmt.Errorf("%w any more: it was merged with another", ErrUnknownSubject)
	// ErrAmbiguous: more than one person matches.
	ErrAmbiguous = errors.New("subjects: more than one person matches")
	// ErrUnknownDecision: the hotel has no such decision, or it was taken back.
	ErrUnknownDecision = errors.New("subjects: the hotel has no such decision that stands")
	// ErrScopes: the scopes are none, too many, or not all of that subject.
	ErrScopes = errors.New("subjects: name at least one and not all of the subject's bookings and calls")
	// ErrReason: a decision needs a word of the list and a role.
	ErrReason = errors.New("subjects: a decision needs one of the known reasons and the role that decides")
	// ErrTooMany: this role has looked for people too often just now.
	ErrTooMany = errors.New("subjects: too many look-ups just now; wait a minute")
)

// Keys makes and seals under scopes' keys. *keys.Ring is one.
type Keys interface {
	Macer
	Create(ctx context.Context, tenant string) (keys.Scope, error)
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	DestroyPurposes(ctx context.Context, scope keys.Scope, purposes ...keys.Purpose) ([]keys.Destruction, error)
}

// Table is where scopes have their subjects, in the keys' database.
// *keys.Subjects is one.
type Table interface {
	Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes ...keys.Scope) error
	Reassign(ctx context.Context, tenant string, from, to uuid.UUID, scopes ...keys.Scope) error
	Scopes(ctx context.Context, tenant string, subject uuid.UUID) ([]keys.Scope, error)
	SubjectOf(ctx context.Context, tenant string, scopes ...keys.Scope) (map[keys.Scope]uuid.UUID, error)
}

// Auditor prepares entries of the audit log, and writes those of what is done
// outside of the main database. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
	Record(ctx context.Context, pool *postgres.Pool, events ...audit.Event) error
}

// Objects is where recordings lie.
type Objects interface {
	// Delete forgets an object; one that is gone already is no error.
	Delete(ctx context.Context, name string) error
	Exists(ctx context.Context, name string) (bool, error)
}

// Options are the parts of a Desk. All but Objects are required.
type Options struct {
	Pool    *postgres.Pool
	Keys    Keys
	Table   Table
	Auditor Auditor
	// Objects are needed once calls are recorded.
	Objects Objects
	// Holds are the legal holds that no erasure passes; nil knows of none.
	Holds Holds
	// LookupsPerMinute bounds how often one role of a hotel may look for
	// people; 30 when zero.
	LookupsPerMinute int
}

// Desk finds, joins, separates and erases people. It is safe for concurrent
// use.
type Desk struct {
	Options
	index *Index
	asked *lru.Cache[string, *rate.Limiter]
}

// askers bounds the limiters in memory: hotels times the roles that ask.
const askers = 4096

// New returns a desk on the given parts.
func New(o Options) *Desk {
	if o.LookupsPerMinute == 0 {
		o.LookupsPerMinute = 30
	}
	asked, _ := lru.New[string, *rate.Limiter](askers) // fails for sizes below one only
	return &Desk{Options: o, index: NewIndex(o.Keys), asked: asked}
}

// allow bounds how fast a role can try numbers and names.
func (d *Desk) allow(tenant, actor string) bool {
	key := tenant + " " + actor
	fresh := rate.NewLimiter(rate.Every(time.Minute/time.Duration(d.LookupsPerMinute)), d.LookupsPerMinute)
	limiter, known, _ := d.asked.PeekOrAdd(key, fresh)
	if !known {
		limiter = fresh
	}
	return limiter.Allow()
}

func scopesOf(tenant string, ids []string) []keys.Scope {
	scopes := make([]keys.Scope, len(ids))
	for i, id := range ids {
		scopes[i] = keys.Scope{Tenant: tenant, ID: id}
	}
	return scopes
}

func idsOf(scopes []keys.Scope) []string {
	ids := make([]string, len(scopes))
	for i, s := range scopes {
		ids[i] = s.ID
	}
	return ids
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("subjects: %s: %w", what, err)
}
