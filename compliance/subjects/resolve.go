package subjects

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// A Candidate is somebody who may be the same person. Somebody has to decide.
type Candidate struct {
	// Subject is zero while nobody has resolved the scopes.
	Subject Ref
	Scopes  []string
	// Because are the kinds that match.
	Because []Kind
}

// A Resolution says whose a scope is.
type Resolution struct {
	Subject Ref
	// Joined tells that something else of the same person was found.
	Joined     bool
	Candidates []Candidate
	// MoreCandidates tells that there are more than Candidates.
	MoreCandidates bool
}

// match is another scope that shares entries with the one in question.
type match struct {
	scope string
	kinds []Kind
}

func scanMatch(row pgx.CollectableRow) (m match, err error) { return m, row.Scan(&m.scope, &m.kinds) }

// strong tells whether a match leaves no doubt: the full name, and a way to
// reach the person.
func (m match) strong() bool {
	return slices.Contains(m.kinds, KindName) && (slices.Contains(m.kinds, KindPhone) || slices.Contains(m.kinds, KindEmail))
}

// Resolve says whose a booking, call or companion is, by what its index has.
// It joins what is beyond doubt, gives a fresh subject to somebody new, and
// returns as candidates whom a person has to look at. What was decided before
// stays.
//
// A join is written down before it is carried out, as every decision is: what
// is cut off in between the next Resolve carries out, or Finish.
func (d *Desk) Resolve(ctx context.Context, tenant, scope string) (r Resolution, err error) {
	var joins []decision
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		matches, err := d.matches(ctx, tx, tenant, scope)
		if err != nil {
			return err
		}
		r, joins, err = d.settle(ctx, tx, tenant, scope, matches)
		return err
	})
	if err != nil {
		return Resolution{}, err
	}
	for _, n := range joins {
		if err := d.carryOut(ctx, tenant, n); err != nil {
			return Resolution{}, err
		}
	}
	return r, nil
}

// matches locks what is resolved, so that two bookings of one person that come
// in the same moment do not become two subjects.
func (d *Desk) matches(ctx context.Context, tx pgx.Tx, tenant, scope string) ([]match, error) {
	_, err := tx.Exec(ctx, `
		select pg_advisory_xact_lock(key) from (
		  select hashtextextended('subject ' || hotel || encode(digest, 'hex'), 0) as key from guest_index
		  where hotel = $1 and scope = $2 and kind in ('phone', 'email')
		  union select hashtextextended('subject ' || $1 || $2, 0)
		  order by 1) locks`, tenant, scope)
	if err != nil {
		return nil, wrap(err, "lock a person")
	}
	rows, err := tx.Query(ctx, `
		select o.scope, array_agg(o.kind order by o.kind) from guest_index m
		join guest_index o on o.hotel = m.hotel and o.kind = m.kind and o.digest = m.digest and o.scope <> m.scope
		where m.hotel = $1 and m.scope = $2 and m.kind <> 'surname'
		group by o.scope
		order by 'name' = any(array_agg(o.kind)) and count(*) > 1 desc, o.scope desc limit $3`, tenant, scope, mostFound+1)
	if err != nil {
		return nil, wrap(err, "match a person")
	}
	found, err := pgx.CollectRows(rows, scanMatch)
	return found, wrap(err, "match a person")
}

// settle decides, and returns the joins that are to be carried out once all of
// it is written down.
func (d *Desk) settle(ctx context.Context, tx pgx.Tx, tenant, scope string, matches []match) (Resolution, []decision, error) {
	ids := []string{scope}
	for _, m := range matches {
		ids = append(ids, m.scope)
	}
	known, joins, err := d.known(ctx, tx, tenant, ids)
	if err != nil {
		return Resolution{}, nil, err
	}
	subjectOf := func(id string) uuid.UUID { return known[keys.Scope{Tenant: tenant, ID: id}] }

	// Only one person can be meant without doubt, and nobody new once the scope
	// has its subject: a split must not be undone by a machine.
	own := subjectOf(scope)
	var sure []uuid.UUID
	join := []string{}
	for _, m := range matches {
		if !m.strong() {
			continue
		}
		if s := subjectOf(m.scope); s == uuid.Nil {
			join = append(join, m.scope)
		} else if !slices.Contains(sure, s) {
			sure = append(sure, s)
		}
	}
	r := Resolution{Subject: Ref(own)}
	switch {
	case own != uuid.Nil:
		r.Joined = slices.Contains(sure, own)
		return r.with(matches, subjectOf, nil), joins, nil
	case len(sure) > 1:
		r.Subject, join = Ref(uuid.New()), nil
	case len(sure) == 1:
		r.Subject, r.Joined = Ref(sure[0]), true
	default:
		r.Subject, r.Joined = Ref(uuid.New()), len(join) > 0
	}
	join = append(join, scope)
	if r.Joined {
		n, err := d.noteJoin(ctx, tx, tenant, r.Subject, join)
		return r.with(matches, subjectOf, join), append(joins, n), err
	}
	// Somebody new joins nobody, so there is nothing to write down: should this
	// transaction fail, the scope is known already when it is asked about again.
	err = d.Table.Assign(ctx, tenant, r.Subject.UUID(), scopesOf(tenant, join)...)
	return r.with(matches, subjectOf, join), joins, wrap(err, "assign a subject")
}

// known tells whose scopes these are, and by which joins that were written down
// and not carried out yet. Whoever holds the lock sees all of those.
func (d *Desk) known(ctx context.Context, tx pgx.Tx, tenant string, ids []string) (map[keys.Scope]uuid.UUID, []decision, error) {
	known, err := d.Table.SubjectOf(ctx, tenant, scopesOf(tenant, ids)...)
	if err != nil {
		return nil, nil, wrap(err, "ask whose scopes these are")
	}
	rows, err := tx.Query(ctx, `
		select id, kind, coalesce(from_subject, '00000000-0000-0000-0000-000000000000'), into_subject, scopes from subject_decision
		where hotel = $1 and done_at is null and kind = 'joined' and scopes && $2 order by created_at, id`, tenant, ids)
	if err != nil {
		return nil, nil, wrap(err, "ask for open joins")
	}
	open, err := pgx.CollectRows(rows, scanDecision)
	if err != nil {
		return nil, nil, wrap(err, "ask for open joins")
	}
	for _, n := range open {
		for _, scope := range scopesOf(tenant, n.scopes) {
			if known[scope] == uuid.Nil {
				known[scope] = n.into.UUID()
			}
		}
	}
	return known, open, nil
}

// with adds who else it may be.
func (r Resolution) with(matches []match, subjectOf func(string) uuid.UUID, joined []string) Resolution {
	cut := len(matches) > mostFound
	matches = slices.DeleteFunc(slices.Clone(matches), func(m match) bool {
		return Ref(subjectOf(m.scope)) == r.Subject || slices.Contains(joined, m.scope)
	})
	r.Candidates, r.MoreCandidates = people(matches, subjectOf)
	r.MoreCandidates = r.MoreCandidates || cut
	return r
}

// people are the matches by whose they are, at most mostCandidates; cut tells
// that there are more.
func people(matches []match, subjectOf func(string) uuid.UUID) (all []Candidate, cut bool) {
	at := map[uuid.UUID]int{}
	for _, m := range matches {
		subject := subjectOf(m.scope)
		i, ok := at[subject]
		if !ok || subject == uuid.Nil { // what nobody has resolved is somebody's own
			if len(all) == mostCandidates {
				cut = true
				continue
			}
			i = len(all)
			at[subject] = i
			all = append(all, Candidate{Subject: Ref(subject)})
		}
		c := &all[i]
		c.Scopes = append(c.Scopes, m.scope)
		c.Because = append(c.Because, m.kinds...)
	}
	for i := range all {
		slices.SortFunc(all[i].Because, cmp.Compare[Kind])
		all[i].Because = slices.Compact(all[i].Because)
	}
	return all, cut
}

// noteJoin writes down, with the index still locked, what a machine joins.
func (d *Desk) noteJoin(ctx context.Context, tx pgx.Tx, tenant string, into Ref, scopes []string) (decision, error) {
	note := decision{kind: kindJoined, into: into, scopes: scopes, reason: string(SameNameAndContact), actor: "system"}
	entry, err := d.Auditor.Prepare(ctx, note.event(tenant, ""))
	if err != nil {
		return note, wrap(err, "prepare the audit entry")
	}
	if err := note.insert(ctx, tx, tenant); err != nil {
		return note, err
	}
	return note, entry.Insert(ctx, tx)
}
