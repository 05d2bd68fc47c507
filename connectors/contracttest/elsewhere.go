package contracttest

import (
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// elsewhereBehaviours: credentials may open several properties of an account,
// and a connector serves one. What is at another is not there.
func elsewhereBehaviours() []behaviour {
	alone := func(p probe) string {
		if p.Elsewhere == nil {
			return "the account has one property"
		}
		return ""
	}
	hidden := func(o pms.Operation, look func(c *check, there Record) error) behaviour {
		return behaviour{operation: o, name: "of_another_property", when: alone, run: func(c *check) {
			there := c.elsewhere(false)
			c.fails(look(c, there), o, pms.ErrNotFound)
			require.Equal(c, there, c.record(there.Stay), "and nothing changes there")
		}}
	}
	return []behaviour{
		hidden(pms.OpRead, func(c *check, there Record) error {
			_, err := c.Connector.Reservation(c.Context(), there.Reservation)
			return err
		}),
		hidden(pms.OpByReference, func(c *check, there Record) error {
			_, err := c.Connector.ByReference(c.Context(), there.Reference)
			return err
		}),
		hidden(pms.OpByConfirmation, func(c *check, there Record) error {
			_, err := c.Connector.ByConfirmation(c.Context(), string(there.Reservation))
			return err
		}),
		hidden(pms.OpQuoteChange, func(c *check, there Record) error {
			_, err := c.Connector.QuoteChange(c.Context(), pms.ChangeQuery{
				Stay: there.Stay, Arrival: there.Arrival, Departure: there.Departure.AddDays(1), Occupancy: couple,
			})
			return err
		}),
		hidden(pms.OpRelease, func(c *check, there Record) error { return c.Connector.Release(c.Context(), there.Reservation) }),
		{operation: pms.OpArrivals, name: "of_another_property", when: alone, run: func(c *check) {
			there := c.elsewhere(false)
			stays, err := collect(c.Connector.Arrivals(c.Context(), there.Arrival))
			require.NoError(c, err)
			require.Empty(c, stays)
		}},
		{operation: pms.OpInHouse, name: "of_another_property", when: alone, run: func(c *check) {
			c.elsewhere(true)
			stays, err := collect(c.Connector.InHouse(c.Context()))
			require.NoError(c, err)
			require.Empty(c, stays)
		}},
		{operation: pms.OpSearchGuests, name: "of_another_property", when: alone, run: func(c *check) {
			c.elsewhere(false)
			found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker})
			require.NoError(c, err)
			require.Empty(c, found, "the guests of another hotel are none of our business")
		}},
	}
}

// elsewhere books at another property, for somebody with the marker.
func (c *check) elsewhere(inHouse bool) Record {
	c.Helper()
	there, err := c.Elsewhere(c.reference(""), c.arrival(), inHouse)
	require.NoError(c, err)
	c.visible()
	return there
}
