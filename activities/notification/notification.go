package notification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// TaskQueue is the queue of deliveries: one of its own, so that a mail relay
// that hangs holds up nothing else.
const TaskQueue = "messages"

// DeliverActivity is the activity's name on the wire. It lives in histories:
// never change it.
const DeliverActivity = "notification.deliver"

// Kinds of audit events.
const (
	EventSent    audit.Kind = "message.sent"
	EventFailed  audit.Kind = "message.failed"
	EventUnknown audit.Kind = "message.unknown"
	EventSkipped audit.Kind = "message.skipped"
)

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Auditor prepares audit events; *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Parts are what the activities need. The first five are required.
type Parts struct {
	Outbox  *Outbox
	Letters *letters.Letters
	Sender  notify.Sender
	Hotels  Hotels
	Audit   Auditor
	// Bookings and Deliveries are for telling guests of their bookings. Without
	// both, nobody does.
	Bookings   Bookings
	Deliveries Deliveries
	// Suppressions tell who objected; without them nothing goes that is not
	// necessary.
	Suppressions Suppressions
	// Actor is the role in audit events; "worker" when empty.
	Actor string
	// SendTime bounds one attempt; 25 s when zero. After it, and a little more,
	// a claim that nobody settled counts as that of a dead worker.
	SendTime time.Duration
	// Now tells the time by which a stay is over; time.Now when nil.
	Now func() time.Time
	// Registerer shows what becomes of messages; nil shows nothing.
	Registerer prometheus.Registerer
}

// Activities are the activities of messages. Register a value made by New.
type Activities struct {
	Parts
	deliveries *prometheus.CounterVec
}

// New returns the activities on the given parts.
func New(p Parts) (*Activities, error) {
	if p.Actor == "" {
		p.Actor = "worker"
	}
	if p.SendTime <= 0 {
		p.SendTime = 25 * time.Second
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	a := &Activities{Parts: p, deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "voicehive_message_attempts_total",
		Help: "Attempts to send messages, by channel, kind and what came of it: sent, failed, unknown, skipped, or retry.",
	}, []string{"channel", "kind", "outcome"})}
	if p.Registerer != nil {
		if err := p.Registerer.Register(a.deliveries); err != nil {
			return nil, fmt.Errorf("notification: register metrics: %w", err)
		}
	}
	return a, nil
}

// Register registers the activities, for a worker on TaskQueue.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Deliver, activity.RegisterOptions{Name: DeliverActivity})
	if a.Bookings != nil && a.Deliveries != nil {
		r.RegisterActivityWithOptions(a.Confirm, activity.RegisterOptions{Name: ConfirmActivity})
		r.RegisterActivityWithOptions(a.Unsent, activity.RegisterOptions{Name: UnsentActivity})
		r.RegisterActivityWithOptions(a.Untold, activity.RegisterOptions{Name: UntoldActivity})
	}
}

// A Delivery is what became of a message, for good or until an operator sends
// it again.
type Delivery struct {
	State State `json:"state"`
	// Problem is the kind of failure; empty when it was sent.
	Problem string `json:"problem,omitempty"`
}

// Deliver sends a queued message and returns what became of it. An error means
// that it is not settled and Temporal should try again, except for those that
// temporalError marks otherwise. A message that is settled is not sent again,
// however often this is called.
func (a *Activities) Deliver(ctx context.Context, ref MessageRef) (Delivery, error) {
	d, err := a.deliver(ctx, ref, false)
	return d, temporalError(err)
}

// Resend sends a message again at an operator's wish, outside of any workflow.
func (a *Activities) Resend(ctx context.Context, ref MessageRef, sentToo bool) (Delivery, error) {
	if err := a.Outbox.Again(ctx, ref, sentToo); err != nil {
		return Delivery{}, err
	}
	return a.deliver(ctx, ref, true)
}

// audited prepares the event of a settlement. The text's digest lets the hotel
// prove what it wrote; of a code it would give the code away.
func (a *Activities) audited(ctx context.Context, j job, s settlement, text []byte) (audit.Prepared, error) {
	kinds := map[State]audit.Kind{Sent: EventSent, Failed: EventFailed, Unknown: EventUnknown, Skipped: EventSkipped}
	kind, counts := kinds[s.state]
	if !counts {
		return audit.Prepared{}, nil
	}
	detail := map[string]any{
		"message": j.ref.Message, "kind": j.kind, "channel": j.channel, "attempts": j.attempts,
		"language": s.language, "problem": s.problem, "receipt": fmt.Sprintf("%x", s.receipt),
	}
	if j.kind != letters.KindCode && len(text) > 0 {
		detail["text_sha256"] = fmt.Sprintf("%x", text)
	}
	event := audit.Event{Tenant: j.ref.Hotel, Kind: kind, Actor: a.Actor, Scope: j.scope, Detail: detail}
	prepared, err := a.Audit.Prepare(ctx, event)
	if errors.Is(err, errErased) {
		// The guest's key is gone: what is left names nobody.
		event.Scope = ""
		prepared, err = a.Audit.Prepare(ctx, event)
	}
	if err != nil {
		return audit.Prepared{}, fmt.Errorf("notification: prepare the audit event: %w", err)
	}
	return prepared, nil
}
