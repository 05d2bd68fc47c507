package subjects

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// carryOut does in the keys' database what was written down.
func (d *Desk) carryOut(ctx context.Context, tenant string, n decision) error {
	const late = "carry a decision out; it is recorded, and repeated later"
	err := d.move(ctx, tenant, n)
	if errors.Is(err, keys.ErrAssigned) {
		// A later decision took some of them elsewhere; it stands.
		if n.scopes, err = d.movable(ctx, tenant, n); err == nil && len(n.scopes) > 0 {
			err = d.move(ctx, tenant, n)
		}
	}
	if err != nil {
		return wrap(err, late)
	}
	_, err = d.Pool.Tenant(tenant).Exec(ctx, `update subject_decision set done_at = now() where hotel = $1 and id = $2`, tenant, n.id)
	return wrap(err, "close a decision")
}

func (d *Desk) move(ctx context.Context, tenant string, n decision) error {
	if n.kind == kindJoined {
		return d.Table.Assign(ctx, tenant, n.into.UUID(), scopesOf(tenant, n.scopes)...)
	}
	return d.Table.Reassign(ctx, tenant, n.from.UUID(), n.into.UUID(), scopesOf(tenant, n.scopes)...)
}

// movable are those of a decision's scopes that nobody has moved elsewhere.
func (d *Desk) movable(ctx context.Context, tenant string, n decision) ([]string, error) {
	whose, err := d.Table.SubjectOf(ctx, tenant, scopesOf(tenant, n.scopes)...)
	if err != nil {
		return nil, wrap(err, "ask whose scopes these are")
	}
	return slices.DeleteFunc(slices.Clone(n.scopes), func(id string) bool {
		s := Ref(whose[keys.Scope{Tenant: tenant, ID: id}])
		return s != n.from && s != n.into
	}), nil
}

// Finish carries out, in their order, decisions that were recorded and then cut
// off. Doing it again changes nothing.
func (d *Desk) Finish(ctx context.Context, tenant string) (carried int, err error) {
	rows, err := d.Pool.Tenant(tenant).Query(ctx, `
		select id, kind, coalesce(from_subject, '00000000-0000-0000-0000-000000000000'), into_subject, scopes from subject_decision
		where hotel = $1 and done_at is null order by created_at, id limit 1000`, tenant)
	if err != nil {
		return 0, wrap(err, "list open decisions")
	}
	open, err := pgx.CollectRows(rows, scanDecision)
	if err != nil {
		return 0, wrap(err, "list open decisions")
	}
	// One that fails holds up no other.
	for _, n := range open {
		if failed := d.carryOut(ctx, tenant, n); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		carried++
	}
	return carried, err
}
