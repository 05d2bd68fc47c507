package rights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Kinds of audit events.
const (
	EventOpened     audit.Kind = "dsar.opened"
	EventJoined     audit.Kind = "dsar.joined"
	EventFound      audit.Kind = "dsar.person_found"
	EventMoved      audit.Kind = "dsar.moved"
	EventProven     audit.Kind = "dsar.identity_proven"
	EventDeferred   audit.Kind = "dsar.deferred"
	EventClosed     audit.Kind = "dsar.closed"
	EventTaskAdded  audit.Kind = "dsar.task_added"
	EventTaskDone   audit.Kind = "dsar.task_done"
	EventVouched    audit.Kind = "dsar.vouched"
	EventApproved   audit.Kind = "dsar.approved"
	EventVoided     audit.Kind = "dsar.approval_void"
	EventExtended   audit.Kind = "dsar.extended"
	EventActRefused audit.Kind = "dsar.act_refused"
	EventRead       audit.Kind = "dsar.read"
)

// Keys makes a case's key, seals and opens under it, and makes digests.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps the cases. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	keys    Keys
	auditor Auditor
}

// New returns the store in the main database.
func New(pool *postgres.Pool, k Keys, a Auditor) *Store {
	return &Store{pool: pool, keys: k, auditor: a}
}

// Places of what lies sealed in a case.
const (
	placeWish   = "dsar/wish"
	placePeople = "dsar/people"
	placeReply  = "dsar/reply"
)

func scopeOf(hotel, id string) keys.Scope { return keys.Scope{Tenant: hotel, ID: id} }

// seal seals a value under the case's own scope.
func (s *Store) seal(ctx context.Context, hotel, id, place string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("rights: %T cannot be written as JSON", value)
	}
	defer clear(plain)
	sealed, err := s.keys.Seal(ctx, scopeOf(hotel, id), keys.Case, place, plain)
	return sealed, wrap(err, "seal a part of a request")
}

// open opens what seal made.
func (s *Store) open(ctx context.Context, hotel, id, place string, sealed []byte, into any) error {
	plain, err := s.keys.Open(ctx, scopeOf(hotel, id), keys.Case, place, sealed)
	if err != nil {
		return wrap(err, "open a part of a request")
	}
	defer clear(plain)
	if json.Unmarshal(plain, into) != nil {
		return fmt.Errorf("rights: what is sealed is no %T", into) // the cause can quote it
	}
	return nil
}

// event is what the audit log is told of a case, sealed under the case's scope.
func event(hotel, id string, kind audit.Kind, actor string, detail map[string]any) audit.Event {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["case"] = id
	return audit.Event{Tenant: hotel, Kind: kind, Actor: actor, Scope: id, Detail: detail}
}

// refusal gives the database's no its name.
func refusal(err error, what string) error {
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		switch refused.ConstraintName {
		case "dsar_act_person":
			return ErrSamePerson
		case "dsar_act_once", "dsar_case_closed":
			return ErrState
		}
	case errors.Is(err, postgres.ErrTenant):
		return ErrNotFound
	}
	for _, known := range []error{ErrNotFound, ErrInvalid, ErrReused, ErrState, ErrSamePerson, ErrProvider, ErrLate, ErrExtended, ErrTask, ErrPeople, ErrForgotten} {
		if errors.Is(err, known) {
			return err
		}
	}
	return wrap(err, what)
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rights: %s: %w", what, err)
}

const columns = `id, kind, state, channel, coalesce(call, ''), coalesce(language, ''), match, coalesce(proof, ''), proven_at, clock,
	extended_at, wait_until, coalesce(joined_to, ''), coalesce(outcome, ''), coalesce(certificate, ''), opened_by, opened_at, closed_at,
	started_at is not null`

func scanner(hotel string) pgx.RowToFunc[Case] {
	return func(row pgx.CollectableRow) (Case, error) {
		c := Case{Hotel: hotel}
		var clock []byte
		var proven, extended, wait, closed *time.Time
		err := row.Scan(&c.ID, &c.Kind, &c.State, &c.Channel, &c.Call, &c.Language, &c.Match, &c.Proof, &proven, &clock,
			&extended, &wait, &c.JoinedTo, &c.Outcome, &c.Certificate, &c.OpenedBy, &c.OpenedAt, &closed, &c.Started)
		if err == nil {
			err = json.Unmarshal(clock, &c.Clock)
		}
		c.ProvenAt, c.ExtendedAt, c.WaitUntil, c.ClosedAt = at(proven), at(extended), at(wait), at(closed)
		c.OpenedAt = c.OpenedAt.UTC()
		return c, err
	}
}

func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// Read reads one case with its tasks and acts.
func (s *Store) Read(ctx context.Context, hotel, id string) (c Case, err error) {
	err = s.pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		if c, err = read(ctx, tx, hotel, id, ""); err != nil {
			return err
		}
		if c.Tasks, err = tasks(ctx, tx, hotel, id); err != nil {
			return err
		}
		c.Acts, c.Void, err = acts(ctx, tx, hotel, id)
		return err
	})
	return c, refusal(err, "read a request")
}

// read reads a row; lock is "" or "for update".
func read(ctx context.Context, tx pgx.Tx, hotel, id, lock string) (Case, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from dsar_case where hotel = $1 and id = $2 `+lock, hotel, id)
	if err != nil {
		return Case{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanner(hotel))
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, ErrNotFound
	}
	return c, err
}

// A Filter chooses cases of a hotel.
type Filter struct {
	State State // "" for every state
	Kind  Kind  // "" for every kind
	// Open leaves closed ones out.
	Open bool
	// DueBefore leaves those out that are due later; zero leaves none out.
	DueBefore time.Time
	// After continues behind the case of this id; "" begins.
	After string
	Most  int // 100 when zero, 500 at most
}

// List returns a page of cases without their tasks and acts, the newest first.
func (s *Store) List(ctx context.Context, hotel string, f Filter) ([]Case, error) {
	if f.Most == 0 {
		f.Most = 100
	}
	var due *time.Time
	if !f.DueBefore.IsZero() {
		due = &f.DueBefore
	}
	rows, err := s.pool.Tenant(hotel).Query(ctx, `
		select `+columns+` from dsar_case c
		where hotel = $1 and ($2 = '' or state = $2) and ($3 = '' or kind = $3) and (not $4 or closed_at is null)
		  and ($5::timestamptz is null or internal_at < $5)
		  and ($6 = '' or (opened_at, id) < (select a.opened_at, a.id from dsar_case a where a.hotel = $1 and a.id = $6))
		order by opened_at desc, id desc limit $7`,
		hotel, f.State, f.Kind, f.Open, due, f.After, min(max(f.Most, 1), 500))
	if err != nil {
		return nil, wrap(err, "list the requests")
	}
	found, err := pgx.CollectRows(rows, scanner(hotel))
	return found, refusal(err, "list the requests")
}

func tasks(ctx context.Context, tx pgx.Tx, hotel, id string) ([]Task, error) {
	rows, err := tx.Query(ctx, `
		select id, kind, due_at, added_at, done_at, coalesce(done_by, '') from dsar_task
		where hotel = $1 and case_id = $2 order by added_at, id limit 500`, hotel, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Task, err error) {
		var due, done *time.Time
		err = row.Scan(&t.ID, &t.Kind, &due, &t.At, &done, &t.DoneBy)
		t.Due, t.DoneAt, t.At = at(due), at(done), t.At.UTC()
		return t, err
	})
}

// acts are those that count, and those that were taken back.
func acts(ctx context.Context, tx pgx.Tx, hotel, id string) (done, void []Act, err error) {
	rows, err := tx.Query(ctx, `
		select id, kind, actor, coalesce(done_at, asked_at), coalesce(plan_hash, ''), case when problem = 'void' then coalesce(voided_at, asked_at) end
		from dsar_act
		where hotel = $1 and case_id = $2 and (done_at is not null or problem = 'void') order by 4, id limit 500`, hotel, id)
	if err != nil {
		return nil, nil, err
	}
	var a Act
	var taken *time.Time
	_, err = pgx.ForEachRow(rows, []any{&a.ID, &a.Kind, &a.Actor, &a.At, &a.Plan, &taken}, func() error {
		a.At, a.VoidAt = a.At.UTC(), at(taken)
		if taken == nil {
			done = append(done, a)
		} else {
			void = append(void, a)
		}
		return nil
	})
	return done, void, err
}
