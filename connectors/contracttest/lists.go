package contracttest

import (
	"iter"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// collect reads a stream to its end; an error is the last thing it yields.
func collect(stream iter.Seq2[pms.Stay, error]) ([]pms.Stay, error) {
	var stays []pms.Stay
	for stay, err := range stream {
		if err != nil {
			return nil, err
		}
		stays = append(stays, stay)
	}
	return stays, nil
}

// pages tells why paging does not apply.
func pages(p probe) string {
	if p.PageSize == 0 {
		return "the connector does not page"
	}
	return ""
}

// fill books n stays that arrive on the suite's day, in few reservations.
func (c *check) fill(text string, n int) []pms.StayID {
	c.Helper()
	o := c.offer(c.arrival(), 1, couple)
	c.rooms(o, 2*n+10)
	var ids []pms.StayID
	for i := 0; len(ids) < n; i++ {
		offers := make([]pms.Offer, min(c.caps.MaxStays, n-len(ids)))
		for j := range offers {
			offers[j] = o
		}
		for _, s := range c.create(c.draft(c.reference(text+strconv.Itoa(i)), offers...)).Stays {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func listBehaviours() []behaviour {
	toCancel := append(toBook[:len(toBook):len(toBook)], pms.OpCancel)
	return []behaviour{
		{operation: pms.OpArrivals, name: "empty", run: func(c *check) {
			stays, err := collect(c.Connector.Arrivals(c.Context(), c.arrival()))
			require.NoError(c, err, "nobody arrives is no error")
			require.Empty(c, stays)
		}},
		{operation: pms.OpArrivals, name: "of_the_day", with: toBook, run: arrivalsOfTheDay},
		{operation: pms.OpArrivals, name: "early_and_late_hours", with: toBook, when: func(p probe) string {
			if p.Arrives == nil {
				return "the simulator has no hours of arrival"
			}
			return ""
		}, run: earlyAndLate},
		{operation: pms.OpArrivals, name: "without_cancelled", with: toCancel, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			gone := c.book("B", 1).Stays[0]
			require.NoError(c, c.Connector.Cancel(c.Context(), gone.ID))
			c.visible()
			stays, err := collect(c.Connector.Arrivals(c.Context(), made.Arrival))
			require.NoError(c, err)
			require.Len(c, stays, 1)
			require.Equal(c, made.ID, stays[0].ID)
		}},
		{operation: pms.OpArrivals, name: "exactly_a_page", with: toBook, when: pages, run: func(c *check) { c.listsAll(c.PageSize) }},
		{operation: pms.OpArrivals, name: "more_than_a_page", with: toBook, when: pages, run: func(c *check) { c.listsAll(c.PageSize + 7) }},
		{operation: pms.OpArrivals, name: "page_changes_meanwhile", with: toBook, when: pages, run: pageChanges},
		{operation: pms.OpArrivals, name: "stops_when_told", with: toBook, run: func(c *check) {
			c.fill("", 3)
			c.visible()
			seen := 0
			for _, err := range c.Connector.Arrivals(c.Context(), c.arrival()) {
				require.NoError(c, err)
				seen++
				break
			}
			require.Equal(c, 1, seen)
		}},
		{operation: pms.OpArrivals, name: "guests_withheld", with: toBook, options: Options{WithholdGuests: true}, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			c.visible()
			stays, err := collect(c.Connector.Arrivals(c.Context(), made.Arrival))
			require.NoError(c, err)
			require.Len(c, stays, 1)
			require.Nil(c, stays[0].Guest)
		}},
		{operation: pms.OpInHouse, name: "empty", with: toBook, run: func(c *check) {
			c.book("", 1)
			c.visible()
			stays, err := collect(c.Connector.InHouse(c.Context()))
			require.NoError(c, err)
			require.Empty(c, stays, "who has booked is not in the house yet")
		}},
		{operation: pms.OpInHouse, name: "who_has_come", with: toBook, run: func(c *check) {
			came, gone := c.book("A", 1).Stays[0], c.book("B", 1).Stays[0]
			c.book("C", 1)
			require.NoError(c, c.Sandbox.Staff(came.ID, Deed{Status: pms.StatusInHouse}))
			require.NoError(c, c.Sandbox.Staff(gone.ID, Deed{Status: pms.StatusCheckedOut}))
			c.visible()
			stays, err := collect(c.Connector.InHouse(c.Context()))
			require.NoError(c, err)
			require.Len(c, stays, 1)
			require.Equal(c, came.ID, stays[0].ID)
			require.Equal(c, pms.StatusInHouse, stays[0].Status)
			require.Equal(c, came.Total, stays[0].Total)
		}},
		{operation: pms.OpInHouse, name: "more_than_a_page", with: toBook, when: pages, run: func(c *check) {
			for _, id := range c.fill("", c.PageSize+3) {
				require.NoError(c, c.Sandbox.Staff(id, Deed{Status: pms.StatusInHouse}))
			}
			c.visible()
			stays, err := collect(c.Connector.InHouse(c.Context()))
			require.NoError(c, err)
			require.Len(c, distinct(stays), c.PageSize+3)
			require.Len(c, stays, c.PageSize+3)
		}},
	}
}

// arrivalsOfTheDay lists who arrives that day and nobody who arrives the day
// before or after, in the house's own time.
func arrivalsOfTheDay(c *check) {
	day := c.arrival()
	for i, arrival := range []pms.Date{day.AddDays(-1), day, day.AddDays(1)} {
		c.create(c.draft(c.reference(strconv.Itoa(i)), c.offer(arrival, 3, couple)))
	}
	c.visible()
	stays, err := collect(c.Connector.Arrivals(c.Context(), day))
	require.NoError(c, err)
	require.Len(c, stays, 1)
	s := stays[0]
	require.Equal(c, c.reference("1"), s.Reference)
	require.Equal(c, day.String(), s.Arrival.String())
	require.Equal(c, pms.StatusConfirmed, s.Status)
	require.NotEmpty(c, s.ReservationID)
	require.NotNil(c, s.Guest)
	c.nights(s.Nights, s.Arrival, s.Departure)
}

// earlyAndLate: a day begins and ends at the house's midnight, also when the
// clocks change.
func earlyAndLate(c *check) {
	days := []pms.Date{c.arrival()}
	for _, hours := range []time.Duration{23, 25} {
		if day, ok := clockChange(c.Zone, c.today(), hours); ok {
			days = append(days, day)
		}
	}
	for i, day := range days {
		wanted := map[pms.StayID]bool{}
		for j, at := range []time.Time{
			day.At(0, 5, c.Zone), day.At(23, 55, c.Zone), day.AddDays(-1).At(23, 55, c.Zone), day.AddDays(1).At(0, 5, c.Zone),
		} {
			record, err := c.Arrives(c.reference(strconv.Itoa(10*i+j)), at)
			require.NoError(c, err)
			require.Equal(c, pms.DateOf(at.In(c.Zone)).String(), record.Arrival.String())
			if j < 2 {
				wanted[record.Stay] = true
			}
		}
		c.visible()
		stays, err := collect(c.Connector.Arrivals(c.Context(), day))
		require.NoError(c, err)
		require.Equal(c, wanted, distinct(stays), "arrivals on %s", day)
		for _, s := range stays {
			require.Equal(c, day.String(), s.Arrival.String(), "the day slips across a zone")
		}
	}
}

func (c *check) listsAll(n int) {
	c.Helper()
	booked := c.fill("", n)
	c.visible()
	stays, err := collect(c.Connector.Arrivals(c.Context(), c.arrival()))
	require.NoError(c, err)
	seen := distinct(stays)
	for _, id := range booked {
		require.True(c, seen[id], "a stay is missing from the list")
	}
	require.Len(c, stays, n, "a stay is listed twice")
}

func distinct(stays []pms.Stay) map[pms.StayID]bool {
	seen := map[pms.StayID]bool{}
	for _, s := range stays {
		seen[s.ID] = true
	}
	return seen
}

// pageChanges: while a caller reads the first page, somebody books and
// somebody cancels. A list that is read by page numbers cannot promise the
// latest, but it ends, shows nobody twice, and hides only as many as a page
// could slip by.
func pageChanges(c *check) {
	booked := c.fill("", c.PageSize+5)
	c.visible()
	seen := map[pms.StayID]int{}
	for stay, err := range c.Connector.Arrivals(c.Context(), c.arrival()) {
		require.NoError(c, err)
		if len(seen) == 0 {
			require.NoError(c, c.Sandbox.Staff(booked[0], Deed{Status: pms.StatusCancelled}))
			c.book("late", 1)
			c.visible()
		}
		seen[stay.ID]++
		require.Equal(c, 1, seen[stay.ID], "a stay is listed twice")
	}
	missing := 0
	for _, id := range booked[1:] {
		if seen[id] == 0 {
			missing++
		}
	}
	require.LessOrEqual(c, missing, 1, "one change hides one stay at most")
}
