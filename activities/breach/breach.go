// Package breach does what the clock of a personal-data breach asks for: it
// reads from the register what is still to be done, tells the hotels, and has
// somebody reminded. It names breaches and hotels, and never a guest.
//
// It stands on the activities floor, above the register of the compliance floor.
package breach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// Names of the activities. They live in histories: never change one.
const (
	DutiesActivity = "breach.duties"
	TellActivity   = "breach.tell_controllers"
	RemindActivity = "breach.remind"
)

// TypeUnknownBreach: the register has no such breach, so there is no clock.
const TypeUnknownBreach = "unknown_breach"

// EventReminded is the kind of the event of a reminder.
const EventReminded audit.Kind = "breach.reminded"

// actor is who the audit log says it was.
const actor = "worker"

// TaskKind is the kind of the tasks that remind a person.
const TaskKind = "breach_clock"

// A Ref names a breach.
type Ref struct {
	Breach string `json:"breach"`
}

// Told is how many hotels were told now, and how many could not be.
type Told struct {
	Hotels int `json:"hotels"`
	Left   int `json:"left"`
}

// A Reminder is about a clock of which a share has passed; none of it: the hotels
// could not be told by a machine.
type Reminder struct {
	Breach  string       `json:"breach"`
	Clock   breach.Clock `json:"clock"`
	Percent int          `json:"percent"`
	Due     time.Time    `json:"due"`
}

// Register is what the activities need of the register; *breach.Register is one.
type Register interface {
	Duties(ctx context.Context, id string) (breach.Duties, error)
	Untold(ctx context.Context, id string) (breach.Breach, []string, error)
	Note(ctx context.Context, id string, e breach.Entry) (breach.Breach, error)
}

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Tasks leaves work to a person; *ledger.Ledger is one.
type Tasks interface {
	AddTask(ctx context.Context, hotel string, t ledger.Task) error
}

// Journal writes events into the audit log.
type Journal func(ctx context.Context, e audit.Event) error

// Parts are what the activities need; all but the last are required.
type Parts struct {
	Register Register
	Hotels   Hotels
	Sender   notify.Sender
	Tasks    Tasks
	Journal  Journal
	Logger   *slog.Logger
	// Registerer shows what was reminded of; nil shows nothing.
	Registerer prometheus.Registerer
}

// Activities are the activities. Register a value made by New.
type Activities struct {
	Parts
	reminders *prometheus.CounterVec
}

// New returns the activities on the given parts.
func New(p Parts) (*Activities, error) {
	a := &Activities{Parts: p, reminders: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "voicehive_breach_reminders_total",
		Help: "Reminders of what is to be done of a personal-data breach, by clock and by how much of its time has passed, in percent. An alert on 90 and 100 pages somebody.",
	}, []string{"clock", "percent"})}
	// A series that is born with its first count has no increase to alert on.
	for _, clock := range []breach.Clock{breach.TellControllers, breach.TellAuthority} {
		for _, percent := range []string{"90", "100"} {
			a.reminders.WithLabelValues(string(clock), percent)
		}
	}
	if p.Registerer != nil {
		if err := p.Registerer.Register(a.reminders); err != nil {
			return nil, fmt.Errorf("breach: register metrics: %w", err)
		}
	}
	return a, nil
}

// Bind registers the activities.
func Bind(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Duties, activity.RegisterOptions{Name: DutiesActivity})
	r.RegisterActivityWithOptions(a.Tell, activity.RegisterOptions{Name: TellActivity})
	r.RegisterActivityWithOptions(a.Remind, activity.RegisterOptions{Name: RemindActivity})
}

// Duties reads what is still to be done.
func (a *Activities) Duties(ctx context.Context, ref Ref) (breach.Duties, error) {
	d, err := a.Register.Duties(ctx, ref.Breach)
	return d, answer(err)
}

// Tell tells each hotel that was not told yet, by e-mail to its contact for
// personal data, that there was a breach and what it may have to do by when; what
// is known of it an officer tells. A hotel may hear of it twice when a worker
// dies, and never not at all: who cannot be told so is left to a person.
func (a *Activities) Tell(ctx context.Context, ref Ref) (Told, error) {
	b, untold, err := a.Register.Untold(ctx, ref.Breach)
	if err != nil {
		return Told{}, answer(err)
	}
	stop := heartbeat.Start(ctx)
	defer stop()
	var told Told
	var again error
	for _, id := range untold {
		switch err := a.tell(ctx, b, id); {
		case err == nil:
			told.Hotels++
		case errors.Is(err, errNoWay), errors.Is(err, notify.ErrPermanent), errors.Is(err, registry.ErrUnknownHotel), errors.Is(err, breach.ErrClosed):
			told.Left++
		default:
			again = err
		}
		if ctx.Err() != nil {
			return told, ctx.Err()
		}
	}
	return told, answer(again)
}

// errNoWay: the hotel has no address for questions about personal data.
var errNoWay = errors.New("breach: the hotel's registry entry has no e-mail address")

func (a *Activities) tell(ctx context.Context, b breach.Breach, id string) error {
	hotel, err := a.Hotels.Hotel(ctx, id)
	if err != nil {
		return err
	}
	to := hotel.Contact.Privacy
	if to == "" {
		to = hotel.Contact.Email
	}
	if to == "" {
		return errNoWay
	}
	if _, err := a.Sender.Send(ctx, letter(b, hotel, to)); err != nil {
		return err
	}
	_, err = a.Register.Note(ctx, b.ID, breach.Entry{
		Act: breach.ControllerTold, Hotel: id, Actor: actor, Text: "First notice by e-mail to the hotel's contact. An officer follows with what is known.",
	})
	return err
}

// Remind leaves a reminder where operators look: a task of the house, a metric
// and the audit log. A task that is open already is left as it is.
func (a *Activities) Remind(ctx context.Context, r Reminder) error {
	detail := map[string]any{"breach": r.Breach, "clock": r.Clock, "percent": r.Percent, "due": r.Due}
	if err := a.Tasks.AddTask(ctx, registry.System, ledger.Task{Booking: r.Breach, Kind: TaskKind, Detail: r.text()}); err != nil {
		return answer(err)
	}
	if err := a.Journal(ctx, audit.Event{Tenant: audit.HouseTenant, Kind: EventReminded, Actor: actor, Detail: detail}); err != nil {
		return answer(err)
	}
	a.reminders.WithLabelValues(string(r.Clock), fmt.Sprint(r.Percent)).Inc()
	level := slog.LevelWarn
	if r.Percent >= 90 {
		level = slog.LevelError
	}
	a.Logger.Log(ctx, level, "A breach waits for what the law asks for.", "breach", r.Breach, "clock", string(r.Clock), "percent", r.Percent, "due", r.Due)
	return nil
}

func (r Reminder) text() string {
	next := fmt.Sprintf("See `voicehive breach show %s`, then write down with `voicehive breach note` what was done.", r.Breach)
	switch {
	case r.Clock == breach.Finish:
		return "A breach is still open. What was found out since follows to hotels and authority without undue delay. " + next
	case r.Percent == 0:
		return "Not every hotel could be told of a breach by e-mail: call them. " + next
	case r.Clock == breach.TellControllers:
		return fmt.Sprintf("%d %% of the time to tell the hotels of a breach have passed; it ends %s. %s", r.Percent, r.Due.UTC().Format(time.RFC3339), next)
	}
	return fmt.Sprintf("%d %% of the time to tell the authority of a breach have passed; it ends %s. %s", r.Percent, r.Due.UTC().Format(time.RFC3339), next)
}

// answer says in Temporal's words what went wrong.
func answer(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, breach.ErrNotFound):
		return temporal.NewNonRetryableApplicationError(err.Error(), TypeUnknownBreach, nil)
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), "internal", temporal.ApplicationErrorOptions{Cause: err})
}
