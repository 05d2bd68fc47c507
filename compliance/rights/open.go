package rights

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ActorWorker is who the audit log says did what no person did.
const ActorWorker = "worker"

// Open keeps a request, its first task where it is not clear whom it is about,
// and its entry in the audit log. A request that came before under its key is
// answered as it stands, with fresh false. Where the same person has asked for
// the same, from the same address, and is not answered yet, the new case is
// joined to the one that goes on: it is kept, and closed.
func (s *Store) Open(ctx context.Context, o Opening) (c Case, fresh bool, err error) {
	if err := o.check(); err != nil {
		return Case{}, false, err
	}
	if known, err := s.byKey(ctx, o); err != nil || known != "" {
		return s.again(ctx, o.Hotel, known, err)
	}
	row, err := s.rowOf(ctx, o)
	if err != nil {
		return Case{}, false, err
	}
	err = s.pool.InTenant(ctx, o.Hotel, func(tx pgx.Tx) error {
		fresh, err = row.insert(ctx, tx)
		return err
	})
	if err != nil {
		return Case{}, false, refusal(err, "keep a request")
	}
	if !fresh { // somebody sent the same in the same moment
		known, err := s.byKey(ctx, o)
		return s.again(ctx, o.Hotel, known, err)
	}
	c, err = s.Read(ctx, o.Hotel, o.ID)
	return c, true, err
}

func (s *Store) again(ctx context.Context, hotel, id string, err error) (Case, bool, error) {
	if err != nil {
		return Case{}, false, err
	}
	c, err := s.Read(ctx, hotel, id)
	return c, false, err
}

// byKey finds the case that a repeated request opened; "" when there is none.
func (s *Store) byKey(ctx context.Context, o Opening) (id string, err error) {
	var body []byte
	err = s.pool.Tenant(o.Hotel).QueryRow(ctx, `select id, body_hmac from dsar_case where hotel = $1 and key_hmac = $2`,
		o.Hotel, o.KeyHMAC).Scan(&id, &body)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", nil
	case err != nil:
		return "", refusal(err, "look for a request")
	case !bytes.Equal(body, o.BodyHMAC):
		return "", ErrReused
	}
	return id, nil
}

// A row is a case that is about to be written.
type row struct {
	Opening
	person, ask         []byte
	clock, wish, people []byte
	opened, joined      audit.Prepared
	taskAdded           audit.Prepared
}

func (s *Store) rowOf(ctx context.Context, o Opening) (r row, err error) {
	r.Opening = o
	if err := s.keys.Ensure(ctx, keys.Case, scopeOf(o.Hotel, o.ID)); err != nil {
		return r, wrap(err, "make a key for a request")
	}
	if r.clock, err = json.Marshal(o.Clock); err != nil {
		return r, wrap(err, "write a clock")
	}
	if r.wish, err = s.seal(ctx, o.Hotel, o.ID, placeWish, o.Wish); err != nil {
		return r, err
	}
	if r.ask, err = s.ask(ctx, o); err != nil {
		return r, err
	}
	if o.Match == KnownPerson {
		if r.person, err = s.person(ctx, o.Hotel, o.Subject); err != nil {
			return r, err
		}
		if r.people, err = s.seal(ctx, o.Hotel, o.ID, placePeople, People{Subject: o.Subject}); err != nil {
			return r, err
		}
	}
	detail := func() map[string]any {
		return map[string]any{"kind": o.Kind, "channel": o.Channel, "call": o.Call, "received": o.Clock.Received, "due": o.Clock.Due, "match": o.Match}
	}
	for into, kind := range map[*audit.Prepared]audit.Kind{&r.opened: EventOpened, &r.joined: EventJoined} {
		if *into, err = s.auditor.Prepare(ctx, event(o.Hotel, o.ID, kind, o.OpenedBy, detail())); err != nil {
			return r, wrap(err, "prepare the audit entry")
		}
	}
	r.taskAdded, err = s.auditor.Prepare(ctx, event(o.Hotel, o.ID, EventTaskAdded, ActorWorker, map[string]any{"kind": firstTask(o.Match)}))
	return r, wrap(err, "prepare the audit entry")
}

// person is a digest that tells one subject's cases, and nothing else.
func (s *Store) person(ctx context.Context, hotel string, subject subjects.Ref) ([]byte, error) {
	number := subject.UUID()
	mac, err := s.keys.MAC(ctx, hotel, "dsar/person", number[:])
	return mac, wrap(err, "make a digest")
}

// ask is a digest of what a request asks for, and of where its answer is to go:
// nobody has proven anything yet, and the answer to the first of two that are
// joined goes to the first one's address. The words are left out, for nobody
// says the same twice in the same words.
func (s *Store) ask(ctx context.Context, o Opening) ([]byte, error) {
	purposes := slices.Sorted(slices.Values(o.Wish.Purposes))
	contact := Contact{Email: strings.ToLower(strings.TrimSpace(o.Wish.Contact.Email)), Phone: strings.TrimSpace(o.Wish.Contact.Phone)}
	text, err := json.Marshal([]any{contact, o.Wish.Correct, slices.Compact(purposes), o.Wish.Ground, o.Wish.Lift})
	if err != nil {
		return nil, wrap(err, "write what a request asks for")
	}
	defer clear(text)
	mac, err := s.keys.MAC(ctx, o.Hotel, "dsar/ask", text)
	return mac, wrap(err, "make a digest")
}

// firstTask is what a person has to do where it is not clear who is meant.
func firstTask(m Match) TaskKind {
	switch m {
	case UnknownPerson:
		return FindGuest
	case AmbiguousPerson:
		return ChooseGuest
	}
	return ""
}

func (r row) insert(ctx context.Context, tx pgx.Tx) (fresh bool, err error) {
	other, err := goesOn(ctx, tx, r.Hotel, r.person, r.Kind, r.ask)
	if err != nil {
		return false, err
	}
	state, person, people, ask, entry := Received, r.person, r.people, r.ask, r.opened
	var closed *time.Time
	if other != "" {
		now := time.Now()
		state, person, people, ask, entry, closed = Joined, nil, nil, nil, r.joined, &now
	}
	tag, err := tx.Exec(ctx, `
		insert into dsar_case (hotel, id, key_hmac, body_hmac, kind, state, channel, call, language, match, person,
			received_at, due_at, internal_at, clock, joined_to, sealed_wish, sealed_people, opened_by, closed_at, ask)
		values ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, ''), $10, $11, $12, $13, $14, $15, nullif($16, ''), $17, $18, $19, $20, $21)
		on conflict (hotel, key_hmac) do nothing`,
		r.Hotel, r.ID, r.KeyHMAC, r.BodyHMAC, r.Kind, state, r.Channel, r.Call, r.Language, r.Match, person,
		r.Clock.Received, r.Clock.Due, r.Clock.Internal, r.clock, other, r.wish, people, r.OpenedBy, closed, ask)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	if kind := firstTask(r.Match); kind != "" {
		// One of the case's own id: it is its first.
		if _, err := addTask(ctx, tx, r.Hotel, r.ID, r.ID, kind, r.Clock.Internal, nil); err != nil {
			return false, err
		}
		if err := r.taskAdded.Insert(ctx, tx); err != nil {
			return false, err
		}
	}
	return true, entry.Insert(ctx, tx)
}

// goesOn is the open case of a person that asks for the same, and keeps others
// from opening one meanwhile; "" when there is none.
func goesOn(ctx context.Context, tx pgx.Tx, hotel string, person []byte, kind Kind, ask []byte) (id string, err error) {
	if person == nil {
		return "", nil
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('dsar ' || $1 || ' ' || $2 || encode($3::bytea, 'hex'), 0))`,
		hotel, kind, person); err != nil {
		return "", err
	}
	err = tx.QueryRow(ctx, `select id from dsar_case where hotel = $1 and person = $2 and kind = $3 and ask is not distinct from $4`, hotel, person, kind, ask).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// An Idle is an open case that a sweeper looks at.
type Idle struct {
	Hotel, Case string
	Since       time.Time
}

// Unstarted lists, across hotels, cases whose workflow was not started for so
// long: their process died, or Temporal was away. The oldest come first, and
// those after the one given, which is zero for the first page.
func (s *Store) Unstarted(ctx context.Context, age time.Duration, after Idle, most int) (idle []Idle, err error) {
	return s.idle(ctx, "opened_at < now() - $1::float8 * interval '1 second' and started_at is null", age, after, most)
}

// Started lists, as Unstarted does, open cases whose workflow was started so long
// ago: it may have ended since.
func (s *Store) Started(ctx context.Context, age time.Duration, after Idle, most int) (idle []Idle, err error) {
	return s.idle(ctx, "started_at < now() - $1::float8 * interval '1 second'", age, after, most)
}

func (s *Store) idle(ctx context.Context, which string, age time.Duration, after Idle, most int) (idle []Idle, err error) {
	err = s.pool.AsRole(ctx, postgres.RoleSweeper, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select hotel, id, opened_at from dsar_case
			where closed_at is null and `+which+` and (opened_at, id) > ($2, $3)
			order by opened_at, id limit $4`, age.Seconds(), after.Since, after.Case, most)
		if err != nil {
			return err
		}
		idle, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Idle, err error) {
			return i, row.Scan(&i.Hotel, &i.Case, &i.Since)
		})
		return err
	})
	return idle, wrap(err, "list requests that nobody carries out")
}

// Start notes that a case's workflow runs.
func (s *Store) Start(ctx context.Context, hotel, id string) error {
	_, err := s.pool.Tenant(hotel).Exec(ctx, `update dsar_case set started_at = now() where hotel = $1 and id = $2 and started_at is null`, hotel, id)
	return refusal(err, "note that a request is carried out")
}

// Forget deletes closed cases whose term is over, with their tasks and acts, and
// counts them. Their keys are the caller's to destroy.
func (s *Store) Forget(ctx context.Context, hotel string, ids ...string) (int64, error) {
	tag, err := s.pool.Tenant(hotel).Exec(ctx, `delete from dsar_case where hotel = $1 and id = any($2) and closed_at is not null`, hotel, ids)
	return tag.RowsAffected(), refusal(err, "forget requests")
}
