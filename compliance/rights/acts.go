package rights

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// An Asking is something that a person wants to do about a case.
type Asking struct {
	Hotel, Case, ID string
	Kind            ActKind
	Actor           string
	Note            Note
	// KeyHMAC and BodyHMAC tell a repeated request; 32 bytes each.
	KeyHMAC, BodyHMAC []byte
}

// A Note is what a person wrote or said to an act. It lies sealed.
type Note struct {
	Text    string   `json:"text,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	// Code is what the requester told as the one-time code; it goes once it was
	// looked at.
	Code string `json:"code,omitempty"`
	// Scope is a booking or call of the person whom a task was to find.
	Scope string `json:"scope,omitempty"`
	// Plan is the hash of the plan that somebody saw and approves.
	Plan string `json:"plan,omitempty"`
}

// maxNote bounds a note's text, in bytes.
const maxNote = 8000

func placeAct(id string) string { return "dsar/act/" + id }

// Ask keeps what is to be done, sealed, before it is done. It counts for nothing
// yet. One that came before under its key is answered by its id, with fresh
// false.
func (s *Store) Ask(ctx context.Context, a Asking) (id string, fresh bool, err error) {
	if !slices.Contains(ActKinds(), a.Kind) || len(a.KeyHMAC) != 32 || len(a.BodyHMAC) != 32 || len(a.Note.Text) > maxNote {
		return "", false, incomplete("an act with a key and a note of bounded length")
	}
	sealed, err := s.seal(ctx, a.Hotel, a.Case, placeAct(a.ID), a.Note)
	if err != nil {
		return "", false, err
	}
	var body []byte
	err = s.pool.InTenant(ctx, a.Hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into dsar_act (hotel, case_id, id, key_hmac, body_hmac, kind, actor, sealed)
			select $1, $2, $3, $4, $5, $6, $7, $8 where exists (select from dsar_case where hotel = $1 and id = $2)
			on conflict (hotel, key_hmac) do nothing`, a.Hotel, a.Case, a.ID, a.KeyHMAC, a.BodyHMAC, a.Kind, a.Actor, sealed)
		if err != nil {
			return err
		}
		fresh = tag.RowsAffected() > 0
		return tx.QueryRow(ctx, `select id, body_hmac from dsar_act where hotel = $1 and key_hmac = $2`, a.Hotel, a.KeyHMAC).Scan(&id, &body)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", false, ErrNotFound
	case err != nil:
		return "", false, refusal(err, "keep an act")
	case !bytes.Equal(body, a.BodyHMAC):
		return "", false, ErrReused
	}
	return id, fresh, nil
}

// Note opens what was written to an act.
func (s *Store) Note(ctx context.Context, hotel, id, act string) (n Note, err error) {
	var sealed []byte
	err = s.pool.Tenant(hotel).QueryRow(ctx, `select sealed from dsar_act where hotel = $1 and case_id = $2 and id = $3`, hotel, id, act).Scan(&sealed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return n, ErrNotFound
	case err != nil:
		return n, refusal(err, "read an act")
	case sealed == nil:
		return n, nil
	}
	return n, s.open(ctx, hotel, id, placeAct(act), sealed, &n)
}

func (s *Store) actorOf(ctx context.Context, hotel, act string) (actor string, err error) {
	err = s.pool.Tenant(hotel).QueryRow(ctx, `select actor from dsar_act where hotel = $1 and id = $2`, hotel, act).Scan(&actor)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	}
	return actor, refusal(err, "read an act")
}

// settle marks an act as done, and tells whether it was not before.
func settle(ctx context.Context, tx pgx.Tx, hotel, id, act string) (now bool, err error) {
	tag, err := tx.Exec(ctx, `
		update dsar_act set done_at = clock_timestamp(), problem = null
		where hotel = $1 and case_id = $2 and id = $3 and done_at is null and problem is distinct from 'void'`, hotel, id, act)
	if err != nil || tag.RowsAffected() > 0 {
		return err == nil, err
	}
	var void bool
	err = tx.QueryRow(ctx, `select exists (select from dsar_act where hotel = $1 and id = $2 and problem = 'void')`, hotel, act).Scan(&void)
	if void {
		err = ErrState
	}
	return false, err
}

// CodesAsked counts the codes of a case that were asked for up to an act, that
// one too; those that were refused do not count.
func (s *Store) CodesAsked(ctx context.Context, hotel, id, act string) (n int, err error) {
	err = s.pool.Tenant(hotel).QueryRow(ctx, `
		select count(*) from dsar_act a join dsar_act this on this.hotel = a.hotel and this.case_id = a.case_id and this.id = $3
		where a.hotel = $1 and a.case_id = $2 and a.kind = 'code_asked' and (a.problem is null or a.id = $3)
		  and (a.asked_at, a.id) <= (this.asked_at, this.id)`, hotel, id, act).Scan(&n)
	return n, refusal(err, "count the codes")
}

// count counts the people who did something.
func count(ctx context.Context, tx pgx.Tx, hotel, id string, kind ActKind) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from dsar_act where hotel = $1 and case_id = $2 and kind = $3 and done_at is not null`,
		hotel, id, kind).Scan(&n)
	return n, err
}

// act does one that belongs to a kind of event.
func (s *Store) act(ctx context.Context, hotel, id, act string, kind audit.Kind, detail map[string]any, fn change, along ...postgres.Step) error {
	actor, err := s.actorOf(ctx, hotel, act)
	if err != nil {
		return err
	}
	if detail == nil {
		detail = map[string]any{}
	}
	detail["act"] = act
	events := []audit.Event{
		event(hotel, id, kind, actor, detail),
		event(hotel, id, EventProven, actor, map[string]any{"proof": ByPeople}),
	}
	return s.do(ctx, hotel, id, "do an act", events, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		now, err := settle(ctx, tx, hotel, id, act)
		switch {
		case err != nil || !now:
			return 0, err
		case c.State.Final():
			return 0, ErrState
		}
		return fn(ctx, tx, c)
	}, along...)
}

// Vouch counts one person's word for who the requester is. The second one
// proves it.
func (s *Store) Vouch(ctx context.Context, hotel, id, act string) (n int, err error) {
	err = s.act(ctx, hotel, id, act, EventVouched, nil, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		if err := sameProvider(ctx, tx, hotel, id, act); err != nil {
			return 0, err
		}
		if n, err = count(ctx, tx, hotel, id, ActVouched); err != nil || n < Checks || c.Proof != Unproven {
			return 1, err
		}
		return 2, set(ctx, tx, c, "proof = 'manual', proven_at = now()")
	})
	if err != nil {
		return 0, err
	}
	return s.counted(ctx, hotel, id, ActVouched)
}

func (s *Store) counted(ctx context.Context, hotel, id string, kind ActKind) (n int, err error) {
	err = s.pool.InTenantReadOnly(ctx, hotel, func(tx pgx.Tx) error {
		n, err = count(ctx, tx, hotel, id, kind)
		return err
	})
	return n, refusal(err, "count the people")
}

// Proven is a step that notes that the requester proved who they are by an act;
// it runs in a transaction of the hotel, such as the one that uses a code up.
func (s *Store) Proven(ctx context.Context, hotel, id, act string, p Proof) (postgres.Step, error) {
	entry, err := s.auditor.Prepare(ctx, event(hotel, id, EventProven, ActorWorker, map[string]any{"proof": p, "act": act}))
	if err != nil {
		return nil, wrap(err, "prepare the audit entry")
	}
	return func(ctx context.Context, tx pgx.Tx) error {
		return apply(ctx, tx, hotel, id, []audit.Prepared{entry}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
			if act != "" {
				if _, err := settle(ctx, tx, hotel, id, act); err != nil {
					return 0, err
				}
			}
			if c.Proof != Unproven || c.State.Final() {
				return 0, nil
			}
			return 1, set(ctx, tx, c, "proof = $3, proven_at = now()", p)
		})
	}, nil
}

// NeedsNone notes that the tier asks for no proof.
func (s *Store) NeedsNone(ctx context.Context, hotel, id string) error {
	step, err := s.Proven(ctx, hotel, id, "", NotNeeded)
	if err != nil {
		return err
	}
	return refusal(s.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error { return step(ctx, tx) }), "note that no proof is needed")
}

// Extend gives a case two more months, once, when the requester was told at a
// moment before the due date.
func (s *Store) Extend(ctx context.Context, hotel, id, act string, told time.Time, reasons []string) error {
	detail := map[string]any{"reasons": reasons, "told": told}
	return s.act(ctx, hotel, id, act, EventExtended, detail, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		switch {
		case !c.ExtendedAt.IsZero():
			return 0, ErrExtended
		case !told.Before(c.Clock.Due):
			return 0, ErrLate
		}
		return 1, set(ctx, tx, c, "extended_at = $3, due_at = $4, internal_at = $5", told, c.Clock.Extended, c.Clock.ExtendedInternal)
	})
}

// DoTask marks a task as done.
func (s *Store) DoTask(ctx context.Context, hotel, id, act, task string) error {
	actor, err := s.actorOf(ctx, hotel, act)
	if err != nil {
		return err
	}
	return s.act(ctx, hotel, id, act, EventTaskDone, map[string]any{"task": task}, func(ctx context.Context, tx pgx.Tx, _ Case) (int, error) {
		tag, err := tx.Exec(ctx, `
			update dsar_task set done_at = now(), done_by = $4 where hotel = $1 and case_id = $2 and id = $3 and done_at is null`,
			hotel, id, task, actor)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrTask
		}
		return 1, err
	})
}

// AskTask adds the task that an act asks for; it has the act's id.
func (s *Store) AskTask(ctx context.Context, hotel, id, act string) error {
	return s.act(ctx, hotel, id, act, EventTaskAdded, map[string]any{"kind": LookInto}, func(ctx context.Context, tx pgx.Tx, c Case) (int, error) {
		_, err := addTask(ctx, tx, hotel, id, act, LookInto, c.Internal(), nil)
		return 1, err
	})
}

// CodeTold settles an act that told a code, and forgets what was told. problem
// is what was wrong with it, in a word, and "" when it was right; the audit log
// has it, for guesses show in it.
func (s *Store) CodeTold(ctx context.Context, hotel, id, act, problem string) error {
	actor, err := s.actorOf(ctx, hotel, act)
	if err != nil {
		return err
	}
	e := event(hotel, id, EventActRefused, actor, map[string]any{"act": act, "problem": problem})
	return s.do(ctx, hotel, id, "forget a code", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, _ Case) (int, error) {
		tag, err := tx.Exec(ctx, `
			update dsar_act set sealed = null, done_at = coalesce(done_at, now())
			where hotel = $1 and case_id = $2 and id = $3 and kind = 'code_told' and sealed is not null`, hotel, id, act)
		if problem == "" {
			return 0, err
		}
		return int(tag.RowsAffected()), err
	})
}

// Drop notes that an act was refused, and why, in a word.
func (s *Store) Drop(ctx context.Context, hotel, id, act, problem string) error {
	actor, err := s.actorOf(ctx, hotel, act)
	if err != nil {
		return err
	}
	e := event(hotel, id, EventActRefused, actor, map[string]any{"act": act, "problem": problem})
	return s.do(ctx, hotel, id, "note a refused act", []audit.Event{e}, func(ctx context.Context, tx pgx.Tx, _ Case) (int, error) {
		tag, err := tx.Exec(ctx, `
			update dsar_act set problem = $4 where hotel = $1 and case_id = $2 and id = $3 and done_at is null and problem is null`,
			hotel, id, act, problem)
		return int(tag.RowsAffected()), err
	})
}

// NoteRead tells the audit log that somebody read what a requester said.
func (s *Store) NoteRead(ctx context.Context, hotel, id, actor string) error {
	return s.do(ctx, hotel, id, "note a reading", []audit.Event{event(hotel, id, EventRead, actor, nil)},
		func(context.Context, pgx.Tx, Case) (int, error) { return 1, nil })
}
