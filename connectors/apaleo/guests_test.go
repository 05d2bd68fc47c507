package apaleo_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// ids are of the people that a search found.
func ids(guests []pms.Guest) []pms.GuestID {
	var all []pms.GuestID
	for _, g := range guests {
		all = append(all, g.ID)
	}
	return all
}

func TestSearchGuestsMatchesExactly(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	offer := r.quote(t, sandbox.Double, sandbox.Flexible(sandbox.Double), 1)
	draft, err := r.Draft(pms.CreateRequest{
		Reference: "01LA", Booker: pms.Guest{FirstName: "Ada", LastName: "van der Lovelace", Email: "ada@example.org", Phone: "+49 30 555-1"},
		Stays: []pms.StayRequest{{Offer: offer}, {Offer: offer, Guest: &pms.Guest{LastName: "Lovelace"}}},
	})
	require.NoError(t, err)
	booked, err := r.Create(t.Context(), draft)
	require.NoError(t, err)
	booker, first, second := "booker:"+pms.GuestID(booked.ID), "guest:"+pms.GuestID(booked.ID)+"-1", "guest:"+pms.GuestID(booked.ID)+"-2"

	for name, test := range map[string]struct {
		query pms.GuestQuery
		want  []pms.GuestID
	}{
		"last name, without regard to case and spaces": {pms.GuestQuery{LastName: "VANDER  lovelace"}, []pms.GuestID{booker, first}},
		"part of a name is no name":                    {pms.GuestQuery{LastName: "Lovelace"}, []pms.GuestID{second}},
		"e-mail":                                       {pms.GuestQuery{Email: "ADA@example.org"}, []pms.GuestID{booker, first}},
		"first name":                                   {pms.GuestQuery{FirstName: "ada"}, []pms.GuestID{booker, first}},
		"name and phone":                               {pms.GuestQuery{LastName: "van der Lovelace", Phone: "+49305551"}, []pms.GuestID{booker, first}},
		"another phone":                                {pms.GuestQuery{LastName: "van der Lovelace", Phone: "+49305552"}, nil},
		"nobody":                                       {pms.GuestQuery{LastName: "Turing"}, nil},
	} {
		found, err := r.SearchGuests(t.Context(), test.query)
		require.NoError(t, err, name)
		require.ElementsMatch(t, test.want, ids(found), name)
	}
	for _, query := range []pms.GuestQuery{{}, {Phone: "+49305551"}, {LastName: "  "}} {
		_, err := r.SearchGuests(t.Context(), query)
		requireFailure(t, err, pms.ErrUnsupported, pms.OpSearchGuests, "query")
	}
	r.fault(t, sandbox.Fault{Operation: "reservations", Kind: sandbox.Forbidden})
	_, err = r.SearchGuests(t.Context(), pms.GuestQuery{LastName: secretMarker})
	requireFailure(t, err, pms.ErrPermission, pms.OpSearchGuests, "scope")
}

func TestUpsertKeepsWhatWeHaveNoWordFor(t *testing.T) {
	t.Parallel()
	answers := bookingWith("Confirmed")
	answers["/booking/v1/reservations/ABCD-1"] = strings.Replace(answers["/booking/v1/reservations/ABCD-1"], `"adults":1`,
		`"adults":1,"primaryGuest":{"lastName":"Old","phone":"1","birthDate":"1815-12-10","address":{"city":"London","countryCode":"GB"}}`, 1)
	server, sent := recorded(t, answers)
	c := connect(t, server)
	guest, err := c.Guest(t.Context(), "guest:ABCD-1")
	require.NoError(t, err)
	require.Equal(t, pms.Guest{ID: "guest:ABCD-1", LastName: "Old", Phone: "1", Country: "GB"}, guest)

	guest.LastName, guest.Phone, guest.Email, guest.Comment = "New", "", "new@example.org", "quiet"
	id, err := c.UpsertGuest(t.Context(), guest)
	require.NoError(t, err)
	require.Equal(t, guest.ID, id)
	require.JSONEq(t, `[{"op":"replace","path":"/primaryGuest","value":{"lastName":"New","email":"new@example.org",
		"birthDate":"1815-12-10","address":{"city":"London","countryCode":"GB"}}},{"op":"add","path":"/guestComment","value":"quiet"}]`, <-sent)
}

func TestUpsertAndErase(t *testing.T) {
	t.Parallel()
	r := newRig(t, sandbox.Options{})
	booked := r.book(t, "01LB", 1)
	for _, id := range []pms.GuestID{"booker:" + pms.GuestID(booked.ID), "guest:" + pms.GuestID(booked.Stays[0].ID)} {
		guest, err := r.Guest(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, secretMarker, guest.LastName)
		guest.Phone = "+49301"
		_, err = r.UpsertGuest(t.Context(), guest)
		require.NoError(t, err)
		again, err := r.Guest(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, guest, again)

		require.NoError(t, r.EraseGuest(t.Context(), id))
		require.NoError(t, r.EraseGuest(t.Context(), id), "twice leaves the same")
		erased, err := r.Guest(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, pms.Guest{ID: id, LastName: "Erased"}, erased)
	}
	found, err := r.SearchGuests(t.Context(), pms.GuestQuery{LastName: secretMarker})
	require.NoError(t, err)
	require.Empty(t, found)

	for _, id := range []pms.GuestID{"", "guest", "guest:", "guest:../x", "other:ABCD", "booker:NOSUCH"} {
		_, err := r.Guest(t.Context(), id)
		require.ErrorIs(t, err, pms.ErrNotFound, id)
		require.ErrorIs(t, r.EraseGuest(t.Context(), id), pms.ErrNotFound, id)
	}
	_, err = r.UpsertGuest(t.Context(), pms.Guest{LastName: "New"})
	requireFailure(t, err, pms.ErrUnsupported, pms.OpUpsertGuest, "guest.id")
	_, err = r.UpsertGuest(t.Context(), pms.Guest{ID: "guest:ABCD-1"})
	requireFailure(t, err, pms.ErrValidation, pms.OpUpsertGuest, "guest.last_name")
}
