package restriction

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/postgres"
)

// What can be refused.
var (
	// ErrRestricted: the data may be stored and no more.
	ErrRestricted = errors.New("restriction: the guest's data is restricted and may only be stored; a compliance officer can open it with a reason")
	// ErrUnknown: whether the data is restricted cannot be found out now, which
	// counts as a yes.
	ErrUnknown = errors.New("restriction: whether the guest's data is restricted cannot be asked now; try again")
	// ErrCause: who asks has to say who they are, for which case and why.
	ErrCause = errors.New("restriction: name the role, the case and one of the grounds")
	// ErrNotRestricted: no restriction of that case stands.
	ErrNotRestricted = errors.New("restriction: no restriction of that case stands")
	// ErrNotTold: the guest has not been told yet that it ends.
	ErrNotTold = errors.New("restriction: it is lifted after the guest was told; send the letter first, or record that it was done by hand")
)

// Kinds of audit events.
const (
	EventSet       audit.Kind = "restriction.set"
	EventAnnounced audit.Kind = "restriction.end_announced"
	EventLifted    audit.Kind = "restriction.lifted"
	EventOpened    audit.Kind = "restriction.opened"
)

// ByHand is the notice of a guest who was told in a way that we do not see.
const ByHand = "by_hand"

// mostScopes bounds what one case restricts.
const mostScopes = 10_000

// Auditor prepares entries of the audit log; *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
	Record(ctx context.Context, pool *postgres.Pool, events ...audit.Event) error
}

// DefaultTTL is how long a process may not know of a restriction that another
// one made.
const DefaultTTL = 2 * time.Second

// Options of a Store. The zero value is good for production.
type Options struct {
	// TTL is how long what is known of a hotel holds. Default DefaultTTL.
	TTL time.Duration
}

// Store keeps the restrictions. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	auditor Auditor
	ttl     time.Duration
	flight  singleflight.Group

	mu    sync.Mutex
	known map[string]marks
}

// marks are a hotel's restricted scopes as they stood at a moment.
type marks struct {
	scopes map[string]bool
	asked  time.Time
	// stale tells that something was changed at that moment: ask again.
	stale bool
}

// New returns the store in the main database.
func New(pool *postgres.Pool, a Auditor, o Options) *Store {
	if o.TTL <= 0 {
		o.TTL = DefaultTTL
	}
	return &Store{pool: pool, auditor: a, ttl: o.TTL, known: map[string]marks{}}
}

// TTL is how long other processes may not know yet what was restricted here.
func (s *Store) TTL() time.Duration { return s.ttl }

// A Cause is who restricts, for which case, and on which ground of Article 18.
type Cause struct {
	Actor string // a role, perhaps with a pseudonym
	Case  string // the case's ULID
	// Ground is one of rights.Grounds.
	Ground string
}

// Restrict marks scopes and tells how many were not marked for that case
// before. From then on this process opens nothing of them, and others do not
// either after the TTL.
func (s *Store) Restrict(ctx context.Context, tenant string, why Cause, scopes []string) (marked int, err error) {
	if why.Actor == "" || why.Case == "" || !slices.Contains(rights.Grounds(), why.Ground) || len(scopes) == 0 || len(scopes) > mostScopes {
		return 0, ErrCause
	}
	entry, err := s.auditor.Prepare(ctx, audit.Event{
		Tenant: tenant, Kind: EventSet, Actor: why.Actor,
		Detail: map[string]any{"case": why.Case, "ground": why.Ground, "scopes": len(scopes)},
	})
	if err != nil {
		return 0, wrap(err, "prepare the audit entry")
	}
	err = s.pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into restriction (hotel, scope, by_case, ground) select $1, scope, $2, $3 from unnest($4::text[]) scope
			on conflict do nothing`, tenant, why.Case, why.Ground, scopes)
		if err != nil {
			return wrap(err, "mark scopes")
		}
		if marked = int(tag.RowsAffected()); marked == 0 {
			return nil
		}
		return entry.Insert(ctx, tx)
	})
	s.forget(tenant)
	return marked, err
}

// A Restriction is one mark that stands, or stood.
type Restriction struct {
	Scope, Case, Ground string
	Since               time.Time
	// Notice is the letter that tells the guest of its end; "" while none does.
	Notice   string
	LiftedAt time.Time // zero while it stands
}

// List returns the marks of a case, or of all cases when it is empty: those
// that stand first, the newest first, at most so many.
func (s *Store) List(ctx context.Context, tenant, ofCase string, most int) ([]Restriction, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `
		select scope, by_case, ground, since, coalesce(notice, ''), coalesce(lifted_at, '0001-01-01') from restriction
		where hotel = $1 and ($2 = '' or by_case = $2) order by lifted_at is not null, since desc, scope limit $3`,
		tenant, ofCase, min(max(most, 1), mostScopes))
	if err != nil {
		return nil, wrap(err, "list restrictions")
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Restriction, err error) {
		err = row.Scan(&r.Scope, &r.Case, &r.Ground, &r.Since, &r.Notice, &r.LiftedAt)
		r.Since, r.LiftedAt = r.Since.UTC(), r.LiftedAt.UTC()
		return r, err
	})
	return all, wrap(err, "list restrictions")
}

// Check fails with ErrRestricted when a scope is restricted, and with
// ErrUnknown when that cannot be found out, unless the context was allowed to
// read. It asks the database at most once in a TTL for each hotel.
func (s *Store) Check(ctx context.Context, tenant, scope string) error {
	if allowed(ctx) {
		return nil
	}
	m, err := s.marks(ctx, tenant)
	if err != nil {
		return err
	}
	if m.scopes[scope] {
		return ErrRestricted
	}
	return nil
}

func (s *Store) marks(ctx context.Context, tenant string) (marks, error) {
	s.mu.Lock()
	m, ok := s.known[tenant]
	s.mu.Unlock()
	if ok && !m.stale && time.Since(m.asked) < s.ttl {
		return m, nil
	}
	// One question for all that ask at a time; it does not end with the first
	// one's context.
	found, err, _ := s.flight.Do(tenant, func() (any, error) {
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
		defer cancel()
		return s.ask(asking, tenant)
	})
	if err != nil {
		return marks{}, err
	}
	return found.(marks), nil
}

// askTime bounds the question what is restricted.
const askTime = 5 * time.Second

func (s *Store) ask(ctx context.Context, tenant string) (marks, error) {
	m := marks{scopes: map[string]bool{}, asked: time.Now()}
	rows, err := s.pool.Tenant(tenant).Query(ctx, `select scope from restriction where hotel = $1 and lifted_at is null`, tenant)
	var scope string
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&scope}, func() error {
			m.scopes[scope] = true
			return nil
		})
	}
	if errors.Is(err, postgres.ErrTenant) {
		return m, nil // no hotel has such a name
	}
	if err != nil {
		return marks{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// What was asked before something was restricted here does not count.
	if known, ok := s.known[tenant]; !ok || known.asked.Before(m.asked) {
		s.known[tenant] = m
	}
	return m, nil
}

// forget makes the next look ask again. What is on its way is older than this
// moment and is not kept.
func (s *Store) forget(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight.Forget(tenant)
	s.known[tenant] = marks{asked: time.Now(), stale: true}
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("restriction: %s: %w", what, err)
}
