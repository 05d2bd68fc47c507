// Package ledger keeps the record of bookings in Postgres: what callers asked
// for (intents), what they were offered (quotes), and where each booking
// stands (entries).
//
// A booking's entry only moves forward: Advance refuses a version that is not
// higher than the stored one. Every method works inside one hotel, which row
// level security enforces; only OpenIntents looks across hotels, as the
// sweeper's narrow role. Nothing here holds guest data in the clear: guests
// and drafts arrive sealed.
//
// The starter writes intents through this package and reads bookings; the
// booking activities record outcomes.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/activities/booking/ledger/ledgerdb"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/postgres"
)

var (
	// ErrNotFound: the hotel has no such quote, intent or booking.
	ErrNotFound = errors.New("ledger: not found")
	// ErrStale: the ledger already has this or a later version. Load it again.
	ErrStale = errors.New("ledger: a later version is recorded")
	// ErrQuoteUsed: the quote was booked before, under another key.
	ErrQuoteUsed = errors.New("ledger: the quote was booked under another idempotency key")
	// ErrKeyReused: the idempotency key came before, with another body.
	ErrKeyReused = errors.New("ledger: the idempotency key was used with another body")
)

// Ledger is the record of bookings. It is safe for concurrent use.
type Ledger struct {
	pool    *postgres.Pool
	auditor Auditor // nil keeps no audit log
	// quotes are those that this process saved: a caller books a moment after
	// the quote, and a quote never changes.
	quotes *expirable.LRU[quoteKey, Quote]
}

type quoteKey struct{ hotel, id string }

const (
	keptQuotes  = 2048
	quoteMemory = 10 * time.Minute
)

// An Option changes a ledger.
type Option func(*Ledger)

// WithAudit writes an event into the audit log with whatever the ledger
// writes: both or neither.
func WithAudit(a Auditor) Option { return func(l *Ledger) { l.auditor = a } }

// New returns the ledger on the main database.
func New(pool *postgres.Pool, options ...Option) *Ledger {
	l := &Ledger{pool: pool, quotes: expirable.NewLRU[quoteKey, Quote](keptQuotes, nil, quoteMemory)}
	for _, o := range options {
		o(l)
	}
	return l
}

// An Entry is a booking as the ledger has it.
type Entry struct {
	ID            string
	Version       int64
	State         State
	VendorBooking string
	Confirmation  string
	Stays         []pms.Stay // without guests
	Total         pms.Money
	Arrival       pms.Date // the earliest of all stays
	Departure     pms.Date // the latest of all stays
	HoldUntil     time.Time
	Problem       string
	Pending       Kind // the oldest open intent; "" when none is
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Span sets Arrival and Departure from the stays that are not cancelled, or
// from all of them when every one is.
func (e *Entry) Span() {
	living := func(s pms.Stay) bool { return s.Status != pms.StatusCancelled }
	if !span(e, living) {
		span(e, func(pms.Stay) bool { return true })
	}
}

func span(e *Entry, counts func(pms.Stay) bool) bool {
	found := false
	for _, s := range e.Stays {
		if !counts(s) {
			continue
		}
		if !found || s.Arrival.Before(e.Arrival) {
			e.Arrival = s.Arrival
		}
		if !found || s.Departure.After(e.Departure) {
			e.Departure = s.Departure
		}
		found = true
	}
	return found
}

// StaysOf returns the stays without their guests, as the ledger keeps them.
func StaysOf(stays []pms.Stay) []pms.Stay {
	out := make([]pms.Stay, len(stays))
	for i, s := range stays {
		s.Guest = nil
		out[i] = s
	}
	return out
}

// A Quote is what a caller was offered.
type Quote struct {
	ID      string
	Booking string // the booking it would change; "" for a new one
	Offers  []pms.Offer
	// Before is what the stays were when a change was quoted.
	Before    []pms.Stay
	ExpiresAt time.Time
}

// An Intent is one thing a caller asked for.
type Intent struct {
	ID        string
	Booking   string
	Kind      Kind
	Quote     string
	KeyHMAC   []byte
	Sealed    []byte
	SentAt    time.Time
	SettledAt time.Time
	Outcome   []byte
	CreatedAt time.Time
}

// A Settlement closes an intent with its answer.
type Settlement struct {
	Intent  string // "" settles none
	Outcome []byte // JSON
}

// A Task is work that only a person can finish.
type Task struct {
	ID        string
	Booking   string
	Kind      string
	Detail    string
	CreatedAt time.Time
}

// SaveQuote keeps a quote until it expires.
func (l *Ledger) SaveQuote(ctx context.Context, hotel string, q Quote) error {
	offers, err := json.Marshal(q.Offers)
	if err != nil {
		return fmt.Errorf("ledger: encode the offers: %w", err)
	}
	var before []byte
	if q.Before != nil {
		if before, err = json.Marshal(StaysOf(q.Before)); err != nil {
			return fmt.Errorf("ledger: encode the stays: %w", err)
		}
	}
	err = l.one(hotel, func(db *ledgerdb.Queries) error {
		return db.InsertQuote(ctx, ledgerdb.InsertQuoteParams{
			Hotel: hotel, ID: q.ID, Booking: text(q.Booking),
			Offers: offers, Before: before, ExpiresAt: stamp(q.ExpiresAt),
		})
	})
	if err == nil {
		if q.Before != nil {
			q.Before = StaysOf(q.Before)
		}
		l.quotes.Add(quoteKey{hotel, q.ID}, q)
	}
	return err
}

// Quote reads a quote, expired or not. Do not change what it returns.
func (l *Ledger) Quote(ctx context.Context, hotel, id string) (Quote, error) {
	if known, ok := l.quotes.Get(quoteKey{hotel, id}); ok {
		return known, nil
	}
	var row ledgerdb.Quote
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		row, err = db.Quote(ctx, ledgerdb.QuoteParams{Hotel: hotel, ID: id})
		return err
	})
	if err != nil {
		return Quote{}, fmt.Errorf("quote: %w", err)
	}
	q := Quote{ID: row.ID, Booking: row.Booking.String, ExpiresAt: row.ExpiresAt.Time}
	if err := json.Unmarshal(row.Offers, &q.Offers); err != nil {
		return Quote{}, fmt.Errorf("ledger: read the offers of quote %s: %w", id, err)
	}
	if row.Before != nil {
		if err := json.Unmarshal(row.Before, &q.Before); err != nil {
			return Quote{}, fmt.Errorf("ledger: read the stays of quote %s: %w", id, err)
		}
	}
	return q, nil
}

// Entry reads a booking.
func (l *Ledger) Entry(ctx context.Context, hotel, id string) (Entry, error) {
	var row ledgerdb.BookingRow
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		row, err = db.Booking(ctx, ledgerdb.BookingParams{Hotel: hotel, ID: id})
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("booking: %w", err)
	}
	entry, err := entryOf(row.Booking)
	entry.Pending = Kind(row.Pending)
	return entry, err
}

// ByVendor returns the id of the booking that the vendor calls so.
func (l *Ledger) ByVendor(ctx context.Context, hotel string, vendorBooking pms.ReservationID) (string, error) {
	var id string
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		id, err = db.BookingByVendor(ctx, ledgerdb.BookingByVendorParams{Hotel: hotel, VendorBooking: text(string(vendorBooking))})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("booking by the vendor's id: %w", err)
	}
	return id, nil
}

// Open reads an intent with the booking it is about.
func (l *Ledger) Open(ctx context.Context, hotel, intent string) (Intent, Entry, error) {
	var row ledgerdb.IntentWithBookingRow
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		row, err = db.IntentWithBooking(ctx, ledgerdb.IntentWithBookingParams{Hotel: hotel, ID: intent})
		return err
	})
	if err != nil {
		return Intent{}, Entry{}, fmt.Errorf("intent %s: %w", intent, err)
	}
	entry, err := entryOf(row.Booking)
	return intentOf(row.Intent), entry, err
}

// Begin is Open for a create that is about to be sent. It records, durably and
// first, that the intent may have been sent from now on; the intent it returns
// tells by SentAt whether that was so before.
func (l *Ledger) Begin(ctx context.Context, hotel, intent string) (Intent, Entry, error) {
	var row ledgerdb.BeginIntentRow
	err := l.one(hotel, func(db *ledgerdb.Queries) (err error) {
		row, err = db.BeginIntent(ctx, ledgerdb.BeginIntentParams{Hotel: hotel, ID: intent})
		return err
	})
	if err != nil {
		return Intent{}, Entry{}, fmt.Errorf("intent %s: %w", intent, err)
	}
	entry, err := entryOf(row.Booking)
	return intentOf(row.Intent), entry, err
}

// one runs fn, which makes one statement, for the hotel: one round trip.
func (l *Ledger) one(hotel string, fn func(*ledgerdb.Queries) error) error {
	return named(fn(ledgerdb.New(l.pool.Tenant(hotel))))
}

// in runs fn, which makes several statements, inside one transaction of the
// hotel.
func (l *Ledger) in(ctx context.Context, hotel string, fn func(pgx.Tx, *ledgerdb.Queries) error) error {
	return named(l.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error { return fn(tx, ledgerdb.New(tx)) }))
}

// named gives a missing row this package's name for it.
func named(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func entryOf(row ledgerdb.Booking) (Entry, error) {
	e := Entry{
		ID: row.ID, Version: row.Version, State: State(row.State),
		VendorBooking: row.VendorBooking.String, Confirmation: row.Confirmation.String,
		Total:   pms.Money{Amount: row.TotalAmount, Currency: row.TotalCurrency},
		Arrival: pms.DateOf(row.Arrival.Time), Departure: pms.DateOf(row.Departure.Time),
		HoldUntil: row.HoldUntil.Time, Problem: row.Problem.String,
		CreatedAt: row.CreatedAt.Time, UpdatedAt: row.UpdatedAt.Time,
	}
	if err := json.Unmarshal(row.Stays, &e.Stays); err != nil {
		return Entry{}, fmt.Errorf("ledger: read the stays of booking %s: %w", row.ID, err)
	}
	return e, nil
}

func intentOf(row ledgerdb.Intent) Intent {
	return Intent{
		ID: row.ID, Booking: row.Booking, Kind: Kind(row.Kind), Quote: row.Quote.String,
		KeyHMAC: row.KeyHmac, Sealed: row.Sealed, SentAt: row.SentAt.Time,
		SettledAt: row.SettledAt.Time, Outcome: row.Outcome, CreatedAt: row.CreatedAt.Time,
	}
}

// NewID returns a fresh ULID.
func NewID() string { return ulid.Make().String() }

func text(s string) pgtype.Text { return pgtype.Text{String: s, Valid: s != ""} }

func stamp(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }

func day(d pms.Date) pgtype.Date {
	return pgtype.Date{Time: d.At(0, 0, time.UTC), Valid: !d.IsZero()}
}
