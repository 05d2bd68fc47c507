package offboarding

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// house is whose the record is.
const house = audit.HouseTenant

// How a hotel gets back what is kept for it.
const (
	Plain   = "plain"   // files that anybody can read who has them
	Sealed  = "sealed"  // files sealed for a key of the hotel's
	Nothing = "nothing" // it wants nothing back
)

// States.
const (
	Waiting   = "waiting" // for another person
	Returning = "returning"
	Returned  = "returned" // and waiting until the hotel has it
	Removing  = "removing"
	Gone      = "removed"
	Withdrawn = "withdrawn"
)

// A Record is an off-boarding as it stands.
type Record struct {
	ID          string    `json:"id"`
	Hotel       string    `json:"hotel"`
	GiveBack    string    `json:"give_back"`
	Recipient   string    `json:"recipient,omitempty"`
	State       string    `json:"state"`
	OpenedBy    string    `json:"opened_by"`
	OpenedAt    time.Time `json:"opened_at"`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	ApprovedAt  time.Time `json:"approved_at,omitzero"`
	Pack        *Pack     `json:"pack,omitempty"`
	HandedBy    string    `json:"handed_by,omitempty"`
	HandedAt    time.Time `json:"handed_at,omitzero"`
	Removed     *Removed  `json:"removed,omitempty"`
	Certificate []byte    `json:"-"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
}

// An Opening asks for a hotel's off-boarding.
type Opening struct {
	Hotel    string
	GiveBack string
	// Recipient is the hotel's public key (age1...), where the pack is sealed.
	Recipient string
	Actor     string
}

func (o Opening) validate() error {
	switch {
	case o.Actor == "" || len(o.Actor) > 64:
		return fmt.Errorf("%w: nobody asks for it", ErrInvalid)
	case o.GiveBack != Plain && o.GiveBack != Sealed && o.GiveBack != Nothing:
		return fmt.Errorf("%w: a hotel gets its data back plain, sealed, or wants nothing", ErrInvalid)
	case (o.GiveBack == Sealed) != (o.Recipient != ""):
		return fmt.Errorf("%w: what is sealed needs the hotel's key, and only that does", ErrInvalid)
	}
	if o.Recipient != "" {
		if _, err := age.ParseX25519Recipient(o.Recipient); err != nil || len(o.Recipient) > 200 {
			return fmt.Errorf("%w: the key is no age public key (age1...)", ErrInvalid)
		}
	}
	return nil
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps the record. It is safe for concurrent use.
type Store struct {
	Pool    *postgres.Pool
	Auditor Auditor
}

// Open begins a record. ErrOpen when the hotel is leaving already.
func (s *Store) Open(ctx context.Context, o Opening) (r Record, err error) {
	if err := o.validate(); err != nil {
		return r, err
	}
	r = Record{ID: ulid.Make().String(), Hotel: o.Hotel, GiveBack: o.GiveBack, Recipient: o.Recipient, State: Waiting, OpenedBy: o.Actor}
	err = s.write(ctx, Ref{r.ID, r.Hotel}, EventOpened, o.Actor, map[string]any{"give_back": o.GiveBack}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			insert into offboarding (hotel, id, leaves, give_back, recipient, opened_by) values ($1, $2, $3, $4, nullif($5, ''), $6)
			returning opened_at`, house, r.ID, r.Hotel, r.GiveBack, r.Recipient, r.OpenedBy).Scan(&r.OpenedAt)
	})
	return r, err
}

// write does something with the record, and its event, both or neither.
func (s *Store) write(ctx context.Context, ref Ref, kind audit.Kind, actor string, detail map[string]any, do func(pgx.Tx) error) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["offboarding"], detail["hotel"] = ref.Offboarding, ref.Hotel
	entry, err := s.Auditor.Prepare(ctx, audit.Event{Tenant: house, Kind: kind, Actor: actor, Detail: detail})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	err = s.Pool.InTenant(ctx, house, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if errors.Is(err, errAlready) {
		return nil
	}
	return refusal(err)
}

// errAlready ends a transaction that an earlier attempt has committed.
var errAlready = errors.New("done already")

// move changes the record when it is in one of the states, and is no error when
// it is in the next one already: an attempt may be repeated.
func move(ctx context.Context, tx pgx.Tx, ref Ref, from []string, to, set string, args ...any) error {
	var state string
	err := tx.QueryRow(ctx, `select state from offboarding where hotel = $1 and id = $2 and leaves = $3`, house, ref.Offboarding, ref.Hotel).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if state == to {
		return errAlready
	}
	args = append([]any{house, ref.Offboarding, to, from}, args...)
	done, err := tx.Exec(ctx, `update offboarding set state = $3`+set+` where hotel = $1 and id = $2 and state = any($4)`, args...)
	if err == nil && done.RowsAffected() == 0 {
		return ErrState
	}
	return err
}

// Approve notes that another person agrees.
func (s *Store) Approve(ctx context.Context, a Act) error {
	return s.write(ctx, a.Ref, EventApproved, a.Actor, nil, func(tx pgx.Tx) error {
		return move(ctx, tx, a.Ref, []string{Waiting}, Returning, ", approved_by = $5, approved_at = now()", a.Actor)
	})
}

// Withdraw ends it before anything was removed.
func (s *Store) Withdraw(ctx context.Context, a Act) error {
	return s.write(ctx, a.Ref, EventWithdrawn, a.Actor, map[string]any{"reason": a.Reason}, func(tx pgx.Tx) error {
		return move(ctx, tx, a.Ref, []string{Waiting, Returning, Returned}, Withdrawn, ", ended_at = now()")
	})
}

func (s *Store) returned(ctx context.Context, ref Ref, p Pack) error {
	return s.write(ctx, ref, EventReturned, actor, map[string]any{"sha256": p.SHA256, "files": p.Files, "rows": p.Rows}, func(tx pgx.Tx) error {
		return move(ctx, tx, ref, []string{Returning}, Returned, ", pack = $5", p)
	})
}

// handed notes that the hotel has what it gets back; from here on it is removed.
func (s *Store) handed(ctx context.Context, a Act) error {
	return s.write(ctx, a.Ref, EventHanded, cmp.Or(a.Actor, actor), nil, func(tx pgx.Tx) error {
		return move(ctx, tx, a.Ref, []string{Returned, Returning}, Removing, ", handed_by = nullif($5, ''), handed_at = case when $5 = '' then null else now() end", a.Actor)
	})
}

func (s *Store) certified(ctx context.Context, ref Ref, r Removed, envelope []byte, sum string) error {
	return s.write(ctx, ref, EventCertified, actor, map[string]any{"certificate": sum}, func(tx pgx.Tx) error {
		return move(ctx, tx, ref, []string{Removing}, Gone, ", removed = $5, certificate = $6, ended_at = now()", r, envelope)
	})
}

// Read reads one; ErrNotFound.
func (s *Store) Read(ctx context.Context, id string) (Record, error) {
	all, err := s.list(ctx, "id = $2", id)
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Record{}, err
	}
	return all[0], nil
}

// List lists them, the newest first, at most 500.
func (s *Store) List(ctx context.Context) ([]Record, error) { return s.list(ctx, "$2 = ''", "") }

func (s *Store) list(ctx context.Context, which string, arg string) (all []Record, err error) {
	err = s.Pool.InTenantReadOnly(ctx, house, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select id, leaves, give_back, coalesce(recipient, ''), state, opened_by, opened_at, coalesce(approved_by, ''), approved_at, pack,
			  coalesce(handed_by, ''), handed_at, removed, certificate, ended_at
			from offboarding where hotel = $1 and `+which+` order by opened_at desc, id desc limit 500`, house, arg)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Record, err error) {
			var approved, handed, ended *time.Time
			var pack, removed []byte
			err = row.Scan(&r.ID, &r.Hotel, &r.GiveBack, &r.Recipient, &r.State, &r.OpenedBy, &r.OpenedAt, &r.ApprovedBy, &approved, &pack,
				&r.HandedBy, &handed, &removed, &r.Certificate, &ended)
			for from, into := range map[*[]byte]any{&pack: &r.Pack, &removed: &r.Removed} {
				if err == nil && *from != nil {
					err = json.Unmarshal(*from, into)
				}
			}
			r.ApprovedAt, r.HandedAt, r.EndedAt = at(approved), at(handed), at(ended)
			return r, err
		})
		return err
	})
	return all, wrap(err, "read the record")
}

func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// refusal gives the database's no its name.
func refusal(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.ConstraintName {
		case "offboarding_four_eyes":
			return ErrSamePerson
		case "offboarding_once":
			return ErrOpen
		case "offboarding_approved", "offboarding_handed":
			return ErrState
		}
	}
	return wrap(err, "write the record")
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{ErrNotFound, ErrSamePerson, ErrState, ErrOpen, ErrInvalid, errLeft} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("offboarding: %s: %w", what, err)
}
