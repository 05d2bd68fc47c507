package contracttest

import (
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func readBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpRead, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range append([]string{""}, hostileIDs...) {
				_, err := c.Connector.Reservation(c.Context(), pms.ReservationID(unknown))
				c.fails(err, pms.OpRead, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpRead, name: "sums", real: true, with: toBook, run: func(c *check) {
			read := c.read(c.book("", 3).ID)
			total := pms.Money{}
			for _, s := range read.Stays {
				c.nights(s.Nights, s.Arrival, s.Departure)
				c.sums(s.Nights, s.Total)
				total = total.Plus(s.Total)
				if s.PayableTotal != (pms.Money{}) {
					require.GreaterOrEqual(c, s.PayableTotal.Amount, s.Total.Amount)
				}
			}
			require.Equal(c, total, read.Total)
		}},
		{operation: pms.OpRead, name: "payable_as_offered", with: toBook, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			s := c.read(c.create(c.draft(c.reference(""), o)).ID).Stays[0]
			if s.PayableTotal != (pms.Money{}) {
				require.Equal(c, o.PayableTotal, s.PayableTotal, "with the taxes and fees on top")
			}
		}},
		{operation: pms.OpRead, name: "cancellation_terms", with: toBook, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			read := c.read(c.create(c.draft(c.reference(""), o)).ID).Stays[0]
			require.Equal(c, o.Cancellation.Fee, read.Cancellation.Fee)
			require.True(c, o.Cancellation.FreeUntil.Equal(read.Cancellation.FreeUntil), "the moment until which it is free")
			require.Equal(c, o.Cancellation.NoShowFee, read.Cancellation.NoShowFee)
		}},
		{operation: pms.OpRead, name: "changed_by_staff", with: toBook, run: func(c *check) {
			made := c.book("", 2).Stays[0]
			require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Departure: made.Departure.AddDays(2)}))
			now := c.stay(made)
			require.Equal(c, made.Departure.AddDays(2).String(), now.Departure.String())
			c.nights(now.Nights, now.Arrival, now.Departure)
			c.sums(now.Nights, now.Total)
		}},
		{operation: pms.OpRead, name: "every_status", with: toBook, run: func(c *check) {
			for i, status := range []pms.Status{
				pms.StatusInHouse, pms.StatusCheckedOut, pms.StatusCancelled, pms.StatusNoShow,
			} {
				made := c.book(strconv.Itoa(i), 1)
				require.NoError(c, c.Sandbox.Staff(made.Stays[0].ID, Deed{Status: status}))
				read := c.read(made.ID)
				require.Equal(c, status, read.Stays[0].Status)
				require.Equal(c, status, read.Status)
			}
		}},
		{operation: pms.OpRead, name: "unheard_of_status", with: toBook, run: func(c *check) {
			made := c.book("", 1)
			require.NoError(c, c.Sandbox.Staff(made.Stays[0].ID, Deed{Status: pms.StatusUnknown}))
			read := c.read(made.ID)
			require.Equal(c, pms.StatusUnknown, read.Stays[0].Status, "a status that no contract names is unknown and breaks nothing")
			require.Equal(c, pms.StatusUnknown, read.Status)
			require.Equal(c, made.Total, read.Total)
		}},
		{operation: pms.OpRead, name: "partly_cancelled", with: toBook, when: func(p probe) string {
			if p.caps.MaxStays < 2 {
				return "one stay in a reservation"
			}
			return ""
		}, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			made := c.create(c.draft(c.reference(""), o, o))
			require.NoError(c, c.Sandbox.Staff(made.Stays[0].ID, Deed{Status: pms.StatusCancelled}))
			read := c.read(made.ID)
			require.Len(c, read.Stays, 2, "a cancelled stay is still shown")
			require.Equal(c, pms.StatusConfirmed, read.Status)
			require.Equal(c, o.Total, read.Total, "the total is of the stays that stand")
		}},
		{operation: pms.OpRead, name: "modified_moves", with: toBook, run: func(c *check) {
			made := c.book("", 1)
			before := c.read(made.ID).Modified
			c.Sandbox.Advance(time.Minute)
			require.NoError(c, c.Sandbox.Staff(made.Stays[0].ID, Deed{Departure: made.Stays[0].Departure.AddDays(1)}))
			require.True(c, c.read(made.ID).Modified.After(before))
		}},
		{operation: pms.OpByConfirmation, name: "as_a_guest_says_it", real: true, with: toBook, run: func(c *check) {
			made := c.book("", 1)
			for _, number := range []string{
				made.Confirmation, " " + made.Confirmation + " ", strings.ToLower(made.Confirmation), strings.ToUpper(made.Confirmation),
			} {
				read, err := c.Connector.ByConfirmation(c.Context(), number)
				require.NoError(c, err, "%q", number)
				require.Equal(c, made.ID, read.ID)
			}
		}},
		{operation: pms.OpByConfirmation, name: "not_found", real: true, run: func(c *check) {
			for _, number := range append([]string{"", Marker, "ZZZZZZZZ", "0"}, hostileIDs...) {
				_, err := c.Connector.ByConfirmation(c.Context(), number)
				c.fails(err, pms.OpByConfirmation, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
	}
}

func referenceBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpByReference, name: "exact_match", with: toBook, run: matchesExactly},
		{operation: pms.OpByReference, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range []pms.Reference{"", c.reference(""), "../x", "a b&c=d", "%"} {
				_, err := c.Connector.ByReference(c.Context(), unknown)
				c.fails(err, pms.OpByReference, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpByReference, name: "list_lag", with: toBook, plays: []Kind{ListLag}, when: func(p probe) string {
			if p.caps.ListLag == 0 {
				return "the vendor's lists are said to have no lag"
			}
			return ""
		}, run: func(c *check) {
			c.play(Fault{Kind: ListLag, Wait: c.caps.ListLag})
			made := c.book("", 1)
			_, err := c.Connector.ByReference(c.Context(), c.reference(""))
			c.fails(err, pms.OpByReference, pms.ErrNotFound)
			require.Equal(c, made.ID, c.read(made.ID).ID, "a read by id has no lag")
			c.Sandbox.Advance(c.caps.ListLag)
			read, err := c.Connector.ByReference(c.Context(), c.reference(""))
			require.NoError(c, err, "after Capabilities.ListLag the list has it")
			require.Equal(c, made.ID, read.ID)
		}},
		{operation: pms.OpByReference, name: "cancelled", with: append(toBook[:len(toBook):len(toBook)], pms.OpCancel), run: func(c *check) {
			made := c.book("", 1)
			require.NoError(c, c.Connector.Cancel(c.Context(), made.Stays[0].ID))
			c.visible()
			read, err := c.Connector.ByReference(c.Context(), c.reference(""))
			require.NoError(c, err, "a cancelled reservation is still ours: it must not be booked again")
			require.Equal(c, pms.StatusCancelled, read.Status)
		}},
		{operation: pms.OpByReference, name: "beyond_a_page", with: toBook, when: pages, run: func(c *check) {
			// Ours is the last one among more than a page of longer codes, which
			// vendors with a prefix match list too.
			c.fill("X", c.PageSize+1)
			made := c.book("", 1)
			c.visible()
			read, err := c.Connector.ByReference(c.Context(), c.reference(""))
			require.NoError(c, err)
			require.Equal(c, made.ID, read.ID)
		}},
	}
}

// matchesExactly: the references of others that begin like ours, or differ in
// case, are not ours.
func matchesExactly(c *check) {
	longer := c.book("-2", 1)
	c.visible()
	_, err := c.Connector.ByReference(c.Context(), c.reference(""))
	c.fails(err, pms.OpByReference, pms.ErrNotFound)
	exact := c.book("", 1)
	c.visible()
	for ref, want := range map[pms.Reference]pms.ReservationID{c.reference(""): exact.ID, c.reference("-2"): longer.ID} {
		read, err := c.Connector.ByReference(c.Context(), ref)
		require.NoError(c, err)
		require.Equal(c, want, read.ID)
		require.Equal(c, ref, read.Reference)
	}
	_, err = c.Connector.ByReference(c.Context(), pms.Reference(strings.ToLower(c.base)))
	c.fails(err, pms.OpByReference, pms.ErrNotFound)
}
