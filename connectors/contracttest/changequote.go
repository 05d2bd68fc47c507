package contracttest

import (
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func changeQuoteBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpQuoteChange, name: "keeps_the_rest", real: true, with: toBook, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			longer := c.change(until(made, made.Departure.AddDays(2)))
			require.Equal(c, made.RoomType.ID, longer.RoomType.ID)
			require.Equal(c, made.RatePlan.ID, longer.RatePlan.ID)
			c.asked(longer, made.Arrival, 4, couple)
			c.nights(longer.Nights, longer.Arrival, longer.Departure)
			c.sums(longer.Nights, longer.Total)
		}},
		{operation: pms.OpQuoteChange, name: "other_guests", real: true, with: toBook, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			q := changeOf(made)
			q.Occupancy = pms.Occupancy{Adults: 1}
			alone := c.change(q)
			c.asked(alone, made.Arrival, 2, pms.Occupancy{Adults: 1})
		}},
		{operation: pms.OpQuoteChange, name: "own_room_counts_as_free", with: toBook, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			c.rooms(o, 1)
			made := c.create(c.draft(c.reference(""), o)).Stays[0]
			c.change(until(made, made.Departure.AddDays(1)))
		}},
		{operation: pms.OpQuoteChange, name: "sold_out", with: toBook, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			made := c.create(c.draft(c.reference(""), o)).Stays[0]
			full := c.other(o)
			c.rooms(full, 0)
			_, err := c.Connector.QuoteChange(c.Context(), into(made, full))
			c.fails(err, pms.OpQuoteChange, pms.ErrSoldOut)
		}},
		{operation: pms.OpQuoteChange, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				_, err := c.Connector.QuoteChange(c.Context(), pms.ChangeQuery{
					Stay: pms.StayID(unknown), Arrival: c.arrival(), Departure: c.arrival().AddDays(1), Occupancy: couple,
				})
				c.fails(err, pms.OpQuoteChange, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpQuoteChange, name: "cancelled_stay", with: append(toBook[:len(toBook):len(toBook)], pms.OpCancel), run: func(c *check) {
			made := c.book("", 2).Stays[0]
			require.NoError(c, c.Connector.Cancel(c.Context(), made.ID))
			_, err := c.Connector.QuoteChange(c.Context(), until(made, made.Departure.AddDays(1)))
			c.fails(err, pms.OpQuoteChange, pms.ErrConflict, pms.ErrNotFound, pms.ErrValidation)
		}},
	}
}

// changeOf asks for a stay as it is: what is left empty is kept.
func changeOf(s pms.Stay) pms.ChangeQuery {
	return pms.ChangeQuery{Stay: s.ID, Arrival: s.Arrival, Departure: s.Departure, Occupancy: s.Occupancy}
}

// until asks for another departure.
func until(s pms.Stay, departure pms.Date) pms.ChangeQuery {
	q := changeOf(s)
	q.Departure = departure
	return q
}

// into asks for another room type and rate plan.
func into(s pms.Stay, o pms.Offer) pms.ChangeQuery {
	q := changeOf(s)
	q.RoomTypeID, q.RatePlanID = pms.RoomTypeID(o.RoomType.ID), pms.RatePlanID(o.RatePlan.ID)
	return q
}

// change prices a change.
func (c *check) change(q pms.ChangeQuery) pms.Offer {
	c.Helper()
	offer, err := c.Connector.QuoteChange(c.Context(), q)
	require.NoError(c, err)
	require.True(c, offer.Bookable())
	return offer
}
