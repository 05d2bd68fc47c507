package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Kinds of audit events.
const (
	EventPlanned   audit.Kind = "erasure.planned"
	EventRuns      audit.Kind = "erasure.runs_deleted"
	EventSystem    audit.Kind = "erasure.system_erased"
	EventManual    audit.Kind = "erasure.left_to_staff"
	EventTold      audit.Kind = "erasure.recipient_told"
	EventUntold    audit.Kind = "erasure.recipient_left_to_staff"
	EventCertified audit.Kind = "erasure.certified"
	EventReplayed  audit.Kind = "erasure.replayed"
)

// What can be refused.
var (
	// ErrNobody: the case names nobody whose data there is.
	ErrNobody = errors.New("erasure: the case names nobody: find its people first")
	// ErrTooMany: the case names more scopes than one erasure takes.
	ErrTooMany = fmt.Errorf("erasure: a case reaches at most %d bookings and calls", mostScopes)
	// ErrPlanChanged: what is there, or what the law says of it, is not what was
	// planned.
	ErrPlanChanged = errors.New("erasure: the plan is not the one that was approved: look at it and approve it again")
	// ErrNoPlan: nothing was planned for the case.
	ErrNoPlan = errors.New("erasure: there is no plan for this case: plan first")
	// ErrLeft: something that should be gone is still there.
	ErrLeft = errors.New("erasure: something is left that should be gone: erase again")
	// ErrNoCertificate: the case has none.
	ErrNoCertificate = errors.New("erasure: there is no certificate for this case")
)

// mostScopes bounds one erasure.
const mostScopes = 10_000

// Cases knows whose data a case is about. *rights.Store is one.
type Cases interface {
	Scopes(ctx context.Context, hotel, request string) ([]string, error)
}

// Keys seals plans with their case and makes sure that a case has a key.
// *keys.Ring is one.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Desk erases rows and destroys keys. *subjects.Desk is one.
type Desk interface {
	Erase(ctx context.Context, tenant string, o subjects.Order) (subjects.Counts, error)
	DestroyKeys(ctx context.Context, tenant string, scopes []string, purposes ...keys.Purpose) (subjects.Destroyed, error)
}

// Runs knows and deletes workflow runs by the ids of their workflows.
type Runs interface {
	// Count counts the runs that there are of some workflows.
	Count(ctx context.Context, ids []string) (map[string]int, error)
	// Delete ends and deletes all runs of the workflows, and returns how many.
	Delete(ctx context.Context, ids []string) (int, error)
}

// System erases people at a hotel's own system.
type System interface {
	// Erase erases who booked a reservation and slept there, or else the companion
	// who came along, and reads back that they are gone. A definite no is
	// ErrRefused; any other error says that nobody knows yet.
	Erase(ctx context.Context, hotel, reservation string, companion *Companion) error
}

// ErrRefused is a definite no of a hotel's system or of another recipient: a
// person has to do it there.
// Problem is a word for why.
type ErrRefused struct{ Problem string }

func (e ErrRefused) Error() string { return "erasure: the other side refuses: " + e.Problem }

// Table is where scopes have their subjects. *keys.Subjects is one.
type Table interface {
	SubjectOf(ctx context.Context, tenant string, scopes ...keys.Scope) (map[keys.Scope]uuid.UUID, error)
	Forget(ctx context.Context, tenant string, scopes ...keys.Scope) error
}

// Options are the parts of an Office. All but Approvals and Recipients are
// required.
type Options struct {
	Pool, KeysPool *postgres.Pool
	Cases          Cases
	Keys           Keys
	Desk           Desk
	Table          Table
	Policy         *retention.Policy
	Runs           Runs
	System         System
	Auditor        subjects.Auditor
	Signer         attest.Signer
	// Horizon is how long the oldest backup lives: what was erased is final then.
	Horizon time.Duration
	// Recipients are those to whom data was disclosed and who can be told.
	Recipients []Recipient
	// Approvals are asked before a plan is carried out; nil where nobody approves.
	Approvals Approvals
	Now       func() time.Time
}

// Office plans erasures, carries them out and certifies them. It is safe for
// concurrent use.
type Office struct {
	Options
	// open bounds the transactions that wait for work elsewhere.
	open chan struct{}
}

// New returns an office on the given parts.
func New(o Options) *Office {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Office{Options: o, open: make(chan struct{}, max(1, o.Pool.Stat().MaxConns()/3))}
}

// LegalHolds are the legal holds of the database, as subjects.Options.Holds
// wants them.
func LegalHolds(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) (subjects.Kept, error) {
	held, err := holds.In(ctx, tx, tenant, scopes)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	return func(class register.Class, scope string) bool {
		return slices.ContainsFunc(held, func(h holds.Hold) bool { return h.Keeps(class, scope) })
	}, nil
}

// scopes are those of a case and those that were known before, sorted and each
// once.
func (o *Office) scopes(ctx context.Context, hotel, request string, before []string) ([]string, error) {
	all, err := o.Cases.Scopes(ctx, hotel, request)
	if err != nil {
		return nil, fmt.Errorf("erasure: ask whose data it is: %w", err)
	}
	all = slices.Compact(slices.Sorted(slices.Values(slices.Concat(all, before))))
	switch {
	case len(all) == 0:
		return nil, ErrNobody
	case len(all) > mostScopes:
		return nil, ErrTooMany
	}
	for _, id := range all {
		if err := (keys.Scope{Tenant: hotel, ID: id}).Validate(); err != nil {
			return nil, fmt.Errorf("erasure: ask whose data it is: %w", err)
		}
	}
	return all, nil
}

func caseScope(hotel, request string) keys.Scope { return keys.Scope{Tenant: hotel, ID: request} }

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("erasure: %s: %w", what, err)
}
