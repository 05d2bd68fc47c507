package subjects

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

const (
	// mostResolved bounds how many bookings one look-up resolves.
	mostResolved = 50
	// mostShown bounds what is shown of one person: bookings, and decisions.
	mostShown = 200
)

// Find finds the people of whom any part matches, as Lookup finds their
// bookings, and resolves those that nobody has resolved yet. Truncated tells
// that there are more: a candidate without subject, too, holds bookings that
// were not resolved now.
func (d *Desk) Find(ctx context.Context, tenant, actor string, p Person) (all []Candidate, truncated bool, err error) {
	found, err := d.Lookup(ctx, tenant, actor, p)
	if err != nil {
		return nil, false, err
	}
	whose, err := d.Table.SubjectOf(ctx, tenant, scopesOf(tenant, found.Scopes)...)
	if err != nil {
		return nil, false, wrap(err, "ask whose scopes these are")
	}
	resolved := 0
	matches := make([]match, len(found.Scopes))
	for i, id := range found.Scopes {
		matches[i] = match{id, found.Because[id]}
		scope := keys.Scope{Tenant: tenant, ID: id}
		if whose[scope] != uuid.Nil || resolved == mostResolved {
			continue
		}
		r, err := d.Resolve(ctx, tenant, id)
		if err != nil {
			return nil, false, err
		}
		resolved++
		whose[scope] = r.Subject.UUID()
	}
	subjectOf := func(id string) uuid.UUID { return whose[keys.Scope{Tenant: tenant, ID: id}] }
	everybody, cut := people(matches, subjectOf)
	unresolved := slices.ContainsFunc(everybody, func(c Candidate) bool { return c.Subject.IsZero() })
	return everybody, found.Truncated || cut || unresolved, nil
}

// Identify is Find where one person is meant: the only one whom all matches that
// was asked, or whom any of it matches. ErrUnknownSubject when nobody matches,
// ErrAmbiguous when one cannot be told.
func (d *Desk) Identify(ctx context.Context, tenant, actor string, p Person) (Ref, error) {
	all, truncated, err := d.Find(ctx, tenant, actor, p)
	switch {
	case err != nil:
		return Ref{}, err
	case len(all) == 0:
		return Ref{}, ErrUnknownSubject
	case truncated:
		return Ref{}, ErrAmbiguous
	}
	whole := slices.DeleteFunc(slices.Clone(all), func(c Candidate) bool {
		for kind := range p.normal() {
			if !slices.Contains(c.Because, kind) {
				return true
			}
		}
		return false
	})
	for _, group := range [][]Candidate{whole, all} {
		if len(group) == 1 {
			return group[0].Subject, nil
		}
	}
	return Ref{}, ErrAmbiguous
}

// Of tells whose a booking, call or companion is, and resolves it when nobody
// has: ErrUnknownSubject for an id that is none of the hotel's.
func (d *Desk) Of(ctx context.Context, tenant, scope string) (Ref, error) {
	asked := keys.Scope{Tenant: tenant, ID: scope}
	if asked.IsTenant() || asked.Validate() != nil {
		return Ref{}, ErrUnknownSubject
	}
	known, err := d.Table.SubjectOf(ctx, tenant, asked)
	if err != nil {
		return Ref{}, wrap(err, "ask whose a scope is")
	}
	if ref := Ref(known[asked]); !ref.IsZero() {
		return ref, nil
	}
	var exists bool
	err = d.Pool.Tenant(tenant).QueryRow(ctx, `
		select exists (select from booking where hotel = $1 and id = $2) or exists (select from call where hotel = $1 and id = $2)
		  or exists (select from party where hotel = $1 and scope = $2)`, tenant, scope).Scan(&exists)
	if err != nil {
		return Ref{}, wrap(err, "look for a booking or call")
	}
	if !exists {
		return Ref{}, ErrUnknownSubject
	}
	r, err := d.Resolve(ctx, tenant, scope)
	return r.Subject, err
}

// A Profile is what the desk knows of one person: nothing that tells who it is.
type Profile struct {
	Subject Ref
	Scopes  []string // the newest first, at most 200
	// Candidates may be the same person; somebody has to decide.
	Candidates []Candidate
	// MoreCandidates tells that there are more who may be: to see them, look for
	// people by more than what so many share.
	MoreCandidates bool
	Decisions      []Decision // the newest first
	// MoreDecisions tells that there were older ones.
	MoreDecisions bool
	// Truncated tells that the person has more bookings and calls.
	Truncated bool
}

// A Decision is what was decided about a person. Kind is joined, merged or split.
type Decision struct {
	ID, Kind      string
	From, Into    Ref
	Scopes        []string
	Reason, Actor string
	At            time.Time
	Undone        bool
}

// Show tells what is known of one person, to a role that works for them. It
// stands in the audit log, and is counted as a look-up is.
func (d *Desk) Show(ctx context.Context, tenant, actor string, subject Ref) (p Profile, err error) {
	if !d.allow(tenant, actor) {
		return Profile{}, ErrTooMany
	}
	if p.Scopes, err = d.standing(ctx, tenant, subject); err != nil {
		return Profile{}, err
	}
	slices.Sort(p.Scopes)
	slices.Reverse(p.Scopes)
	p.Subject, p.Truncated = subject, len(p.Scopes) > mostShown
	p.Scopes = p.Scopes[:min(len(p.Scopes), mostShown)]
	entry, err := d.Auditor.Prepare(ctx, audit.Event{Tenant: tenant, Kind: "subject.shown", Actor: actor, Detail: map[string]any{"subject": subject}})
	if err != nil {
		return Profile{}, wrap(err, "prepare the audit entry")
	}
	var matches []match
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if matches, err = others(ctx, tx, tenant, p.Scopes); err != nil {
			return err
		}
		if p.Decisions, err = decisionsOf(ctx, tx, tenant, subject); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return Profile{}, err
	}
	whose, err := d.Table.SubjectOf(ctx, tenant, scopesOf(tenant, idsIn(matches))...)
	if err != nil {
		return Profile{}, wrap(err, "ask whose scopes these are")
	}
	r := Resolution{Subject: subject}.with(matches, func(id string) uuid.UUID { return whose[keys.Scope{Tenant: tenant, ID: id}] }, nil)
	p.Candidates, p.MoreCandidates = r.Candidates, r.MoreCandidates
	p.MoreDecisions = len(p.Decisions) > mostShown
	p.Decisions = p.Decisions[:min(len(p.Decisions), mostShown)]
	return p, nil
}

func idsIn(matches []match) []string {
	ids := make([]string, len(matches))
	for i, m := range matches {
		ids[i] = m.scope
	}
	return ids
}

// others are what shares entries with any of a person's scopes.
func others(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) ([]match, error) {
	rows, err := tx.Query(ctx, `
		select o.scope, array_agg(distinct o.kind order by o.kind) from guest_index m
		join guest_index o on o.hotel = m.hotel and o.kind = m.kind and o.digest = m.digest and o.scope <> all($2)
		where m.hotel = $1 and m.scope = any($2) and m.kind <> 'surname'
		group by o.scope order by o.scope desc limit $3`, tenant, scopes, mostFound+1)
	if err != nil {
		return nil, wrap(err, "match a person")
	}
	found, err := pgx.CollectRows(rows, scanMatch)
	return found, wrap(err, "match a person")
}

func decisionsOf(ctx context.Context, tx pgx.Tx, tenant string, subject Ref) ([]Decision, error) {
	rows, err := tx.Query(ctx, `
		select id, kind, coalesce(from_subject, '00000000-0000-0000-0000-000000000000'), into_subject, scopes, reason, actor, created_at, undone_by is not null
		from subject_decision where hotel = $1 and (from_subject = $2 or into_subject = $2)
		order by created_at desc, id desc limit $3`, tenant, subject.UUID(), mostShown+1)
	if err != nil {
		return nil, wrap(err, "list decisions")
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n Decision, err error) {
		var from, into uuid.UUID
		err = row.Scan(&n.ID, &n.Kind, &from, &into, &n.Scopes, &n.Reason, &n.Actor, &n.At, &n.Undone)
		n.From, n.Into = Ref(from), Ref(into)
		return n, err
	})
	return found, wrap(err, "list decisions")
}
