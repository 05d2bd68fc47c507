package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Kinds of audit events of packs that are kept.
const (
	EventKept      audit.Kind = "evidence.kept"
	EventHandedOut audit.Kind = "evidence.handed_out"
	EventDamaged   audit.Kind = "evidence.found_damaged"
	EventForgotten audit.Kind = "evidence.forgotten"
)

const (
	// MaxPack bounds a pack that is kept, in bytes.
	MaxPack = 256 << 20
	// partSize is how much of it one object has: what a Store takes.
	partSize = objects.MaxSize
	// MostPacks bounds a page of List.
	MostPacks = 100
)

// What can be refused.
var (
	// ErrUnknownPack: the hotel keeps no such pack.
	ErrUnknownPack = errors.New("evidence: the hotel keeps no such pack; voicehive evidence list shows them")
	// ErrGone: the store has lost the pack, or a part of it.
	ErrGone = errors.New("evidence: the store does not have the whole pack any more; make one of the same period anew, and find out who took it away")
	// ErrAltered: the store answers with other bytes than were kept.
	ErrAltered = errors.New("evidence: the store has other bytes than the pack that was kept, so it is handed out to nobody; find out who changed it")
	// ErrNoStore: this process cannot reach the store.
	ErrNoStore = errors.New("evidence: this process has no store of packs; see VOICEHIVE_AUDIT_STORE")
	// ErrLargePack: a pack is larger than one that is kept may be.
	ErrLargePack = fmt.Errorf("evidence: a pack that is kept has at most %d MiB; choose a shorter period", MaxPack>>20)
)

// Auditor prepares entries of the audit log; *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// A Shelf keeps packs: their bytes where nobody can take them back, and what
// they are in the database. It is safe for concurrent use.
type Shelf struct {
	Pool    *postgres.Pool
	Auditor Auditor
	// Store has the bytes, below evidence/. Without it packs are listed, and none
	// is kept or handed out.
	Store objects.Store
	// Term is how long a pack is kept; it is at least as long as the store locks
	// what it is given.
	Term time.Duration
	// Temp is the folder of what is on its way out; the system's when empty.
	Temp string
}

// A Kept is a pack that is kept.
type Kept struct {
	ID    string    `json:"pack"`
	Hotel string    `json:"hotel"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// By is the Schedule, or the pseudonym of who had it made.
	By           string    `json:"made_by"`
	At           time.Time `json:"kept_at"`
	Ends         time.Time `json:"keep_until"`
	Bytes        int64     `json:"bytes"`
	SHA256       string    `json:"sha256"`
	Satisfied    int       `json:"satisfied"`
	NotSatisfied int       `json:"not_satisfied"`
	NotTested    int       `json:"not_tested"`
	parts        int
}

// part is the name of a part. It begins with the pack's digest, so that a Keep
// that was cut off goes on where it was, and no pack takes the place of another.
func (k Kept) part(n int) string { return fmt.Sprintf("evidence/%s/%s/%04d", k.Hotel, k.SHA256, n) }

// A keptDetail is that of the events about one pack.
type keptDetail struct {
	Pack   string    `json:"pack"`
	SHA256 string    `json:"sha256"`
	Bytes  int64     `json:"bytes"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Why    string    `json:"why,omitempty"`
}

func (s *Shelf) event(ctx context.Context, kind audit.Kind, by string, k Kept, why string) (audit.Prepared, error) {
	entry, err := s.Auditor.Prepare(ctx, audit.Event{
		Tenant: k.Hotel, Kind: kind, Actor: by, Detail: keptDetail{k.ID, k.SHA256, k.Bytes, k.From, k.Until, why},
	})
	return entry, wrapped(err, "prepare the audit entry")
}

// Keep keeps a pack. The same bytes are kept once: keeping them again answers
// what is there, and brings back parts that the store has lost.
func (s *Shelf) Keep(ctx context.Context, by string, of Summary, pack io.ReaderAt, size int64) (Kept, error) {
	switch {
	case s.Store == nil:
		return Kept{}, ErrNoStore
	case size < 1 || size > MaxPack:
		return Kept{}, ErrLargePack
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(pack, 0, size)); err != nil {
		return Kept{}, wrapped(err, "read the pack")
	}
	k := Kept{
		ID: ulid.Make().String(), Hotel: of.Hotel, From: of.From, Until: of.Until, By: by, Bytes: size, SHA256: hex.EncodeToString(hash.Sum(nil)),
		Satisfied: of.Satisfied, NotSatisfied: of.NotSatisfied, NotTested: of.NotTested, parts: int((size + partSize - 1) / partSize),
	}
	if err := s.put(ctx, k, pack); err != nil {
		return Kept{}, err
	}
	if err := s.note(ctx, k); err != nil {
		return Kept{}, err
	}
	return s.one(ctx, k.Hotel, `sha256 = decode($2, 'hex')`, k.SHA256)
}

func (s *Shelf) put(ctx context.Context, k Kept, pack io.ReaderAt) error {
	part := make([]byte, min(k.Bytes, partSize))
	for n := range k.parts {
		at := int64(n) * partSize
		now := part[:min(partSize, k.Bytes-at)]
		if _, err := pack.ReadAt(now, at); err != nil && !errors.Is(err, io.EOF) {
			return wrapped(err, "read the pack")
		}
		err := s.Store.Put(ctx, k.part(n), now)
		if errors.Is(err, objects.ErrExists) {
			return fmt.Errorf("%w: part %d of %d", ErrAltered, n+1, k.parts)
		}
		if err != nil {
			return wrapped(err, "store the pack")
		}
	}
	return nil
}

// note writes the row, with its event, unless it is there.
func (s *Shelf) note(ctx context.Context, k Kept) error {
	entry, err := s.event(ctx, EventKept, k.By, k, "")
	if err != nil {
		return err
	}
	return wrapped(s.Pool.InTenant(ctx, k.Hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into evidence_pack (hotel, id, period_from, period_until, made_by, keep_until, bytes, sha256, parts, satisfied, not_satisfied, not_tested)
			values ($1, $2, $3, $4, $5, clock_timestamp() + $6::interval, $7, decode($8, 'hex'), $9, $10, $11, $12) on conflict (hotel, sha256) do nothing`,
			k.Hotel, k.ID, k.From, k.Until, k.By, s.Term, k.Bytes, k.SHA256, k.parts, k.Satisfied, k.NotSatisfied, k.NotTested)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return entry.Insert(ctx, tx)
	}), "note the pack")
}

// Forget forgets packs of a hotel whose time is over. Their bytes are the
// store's to remove, which lets nobody of this house do it.
func (s *Shelf) Forget(ctx context.Context, hotel string) (forgotten int, err error) {
	const over = `from evidence_pack where hotel = $1 and keep_until < now()`
	if err := s.Pool.Tenant(hotel).QueryRow(ctx, `select count(*) `+over, hotel).Scan(&forgotten); err != nil || forgotten == 0 {
		return 0, wrapped(err, "count packs whose time is over")
	}
	entry, err := s.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventForgotten, Actor: "schedule", Detail: map[string]int{"packs": forgotten}})
	if err != nil {
		return 0, wrapped(err, "prepare the audit entry")
	}
	err = s.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete `+over, hotel)
		if forgotten = int(tag.RowsAffected()); err != nil || forgotten == 0 {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return forgotten, wrapped(err, "forget packs")
}

func wrapped(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("evidence: %s: %w", doing, err)
}
