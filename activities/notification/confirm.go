package notification

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// Names of the activities that tell guests of their bookings. They live in
// histories: never change one.
const (
	ConfirmActivity = "notification.confirm"
	UnsentActivity  = "notification.unsent"
	UntoldActivity  = "notification.untold"
)

// A Notice asks for a guest to be told of a booking: what happened, and which
// version of the ledger's entry says so. It names nobody.
type Notice struct {
	Hotel   string       `json:"hotel"`
	Booking string       `json:"booking"`
	Version int64        `json:"version"`
	Kind    letters.Kind `json:"kind"`
}

// An Outcome is what became of a notice.
type Outcome struct {
	// Message is queued and its delivery started; empty when nothing is to be
	// sent.
	Message string `json:"message,omitempty"`
	// Problem is why not.
	Problem string `json:"problem,omitempty"`
}

// Why nothing is to be sent, beside erased and content.
const (
	problemUnwanted   = "unwanted"   // the hotel wants no confirmations any more
	problemNoAddress  = "no_address" // the guest gave none for any of the hotel's channels
	problemSuperseded = "superseded" // a later change of the booking is told instead
)

// Bookings is what the ledger knows of bookings; *ledger.Ledger is one.
type Bookings interface {
	Entry(ctx context.Context, hotel, id string) (ledger.Entry, error)
	Guest(ctx context.Context, hotel, booking string) (sealed []byte, err error)
	AddTask(ctx context.Context, hotel string, t ledger.Task) error
}

// Deliveries starts the delivery of a queued message, unless it is under way.
type Deliveries interface {
	Deliver(ctx context.Context, ref MessageRef) error
}

// Confirm queues the message that tells a guest of a booking, by the first of
// the hotel's channels that the guest has an address for, and has it delivered.
// A message's id follows from what it tells, so doing it again queues nothing.
func (a *Activities) Confirm(ctx context.Context, n Notice) (Outcome, error) {
	q, err := a.confirm(ctx, n)
	return q, temporalError(err)
}

func (a *Activities) confirm(ctx context.Context, n Notice) (Outcome, error) {
	hotel, err := a.Hotels.Hotel(ctx, n.Hotel)
	if err != nil {
		return Outcome{}, err
	}
	channels := hotel.Messages.Channels()
	if len(channels) == 0 {
		return Outcome{Problem: problemUnwanted}, nil
	}
	q, err := a.queue(ctx, n, hotel, channels)
	switch {
	case err != nil:
		return Outcome{}, err
	case q.Problem == problemNoAddress:
		return q, a.note(ctx, n, channels[0], settlement{state: Skipped, problem: q.Problem})
	case q.Problem == problemContent:
		return q, errors.Join(
			a.note(ctx, n, channels[0], settlement{state: Failed, problem: q.Problem}),
			a.leave(ctx, n, idOf(n, channels[0]), q.Problem))
	case q.Message == "":
		return q, nil
	}
	return q, a.Deliveries.Deliver(ctx, MessageRef{Hotel: n.Hotel, Message: q.Message})
}

// Unsent sees to a message about a booking that could not be sent: it queues
// another by the hotel's next channel and names it, or leaves the rest to a
// person. Of any other message it is for somebody else to know.
func (a *Activities) Unsent(ctx context.Context, ref MessageRef) (Outcome, error) {
	q, err := a.unsent(ctx, ref)
	return q, temporalError(err)
}

func (a *Activities) unsent(ctx context.Context, ref MessageRef) (Outcome, error) {
	m, err := a.Outbox.Message(ctx, ref.Hotel, ref.Message)
	switch {
	case errors.Is(err, ErrNoMessage):
		return Outcome{Problem: problemErased}, nil
	case err != nil:
		return Outcome{}, err
	case m.Version == 0, m.State == Sent, m.State == Skipped, m.Problem == problemErased:
		return Outcome{Problem: m.Problem}, nil
	}
	n := Notice{Hotel: ref.Hotel, Booking: m.Scope, Version: m.Version, Kind: m.Kind}
	if m.State == Failed {
		q, err := a.fallBack(ctx, n, m.Channel)
		if err != nil || q.Message != "" || q.Problem == problemErased || q.Problem == problemSuperseded {
			return q, err
		}
	}
	return Outcome{Problem: m.Problem}, a.leave(ctx, n, m.ID, string(m.State))
}

// fallBack queues the message anew, by the channels behind the one that failed.
func (a *Activities) fallBack(ctx context.Context, n Notice, failed notify.Channel) (Outcome, error) {
	hotel, err := a.Hotels.Hotel(ctx, n.Hotel)
	if errors.Is(err, registry.ErrUnknownHotel) {
		return Outcome{}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	channels := hotel.Messages.Channels()
	i := slices.Index(channels, failed)
	if i < 0 || i == len(channels)-1 {
		return Outcome{}, nil
	}
	return a.queue(ctx, n, hotel, channels[i+1:])
}

// queue writes the draft and queues it, or tells why there is none.
func (a *Activities) queue(ctx context.Context, n Notice, hotel registry.Hotel, channels []notify.Channel) (Outcome, error) {
	entry, guest, problem, err := a.news(ctx, n)
	if err != nil || problem != "" {
		return Outcome{Problem: problem}, err
	}
	channel, to := address(guest, hotel.Country, channels)
	if channel == "" {
		return Outcome{Problem: problemNoAddress}, nil
	}
	draft := Draft{
		Hotel: n.Hotel, ID: idOf(n, channel), Scope: n.Booking, Version: n.Version, Channel: channel, To: to, Data: dataOf(n.Kind, entry),
	}
	if _, err := letters.Choose([]string{guest.Language}, nil); guest.Language != "" && err == nil {
		draft.Languages = []string{guest.Language}
	}
	ref, err := a.Outbox.Queue(ctx, draft)
	switch {
	case errors.Is(err, ErrDraft):
		return Outcome{Problem: problemContent}, nil
	case errors.Is(err, errErased):
		return Outcome{Problem: problemErased}, nil
	}
	return Outcome{Message: ref.Message}, err
}

// news reads the booking and its guest, and tells why they are not to be told
// of, if so: the booking may have gone on, and the guest may be erased.
func (a *Activities) news(ctx context.Context, n Notice) (entry ledger.Entry, guest pms.Guest, problem string, err error) {
	entry, err = a.Bookings.Entry(ctx, n.Hotel, n.Booking)
	if errors.Is(err, ledger.ErrNotFound) {
		return entry, guest, problemErased, nil
	}
	if err != nil {
		return entry, guest, "", err
	}
	if wanted := stateOf(n.Kind); wanted != entry.State {
		return entry, guest, problemSuperseded, nil
	}
	sealed, err := a.Bookings.Guest(ctx, n.Hotel, n.Booking)
	if err == nil {
		guest, err = a.Outbox.guest(ctx, keys.Scope{Tenant: n.Hotel, ID: n.Booking}, sealed)
	}
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, errErased) {
		return entry, guest, problemErased, nil
	}
	if errors.Is(err, restriction.ErrRestricted) {
		return entry, guest, problemRestricted, nil
	}
	return entry, guest, "", err
}

// stateOf is the state that a booking has while a kind of message is true.
func stateOf(k letters.Kind) ledger.State {
	if k == letters.KindCancellation {
		return ledger.Cancelled
	}
	return ledger.Confirmed
}

// guest opens the guest of a booking.
func (o *Outbox) guest(ctx context.Context, scope keys.Scope, sealed []byte) (guest pms.Guest, err error) {
	plain, err := o.sealer.Open(ctx, scope, booking.SealPurpose, booking.PlaceGuest, sealed)
	if err != nil {
		return guest, fmt.Errorf("notification: open the guest of a booking: %w", err)
	}
	defer clear(plain)
	if json.Unmarshal(plain, &guest) != nil {
		return guest, errors.New("notification: the sealed guest of a booking is not what was stored")
	}
	return guest, nil
}

// note keeps that a message was not queued, and why, where operators look.
func (a *Activities) note(ctx context.Context, n Notice, channel notify.Channel, s settlement) error {
	j := job{
		ref: MessageRef{Hotel: n.Hotel, Message: idOf(n, channel)}, scope: n.Booking, purpose: purposeOf(n.Kind),
		channel: channel, kind: n.Kind,
	}
	events, err := a.audited(ctx, j, s, nil)
	if err != nil {
		return err
	}
	return a.Outbox.note(ctx, j, n.Version, s, events)
}

// Untold leaves a notice to a person whose message could not even be queued, for
// good or for as long as Confirm was tried.
func (a *Activities) Untold(ctx context.Context, n Notice) error {
	return temporalError(a.Bookings.AddTask(ctx, n.Hotel, untold(n, "it could not be queued", "Look at the booking, then call the guest.")))
}

// leave has an operator see to it. A second task of a booking changes nothing
// while the first is open.
func (a *Activities) leave(ctx context.Context, n Notice, message, why string) error {
	return a.Bookings.AddTask(ctx, n.Hotel, untold(n, why, fmt.Sprintf(
		"Look at it with `voicehive messages show %s %s`, then send it again or call the guest.", n.Hotel, message)))
}

// untold is an operator's task about a notice, with why and what to do.
func untold(n Notice, why, next string) ledger.Task {
	return ledger.Task{
		Booking: n.Booking, Kind: "guest_not_told",
		Detail: fmt.Sprintf("A message to the guest (%s) is not sent: %s. %s", n.Kind, why, next),
	}
}
