package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
)

// closedPatience is how long a write waits for its outcome while the hotel is
// in maintenance: long enough to be sure that its workflow has it, and no
// longer, for nobody will answer it soon.
const closedPatience = time.Second

// Status tells where the hotel's connection stands.
func (c *Client) Status(ctx context.Context, hotel string) (connectors.Status, error) {
	if _, err := c.hotel(ctx, hotel); err != nil {
		return connectors.Status{}, err
	}
	if c.Statuses == nil {
		return connectors.Status{State: connectors.Available}, nil
	}
	status, err := c.Statuses.Status(ctx, hotel)
	if err != nil {
		return connectors.Status{}, Unavailable.With("The status of the hotel's connection cannot be read now.").because(err)
	}
	return status, nil
}

// hotel finds a hotel's entry.
func (c *Client) hotel(ctx context.Context, id string) (registry.Hotel, error) {
	h, err := c.Hotels.Hotel(ctx, id)
	if errors.Is(err, registry.ErrUnknownHotel) {
		return registry.Hotel{}, UnknownHotel.With("Check the hotel's id, or add the hotel with `voicehive hotel add`.")
	}
	if err != nil {
		return registry.Hotel{}, Unavailable.With("the hotel registry does not answer").because(err)
	}
	return h, nil
}

// closed returns a problem while the hotel is in maintenance. A status that
// cannot be read closes nothing: the hotel's own answer is better than our
// doubt.
func (c *Client) closed(ctx context.Context, hotel string) error {
	if c.Statuses == nil {
		return nil
	}
	status, err := c.Statuses.Status(ctx, hotel)
	if err != nil || status.State != connectors.Maintenance {
		return nil
	}
	if status.Until.IsZero() {
		return HotelMaintenance.With("An operator closed the connection to the hotel's system; nobody said until when.")
	}
	p := HotelMaintenance.With(fmt.Sprintf("An operator closed the connection to the hotel's system until %s.", status.Until.UTC().Format(time.RFC3339)))
	p.RetryAfter = max(time.Second, status.Until.Sub(c.now()))
	return p
}

// patience bounds how long a write waits for its outcome.
func (c *Client) patience(ctx context.Context, hotel string) (context.Context, context.CancelFunc) {
	if c.closed(ctx, hotel) == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, closedPatience)
}
