// Package redaction masks what was said in calls, for whatever leaves the
// call: a model, a stored transcript, an export. It works on the queue
// "redaction", apart from the hotel systems' queues, so that a long transcript
// keeps no booking waiting.
//
// It stands on the activities floor, above compliance/pii and compliance/calls.
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

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/pii"
	masking "github.com/voicehive/voicehive/compliance/pii/redaction"
)

// TaskQueue is the queue of this package's activities.
const TaskQueue = "redaction"

// The activities.
const (
	// TextActivity masks a few texts of a call's turn; a caller waits.
	TextActivity = "redaction.text"
	// TurnsActivity masks a batch of a call's turns.
	TurnsActivity = "redaction.turns"
)

// Bounds of one task. A batch of MaxTurns turns of ordinary length is masked in
// some milliseconds and stays under Temporal's limit of a payload.
const (
	MaxTurns = 200
	MaxTexts = 16
	maxReply = 1 << 20 // bytes of a reply's text
)

// Turns reads what was said. *calls.Store is one.
type Turns interface {
	Turns(ctx context.Context, tenant, call string, after, most int) ([]calls.Turn, error)
}

// Keys gives the keys of a call's guest, for policies that need them.
type Keys func(ctx context.Context, hotel, call string) (masking.Keys, error)

// Activities mask.
type Activities struct {
	detector masking.Detector
	turns    Turns
	keys     Keys
}

// New returns the activities. Keys may be nil: then the sinks that need a key
// are refused.
func New(d masking.Detector, t Turns, k Keys) *Activities {
	return &Activities{detector: d, turns: t, keys: k}
}

// Context is what a call gives to look with.
type Context struct {
	Hotel string `json:"hotel"`
	Call  string `json:"call"`
	// Sink is whose policy counts, such as "transcript".
	Sink     string     `json:"sink"`
	Language string     `json:"language,omitempty"`
	Region   string     `json:"region,omitempty"`
	Known    pii.Known  `json:"known"`
	Expect   []pii.Type `json:"expect,omitempty"`
	Allow    []string   `json:"allow,omitempty"`
}

func (c Context) request() pii.Request {
	return pii.Request{Language: c.Language, Region: c.Region, Known: c.Known, Expect: c.Expect, Allow: c.Allow}
}

// TextRequest is a few texts of one turn.
type TextRequest struct {
	Context
	Texts []string `json:"texts"`
}

// TurnsRequest is a batch of a call's turns behind the turn After.
type TurnsRequest struct {
	Context
	After int `json:"after"`
	Most  int `json:"most"` // at most MaxTurns; zero is that
}

// A Turn is a masked turn.
type Turn struct {
	Seq     int           `json:"seq"`
	Speaker calls.Speaker `json:"speaker"`
	Text    string        `json:"text"`
}

// TurnsReply is a batch, and the turn behind which the next begins.
type TurnsReply struct {
	Turns      []Turn `json:"turns"`
	Next       int    `json:"next"`
	More       bool   `json:"more"`
	Suppressed int    `json:"suppressed,omitempty"`
}

// Text masks texts. One that cannot be looked through is suppressed.
func (a *Activities) Text(ctx context.Context, r TextRequest) ([]string, error) {
	if len(r.Texts) > MaxTexts {
		return nil, refused(fmt.Errorf("at most %d texts at once", MaxTexts))
	}
	redactor, err := a.redactor(ctx, r.Context)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(r.Texts))
	for i, text := range r.Texts {
		if out[i], _, err = a.mask(ctx, redactor, r.Context, text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Turns masks a batch of turns. The same batch gives the same texts as long as
// the turns are the same, so it may be tried again.
func (a *Activities) Turns(ctx context.Context, r TurnsRequest) (TurnsReply, error) {
	stop := heartbeat.Start(ctx)
	defer stop()
	most := r.Most
	if most <= 0 || most > MaxTurns {
		most = MaxTurns
	}
	redactor, err := a.redactor(ctx, r.Context)
	if err != nil {
		return TurnsReply{}, err
	}
	turns, err := a.turns.Turns(ctx, r.Hotel, r.Call, r.After, most)
	if err != nil {
		return TurnsReply{}, fmt.Errorf("redaction: read the turns: %w", err)
	}
	reply := TurnsReply{Next: r.After, More: len(turns) == most}
	size := 0
	for _, t := range turns {
		if err := ctx.Err(); err != nil {
			return TurnsReply{}, err
		}
		text, suppressed, err := a.mask(ctx, redactor, r.Context, t.Text)
		if err != nil {
			return TurnsReply{}, err
		}
		if size += len(text); size > maxReply && len(reply.Turns) > 0 {
			reply.More = true
			break
		}
		if suppressed {
			reply.Suppressed++
		}
		reply.Turns = append(reply.Turns, Turn{t.Seq, t.Speaker, text})
		reply.Next = t.Seq
	}
	return reply, nil
}

// mask masks one text. A key that cannot be had is tried again; everything else
// suppresses the text.
func (a *Activities) mask(ctx context.Context, r *masking.Redactor, c Context, text string) (string, bool, error) {
	request := c.request()
	request.Text = text
	safe, err := r.Redact(ctx, request)
	switch {
	case err == nil:
		return safe, false, nil
	case errors.Is(err, pii.ErrUnknownType), errors.Is(err, pii.ErrUnknownLanguage), errors.Is(err, pii.ErrUnknownRegion):
		return "", false, refused(err)
	case errors.Is(err, pii.ErrTooLong), errors.Is(err, pii.ErrInvalidText):
		masking.Failures.Add(1)
		return masking.Suppressed, true, nil
	}
	return "", false, fmt.Errorf("redaction: mask a text: %w", err)
}

func (a *Activities) redactor(ctx context.Context, c Context) (*masking.Redactor, error) {
	policy, err := masking.PolicyOf(c.Sink)
	if err != nil {
		return nil, refused(err)
	}
	r, err := masking.New(a.detector, policy, nil)
	if !errors.Is(err, masking.ErrKeys) {
		return r, err
	}
	if a.keys == nil {
		return nil, refused(err)
	}
	k, err := a.keys(ctx, c.Hotel, c.Call)
	if err != nil {
		return nil, fmt.Errorf("redaction: the guest's keys: %w", err)
	}
	return masking.New(a.detector, policy, k)
}

// refused is an error that trying again does not cure. None of those that come
// here quotes a text.
func refused(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), "refused", nil)
}

// WithLive is for the turn that a caller waits in. Who gets no answer in that
// time goes on without the text.
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

// WithBatch is for transcripts, which nobody waits for.
func WithBatch(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              TaskQueue,
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: time.Hour,
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
	r.RegisterActivityWithOptions(a.Text, activity.RegisterOptions{Name: TextActivity})
	r.RegisterActivityWithOptions(a.Turns, activity.RegisterOptions{Name: TurnsActivity})
}
