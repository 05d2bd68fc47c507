// Package transcript masks what was said in calls where it lies, and shows it
// again to who may see it.
//
// A turn is written down sealed and as it was said; this package looks it
// through with the detector of personal data and puts the masked text in its
// place. Values that may come back are tokens, which are worth nothing without
// the call's secret; card data never comes back. Whoever has a transcript
// restored is noted in the audit log first.
//
// In the house it is part of the compliance floor, above packages calls and
// pii. The redaction activities mask with it.
package transcript

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/internal/postgres"
)

// MaxTurns bounds a batch of turns.
const MaxTurns = 200

// continued stands for a turn that only went on with a value of the one before.
const continued = "…"

// EventRestored: somebody was shown what a call's turns said before they were
// masked.
const EventRestored audit.Kind = "transcript.restored"

// Calls keeps turns; *calls.Store is one.
type Calls interface {
	Call(ctx context.Context, tenant, id string) (calls.Call, error)
	Turns(ctx context.Context, tenant, call string, after, most int) ([]calls.Turn, error)
	Mask(ctx context.Context, tenant string, t calls.Turn, masked string) error
	Secret(ctx context.Context, tenant, call string, fresh func() ([]byte, error)) ([]byte, error)
}

// Parts are what transcripts need; all of them.
type Parts struct {
	Calls    Calls
	Keys     calls.Keys
	Detector redaction.Detector
	Pool     *postgres.Pool
	Auditor  calls.Auditor
}

// Transcripts masks and restores. It is safe for concurrent use.
type Transcripts struct{ Parts }

// New returns transcripts on the given parts.
func New(p Parts) *Transcripts { return &Transcripts{p} }

// A Batch is what is masked at once.
type Batch struct {
	Call string
	// After is the last turn that need not be looked at, and Most how many
	// turns are; at most MaxTurns, which zero means too.
	After, Most int
	// Final tells that nobody says more: nothing is held back.
	Final bool
	// Known are the values that the call knows, and Allow what must stay, such
	// as the hotel's own telephone.
	Known pii.Known
	Allow []string
	// Region is the hotel's country, such as "DE".
	Region string
}

// Progress tells how far a call is masked.
type Progress struct {
	// Masked counts the turns of this batch that were looked through, Redacted
	// those of which something was taken, and Suppressed those that could not be
	// looked through: of them nothing is left.
	Masked     int `json:"masked"`
	Redacted   int `json:"redacted"`
	Suppressed int `json:"suppressed,omitempty"`
	// Next is the last turn up to which all are masked, and More tells that the
	// batch was full: go on behind Next.
	Next int  `json:"next"`
	More bool `json:"more"`
}

// Mask looks through the next turns of a call. The last words of who speaks
// may go on in a turn that is still to come: they are held back unless the
// batch is final. The same batch again changes nothing.
func (t *Transcripts) Mask(ctx context.Context, tenant string, b Batch) (Progress, error) {
	if b.Most <= 0 || b.Most > MaxTurns {
		b.Most = MaxTurns
	}
	call, err := t.Calls.Call(ctx, tenant, b.Call)
	if err != nil {
		return Progress{}, err
	}
	turns, err := t.Calls.Turns(ctx, tenant, b.Call, b.After, b.Most)
	if err != nil {
		return Progress{}, err
	}
	redactor, err := t.redactor(ctx, tenant, b.Call)
	if err != nil {
		return Progress{}, err
	}
	m := masking{
		transcripts: t, tenant: tenant, turns: map[string]calls.Turn{},
		stream:   redaction.NewStream(redactor, pii.Request{Language: call.Language, Region: b.Region, Known: b.Known, Allow: b.Allow}),
		progress: Progress{Next: b.After, More: len(turns) == b.Most},
	}
	if err := m.recall(ctx, b); err != nil {
		return m.progress, err
	}
	for _, turn := range turns {
		if err := m.push(ctx, turn); err != nil {
			return m.progress, err
		}
	}
	full := len(turns) == b.Most
	if full && m.next(b.After, turns) == b.After && b.Most < MaxTurns {
		b.Most = min(2*b.Most, MaxTurns) // all of it is held back: read on
		return t.Mask(ctx, tenant, b)
	}
	if b.Final && !full || full && m.next(b.After, turns) == b.After {
		rest, _, err := m.stream.Finish(ctx)
		if err := m.keep(ctx, rest, err); err != nil {
			return m.progress, err
		}
	}
	m.progress.Next = m.next(b.After, turns)
	return m.progress, nil
}

// redactor has the policy of stored transcripts and the keys of a call.
func (t *Transcripts) redactor(ctx context.Context, tenant, call string) (*redaction.Redactor, error) {
	policy, err := redaction.PolicyOf("transcript")
	if err != nil {
		return nil, err
	}
	sealer := sealer{t.Keys, keys.Scope{Tenant: tenant, ID: call}}
	secret, err := t.Calls.Secret(ctx, tenant, call, func() ([]byte, error) { return redaction.NewSecret(ctx, sealer) })
	if err != nil {
		return nil, err
	}
	guest, err := redaction.GuestKeys(ctx, sealer, secret)
	if err != nil {
		return nil, err
	}
	return redaction.New(t.Detector, policy, guest)
}

// A sealer seals under a call's key.
type sealer struct {
	keys  calls.Keys
	scope keys.Scope
}

func (s sealer) Seal(ctx context.Context, place string, plaintext []byte) ([]byte, error) {
	return s.keys.Seal(ctx, s.scope, keys.Operations, place, plaintext)
}

func (s sealer) Open(ctx context.Context, place string, sealed []byte) ([]byte, error) {
	return s.keys.Open(ctx, s.scope, keys.Operations, place, sealed)
}

// masking is one batch on its way.
type masking struct {
	transcripts *Transcripts
	tenant      string
	stream      *redaction.Stream
	turns       map[string]calls.Turn // those that are held back, by number
	progress    Progress
}

// mostRecalled bounds how many turns before a batch are read for the names that
// were told in them.
const mostRecalled = 5 * MaxTurns

// recall learns the names that were told before the batch. They lie in the
// masked turns as tokens, sealed with the call, and so pass through no workflow.
func (m *masking) recall(ctx context.Context, b Batch) error {
	for after := 0; after < min(b.After, mostRecalled); {
		turns, err := m.transcripts.Calls.Turns(ctx, m.tenant, b.Call, after, min(b.After-after, MaxTurns))
		if err != nil {
			return err
		}
		if len(turns) == 0 {
			return nil
		}
		for _, t := range turns {
			if after = t.Seq; after > b.After {
				return nil
			}
			if err := m.learn(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *masking) learn(ctx context.Context, t calls.Turn) error {
	if !t.Masked || !t.Redacted {
		return nil
	}
	if err := m.stream.Learn(ctx, t.Text); err != nil {
		return fmt.Errorf("transcript: learn from a masked turn: %w", err)
	}
	return nil
}

// push takes the next turn. What was masked before is only listened to: it may
// tell a name, and a question of the agent tells what its answer is.
func (m *masking) push(ctx context.Context, t calls.Turn) error {
	if err := m.learn(ctx, t); err != nil {
		return err
	}
	if !t.Masked {
		id := strconv.Itoa(t.Seq)
		m.turns[id] = t
		out, err := m.stream.Push(ctx, redaction.Segment{ID: id, Speaker: string(t.Speaker), Text: t.Text})
		if err := m.keep(ctx, out, err); err != nil {
			return err
		}
	}
	if t.Speaker == calls.Caller {
		return nil
	}
	// Who asked has finished, and the caller's answer begins.
	out, err := m.stream.EndTurn(ctx, string(t.Speaker))
	if err := m.keep(ctx, out, err); err != nil {
		return err
	}
	expect := pii.Asked(t.Text)
	if expect == nil {
		return nil
	}
	out, err = m.stream.Asked(ctx, string(calls.Caller), expect)
	return m.keep(ctx, out, err)
}

// keep writes down what the stream gave. Its error tells that some of that is
// suppressed: a text that cannot be looked through, which nothing mends, or a
// key that is not to be had now. Then nothing is written, and the batch is
// tried again.
func (m *masking) keep(ctx context.Context, out []redaction.Segment, failed error) error {
	if failed != nil && !errors.Is(failed, pii.ErrTooLong) && !errors.Is(failed, pii.ErrInvalidText) && !errors.Is(failed, redaction.ErrBroken) {
		return fmt.Errorf("transcript: mask a call: %w", failed)
	}
	for _, segment := range out {
		turn, masked := m.turns[segment.ID], segment.Text
		if masked == "" { // all of it was the end of what another turn began
			masked = continued
		}
		if err := m.transcripts.Calls.Mask(ctx, m.tenant, turn, masked); err != nil {
			return err
		}
		delete(m.turns, segment.ID)
		m.progress.Masked++
		if masked != turn.Text {
			m.progress.Redacted++
		}
		if masked == redaction.Suppressed {
			m.progress.Suppressed++
		}
	}
	return nil
}

// next is the last turn before the first that is held back.
func (m *masking) next(after int, turns []calls.Turn) int {
	for _, t := range turns {
		if _, held := m.turns[strconv.Itoa(t.Seq)]; held {
			return after
		}
		after = t.Seq
	}
	return after
}

// A Cause says who wants a transcript restored and why.
type Cause struct {
	// Actor is the role that asks, as the audit log knows it; By is the person
	// and Reason such as the number of a request, both sealed there.
	Actor, By, Reason string
}

func (c Cause) check() error {
	if c.Actor == "" || c.By == "" || c.Reason == "" || len(c.By) > 200 || len(c.Reason) > 500 {
		return redaction.ErrNoReason
	}
	return nil
}

// Restore shows what the turns of a call said, as far as it may come back. Who
// asks, and why, stands in the audit log before anything is opened. A turn that
// was not masked yet is not shown: nobody has taken the card out of it.
func (t *Transcripts) Restore(ctx context.Context, tenant, call string, after, most int, why Cause) ([]calls.Turn, error) {
	if err := why.check(); err != nil {
		return nil, err
	}
	turns, err := t.Calls.Turns(ctx, tenant, call, after, min(max(most, 1), MaxTurns))
	if err != nil {
		return nil, err
	}
	redactor, err := t.redactor(ctx, tenant, call)
	if err != nil {
		return nil, err
	}
	if err := t.note(ctx, tenant, call, why, len(turns)); err != nil {
		return nil, err
	}
	for i := range turns {
		if !turns[i].Masked {
			turns[i].Text = redaction.Suppressed
			continue
		}
		if turns[i].Text, err = redactor.Restore(ctx, turns[i].Text, noted{}, why.Actor, why.Reason); err != nil {
			return nil, fmt.Errorf("transcript: restore turn %d of call %s: %w", turns[i].Seq, call, err)
		}
	}
	return turns, nil
}

// note writes into the audit log that somebody is about to see turns of a call.
func (t *Transcripts) note(ctx context.Context, tenant, call string, why Cause, turns int) error {
	entry, err := t.Auditor.Prepare(ctx, audit.Event{
		Tenant: tenant, Kind: EventRestored, Actor: why.Actor, Scope: call,
		Detail: map[string]any{"call": call, "by": why.By, "reason": why.Reason, "turns": turns},
	})
	if err != nil {
		return fmt.Errorf("transcript: prepare the audit entry: %w", err)
	}
	return t.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error { return entry.Insert(ctx, tx) })
}

// noted is the redactor's auditor where one entry stands for all turns already.
type noted struct{}

// Restoring implements redaction.Auditor.
func (noted) Restoring(context.Context, string, string, int) error { return nil }
