package apaleo_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

const control = "/sandbox/v1/reservations/"

func TestStaffChangesAStayWithItsEvents(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t, apaleo.Options{}), newMailbox(t)
	d.subscribe(m, "reservation/amended", "reservation/canceled", "reservation/unit-assigned", "reservation/changed")
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 2, ""))
	d.must(http.StatusNoContent, http.MethodPost, control+id+"/amend", obj{
		"arrival": "2026-11-12", "departure": "2026-11-15", "rate_plan": apaleo.Flexible(apaleo.Family), "adults": 2, "nightly_cents": 100_00,
	})
	got := d.box.Stays()[0]
	require.Equal(t, "2026-11-12", got.Arrival)
	require.Equal(t, "2026-11-15", got.Departure)
	require.Equal(t, apaleo.Family, got.UnitGroup)
	require.Equal(t, 2, got.Adults)
	require.EqualValues(t, 300_00, got.Total)
	require.NoError(t, d.box.StaffAmend(id, apaleo.StaffChange{Departure: pms.MustParseDate("2026-11-16")}))
	require.EqualValues(t, 300_00+148_50, d.box.Stays()[0].Total, "a new night has today's price: a Sunday's")
	d.must(http.StatusNoContent, http.MethodPost, control+id+"/event", obj{"type": "unit-assigned"})
	d.must(http.StatusNoContent, http.MethodPost, control+id+"/cancel", nil)
	require.Equal(t, 1, d.box.Count(apaleo.Canceled))
	require.Equal(t, []string{"healthcheck", "amended", "amended", "unit-assigned", "canceled"}, m.types(t, 5))
	require.NotEqual(t, apaleo.DefaultClientID, m.events[1].text("clientId"), "it was not us")

	for name, err := range map[string]error{
		"ended":        d.box.StaffCancel(id),
		"amended":      d.box.StaffAmend(id, apaleo.StaffChange{Adults: 1}),
		"no nights":    d.box.StaffAmend(id, apaleo.StaffChange{Departure: pms.MustParseDate("2026-11-12")}),
		"no such type": d.box.StaffEvent(id, "exploded"),
	} {
		require.Error(t, err, name)
	}
	for path, body := range map[string]obj{
		"NOBODY-1/amend": {"adults": 1}, "NOBODY-1/cancel": nil, "NOBODY-1/event": {"type": "deleted"}, "NOBODY-1/status": {"status": "InHouse"},
	} {
		d.must(http.StatusNotFound, http.MethodPost, control+path, body)
	}
	d.must(http.StatusUnprocessableEntity, http.MethodPost, control+id+"/cancel", nil)
	d.must(http.StatusUnprocessableEntity, http.MethodPost, control+id+"/event", obj{"type": "exploded"})
}

func TestRoomsToSellAreSet(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	set := obj{"unit_group": apaleo.Double, "from": "2026-11-10", "to": "2026-11-12", "rooms": 1}
	d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/rooms", set)
	require.EqualValues(t, 1, offersFor(d, "2026-11-10", 2, "")[apaleo.Flexible(apaleo.Double)]["availableUnits"])
	last := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	d.must(http.StatusUnprocessableEntity, http.MethodPost, bookingsPath, stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	require.Error(t, d.box.StaffAmend(d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-12", 1, "")), apaleo.StaffChange{Arrival: pms.MustParseDate("2026-11-10")}))
	require.NoError(t, d.box.Audit())
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(last), nil)
	d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")) // given back, sold again

	day := pms.MustParseDate("2026-11-10")
	require.NoError(t, d.box.SetRooms(apaleo.Double, day, day.AddDays(1), 0))
	require.Empty(t, offersFor(d, "2026-11-10", 1, "&unitGroupIds="+apaleo.Double))
	require.Error(t, d.box.SetRooms("BER-XXX", day, day.AddDays(1), 1))
	require.Error(t, d.box.SetRooms(apaleo.Double, day, day, 1))
	require.Error(t, d.box.SetRooms(apaleo.Double, day, day.AddDays(1), -1))
	d.must(http.StatusBadRequest, http.MethodPost, "/sandbox/v1/rooms", []byte(`{"from":"10.11.2026"}`))
	d.box.Reset()
	d.login()
	require.EqualValues(t, 30, offersFor(d, "2026-11-10", 1, "")[apaleo.Flexible(apaleo.Double)]["availableUnits"])
}

// TestUnknownStatus: the vendor may add a state of a stay any day.
func TestUnknownStatus(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	d.must(http.StatusUnprocessableEntity, http.MethodPost, control+id+"/status", obj{"status": "Waitlisted"})
	d.must(http.StatusNoContent, http.MethodPost, control+id+"/status", obj{"status": "Waitlisted", "unknown": true})
	require.Equal(t, 1, d.box.Count("Waitlisted"))
	require.NoError(t, d.box.Audit())
}

func TestTokenRequestsAreCounted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	d.login()
	require.Equal(t, 2, d.box.TokenRequests())
}
