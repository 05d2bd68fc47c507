package subjects

import (
	"context"
	"encoding/json"

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
	// Because are the kinds that match, by scope.
	Because map[string][]Kind
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
			select scope, array_agg(distinct kind order by kind) from guest_index
			where hotel = $1 and (kind, digest) in (('phone', $2::bytea), ('email', $3::bytea), ('name', $4::bytea), ('surname', $5::bytea))
			group by scope order by scope desc limit $6`, tenant, digests[0], digests[1], digests[2], digests[3], mostFound+1)
		if err != nil {
			return wrap(err, "look for a person")
		}
		matches, err := pgx.CollectRows(rows, scanMatch)
		if err != nil {
			return wrap(err, "look for a person")
		}
		found = foundOf(matches)
		return entry.Insert(ctx, tx)
	})
	return found, err
}

// foundOf is at most mostFound of the matches.
func foundOf(matches []match) Found {
	found := Found{Because: map[string][]Kind{}, Truncated: len(matches) > mostFound}
	for _, m := range matches[:min(len(matches), mostFound)] {
		found.Scopes = append(found.Scopes, m.scope)
		found.Because[m.scope] = m.kinds
	}
	return found
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
