package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrAssigned says that a scope belongs to another data subject already, or to
// none of those that were named: somebody else moved it. Look and decide again.
var ErrAssigned = errors.New("a scope belongs to another data subject: look again")

// maxScopes bounds how many scopes one call moves, names or returns.
const maxScopes = 10_000

// Subjects is the table of which data subject a scope belongs to. It stands in
// the key database, so that whoever holds the data alone cannot join bookings
// of one guest. A subject is random, per tenant, and names nobody by itself.
//
// It decides nothing: one place in the house resolves, merges and splits
// subjects, and calls this. Each method is one transaction, does nothing the
// second time, and reaches no other tenant's rows.
type Subjects struct{ pool *postgres.Pool }

// NewSubjects returns the table in the key database of pool.
func NewSubjects(pool *postgres.Pool) *Subjects { return &Subjects{pool: pool} }

// Assign gives scopes that have no subject to one. It fails with ErrAssigned,
// and changes nothing, when one of them has another.
func (s *Subjects) Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes ...Scope) error {
	ids, err := owned(tenant, scopes)
	if err != nil {
		return fmt.Errorf("assign scopes: %w", err)
	}
	return s.do(ctx, "assign scopes", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			insert into scope_subject (tenant, scope, subject)
			select $1, id, $2 from unnest($3::text[]) id order by id
			on conflict do nothing`, tenant, subject, ids); err != nil {
			return err
		}
		return allBelong(ctx, tx, tenant, subject, ids)
	})
}

// Reassign moves scopes from one subject to another. It fails with ErrAssigned,
// and changes nothing, when one of them belongs to neither.
func (s *Subjects) Reassign(ctx context.Context, tenant string, from, to uuid.UUID, scopes ...Scope) error {
	ids, err := owned(tenant, scopes)
	if err != nil {
		return fmt.Errorf("reassign scopes: %w", err)
	}
	return s.do(ctx, "reassign scopes", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			update scope_subject set subject = $4, assigned_at = now()
			where tenant = $1 and subject = $3 and scope = any($2)`, tenant, ids, from, to); err != nil {
			return err
		}
		return allBelong(ctx, tx, tenant, to, ids)
	})
}

// Split moves some of a subject's scopes to a new one, which must have none
// yet; done before, it does nothing.
func (s *Subjects) Split(ctx context.Context, tenant string, subject uuid.UUID, scopes []Scope, fresh uuid.UUID) error {
	ids, err := owned(tenant, scopes)
	if err != nil {
		return fmt.Errorf("split a subject: %w", err)
	}
	if subject == fresh {
		return errors.New("split a subject: the new one must be another")
	}
	return s.do(ctx, "split a subject", func(tx pgx.Tx) error {
		var others bool
		if err := tx.QueryRow(ctx, `
			select exists (select from scope_subject where tenant = $1 and subject = $2 and scope <> all($3))`,
			tenant, fresh, ids).Scan(&others); err != nil {
			return err
		}
		if others {
			return ErrAssigned
		}
		if _, err := tx.Exec(ctx, `
			update scope_subject set subject = $4, assigned_at = now()
			where tenant = $1 and subject = $3 and scope = any($2)`, tenant, ids, subject, fresh); err != nil {
			return err
		}
		return allBelong(ctx, tx, tenant, fresh, ids)
	})
}

// Merge moves all scopes of one subject to another and returns those that it
// moved, sorted: what a Split needs to undo it.
func (s *Subjects) Merge(ctx context.Context, tenant string, from, into uuid.UUID) (moved []Scope, err error) {
	if from == into {
		return nil, errors.New("merge subjects: they are the same")
	}
	err = s.do(ctx, "merge subjects", func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, `
			with moved as (
				update scope_subject set subject = $3, assigned_at = now()
				where tenant = $1 and subject = $2 returning scope)
			select scope from moved order by scope limit $4`, tenant, from, into, maxScopes+1)
		if err == nil {
			moved, err = collectScopes(found, tenant)
		}
		if err == nil && len(moved) > maxScopes {
			// A rollback: a person has no such number of bookings.
			return fmt.Errorf("a subject has more than %d scopes: split it first", maxScopes)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}

// Scopes returns all scopes of a subject, destroyed ones included, sorted; it
// fails when there are more than 10,000.
func (s *Subjects) Scopes(ctx context.Context, tenant string, subject uuid.UUID) ([]Scope, error) {
	all, err := s.ScopesOf(ctx, tenant, subject, "", maxScopes)
	if err == nil && len(all) == maxScopes {
		err = fmt.Errorf("list a subject's scopes: there are %d or more: read them page by page", maxScopes)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// ScopesOf returns a page of a subject's scopes, those after a ULID ("" for the
// first page), sorted. A page that is shorter than limit is the last.
func (s *Subjects) ScopesOf(ctx context.Context, tenant string, subject uuid.UUID, after string, limit int) ([]Scope, error) {
	found, err := s.pool.Role(postgres.RoleKeys).Query(ctx, `
		select scope from scope_subject where tenant = $1 and subject = $2 and scope > $3 order by scope limit $4`,
		tenant, subject, after, max(1, min(limit, maxScopes)))
	var all []Scope
	if err == nil {
		all, err = collectScopes(found, tenant)
	}
	if err != nil {
		return nil, unavailable("list a subject's scopes", err)
	}
	return all, nil
}

// ScopesOfAny returns the scopes of any of the subjects, in no order.
func (s *Subjects) ScopesOfAny(ctx context.Context, tenant string, subjects []uuid.UUID) (all []Scope, err error) {
	found, err := s.pool.Role(postgres.RoleKeys).Query(ctx, `select scope from scope_subject where tenant = $1 and subject = any($2)`, tenant, subjects)
	if err == nil {
		all, err = collectScopes(found, tenant)
	}
	if err != nil {
		return nil, unavailable("list the scopes of subjects", err)
	}
	return all, nil
}

// SubjectOf tells whose scopes these are; one without a subject is left out.
func (s *Subjects) SubjectOf(ctx context.Context, tenant string, scopes ...Scope) (map[Scope]uuid.UUID, error) {
	ids, err := owned(tenant, scopes)
	if err != nil {
		return nil, fmt.Errorf("ask for subjects: %w", err)
	}
	out := make(map[Scope]uuid.UUID, len(ids))
	found, err := s.pool.Role(postgres.RoleKeys).Query(ctx, `
		select scope, subject from scope_subject where tenant = $1 and scope = any($2)`, tenant, ids)
	if err == nil {
		scope, subject := Scope{Tenant: tenant}, uuid.UUID{}
		_, err = pgx.ForEachRow(found, []any{&scope.ID, &subject}, func() error {
			out[scope] = subject
			return nil
		})
	}
	if err != nil {
		return nil, unavailable("ask for subjects", err)
	}
	return out, nil
}

// owned returns the scopes' ULIDs, sorted and once each.
func owned(tenant string, scopes []Scope) ([]string, error) {
	if len(scopes) > maxScopes {
		return nil, fmt.Errorf("more than %d scopes at once", maxScopes)
	}
	ids := make([]string, len(scopes))
	for i, s := range scopes {
		if s.Tenant != tenant {
			return nil, errors.New("a scope belongs to another tenant")
		}
		if s.IsTenant() {
			return nil, errors.New("the tenant's own scope belongs to no guest")
		}
		if err := s.Validate(); err != nil {
			return nil, err
		}
		ids[i] = s.ID
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// allBelong fails, and so rolls back, unless the subject has all of the scopes.
func allBelong(ctx context.Context, tx pgx.Tx, tenant string, subject uuid.UUID, ids []string) error {
	var n int
	if err := tx.QueryRow(ctx, `
		select count(*) from scope_subject where tenant = $1 and subject = $2 and scope = any($3)`,
		tenant, subject, ids).Scan(&n); err != nil {
		return err
	}
	if n != len(ids) {
		return ErrAssigned
	}
	return nil
}

func collectScopes(found pgx.Rows, tenant string) ([]Scope, error) {
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (Scope, error) {
		s := Scope{Tenant: tenant}
		return s, row.Scan(&s.ID)
	})
}

func (s *Subjects) do(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	err := s.pool.AsRole(ctx, postgres.RoleKeys, fn)
	if errors.Is(err, ErrAssigned) {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err != nil {
		return unavailable(what, err)
	}
	return nil
}
