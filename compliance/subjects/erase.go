package subjects

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/register"
)

// Kinds of audit events.
const (
	EventRows          audit.Kind = "subject.rows_erased"
	EventKeysRequested audit.Kind = "subject.key_destruction_requested"
	EventKeys          audit.Kind = "subject.keys_destroyed"
)

// ErrObjects: there are recordings, and no object store to erase them from.
var ErrObjects = errors.New("subjects: recordings cannot be erased without the object store that they lie in")

// ErrHeld: a legal hold keeps some of it.
var ErrHeld = errors.New("subjects: a legal hold keeps some of it; the rest is erased")

// mostErased bounds the scopes of one erasure of rows.
const mostErased = 1000

// actorErasure is who the audit log says erased: whoever asked for it stands in
// the events of the request.
const actorErasure = "worker"

// erased is the event of an erasure, sealed under the hotel's own key: it has to
// be readable afterwards. It does not name the scopes, for together they would
// tell for ever which bookings were one person's.
func erased(tenant string, kind audit.Kind, detail any) audit.Event {
	return audit.Event{Tenant: tenant, Kind: kind, Actor: actorErasure, Detail: detail}
}

// Kept tells of a class and a scope whether its records stay, and why not to
// ask: a hold or a verdict.
type Kept func(class register.Class, scope string) bool

// Holds asks for legal holds in the transaction that is about to delete, so
// that none can be placed until it ends.
type Holds func(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) (Kept, error)

// An Order is what Erase erases.
type Order struct {
	Scopes []string
	// Keep are the records that stay by their verdict; nil keeps none. What a
	// legal hold keeps stays besides.
	Keep Kept
	// Awaited leaves scopes alone whose stay is ahead or under way, whatever was
	// planned before it was booked or changed.
	Awaited bool
	// Again erases what was erased before and came back from a backup: holds were
	// asked then.
	Again bool
	// Along is told what was erased, in the transaction that did.
	Along func(ctx context.Context, tx pgx.Tx, gone Counts) error
}

// EraseRows erases what the main database and the object store hold of some
// scopes. It is repeated as often as one likes and counts what it erased this
// time, in the audit log too. It does not destroy the keys, and it does not ask
// whether anything is still to be done for them. A legal hold on any of them
// fails it with ErrHeld; Erase takes the others.
func (d *Desk) EraseRows(ctx context.Context, tenant string, scopes []string) (Counts, error) {
	gone, kept, err := d.erase(ctx, tenant, Order{Scopes: scopes})
	if err == nil && kept > 0 {
		err = ErrHeld
	}
	return gone, err
}

// Erase erases what an order says, but for what legal holds keep.
func (d *Desk) Erase(ctx context.Context, tenant string, o Order) (Counts, error) {
	gone, _, err := d.erase(ctx, tenant, o)
	return gone, err
}

func (d *Desk) erase(ctx context.Context, tenant string, o Order) (gone Counts, held int, err error) {
	if err := checkScopes(o.Scopes); err != nil {
		return Counts{}, 0, err
	}
	// The event holds counts that only the transaction knows. This one is thrown
	// away: it brings the hotel's key into memory, so that nothing in the
	// transaction waits for the keys' database.
	if _, err := d.Auditor.Prepare(ctx, erased(tenant, EventRows, nil)); err != nil {
		return Counts{}, 0, wrap(err, "prepare the audit entry")
	}
	err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		keeps, err := d.keeps(ctx, tx, tenant, o)
		if err != nil {
			return err
		}
		if err := journal(ctx, tx, tenant, o.Scopes, keeps); err != nil {
			return err
		}
		if gone, held, err = d.eraseRows(ctx, tx, tenant, o.Scopes, keeps); err != nil {
			return err
		}
		return d.tellErased(ctx, tx, tenant, o, gone)
	})
	if err != nil {
		return Counts{}, 0, err
	}
	gone.Objects, err = d.eraseObjects(ctx, tenant, o)
	return gone, held, err
}

// keeps joins what the order, legal holds and stays keep. It locks the
// bookings, so that none is changed until they are erased.
func (d *Desk) keeps(ctx context.Context, tx pgx.Tx, tenant string, o Order) (kept [2]Kept, err error) {
	if d.Holds != nil && !o.Again {
		if kept[0], err = d.Holds(ctx, tx, tenant, o.Scopes); err != nil {
			return kept, wrap(err, "ask for legal holds")
		}
	}
	kept[1] = o.Keep
	if !o.Awaited {
		return kept, nil
	}
	if _, err := tx.Exec(ctx, `select from booking where hotel = $1 and id = any($2) order by id for update`, tenant, o.Scopes); err != nil {
		return kept, wrap(err, "lock bookings")
	}
	awaited, err := Ahead(ctx, tx, tenant, o.Scopes)
	if err != nil {
		return kept, err
	}
	kept[1] = func(class register.Class, scope string) bool {
		_, ahead := awaited[scope]
		return ahead || o.Keep != nil && o.Keep(class, scope)
	}
	return kept, nil
}

// journal puts down which scopes are erased, and which of their classes are not,
// before anything is: what a restored backup brings back is found by it.
func journal(ctx context.Context, tx pgx.Tx, tenant string, scopes []string, kept [2]Kept) error {
	var ids, stay []string
	for _, scope := range scopes {
		classes := []string{}
		for _, e := range rowErasures {
			name := string(e.class)
			if !slices.Contains(classes, name) && (kept[0] != nil && kept[0](e.class, scope) || kept[1] != nil && kept[1](e.class, scope)) {
				classes = append(classes, name)
			}
		}
		if len(classes) < erasedClasses {
			ids, stay = append(ids, scope), append(stay, strings.Join(classes, ","))
		}
	}
	_, err := tx.Exec(ctx, `
		insert into erasure_journal (hotel, scope, kept)
		select $1, e.scope, string_to_array(e.kept, ',') from unnest($2::text[], $3::text[]) e (scope, kept)
		order by e.scope on conflict do nothing`, tenant, ids, stay)
	return wrap(err, "write the erasure journal")
}

// erasedClasses is how many classes rowErasures erase.
var erasedClasses = func() int {
	classes := map[register.Class]bool{}
	for _, e := range rowErasures {
		classes[e.class] = true
	}
	return len(classes)
}()

// eraseRows counts what it erased, and the scopes of which a hold kept some
// class.
func (d *Desk) eraseRows(ctx context.Context, tx pgx.Tx, tenant string, scopes []string, kept [2]Kept) (gone Counts, held int, err error) {
	holding := map[string]bool{}
	for _, e := range rowErasures {
		mine := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
			if kept[0] != nil && kept[0](e.class, scope) {
				holding[scope] = true
				return true
			}
			return kept[1] != nil && kept[1](e.class, scope)
		})
		if len(mine) == 0 {
			continue
		}
		if e.class == register.Recording && d.Objects == nil {
			if err := d.noRecordings(ctx, tx, tenant, mine); err != nil {
				return gone, 0, err
			}
		}
		tag, err := tx.Exec(ctx, e.sql, tenant, mine)
		if err != nil {
			return gone, 0, wrap(err, "erase rows")
		}
		*e.count(&gone) += tag.RowsAffected()
	}
	return gone, len(holding), nil
}

func (d *Desk) noRecordings(ctx context.Context, tx pgx.Tx, tenant string, scopes []string) error {
	var there bool
	err := tx.QueryRow(ctx, `select exists (select from recording where hotel = $1 and call = any($2))`, tenant, scopes).Scan(&there)
	if err == nil && there {
		return ErrObjects
	}
	return wrap(err, "list recordings")
}

// tellErased writes into the log, and to whoever ordered it, what the
// transaction erased.
func (d *Desk) tellErased(ctx context.Context, tx pgx.Tx, tenant string, o Order, gone Counts) error {
	if o.Along != nil {
		if err := o.Along(ctx, tx, gone); err != nil {
			return err
		}
	}
	entry, err := d.Auditor.Prepare(ctx, erased(tenant, EventRows, rowsErased{len(o.Scopes), gone}))
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return entry.Insert(ctx, tx)
}

// rowsErased is the detail of EventRows.
type rowsErased struct {
	Scopes int    `json:"scopes"`
	Erased Counts `json:"erased"`
}

// Remaining reads back what is left of the scopes. After EraseRows all of it is
// zero, or something was written meanwhile: erase again.
func (d *Desk) Remaining(ctx context.Context, tenant string, scopes []string) (Counts, error) {
	if err := checkScopes(scopes); err != nil {
		return Counts{}, err
	}
	var left Counts
	err := d.Pool.InTenantReadOnly(ctx, tenant, func(tx pgx.Tx) error {
		for _, e := range rowErasures {
			if err := find(ctx, tx, e.find, tenant, scopes, func(_ string, n int64) { *e.count(&left) += n }); err != nil {
				return err
			}
		}
		return find(ctx, tx, doomedObjects, tenant, scopes, func(_ string, n int64) { left.Objects += n })
	})
	return left, err
}

const doomedObjects = `select scope, count(*) from erased_object where hotel = $1 and scope = any($2) group by 1`

// Records counts what an erasure of the scopes would find, by class and scope,
// in the tenant's transaction.
func Records(ctx context.Context, tx pgx.Tx, tenant string, scopes []string, each func(class register.Class, scope string, n int64)) error {
	if err := checkScopes(scopes); err != nil {
		return err
	}
	for _, e := range rowErasures {
		if err := find(ctx, tx, e.find, tenant, scopes, func(scope string, n int64) { each(e.class, scope, n) }); err != nil {
			return err
		}
	}
	return find(ctx, tx, doomedObjects, tenant, scopes, func(scope string, n int64) { each(register.Recording, scope, n) })
}

func find(ctx context.Context, tx pgx.Tx, sql, tenant string, scopes []string, each func(scope string, n int64)) error {
	rows, err := tx.Query(ctx, sql, tenant, scopes)
	if err != nil {
		return wrap(err, "read back what is left")
	}
	var scope string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&scope, &n}, func() error {
		each(scope, n)
		return nil
	})
	return wrap(err, "read back what is left")
}

func checkScopes(scopes []string) error {
	if len(scopes) == 0 || len(scopes) > mostErased {
		return fmt.Errorf("subjects: name 1 to %d scopes at a time", mostErased)
	}
	return nil
}
