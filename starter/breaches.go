package starter

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/connectors/registry"
	breachflow "github.com/voicehive/voicehive/workflows/breach"
)

// ErrNoClock: what was to be written is in the register, and its clock could not
// be told. Workers look for such when they start.
var ErrNoClock = errors.New("starter: it is in the register, but Temporal could not be told, so nobody is reminded yet: repeat `voicehive breach resume` when Temporal is back")

// Breaches is the way to the register of breaches and to their clocks.
type Breaches struct {
	register *breach.Register
	hotels   Hotels
	temporal client.Client
}

// NewBreaches returns it on the given parts. Without a client the register is
// written all the same, and ErrNoClock tells of the rest.
func NewBreaches(r *breach.Register, h Hotels, c client.Client) *Breaches {
	return &Breaches{register: r, hotels: h, temporal: c}
}

// Open writes a breach down, and then starts its clock: the register comes first,
// for it is what the law asks for. ErrNoClock comes with the breach.
func (b *Breaches) Open(ctx context.Context, o breach.Opening) (breach.Breach, error) {
	for _, id := range o.Hotels {
		if err := b.known(ctx, id); err != nil {
			return breach.Breach{}, err
		}
	}
	opened, err := b.register.Open(ctx, o)
	if err != nil {
		return breach.Breach{}, err
	}
	return opened, b.tell(ctx, opened.ID)
}

func (b *Breaches) known(ctx context.Context, id string) error {
	_, err := b.hotels.Hotel(ctx, id)
	if errors.Is(err, registry.ErrUnknownHotel) {
		return fmt.Errorf("%w: the registry has no hotel %q", breach.ErrInvalid, id)
	}
	return err
}

// Note adds a note, and tells the clock.
func (b *Breaches) Note(ctx context.Context, id string, e breach.Entry) (breach.Breach, error) {
	if e.Hotel != "" {
		if err := b.known(ctx, e.Hotel); err != nil {
			return breach.Breach{}, err
		}
	}
	noted, err := b.register.Note(ctx, id, e)
	if err != nil {
		return breach.Breach{}, err
	}
	return noted, b.tell(ctx, id)
}

// Close closes a breach, and ends its clock.
func (b *Breaches) Close(ctx context.Context, id, actor string) (breach.Breach, error) {
	closed, err := b.register.Close(ctx, id, actor)
	if err != nil {
		return breach.Breach{}, err
	}
	return closed, b.tell(ctx, id)
}

// Resume starts the clocks of open breaches that have none, and tells how many
// breaches are open.
func (b *Breaches) Resume(ctx context.Context) (int, error) {
	open, err := b.register.List(ctx, false)
	if err != nil {
		return 0, err
	}
	for _, each := range open {
		err = errors.Join(err, b.tell(ctx, each.ID))
	}
	return len(open), err
}

// tell says to a breach's clock that the register has changed, and starts the
// clock where none runs.
func (b *Breaches) tell(ctx context.Context, id string) error {
	if b.temporal == nil {
		return ErrNoClock
	}
	_, err := b.temporal.SignalWithStartWorkflow(ctx, breachflow.WorkflowID(id), breachflow.SignalChanged, nil, client.StartWorkflowOptions{
		TaskQueue: breachflow.TaskQueue, StaticSummary: "Clock of breach " + id,
		Priority: temporal.Priority{PriorityKey: 2, FairnessKey: audit.HouseTenant},
	}, breachflow.Name, breachflow.Input{Breach: id})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoClock, err)
	}
	return nil
}
