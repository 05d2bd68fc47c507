package contracttest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func inventoryBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpHealth, name: "names_the_property", real: true, run: func(c *check) {
			h, err := c.Connector.Health(c.Context())
			require.NoError(c, err)
			require.Equal(c, c.Property, h.Property.ID)
			require.NotEmpty(c, h.Property.Name)
			require.Positive(c, h.Latency)
		}},
		{operation: pms.OpHealth, name: "capabilities_name_the_vendor", real: true, run: func(c *check) {
			require.Equal(c, c.target.Vendor, c.caps.Vendor)
			require.Positive(c, c.caps.MaxStays, "a vendor books one stay at least")
			for o, support := range c.caps.Operations {
				require.True(c, o.Known(), "%s is no operation", o)
				require.Contains(c, []pms.Support{pms.Supported, pms.ByRebooking, pms.Unsupported}, support)
			}
		}},
		{operation: pms.OpProperties, name: "lists_our_own", real: true, run: func(c *check) {
			all, err := c.Connector.Properties(c.Context())
			require.NoError(c, err)
			own := 0
			for _, p := range all {
				require.NotEmpty(c, p.ID)
				if p.ID == c.Property {
					own++
				}
			}
			require.Equal(c, 1, own, "the credentials open the connector's own property, once")
		}},
		{operation: pms.OpCatalog, name: "describes_the_property", real: true, run: describesProperty},
		{operation: pms.OpCatalog, name: "has_what_is_offered", real: true, with: []pms.Operation{pms.OpAvailability}, run: hasWhatIsOffered},
	}
}

func describesProperty(c *check) {
	catalog, err := c.Connector.Catalog(c.Context())
	require.NoError(c, err)
	require.Equal(c, c.Property, catalog.Property.ID)
	require.Equal(c, c.Zone.String(), catalog.TimeZone)
	_, err = time.LoadLocation(catalog.TimeZone)
	require.NoError(c, err)
	require.Equal(c, c.Currency, catalog.Currency)
	require.True(c, pms.ValidCurrency(catalog.Currency))
	if catalog.Country != "" { // not every vendor tells it
		require.Regexp(c, "^[A-Z]{2}$", catalog.Country)
	}
}

// hasWhatIsOffered: the ids of offers are those of the catalogue.
func hasWhatIsOffered(c *check) {
	catalog, err := c.Connector.Catalog(c.Context())
	require.NoError(c, err)
	rooms, plans := map[string]bool{}, map[string]bool{}
	for _, r := range catalog.RoomTypes {
		require.NotEmpty(c, r.ID)
		require.NotEmpty(c, r.Name)
		require.False(c, rooms[r.ID], "a room type is listed twice")
		rooms[r.ID] = true
	}
	for _, p := range catalog.RatePlans {
		require.NotEmpty(c, p.ID)
		require.False(c, plans[p.ID], "a rate plan is listed twice")
		plans[p.ID] = true
		require.True(c, p.RoomTypeID == "" || rooms[string(p.RoomTypeID)], "a rate plan of no room type")
	}
	for _, o := range c.offers(c.arrival(), 1, couple) {
		require.True(c, rooms[o.RoomType.ID], "a room type that is not in the catalogue is offered")
		require.True(c, plans[o.RatePlan.ID], "a rate plan that is not in the catalogue is offered")
	}
}
