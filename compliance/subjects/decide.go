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

// kindJoined is a machine's decision: scopes that had no subject got one that
// others have.
const kindJoined = "joined"

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
	scopes, err := d.standing(ctx, tenant, from)
	if err != nil {
		return "", err
	}
	if _, err := d.standing(ctx, tenant, into); err != nil || from == into {
		return "", cmpErr(err, ErrMerged)
	}
	return d.decide(ctx, tenant, decision{kind: "merged", from: from, into: into, scopes: scopes, reason: string(why.Reason), actor: why.Actor}, why.Note)
}

// Split gives some of a subject's scopes to a fresh subject: two people were
// taken for one.
func (d *Desk) Split(ctx context.Context, tenant string, subject Ref, scopes []string, why Cause) (fresh Ref, id string, err error) {
	if err := why.check(); err != nil {
		return Ref{}, "", err
	}
	all, err := d.standing(ctx, tenant, subject)
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
	if _, err := d.Finish(ctx, tenant); err != nil {
		return "", err
	}
	done, err := d.decision(ctx, tenant, id)
	if err != nil {
		return "", err
	}
	if done.kind == kindJoined {
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
// out. From the moment it is written it is taken: the keys lie in another
// database, and what cannot be done there now is done by Finish, at the latest
// before anybody decides or asks about a subject again.
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
	_ = d.carryOut(ctx, tenant, n)
	return n.id, nil
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
	if _, err := d.Finish(ctx, tenant); err != nil {
		return nil, err
	}
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

// standing is scopes, and tells of a subject without any whether it was merged.
func (d *Desk) standing(ctx context.Context, tenant string, subject Ref) ([]string, error) {
	if _, err := d.Finish(ctx, tenant); err != nil {
		return nil, err
	}
	scopes, err := d.scopes(ctx, tenant, subject)
	if !errors.Is(err, ErrUnknownSubject) || subject.IsZero() {
		return scopes, err
	}
	var merged bool
	failed := d.Pool.Tenant(tenant).QueryRow(ctx, `
		select exists (select from subject_decision where hotel = $1 and from_subject = $2 and kind = 'merged' and undone_by is null)`,
		tenant, subject.UUID()).Scan(&merged)
	switch {
	case failed != nil:
		return nil, wrap(failed, "ask what became of a subject")
	case merged:
		return nil, ErrMerged
	}
	return nil, err
}

func cmpErr(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}
