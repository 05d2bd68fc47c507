package contracttest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func amendBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpAmend, name: "dates", with: toChange, run: func(c *check) {
			made := c.book("", 3).Stays[0]
			c.amends(made, until(made, made.Departure.AddDays(2)))
			c.amends(made, until(made, made.Arrival.AddDays(1)))
			moved := until(made, made.Arrival.AddDays(9))
			moved.Arrival = made.Arrival.AddDays(7)
			c.amends(made, moved)
		}},
		{operation: pms.OpAmend, name: "room_type", with: toChange, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			made := c.create(c.draft(c.reference(""), o)).Stays[0]
			to := c.other(o)
			c.amends(made, into(made, to))
			require.Equal(c, to.RoomType.ID, string(c.record(made.ID).RoomType), "as the vendor has it")
		}},
		{operation: pms.OpAmend, name: "children_come_and_go", with: toChange, run: func(c *check) {
			family := pms.Occupancy{Adults: 2, ChildrenAges: []int{4, 11}}
			made := c.create(c.draft(c.reference(""), c.offer(c.arrival(), 2, family))).Stays[0]
			alone := changeOf(made)
			alone.Occupancy = couple
			c.amends(made, alone)
			require.Empty(c, c.stay(made).Occupancy.ChildrenAges, "the children stay at home")
			c.amends(made, changeOf(made))
		}},
		{operation: pms.OpAmend, name: "twice_leaves_the_same", with: toChange, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			offer := c.change(until(made, made.Departure.AddDays(1)))
			for range 2 {
				require.NoError(c, c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: offer}))
				require.Equal(c, offer.Total, c.record(made.ID).Total)
			}
			require.Equal(c, 1, c.living(c.reference("")))
		}},
		{operation: pms.OpAmend, name: "other_stays_untouched", with: toChange, when: func(p probe) string {
			if p.caps.MaxStays < 2 {
				return "one stay in a reservation"
			}
			return ""
		}, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			made := c.create(c.draft(c.reference(""), o, o))
			c.amends(made.Stays[1], until(made.Stays[1], o.Departure.AddDays(1)))
			require.Equal(c, o.Departure.String(), c.record(made.Stays[0].ID).Departure.String())
		}},
		{operation: pms.OpAmend, name: "sold_out", with: toChange, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			c.rooms(o, 1)
			made := c.create(c.draft(c.reference(""), o)).Stays[0]
			longer := c.change(until(made, made.Departure.AddDays(1)))
			c.create(c.draft(c.reference("B"), c.sameRoom(o, made.Departure)))
			c.fails(c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: longer}), pms.OpAmend, pms.ErrSoldOut)
			require.Equal(c, made.Departure.String(), c.record(made.ID).Departure.String(), "nothing changed")
		}},
		{operation: pms.OpAmend, name: "cancelled_by_staff", with: toChange, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			offer := c.change(until(made, made.Departure.AddDays(1)))
			require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Status: pms.StatusCancelled}))
			c.fails(c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: offer}), pms.OpAmend, pms.ErrConflict)
			require.Equal(c, pms.StatusCancelled, c.record(made.ID).Status, "and the room is not taken again")
		}},
		{operation: pms.OpAmend, name: "not_found", real: true, with: []pms.Operation{pms.OpAvailability}, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			for _, unknown := range hostileIDs {
				c.fails(c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: pms.StayID(unknown), Offer: o}), pms.OpAmend, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpAmend, name: "foreign_offer_refused", with: toBook, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			foreign := c.offer(c.arrival(), 1, couple)
			foreign.Vendor = []byte(`{"of":"another vendor"}`)
			for _, o := range []pms.Offer{{}, foreign} {
				c.unasked(func() {
					c.fails(c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: o}), pms.OpAmend, pms.ErrValidation)
				})
			}
		}},
	}
}

// amends quotes and makes a change, and compares what was quoted with what is
// read and with what the vendor holds.
func (c *check) amends(stay pms.Stay, q pms.ChangeQuery) {
	c.Helper()
	offer := c.change(q)
	require.NoError(c, c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: stay.ID, Offer: offer}))
	now := c.stay(stay)
	require.Equal(c, offer.Arrival.String(), now.Arrival.String())
	require.Equal(c, offer.Departure.String(), now.Departure.String())
	require.Equal(c, offer.RoomType.ID, now.RoomType.ID)
	require.Equal(c, offer.Occupancy.Adults, now.Occupancy.Adults)
	require.ElementsMatch(c, offer.Occupancy.ChildrenAges, now.Occupancy.ChildrenAges)
	require.Equal(c, offer.Total, now.Total, "the guest pays what was quoted")
	c.nights(now.Nights, now.Arrival, now.Departure)
	held := c.record(stay.ID)
	require.Equal(c, offer.Arrival.String(), held.Arrival.String(), "as the vendor has it")
	require.Equal(c, offer.Departure.String(), held.Departure.String(), "as the vendor has it")
	require.Equal(c, offer.Total, held.Total, "as the vendor has it")
}

// sameRoom offers the room type and rate of an offer for one night later.
func (c *check) sameRoom(o pms.Offer, arrival pms.Date) pms.Offer {
	c.Helper()
	q := quoteOf(o)
	q.Arrival, q.Departure = arrival, arrival.AddDays(1)
	quoted, err := c.Connector.Quote(c.Context(), q)
	require.NoError(c, err)
	return quoted
}

func editBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpEdit, name: "guest", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			grace := guest("Grace")
			for range 2 {
				require.NoError(c, c.Connector.Edit(c.Context(), pms.EditRequest{Stay: made.ID, Guest: &grace}), "repeating it leaves the same")
				now := c.stay(made)
				require.NotNil(c, now.Guest)
				require.Equal(c, "Grace", now.Guest.FirstName)
				require.Equal(c, grace.Email, now.Guest.Email)
			}
		}},
		{operation: pms.OpEdit, name: "leaves_the_rest", with: toBookIn, run: func(c *check) {
			r := c.book("", 2)
			wish, before := "a cot, please", c.record(r.Stays[0].ID)
			companions := []pms.Guest{guest("Emmy")}
			require.NoError(c, c.Connector.Edit(c.Context(), pms.EditRequest{Stay: r.Stays[0].ID, Comment: &wish, Companions: companions}))
			require.Equal(c, before, c.record(r.Stays[0].ID), "dates, room and price stay")
			now := c.read(r.ID)
			require.Equal(c, "Ada", now.Stays[0].Guest.FirstName, "nil leaves the guest")
			require.Equal(c, "Ada", now.Booker.FirstName, "the booker is somebody else")
		}},
		{operation: pms.OpEdit, name: "not_found", real: true, run: func(c *check) {
			wish := "a cot, please"
			for _, unknown := range hostileIDs {
				c.fails(c.Connector.Edit(c.Context(), pms.EditRequest{Stay: pms.StayID(unknown), Comment: &wish}), pms.OpEdit, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpEdit, name: "guest_without_name_refused", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			err := c.Connector.Edit(c.Context(), pms.EditRequest{Stay: made.ID, Guest: &pms.Guest{FirstName: Marker}})
			c.fails(err, pms.OpEdit, pms.ErrValidation)
			require.Equal(c, "Ada", c.stay(made).Guest.FirstName)
		}},
	}
}

func cancelBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpCancel, name: "gives_the_room_back", with: toBookIn, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			c.rooms(o, 1)
			made := c.create(c.draft(c.reference(""), o))
			require.NoError(c, c.Connector.Cancel(c.Context(), made.Stays[0].ID))
			require.Equal(c, pms.StatusCancelled, c.record(made.Stays[0].ID).Status)
			read := c.read(made.ID)
			require.Equal(c, pms.StatusCancelled, read.Status)
			require.Zero(c, read.Total.Amount, "nothing stands any more")
			c.create(c.draft(c.reference("B"), o))
		}},
		{operation: pms.OpCancel, name: "one_of_several", with: toBookIn, when: func(p probe) string {
			if p.caps.MaxStays < 2 {
				return "one stay in a reservation"
			}
			return ""
		}, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			made := c.create(c.draft(c.reference(""), o, o))
			require.NoError(c, c.Connector.Cancel(c.Context(), made.Stays[0].ID))
			require.Equal(c, pms.StatusCancelled, c.record(made.Stays[0].ID).Status)
			require.Equal(c, pms.StatusConfirmed, c.record(made.Stays[1].ID).Status, "the other guest keeps the room")
			require.Equal(c, pms.StatusConfirmed, c.read(made.ID).Status)
		}},
		{operation: pms.OpCancel, name: "twice", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			require.NoError(c, c.Connector.Cancel(c.Context(), made.ID))
			if err := c.Connector.Cancel(c.Context(), made.ID); err != nil {
				c.fails(err, pms.OpCancel, pms.ErrConflict)
			}
			require.Equal(c, pms.StatusCancelled, c.record(made.ID).Status)
		}},
		{operation: pms.OpCancel, name: "fee", with: toBookIn, run: cancellationFee},
		{operation: pms.OpCancel, name: "does_not_read", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			before := c.Sandbox.Requests()
			require.NoError(c, c.Connector.Cancel(c.Context(), made.ID))
			require.Equal(c, 1, c.Sandbox.Requests()-before, "the write rules of the caller read")
		}},
		{operation: pms.OpCancel, name: "guest_in_the_house", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Status: pms.StatusInHouse}))
			c.fails(c.Connector.Cancel(c.Context(), made.ID), pms.OpCancel, pms.ErrConflict)
			require.Equal(c, pms.StatusInHouse, c.record(made.ID).Status)
		}},
		{operation: pms.OpCancel, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				c.fails(c.Connector.Cancel(c.Context(), pms.StayID(unknown)), pms.OpCancel, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpNoShow, name: "records_it", with: toBookIn, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			c.lateOn(made.Arrival)
			require.NoError(c, c.Connector.NoShow(c.Context(), made.ID))
			require.Equal(c, pms.StatusNoShow, c.record(made.ID).Status)
			now := c.stay(made)
			require.Equal(c, pms.StatusNoShow, now.Status)
			require.Equal(c, now.Cancellation.NoShowFee, now.CancellationFee, "what the no-show costs")
		}},
		{operation: pms.OpNoShow, name: "too_early", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			c.fails(c.Connector.NoShow(c.Context(), made.ID), pms.OpNoShow, pms.ErrConflict, pms.ErrValidation)
			require.Equal(c, pms.StatusConfirmed, c.record(made.ID).Status)
		}},
		{operation: pms.OpNoShow, name: "guest_in_the_house", with: toBookIn, run: func(c *check) {
			made := c.book("", 1).Stays[0]
			c.lateOn(made.Arrival)
			require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Status: pms.StatusInHouse}))
			c.fails(c.Connector.NoShow(c.Context(), made.ID), pms.OpNoShow, pms.ErrConflict)
			require.Equal(c, pms.StatusInHouse, c.record(made.ID).Status)
		}},
		{operation: pms.OpNoShow, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				c.fails(c.Connector.NoShow(c.Context(), pms.StayID(unknown)), pms.OpNoShow, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
	}
}

// cancellationFee: nothing while it is free, and what was agreed after that.
func cancellationFee(c *check) {
	free, late := c.book("A", 2).Stays[0], c.book("B", 2).Stays[0]
	require.NoError(c, c.Connector.Cancel(c.Context(), free.ID))
	terms := c.stay(late).Cancellation
	if terms.FreeUntil.After(c.now()) {
		require.Zero(c, c.stay(free).CancellationFee.Amount, "cancelled in time")
		c.Sandbox.Advance(terms.FreeUntil.Sub(c.now()) + time.Minute)
		c.together(1)
	}
	require.NoError(c, c.Connector.Cancel(c.Context(), late.ID))
	require.Equal(c, terms.Fee, c.stay(late).CancellationFee, "cancelled late")
}

func extraBehaviours() []behaviour {
	toAdd := append(toBookIn[:len(toBookIn):len(toBookIn)], pms.OpExtras)
	return []behaviour{
		{operation: pms.OpExtras, name: "priced", with: toBook, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			extras, err := c.Connector.Extras(c.Context(), made.ID)
			require.NoError(c, err)
			require.NotEmpty(c, extras)
			seen := map[pms.ExtraID]bool{}
			for _, e := range extras {
				require.NotEmpty(c, e.ID)
				require.NotEmpty(c, e.Name)
				require.Equal(c, c.Currency, e.Price.Currency)
				require.GreaterOrEqual(c, e.Price.Amount, int64(0))
				require.Zero(c, e.Count, "none of it is booked")
				require.False(c, seen[e.ID], "an extra is listed twice")
				seen[e.ID] = true
			}
		}},
		{operation: pms.OpExtras, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				_, err := c.Connector.Extras(c.Context(), pms.StayID(unknown))
				c.fails(err, pms.OpExtras, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpAddExtra, name: "sets_the_count", with: toAdd, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			extra := c.extra(made.ID)
			for _, n := range []int{1, 1, 3} {
				require.NoError(c, c.Connector.AddExtra(c.Context(), pms.ExtraRequest{Stay: made.ID, Extra: extra, Count: n}))
				now := c.stay(made)
				require.Equal(c, n, count(now, extra.ID), "the count is set, not added to")
				require.Equal(c, made.Nights, now.Nights, "the room's nights stay")
			}
		}},
		{operation: pms.OpAddExtra, name: "is_paid_for", with: toAdd, run: func(c *check) {
			made := c.book("", 2)
			before := c.stay(made.Stays[0]).PayableTotal
			extra := c.extra(made.Stays[0].ID)
			require.NoError(c, c.Connector.AddExtra(c.Context(), pms.ExtraRequest{Stay: made.Stays[0].ID, Extra: extra, Count: 2}))
			now := c.stay(made.Stays[0])
			if before != (pms.Money{}) {
				require.Equal(c, before.Amount+2*extra.Price.Amount, now.PayableTotal.Amount, "what is payable grows by the price")
			}
		}},
		{operation: pms.OpAddExtra, name: "not_found", with: toAdd, run: func(c *check) {
			extra := c.extra(c.book("", 1).Stays[0].ID)
			for _, unknown := range hostileIDs {
				err := c.Connector.AddExtra(c.Context(), pms.ExtraRequest{Stay: pms.StayID(unknown), Extra: extra, Count: 1})
				c.fails(err, pms.OpAddExtra, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
	}
}
