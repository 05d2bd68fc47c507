package ledger

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/voicehive/voicehive/activities/booking/ledger/ledgerdb"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A Request is a new intent with all that must be stored before anything is
// started for it.
type Request struct {
	Intent   Intent
	BodyHMAC []byte
	// Entry is the booking's first entry, for Kind Book and for an adoption;
	// nil when the ledger has the booking.
	Entry *Entry
	// Guest is the sealed guest that goes with Entry.
	Guest []byte
	// Index are the ways to find the guest of Entry again.
	Index []subjects.Entry
	// Actor is the role that asked, for the audit log; "api" when empty.
	Actor string
}

// Reserve stores an intent, first of all things. When the key is known it
// stores nothing and returns the intent that came first, with fresh false;
// ErrKeyReused when that one had another body, ErrQuoteUsed when another key
// booked the quote.
func (l *Ledger) Reserve(ctx context.Context, hotel string, r Request) (kept Intent, fresh bool, err error) {
	row := ledgerdb.ReserveIntentParams{
		Hotel: hotel, KeyHmac: r.Intent.KeyHMAC, BodyHmac: r.BodyHMAC, ID: r.Intent.ID,
		Booking: r.Intent.Booking, Kind: string(r.Intent.Kind), Quote: text(r.Intent.Quote),
		Sealed: r.Intent.Sealed, Guest: r.Guest,
	}
	row.IndexKinds, row.IndexDigests = subjects.Columns(r.Index)
	event, err := l.event(ctx, hotel, fmt.Sprintf(eventAsked, r.Intent.Kind), cmp.Or(r.Actor, actorEdge), r.Intent.Booking,
		told{Intent: r.Intent.ID, Quote: r.Intent.Quote})
	if err != nil {
		return Intent{}, false, err
	}
	c := event.Columns()
	row.AuditPseudonym, row.AuditKinds, row.AuditActors, row.AuditScopes = c.Pseudonym, c.Kinds, c.Actors, c.Scopes
	row.AuditTags, row.AuditCommits, row.AuditDetails = c.Tags, c.Commits, c.Detailed
	if e := r.Entry; e != nil {
		if row.Stays, err = json.Marshal(StaysOf(e.Stays)); err != nil {
			return Intent{}, false, fmt.Errorf("ledger: encode the stays: %w", err)
		}
		row.IsNew, row.Version, row.State = true, e.Version, string(e.State)
		row.Arrival, row.Departure = day(e.Arrival), day(e.Departure)
		row.TotalAmount, row.TotalCurrency = e.Total.Amount, e.Total.Currency
	}
	var stored int64
	err = l.one(hotel, func(db *ledgerdb.Queries) error {
		stored, err = db.ReserveIntent(ctx, row)
		return err
	})
	used := violates(err, "intent_quote")
	if err != nil && !used {
		return Intent{}, false, err
	}
	if stored > 0 {
		return r.Intent, true, nil
	}
	kept, err = l.KnownIntent(ctx, hotel, r.Intent.KeyHMAC, r.BodyHMAC)
	if used && errors.Is(err, ErrNotFound) {
		err = ErrQuoteUsed
	}
	return kept, false, err
}

// uniqueViolation is Postgres's code for a row that a unique index refused.
const uniqueViolation = "23505"

// violates reports whether err is a row that a unique index refused.
func violates(err error, index string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == uniqueViolation && refused.ConstraintName == index
}

// KnownIntent returns the intent that a key already has: ErrNotFound when it
// is new, ErrKeyReused when it came with another body.
func (l *Ledger) KnownIntent(ctx context.Context, hotel string, keyHMAC, bodyHMAC []byte) (Intent, error) {
	var row ledgerdb.Intent
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		row, err = db.IntentByKey(ctx, ledgerdb.IntentByKeyParams{Hotel: hotel, KeyHmac: keyHMAC})
		return err
	})
	if err != nil {
		return Intent{}, err
	}
	if !bytes.Equal(row.BodyHmac, bodyHMAC) {
		return Intent{}, ErrKeyReused
	}
	return intentOf(row), nil
}

// insertEntry writes a booking that is new to the ledger, and tells whether it
// was.
func insertEntry(ctx context.Context, db *ledgerdb.Queries, hotel string, e Entry, guest []byte, index []subjects.Entry) (bool, error) {
	stays, err := json.Marshal(StaysOf(e.Stays))
	if err != nil {
		return false, fmt.Errorf("ledger: encode the stays: %w", err)
	}
	inserted, err := db.InsertBooking(ctx, ledgerdb.InsertBookingParams{
		Hotel: hotel, ID: e.ID, Version: e.Version, State: string(e.State),
		VendorBooking: text(e.VendorBooking), Confirmation: text(e.Confirmation),
		Arrival: day(e.Arrival), Departure: day(e.Departure), Stays: stays,
		TotalAmount: e.Total.Amount, TotalCurrency: e.Total.Currency,
	})
	if err != nil || inserted == 0 {
		return false, err
	}
	if err := db.InsertGuest(ctx, ledgerdb.InsertGuestParams{Hotel: hotel, Booking: e.ID, Sealed: guest}); err != nil {
		return false, err
	}
	kinds, digests := subjects.Columns(index)
	return true, db.InsertIndex(ctx, ledgerdb.InsertIndexParams{Hotel: hotel, Scope: e.ID, Kinds: kinds, Digests: digests})
}

// Adopt records a booking that was made elsewhere and returns its id: the one
// it has already, when it was adopted or booked before. guest is sealed, and
// index are the ways to find the guest again.
func (l *Ledger) Adopt(ctx context.Context, hotel string, e Entry, guest []byte, index ...subjects.Entry) (id string, err error) {
	event, err := l.event(ctx, hotel, eventAdopted, actorEdge, e.ID, told{VendorBooking: e.VendorBooking})
	if err != nil {
		return "", err
	}
	err = l.in(ctx, hotel, func(tx pgx.Tx, db *ledgerdb.Queries) error {
		inserted, err := insertEntry(ctx, db, hotel, e, guest, index)
		if err == nil && inserted {
			err = event.Insert(ctx, tx)
		}
		if err != nil {
			return err
		}
		id, err = db.BookingByVendor(ctx, ledgerdb.BookingByVendorParams{Hotel: hotel, VendorBooking: text(e.VendorBooking)})
		return err
	})
	return id, err
}

// Advance moves the booking to a later version and settles an intent, both or
// neither. ErrStale when the ledger has that version or a later one.
func (l *Ledger) Advance(ctx context.Context, hotel string, e Entry, s Settlement) error {
	stays, err := json.Marshal(StaysOf(e.Stays))
	if err != nil {
		return fmt.Errorf("ledger: encode the stays: %w", err)
	}
	event, err := l.event(ctx, hotel, fmt.Sprintf(eventMoved, e.State), actorWorker, e.ID, told{
		Intent: s.Intent, Version: e.Version, VendorBooking: e.VendorBooking, Confirmation: e.Confirmation, Problem: e.Problem,
	})
	if err != nil {
		return err
	}
	c := event.Columns()
	var moved int64
	err = l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		moved, err = db.AdvanceBooking(ctx, ledgerdb.AdvanceBookingParams{
			Hotel: hotel, ID: e.ID, Version: e.Version, State: string(e.State),
			VendorBooking: text(e.VendorBooking), Confirmation: text(e.Confirmation),
			Arrival: day(e.Arrival), Departure: day(e.Departure), Stays: stays,
			TotalAmount: e.Total.Amount, TotalCurrency: e.Total.Currency,
			HoldUntil: stamp(e.HoldUntil), Problem: text(e.Problem),
			Intent: text(s.Intent), Outcome: s.Outcome,
			AuditPseudonym: c.Pseudonym, AuditKinds: c.Kinds, AuditActors: c.Actors, AuditScopes: c.Scopes,
			AuditTags: c.Tags, AuditCommits: c.Commits, AuditDetails: c.Detailed,
		})
		return err
	})
	if err == nil && moved == 0 {
		err = fmt.Errorf("booking %s, version %d: %w", e.ID, e.Version, ErrStale)
	}
	return err
}

// Settle closes an intent without touching the booking: for a refusal that
// was known before any write.
func (l *Ledger) Settle(ctx context.Context, hotel string, s Settlement) error {
	return l.one(hotel, func(db *ledgerdb.Queries) error {
		_, err := db.SettleIntent(ctx, ledgerdb.SettleIntentParams{Hotel: hotel, ID: s.Intent, Outcome: s.Outcome})
		return err
	})
}

// MarkSent records that a create goes out now.
func (l *Ledger) MarkSent(ctx context.Context, hotel, intent string) error {
	return l.one(hotel, func(db *ledgerdb.Queries) error {
		return db.MarkSent(ctx, ledgerdb.MarkSentParams{Hotel: hotel, ID: intent})
	})
}

// Guest returns the sealed guest of a booking.
func (l *Ledger) Guest(ctx context.Context, hotel, booking string) (sealed []byte, err error) {
	err = l.one(hotel, func(db *ledgerdb.Queries) error {
		sealed, err = db.Guest(ctx, ledgerdb.GuestParams{Hotel: hotel, Booking: booking})
		return err
	})
	return sealed, err
}

// AddTask leaves work for an operator. A second one of a kind for a booking
// changes nothing while the first is open, and opens it again when it is closed.
func (l *Ledger) AddTask(ctx context.Context, hotel string, t Task) error {
	return l.one(hotel, func(db *ledgerdb.Queries) error {
		return db.InsertOperatorTask(ctx, ledgerdb.InsertOperatorTaskParams{
			Hotel: hotel, ID: NewID(), Booking: t.Booking, Kind: t.Kind, Detail: t.Detail,
		})
	})
}

// Tasks lists a hotel's open operator tasks, at most 200, oldest first.
func (l *Ledger) Tasks(ctx context.Context, hotel string) ([]Task, error) {
	var tasks []Task
	err := l.one(hotel, func(db *ledgerdb.Queries) error {
		rows, err := db.OperatorTasks(ctx, hotel)
		for _, r := range rows {
			tasks = append(tasks, Task{ID: r.ID, Booking: r.Booking, Kind: r.Kind, Detail: r.Detail, CreatedAt: r.CreatedAt.Time})
		}
		return err
	})
	return tasks, err
}

// An OpenIntent is an intent that nobody has settled, as the sweeper sees it.
type OpenIntent struct {
	Hotel, ID, Booking string
	Kind               Kind
	CreatedAt          time.Time
}

// OpenIntents lists, across hotels, intents that were created before a moment
// and are not settled: the oldest first, and those after the one given, which
// is zero for the first page.
func (l *Ledger) OpenIntents(ctx context.Context, before time.Time, after OpenIntent, most int) ([]OpenIntent, error) {
	var open []OpenIntent
	err := l.pool.AsRole(ctx, postgres.RoleSweeper, func(tx pgx.Tx) error {
		rows, err := ledgerdb.New(tx).OpenIntents(ctx, ledgerdb.OpenIntentsParams{
			Before: stamp(before), Most: int32(most),
			AfterAt: pgtype.Timestamptz{Time: after.CreatedAt, Valid: true}, AfterID: after.ID,
		})
		for _, r := range rows {
			open = append(open, OpenIntent{Hotel: r.Hotel, ID: r.ID, Booking: r.Booking, Kind: Kind(r.Kind), CreatedAt: r.CreatedAt.Time})
		}
		return err
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("ledger: list open intents: %w", err)
	}
	return open, nil
}

// Ping reports whether the database answers.
func (l *Ledger) Ping(ctx context.Context) error {
	_, err := l.OpenIntents(ctx, time.Now().Add(-time.Hour), OpenIntent{}, 1)
	return err
}
