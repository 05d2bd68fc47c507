package region

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// A Store remembers in the main database what was last found of each endpoint.
// It is safe for concurrent use.
type Store struct{ pool *postgres.Pool }

// NewStore returns the store in the database of pool.
func NewStore(pool *postgres.Pool) *Store { return &Store{pool: pool} }

// A Check is what was last found of an endpoint.
type Check struct {
	Finding
	CheckedAt time.Time `json:"checked_at"`
	ChangedAt time.Time `json:"changed_at"`
}

// A Change is an endpoint that stands otherwise than before. Was has an empty
// state when the endpoint is new.
type Change struct {
	Was, Is Finding
	// Moved tells that class, provider, region or country are others, whatever
	// the state: a drift that wants a look.
	Moved bool
	At    time.Time
}

// Worse tells whether the endpoint must not be used any more, and could be
// before. One that is new and refused is worse than none.
func (c Change) Worse(production bool) bool {
	return c.Is.Refuses(production) && (c.Was.State == "" || !c.Was.Refuses(production))
}

// Record remembers findings of a check at a moment and returns what changed
// since the last. A finding as old as the last one, or older, changes nothing:
// a repeated attempt tells no news. tell, which may be nil, is told the changes
// before they are remembered; when it fails they are not, and are news the next
// time.
func (s *Store) Record(ctx context.Context, at time.Time, findings []Finding, tell func([]Change) error) ([]Change, error) {
	var changes []Change
	// In one order, so that two processes do not wait for each other.
	findings = slices.Clone(findings)
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	err := s.pool.AsRole(ctx, postgres.RoleChecker, func(tx pgx.Tx) error {
		changes = nil
		for _, f := range findings {
			change, changed, err := record(ctx, tx, at, f)
			if err != nil {
				return err
			}
			if changed {
				changes = append(changes, change)
			}
		}
		if tell == nil || len(changes) == 0 {
			return nil
		}
		return tell(changes)
	})
	if err != nil {
		return nil, fmt.Errorf("region: recording a check: %w", err)
	}
	return changes, nil
}

func record(ctx context.Context, tx pgx.Tx, at time.Time, f Finding) (Change, bool, error) {
	was, err := last(ctx, tx, f.Endpoint)
	if err != nil || !was.CheckedAt.Before(at) {
		return Change{}, false, err
	}
	moved := was.State != "" && (was.Class != f.Class || was.Provider != f.Provider || was.Region != f.Region || was.Country != f.Country)
	changed := was.State != f.State || moved
	changedAt := was.ChangedAt
	if changed {
		changedAt = at
	}
	_, err = tx.Exec(ctx, `
		insert into region_check (endpoint, hotel, role, host, class, provider, region, country, addresses, state, reason, evidence, checked_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (endpoint) do update set hotel = excluded.hotel, role = excluded.role, host = excluded.host, class = excluded.class,
			provider = excluded.provider, region = excluded.region, country = excluded.country, addresses = excluded.addresses,
			state = excluded.state, reason = excluded.reason, evidence = excluded.evidence,
			checked_at = excluded.checked_at, changed_at = excluded.changed_at`,
		f.Endpoint, f.Tenant, string(f.Role), f.Host, string(f.Class), f.Provider, f.Region, f.Country, digest(f),
		string(f.State), f.Reason, f.Evidence, at, changedAt)
	return Change{Was: was.Finding, Is: f, Moved: moved, At: at}, changed, err
}

const columns = `endpoint, hotel, role, host, class, provider, region, country, state, reason, evidence, checked_at, changed_at`

// last reads and locks what is known of an endpoint; the zero value when that
// is nothing.
func last(ctx context.Context, tx pgx.Tx, endpoint string) (Check, error) {
	rows, err := tx.Query(ctx, "select "+columns+" from region_check where endpoint = $1 for update", endpoint)
	if err != nil {
		return Check{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Check{}, nil
	}
	return c, err
}

func scan(row pgx.CollectableRow) (c Check, err error) {
	return c, row.Scan(&c.Endpoint, &c.Tenant, &c.Role, &c.Host, &c.Class, &c.Provider, &c.Region, &c.Country,
		&c.State, &c.Reason, &c.Evidence, &c.CheckedAt, &c.ChangedAt)
}

// digest tells other addresses from the same ones. Addresses change in the
// normal course of a failover, so a change is no alarm by itself.
func digest(f Finding) []byte {
	h := sha256.New()
	for _, a := range f.Addresses {
		b := a.As16()
		h.Write(b[:])
	}
	return h.Sum(nil)
}

// List reads what is known of all endpoints, by name.
func (s *Store) List(ctx context.Context) (checks []Check, err error) {
	rows, err := s.pool.Role(postgres.RoleChecker).Query(ctx, "select "+columns+" from region_check order by endpoint")
	if err == nil {
		checks, err = pgx.CollectRows(rows, scan)
	}
	if err != nil {
		return nil, fmt.Errorf("region: listing checks: %w", err)
	}
	return checks, nil
}

// Forget takes away what was not checked since a moment: endpoints that nobody
// is configured with any more. It returns how many.
func (s *Store) Forget(ctx context.Context, before time.Time) (int, error) {
	tag, err := s.pool.Role(postgres.RoleChecker).Exec(ctx, "delete from region_check where checked_at < $1", before)
	if err != nil {
		return 0, fmt.Errorf("region: forgetting old checks: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
