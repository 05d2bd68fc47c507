package contracttest

import (
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// lostBehaviours are about creates whose answer was lost or came late.
func lostBehaviours() []behaviour {
	keyed := func(p probe) string {
		if p.caps.KeyWindow == 0 {
			return "the vendor remembers no keys"
		}
		return ""
	}
	found := append(toBook[:len(toBook):len(toBook)], pms.OpByReference)
	return []behaviour{
		{operation: pms.OpCreate, name: "same_key_same_reservation", with: toBook, when: keyed, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 2, couple))
			first := c.create(d)
			require.Equal(c, c.text(bookingTerms(first)), c.text(bookingTerms(c.create(d))), "a repeat has the same answer")
			require.Equal(c, 1, c.living(d.Reference), "booked once")
		}},
		{operation: pms.OpCreate, name: "same_key_in_parallel", with: toBook, when: keyed, run: sameKeyInParallel},
		{operation: pms.OpCreate, name: "same_key_when_full", with: toBook, when: keyed, run: func(c *check) {
			o := c.offer(c.arrival(), 1, couple)
			d := c.draft(c.reference(""), o)
			c.rooms(o, 1)
			first := c.create(d)
			require.Equal(c, first.ID, c.create(d).ID, "the repeat finds its own room taken, by itself")
		}},
		{operation: pms.OpCreate, name: "same_key_other_body_refused", with: toBook, when: keyed, run: func(c *check) {
			one := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			other := c.draft(c.reference(""), c.offer(c.arrival(), 2, couple))
			other.Key = one.Key
			made := c.create(one)
			_, err := c.Connector.Create(c.Context(), other)
			c.fails(err, pms.OpCreate, pms.ErrConflict)
			require.Equal(c, 1, c.living(one.Reference), "booked once")
			require.Equal(c, made.Stays[0].Departure, c.record(made.Stays[0].ID).Departure, "and not changed")
		}},
		{operation: pms.OpCreate, name: "lost_answer_is_unknown", with: toBook, plays: []Kind{CutAfter}, run: func(c *check) {
			lostCreate(c, Fault{Kind: CutAfter, Operation: pms.OpCreate})
		}},
		{operation: pms.OpCreate, name: "late_commit_is_one_reservation", with: found, plays: []Kind{LateCommit}, run: func(c *check) {
			lostCreate(c, Fault{Kind: LateCommit, Operation: pms.OpCreate, Wait: c.caps.WriteTimeout / 2})
		}},
		{operation: pms.OpCreate, name: "late_commit_is_found_by_reference", with: found, plays: []Kind{LateCommit}, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			c.play(Fault{Kind: LateCommit, Operation: pms.OpCreate, Wait: c.caps.WriteTimeout / 2})
			_, err := c.Connector.Create(c.Context(), d)
			c.fails(err, pms.OpCreate, pms.ErrOutcomeUnknown)
			c.Sandbox.Clear()
			_, err = c.Connector.ByReference(c.Context(), d.Reference)
			c.fails(err, pms.OpByReference, pms.ErrNotFound)
			c.visible()
			read, err := c.Connector.ByReference(c.Context(), d.Reference)
			require.NoError(c, err)
			require.Equal(c, c.records(d.Reference)[0].Reservation, read.ID)
		}},
		{operation: pms.OpCreate, name: "never_repeated_by_itself", with: toBook, plays: []Kind{ErrorBefore}, run: func(c *check) {
			d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
			c.play(Fault{Kind: ErrorBefore, Operation: pms.OpCreate})
			before := c.Sandbox.Requests()
			_, err := c.Connector.Create(c.Context(), d)
			c.fails(err, pms.OpCreate, pms.ErrOutcomeUnknown)
			require.Equal(c, 1, c.Sandbox.Requests()-before, "a write is repeated by the write rules alone")
		}},
		{operation: pms.OpAmend, name: "lost_answer_then_staff_changed", with: toChange, plays: []Kind{CutAfter}, run: lostThenChanged},
	}
}

func sameKeyInParallel(c *check) {
	d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
	ids := make([]pms.ReservationID, 8)
	require.NoError(c, errors.Join(c.race(len(ids), func(i int) error {
		made, err := c.Connector.Create(c.Context(), d)
		ids[i] = made.ID
		return err
	})...))
	for _, id := range ids {
		require.Equal(c, ids[0], id)
	}
	require.Equal(c, 1, c.living(d.Reference), "booked once")
}

// lostCreate loses the answer, and resolves the outcome by the write rules.
func lostCreate(c *check, f Fault) {
	a := tryCreate(c)
	c.play(f)
	_, err := a.call(c.Context())
	c.fails(err, pms.OpCreate, pms.ErrOutcomeUnknown)
	c.Sandbox.Clear()
	c.settled(pms.OpCreate, a)
}

// lostThenChanged: after a lost answer the write rules read, and must see what
// the desk made of the stay meanwhile.
func lostThenChanged(c *check) {
	made := c.book("", 2).Stays[0]
	offer := c.change(until(made, made.Departure.AddDays(1)))
	c.play(Fault{Kind: CutAfter, Operation: pms.OpAmend})
	err := c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: made.ID, Offer: offer})
	c.fails(err, pms.OpAmend, pms.ErrOutcomeUnknown)
	c.Sandbox.Clear()
	desk := made.Departure.AddDays(3)
	require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Departure: desk}))
	now := c.stay(made)
	require.Equal(c, desk.String(), now.Departure.String(), "a read shows what the desk did")
	c.nights(now.Nights, made.Arrival, desk)
	require.NotEqual(c, time.Time{}, c.read(made.ReservationID).Modified, "and when")
}
