package starter

import (
	"context"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Reservation reads a booking from the ledger.
func (c *Client) Reservation(ctx context.Context, hotel, id string) (Reservation, error) {
	if _, err := c.site(ctx, hotel); err != nil {
		return Reservation{}, err
	}
	entry, err := c.entry(ctx, hotel, id)
	return reservationOf(entry), err
}

// Confirm turns a hold into a reservation.
func (c *Client) Confirm(ctx context.Context, hotel, id, key string) (Reservation, error) {
	return c.change(ctx, hotel, ledger.Confirm, id, key, "")
}

// Modify changes a reservation to what a quote of a change offers.
func (c *Client) Modify(ctx context.Context, hotel, id, key, quote string) (Reservation, error) {
	return c.change(ctx, hotel, ledger.Modify, id, key, quote)
}

// Cancel cancels a reservation, or releases a hold.
func (c *Client) Cancel(ctx context.Context, hotel, id, key string) (Reservation, error) {
	return c.change(ctx, hotel, ledger.Cancel, id, key, "")
}

// change is the path that all changes of a booking share.
func (c *Client) change(ctx context.Context, hotel string, kind ledger.Kind, id, key, quote string) (Reservation, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return Reservation{}, err
	}
	if err := checkID(id, UnknownReservation); err != nil {
		return Reservation{}, err
	}
	if err := c.frozen(ctx, s.ID, id); err != nil {
		return Reservation{}, err
	}
	asked, err := c.asked(ctx, s, kind, id, key, quote)
	if err != nil {
		return Reservation{}, err
	}
	w, err := c.allowed(ctx, s, kind, id, quote)
	if err != nil {
		return c.orKnown(ctx, s, asked, err)
	}
	asked.Intent.Quote = quote
	if kind == ledger.Modify && byRebooking(s) {
		if err := c.freezeReplacement(ctx, s, &asked.Intent); err != nil {
			return c.orKnown(ctx, s, asked, problemOf(err))
		}
	}
	intent, _, err := c.Ledger.Reserve(ctx, s.ID, asked)
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	return c.carryOut(ctx, s, intent, w)
}

// allowed checks that the booking, and the quote if there is one, allow the
// change.
func (c *Client) allowed(ctx context.Context, s site, kind ledger.Kind, id, quoteID string) (work, error) {
	entry, err := c.changeable(ctx, s.ID, id)
	if err != nil {
		return work{}, err
	}
	w := work{arrival: entry.Arrival}
	switch kind {
	case ledger.Confirm:
		if entry.State != ledger.Held {
			return work{}, NotChangeable.With("Only a hold can be confirmed; this booking is " + string(entry.State) + ".")
		}
	case ledger.Modify:
		quote, err := c.quote(ctx, s, quoteID)
		if err != nil {
			return work{}, err
		}
		if quote.Booking != id {
			return work{}, QuoteMismatch.In("/quote_id", "Quote a change of this very reservation.")
		}
		w.offer, w.stays = quote.Offers[0], len(quote.Offers)
	}
	return w, nil
}

// changeable reads a booking that a caller may change.
func (c *Client) changeable(ctx context.Context, hotel, id string) (ledger.Entry, error) {
	entry, err := c.entry(ctx, hotel, id)
	if err != nil {
		return ledger.Entry{}, err
	}
	if !entry.State.Changeable() {
		return ledger.Entry{}, stateProblem(entry.State)
	}
	return entry, nil
}

func (c *Client) entry(ctx context.Context, hotel, id string) (ledger.Entry, error) {
	if err := checkID(id, UnknownReservation); err != nil {
		return ledger.Entry{}, err
	}
	entry, err := c.Ledger.Entry(ctx, hotel, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Entry{}, UnknownReservation.With("Take the id from the booking's answer, or adopt the reservation by its confirmation number.")
	}
	return entry, problemOf(err)
}

// Adopt takes a reservation that was made elsewhere into the ledger, so that
// it can be changed and cancelled like our own. Adopting twice answers with
// the same id.
func (c *Client) Adopt(ctx context.Context, hotel string, r AdoptRequest) (Reservation, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return Reservation{}, err
	}
	if r.Confirmation == "" || !plain(r.Confirmation, maxIdentifier) {
		return Reservation{}, InvalidRequest.In("/confirmation", fmt.Sprintf("The number that the guest has, at most %d characters.", maxIdentifier))
	}
	if err := c.closed(ctx, hotel); err != nil {
		return Reservation{}, err
	}
	found, err := s.conn.ByConfirmation(ctx, r.Confirmation)
	if errors.Is(err, pms.ErrNotFound) || err == nil && !knowsGuest(found, r.LastName) {
		// One answer for both: a caller cannot find out which numbers exist.
		return Reservation{}, UnknownReservation.With("Check the confirmation number and the last name.")
	}
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	id, err := c.adopt(ctx, s, found)
	if err != nil {
		return Reservation{}, problemOf(err)
	}
	entry, err := c.entry(ctx, hotel, id)
	return reservationOf(entry), err
}

func (c *Client) adopt(ctx context.Context, s site, found pms.Reservation) (string, error) {
	known, err := c.Ledger.ByVendor(ctx, s.ID, found.ID)
	if !errors.Is(err, ledger.ErrNotFound) {
		return known, err
	}
	// Our own booking whose answer never came has our reference.
	if own := string(found.Reference); ulidPattern.MatchString(own) {
		if _, err := c.Ledger.Entry(ctx, s.ID, own); err == nil {
			return own, nil
		}
	}
	scope, err := c.Keys.Create(ctx, s.ID)
	if err != nil {
		return "", keysAway("No key can be made for the booking now.", err)
	}
	var guest pms.Guest
	if found.Booker != nil {
		guest = *found.Booker
	}
	sealed, err := c.seal(ctx, scope, booking.PlaceGuest, guest)
	if err != nil {
		return "", err
	}
	index, err := c.index(ctx, s, guest)
	if err != nil {
		return "", err
	}
	entry := booking.EntryOf(scope.ID, found)
	return c.Ledger.Adopt(ctx, s.ID, entry, sealed, index...)
}
