package consent

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Keys makes a scope's consent key, and seals and opens under it.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps the events. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	keys    Keys
	auditor Auditor
}

// New returns the store in the main database.
func New(pool *postgres.Pool, k Keys, a Auditor) *Store {
	return &Store{pool: pool, keys: k, auditor: a}
}

const columns = `id, scope, purpose, action, coalesce(wording, ''), wording_hash, language, channel, method,
	coalesce(call, ''), coalesce(offset_ms, 0), event_time, recorded_at, actor, sealed`

// Append keeps an event and its entry in the audit log, both or neither, and
// returns it as it is kept. An event that came before under its id is answered
// as it was kept, with fresh false, and ErrReused when it says something else.
// Other refusals are this package's errors. A withdrawal is never refused for
// coming late.
func (s *Store) Append(ctx context.Context, e Event) (kept Event, fresh bool, err error) {
	if err := e.check(); err != nil {
		return Event{}, false, err
	}
	if known, err := s.Event(ctx, e.Tenant, e.ID); !errors.Is(err, ErrNotFound) {
		if err == nil {
			err = s.repeats(ctx, known, e)
		}
		return known, false, err
	}
	if err := s.seal(ctx, &e); err != nil {
		return Event{}, false, err
	}
	entry, err := s.entry(ctx, e)
	if err != nil {
		return Event{}, false, err
	}
	err = s.pool.InTenant(ctx, e.Tenant, func(tx pgx.Tx) error {
		if fresh, err = insert(ctx, tx, &e); err != nil || !fresh {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	switch {
	case err != nil:
		return Event{}, false, refusal(err)
	case fresh:
		return e, true, nil
	}
	// Somebody sent the same event in the same moment.
	if kept, err = s.Event(ctx, e.Tenant, e.ID); err == nil {
		err = s.repeats(ctx, kept, e)
	}
	return kept, false, err
}

func insert(ctx context.Context, tx pgx.Tx, e *Event) (fresh bool, err error) {
	var offset any
	if e.Call != "" {
		offset = e.Offset.Milliseconds()
	}
	err = tx.QueryRow(ctx, `
		insert into consent_event (hotel, id, scope, purpose, action, wording, wording_hash, language, channel, method,
			call, offset_ms, event_time, sealed, actor)
		values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, $10, nullif($11, ''), $12, $13, $14, $15)
		on conflict (hotel, id) do nothing
		returning recorded_at`,
		e.Tenant, e.ID, e.Scope, e.Purpose, e.Action, e.Wording, e.Hash, e.Language, e.Channel, e.Method,
		e.Call, offset, e.At, e.sealed, e.Actor).Scan(&e.RecordedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	e.RecordedAt = e.RecordedAt.UTC()
	return err == nil, err
}

// place binds a sealed detail to its event.
func place(id string) string { return "consent/" + id }

// seal replaces the detail by its sealed form.
func (s *Store) seal(ctx context.Context, e *Event) error {
	if e.Detail == "" {
		return nil
	}
	scope := keys.Scope{Tenant: e.Tenant, ID: e.Scope}
	sealed, err := s.keys.Seal(ctx, scope, keys.Consent, place(e.ID), []byte(e.Detail))
	if errors.Is(err, keys.ErrUnknownScope) {
		// The first word of a guest makes the key. Whose there is none makes none:
		// scopes come from outside, and the row of a key stays for ever.
		if err = s.known(ctx, e.Tenant, e.Scope); err == nil {
			err = s.keys.Ensure(ctx, keys.Consent, scope)
		}
		if err == nil {
			sealed, err = s.keys.Seal(ctx, scope, keys.Consent, place(e.ID), []byte(e.Detail))
		}
	}
	e.sealed = sealed
	if errors.Is(err, keys.ErrDestroyed) && e.Action == Withdrawn {
		// Nothing can be kept of the guest, but that they said no can.
		e.Detail, err = "", nil
	}
	return named(err, "seal the detail")
}

// known fails with ErrUnknownScope unless the hotel has such a call or booking.
func (s *Store) known(ctx context.Context, tenant, scope string) error {
	var there bool
	err := s.pool.Tenant(tenant).QueryRow(ctx, `
		select exists (select from call where hotel = $1 and id = $2) or exists (select from booking where hotel = $1 and id = $2)`,
		tenant, scope).Scan(&there)
	if err == nil && !there {
		err = ErrUnknownScope
	}
	return err
}

// Detail opens what else was noted with an event: "" when nothing was,
// ErrErased when it was erased.
func (s *Store) Detail(ctx context.Context, e Event) (string, error) {
	if e.sealed == nil {
		return "", nil
	}
	plain, err := s.keys.Open(ctx, keys.Scope{Tenant: e.Tenant, ID: e.Scope}, keys.Consent, place(e.ID), e.sealed)
	return string(plain), named(err, "open the detail")
}

// repeats tells whether an event that is known is the one that came again.
func (s *Store) repeats(ctx context.Context, known, e Event) error {
	if !known.same(e) {
		return ErrReused
	}
	detail, err := s.Detail(ctx, known)
	if errors.Is(err, ErrErased) {
		return nil // what it said is gone, and it was this event
	}
	if err == nil && subtle.ConstantTimeCompare([]byte(detail), []byte(e.Detail)) != 1 {
		return ErrReused
	}
	return err
}

// entry prepares what the audit log is told. Its detail is sealed under the
// guest's scope; once that is erased, a withdrawal is noted without one.
func (s *Store) entry(ctx context.Context, e Event) (audit.Prepared, error) {
	told := audit.Event{
		Tenant: e.Tenant, Kind: audit.Kind("consent." + string(e.Action)), Actor: e.Actor, Scope: e.Scope,
		Detail: map[string]any{
			"event": e.ID, "scope": e.Scope, "purpose": e.Purpose, "wording": e.Wording, "wording_hash": e.Hash, "language": e.Language,
			"channel": e.Channel, "method": e.Method, "call": e.Call, "offset_ms": e.Offset.Milliseconds(), "event_time": e.At,
		},
	}
	prepared, err := s.auditor.Prepare(ctx, told)
	if errors.Is(err, keys.ErrDestroyed) && e.Action == Withdrawn {
		told.Scope, told.Detail = "", map[string]any{"event": e.ID, "purpose": e.Purpose}
		prepared, err = s.auditor.Prepare(ctx, told)
	}
	return prepared, named(err, "prepare the audit entry")
}

func named(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keys.ErrDestroyed):
		return ErrErased
	case errors.Is(err, keys.ErrUnknownScope), errors.Is(err, ErrUnknownScope):
		return ErrUnknownScope
	}
	return fmt.Errorf("consent: %s: %w", what, err)
}

// refusal gives the database's no its name.
func refusal(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return fmt.Errorf("consent: keep the event: %w", err)
	}
	switch refused.ConstraintName {
	case "consent_scope", "consent_call":
		return ErrUnknownScope
	case "consent_future":
		return ErrFuture
	case "consent_outside", "consent_offset":
		return ErrOutsideCall
	case "consent_order":
		return ErrOutOfOrder
	}
	if refused.Code == "23514" {
		return fmt.Errorf("%w: %s", ErrInvalid, refused.ConstraintName)
	}
	return fmt.Errorf("consent: keep the event: %w", err)
}

// Event reads one event, or fails with ErrNotFound.
func (s *Store) Event(ctx context.Context, tenant, id string) (Event, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `select `+columns+` from consent_event where hotel = $1 and id = $2`, tenant, id)
	if err != nil {
		return Event{}, fmt.Errorf("consent: read an event: %w", err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanner(tenant))
	if errors.Is(err, pgx.ErrNoRows) {
		return Event{}, ErrNotFound
	}
	if err != nil {
		return Event{}, fmt.Errorf("consent: read an event: %w", err)
	}
	return e, nil
}

// A Query asks for a hotel's events, the oldest first.
type Query struct {
	Scope   string  // "" for every scope
	Purpose Purpose // "" for every purpose
	// After continues behind the event of this id; "" begins.
	After string
	Most  int
}

// List returns a page of events in the order in which they came.
func (s *Store) List(ctx context.Context, tenant string, q Query) ([]Event, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `
		select `+columns+` from consent_event e
		where hotel = $1 and ($2 = '' or scope = $2) and ($3 = '' or purpose = $3)
		  and ($4 = '' or (recorded_at, id) > (select a.recorded_at, a.id from consent_event a where a.hotel = $1 and a.id = $4))
		order by recorded_at, id limit $5`, tenant, q.Scope, q.Purpose, q.After, min(max(q.Most, 1), 500))
	if err != nil {
		return nil, fmt.Errorf("consent: list the events: %w", err)
	}
	events, err := pgx.CollectRows(rows, scanner(tenant))
	if err != nil {
		return nil, fmt.Errorf("consent: list the events: %w", err)
	}
	return events, nil
}

// Standing is what was allowed at a moment, and by which event.
type Standing struct {
	Allowed bool
	// Event decided; none when Known is false, and then nothing was allowed.
	Event Event
	Known bool
}

// AllowedAt tells whether the guest of a booking or call had agreed to a
// purpose at a moment, by all that is known now.
func (s *Store) AllowedAt(ctx context.Context, tenant, scope string, purpose Purpose, at time.Time) (Standing, error) {
	return s.AllowedAcross(ctx, tenant, []string{scope}, purpose, at)
}

// AllowedAcross is AllowedAt for all scopes of one person: a no in one of them
// counts for the others.
func (s *Store) AllowedAcross(ctx context.Context, tenant string, scopes []string, purpose Purpose, at time.Time) (Standing, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx,
		`select `+columns+` from consent_standing($1, $2, $3, $4) limit 1`, tenant, scopes, purpose, at)
	if err != nil {
		return Standing{}, fmt.Errorf("consent: ask what was allowed: %w", err)
	}
	events, err := pgx.CollectRows(rows, scanner(tenant))
	if err != nil {
		return Standing{}, fmt.Errorf("consent: ask what was allowed: %w", err)
	}
	if len(events) == 0 {
		return Standing{}, nil
	}
	return Standing{Allowed: events[0].Action == Given, Event: events[0], Known: true}, nil
}

func scanner(tenant string) pgx.RowToFunc[Event] {
	return func(row pgx.CollectableRow) (Event, error) {
		e := Event{Tenant: tenant}
		var offset int64
		err := row.Scan(&e.ID, &e.Scope, &e.Purpose, &e.Action, &e.Wording, &e.Hash, &e.Language, &e.Channel, &e.Method,
			&e.Call, &offset, &e.At, &e.RecordedAt, &e.Actor, &e.sealed)
		e.Offset = time.Duration(offset) * time.Millisecond
		e.At, e.RecordedAt = e.At.UTC(), e.RecordedAt.UTC()
		return e, err
	}
}
