package audit

import (
	"context"
	"errors"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// sealPlace is where sealed details lie.
const sealPlace = "audit_detail.sealed"

// A Writer prepares events for the outbox. It is safe for concurrent use.
type Writer struct {
	ring       *keys.Ring
	pseudonyms *lru.Cache[string, []byte]
}

// NewWriter returns a writer that seals with ring.
func NewWriter(ring *keys.Ring) *Writer {
	pseudonyms, _ := lru.New[string, []byte](4096) // fails for sizes below one only
	return &Writer{ring: ring, pseudonyms: pseudonyms}
}

// Prepared are sealed events of one tenant, ready to be inserted.
type Prepared struct {
	tenant                string
	pseudonym             []byte
	kinds, actors, scopes []string
	tags, commits, sealed [][]byte
}

// Prepare checks and seals events of one tenant. It may read keys, so call it
// before the business transaction begins. ErrEvent is a mistake in an event; an
// error of package keys says that a key cannot be had, such as
// keys.ErrDestroyed or keys.ErrUnknownScope: an event about an erased guest is
// sealed under the tenant's own scope.
func (w *Writer) Prepare(ctx context.Context, events ...Event) (Prepared, error) {
	if len(events) == 0 {
		return Prepared{}, nil
	}
	if len(events) > maxEvents {
		return Prepared{}, fmt.Errorf("%w: %d events at once, at most %d are allowed", ErrEvent, len(events), maxEvents)
	}
	p := Prepared{tenant: events[0].Tenant}
	for _, e := range events {
		if e.Tenant != p.tenant {
			return Prepared{}, fmt.Errorf("%w: events of one transaction belong to one tenant", ErrEvent)
		}
		if err := w.add(ctx, &p, e); err != nil {
			return Prepared{}, err
		}
	}
	var err error
	p.pseudonym, err = w.pseudonym(ctx, p.tenant)
	return p, err
}

func (w *Writer) add(ctx context.Context, p *Prepared, e Event) error {
	text, err := e.detail()
	if err != nil {
		return err
	}
	detail, scope := newDetail(text), e.scope()
	sealed, err := w.seal(ctx, scope, detail.bytes())
	if err != nil {
		return fmt.Errorf("audit: sealing an event of kind %s: %w", e.Kind, err)
	}
	commit, tag := detail.commit(), detail.tag(scope)
	p.kinds, p.actors, p.scopes = append(p.kinds, string(e.Kind)), append(p.actors, e.Actor), append(p.scopes, scope.ID)
	p.tags, p.commits, p.sealed = append(p.tags, tag[:]), append(p.commits, commit[:]), append(p.sealed, sealed)
	return nil
}

// seal makes an audit key for a scope that is older than that, and for no other:
// scopes come from outside, and the row of a key stays for ever. A scope that has
// no key at all is keys.ErrUnknownScope; a destroyed one gets no other key.
func (w *Writer) seal(ctx context.Context, scope keys.Scope, plain []byte) ([]byte, error) {
	sealed, err := w.ring.Seal(ctx, scope, keys.Audit, sealPlace, plain)
	if !errors.Is(err, keys.ErrUnknownScope) {
		return sealed, err
	}
	if err := w.known(ctx, scope); err != nil {
		return nil, err
	}
	if err := w.ring.Ensure(ctx, keys.Audit, scope); err != nil {
		return nil, err
	}
	return w.ring.Seal(ctx, scope, keys.Audit, sealPlace, plain)
}

// known fails unless the scope has a living key for some purpose.
func (w *Writer) known(ctx context.Context, scope keys.Scope) error {
	var slots []keys.Slot
	for _, purpose := range keys.Purposes() {
		slots = append(slots, keys.Slot{Scope: scope, Purpose: purpose})
	}
	if err := w.ring.LoadSlots(ctx, slots...); err != nil {
		return err
	}
	last := keys.ErrUnknownScope
	for _, slot := range slots {
		_, err := w.ring.Lookup(scope, slot.Purpose)
		if err == nil {
			return nil
		}
		if !errors.Is(err, keys.ErrUnknownScope) {
			last = err
		}
	}
	return last
}

// pseudonym is the tenant's name in the log. Whoever has the tenant's key can
// make it again, and nobody else can read it back.
func (w *Writer) pseudonym(ctx context.Context, tenant string) ([]byte, error) {
	if known, ok := w.pseudonyms.Get(tenant); ok {
		return known, nil
	}
	mac, err := w.ring.MAC(ctx, tenant, "audit/tenant")
	if err != nil {
		return nil, fmt.Errorf("audit: the tenant's pseudonym: %w", err)
	}
	w.pseudonyms.Add(tenant, mac[:pseudonymSize])
	return mac[:pseudonymSize], nil
}

// Pseudonym is the tenant's name in the log, in hexadecimal.
func (w *Writer) Pseudonym(ctx context.Context, tenant string) (string, error) {
	raw, err := w.pseudonym(ctx, tenant)
	return fmt.Sprintf("%x", raw), err
}

// Columns are what the database's audit_append takes beside the tenant, for a
// business statement that writes its own row and the event in one: call it in a
// part of that statement that runs if and only if the row is written.
type Columns struct {
	Pseudonym               []byte
	Kinds, Actors, Scopes   []string
	Tags, Commits, Detailed [][]byte
}

// Columns returns the events so; none are empty lists.
func (p Prepared) Columns() Columns {
	return Columns{
		Pseudonym: p.pseudonym, Kinds: p.kinds, Actors: p.actors, Scopes: p.scopes,
		Tags: p.tags, Commits: p.commits, Detailed: p.sealed,
	}
}

// Insert writes the events into the outbox, in the business transaction, which
// must be one of the events' tenant (postgres.Pool.InTenant). They are in the
// log if and only if that transaction commits. It holds one row of the tenant
// until then and waits for nobody; still, make it the last statement.
func (p Prepared) Insert(ctx context.Context, tx pgx.Tx) error {
	if len(p.kinds) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, "select audit_append($1, $2, $3, $4, $5, $6, $7, $8)",
		p.tenant, p.pseudonym, p.kinds, p.actors, p.scopes, p.tags, p.commits, p.sealed)
	if err != nil {
		return fmt.Errorf("audit: writing to the outbox: %w", err)
	}
	return nil
}

// Along is Insert in a transaction of another role, which is the tenant's own
// from then on (postgres.EnterTenant): a postgres.Step that comes last.
func (p Prepared) Along(ctx context.Context, tx pgx.Tx) error {
	if len(p.kinds) == 0 {
		return nil
	}
	if err := postgres.EnterTenant(ctx, tx, p.tenant); err != nil {
		return err
	}
	return p.Insert(ctx, tx)
}

// Record writes events of one tenant in a transaction of their own, for what is
// done elsewhere than in the main database. Then a first event says that it is
// begun and a second one that it is done: one alone tells that it was cut off.
func (w *Writer) Record(ctx context.Context, pool *postgres.Pool, events ...Event) error {
	prepared, err := w.Prepare(ctx, events...)
	if err != nil || len(events) == 0 {
		return err
	}
	insert := func(tx pgx.Tx) error { return prepared.Insert(ctx, tx) }
	if prepared.tenant == HouseTenant { // so whoever tells of the house alone needs no way to a hotel
		return pool.AsRole(ctx, postgres.RoleHouse, insert)
	}
	return pool.InTenant(ctx, prepared.tenant, insert)
}
