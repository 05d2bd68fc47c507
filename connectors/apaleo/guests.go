package apaleo

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

// Apaleo has no guests of their own: they live within bookings and stays. A
// pms.GuestID tells where: "booker:" and the id of a booking, or "guest:" and
// the id of a stay. So one person may have many ids.
const (
	bookerOf = "booker:"
	guestOf  = "guest:"
)

// A home is where a guest lives, and who was met there.
type home struct {
	at mapping.Path
	// person and words are the fields, in a JSON Patch, of the person and of
	// what they asked for.
	person, words string
	known         json.RawMessage // empty where the app may not see personal data
}

// home visits a guest; ErrNotFound when they live at another property.
func (c *Connector) home(ctx context.Context, o pms.Operation, id pms.GuestID) (home, error) {
	var h home
	expand := ""
	if booking, ok := strings.CutPrefix(string(id), bookerOf); ok {
		h, expand = home{at: mapping.Path{"/booking/v1/bookings", booking}, person: "/booker", words: "/bookerComment"}, "reservations"
	} else if stay, ok := strings.CutPrefix(string(id), guestOf); ok {
		h = home{at: mapping.Path{"/booking/v1/reservations", stay}, person: "/primaryGuest", words: "/guestComment"}
	} else {
		return h, c.failed(o, mapping.Refused(pms.ErrNotFound, "guest.id", "a guest's id is "+bookerOf+"BOOKING or "+guestOf+"STAY"))
	}
	var found struct {
		Property     named           `json:"property"`
		Reservations []reservation   `json:"reservations"`
		Booker       json.RawMessage `json:"booker"`
		Guest        json.RawMessage `json:"primaryGuest"`
	}
	if err := c.get(ctx, o, h.at, mapping.Query("expand", expand), &found); err != nil {
		return h, err
	}
	h.known = append(found.Booker, found.Guest...) // one of them is there
	if found.Property.ID != c.o.Property && len(slices.DeleteFunc(found.Reservations, c.foreign)) == 0 {
		return h, c.elsewhere(o)
	}
	return h, nil
}

// SearchGuests implements pms.Connector, among the bookers and the main guests
// of this property's stays. Apaleo does not search by phone alone.
func (c *Connector) SearchGuests(ctx context.Context, q pms.GuestQuery) ([]pms.Guest, error) {
	const o = pms.OpSearchGuests
	text := mapping.SearchText(q)
	if text == "" {
		return nil, c.failed(o, mapping.Refused(pms.ErrUnsupported, "query", "Apaleo finds guests by name or e-mail only"))
	}
	var found []*pms.Guest
	for r, err := range c.list(ctx, o, mapping.Query("textSearch", text, "expand", "booker")) {
		if err != nil {
			return nil, c.failed(o, err)
		}
		found = append(found, r.Booker.guest(bookerOf+r.BookingID), r.Guest.guest(guestOf+r.ID))
	}
	return mapping.Matching(q, found), nil
}

// Guest implements pms.Connector.
func (c *Connector) Guest(ctx context.Context, id pms.GuestID) (pms.Guest, error) {
	h, err := c.home(ctx, pms.OpGuest, id)
	if err != nil {
		return pms.Guest{}, err
	}
	var p person
	_ = json.Unmarshal(h.known, &p) // who cannot be read is withheld
	if guest := p.guest(string(id)); guest != nil {
		return *guest, nil
	}
	return pms.Guest{}, c.withheld(pms.OpGuest)
}

func (c *Connector) withheld(o pms.Operation) error {
	return c.failed(o, mapping.Refused(pms.ErrPermission, "guest", "the app may not see personal data; allow it where the app is registered"))
}

// UpsertGuest implements pms.Connector. Apaleo replaces a person as a whole, so
// what the contract has no word for, such as an address, is read and sent back.
func (c *Connector) UpsertGuest(ctx context.Context, g pms.Guest) (pms.GuestID, error) {
	const o = pms.OpUpsertGuest
	if err := mapping.CheckGuest(g); err != nil {
		return "", c.failed(o, err)
	}
	h, err := c.home(ctx, o, g.ID)
	if err != nil {
		return "", err
	}
	whole, err := mapping.Overlay(h.known, map[string]string{
		"firstName": g.FirstName, "lastName": g.LastName, "email": g.Email, "phone": g.Phone, "preferredLanguage": g.Language,
	})
	if err != nil {
		return "", c.withheld(o)
	}
	patch := mapping.Patch{}.Replace(h.person, whole)
	if g.Comment != "" {
		patch = patch.Set(h.words, g.Comment)
	}
	return g.ID, c.send(ctx, o, http.MethodPatch, h.at, patch)
}

// EraseGuest implements pms.Connector. Apaleo has no erasure: the person is
// overwritten with one that is nobody, and so are the remarks. Other guests of
// the stay, the payment account and folios stay as they are.
func (c *Connector) EraseGuest(ctx context.Context, id pms.GuestID) error {
	h, err := c.home(ctx, pms.OpEraseGuest, id)
	if err != nil {
		return err
	}
	patch := mapping.Patch{}.Replace(h.person, person{LastName: "Erased"}).Set(h.words, "").Set("/comment", "")
	return c.send(ctx, pms.OpEraseGuest, http.MethodPatch, h.at, patch)
}
