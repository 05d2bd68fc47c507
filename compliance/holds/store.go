package holds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Kinds of audit events.
const (
	EventPlaced   audit.Kind = "hold.placed"
	EventApproved audit.Kind = "hold.approved"
	EventReviewed audit.Kind = "hold.reviewed"
	EventWidened  audit.Kind = "hold.widened"
	EventAsked    audit.Kind = "hold.release_asked"
	EventReleased audit.Kind = "hold.released"
)

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps the holds of all hotels. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	auditor Auditor
	now     func() time.Time
}

// New returns a store on the given parts.
func New(pool *postgres.Pool, auditor Auditor) *Store {
	return &Store{pool: pool, auditor: auditor, now: time.Now}
}

// detail is that of every event: the hold's number and matter, and how much it
// reaches. It names no scope, for together they tell what is one person's.
type detail struct {
	Hold     string    `json:"hold"`
	Matter   string    `json:"matter,omitempty"`
	Reason   Reason    `json:"reason,omitempty"`
	Kind     Kind      `json:"kind,omitempty"`
	Scopes   int       `json:"scopes,omitempty"`
	ReviewAt time.Time `json:"review_at,omitzero"`
	Until    time.Time `json:"until,omitzero"`
}

// write runs fn in the hotel's transaction, with an event if and only if it
// commits.
func (s *Store) write(ctx context.Context, hotel, actor string, kind audit.Kind, d detail, fn func(tx pgx.Tx) error) error {
	entry, err := s.auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: kind, Actor: actor, Detail: d})
	if err != nil {
		return fmt.Errorf("holds: prepare the audit entry: %w", err)
	}
	return s.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
}

// Place places a hold. It binds when Place returns, and waits for a second
// person for Lapse. Deletes that are under way in the hotel end first.
func (s *Store) Place(ctx context.Context, hotel, actor string, r Request) (Hold, error) {
	if err := r.Validate(s.now()); err != nil {
		return Hold{}, err
	}
	id := ulid.Make().String()
	d := detail{Hold: id, Matter: r.Matter, Reason: r.Reason, Kind: r.Kind, Scopes: len(r.Scopes), ReviewAt: r.ReviewAt}
	err := s.write(ctx, hotel, actor, EventPlaced, d, func(tx pgx.Tx) error {
		classes := make([]string, len(r.Classes))
		for i, class := range r.Classes {
			classes[i] = string(class)
		}
		tag, err := tx.Exec(ctx, `
			insert into legal_hold (hotel, id, matter, reason, kind, classes, placed_by, lapses_at, review_at, key_hmac, body_hmac)
			values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8::interval, $9, $10, $11)
			on conflict (hotel, key_hmac) where key_hmac is not null do nothing`,
			hotel, id, r.Matter, r.Reason, r.Kind, classes, actor, Lapse, r.ReviewAt, r.Key, r.Body)
		if err != nil {
			return refused(err, "place a hold")
		}
		if tag.RowsAffected() == 0 {
			return errRepeated
		}
		return addScopes(ctx, tx, hotel, id, r.Scopes)
	})
	if errors.Is(err, errRepeated) {
		id, err = s.placed(ctx, hotel, r)
	}
	if err != nil {
		return Hold{}, err
	}
	return s.Show(ctx, hotel, id)
}

// errRepeated rolls back what would be the same hold once more.
var errRepeated = errors.New("holds: repeated")

// placed is the hold of the same request.
func (s *Store) placed(ctx context.Context, hotel string, r Request) (id string, err error) {
	var same bool
	err = s.pool.Tenant(hotel).QueryRow(ctx, `select id, body_hmac = $3 from legal_hold where hotel = $1 and key_hmac = $2`, hotel, r.Key, r.Body).Scan(&id, &same)
	if err == nil && !same {
		return "", ErrKeyReused
	}
	return id, refused(err, "find the hold of a repeated request")
}

func addScopes(ctx context.Context, tx pgx.Tx, hotel, id string, scopes []string) error {
	_, err := tx.Exec(ctx, `insert into hold_scope (hotel, hold, scope) select $1, $2, unnest($3::text[]) on conflict do nothing`, hotel, id, scopes)
	return refused(err, "name what is held")
}

// Approve is the second person's word.
func (s *Store) Approve(ctx context.Context, hotel, actor, id string) (Hold, error) {
	return s.change(ctx, hotel, actor, id, EventApproved, detail{Hold: id}, func(h Hold) error {
		switch {
		case !h.ApprovedAt.IsZero():
			return ErrDone
		case h.PlacedBy == actor:
			return ErrSamePerson
		}
		return nil
	}, `update legal_hold set approved_by = $3, approved_at = clock_timestamp() where hotel = $1 and id = $2`, hotel, id, actor)
}

// Review says that the hold is still needed, and when to ask again.
func (s *Store) Review(ctx context.Context, hotel, actor, id string, next time.Time) (Hold, error) {
	if now := s.now(); !next.After(now) || next.After(now.Add(MaxReview)) {
		return Hold{}, errReview
	}
	return s.change(ctx, hotel, actor, id, EventReviewed, detail{Hold: id, ReviewAt: next}, nil,
		`update legal_hold set review_at = $3, reviewed_by = $4, reviewed_at = clock_timestamp() where hotel = $1 and id = $2`, hotel, id, next, actor)
}

// Release ends a hold in two steps: one person asks for it, and when another
// one does so too it is released, and binds until its grace is over.
func (s *Store) Release(ctx context.Context, hotel, actor, id string, grace time.Duration) (Hold, error) {
	if grace == 0 {
		grace = GraceTime
	}
	if grace < minGrace || grace > MaxReview {
		return Hold{}, fmt.Errorf("%w: the grace is a day to a year", ErrInvalid)
	}
	before, err := s.Show(ctx, hotel, id)
	if err != nil {
		return Hold{}, err
	}
	if before.AskedBy == "" {
		return s.change(ctx, hotel, actor, id, EventAsked, detail{Hold: id}, nil,
			`update legal_hold set asked_by = $3, asked_at = clock_timestamp() where hotel = $1 and id = $2 and asked_by is null`, hotel, id, actor)
	}
	until := s.now().Add(grace).UTC()
	return s.change(ctx, hotel, actor, id, EventReleased, detail{Hold: id, Until: until}, func(h Hold) error {
		switch {
		case h.AskedBy == actor:
			return ErrSamePerson
		case !h.ReleasedAt.IsZero():
			return ErrEnded
		}
		return nil
	}, `update legal_hold set released_by = $3, released_at = clock_timestamp(), grace_until = clock_timestamp() + $4::interval where hotel = $1 and id = $2`,
		hotel, id, actor, grace)
}

// Widen adds scopes to a hold of a subject: bookings and calls that came, or
// were found to be the person's, after it was placed.
func (s *Store) Widen(ctx context.Context, hotel, actor, id string, scopes []string) error {
	if len(scopes) == 0 {
		return nil
	}
	return s.write(ctx, hotel, actor, EventWidened, detail{Hold: id, Scopes: len(scopes)}, func(tx pgx.Tx) error {
		return addScopes(ctx, tx, hotel, id, scopes)
	})
}

// change carries out one statement on a hold that allow lets through. The row
// is locked meanwhile, so that two people are counted as two.
func (s *Store) change(ctx context.Context, hotel, actor, id string, kind audit.Kind, d detail, allow func(Hold) error, statement string, args ...any) (Hold, error) {
	err := s.write(ctx, hotel, actor, kind, d, func(tx pgx.Tx) error {
		h, err := read(ctx, tx, hotel, id, " for update of h", s.now())
		if err != nil {
			return err
		}
		if h.State == Lapsed || h.State == Released {
			return ErrEnded
		}
		if allow != nil {
			if err := allow(h); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, statement, args...)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrSamePerson // somebody was faster: ask again as the second
		}
		return refused(err, "change a hold")
	})
	if err != nil {
		return Hold{}, err
	}
	return s.Show(ctx, hotel, id)
}

// refused turns the database's own refusals into ours.
func refused(err error, what string) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.ConstraintName {
		case "hold_four_eyes":
			return ErrSamePerson
		case "hold_ended", "hold_fixed":
			return ErrEnded
		}
	}
	return fmt.Errorf("holds: %s: %w", what, err)
}
