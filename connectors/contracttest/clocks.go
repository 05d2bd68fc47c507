package contracttest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// farthest is how many days ahead a change of clocks is looked for: one that
// falls on a Sunday can be up to 371 days after the last.
const farthest = 380

// clockChange is the next day with a number of hours, in the zone.
func clockChange(zone *time.Location, from pms.Date, hours time.Duration) (pms.Date, bool) {
	for day := from.AddDays(3); day.Before(from.AddDays(farthest)); day = day.AddDays(1) {
		if day.AddDays(1).At(0, 0, zone).Sub(day.At(0, 0, zone)) == hours*time.Hour {
			return day, true
		}
	}
	return pms.Date{}, false
}

// clockBehaviours are about the days with 23 and 25 hours, where a night that
// is counted in hours goes missing or comes twice.
func clockBehaviours() []behaviour {
	var all []behaviour
	for _, change := range []struct {
		name  string
		hours time.Duration
	}{{"spring_forward", 23}, {"fall_back", 25}} {
		when := func(p probe) string {
			now := time.Now()
			if p.Sandbox != nil {
				now = p.Sandbox.Now()
			}
			_, ok := clockChange(p.Zone, pms.DateOf(now.In(p.Zone)), change.hours)
			if !ok {
				return "no such night in " + p.Zone.String()
			}
			return ""
		}
		day := func(c *check) pms.Date {
			day, ok := clockChange(c.Zone, c.today(), change.hours)
			require.True(c, ok)
			if limit := c.caps.MaxAhead; limit > 0 && c.today().NightsUntil(day) > limit-5 {
				c.lateOn(day.AddDays(5 - limit))
			}
			return day
		}
		add := func(o pms.Operation, with []pms.Operation, run func(c *check, day pms.Date)) {
			all = append(all, behaviour{operation: o, name: change.name, with: with, when: when, run: func(c *check) { run(c, day(c)) }})
		}
		add(pms.OpAvailability, nil, offersOverClockChange)
		add(pms.OpQuote, []pms.Operation{pms.OpAvailability}, quotesOverClockChange)
		add(pms.OpCreate, toBookIn, booksOverClockChange)
		add(pms.OpAmend, toChange, amendsOverClockChange)
		add(pms.OpArrivals, toBook, arrivesOnClockChange)
	}
	return all
}

// spans are stays around a day: they end, begin and lie on it.
func spans(day pms.Date) [][2]pms.Date {
	return [][2]pms.Date{
		{day.AddDays(-1), day}, {day, day.AddDays(1)}, {day.AddDays(-1), day.AddDays(1)}, {day.AddDays(-2), day.AddDays(2)},
	}
}

func offersOverClockChange(c *check, day pms.Date) {
	for _, span := range spans(day) {
		nights := span[0].NightsUntil(span[1])
		for _, o := range c.offers(span[0], nights, couple) {
			c.asked(o, span[0], nights, couple)
			c.priced(o)
		}
	}
}

func quotesOverClockChange(c *check, day pms.Date) {
	for _, span := range spans(day) {
		nights := span[0].NightsUntil(span[1])
		o, err := c.Connector.Quote(c.Context(), quoteOf(c.offer(span[0], nights, couple)))
		require.NoError(c, err)
		c.asked(o, span[0], nights, couple)
		c.priced(o)
	}
}

func booksOverClockChange(c *check, day pms.Date) {
	for i, span := range spans(day) {
		o := c.offer(span[0], span[0].NightsUntil(span[1]), couple)
		made := c.create(c.draft(c.reference(string(rune('A'+i))), o))
		for _, s := range []pms.Stay{made.Stays[0], c.read(made.ID).Stays[0]} {
			require.Equal(c, span[0].String(), s.Arrival.String())
			require.Equal(c, span[1].String(), s.Departure.String())
			c.nights(s.Nights, span[0], span[1])
			c.sums(s.Nights, s.Total)
		}
		held := c.record(made.Stays[0].ID)
		require.Equal(c, span[0].String(), held.Arrival.String(), "as the vendor has it")
		require.Equal(c, span[1].String(), held.Departure.String(), "as the vendor has it")
	}
}

func amendsOverClockChange(c *check, day pms.Date) {
	o := c.offer(day.AddDays(-2), 1, couple)
	made := c.create(c.draft(c.reference(""), o)).Stays[0]
	for _, departure := range []pms.Date{day, day.AddDays(1), day.AddDays(2)} {
		longer := c.change(until(made, departure))
		require.NoError(c, c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: longer}))
		require.Equal(c, departure.String(), c.record(made.ID).Departure.String())
		c.nights(c.stay(made).Nights, made.Arrival, departure)
	}
}

func arrivesOnClockChange(c *check, day pms.Date) {
	for i, arrival := range []pms.Date{day.AddDays(-1), day, day.AddDays(1)} {
		c.create(c.draft(c.reference(string(rune('A'+i))), c.offer(arrival, 1, couple)))
	}
	c.visible()
	for _, arrival := range []pms.Date{day.AddDays(-1), day, day.AddDays(1)} {
		stays, err := collect(c.Connector.Arrivals(c.Context(), arrival))
		require.NoError(c, err)
		require.Len(c, stays, 1, "arrivals on %s", arrival)
		require.Equal(c, arrival.String(), stays[0].Arrival.String())
	}
}
