package access

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// EventObjected: what a person objected to was stopped.
const EventObjected audit.Kind = "access.objected"

// Suppressions are the addresses and numbers that nobody writes to any more,
// but for what a contract or the law needs. They are keyed digests, and stay
// when the guest is erased.
type Suppressions struct {
	pool *postgres.Pool
	macs subjects.Macer
}

// NewSuppressions returns them in the main database.
func NewSuppressions(pool *postgres.Pool, m subjects.Macer) *Suppressions {
	return &Suppressions{pool: pool, macs: m}
}

// digest is what is kept of an address ("email") or number ("phone"); nil for
// what is none.
func (s *Suppressions) digest(ctx context.Context, tenant, kind, value, country string) ([]byte, error) {
	normal := subjects.Email(value)
	if kind == "phone" {
		normal = subjects.Phone(value, country)
	}
	if normal == "" {
		return nil, nil
	}
	digest, err := s.macs.MAC(ctx, tenant, "suppression/"+kind, []byte(normal))
	return digest, named(err, "digest an address")
}

// Suppressed tells whether somebody does not want to be written to at an
// address (channel "email") or number ("sms").
func (s *Suppressions) Suppressed(ctx context.Context, tenant, channel, to string) (yes bool, err error) {
	kind := "email"
	if channel != kind {
		kind = "phone"
	}
	digest, err := s.digest(ctx, tenant, kind, to, "")
	if err != nil || digest == nil {
		return false, err
	}
	err = s.pool.Tenant(tenant).QueryRow(ctx, `
		select exists (select from suppression where hotel = $1 and kind = $2 and digest = $3)`, tenant, kind, digest).Scan(&yes)
	return yes, named(err, "look whether somebody objected")
}

// An Objection counts what was stopped.
type Objection struct {
	Suppressed int // addresses and numbers that were not suppressed before
	Withdrawn  int // consents
}

// Object stops what a case objects to: offers are sent to none of the person's
// addresses and numbers from now on, and the consents to them count as taken
// back when the objection came in.
func (d *Desk) Object(ctx context.Context, hotel, ofCase string) (o Objection, err error) {
	r, err := d.request(ctx, hotel, ofCase)
	if err != nil {
		return o, err
	}
	wish, err := d.Cases.Wish(ctx, hotel, ofCase)
	if err != nil {
		return o, named(err, "read what was asked")
	}
	against := wish.Purposes
	if len(against) == 0 {
		against = rights.Against()
	}
	if slices.Contains(against, "direct_marketing") {
		if o.Suppressed, err = d.suppress(ctx, r, wish); err != nil {
			return o, err
		}
	}
	o.Withdrawn, err = d.withdraw(ctx, r, against)
	return o, err
}

// suppress keeps digests of all addresses and numbers that the person is known
// by, or gave with the request.
func (d *Desk) suppress(ctx context.Context, r request, wish rights.Wish) (fresh int, err error) {
	s, err := d.open(ctx, r, false, func() {})
	if err != nil {
		return 0, err
	}
	reply, _, err := d.Cases.Reply(ctx, r.hotel, r.rights.ID)
	if err != nil {
		return 0, named(err, "read whom to answer")
	}
	emails := distinct(slices.Clone(s.person.Emails), wish.Contact.Email, wish.Person.Email)
	phones := distinct(slices.Clone(s.person.Phones), wish.Contact.Phone, wish.Person.Phone)
	if reply.Channel == "email" {
		emails = distinct(emails, reply.To)
	} else {
		phones = distinct(phones, reply.To)
	}
	list := NewSuppressions(d.Pool, d.Keys)
	var kinds []string
	var digests [][]byte
	for kind, values := range map[string][]string{"email": emails, "phone": phones} {
		for _, value := range values {
			digest, err := list.digest(ctx, r.hotel, kind, value, s.hotelEntry.Country)
			if err != nil {
				return 0, err
			}
			if digest != nil {
				kinds, digests = append(kinds, kind), append(digests, digest)
			}
		}
	}
	// The hotel's own scope: it has to be readable when the guest is erased.
	entry, err := d.Auditor.Prepare(ctx, audit.Event{
		Tenant: r.hotel, Kind: EventObjected, Actor: actor, Detail: map[string]any{"case": r.rights.ID, "suppressed": len(kinds)},
	})
	if err != nil {
		return 0, named(err, "prepare the audit entry")
	}
	err = d.Pool.InTenant(ctx, r.hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into suppression (hotel, kind, digest) select $1, kind, digest from unnest($2::text[], $3::bytea[]) as e (kind, digest)
			on conflict do nothing`, r.hotel, kinds, digests)
		if fresh = int(tag.RowsAffected()); err != nil || fresh == 0 {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return fresh, named(err, "suppress addresses")
}

// consentsAgainst are the consents that an objection takes back.
var consentsAgainst = map[string]consent.Purpose{"direct_marketing": consent.Marketing, "profiling": consent.Profile}

// withdraw takes back, wherever it was given, what is objected to.
func (d *Desk) withdraw(ctx context.Context, r request, against []string) (withdrawn int, err error) {
	var purposes []string
	for _, a := range against {
		if p, ok := consentsAgainst[a]; ok {
			purposes = append(purposes, string(p))
		}
	}
	rows, err := d.Pool.Tenant(r.hotel).Query(ctx, `
		select distinct scope, purpose from consent_event
		where hotel = $1 and scope = any($2) and purpose = any($3) and action = 'given' order by scope, purpose`,
		r.hotel, r.people.Scopes, purposes)
	if err != nil {
		return 0, named(err, "look for consents")
	}
	given, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e consent.Event, err error) {
		return e, row.Scan(&e.Scope, &e.Purpose)
	})
	if err != nil {
		return 0, named(err, "look for consents")
	}
	for _, e := range given {
		e.Tenant, e.Action, e.Language = r.hotel, consent.Withdrawn, r.language
		e.Channel, e.Method, e.Actor = consent.Desk, consent.Written, actor
		// The same each time, so that a repeated objection adds nothing.
		if e.ID, err = EventID(r.rights.ID, e.Scope, string(e.Purpose)); err != nil {
			return withdrawn, err
		}
		e.At = r.rights.Clock.Received
		_, fresh, err := d.Consents.Append(ctx, e)
		if err != nil {
			return withdrawn, named(err, "take a consent back")
		}
		if fresh {
			withdrawn++
		}
	}
	return withdrawn, nil
}

// EventID is the id of a case's event about something: always the same.
func EventID(ofCase string, about ...string) (string, error) {
	id, err := ulid.ParseStrict(ofCase)
	if err != nil {
		return "", ErrRequest
	}
	hash := sha256.New()
	for _, text := range about {
		hash.Write([]byte(text + "\x00"))
	}
	if err := id.SetEntropy(append(id.Entropy()[:2:2], hash.Sum(nil)[:8]...)); err != nil {
		return "", ErrRequest
	}
	return id.String(), nil
}
