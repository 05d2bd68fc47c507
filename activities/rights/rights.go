package rights

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/registry"
)

// People finds whose bookings and calls are whose. *subjects.Desk is one.
type People interface {
	Of(ctx context.Context, tenant, scope string) (subjects.Ref, error)
	ScopesOf(ctx context.Context, tenant string, subject subjects.Ref) ([]string, error)
	Forgotten(ctx context.Context, tenant string, scopes []string) ([]string, error)
}

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Bookings is what the ledger knows; *ledger.Ledger is one.
type Bookings interface {
	Guest(ctx context.Context, hotel, booking string) (sealed []byte, err error)
	Entry(ctx context.Context, hotel, id string) (ledger.Entry, error)
	AddTask(ctx context.Context, hotel string, t ledger.Task) error
}

// Opener opens what lies sealed; *keys.Ring is one.
type Opener interface {
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// Erasures plans erasures and reads their signed certificates; *erasure.Office is
// one.
type Erasures interface {
	Plan(ctx context.Context, hotel, request string) (erasure.Plan, error)
	Envelope(ctx context.Context, hotel, request, id string) (text []byte, err error)
}

// Parts are what the activities need; all but Registerer.
type Parts struct {
	Cases    *rights.Store
	People   People
	Hotels   Hotels
	Bookings Bookings
	Keys     Opener
	Outbox   *notification.Outbox
	Codes    *code.Codes
	// Erasures are what people approve, and what an erasure's letter tells of.
	Erasures Erasures
	// Registerer shows how far the clocks of open cases have run.
	Registerer prometheus.Registerer
}

// Activities are the activities of this package. Register a value made by New.
type Activities struct {
	Parts
	marks  *prometheus.CounterVec
	closed *prometheus.CounterVec
}

// New returns the activities on the given parts.
func New(p Parts) (*Activities, error) {
	a := &Activities{
		Parts: p,
		marks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_dsar_marks_total",
			Help: "Data-subject requests of which so many percent of the time had passed; 95 is to page somebody.",
		}, []string{"percent"}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_dsar_closed_total",
			Help: "Data-subject requests that ended, by kind, outcome and whether it was in time.",
		}, []string{"kind", "outcome", "in_time"}),
	}
	// A series that is born with its first count has no increase to alert on.
	for _, percent := range rights.Percents() {
		a.marks.WithLabelValues(fmt.Sprint(percent))
	}
	if p.Registerer != nil {
		if err := errors.Join(p.Registerer.Register(a.marks), p.Registerer.Register(a.closed)); err != nil {
			return nil, fmt.Errorf("rights: register metrics: %w", err)
		}
	}
	return a, nil
}

// idOf is an id that follows from what it names, so that doing it again finds
// it: the case's moment, and a digest of the rest.
func idOf(ref Ref, parts ...any) string {
	var id ulid.ULID
	if parsed, err := ulid.ParseStrict(ref.Case); err == nil {
		copy(id[:6], parsed[:6])
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%v", ref.Hotel, ref.Case, parts))
	copy(id[6:], digest[:])
	return id.String()
}

// Begin reads a case for its workflow, and notes that one carries it out.
func (a *Activities) Begin(ctx context.Context, ref Ref) (Begun, error) {
	b, err := a.begin(ctx, ref)
	return b, temporalError(err)
}

func (a *Activities) begin(ctx context.Context, ref Ref) (Begun, error) {
	if err := a.Cases.Start(ctx, ref.Hotel, ref.Case); err != nil {
		return Begun{}, err
	}
	c, err := a.Cases.Read(ctx, ref.Hotel, ref.Case)
	if err != nil {
		return Begun{}, err
	}
	if !c.Tier().NeedsProof() && c.Proof == rights.Unproven && !c.State.Final() {
		if err := a.Cases.NeedsNone(ctx, ref.Hotel, ref.Case); err != nil {
			return Begun{}, err
		}
		c.Proof = rights.NotNeeded
	}
	wish, err := a.Cases.Wish(ctx, ref.Hotel, ref.Case)
	if err != nil {
		return Begun{}, err
	}
	if err := a.settleReply(ctx, c); err != nil {
		return Begun{}, err
	}
	b := Begun{
		Kind: c.Kind, State: c.State, Match: c.Match, Proof: c.Proof, Clock: c.Clock, Extended: !c.ExtendedAt.IsZero(),
		Portable: c.Kind == rights.Portability, Lift: wish.Lift, Left: len(c.Tasks),
	}
	s := standingOf(c)
	b.Vouchers, b.Approvers = s.Vouchers, s.Approvers
	for _, t := range c.Tasks {
		if t.DoneAt.IsZero() {
			b.Open = append(b.Open, OpenTask{t.ID, t.Kind})
		}
	}
	return b, nil
}

// Move takes a case to another state on its way.
func (a *Activities) Move(ctx context.Context, m Move) error {
	return temporalError(a.Cases.Move(ctx, m.Hotel, m.Case, m.State))
}

// Defer has a case wait for the end of a stay.
func (a *Activities) Defer(ctx context.Context, d Deferral) error {
	return temporalError(a.Cases.Defer(ctx, d.Hotel, d.Case, d.Until))
}

// Close ends a case, and forgets whom it was about.
func (a *Activities) Close(ctx context.Context, c Closing) error {
	return temporalError(a.close(ctx, c))
}

func (a *Activities) close(ctx context.Context, c Closing) error {
	before, err := a.Cases.Read(ctx, c.Hotel, c.Case)
	if err != nil {
		return err
	}
	if err := a.Cases.Close(ctx, c.Hotel, c.Case, c.State, c.Outcome, c.Certificate, c.Act); err != nil {
		return err
	}
	if !before.State.Final() {
		inTime := fmt.Sprint(time.Now().Before(before.Due()))
		a.closed.WithLabelValues(string(before.Kind), string(c.Outcome), inTime).Inc()
	}
	return nil
}

// Vouch counts one person's word for who the requester is.
func (a *Activities) Vouch(ctx context.Context, act ActRef) (Counted, error) {
	n, err := a.Cases.Vouch(ctx, act.Hotel, act.Case, act.Act)
	if err == nil && n >= rights.Checks {
		err = a.settle(ctx, act.Ref)
	}
	return Counted{People: n}, temporalError(err)
}

// Extend gives a case two more months, once the requester was told.
func (a *Activities) Extend(ctx context.Context, e Extension) error {
	note, err := a.Cases.Note(ctx, e.Hotel, e.Case, e.Act)
	if err == nil {
		err = a.Cases.Extend(ctx, e.Hotel, e.Case, e.Act, e.Told, note.Reasons)
	}
	return temporalError(err)
}

// AskTask adds the task that a person asks for.
func (a *Activities) AskTask(ctx context.Context, act ActRef) (Added, error) {
	return Added{act.Act}, temporalError(a.Cases.AskTask(ctx, act.Hotel, act.Case, act.Act))
}

// AddTask leaves a task of the machine's own.
func (a *Activities) AddTask(ctx context.Context, t NewTask) (Added, error) {
	id := idOf(t.Ref, "task", t.Kind, t.Number)
	return Added{id}, temporalError(a.Cases.AddTask(ctx, t.Hotel, t.Case, id, t.Kind, t.Due))
}

// Mark notes that a share of the time has passed: somebody is reminded, and at
// the last one called.
func (a *Activities) Mark(ctx context.Context, m Mark) (Added, error) {
	kind, id := rights.Reminder, idOf(m.Ref, "mark", m.Percent, m.Due.Unix())
	page := rights.Mark{Percent: m.Percent}.Page()
	if page {
		kind = rights.DeadlineNear
	}
	if err := a.Cases.AddTask(ctx, m.Hotel, m.Case, id, kind, m.Due); err != nil {
		return Added{}, temporalError(err)
	}
	if page {
		if err := a.Bookings.AddTask(ctx, m.Hotel, ledger.Task{
			Booking: m.Case, Kind: "dsar_deadline_near",
			Detail: "A data-subject request is nearly due. Look at it with `voicehive dsar show --hotel " + m.Hotel + " " + m.Case + "`.",
		}); err != nil {
			return Added{}, temporalError(err)
		}
	}
	a.marks.WithLabelValues(fmt.Sprint(m.Percent)).Inc()
	return Added{id}, nil
}
