// Package redaction masks the transcripts of calls where they lie. It works on
// the queue "redaction", apart from the hotel systems' queues, so that a long
// transcript keeps no booking waiting.
//
// Inputs and results hold references and counts: what was said never passes
// through Temporal. What the call knows of its guest is read here, from the
// bookings that it is about.
//
// It stands on the activities floor, above compliance/calls and compliance/pii.
package redaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/connectors/registry"
)

// TaskQueue is the queue of this package's activities.
const TaskQueue = "redaction"

// TurnsActivity masks a batch of a call's turns. The name lives in histories:
// never change it.
const TurnsActivity = "redaction.turns"

// MaxBookings bounds the bookings that one call can be about.
const MaxBookings = 20

// Types of the errors that are not worth a retry.
const (
	// TypeRefused: the input is wrong.
	TypeRefused = "refused"
	// TypeUnknownCall: the hotel has no such call.
	TypeUnknownCall = "unknown_call"
	// TypeErased: the call's key is destroyed, and so is what was said.
	TypeErased = "erased"
)

// Transcripts masks turns; *transcript.Transcripts is one.
type Transcripts interface {
	Mask(ctx context.Context, tenant string, b transcript.Batch) (transcript.Progress, error)
}

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Bookings reads bookings and their sealed guests; *ledger.Ledger is one.
type Bookings interface {
	Entry(ctx context.Context, hotel, id string) (ledger.Entry, error)
	Guest(ctx context.Context, hotel, booking string) ([]byte, error)
}

// Parts are what the activities need; all of them.
type Parts struct {
	Transcripts Transcripts
	Hotels      Hotels
	Bookings    Bookings
	Keys        *keys.Ring
}

// Activities mask. Register a value made by New.
type Activities struct{ Parts }

// New returns the activities.
func New(p Parts) *Activities { return &Activities{p} }

// Request names a batch of a call's turns.
type Request struct {
	Hotel string `json:"hotel"`
	Call  string `json:"call"`
	// Bookings are the bookings that the call is about, as far as it is known.
	Bookings []string `json:"bookings,omitempty"`
	After    int      `json:"after"`
	Most     int      `json:"most,omitempty"` // transcript.MaxTurns when zero
	Final    bool     `json:"final,omitempty"`
}

// Turns masks a batch. The same batch again changes nothing, so it may be tried
// again.
func (a *Activities) Turns(ctx context.Context, r Request) (transcript.Progress, error) {
	stop := heartbeat.Start(ctx)
	defer stop()
	if r.Hotel == "" || r.Call == "" || r.After < 0 || len(r.Bookings) > MaxBookings {
		return transcript.Progress{}, final(TypeRefused, fmt.Sprintf("a batch names a hotel, a call and at most %d bookings", MaxBookings))
	}
	hotel, err := a.Hotels.Hotel(ctx, r.Hotel)
	if errors.Is(err, registry.ErrUnknownHotel) {
		return transcript.Progress{}, final(TypeRefused, "there is no such hotel")
	}
	if err != nil {
		return transcript.Progress{}, fmt.Errorf("redaction: read the hotel: %w", err)
	}
	known, err := a.known(ctx, r.Hotel, r.Bookings)
	if err != nil {
		return transcript.Progress{}, err
	}
	done, err := a.Transcripts.Mask(ctx, r.Hotel, transcript.Batch{
		Call: r.Call, After: r.After, Most: r.Most, Final: r.Final,
		Known: known, Allow: own(hotel), Region: hotel.Country,
	})
	switch {
	case errors.Is(err, calls.ErrNotFound):
		return done, final(TypeUnknownCall, "the hotel has no such call")
	case errors.Is(err, keys.ErrDestroyed), errors.Is(err, keys.ErrUnknownScope):
		return done, final(TypeErased, "the call was erased")
	case errors.Is(err, pii.ErrUnknownLanguage), errors.Is(err, pii.ErrUnknownRegion):
		return done, final(TypeRefused, "the call's language or the hotel's country is unknown to the detector")
	case err != nil:
		return done, fmt.Errorf("redaction: mask turns: %w", err)
	}
	return done, nil
}

// own are the values of the hotel itself, which stay in a transcript.
func own(h registry.Hotel) []string { return append([]string{h.Name}, h.PhoneLines...) }

// final is an error that trying again does not cure.
func final(kind, text string) error { return temporal.NewNonRetryableApplicationError(text, kind, nil) }

// WithLive is for turns of a call that goes on: the next thing that the agent
// hears may need them. Who gets no answer in that time goes on without.
func WithLive(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    500 * time.Millisecond,
		ScheduleToCloseTimeout: 2 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 50 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 500 * time.Millisecond,
		},
		Priority: temporal.Priority{PriorityKey: 1},
		Summary:  "mask a turn",
	})
}

// WithBatch is for whole transcripts, which nobody waits for. It goes on for
// days: what was said must not stay unmasked.
func WithBatch(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: 7 * 24 * time.Hour,
		HeartbeatTimeout:       5 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
		Priority: temporal.Priority{PriorityKey: 4},
		Summary:  "mask turns",
	})
}

// Register registers the activities.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Turns, activity.RegisterOptions{Name: TurnsActivity})
}
