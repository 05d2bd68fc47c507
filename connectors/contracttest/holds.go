package contracttest

import (
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func holdBehaviours() []behaviour {
	heldIn := append(toHold[:len(toHold):len(toHold)], pms.OpRelease)
	confirmed := append(heldIn[:len(heldIn):len(heldIn)], pms.OpConfirm)
	return []behaviour{
		{operation: pms.OpHold, name: "keeps_the_room", with: toHold, run: func(c *check) {
			d := c.holdDraft("")
			held, err := c.Connector.Hold(c.Context(), d)
			require.NoError(c, err)
			require.Equal(c, pms.StatusHeld, held.Status)
			require.Equal(c, pms.StatusHeld, held.Stays[0].Status)
			require.True(c, held.HoldUntil.After(c.now()), "a hold ends in the future")
			require.Equal(c, 1, c.living(d.Reference))
		}},
		{operation: pms.OpHold, name: "same_key_same_hold", with: toHold, when: func(p probe) string {
			if p.caps.KeyWindow == 0 {
				return "the vendor remembers no keys"
			}
			return ""
		}, run: func(c *check) {
			d := c.holdDraft("")
			first, err := c.Connector.Hold(c.Context(), d)
			require.NoError(c, err)
			again, err := c.Connector.Hold(c.Context(), d)
			require.NoError(c, err)
			require.Equal(c, first.ID, again.ID)
			require.Equal(c, 1, c.living(d.Reference))
		}},
		{operation: pms.OpHold, name: "sold_out", with: toHold, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			d := c.holdDraft("")
			c.rooms(o, 0)
			_, err := c.Connector.Hold(c.Context(), d)
			c.fails(err, pms.OpHold, pms.ErrSoldOut)
		}},
		{operation: pms.OpHold, name: "plain_draft_refused", with: toHold, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			c.unasked(func() {
				_, err := c.Connector.Hold(c.Context(), d)
				c.fails(err, pms.OpHold, pms.ErrValidation)
			})
		}},
		{operation: pms.OpConfirm, name: "twice", with: toHold, run: func(c *check) {
			held := c.hold("")
			for range 2 {
				r, err := c.Connector.Confirm(c.Context(), held.ID)
				require.NoError(c, err, "confirming twice is no error")
				require.Equal(c, pms.StatusConfirmed, r.Status)
				require.Equal(c, held.ID, r.ID)
				require.Equal(c, held.Total, r.Total)
			}
			require.Equal(c, 1, c.living(c.reference("")))
		}},
		{operation: pms.OpConfirm, name: "released_hold", with: heldIn, run: func(c *check) {
			held := c.hold("")
			require.NoError(c, c.Connector.Release(c.Context(), held.ID))
			_, err := c.Connector.Confirm(c.Context(), held.ID)
			c.fails(err, pms.OpConfirm, pms.ErrConflict, pms.ErrNotFound)
		}},
		{operation: pms.OpConfirm, name: "cancelled_by_staff", with: toHold, run: func(c *check) {
			held := c.hold("")
			require.NoError(c, c.Sandbox.Staff(held.Stays[0].ID, Deed{Status: pms.StatusCancelled}))
			_, err := c.Connector.Confirm(c.Context(), held.ID)
			c.fails(err, pms.OpConfirm, pms.ErrConflict, pms.ErrNotFound)
		}},
		{operation: pms.OpConfirm, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				_, err := c.Connector.Confirm(c.Context(), pms.ReservationID(unknown))
				c.fails(err, pms.OpConfirm, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpRelease, name: "gives_the_room_back", with: toHold, run: func(c *check) {
			o := c.offer(c.arrival(), 2, couple)
			c.rooms(o, 1)
			held := c.hold("")
			require.NoError(c, c.Connector.Release(c.Context(), held.ID))
			require.Zero(c, c.living(c.reference("")))
			again, err := c.Connector.Quote(c.Context(), quoteOf(o))
			require.NoError(c, err, "the room can be sold again")
			require.Equal(c, 1, again.Available)
		}},
		{operation: pms.OpRelease, name: "twice", with: toHold, run: func(c *check) {
			held := c.hold("")
			require.NoError(c, c.Connector.Release(c.Context(), held.ID))
			require.NoError(c, c.Connector.Release(c.Context(), held.ID), "releasing twice is no error")
		}},
		{operation: pms.OpRelease, name: "guest_in_the_house", with: confirmed, run: func(c *check) {
			held := c.hold("")
			_, err := c.Connector.Confirm(c.Context(), held.ID)
			require.NoError(c, err)
			require.NoError(c, c.Sandbox.Staff(held.Stays[0].ID, Deed{Status: pms.StatusInHouse}))
			c.fails(c.Connector.Release(c.Context(), held.ID), pms.OpRelease, pms.ErrConflict)
			require.Equal(c, 1, c.living(c.reference("")))
		}},
	}
}
