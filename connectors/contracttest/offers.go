package contracttest

import (
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func offerBehaviours() []behaviour {
	availability := []pms.Operation{pms.OpAvailability}
	return []behaviour{
		{operation: pms.OpAvailability, name: "sums", real: true, run: func(c *check) {
			for _, nights := range []int{1, 2, 7, 14} {
				for _, o := range c.offers(c.arrival(), nights, couple) {
					c.asked(o, c.arrival(), nights, couple)
					c.priced(o)
				}
			}
		}},
		{operation: pms.OpAvailability, name: "nothing_to_sell_is_empty", run: nothingToSell},
		{operation: pms.OpAvailability, name: "counts_rooms", run: countsRooms},
		{operation: pms.OpAvailability, name: "shows_restricted_when_asked", run: showsRestricted},
		{operation: pms.OpAvailability, name: "closed_by_a_rule", with: []pms.Operation{pms.OpQuote}, when: func(p probe) string {
			if p.Closed.IsZero() {
				return "the simulator has no such day"
			}
			return ""
		}, run: closedByRule},
		{operation: pms.OpAvailability, name: "too_many_guests", real: true, run: func(c *check) {
			offers, err := c.Connector.Availability(c.Context(), pms.AvailabilityQuery{
				Arrival: c.arrival(), Departure: c.arrival().AddDays(1), Occupancy: pms.Occupancy{Adults: 19},
			})
			if err != nil {
				c.fails(err, pms.OpAvailability, pms.ErrValidation)
			}
			require.Empty(c, offers, "no room takes 19 persons")
		}},
		{operation: pms.OpAvailability, name: "childrens_ages", real: true, run: func(c *check) {
			family := pms.Occupancy{Adults: 2, ChildrenAges: []int{4, 11}}
			for _, o := range c.offers(c.arrival(), 1, family) {
				require.Equal(c, family, o.Occupancy)
				require.True(c, o.MaxPersons == 0 || o.MaxPersons >= 4, "four persons in a room for %d", o.MaxPersons)
				c.priced(o)
			}
		}},
		{operation: pms.OpAvailability, name: "refuses_nonsense", real: true, run: refusesNonsense},
		{operation: pms.OpQuote, name: "as_offered", real: true, with: availability, run: func(c *check) {
			for _, o := range c.offers(c.arrival(), 2, couple) {
				quoted, err := c.Connector.Quote(c.Context(), quoteOf(o))
				require.NoError(c, err)
				require.Equal(c, c.text(o), c.text(quoted), "a quote is the offer asked for again")
			}
		}},
		{operation: pms.OpQuote, name: "childrens_ages", real: true, with: availability, run: func(c *check) {
			family := pms.Occupancy{Adults: 1, ChildrenAges: []int{0, 17}}
			quoted, err := c.Connector.Quote(c.Context(), quoteOf(c.offer(c.arrival(), 2, family)))
			require.NoError(c, err)
			require.Equal(c, family, quoted.Occupancy)
			c.priced(quoted)
		}},
		{operation: pms.OpQuote, name: "sold_out", with: availability, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			c.rooms(o, 0)
			_, err := c.Connector.Quote(c.Context(), quoteOf(o))
			c.fails(err, pms.OpQuote, pms.ErrSoldOut)
		}},
		{operation: pms.OpQuote, name: "not_found", real: true, with: availability, run: func(c *check) {
			q := quoteOf(c.offer(c.arrival(), 1, couple))
			for _, unknown := range hostileIDs {
				q.RatePlanID = pms.RatePlanID(unknown)
				_, err := c.Connector.Quote(c.Context(), q)
				c.fails(err, pms.OpQuote, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
	}
}

// hostileIDs are what callers and events may send in place of an id.
var hostileIDs = []string{"NOSUCH", "../bookings", "a b", "%2e%2e", "X?Y=1", "ÄÖ\x00", "NOSUCH-1"}

func quoteOf(o pms.Offer) pms.QuoteQuery {
	return pms.QuoteQuery{
		RoomTypeID: pms.RoomTypeID(o.RoomType.ID), RatePlanID: pms.RatePlanID(o.RatePlan.ID),
		Arrival: o.Arrival, Departure: o.Departure, Occupancy: o.Occupancy,
	}
}

// asked: an offer is for what was asked.
func (c *check) asked(o pms.Offer, arrival pms.Date, nights int, guests pms.Occupancy) {
	c.Helper()
	require.Equal(c, arrival.String(), o.Arrival.String())
	require.Equal(c, arrival.AddDays(nights).String(), o.Departure.String())
	require.Equal(c, guests, o.Occupancy)
	require.NotEmpty(c, o.RoomType.ID)
	require.NotEmpty(c, o.RatePlan.ID)
}

// rooms sets the number of rooms of an offer's type.
func (c *check) rooms(o pms.Offer, n int) {
	c.Helper()
	require.NoError(c, c.Sandbox.SetRooms(pms.RoomTypeID(o.RoomType.ID), n))
}

func nothingToSell(c *check) {
	for _, o := range c.offers(c.arrival(), 1, couple) {
		c.rooms(o, 0)
	}
	offers, err := c.Connector.Availability(c.Context(), pms.AvailabilityQuery{
		Arrival: c.arrival(), Departure: c.arrival().AddDays(1), Occupancy: couple,
	})
	require.NoError(c, err, "nothing to sell is no error")
	require.Empty(c, offers)
}

func countsRooms(c *check) {
	o := c.offer(c.arrival(), 2, couple)
	c.rooms(o, 2)
	for _, left := range []int{2, 1} {
		now, err := c.Connector.Quote(c.Context(), quoteOf(o))
		require.NoError(c, err)
		require.Equal(c, left, now.Available)
		c.create(c.draft(c.reference(string(rune('A'+left))), now))
	}
	_, err := c.Connector.Quote(c.Context(), quoteOf(o))
	c.fails(err, pms.OpQuote, pms.ErrSoldOut)
}

func showsRestricted(c *check) {
	o := c.offer(c.arrival(), 1, couple)
	c.rooms(o, 0)
	q := pms.AvailabilityQuery{Arrival: o.Arrival, Departure: o.Departure, Occupancy: couple}
	find := func() (found []pms.Offer) {
		offers, err := c.Connector.Availability(c.Context(), q)
		require.NoError(c, err)
		for _, each := range offers {
			if each.RoomType.ID == o.RoomType.ID {
				found = append(found, each)
			}
		}
		return found
	}
	require.Empty(c, find(), "what is full is not offered")
	q.IncludeRestricted = true
	restricted := find()
	require.NotEmpty(c, restricted, "what is full is shown when asked for")
	for _, each := range restricted {
		require.False(c, each.Bookable(), "what is full cannot be booked")
	}
}

// closedByRule: rooms are free, and yet nobody may arrive.
func closedByRule(c *check) {
	q := pms.AvailabilityQuery{Arrival: c.Closed, Departure: c.Closed.AddDays(2), Occupancy: couple}
	offers, err := c.Connector.Availability(c.Context(), q)
	require.NoError(c, err)
	require.Empty(c, offers, "what a rule forbids is not offered")
	q.IncludeRestricted = true
	offers, err = c.Connector.Availability(c.Context(), q)
	require.NoError(c, err)
	require.NotEmpty(c, offers, "what a rule forbids is shown when asked for")
	for _, o := range offers {
		require.False(c, o.Bookable(), "what a rule forbids cannot be booked")
		require.NotEqual(c, c.text(pms.Restrictions{}), c.text(o.Restrictions), "and it says which rule")
		_, err := c.Connector.Quote(c.Context(), quoteOf(o))
		c.fails(err, pms.OpQuote, pms.ErrSoldOut)
	}
}

// refusesNonsense: what cannot be is refused, or at least nothing is offered.
func refusesNonsense(c *check) {
	day := c.arrival()
	for name, q := range map[string]pms.AvailabilityQuery{
		"no nights":             {Arrival: day, Departure: day, Occupancy: couple},
		"departs before":        {Arrival: day, Departure: day.AddDays(-1), Occupancy: couple},
		"nobody":                {Arrival: day, Departure: day.AddDays(1)},
		"no dates":              {Occupancy: couple},
		"yesterday":             {Arrival: c.today().AddDays(-2), Departure: c.today().AddDays(-1), Occupancy: couple},
		"a child of 40":         {Arrival: day, Departure: day.AddDays(1), Occupancy: pms.Occupancy{Adults: 1, ChildrenAges: []int{40}}},
		"an unborn child":       {Arrival: day, Departure: day.AddDays(1), Occupancy: pms.Occupancy{Adults: 1, ChildrenAges: []int{-1}}},
		"children on their own": {Arrival: day, Departure: day.AddDays(1), Occupancy: pms.Occupancy{ChildrenAges: []int{5}}},
	} {
		offers, err := c.Connector.Availability(c.Context(), q)
		if err != nil {
			c.fails(err, pms.OpAvailability, pms.ErrValidation)
		}
		for _, o := range offers {
			require.False(c, o.Bookable(), "%s: can be booked", name)
		}
	}
}
