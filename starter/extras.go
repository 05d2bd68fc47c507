package starter

import (
	"context"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// StayExtras are what can be added to one stay.
type StayExtras struct {
	Stay   pms.StayID  `json:"stay"`
	Extras []pms.Extra `json:"extras" nullable:"false"`
}

// Extras asks the hotel what can be added to the stays of a reservation that
// stand, with its price.
func (c *Client) Extras(ctx context.Context, hotel, id string) ([]StayExtras, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return nil, err
	}
	entry, err := c.changeable(ctx, hotel, id)
	if err != nil {
		return nil, err
	}
	if !s.conn.Capabilities().Can(pms.OpExtras) {
		return nil, Unsupported.With("The hotel's system does not tell what it sells beside the room. Ask the hotel's staff.")
	}
	if err := c.closed(ctx, hotel); err != nil {
		return nil, err
	}
	gone := func(stay pms.Stay) bool { return stay.Status == pms.StatusCancelled || stay.ID == "" }
	var all []StayExtras
	for _, stay := range slices.DeleteFunc(slices.Clone(entry.Stays), gone) {
		offered, err := s.conn.Extras(ctx, stay.ID)
		if err != nil {
			return nil, problemOf(err)
		}
		all = append(all, StayExtras{Stay: stay.ID, Extras: offered})
	}
	return all, nil
}
