package starter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Where a hotel system cannot change a reservation, a change is quoted as a
// new reservation of every stay, and carried out by booking that and
// cancelling the old one. A caller sees the same calls; the quote names the
// fee that cancelling the old one costs, and the confirmation number changes.

// cancellationFee is the code of that fee in an offer's charges.
const cancellationFee = "cancellation_fee"

// byRebooking reports whether the hotel's system changes nothing itself.
func byRebooking(s site) bool {
	return s.conn.Capabilities().Operations[pms.OpAmend] == pms.ByRebooking
}

// rebooks reports whether an intent replaces a reservation.
func rebooks(i ledger.Intent) bool { return i.Kind == ledger.Modify && len(i.Sealed) > 0 }

// quoteRebooking prices all stays that stand afresh, those that the caller
// changes and those that only move to the new reservation with them.
func (c *Client) quoteRebooking(ctx context.Context, s site, current pms.Reservation, q ledger.Quote, changes []ChangedStay) (ledger.Quote, error) {
	wanted := map[pms.StayID]StayRequest{}
	roomOnly := map[pms.StayID]bool{}
	for i, change := range changes {
		before, stay, err := c.changedStay(s, current, q.Before, i, change)
		if err != nil {
			return ledger.Quote{}, err
		}
		q.Before = append(q.Before, before)
		wanted[before.ID] = stay
		roomOnly[before.ID] = change.RatePlan == "" && string(stay.RoomType) != before.RoomType.ID
	}
	q.Before = nil
	for i, before := range current.Stays {
		switch before.Status {
		case pms.StatusConfirmed, pms.StatusHeld:
		case pms.StatusCancelled:
			continue
		default:
			return ledger.Quote{}, Unsupported.With("A stay has begun, and the hotel's system cannot change it. Ask the hotel's staff.")
		}
		stay, changed := wanted[before.ID]
		if !changed {
			stay = StayRequest{
				RoomType: pms.RoomTypeID(before.RoomType.ID), RatePlan: pms.RatePlanID(before.RatePlan.ID),
				Arrival: before.Arrival, Departure: before.Departure, Occupancy: before.Occupancy,
			}
		}
		offer, err := c.replacement(ctx, s, stay, roomOnly[before.ID])
		if err != nil {
			return ledger.Quote{}, c.cannotQuote(ctx, s, i, stay, err)
		}
		q.Before = append(q.Before, before)
		q.Offers = append(q.Offers, withFee(offer, before, c.now()))
	}
	return q, nil
}

// replacement prices a stay anew. A caller who names another room and no rate
// gets that room's cheapest: the old rate may not be sold for it.
func (c *Client) replacement(ctx context.Context, s site, stay StayRequest, roomOnly bool) (pms.Offer, error) {
	if !roomOnly {
		return s.conn.Quote(ctx, pms.QuoteQuery{
			RoomTypeID: stay.RoomType, RatePlanID: stay.RatePlan,
			Arrival: stay.Arrival, Departure: stay.Departure, Occupancy: stay.Occupancy,
		})
	}
	offers, err := available(ctx, s, AvailabilityQuery{Arrival: stay.Arrival, Departure: stay.Departure, Occupancy: stay.Occupancy})
	if err != nil {
		return pms.Offer{}, err
	}
	offers = slices.DeleteFunc(offers, func(o pms.Offer) bool { return o.RoomType.ID != string(stay.RoomType) || !o.Bookable() })
	if len(offers) == 0 {
		return pms.Offer{}, &pms.Error{Kind: pms.ErrSoldOut, Vendor: s.Vendor, Operation: string(pms.OpQuoteChange)}
	}
	return slices.MinFunc(offers, func(a, b pms.Offer) int { return cmp.Compare(a.Total.Amount, b.Total.Amount) }), nil
}

// withFee adds what it costs now to cancel the stay that an offer replaces.
func withFee(offer pms.Offer, old pms.Stay, now time.Time) pms.Offer {
	policy := old.Cancellation
	free := policy.Fee.Amount == 0 || !policy.FreeUntil.IsZero() && !now.After(policy.FreeUntil)
	if free {
		return offer
	}
	offer.Charges = append(slices.Clone(offer.Charges), pms.Charge{
		Code: cancellationFee, Name: "Cancellation of the reservation that is replaced", Amount: policy.Fee,
	})
	offer.PayableTotal = offer.PayableTotal.Plus(policy.Fee)
	return offer
}

// freezeReplacement puts the draft of the new reservation into the intent. The
// guests are those that the hotel has now, with every correction the desk made
// since the booking. Its reference is the intent's: the booking's own is taken.
func (c *Client) freezeReplacement(ctx context.Context, s site, intent *ledger.Intent) error {
	quote, err := c.quote(ctx, s, intent.Quote)
	if err != nil {
		return err
	}
	entry, err := c.entry(ctx, s.ID, intent.Booking)
	if err != nil {
		return err
	}
	current, err := s.conn.Reservation(ctx, quote.Before[0].ReservationID)
	if err != nil {
		return err
	}
	if current.Booker == nil {
		return Unsupported.With("The hotel's system neither changes reservations nor tells whose they are. Ask the hotel's staff.")
	}
	create := pms.CreateRequest{Reference: pms.Reference(intent.ID), Booker: *current.Booker, Hold: entry.State == ledger.Held}
	for i, offer := range quote.Offers {
		request := pms.StayRequest{Offer: offer}
		at := slices.IndexFunc(current.Stays, func(stay pms.Stay) bool { return stay.ID == quote.Before[i].ID })
		if at < 0 {
			return NotChangeable.With("Somebody changed the reservation since the quote; quote the change again.")
		}
		request.Guest = current.Stays[at].Guest
		create.Stays = append(create.Stays, request)
	}
	draft, err := s.conn.Draft(create)
	if err != nil {
		return fmt.Errorf("starter: draft the replacement: %w", err)
	}
	intent.Sealed, err = c.seal(ctx, keys.Scope{Tenant: s.ID, ID: intent.Booking}, booking.PlaceIntent, draft)
	return err
}
