package subjects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
)

// Kinds of audit events.
const (
	EventRows          audit.Kind = "subject.rows_erased"
	EventKeysRequested audit.Kind = "subject.key_destruction_requested"
	EventKeys          audit.Kind = "subject.keys_destroyed"
)

// ErrObjects: there are recordings, and no object store to erase them from.
var ErrObjects = errors.New("subjects: recordings cannot be erased without the object store that they lie in")

// mostErased bounds the scopes of one erasure of rows.
const mostErased = 1000

// Counts are the rows and objects of some scopes, by what they are.
type Counts struct {
	Index      int64 `json:"index"`      // ways to find the guest
	Guests     int64 `json:"guests"`     // sealed guests of bookings
	Companions int64 `json:"companions"` // sealed other people of bookings
	Turns      int64 `json:"turns"`      // what was said
	Recordings int64 `json:"recordings"` // rows about recordings
	Objects    int64 `json:"objects"`    // recordings themselves
	Quotes     int64 `json:"quotes"`     // offers, which may hold a guest's codes
	Intents    int64 `json:"intents"`    // requests with something sealed, or with a digest of what the guest sent
	Bookings   int64 `json:"bookings"`   // ledger rows that name the subject
	Messages   int64 `json:"messages"`   // sealed messages to the guest, letters of a case apart
	Codes      int64 `json:"codes"`      // one-time codes
}

// Total is all of them.
func (c Counts) Total() int64 {
	return c.Index + c.Guests + c.Companions + c.Turns + c.Recordings + c.Objects + c.Quotes + c.Intents + c.Bookings + c.Messages + c.Codes
}

// quotesOf are the offers that became a booking, and those of its changes. Each
// half has its index: together in one condition they would read every offer.
const quotesOf = `
	select id from quote where hotel = $1 and booking = any($2)
	union all
	select quote from intent where hotel = $1 and booking = any($2) and quote is not null`

// erasures are the statements that erase, each with where its count goes. $1 is
// the hotel, $2 the scopes. The ledger's rows stay with nothing of the guest in
// them. Letters of a case stay for as long as the case does, under its own key.
// Consent events stay too: they prove that we were allowed, and what they
// hold of the guest is sealed under a key of its own.
var erasures = []struct {
	sql   string
	count func(*Counts) *int64
}{
	{`delete from guest_index where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Index }},
	{`delete from guest where hotel = $1 and booking = any($2)`, func(c *Counts) *int64 { return &c.Guests }},
	{`delete from party where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Companions }},
	{`delete from turn where hotel = $1 and call = any($2)`, func(c *Counts) *int64 { return &c.Turns }},
	{`delete from quote where hotel = $1 and id in (` + quotesOf + `)`, func(c *Counts) *int64 { return &c.Quotes }},
	{`update booking set subject = null where hotel = $1 and id = any($2) and subject is not null`, func(c *Counts) *int64 { return &c.Bookings }},
	{`update message set sealed = null, updated_at = now() where hotel = $1 and scope = any($2) and purpose = 'operations' and sealed is not null`,
		func(c *Counts) *int64 { return &c.Messages }},
	{`delete from one_time_code where hotel = $1 and scope = any($2)`, func(c *Counts) *int64 { return &c.Codes }},
}

// leftovers count what erasures would still find.
const leftovers = `select
	(select count(*) from guest_index where hotel = $1 and scope = any($2)),
	(select count(*) from guest where hotel = $1 and booking = any($2)),
	(select count(*) from party where hotel = $1 and scope = any($2)),
	(select count(*) from turn where hotel = $1 and call = any($2)),
	(select count(*) from recording where hotel = $1 and call = any($2)),
	(select count(*) from quote where hotel = $1 and id in (` + quotesOf + `)),
	(select count(*) from intent where hotel = $1 and booking = any($2) and (sealed is not null or erased_at is null)),
	(select count(*) from booking where hotel = $1 and id = any($2) and subject is not null),
	(select count(*) from message where hotel = $1 and scope = any($2) and purpose = 'operations' and sealed is not null),
	(select count(*) from one_time_code where hotel = $1 and scope = any($2))`

// actorErasure is who the audit log says erased: whoever asked for it stands in
// the events of the request.
const actorErasure = "worker"

// erased is the event of an erasure, sealed under the hotel's own key: it has to
// be readable afterwards. It does not name the scopes, for together they would
// tell for ever which bookings were one person's.
func erased(tenant string, kind audit.Kind, detail any) audit.Event {
	return audit.Event{Tenant: tenant, Kind: kind, Actor: actorErasure, Detail: detail}
}

// EraseRows erases what the main database and the object store hold of some
// scopes, objects first: a row is how its object is found. It is repeated as
// often as one likes and counts what it erased this time, in the audit log too.
// It does not destroy the keys, and it does not ask whether anything is still to
// be done for them.
func (d *Desk) EraseRows(ctx context.Context, tenant string, scopes []string) (Counts, error) {
	if err := checkScopes(scopes); err != nil {
		return Counts{}, err
	}
	// The event holds counts that only the transaction knows. This one is thrown
	// away: it brings the hotel's key into memory, so that nothing in the
	// transaction waits for the keys' database.
	if _, err := d.Auditor.Prepare(ctx, erased(tenant, EventRows, nil)); err != nil {
		return Counts{}, wrap(err, "prepare the audit entry")
	}
	var gone Counts
	objects, err := d.eraseObjects(ctx, tenant, scopes)
	if err != nil {
		return Counts{}, err
	}
	gone.Objects = int64(len(objects))
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		for _, e := range erasures {
			tag, err := tx.Exec(ctx, e.sql, tenant, scopes)
			if err != nil {
				return wrap(err, "erase rows")
			}
			*e.count(&gone) = tag.RowsAffected()
		}
		// Only what was erased from the store: a recording that was noted just
		// now still has its object.
		tag, err := tx.Exec(ctx, `delete from recording where hotel = $1 and call = any($2) and object = any($3)`, tenant, scopes, objects)
		if err != nil {
			return wrap(err, "erase rows")
		}
		gone.Recordings = tag.RowsAffected()
		if gone.Intents, err = eraseIntents(ctx, tx, tenant, scopes); err != nil {
			return err
		}
		entry, err := d.Auditor.Prepare(ctx, erased(tenant, EventRows, rowsErased{len(scopes), gone}))
		if err != nil {
			return wrap(err, "prepare the audit entry")
		}
		return entry.Insert(ctx, tx)
	})
	return gone, err
}

// rowsErased is the detail of EventRows.
type rowsErased struct {
	Scopes int    `json:"scopes"`
	Erased Counts `json:"erased"`
}

// eraseIntents takes the sealed draft out of requests, and the digest of what
// the guest sent: whoever has the hotel's key could try names on it. Chance
// takes its place, so that a very late repeat is refused and books nothing.
func eraseIntents(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) (int64, error) {
	chance := make([]byte, 32)
	rand.Read(chance)
	tag, err := tx.Exec(ctx, `
		update intent set sealed = null, body_hmac = $3, erased_at = now()
		where hotel = $1 and booking = any($2) and (sealed is not null or erased_at is null)`, tenant, scopes, chance)
	return tag.RowsAffected(), wrap(err, "erase requests")
}

// eraseObjects erases the recordings themselves and returns their names.
func (d *Desk) eraseObjects(ctx context.Context, tenant string, scopes []string) ([]string, error) {
	objects, err := d.recorded(ctx, tenant, scopes)
	if err != nil {
		return nil, err
	}
	if len(objects) > 0 && d.Objects == nil {
		return nil, ErrObjects
	}
	for _, name := range objects {
		if err := d.Objects.Delete(ctx, name); err != nil {
			return nil, wrap(err, "erase a recording")
		}
	}
	return objects, nil
}

// recorded lists the objects of the scopes' recordings.
func (d *Desk) recorded(ctx context.Context, tenant string, scopes []string) ([]string, error) {
	rows, err := d.Pool.Tenant(tenant).Query(ctx, `select object from recording where hotel = $1 and call = any($2)`, tenant, scopes)
	if err != nil {
		return nil, wrap(err, "list recordings")
	}
	objects, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return objects, wrap(err, "list recordings")
}

// Remaining reads back what is left of the scopes. After EraseRows all of it is
// zero, or something was written meanwhile: erase again.
func (d *Desk) Remaining(ctx context.Context, tenant string, scopes []string) (Counts, error) {
	if err := checkScopes(scopes); err != nil {
		return Counts{}, err
	}
	var left Counts
	err := d.Pool.InTenantReadOnly(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, leftovers, tenant, scopes).Scan(&left.Index, &left.Guests, &left.Companions, &left.Turns,
			&left.Recordings, &left.Quotes, &left.Intents, &left.Bookings, &left.Messages, &left.Codes)
	})
	if err != nil {
		return Counts{}, wrap(err, "read back what is left")
	}
	objects, err := d.recorded(ctx, tenant, scopes)
	if err != nil {
		return Counts{}, err
	}
	for _, name := range objects {
		if d.Objects == nil {
			return Counts{}, ErrObjects
		}
		there, err := d.Objects.Exists(ctx, name)
		if err != nil {
			return Counts{}, wrap(err, "read back a recording")
		}
		if there {
			left.Objects++
		}
	}
	return left, nil
}

func checkScopes(scopes []string) error {
	if len(scopes) == 0 || len(scopes) > mostErased {
		return fmt.Errorf("subjects: name 1 to %d scopes at a time", mostErased)
	}
	return nil
}
