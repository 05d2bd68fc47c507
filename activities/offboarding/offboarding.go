package offboarding

import (
	"context"
	"errors"
	"io"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Names of the activities. They live in histories: never change one.
const (
	ApproveActivity  = "offboarding.approve"
	CloseActivity    = "offboarding.close"
	ReturnActivity   = "offboarding.return"
	HandedActivity   = "offboarding.handed"
	WithdrawActivity = "offboarding.withdraw"
	RunsActivity     = "offboarding.runs"
	ObjectsActivity  = "offboarding.objects"
	RowsActivity     = "offboarding.rows"
	KeysActivity     = "offboarding.keys"
	SecretsActivity  = "offboarding.secrets"
	CertifyActivity  = "offboarding.certify"
)

// Types of the errors that they end with.
const (
	// TypeRefused: what was asked cannot be, and never will be.
	TypeRefused = "refused"
	// TypeHeld: a legal hold keeps something of the hotel; it is tried again.
	TypeHeld = "held"
	// TypeLeft: something that should be gone was found: remove it again.
	TypeLeft = "left"
)

// A Ref names an off-boarding and the hotel that leaves.
type Ref struct {
	Offboarding string `json:"offboarding"`
	Hotel       string `json:"hotel"`
}

// An Act is what somebody decided.
type Act struct {
	Ref
	Actor string `json:"actor"`
	// Reason is why it is withdrawn.
	Reason string `json:"reason,omitempty"`
}

// A Pack is what a hotel got back, by number.
type Pack struct {
	SHA256 string `json:"sha256"` // of its manifest, which has those of its files
	Files  int    `json:"files"`
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	// Folder is where it lies, below the folder of packs.
	Folder string `json:"folder"`
}

// Removed is what was removed, by number.
type Removed struct {
	Rows    map[string]int `json:"rows,omitempty"` // by table
	Objects int            `json:"objects,omitempty"`
	Runs    int            `json:"runs,omitempty"`
	Keys    int            `json:"keys,omitempty"`
	// Secrets are entries in the store of the hotels' credentials.
	Secrets int `json:"secrets,omitempty"`
}

// Add adds what another step removed.
func (r *Removed) Add(o Removed) {
	// A sum is the same in any order, so workflows may use it.
	//workflowcheck:ignore
	for table, n := range o.Rows {
		if r.Rows == nil {
			r.Rows = map[string]int{}
		}
		r.Rows[table] += n
	}
	r.Objects, r.Runs, r.Keys, r.Secrets = r.Objects+o.Objects, r.Runs+o.Runs, r.Keys+o.Keys, r.Secrets+o.Secrets
}

// Done is the end of an off-boarding.
type Done struct {
	// Certificate is the SHA-256 of the envelope.
	Certificate string    `json:"certificate"`
	Erased      time.Time `json:"erased"`
	Final       time.Time `json:"final"`
}

// Keys opens, destroys and seals. *keys.Ring is one.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
	Destroy(ctx context.Context, scopes ...keys.Scope) ([]keys.Destruction, error)
}

// Living lists scopes of a tenant of which a key lives; *keys.Postgres is one.
type Living interface {
	Living(ctx context.Context, tenant string, most int) ([]keys.Scope, error)
}

// Connections closes a hotel's connection; *status.Store is one.
type Connections interface {
	Maintain(ctx context.Context, hotel, reason string, until time.Time, also ...postgres.Step) (connectors.Status, error)
}

// Objects are where recordings and packs of guests lie.
type Objects interface {
	Read(ctx context.Context, name string) (io.ReadCloser, error)
	Delete(ctx context.Context, name string) error
	Exists(ctx context.Context, name string) (bool, error)
}

var _ Objects = objects.Erasable(nil)

// Parts are what the activities need; all but Now are required.
type Parts struct {
	Store       *Store
	Pool        *postgres.Pool
	Keys        Keys
	Living      Living
	Connections Connections
	Objects     Objects
	Secrets     Secrets
	Hotels      Hotels
	Temporal    client.Client
	Namespace   string
	Signer      attest.Signer
	// Folder is where packs are written. Every worker sees the same one.
	Folder string
	// Horizon is how old the oldest backup of the key database can be.
	Horizon time.Duration
	Now     func() time.Time
}

// Activities are the activities. Register a value made by New.
type Activities struct{ Parts }

// New returns the activities on the given parts.
func New(p Parts) *Activities {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Activities{p}
}

// Register registers the activities.
func Register(r worker.ActivityRegistry, a *Activities) {
	for name, act := range map[string]any{
		ApproveActivity: a.Approve, CloseActivity: a.Close, ReturnActivity: a.Return, HandedActivity: a.Handed, WithdrawActivity: a.Withdraw,
		RunsActivity: a.Runs, ObjectsActivity: a.RemoveObjects, RowsActivity: a.Rows, KeysActivity: a.DestroyKeys, SecretsActivity: a.RemoveSecrets, CertifyActivity: a.Certify,
	} {
		r.RegisterActivityWithOptions(act, activity.RegisterOptions{Name: name})
	}
}

// actor is who the audit log says it was.
const actor = "worker"

// Kinds of audit events.
const (
	EventOpened    audit.Kind = "offboarding.opened"
	EventApproved  audit.Kind = "offboarding.approved"
	EventWithdrawn audit.Kind = "offboarding.withdrawn"
	EventReturned  audit.Kind = "offboarding.returned"
	EventHanded    audit.Kind = "offboarding.handed_over"
	EventCertified audit.Kind = "offboarding.certified"
)

// Refusals.
var (
	ErrNotFound   = errors.New("offboarding: there is none of that id; see `voicehive offboarding list`")
	ErrSamePerson = errors.New("offboarding: another person than who opened it has to approve")
	ErrState      = errors.New("offboarding: it is past that, or not there yet; see `voicehive offboarding show`")
	ErrOpen       = errors.New("offboarding: the hotel is leaving already; see `voicehive offboarding list`")
	ErrInvalid    = errors.New("offboarding: this cannot be")
	errLeft       = errors.New("offboarding: something of the hotel was found that should be gone")
)

// answer says in Temporal's words what went wrong.
func answer(err error) error {
	if err == nil {
		return nil
	}
	for _, never := range []error{ErrNotFound, ErrSamePerson, ErrState, ErrInvalid} {
		if errors.Is(err, never) {
			return temporal.NewNonRetryableApplicationError(err.Error(), TypeRefused, nil)
		}
	}
	if errors.Is(err, holds.ErrHeld) {
		return temporal.NewApplicationErrorWithOptions(err.Error(), TypeHeld, temporal.ApplicationErrorOptions{
			NextRetryDelay: time.Hour, Category: temporal.ApplicationErrorCategoryBenign,
		})
	}
	if errors.Is(err, errLeft) {
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeLeft, nil)
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), "internal", temporal.ApplicationErrorOptions{Cause: err})
}
