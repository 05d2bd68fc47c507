package starter

import (
	"context"
	"errors"

	"github.com/voicehive/voicehive/compliance/restriction"
)

// Restrictions tells whose data may be stored only; *restriction.Store is one.
type Restrictions interface {
	Check(ctx context.Context, hotel, scope string) error
}

// frozen refuses to work with a booking whose guest's data is restricted. What
// nobody can tell counts as a yes.
func (c *Client) frozen(ctx context.Context, hotel, id string) error {
	if c.Restrictions == nil {
		return nil
	}
	err := c.Restrictions.Check(ctx, hotel, id)
	if errors.Is(err, restriction.ErrRestricted) {
		return GuestRestricted.With("A compliance officer of the hotel can look at it, and end the restriction.").because(err)
	}
	if err != nil {
		return Unavailable.With("The database does not answer; try again.").because(err)
	}
	return nil
}
