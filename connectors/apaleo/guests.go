package apaleo

import (
	"context"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Apaleo has no guests of their own: they live within bookings and stays. So
// there is nothing to search, write or erase apart from those.

func unsupported(operation string) error {
	return failure(operation, pms.ErrUnsupported, "", "Apaleo keeps guests within bookings only")
}

// SearchGuests implements pms.Connector.
func (c *Connector) SearchGuests(context.Context, pms.GuestQuery) ([]pms.Guest, error) {
	return nil, unsupported("search_guests")
}

// Guest implements pms.Connector.
func (c *Connector) Guest(context.Context, pms.GuestID) (pms.Guest, error) {
	return pms.Guest{}, unsupported("guest")
}

// UpsertGuest implements pms.Connector.
func (c *Connector) UpsertGuest(context.Context, pms.Guest) (pms.GuestID, error) {
	return "", unsupported("upsert_guest")
}

// EraseGuest implements pms.Connector.
func (c *Connector) EraseGuest(context.Context, pms.GuestID) error {
	return unsupported("erase_guest")
}
