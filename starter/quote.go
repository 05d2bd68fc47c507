package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Availability lists what can be booked, from memory when it was asked a
// moment ago.
func (c *Client) Availability(ctx context.Context, hotel string, q AvailabilityQuery) ([]pms.Offer, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return nil, err
	}
	if err := checkDates("", c.today(s), q.Arrival, q.Departure); err != nil {
		return nil, err
	}
	if err := checkOccupancy("", q.Occupancy); err != nil {
		return nil, err
	}
	if err := checkCodes("", q.PromoCode, q.CorporateCode); err != nil {
		return nil, err
	}
	if err := c.closed(ctx, hotel); err != nil {
		return nil, err
	}
	found, err := c.offers.ask(ctx, hotel, q, func(ctx context.Context) ([]pms.Offer, error) {
		return available(ctx, s, q)
	})
	return found, problemOf(err)
}

func available(ctx context.Context, s site, q AvailabilityQuery) ([]pms.Offer, error) {
	return s.conn.Availability(ctx, pms.AvailabilityQuery{
		Arrival: q.Arrival, Departure: q.Departure, Occupancy: q.Occupancy, IncludeRestricted: q.Restricted,
		PromoCode: q.PromoCode, CorporateCode: q.CorporateCode,
	})
}

// Quote prices stays, or a change of a reservation, at the hotel and keeps the
// price until it expires.
func (c *Client) Quote(ctx context.Context, hotel string, r QuoteRequest) (Quote, error) {
	s, err := c.site(ctx, hotel)
	if err != nil {
		return Quote{}, err
	}
	var q ledger.Quote
	if r.Reservation == "" {
		q, err = c.quoteStays(ctx, s, r.Stays)
	} else {
		q, err = c.quoteChange(ctx, s, r)
	}
	if err != nil {
		return Quote{}, err
	}
	q.ID = ledger.NewID()
	q.ExpiresAt = c.now().Add(c.QuoteLife)
	if err := c.Ledger.SaveQuote(ctx, hotel, q); err != nil {
		return Quote{}, problemOf(err)
	}
	return Quote{ID: q.ID, Reservation: q.Booking, Offers: q.Offers, Total: payable(q.Offers), ExpiresAt: q.ExpiresAt}, nil
}

func (c *Client) quoteStays(ctx context.Context, s site, stays []StayRequest) (ledger.Quote, error) {
	if most := min(maxStays, s.conn.Capabilities().MaxStays); len(stays) < 1 || len(stays) > most {
		return ledger.Quote{}, InvalidRequest.In("/stays", fmt.Sprintf("A booking has 1 to %d stays.", most))
	}
	stays = slices.Clone(stays)
	for i, stay := range stays {
		if err := checkStay(fmt.Sprintf("/stays/%d", i), c.today(s), stay); err != nil {
			return ledger.Quote{}, err
		}
		stays[i].RoomType, stays[i].RatePlan = s.spoken(stay.RoomType, stay.RatePlan)
	}
	if err := c.closed(ctx, s.ID); err != nil {
		return ledger.Quote{}, err
	}
	var q ledger.Quote
	for i, stay := range stays {
		offer, err := s.conn.Quote(ctx, pms.QuoteQuery{
			RoomTypeID: stay.RoomType, RatePlanID: stay.RatePlan,
			Arrival: stay.Arrival, Departure: stay.Departure, Occupancy: stay.Occupancy,
			PromoCode: stay.PromoCode, CorporateCode: stay.CorporateCode,
		})
		if err != nil {
			return ledger.Quote{}, c.cannotQuote(ctx, s, i, stay, err)
		}
		q.Offers = append(q.Offers, offer)
	}
	return q, nil
}

// cannotQuote says which word of the request the hotel does not know, or what
// could be had instead.
func (c *Client) cannotQuote(ctx context.Context, s site, i int, stay StayRequest, err error) error {
	switch {
	case errors.Is(err, pms.ErrNotFound):
		return c.unknownWord(ctx, s, i, stay, err)
	case errors.Is(err, pms.ErrSoldOut):
		p := refused(pms.KindName(err)).because(err)
		p.Alternatives = c.alternatives(ctx, s, pms.Offer{
			RoomType: pms.Named{ID: string(stay.RoomType)}, RatePlan: pms.Named{ID: string(stay.RatePlan)},
			Arrival: stay.Arrival, Departure: stay.Departure, Occupancy: stay.Occupancy,
		})
		return p
	}
	return problemOf(err)
}

func (c *Client) unknownWord(ctx context.Context, s site, i int, stay StayRequest, cause error) error {
	field := fmt.Sprintf("/stays/%d", i)
	catalog, err := s.conn.Catalog(ctx)
	if err != nil {
		return problemOf(err)
	}
	known := slices.ContainsFunc(catalog.RoomTypes, func(n pms.Named) bool { return n.ID == string(stay.RoomType) })
	if !known {
		return UnknownRoom.In(field+"/room_type", "Take a room type from the availability.").because(cause)
	}
	return UnknownRate.In(field+"/rate_plan", "Take a rate plan of this room type from the availability.").because(cause)
}

func (c *Client) quoteChange(ctx context.Context, s site, r QuoteRequest) (ledger.Quote, error) {
	entry, err := c.changeable(ctx, s.ID, r.Reservation)
	if err != nil {
		return ledger.Quote{}, err
	}
	if len(r.Changes) < 1 || len(r.Changes) > len(entry.Stays) {
		return ledger.Quote{}, InvalidRequest.In("/changes", fmt.Sprintf("This reservation has %d stays; change at least one.", len(entry.Stays)))
	}
	if err := c.closed(ctx, s.ID); err != nil {
		return ledger.Quote{}, err
	}
	current, err := s.conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	if err != nil {
		return ledger.Quote{}, problemOf(err)
	}
	q := ledger.Quote{Booking: entry.ID}
	if byRebooking(s) {
		return c.quoteRebooking(ctx, s, current, q, r.Changes)
	}
	for i, change := range r.Changes {
		before, offer, err := c.quoteChangedStay(ctx, s, current, q.Before, i, change)
		if err != nil {
			return ledger.Quote{}, err
		}
		q.Before, q.Offers = append(q.Before, before), append(q.Offers, offer)
	}
	return q, nil
}

func (c *Client) quoteChangedStay(ctx context.Context, s site, current pms.Reservation, earlier []pms.Stay, i int, change ChangedStay) (pms.Stay, pms.Offer, error) {
	before, wanted, err := c.changedStay(s, current, earlier, i, change)
	if err != nil {
		return pms.Stay{}, pms.Offer{}, err
	}
	_, plan := s.spoken("", change.RatePlan)
	offer, err := s.conn.QuoteChange(ctx, pms.ChangeQuery{
		Stay: before.ID, RoomTypeID: wanted.RoomType, RatePlanID: plan,
		Arrival: wanted.Arrival, Departure: wanted.Departure, Occupancy: wanted.Occupancy,
	})
	if err != nil {
		return pms.Stay{}, pms.Offer{}, c.cannotQuote(ctx, s, i, wanted, err)
	}
	return before, offer, nil
}

// changedStay finds the stay that a change is about, and what it is to become.
func (c *Client) changedStay(s site, current pms.Reservation, earlier []pms.Stay, i int, change ChangedStay) (before pms.Stay, wanted StayRequest, err error) {
	field := fmt.Sprintf("/changes/%d", i)
	if change.Stay == "" && len(current.Stays) == 1 {
		change.Stay = current.Stays[0].ID
	}
	at := slices.IndexFunc(current.Stays, func(stay pms.Stay) bool { return stay.ID == change.Stay })
	if at < 0 {
		return before, wanted, InvalidRequest.In(field+"/stay", "Take a stay's id from the reservation.")
	}
	if slices.ContainsFunc(earlier, func(stay pms.Stay) bool { return stay.ID == change.Stay }) {
		return before, wanted, InvalidRequest.In(field+"/stay", "Name each stay once.")
	}
	before = current.Stays[at]
	if before.Status == pms.StatusCancelled {
		return before, wanted, AlreadyCancelled.In(field+"/stay", "This stay is cancelled; book a new one.")
	}
	wanted = StayRequest{
		RoomType: or(change.RoomType, pms.RoomTypeID(before.RoomType.ID)), RatePlan: or(change.RatePlan, pms.RatePlanID(before.RatePlan.ID)),
		Arrival: or(change.Arrival, before.Arrival), Departure: or(change.Departure, before.Departure), Occupancy: before.Occupancy,
	}
	if change.Occupancy.Adults != 0 || change.Occupancy.ChildrenAges != nil {
		wanted.Occupancy = change.Occupancy
	}
	wanted.RoomType, wanted.RatePlan = s.spoken(wanted.RoomType, wanted.RatePlan)
	earliest := c.today(s)
	if before.Status == pms.StatusInHouse {
		earliest = before.Arrival // the stay has begun; its end can still move
	}
	return before, wanted, checkStay(field, earliest, wanted)
}

// spoken replaces what people call a room and a rate by what the hotel's
// system calls them, where the hotel's entry knows.
func (s site) spoken(room pms.RoomTypeID, rate pms.RatePlanID) (pms.RoomTypeID, pms.RatePlanID) {
	if id, ok := s.Mapping.RoomType(string(room)); ok {
		room = id
	}
	if id, ok := s.Mapping.RatePlan(string(rate)); ok {
		rate = id
	}
	return room, rate
}

// alternatives looks for up to three offers near one that is gone: other rooms
// on the same nights, else the same length of stay a few days off. It is a
// courtesy and never turns an answer into an error.
func (c *Client) alternatives(ctx context.Context, s site, gone pms.Offer) []pms.Offer {
	const most = 3
	for _, shift := range []int{0, 1, -1, 2, -2, 3, -3} {
		q := AvailabilityQuery{Arrival: gone.Arrival.AddDays(shift), Departure: gone.Departure.AddDays(shift), Occupancy: gone.Occupancy}
		if q.Arrival.Before(c.today(s)) {
			continue
		}
		found, err := available(ctx, s, q)
		if err != nil {
			return nil
		}
		found = slices.DeleteFunc(found, func(o pms.Offer) bool {
			same := shift == 0 && o.RoomType.ID == gone.RoomType.ID && o.RatePlan.ID == gone.RatePlan.ID
			return same || !o.Bookable()
		})
		if len(found) > 0 {
			return found[:min(most, len(found))]
		}
	}
	return nil
}

func payable(offers []pms.Offer) pms.Money {
	var sum pms.Money
	for _, o := range offers {
		sum = sum.Plus(o.PayableTotal)
	}
	return sum
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
