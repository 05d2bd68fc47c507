package contracttest

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// digits leaves what counts in a phone number.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

func guestBehaviours() []behaviour {
	read := append(toFind[:len(toFind):len(toFind)], pms.OpGuest)
	return []behaviour{
		{operation: pms.OpSearchGuests, name: "exact_match", with: toBook, run: searchesExactly},
		{operation: pms.OpSearchGuests, name: "by_phone_alone", with: toBook, run: func(c *check) {
			c.book("", 1)
			c.visible()
			found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{Phone: strings.ReplaceAll(guest("Ada").Phone, " ", "")})
			if err != nil {
				// A vendor that cannot must say so: nobody found would be a lie.
				c.fails(err, pms.OpSearchGuests, pms.ErrUnsupported)
				return
			}
			require.NotEmpty(c, found)
			require.Equal(c, "Ada", found[0].FirstName)
		}},
		{operation: pms.OpSearchGuests, name: "empty", real: true, run: func(c *check) {
			found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: "Nobody" + c.base})
			require.NoError(c, err, "nobody found is no error")
			require.Empty(c, found)
		}},
		{operation: pms.OpSearchGuests, name: "guests_withheld", with: toBook, options: Options{WithholdGuests: true}, run: func(c *check) {
			c.book("", 1)
			c.visible()
			found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker})
			if err != nil {
				c.fails(err, pms.OpSearchGuests, pms.ErrPermission, pms.ErrUnsupported)
			}
			require.Empty(c, found, "who is not shown cannot be found")
		}},
		{operation: pms.OpGuest, name: "as_found", with: toFind, run: func(c *check) {
			_, found := c.found()
			require.NotEmpty(c, found.ID)
			g, err := c.Connector.Guest(c.Context(), found.ID)
			require.NoError(c, err)
			require.Equal(c, found, g)
			require.Equal(c, guest("Ada").Email, g.Email)
		}},
		{operation: pms.OpGuest, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range append([]string{""}, hostileIDs...) {
				_, err := c.Connector.Guest(c.Context(), pms.GuestID(unknown))
				c.fails(err, pms.OpGuest, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpUpsertGuest, name: "changes_one", with: read, run: func(c *check) {
			_, g := c.found()
			other := c.create(c.draftFor("B", guest("Grace")))
			g.FirstName, g.Phone = "Augusta", "+49 30 5550777"
			id, err := c.Connector.UpsertGuest(c.Context(), g)
			require.NoError(c, err)
			require.Equal(c, g.ID, id)
			now, err := c.Connector.Guest(c.Context(), id)
			require.NoError(c, err)
			require.Equal(c, "Augusta", now.FirstName)
			require.Equal(c, digits(g.Phone), digits(now.Phone))
			require.Equal(c, "Grace", c.read(other.ID).Booker.FirstName, "nobody else is changed")
		}},
		{operation: pms.OpUpsertGuest, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				g := guest("Ada")
				g.ID = pms.GuestID(unknown)
				_, err := c.Connector.UpsertGuest(c.Context(), g)
				c.fails(err, pms.OpUpsertGuest, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
		{operation: pms.OpEraseGuest, name: "nothing_is_left", with: toFind, run: func(c *check) {
			stay, g := c.found()
			before := c.record(stay.ID)
			for range 2 {
				require.NoError(c, c.Connector.EraseGuest(c.Context(), g.ID), "erasing twice is no error")
			}
			c.silentGuest(g.ID)
			require.Equal(c, before, c.record(stay.ID), "the stay stands")
		}},
		{operation: pms.OpEraseGuest, name: "remarks_too", with: toFind, when: func(p probe) string {
			if p.Raw == nil {
				return "the simulator does not show remarks"
			}
			return ""
		}, run: erasesRemarks},
		{operation: pms.OpEraseGuest, name: "not_found", real: true, run: func(c *check) {
			for _, unknown := range hostileIDs {
				c.fails(c.Connector.EraseGuest(c.Context(), pms.GuestID(unknown)), pms.OpEraseGuest, pms.ErrNotFound, pms.ErrValidation)
			}
		}},
	}
}

// erasesRemarks: what a guest asked for tells who they are too. Where a vendor
// keeps one person in several places, each is erased.
func erasesRemarks(c *check) {
	made := c.book("", 1)
	c.visible()
	raw, err := c.Raw(made.ID)
	require.NoError(c, err)
	require.Contains(c, raw, Marker)
	guests, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker, FirstName: "Ada"})
	require.NoError(c, err)
	for _, g := range guests {
		require.NoError(c, c.Connector.EraseGuest(c.Context(), g.ID))
	}
	raw, err = c.Raw(made.ID)
	require.NoError(c, err)
	require.NotContains(c, strings.ToLower(raw), strings.ToLower(Marker), "the vendor still holds what the guest said")
}

// draftFor books for somebody else.
func (c *check) draftFor(text string, who pms.Guest) pms.Draft {
	c.Helper()
	request := c.request(c.reference(text), c.offer(c.arrival(), 1, couple))
	request.Booker = who
	draft, err := c.Connector.Draft(request)
	require.NoError(c, err)
	return draft
}

// searchesExactly finds by each field, in any spelling of capitals and spaces,
// and nobody whose name only begins alike.
func searchesExactly(c *check) {
	ada := guest("Ada")
	longer := guest("Ada")
	longer.LastName, longer.Email, longer.Phone = Marker+"son", "other."+ada.Email, "+49 30 55501234"
	c.create(c.draftFor("A", ada))
	c.create(c.draftFor("B", longer))
	c.visible()
	for name, q := range map[string]pms.GuestQuery{
		"last name":   {LastName: ada.LastName},
		"capitals":    {LastName: strings.ToUpper(ada.LastName), FirstName: "ada"},
		"spaces":      {LastName: " " + ada.LastName + " "},
		"e-mail":      {Email: strings.ToUpper(ada.Email)},
		"all of them": {LastName: ada.LastName, FirstName: ada.FirstName, Email: ada.Email, Phone: ada.Phone},
	} {
		found, err := c.Connector.SearchGuests(c.Context(), q)
		require.NoError(c, err, name)
		require.NotEmpty(c, found, "%s finds the guest", name)
		for _, g := range found {
			require.Equal(c, ada.LastName, g.LastName, "%s finds somebody whose name only begins alike", name)
			require.Equal(c, ada.Email, g.Email, name)
			require.NotEmpty(c, g.ID, name)
		}
	}
	found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: ada.LastName, FirstName: "Grace"})
	require.NoError(c, err)
	require.Empty(c, found, "every field that is given must match")
}

// silentGuest: what is left of a guest tells nothing.
func (c *check) silentGuest(id pms.GuestID) {
	c.Helper()
	found, err := c.Connector.SearchGuests(c.Context(), pms.GuestQuery{LastName: Marker, FirstName: "Ada"})
	require.NoError(c, err)
	for _, g := range found {
		require.NotEqual(c, id, g.ID, "an erased guest is found by name")
	}
	left, err := c.Connector.Guest(c.Context(), id)
	if err != nil {
		c.fails(err, pms.OpGuest, pms.ErrNotFound)
		return
	}
	c.silent("an erased guest", c.text(left))
	require.Empty(c, digits(left.Phone))
	require.NotContains(c, left.FirstName, "Ada")
}
