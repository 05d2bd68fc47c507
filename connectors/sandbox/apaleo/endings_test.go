package apaleo_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func noShowPath(id string) string { return "/booking/v1/reservation-actions/" + id + "/noshow" }

func (d *desk) reservation(id string) obj {
	d.t.Helper()
	return d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations/"+id+"?expand=actions,services", nil)
}

func (o obj) amount(name string) any { return o.obj(name)["amount"] }

// allowed tells whether the reservation says that an action can be done.
func (o obj) allowed(action string) any {
	for _, a := range o.list("actions") {
		if a.text("action") == action {
			return a["isAllowed"]
		}
	}
	return nil
}

func TestNoShowFromTheDayOfArrivalOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Units: map[string]int{apaleo.Suite: 1}, TokenLifetime: 100 * time.Hour})
	id := d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-03", 2, ""))
	require.Equal(t, false, d.reservation(id).allowed("NoShow"))
	d.must(http.StatusUnprocessableEntity, http.MethodPut, noShowPath(id), nil)
	d.box.Advance(12 * time.Hour) // midnight: the day of arrival
	require.Equal(t, true, d.reservation(id).allowed("NoShow"))
	d.must(http.StatusNoContent, http.MethodPut, noShowPath(id), nil)
	got := d.reservation(id)
	require.Equal(t, "NoShow", got.text("status"))
	require.NotEmpty(t, got.text("noShowTime"))
	fee := got.obj("noShowFee").amount("fee").(float64)
	require.Equal(t, 0.8*(289+289), fee)
	require.Equal(t, -fee, got.amount("balance"))
	require.Equal(t, fee, got.obj("payableAmount").amount("guest"))

	d.must(http.StatusUnprocessableEntity, http.MethodPut, noShowPath(id), nil)
	d.must(http.StatusNotFound, http.MethodPut, noShowPath("NOBODY-1"), nil)
	d.book(stay(apaleo.Flexible(apaleo.Suite), "2026-11-03", 1, "")) // its room is free again
	require.NoError(t, d.box.Audit())
}

func TestCancellationCostsItsFeeOnceDue(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{TokenLifetime: 100 * time.Hour})
	free := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-04", 1, ""))
	late := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-04", 1, ""))
	never := d.book(stay(apaleo.NonRefundable(apaleo.Double), "2026-11-04", 1, ""))
	for _, id := range []string{free, never} {
		d.must(http.StatusNoContent, http.MethodPut, cancelPath(id), nil)
	}
	d.box.Advance(30 * time.Hour) // 18:00 on the day before
	d.must(http.StatusNoContent, http.MethodPut, cancelPath(late), nil)
	for id, want := range map[string]float64{free: 0, late: 0.8 * 129, never: 109.65} {
		got := d.reservation(id)
		require.Equal(t, "Canceled", got.text("status"))
		require.InDelta(t, -want, got.amount("balance"), 0.001)
		require.InDelta(t, want, got.obj("payableAmount").amount("guest"), 0.001)
		require.NotEmpty(t, got.text("cancellationTime"))
	}
	require.EqualValues(t, 103_20, d.box.Stays()[1].Payable)
}

func TestStaffStatuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	id := d.book(stay(apaleo.Flexible(apaleo.Double), "2026-11-03", 1, ""))
	for _, to := range []string{apaleo.InHouse, apaleo.CheckedOut, apaleo.NoShow, apaleo.Confirmed, apaleo.Canceled, apaleo.Confirmed} {
		d.must(http.StatusNoContent, http.MethodPost, "/sandbox/v1/reservations/"+id+"/status", obj{"status": to})
		require.Equal(t, to, d.reservation(id).text("status"))
		require.NoError(t, d.box.Audit())
	}
	require.NotContains(t, d.reservation(id), "cancellationTime")
}
