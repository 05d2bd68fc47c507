package calls

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// maxTurn bounds the text of a turn, in bytes: ten minutes of fast speech.
const maxTurn = 32 << 10

// Speaker is who says something.
type Speaker string

// The speakers.
const (
	Caller Speaker = "caller"
	Agent  Speaker = "agent"
	Staff  Speaker = "staff"
)

// A Turn is what one of them said before another did.
type Turn struct {
	Call    string
	Seq     int // from 1
	Speaker Speaker
	Text    string
	// From and To are where it lies in the call's audio.
	From, To time.Duration
	// Redacted tells that something was taken out of the text, such as a card's
	// number.
	Redacted bool
	// Masked tells that Text is what the detector of personal data left of it.
	Masked bool
}

func (t Turn) place() string { return "turn/" + t.Call + "/" + strconv.Itoa(t.Seq) }

func (t Turn) check() error {
	switch {
	case !isULID(t.Call), t.Seq < 1, t.Seq > 1<<20,
		!slices.Contains([]Speaker{Caller, Agent, Staff}, t.Speaker),
		t.Text == "", len(t.Text) > maxTurn, !utf8.ValidString(t.Text):
		return fmt.Errorf("%w: a turn has a call, a number, a speaker and a text of at most %d bytes", ErrInvalid, maxTurn)
	case t.From < 0, t.To < t.From, t.To > 24*time.Hour:
		return fmt.Errorf("%w: a turn lies in its call's audio", ErrInvalid)
	}
	return nil
}

// AddTurn writes down what was said, sealed. It is refused with ErrNoConsent
// unless a yes to transcription stands, and for the agent with ErrNoNotice
// before the notice has ended. The same turn again changes nothing; another
// text in its place is ErrTaken. Of a turn that was masked meanwhile nobody
// knows the text any more: speaker and times tell whether it is the same.
func (s *Store) AddTurn(ctx context.Context, tenant string, t Turn) error {
	if err := t.check(); err != nil {
		return err
	}
	scope := keys.Scope{Tenant: tenant, ID: t.Call}
	sealed, err := s.keys.Seal(ctx, scope, keys.Operations, t.place(), []byte(t.Text))
	if err != nil {
		return fmt.Errorf("calls: seal a turn: %w", err)
	}
	tag, err := s.pool.Tenant(tenant).Exec(ctx, `
		insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms, redacted)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
		tenant, t.Call, t.Seq, t.Speaker, sealed, t.From.Milliseconds(), t.To.Milliseconds(), t.Redacted)
	if err != nil {
		return refusal(err, "write a turn")
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	kept, err := s.Turns(ctx, tenant, t.Call, t.Seq-1, 1)
	if err != nil {
		return err
	}
	if len(kept) != 1 || !kept[0].same(t) {
		return ErrTaken
	}
	return nil
}

// same tells whether a turn that is kept is the one that is written again.
func (t Turn) same(again Turn) bool {
	if t.Seq != again.Seq || t.Speaker != again.Speaker {
		return false
	}
	if t.Masked {
		return t.From == again.From.Truncate(time.Millisecond) && t.To == again.To.Truncate(time.Millisecond)
	}
	return subtle.ConstantTimeCompare([]byte(t.Text), []byte(again.Text)) == 1
}

// Turns opens what was said in a call, in order, behind the turn after; at most
// most, and at most 1,000.
func (s *Store) Turns(ctx context.Context, tenant, call string, after, most int) ([]Turn, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `
		select seq, speaker, sealed, from_ms, to_ms, redacted, masked_at is not null from turn
		where hotel = $1 and call = $2 and seq > $3 order by seq limit $4`, tenant, call, after, min(max(most, 1), 1000))
	if err != nil {
		return nil, fmt.Errorf("calls: read the turns: %w", err)
	}
	type row struct {
		turn   Turn
		sealed []byte
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (out row, err error) {
		var from, to int64
		err = r.Scan(&out.turn.Seq, &out.turn.Speaker, &out.sealed, &from, &to, &out.turn.Redacted, &out.turn.Masked)
		out.turn.Call, out.turn.From, out.turn.To = call, time.Duration(from)*time.Millisecond, time.Duration(to)*time.Millisecond
		return out, err
	})
	if err != nil {
		return nil, fmt.Errorf("calls: read the turns: %w", err)
	}
	turns := make([]Turn, len(found))
	for i, f := range found {
		plain, err := s.keys.Open(ctx, keys.Scope{Tenant: tenant, ID: call}, keys.Operations, f.turn.place(), f.sealed)
		if err != nil {
			return nil, fmt.Errorf("calls: open turn %d of call %s: %w", f.turn.Seq, call, err)
		}
		turns[i] = f.turn
		turns[i].Text = string(plain)
	}
	return turns, nil
}

// A Recording is a piece of a call's audio, sealed by package audio for the
// place that Place tells.
type Recording struct {
	ID       string // a ULID
	Call     string
	Object   string // its name in the object store; it says nothing of a guest
	From, To time.Duration
	// Consent is the event that allowed it.
	Consent string
	Bytes   int64  // of the sealed object
	SHA256  []byte // of the sealed object
}

// Place is what a recording's stream is bound to.
func (r Recording) Place() string { return "recording/" + r.Call + "/" + r.ID }

// AddRecording notes a recording whose object is stored. It is refused with
// ErrNoConsent unless the event is a yes to recording that stands, and with
// ErrNoNotice while no notice is proven; delete the object then. The same
// recording again changes nothing.
func (s *Store) AddRecording(ctx context.Context, tenant string, r Recording) error {
	switch {
	case !isULID(r.ID), !isULID(r.Call), !isULID(r.Consent), r.Object == "", len(r.Object) > 500, r.Bytes < 1, len(r.SHA256) != 32:
		return fmt.Errorf("%w: a recording has an id, a call, the consent's event, an object, its size and its SHA-256", ErrInvalid)
	case r.From < 0, r.To <= r.From, r.To > 24*time.Hour:
		return fmt.Errorf("%w: a recording lies in its call's audio", ErrInvalid)
	}
	tag, err := s.pool.Tenant(tenant).Exec(ctx, `
		with noted as (
		  insert into recording (hotel, id, call, object, from_ms, to_ms, consent, bytes, sha256)
		  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing
		  returning call
		)
		update call set purposes = array_append(purposes, $10)
		from noted where call.hotel = $1 and call.id = noted.call and not $10 = any(purposes)`,
		tenant, r.ID, r.Call, r.Object, r.From.Milliseconds(), r.To.Milliseconds(), r.Consent, r.Bytes, r.SHA256, keys.Recording)
	if err != nil {
		return refusal(err, "note a recording")
	}
	if tag.RowsAffected() > 0 {
		return nil
	}
	kept, err := s.Recordings(ctx, tenant, r.Call)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(kept, func(k Recording) bool { return k.ID == r.ID })
	if at < 0 || kept[at].Object != r.Object || subtle.ConstantTimeCompare(kept[at].SHA256, r.SHA256) != 1 {
		return ErrTaken
	}
	return nil
}

// Recordings lists a call's recordings in the order of its audio, at most
// 1,000.
func (s *Store) Recordings(ctx context.Context, tenant, call string) ([]Recording, error) {
	rows, err := s.pool.Tenant(tenant).Query(ctx, `
		select id, object, from_ms, to_ms, consent, bytes, sha256 from recording
		where hotel = $1 and call = $2 order by from_ms, id limit 1000`, tenant, call)
	if err != nil {
		return nil, fmt.Errorf("calls: list recordings: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Recording, error) {
		r := Recording{Call: call}
		var from, to int64
		err := row.Scan(&r.ID, &r.Object, &from, &to, &r.Consent, &r.Bytes, &r.SHA256)
		r.From, r.To = time.Duration(from)*time.Millisecond, time.Duration(to)*time.Millisecond
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("calls: list recordings: %w", err)
	}
	return found, nil
}
