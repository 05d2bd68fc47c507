package notification

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/activities/notification/notificationdb"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/postgres"
)

var (
	// ErrDraft is wrapped by every complaint about a message before it is
	// queued. It quotes nothing of the message.
	ErrDraft = errors.New("notification: the message cannot be queued")
	// ErrNoMessage: the hotel has no such message.
	ErrNoMessage = errors.New("notification: the hotel has no such message")
	// ErrNotAgain: the message is on its way, was sent, or is a one-time code
	// that is worth nothing any more.
	ErrNotAgain = errors.New("notification: the message cannot be sent again")
)

// place is where a message's content lies; part of the seal, so that content
// moved to another row does not open.
func place(id string) string { return "message.sealed/" + id }

// Sealer seals and opens; *keys.Ring is one.
type Sealer interface {
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// An Outbox keeps messages until they are sent, and what became of them after.
// It is safe for concurrent use.
type Outbox struct {
	pool    *postgres.Pool
	sealer  Sealer
	letters *letters.Letters
}

// NewOutbox returns the outbox in the database of pool.
func NewOutbox(pool *postgres.Pool, s Sealer, l *letters.Letters) *Outbox {
	return &Outbox{pool: pool, sealer: s, letters: l}
}

// A Draft is a message to be queued.
type Draft struct {
	Hotel string
	// ID is a ULID that the caller chose, so that queueing again queues
	// nothing; empty lets Prepare choose.
	ID string
	// Scope is the ULID of the key scope of what the message is about.
	Scope string
	// Version is the booking's that the message tells of: it is not sent any
	// more when one of a later version is queued. Zero for any other message.
	Version int64
	Channel notify.Channel
	To      string
	// Languages are the guest's, the first one first; may be empty.
	Languages []string
	Data      letters.Data
}

// A MessageRef names a message and tells nothing of it: this is what Temporal
// may see.
type MessageRef struct {
	Hotel   string `json:"hotel"`
	Message string `json:"message"`
}

// content is what lies sealed.
type content struct {
	To        string          `json:"to"`
	Languages []string        `json:"languages,omitempty"`
	Data      json.RawMessage `json:"data"`
}

// Prepared is a sealed message, ready to be inserted.
type Prepared struct {
	Ref MessageRef
	row notificationdb.QueueParams
}

// Prepare checks and seals a message. It may read keys, so call it before the
// business transaction begins. ErrDraft tells what is wrong with the message.
func (o *Outbox) Prepare(ctx context.Context, d Draft) (Prepared, error) {
	data, err := o.check(d)
	if err != nil {
		return Prepared{}, fmt.Errorf("%w: %w", ErrDraft, err)
	}
	if d.ID == "" {
		d.ID = ulid.Make().String()
	}
	purpose := purposeOf(d.Data.Kind())
	plain, err := json.Marshal(content{To: d.To, Languages: d.Languages, Data: data})
	if err != nil {
		return Prepared{}, fmt.Errorf("%w: it cannot be written", ErrDraft)
	}
	defer clear(plain)
	scope := keys.Scope{Tenant: d.Hotel, ID: d.Scope}
	sealed, err := o.sealer.Seal(ctx, scope, purpose, place(d.ID), plain)
	if purpose == keys.Case && errors.Is(err, keys.ErrUnknownScope) {
		// Who opens a case makes its key; to make one here would make a case of
		// any booking, with a key that no erasure of the booking destroys.
		return Prepared{}, fmt.Errorf("%w: its scope is no case: open the case first", ErrDraft)
	}
	if err != nil {
		return Prepared{}, fmt.Errorf("notification: seal a message: %w", err)
	}
	return Prepared{
		Ref: MessageRef{Hotel: d.Hotel, Message: d.ID},
		row: notificationdb.QueueParams{
			Hotel: d.Hotel, ID: d.ID, Scope: d.Scope, Purpose: string(purpose),
			Channel: string(d.Channel), Kind: string(d.Data.Kind()), Sealed: sealed, Version: d.Version,
		},
	}, nil
}

// check refuses what could not be delivered, while somebody still hears it.
func (o *Outbox) check(d Draft) ([]byte, error) {
	if d.ID != "" {
		if id, err := ulid.ParseStrict(d.ID); err != nil || id.String() != d.ID {
			return nil, errors.New("its id is no ULID")
		}
	}
	if err := (keys.Scope{Tenant: d.Hotel, ID: d.Scope}).Validate(); err != nil {
		return nil, err
	}
	var err error
	switch d.Channel {
	case notify.Email:
		_, err = notify.ParseEmail(d.To)
	case notify.SMS:
		_, err = notify.ParsePhone(d.To)
	default:
		err = errors.New("no such channel")
	}
	if err != nil {
		return nil, err
	}
	if len(d.Languages) > 8 {
		return nil, letters.ErrLanguage
	}
	if _, err := letters.Choose(d.Languages, nil); err != nil {
		return nil, err
	}
	data, err := letters.Encode(d.Data)
	if err != nil {
		return nil, err
	}
	return data, o.letters.Fits(d.Channel, d.Data)
}

// purposeOf is the purpose of the key that a kind is sealed under: a case's
// letters are kept with its file when the booking's data is long gone.
func purposeOf(k letters.Kind) keys.Purpose {
	if k.OfCase() {
		return keys.Case
	}
	return keys.Operations
}

// Insert queues the message in the business transaction, which must be one of
// its hotel (postgres.Pool.InTenant). A message whose id is there already is
// left as it is.
func (p Prepared) Insert(ctx context.Context, tx pgx.Tx) error {
	if _, err := notificationdb.New(tx).Queue(ctx, p.row); err != nil {
		return fmt.Errorf("notification: queue a message: %w", err)
	}
	return nil
}

// Queue prepares and queues a message that belongs to no other transaction.
func (o *Outbox) Queue(ctx context.Context, d Draft) (MessageRef, error) {
	p, err := o.Prepare(ctx, d)
	if err != nil {
		return MessageRef{}, err
	}
	err = o.pool.InTenant(ctx, d.Hotel, func(tx pgx.Tx) error { return p.Insert(ctx, tx) })
	return p.Ref, err
}

// Forget deletes the messages about erased bookings or cases, and tells how
// many there were.
func (o *Outbox) Forget(ctx context.Context, hotel string, scopes ...string) (int64, error) {
	n, err := notificationdb.New(o.pool.Tenant(hotel)).Forget(ctx, notificationdb.ForgetParams{Hotel: hotel, Scopes: scopes})
	if err != nil {
		return 0, fmt.Errorf("notification: forget messages: %w", err)
	}
	return n, nil
}

// A Message is what an operator may know of one: nobody's address, no text.
type Message struct {
	Hotel    string         `json:"hotel"`
	ID       string         `json:"id"`
	Scope    string         `json:"scope"`
	Version  int64          `json:"version,omitempty"`
	Channel  notify.Channel `json:"channel"`
	Kind     letters.Kind   `json:"kind"`
	State    State          `json:"state"`
	Language string         `json:"language,omitempty"`
	Attempts int            `json:"attempts"`
	// Problem is the kind of the last failure; empty when there was none.
	Problem string `json:"problem,omitempty"`
	// Receipt is the digest of the provider's own name for it.
	Receipt   []byte    `json:"receipt,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	SentAt    time.Time `json:"sent_at,omitzero"`
}

// Message reads one; ErrNoMessage when there is none.
func (o *Outbox) Message(ctx context.Context, hotel, id string) (Message, error) {
	row, err := notificationdb.New(o.pool.Tenant(hotel)).Message(ctx, notificationdb.MessageParams{Hotel: hotel, ID: id})
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, postgres.ErrTenant):
		return Message{}, ErrNoMessage
	case err != nil:
		return Message{}, fmt.Errorf("notification: read a message: %w", err)
	}
	return messageOf(hotel, notificationdb.MessagesRow(row)), nil
}

// Messages lists a hotel's messages, the newest first, at most so many; of one
// state, or of all when it is empty.
func (o *Outbox) Messages(ctx context.Context, hotel string, state State, most int) ([]Message, error) {
	rows, err := notificationdb.New(o.pool.Tenant(hotel)).Messages(ctx, notificationdb.MessagesParams{
		Hotel: hotel, State: string(state), Most: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("notification: list the messages: %w", err)
	}
	messages := make([]Message, len(rows))
	for i, row := range rows {
		messages[i] = messageOf(hotel, row)
	}
	return messages, nil
}

func messageOf(hotel string, r notificationdb.MessagesRow) Message {
	return Message{
		Hotel: hotel, ID: r.ID, Scope: r.Scope, Version: r.Version, Channel: notify.Channel(r.Channel), Kind: letters.Kind(r.Kind), State: State(r.State),
		Language: r.Language, Attempts: int(r.Attempts), Problem: r.Problem, Receipt: r.Receipt,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, SentAt: r.SentAt.Time,
	}
}

// Again queues a message once more: one that failed or whose outcome is not
// known, or with sentToo one that was sent. ErrNotAgain when that cannot be.
func (o *Outbox) Again(ctx context.Context, ref MessageRef, sentToo bool) error {
	if _, err := o.Message(ctx, ref.Hotel, ref.Message); err != nil {
		return err
	}
	n, err := notificationdb.New(o.pool.Tenant(ref.Hotel)).Again(ctx, notificationdb.AgainParams{
		Hotel: ref.Hotel, ID: ref.Message, Again: sentToo,
	})
	if err != nil {
		return fmt.Errorf("notification: queue a message again: %w", err)
	}
	if n == 0 {
		return ErrNotAgain
	}
	return nil
}
