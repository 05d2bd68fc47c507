package contracttest

import (
	"errors"
	"strconv"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// raceBehaviours are about callers that want the same room at once.
func raceBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpCreate, name: "last_rooms_race", with: toBook, run: func(c *check) { lastRooms(c, 10, 3) }},
		{operation: pms.OpCreate, name: "last_room_race", with: toBook, run: func(c *check) { lastRooms(c, 6, 1) }},
		{operation: pms.OpAmend, name: "last_room_race", with: toChange, run: amendToLastRoom},
	}
}

// lastRooms lets callers run for rooms: exactly as many as there are rooms
// win, and the others hear that it is sold out.
func lastRooms(c *check, callers, rooms int) {
	o := c.offer(c.arrival(), 2, couple)
	c.rooms(o, rooms)
	drafts := make([]pms.Draft, callers)
	for i := range drafts {
		drafts[i] = c.draft(c.reference(strconv.Itoa(i)), o)
	}
	errs := c.race(callers, func(i int) error {
		_, err := c.Connector.Create(c.Context(), drafts[i])
		return err
	})
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			require.Equal(c, 1, c.living(drafts[i].Reference), "a winner has a room")
			continue
		}
		c.fails(err, pms.OpCreate, pms.ErrSoldOut)
		require.Zero(c, c.living(drafts[i].Reference), "a loser has none")
	}
	require.Equal(c, rooms, won, "%d rooms for %d callers", rooms, callers)
}

func (c *check) race(callers int, run func(i int) error) []error {
	errs := make([]error, callers)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { errs[i] = safely(func() error { return run(i) }) })
	}
	wait.Wait()
	return errs
}

// amendToLastRoom: two guests want the same better room.
func amendToLastRoom(c *check) {
	o := c.offer(c.arrival(), 2, couple)
	better := c.other(o)
	var stays []pms.Stay
	var offers []pms.Offer
	for i := range 2 {
		stay := c.create(c.draft(c.reference(strconv.Itoa(i)), o)).Stays[0]
		stays = append(stays, stay)
		offers = append(offers, c.change(into(stay, better)))
	}
	c.rooms(better, 1)
	errs := c.race(2, func(i int) error {
		return c.Connector.Amend(c.Context(), pms.AmendRequest{Stay: stays[i].ID, Offer: offers[i]})
	})
	require.True(c, (errs[0] == nil) != (errs[1] == nil), "one of two gets the last room: %v", errors.Join(errs...))
	for i, err := range errs {
		wanted := better.RoomType.ID
		if err != nil {
			c.fails(err, pms.OpAmend, pms.ErrSoldOut)
			wanted = o.RoomType.ID
		}
		require.Equal(c, wanted, string(c.record(stays[i].ID).RoomType))
	}
}
