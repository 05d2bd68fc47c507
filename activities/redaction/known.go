package redaction

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/connectors/pms"
)

// known reads what the bookings tell of their guests. A booking that is gone,
// or whose guest was erased, tells nothing.
func (a *Activities) known(ctx context.Context, hotel string, bookings []string) (pii.Known, error) {
	var all pii.Known
	for _, id := range bookings {
		entry, err := a.Bookings.Entry(ctx, hotel, id)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return pii.Known{}, fmt.Errorf("redaction: read a booking: %w", err)
		}
		all.Bookings = appendSaid(all.Bookings, id, entry.Confirmation, entry.VendorBooking)
		for _, s := range entry.Stays {
			all.Bookings = appendSaid(all.Bookings, string(s.ID))
		}
		guest, err := a.guest(ctx, hotel, id)
		if err != nil {
			return pii.Known{}, err
		}
		all.Names = appendSaid(all.Names, strings.TrimSpace(guest.FirstName+" "+guest.LastName))
		all.Phones = appendSaid(all.Phones, guest.Phone)
		all.Emails = appendSaid(all.Emails, guest.Email)
	}
	return all, nil
}

// guest opens a booking's guest; empty where there is none any more.
func (a *Activities) guest(ctx context.Context, hotel, id string) (pms.Guest, error) {
	sealed, err := a.Bookings.Guest(ctx, hotel, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return pms.Guest{}, nil
	}
	if err != nil {
		return pms.Guest{}, fmt.Errorf("redaction: read a guest: %w", err)
	}
	guest, err := keys.OpenJSON[pms.Guest](ctx, a.Keys, keys.Scope{Tenant: hotel, ID: id}, keys.Operations, booking.PlaceGuest, sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		return pms.Guest{}, nil
	}
	if err != nil {
		return pms.Guest{}, fmt.Errorf("redaction: open a guest: %w", err)
	}
	return guest, nil
}

// appendSaid appends values that are there and long enough to be somebody's.
func appendSaid(to []string, values ...string) []string {
	for _, v := range values {
		if len(v) >= 3 {
			to = append(to, v)
		}
	}
	return to
}
