package subjects

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

// Reason is why it was decided who is who: a word of this list, so that no
// table holds what somebody wrote about a guest.
type Reason string

// The reasons.
const (
	SameNameAndContact Reason = "same_name_and_contact" // a machine's
	GuestConfirmed     Reason = "guest_confirmed"       // the guest said so
	StaffRecognised    Reason = "staff_recognised"      // the hotel knows the guest
	DocumentsAgree     Reason = "documents_agree"       // papers were compared
	SharedContact      Reason = "shared_contact"        // two people, one phone or address
	MistakenIdentity   Reason = "mistaken_identity"     // an earlier decision was wrong
)

// Reasons are those that a person can give.
func Reasons() []Reason {
	return []Reason{GuestConfirmed, StaffRecognised, DocumentsAgree, SharedContact, MistakenIdentity}
}

// Cause is who decides, why, and what they want to add. The note goes into the
// audit log, sealed.
type Cause struct {
	Actor  string // a role, perhaps with a pseudonym: "compliance:4f02"
	Reason Reason
	Note   string
}

func (c Cause) check() error {
	if !slices.Contains(Reasons(), c.Reason) || c.Actor == "" || len(c.Actor) > 64 || len(c.Note) > 2000 {
		return ErrReason
	}
	return nil
}

// mostScopes bounds one decision.
const mostScopes = 10_000

// decision is a row of what was decided.
type decision struct {
	id, kind   string
	from, into Ref
	scopes     []string
	reason     string
	actor      string
	undoes     string
}

// event is what the audit log is told. It is sealed under the hotel's own key:
// that people were mixed up has to be readable when one of them is gone.
func (n *decision) event(tenant, note string) audit.Event {
	if n.id == "" {
		n.id = ulid.Make().String()
	}
	return audit.Event{
		Tenant: tenant, Kind: audit.Kind("subject." + n.kind), Actor: n.actor,
		Detail: map[string]any{"decision": n.id, "from": n.from, "into": n.into, "scopes": len(n.scopes), "reason": n.reason, "undoes": n.undoes, "note": note},
	}
}

func (n *decision) insert(ctx context.Context, tx pgx.Tx, tenant string) error {
	_, err := tx.Exec(ctx, `
		insert into subject_decision (hotel, id, kind, from_subject, into_subject, scopes, reason, actor, undoes)
		values ($1, $2, $3, nullif($4, '00000000-0000-0000-0000-000000000000'::uuid), $5, $6, $7, $8, nullif($9, ''))`,
		tenant, n.id, n.kind, n.from.UUID(), n.into.UUID(), n.scopes, n.reason, n.actor, n.undoes)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "subject_decision_undoes" {
		return ErrUnknownDecision
	}
	return wrap(err, "record a decision")
}

// Merge makes two subjects one: what was from's becomes into's. It returns the
// decision's id, to undo it with.
func (d *Desk) Merge(ctx context.Context, tenant string, from, into Ref, why Cause) (id string, err error) {
	if err := why.check(); err != nil {
		return "", err
	}
	scopes, err := d.scopes(ctx, tenant, from)
	if err != nil {
		return "", err
	}
	if _, err := d.scopes(ctx, tenant, into); err != nil || from == into {
		return "", cmpErr(err, ErrUnknownSubject)
	}
	return d.decide(ctx, tenant, decision{kind: "merged", from: from, into: into, scopes: scopes, reason: string(why.Reason), actor: why.Actor}, why.Note)
}

// Split gives some of a subject's scopes to a fresh subject: two people were
// taken for one.
func (d *Desk) Split(ctx context.Context, tenant string, subject Ref, scopes []string, why Cause) (fresh Ref, id string, err error) {
	if err := why.check(); err != nil {
		return Ref{}, "", err
	}
	all, err := d.scopes(ctx, tenant, subject)
	if err != nil {
		return Ref{}, "", err
	}
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if len(scopes) == 0 || len(scopes) >= len(all) || slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(all, s) }) {
		return Ref{}, "", ErrScopes
	}
	fresh = Ref(uuid.New())
	id, err = d.decide(ctx, tenant, decision{kind: "split", from: subject, into: fresh, scopes: scopes, reason: string(why.Reason), actor: why.Actor}, why.Note)
	return fresh, id, err
}

// Undo takes a decision back: what it moved and nobody moved since returns to
// where it was. A decision can be undone once.
func (d *Desk) Undo(ctx context.Context, tenant, id string, why Cause) (undoing string, err error) {
	if err := why.check(); err != nil {
		return "", err
	}
	done, err := d.decision(ctx, tenant, id)
	if err != nil {
		return "", err
	}
	if done.kind == "joined" {
		return "", ErrUnknownDecision // a machine's join is separated by Split
	}
	scopes, err := d.movable(ctx, tenant, done)
	if err != nil {
		return "", err
	}
	if len(scopes) == 0 {
		return "", ErrUnknownDecision // all of it was decided anew since
	}
	kind := map[string]string{"merged": "split", "split": "merged"}[done.kind]
	return d.decide(ctx, tenant, decision{
		kind: kind, from: done.into, into: done.from, scopes: scopes, reason: string(why.Reason), actor: why.Actor, undoes: id,
	}, why.Note)
}

// decide writes the decision down with its audit entry, and then carries it
// out. The keys lie in another database: what is cut off in between is carried
// out by Finish.
func (d *Desk) decide(ctx context.Context, tenant string, n decision, note string) (string, error) {
	event := n.event(tenant, note)
	entry, err := d.Auditor.Prepare(ctx, event)
	if err != nil {
		return "", wrap(err, "prepare the audit entry")
	}
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if err := n.insert(ctx, tx, tenant); err != nil {
			return err
		}
		if n.undoes != "" {
			if _, err := tx.Exec(ctx, `update subject_decision set undone_by = $3 where hotel = $1 and id = $2`, tenant, n.undoes, n.id); err != nil {
				return wrap(err, "mark a decision as undone")
			}
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return "", err
	}
	return n.id, d.carryOut(ctx, tenant, n)
}

func (d *Desk) carryOut(ctx context.Context, tenant string, n decision) error {
	const late = "carry a decision out; it is recorded, and repeated later"
	err := d.Table.Reassign(ctx, tenant, n.from.UUID(), n.into.UUID(), scopesOf(tenant, n.scopes)...)
	if errors.Is(err, keys.ErrAssigned) {
		// A later decision took some of them elsewhere; it stands.
		if n.scopes, err = d.movable(ctx, tenant, n); err == nil && len(n.scopes) > 0 {
			err = d.Table.Reassign(ctx, tenant, n.from.UUID(), n.into.UUID(), scopesOf(tenant, n.scopes)...)
		}
	}
	if err != nil {
		return wrap(err, late)
	}
	_, err = d.Pool.Tenant(tenant).Exec(ctx, `update subject_decision set done_at = now() where hotel = $1 and id = $2`, tenant, n.id)
	return wrap(err, "close a decision")
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

// decision reads one that stands.
func (d *Desk) decision(ctx context.Context, tenant, id string) (decision, error) {
	rows, err := d.Pool.Tenant(tenant).Query(ctx, `
		select id, kind, coalesce(from_subject, '00000000-0000-0000-0000-000000000000'), into_subject, scopes from subject_decision
		where hotel = $1 and id = $2 and undone_by is null and done_at is not null`, tenant, id)
	if err != nil {
		return decision{}, wrap(err, "read a decision")
	}
	n, err := pgx.CollectExactlyOneRow(rows, scanDecision)
	if errors.Is(err, pgx.ErrNoRows) {
		return decision{}, ErrUnknownDecision
	}
	return n, wrap(err, "read a decision")
}

func scanDecision(row pgx.CollectableRow) (n decision, err error) {
	var from, into uuid.UUID
	err = row.Scan(&n.id, &n.kind, &from, &into, &n.scopes)
	n.from, n.into = Ref(from), Ref(into)
	return n, err
}

// ScopesOf are all scopes of a subject, those of erased bookings included.
func (d *Desk) ScopesOf(ctx context.Context, tenant string, subject Ref) ([]string, error) {
	return d.scopes(ctx, tenant, subject)
}

func (d *Desk) scopes(ctx context.Context, tenant string, subject Ref) ([]string, error) {
	var found []keys.Scope
	var err error
	if !subject.IsZero() {
		found, err = d.Table.Scopes(ctx, tenant, subject.UUID())
	}
	switch {
	case err != nil:
		return nil, wrap(err, "list a subject's scopes")
	case len(found) == 0:
		return nil, ErrUnknownSubject
	case len(found) > mostScopes:
		return nil, ErrScopes
	}
	return idsOf(found), nil
}

func cmpErr(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}
