package calls

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// What a write can be refused for.
var (
	// ErrInvalid: a field is missing or malformed.
	ErrInvalid = errors.New("calls: a field is missing or malformed")
	// ErrNotFound: the hotel has no such call.
	ErrNotFound = errors.New("calls: the hotel has no such call")
	// ErrNoNotice: nothing proves that the caller heard that a machine answers.
	ErrNoNotice = errors.New("calls: no notice is proven for this call; play it to its end and record that first")
	// ErrNoConsent: no consent stands that would allow this.
	ErrNoConsent = errors.New("calls: the caller has not agreed to this, or took it back")
	// ErrTaken: something else lies at that place already.
	ErrTaken = errors.New("calls: that is recorded already, with another content")
	// ErrEnded: the call is over.
	ErrEnded = errors.New("calls: the call has ended")
)

// Direction tells who called whom.
type Direction string

// The directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// A Call is one conversation on the phone.
type Call struct {
	// ID is the ULID of a key scope that keys.Ring.Create made.
	ID        string
	Direction Direction
	Language  string // of the notice and the wordings, such as "de"
	StartedAt time.Time
	EndedAt   time.Time // zero while it goes on
	// Purposes are those that keys were made for.
	Purposes []keys.Purpose
}

// Keys makes, seals and opens under a call's keys.
type Keys interface {
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps calls. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	keys    Keys
	auditor Auditor
}

// New returns the store in the main database.
func New(pool *postgres.Pool, k Keys, a Auditor) *Store {
	return &Store{pool: pool, keys: k, auditor: a}
}

// Start records that a call began, now by the database's clock, and returns it
// as it is kept. A call that was started before stays as it is.
func (s *Store) Start(ctx context.Context, tenant string, c Call) (Call, error) {
	if !isULID(c.ID) || c.Direction != Inbound && c.Direction != Outbound || !slices.Contains(consent.Languages(), c.Language) {
		return Call{}, fmt.Errorf("%w: a call has a ULID, a direction and a language that the notice is there in", ErrInvalid)
	}
	_, err := s.pool.Tenant(tenant).Exec(ctx, `
		insert into call (hotel, id, direction, language, purposes) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		tenant, c.ID, c.Direction, c.Language, []keys.Purpose{keys.Operations, keys.Audit})
	if err != nil {
		return Call{}, fmt.Errorf("calls: start a call: %w", err)
	}
	return s.Call(ctx, tenant, c.ID)
}

// Call reads a call, or fails with ErrNotFound.
func (s *Store) Call(ctx context.Context, tenant, id string) (Call, error) {
	c := Call{ID: id}
	var ended *time.Time
	err := s.pool.Tenant(tenant).QueryRow(ctx, `
		select direction, language, started_at, ended_at, purposes from call where hotel = $1 and id = $2`, tenant, id).
		Scan(&c.Direction, &c.Language, &c.StartedAt, &ended, &c.Purposes)
	if errors.Is(err, pgx.ErrNoRows) {
		return Call{}, ErrNotFound
	}
	if err != nil {
		return Call{}, fmt.Errorf("calls: read a call: %w", err)
	}
	if ended != nil {
		c.EndedAt = ended.UTC()
	}
	c.StartedAt = c.StartedAt.UTC()
	return c, nil
}

// End records that the call is over, now by the database's clock. The first
// end stands.
func (s *Store) End(ctx context.Context, tenant, id string) error {
	_, err := s.pool.Tenant(tenant).Exec(ctx, `
		update call set state = 'ended', ended_at = greatest(now(), started_at)
		where hotel = $1 and id = $2 and ended_at is null`, tenant, id)
	if err != nil {
		return fmt.Errorf("calls: end a call: %w", err)
	}
	_, err = s.Call(ctx, tenant, id)
	return err
}

// NoticePlayed records that the notice was played, and where in the call's
// audio it ended, with an entry in the audit log. It is recorded once: the same
// again changes nothing, and another is ErrTaken.
func (s *Store) NoticePlayed(ctx context.Context, tenant, id string, n consent.Notice, ended time.Duration) error {
	if err := n.Validate(); err != nil {
		return err
	}
	if ended < time.Millisecond || ended > time.Hour {
		return fmt.Errorf("%w: the notice ends within the call's first hour of audio", ErrInvalid)
	}
	known, err := s.notice(ctx, tenant, id)
	if err != nil {
		return err
	}
	hash := n.Hash()
	if known.Hash != nil {
		return known.repeated(hash[:], ended)
	}
	entry, err := s.auditor.Prepare(ctx, audit.Event{
		Tenant: tenant, Kind: "notice.played", Actor: "agent", Scope: id,
		Detail: map[string]any{"call": id, "version": n.Version(), "language": n.Language(), "hash": hash[:], "ended_ms": ended.Milliseconds()},
	})
	if err != nil {
		return fmt.Errorf("calls: prepare the audit entry: %w", err)
	}
	return s.pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		// The audio cannot be longer than the call has lasted.
		tag, err := tx.Exec(ctx, `
			update call set notice_version = $3, notice_language = $4, notice_addition = nullif($5, ''), notice_hash = $6,
			  notice_ended_ms = $7, notice_at = clock_timestamp()
			where hotel = $1 and id = $2 and notice_hash is null
			  and started_at + $7 * interval '1 millisecond' <= coalesce(ended_at, clock_timestamp()) + interval '2 seconds'`,
			tenant, id, n.Version(), n.Language(), n.Addition(), hash[:], ended.Milliseconds())
		if err != nil {
			return fmt.Errorf("calls: record the notice: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("%w: the notice cannot have ended there, or another was recorded in this moment", ErrInvalid)
		}
		return entry.Insert(ctx, tx)
	})
}

// A Proof is what shows that a caller was told of the machine.
type Proof struct {
	Version, Language, Addition string
	Hash                        []byte // SHA-256 of the exact words
	Ended                       time.Duration
	At                          time.Time
}

func (p Proof) repeated(hash []byte, ended time.Duration) error {
	if subtle.ConstantTimeCompare(p.Hash, hash) != 1 || p.Ended != ended.Truncate(time.Millisecond) {
		return fmt.Errorf("%w: another notice was played", ErrTaken)
	}
	return nil
}

// NoticeProven returns the proof of a call's notice, checked against the words
// of its version, or ErrNoNotice.
func (s *Store) NoticeProven(ctx context.Context, tenant, id string) (Proof, error) {
	p, err := s.notice(ctx, tenant, id)
	if err != nil {
		return Proof{}, err
	}
	if p.Hash == nil {
		return Proof{}, ErrNoNotice
	}
	n, err := consent.NoticeOf(p.Version, p.Language, p.Addition)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: its version is not known", ErrNoNotice)
	}
	if hash := n.Hash(); subtle.ConstantTimeCompare(hash[:], p.Hash) != 1 {
		return Proof{}, fmt.Errorf("%w: the recorded hash is not that of its words", ErrNoNotice)
	}
	return p, nil
}

func (s *Store) notice(ctx context.Context, tenant, id string) (Proof, error) {
	var p Proof
	var ended int64
	var at *time.Time
	err := s.pool.Tenant(tenant).QueryRow(ctx, `
		select coalesce(notice_version, ''), coalesce(notice_language, ''), coalesce(notice_addition, ''), notice_hash,
		  coalesce(notice_ended_ms, 0), notice_at
		from call where hotel = $1 and id = $2`, tenant, id).
		Scan(&p.Version, &p.Language, &p.Addition, &p.Hash, &ended, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return Proof{}, ErrNotFound
	}
	if err != nil {
		return Proof{}, fmt.Errorf("calls: read a call's notice: %w", err)
	}
	p.Ended = time.Duration(ended) * time.Millisecond
	if at != nil {
		p.At = at.UTC()
	}
	return p, nil
}

// refusal gives the database's no its name.
func refusal(err error, what string) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.ConstraintName {
		case "turn_notice", "recording_notice":
			return ErrNoNotice
		case "turn_consent", "recording_consent", "recording_event":
			return ErrNoConsent
		case "turn_hotel_call_fkey", "recording_hotel_call_fkey":
			return ErrNotFound
		}
	}
	return fmt.Errorf("calls: %s: %w", what, err)
}

func isULID(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}
