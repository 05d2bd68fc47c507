package rights

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A change works on a locked case and tells how many of its events are to be
// written: none when there was nothing to do.
type change func(ctx context.Context, tx pgx.Tx, c Case) (events int, err error)

// do runs a change, the steps of whoever asks for it and its entries in the
// audit log in one transaction.
func (s *Store) do(ctx context.Context, hotel, id, what string, events []audit.Event, fn change, along ...postgres.Step) error {
	entries := make([]audit.Prepared, len(events))
	for i, e := range events {
		var err error
		if entries[i], err = s.auditor.Prepare(ctx, e); err != nil {
			return wrap(err, "prepare the audit entry")
		}
	}
	err := s.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error { return apply(ctx, tx, hotel, id, entries, fn, along...) })
	return refusal(err, what)
}

// apply is the inside of do, for a transaction that somebody else began.
func apply(ctx context.Context, tx pgx.Tx, hotel, id string, entries []audit.Prepared, fn change, along ...postgres.Step) error {
	c, err := read(ctx, tx, hotel, id, "for update")
	if err != nil {
		return err
	}
	events, err := fn(ctx, tx, c)
	if err != nil || events == 0 {
		return err
	}
	if err := postgres.Along(ctx, tx, along...); err != nil {
		return err
	}
	for _, entry := range entries[:events] {
		if err := entry.Insert(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// set writes columns of a case; the assignments begin at $3.
func set(ctx context.Context, tx pgx.Tx, c Case, assignments string, values ...any) error {
	_, err := tx.Exec(ctx, `update dsar_case set `+assignments+` where hotel = $1 and id = $2`, append([]any{c.Hotel, c.ID}, values...)...)
	return err
}

// Move takes a case to another state on its way. What is closed stays closed.
func (s *Store) Move(ctx context.Context, hotel, id string, to State) error {
	if to.Final() || !to.Known() {
		return ErrState
	}
	e := event(hotel, id, EventMoved, ActorWorker, map[string]any{"state": to})
	return s.do(ctx, hotel, id, "move a request", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.State == to || c.State.Final() {
			return 0, nil
		}
		return 1, set(ctx, tx, c, "state = $3, wait_until = null", to)
	})
}

// Defer has a case wait for the end of a stay.
func (s *Store) Defer(ctx context.Context, hotel, id string, until time.Time, along ...postgres.Step) error {
	e := event(hotel, id, EventDeferred, ActorWorker, map[string]any{"until": until})
	return s.do(ctx, hotel, id, "defer a request", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.State.Final() || c.State == Waiting && c.WaitUntil.Equal(until) {
			return 0, nil
		}
		return 1, set(ctx, tx, c, "state = 'waiting', wait_until = $3", until)
	}, along...)
}

// Find notes whom a case is about. Where another open case of the same person
// asks for the same, this one is joined to that and closed. What was found before
// is not written down again: no other case can have become the same person's
// since.
func (s *Store) Find(ctx context.Context, hotel, id string, p People) (joinedTo string, err error) {
	known, err := s.People(ctx, hotel, id)
	if err == nil && known.same(p) {
		return "", nil
	}
	another := err == nil && known.Subject != p.Subject
	person, err := s.person(ctx, hotel, p.Subject)
	if err != nil {
		return "", err
	}
	sealed, err := s.seal(ctx, hotel, id, placePeople, p)
	if err != nil {
		return "", err
	}
	events := []audit.Event{
		event(hotel, id, EventFound, ActorWorker, map[string]any{"scopes": len(p.Scopes), "another_person": another}),
		event(hotel, id, EventJoined, ActorWorker, nil),
	}
	err = s.do(ctx, hotel, id, "note whom a request is about", events, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.State.Final() {
			joinedTo = c.JoinedTo
			return 0, nil
		}
		var ask []byte
		if err := tx.QueryRow(ctx, `select ask from dsar_case where hotel = $1 and id = $2`, hotel, id).Scan(&ask); err != nil {
			return 0, err
		}
		other, err := goesOn(ctx, tx, hotel, person, c.Kind, ask)
		if err != nil {
			return 0, err
		}
		if other != "" && other != id {
			joinedTo = other
			if err := forgetPlans(ctx, tx, hotel, id); err != nil {
				return 0, err
			}
			return 2, set(ctx, tx, c, "state = 'joined', joined_to = $3, closed_at = now(), person = null, ask = null, sealed_people = null", other)
		}
		if err := void(ctx, tx, c, person); err != nil {
			return 0, err
		}
		return 1, set(ctx, tx, c, "person = $3, sealed_people = $4, match = 'known'", person, sealed)
	})
	return joinedTo, err
}

// void takes back what was proven and agreed to of another person than the one
// who is found now: nobody proved to be this one, or agreed to what is theirs.
func void(ctx context.Context, tx pgx.Tx, c Case, person []byte) error {
	tag, err := tx.Exec(ctx, `
		update dsar_case set sealed_reply = null, proof = case when proof = 'none' then proof end,
			proven_at = case when proof = 'none' then proven_at end
		where hotel = $1 and id = $2 and person <> $3`, c.Hotel, c.ID, person)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `
		update dsar_act set done_at = null, problem = 'void', voided_at = clock_timestamp(), sealed_plan = null
		where hotel = $1 and case_id = $2 and kind in ('vouched', 'approved') and done_at is not null`, c.Hotel, c.ID)
	return err
}

// SetReply notes where letters of a case go from now on.
func (s *Store) SetReply(ctx context.Context, hotel, id string, r Reply) error {
	sealed, err := s.seal(ctx, hotel, id, placeReply, r)
	if err != nil {
		return err
	}
	_, err = s.pool.Tenant(hotel).Exec(ctx, `update dsar_case set sealed_reply = $3 where hotel = $1 and id = $2`, hotel, id, sealed)
	return refusal(err, "note where letters go")
}

// Close ends a case, and forgets whom it was about. A refusal and a withdrawal
// are somebody's act, which is done with it.
func (s *Store) Close(ctx context.Context, hotel, id string, to State, o Outcome, certificate, act string, along ...postgres.Step) error {
	if !to.Final() || to == Joined {
		return ErrState
	}
	actor, detail, err := s.ending(ctx, hotel, id, act)
	if err != nil {
		return err
	}
	maps.Copy(detail, map[string]any{"state": to, "outcome": o, "certificate": certificate, "act": act})
	e := event(hotel, id, EventClosed, actor, detail)
	return s.do(ctx, hotel, id, "close a request", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.State.Final() {
			if c.State == to {
				return 0, nil
			}
			return 0, ErrState
		}
		if act != "" {
			if _, err := settle(ctx, tx, hotel, id, act); err != nil {
				return 0, err
			}
		}
		if _, err := tx.Exec(ctx, `
			update dsar_task set done_at = now(), done_by = $3 where hotel = $1 and case_id = $2 and done_at is null and kind in ('reminder', 'deadline_near')`,
			hotel, id, ActorWorker); err != nil {
			return 0, err
		}
		if err := forgetPlans(ctx, tx, hotel, id); err != nil {
			return 0, err
		}
		return 1, set(ctx, tx, c, `state = $3, outcome = $4, certificate = nullif($5, ''), closed_at = now(),
			person = null, ask = null, sealed_people = null, wait_until = null`, to, o, certificate)
	}, along...)
}

// ending is who ends a case, and what the audit log keeps of that: whether it is
// late, and the reasons of a refusal, which a supervisory authority asks for.
func (s *Store) ending(ctx context.Context, hotel, id, act string) (actor string, detail map[string]any, err error) {
	c, err := s.Read(ctx, hotel, id)
	if err != nil {
		return "", nil, err
	}
	detail = map[string]any{"late": !time.Now().Before(c.Due())}
	if act == "" {
		return ActorWorker, detail, nil
	}
	if actor, err = s.actorOf(ctx, hotel, act); err != nil {
		return "", nil, err
	}
	note, err := s.Note(ctx, hotel, id, act)
	if err != nil {
		return "", nil, err
	}
	if len(note.Reasons) > 0 {
		detail["reasons"] = note.Reasons // words of a fixed list
	}
	return actor, detail, nil
}

// AddTask leaves something for a person to do. A task whose id is there already
// is left as it is.
func (s *Store) AddTask(ctx context.Context, hotel, id, task string, kind TaskKind, due time.Time) error {
	e := event(hotel, id, EventTaskAdded, ActorWorker, map[string]any{"kind": kind, "task": task})
	return s.do(ctx, hotel, id, "leave a task", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if c.State.Final() && kind != TellByHand && kind != CarryOutByHand {
			return 0, nil
		}
		added, err := addTask(ctx, tx, hotel, id, task, kind, due, nil)
		if !added {
			return 0, err
		}
		return 1, err
	})
}

func addTask(ctx context.Context, tx pgx.Tx, hotel, id, task string, kind TaskKind, due time.Time, sealed []byte) (added bool, err error) {
	tag, err := tx.Exec(ctx, `
		insert into dsar_task (hotel, case_id, id, kind, due_at, sealed) values ($1, $2, $3, $4, $5, $6) on conflict (hotel, id) do nothing`,
		hotel, id, task, kind, due, sealed)
	if err != nil {
		return false, fmt.Errorf("add a task: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}
