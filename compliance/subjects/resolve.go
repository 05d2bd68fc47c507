package subjects

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

const (
	// mostFound bounds what one look-up answers.
	mostFound = 200
	// mostCandidates bounds what a person is given to look at.
	mostCandidates = 50
)

// Found are the bookings and calls of people who match.
type Found struct {
	Scopes []string // ULIDs, the newest first
	// Truncated tells that there are more; ask for more of the person.
	Truncated bool
}

// Lookup finds what matches any part of the person, for a role that works for
// them. It is counted: ErrTooMany when a role asks too often. The look-up and
// nothing of the person stands in the audit log.
func (d *Desk) Lookup(ctx context.Context, tenant, actor string, p Person) (Found, error) {
	if !d.allow(tenant, actor) {
		return Found{}, ErrTooMany
	}
	digests, err := d.index.query(ctx, tenant, p)
	if err != nil {
		return Found{}, err
	}
	var found Found
	entry, err := d.Auditor.Prepare(ctx, audit.Event{Tenant: tenant, Kind: "subject.looked_up", Actor: actor})
	if err != nil {
		return Found{}, wrap(err, "prepare the audit entry")
	}
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select distinct scope from guest_index
			where hotel = $1 and (kind, digest) in (('phone', $2::bytea), ('email', $3::bytea), ('name', $4::bytea), ('surname', $5::bytea))
			order by scope desc limit $6`, tenant, digests[0], digests[1], digests[2], digests[3], mostFound+1)
		if err != nil {
			return wrap(err, "look for a person")
		}
		if found.Scopes, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return wrap(err, "look for a person")
		}
		return entry.Insert(ctx, tx)
	})
	if len(found.Scopes) > mostFound {
		found.Scopes, found.Truncated = found.Scopes[:mostFound], true
	}
	return found, err
}

// AddIndex makes a booking's or call's person findable, once it is known who
// that is.
func (d *Desk) AddIndex(ctx context.Context, tenant, scope string, p Person) error {
	entries, err := d.index.Entries(ctx, tenant, p)
	if err != nil {
		return err
	}
	return d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error { return Insert(ctx, tx, tenant, scope, entries) })
}

// PlaceParty is where a companion's details lie sealed.
const PlaceParty = "party"

// AddCompanion records one more person of a booking under a scope of their
// own, sealed and findable, and returns the scope.
func (d *Desk) AddCompanion(ctx context.Context, tenant, booking string, p Person) (scope string, err error) {
	entries, err := d.index.Entries(ctx, tenant, p)
	if err != nil {
		return "", err
	}
	own, err := d.Keys.Create(ctx, tenant)
	if err != nil {
		return "", wrap(err, "a key for a companion")
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return "", wrap(err, "encode a companion")
	}
	defer clear(plain)
	sealed, err := d.Keys.Seal(ctx, own, keys.Operations, PlaceParty, plain)
	if err != nil {
		return "", wrap(err, "seal a companion")
	}
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into party (hotel, booking, scope, sealed) values ($1, $2, $3, $4)`, tenant, booking, own.ID, sealed); err != nil {
			return wrap(err, "record a companion")
		}
		return Insert(ctx, tx, tenant, own.ID, entries)
	})
	return own.ID, err
}

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
}

// match is another scope that shares entries with the one in question.
type match struct {
	scope string
	kinds []Kind
}

// strong tells whether a match leaves no doubt: the full name, and a way to
// reach the person.
func (m match) strong() bool {
	return slices.Contains(m.kinds, KindName) && (slices.Contains(m.kinds, KindPhone) || slices.Contains(m.kinds, KindEmail))
}

// Resolve says whose a booking, call or companion is, by what its index has.
// It joins what is beyond doubt, gives a fresh subject to somebody new, and
// returns as candidates whom a person has to look at. What was decided before
// stays.
func (d *Desk) Resolve(ctx context.Context, tenant, scope string) (r Resolution, err error) {
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		matches, err := d.matches(ctx, tx, tenant, scope)
		if err != nil {
			return err
		}
		r, err = d.settle(ctx, tx, tenant, scope, matches)
		return err
	})
	return r, err
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
		order by 'name' = any(array_agg(o.kind)) and count(*) > 1 desc, o.scope desc limit $3`, tenant, scope, mostFound)
	if err != nil {
		return nil, wrap(err, "match a person")
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m match, err error) {
		return m, row.Scan(&m.scope, &m.kinds)
	})
	return found, wrap(err, "match a person")
}

func (d *Desk) settle(ctx context.Context, tx pgx.Tx, tenant, scope string, matches []match) (Resolution, error) {
	ids := []string{scope}
	for _, m := range matches {
		ids = append(ids, m.scope)
	}
	known, err := d.Table.SubjectOf(ctx, tenant, scopesOf(tenant, ids)...)
	if err != nil {
		return Resolution{}, wrap(err, "ask whose scopes these are")
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
		return r.with(matches, subjectOf, nil), nil
	case len(sure) > 1:
		r.Subject, join = Ref(uuid.New()), nil
	case len(sure) == 1:
		r.Subject, r.Joined = Ref(sure[0]), true
	default:
		r.Subject, r.Joined = Ref(uuid.New()), len(join) > 0
	}
	join = append(join, scope)
	if r.Joined {
		if err := d.noteJoin(ctx, tx, tenant, r.Subject, join); err != nil {
			return Resolution{}, err
		}
	}
	err = d.Table.Assign(ctx, tenant, r.Subject.UUID(), scopesOf(tenant, join)...)
	return r.with(matches, subjectOf, join), wrap(err, "assign a subject")
}

// with adds who else it may be.
func (r Resolution) with(matches []match, subjectOf func(string) uuid.UUID, joined []string) Resolution {
	at := map[uuid.UUID]int{}
	for _, m := range matches {
		subject := subjectOf(m.scope)
		if Ref(subject) == r.Subject || slices.Contains(joined, m.scope) {
			continue
		}
		i, ok := at[subject]
		if !ok || subject == uuid.Nil {
			if len(r.Candidates) == mostCandidates {
				continue
			}
			i = len(r.Candidates)
			at[subject] = i
			r.Candidates = append(r.Candidates, Candidate{Subject: Ref(subject)})
		}
		c := &r.Candidates[i]
		c.Scopes = append(c.Scopes, m.scope)
		c.Because = append(c.Because, m.kinds...)
	}
	for i := range r.Candidates {
		slices.SortFunc(r.Candidates[i].Because, cmp.Compare[Kind])
		r.Candidates[i].Because = slices.Compact(r.Candidates[i].Because)
	}
	return r
}

// noteJoin writes down, with the index still locked, what a machine joined.
func (d *Desk) noteJoin(ctx context.Context, tx pgx.Tx, tenant string, into Ref, scopes []string) error {
	note := decision{kind: "joined", into: into, scopes: scopes, reason: string(SameNameAndContact), actor: "system"}
	entry, err := d.Auditor.Prepare(ctx, note.event(tenant, ""))
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	if err := note.insert(ctx, tx, tenant); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update subject_decision set done_at = now() where hotel = $1 and id = $2`, tenant, note.id); err != nil {
		return wrap(err, "note a join")
	}
	return entry.Insert(ctx, tx)
}
