package notification

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/activities/notification/notificationdb"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/notify"
)

// State is where a message stands. It is stored: never change one.
type State string

// The states.
const (
	Queued State = "queued"
	// Sending: somebody has it. When nobody settles it, its worker is dead.
	Sending State = "sending"
	Sent    State = "sent"
	Failed  State = "failed" // it never will be sent
	// Unknown: it may have been sent, and sending it again was not right.
	Unknown State = "unknown"
	// Skipped: it need not be sent, and nobody has to see to it.
	Skipped State = "skipped"
)

// States are all of them.
func States() []State { return []State{Queued, Sending, Sent, Failed, Unknown, Skipped} }

// final tells that nothing more happens by itself.
func (s State) final() bool { return s == Sent || s == Failed || s == Unknown || s == Skipped }

// claimedError: somebody else is sending the message.
type claimedError struct{ left time.Duration }

func (e *claimedError) Error() string { return "notification: another worker is sending this message" }

// A job is a claimed message.
type job struct {
	ref      MessageRef
	scope    string
	purpose  keys.Purpose
	channel  notify.Channel
	kind     letters.Kind
	attempts int32
	unknowns int32
	sealed   []byte
	// doubtful tells that an attempt before may have sent the message.
	doubtful bool
	// superseded tells that a message about a later version of the same booking
	// is there.
	superseded bool
	// age is how long ago it was queued first, by the database's clock.
	age time.Duration
}

// claim takes a message for so long. A message that is settled is returned as
// its delivery.
func (o *Outbox) claim(ctx context.Context, ref MessageRef, lease time.Duration) (j job, settled *Delivery, err error) {
	var claimed *claimedError
	err = o.pool.InTenant(ctx, ref.Hotel, func(tx pgx.Tx) error {
		claimed, settled = nil, nil
		queries := notificationdb.New(tx)
		row, err := queries.Take(ctx, notificationdb.TakeParams{Hotel: ref.Hotel, ID: ref.Message})
		switch state := State(row.State); {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNoMessage
		case err != nil:
			return err
		case state.final():
			settled = &Delivery{State: state, Problem: row.Problem.String}
			return nil
		case state == Sending && jumped(row, lease):
			// Committed, so no error of the transaction.
			claimed = &claimedError{left: lease}
			return queries.Renew(ctx, notificationdb.RenewParams{Hotel: ref.Hotel, ID: ref.Message, Seconds: lease.Seconds()})
		case state == Sending && row.ClaimedFor > 0:
			claimed = &claimedError{left: time.Duration(row.ClaimedFor * float64(time.Second))}
			return nil
		}
		j = jobOf(ref, row)
		return queries.Claim(ctx, notificationdb.ClaimParams{
			Hotel: ref.Hotel, ID: ref.Message, Unknowns: j.unknowns, Seconds: lease.Seconds(),
		})
	})
	if err != nil && !errors.Is(err, ErrNoMessage) {
		err = fmt.Errorf("notification: take a message: %w", err)
	}
	if err == nil && claimed != nil {
		err = claimed
	}
	return j, settled, err
}

// problemClock marks a claim that was renewed because the clock had jumped.
const problemClock = "clock"

// jumped tells that the database's clock went on or back under a claim: it
// lasts longer than any does, or ended longer ago than one lasts. So may the
// claim of a dead worker be, found late; that one is taken a lease later.
func jumped(row notificationdb.TakeRow, lease time.Duration) bool {
	left := time.Duration(row.ClaimedFor * float64(time.Second))
	return row.Claimed && (left > lease || left < -lease && row.Problem.String != problemClock)
}

func jobOf(ref MessageRef, row notificationdb.TakeRow) job {
	j := job{
		ref: ref, scope: row.Scope, purpose: keys.Purpose(row.Purpose), channel: notify.Channel(row.Channel),
		kind: letters.Kind(row.Kind), attempts: row.Attempts + 1, unknowns: row.Unknowns, sealed: row.Sealed,
		superseded: row.Superseded, age: time.Duration(row.Age * float64(time.Second)),
	}
	if State(row.State) == Sending {
		j.doubtful = true
		if row.Claimed {
			j.unknowns++ // its worker died; whoever lives counts by settling
		}
	}
	return j
}

// open reads what lies sealed.
func (o *Outbox) open(ctx context.Context, j job) (content, letters.Data, error) {
	if j.sealed == nil {
		return content{}, nil, fmt.Errorf("notification: a message's content: %w", errErased)
	}
	plain, err := o.sealer.Open(ctx, keys.Scope{Tenant: j.ref.Hotel, ID: j.scope}, j.purpose, place(j.ref.Message), j.sealed)
	if err != nil {
		return content{}, nil, fmt.Errorf("notification: open a message: %w", err)
	}
	defer clear(plain)
	var c content
	if json.Unmarshal(plain, &c) != nil {
		return content{}, nil, letters.ErrData // the decoder's message can quote what it read
	}
	data, err := letters.Decode(j.kind, c.Data)
	return c, data, err
}

// A settlement is what became of a claim.
type settlement struct {
	state    State
	problem  string
	language string
	receipt  []byte
	// lost tells that this attempt's outcome is not known.
	lost bool
}

// settle records what became of a claim, and its audit events, or neither. It
// reports whether the claim was still ours.
func (o *Outbox) settle(ctx context.Context, j job, s settlement, events audit.Prepared) (ours bool, err error) {
	unknowns := j.unknowns
	if s.lost {
		unknowns++
	}
	err = o.pool.InTenant(ctx, j.ref.Hotel, func(tx pgx.Tx) error {
		n, err := notificationdb.New(tx).Settle(ctx, notificationdb.SettleParams{
			Hotel: j.ref.Hotel, ID: j.ref.Message, Attempts: j.attempts, State: string(s.state), Unknowns: unknowns,
			Problem: optional(s.problem), Language: optional(s.language), Receipt: s.receipt,
			// A code has done its work when it is sent, and must not lie around.
			Forget: j.kind == letters.KindCode && s.state.final(),
		})
		if ours = n > 0; err != nil || !ours {
			return err
		}
		return events.Insert(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("notification: record what became of a message: %w", err)
	}
	return ours, nil
}

func optional(s string) pgtype.Text { return pgtype.Text{String: s, Valid: s != ""} }
