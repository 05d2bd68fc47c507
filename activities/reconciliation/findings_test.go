package reconciliation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestNothingIsWrong(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, room := range []string{sandbox.Single, sandbox.Double, sandbox.Single} {
		d.book(room)
	}
	held := d.Ask(t, true, d.Offer(t, sandbox.Double))
	out, err := run[booking.Outcome](d, booking.CreateActivity, held)
	require.NoError(t, err)
	require.Equal(t, ledger.Held, out.State)
	d.Ask(t, false, d.Offer(t, sandbox.Double)) // on its way
	d.atTheDesk(sandbox.Single, "CHANNEL-4711") // another channel's
	require.Empty(t, d.round())
	require.Empty(t, d.tasks())
	require.Empty(t, d.runs.calls)
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	second := d.atTheDesk(sandbox.Single, ours.ID)
	d.finds(reconciliation.Duplicate, reconciliation.Raised)
	task := d.task(reconciliation.Duplicate, ours.ID)
	require.Contains(t, task.Detail, ours.VendorBooking)
	require.Contains(t, task.Detail, string(second.ID))
	d.settled()
	require.Equal(t, 2, d.Vendor.Count(sandbox.Confirmed), "nothing is cancelled")
}

// TestDuplicateOfAnotherDay: the second one was moved, so no day's list has
// both.
func TestDuplicateOfAnotherDay(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	second := d.atTheDesk(sandbox.Single, ours.ID)
	d.move(second, 3)
	d.finds(reconciliation.Duplicate, reconciliation.Raised)
	require.Contains(t, d.task(reconciliation.Duplicate, ours.ID).Detail, string(second.ID))
	d.settled()
}

// move changes dates at the hotel's desk.
func (d *desk) move(r pms.Reservation, days int) {
	d.t.Helper()
	stay := r.Stays[0]
	offer, err := d.Conn(d.t).QuoteChange(d.t.Context(), pms.ChangeQuery{
		Stay: stay.ID, Arrival: stay.Arrival.AddDays(days), Departure: stay.Departure.AddDays(days), Occupancy: stay.Occupancy,
	})
	require.NoError(d.t, err)
	require.NoError(d.t, d.Conn(d.t).Amend(d.t.Context(), pms.AmendRequest{Stay: stay.ID, Offer: offer}))
}

func TestOrphanThatTheLedgerDoesNotHave(t *testing.T) {
	t.Parallel()
	d := open(t)
	reference := ledger.NewID()
	made := d.atTheDesk(sandbox.Double, reference)
	d.finds(reconciliation.Orphan, reconciliation.Raised)
	require.Contains(t, d.task(reconciliation.Orphan, reference).Detail, string(made.ID))
	d.settled()
}

// TestAdoptedIsNoOrphan: another installation's reference, taken over by ours.
func TestAdoptedIsNoOrphan(t *testing.T) {
	t.Parallel()
	d := open(t)
	made := d.atTheDesk(sandbox.Double, ledger.NewID())
	_, err := d.Ledger.Adopt(t.Context(), d.Hotel.ID, booking.EntryOf(ledger.NewID(), made), []byte("sealed"))
	require.NoError(t, err)
	require.Empty(t, d.round())
}

// TestOrphanThatTheLedgerCountsAsNeverMade: the hotel's yes came after we gave
// up.
func TestOrphanThatTheLedgerCountsAsNeverMade(t *testing.T) {
	t.Parallel()
	for _, state := range []ledger.State{ledger.Rejected, ledger.Unknown} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			ours := d.book(sandbox.Single)
			d.Database.Admin(t, "update booking set state = '"+string(state)+"', vendor_booking = null, version = version + 1")
			d.finds(reconciliation.Orphan, reconciliation.Raised)
			task := d.task(reconciliation.Orphan, ours.ID)
			require.Contains(t, task.Detail, "counts it as "+string(state))
			d.settled()
			d.Vendor.SetStatus(string(ours.Stays[0].ID), sandbox.Canceled)
			require.Empty(t, d.round())
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.Vendor.SetStatus(string(ours.Stays[0].ID), sandbox.Canceled)
	d.Database.Admin(t, "update booking set vendor_booking = 'GONEXX', version = version + 1")
	d.finds(reconciliation.Missing, reconciliation.Raised)
	require.Contains(t, d.task(reconciliation.Missing, ours.ID).Detail, "GONEXX")
	d.settled()
	d.Database.Admin(t, "update booking set state = 'cancelled'")
	require.Empty(t, d.round(), "what is cancelled may be gone")
}

func TestTerminatedRun(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	require.Empty(t, d.round(), "within its grace")
	d.age("intent", 10*time.Minute)
	d.finds(reconciliation.Terminated, reconciliation.Repaired)
	require.Equal(t, []string{"reissue " + w.Intent}, d.runs.calls)
	d.runs.open = []string{w.Booking}
	require.Empty(t, d.round(), "its workflow runs again")
}

// age makes rows older.
func (d *desk) age(table string, by time.Duration) {
	d.t.Helper()
	d.Database.Admin(d.t, "update "+table+" set created_at = created_at - interval '"+by.String()+"'")
}

// TestARepairThatDoesNotHelpBecomesATask, once.
func TestARepairThatDoesNotHelpBecomesATask(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	d.age("intent", 10*time.Minute)
	for range 3 {
		d.finds(reconciliation.Terminated, reconciliation.Repaired)
	}
	d.finds(reconciliation.Terminated, reconciliation.Raised)
	d.task(reconciliation.Terminated, w.Booking)
	require.Len(t, d.runs.calls, 3)
	d.settled()
}

func TestStuck(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	d.runs.open = []string{w.Booking}
	d.age("intent", 50*time.Minute)
	require.Empty(t, d.round())
	d.age("intent", 20*time.Minute)
	d.finds(reconciliation.Stuck, reconciliation.Raised)
	d.task(reconciliation.Stuck, w.Booking)
	d.settled()
}

// TestStuckWithoutAnythingAsked: pending, and nobody will carry anything out.
func TestStuckWithoutAnythingAsked(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.Ask(t, false, d.Offer(t, sandbox.Single))
	d.Database.Admin(t, "update intent set settled_at = now(), outcome = '{}'")
	require.Empty(t, d.round())
	d.age("booking", 2*time.Hour)
	d.finds(reconciliation.Stuck, reconciliation.Raised)
	d.task(reconciliation.Stuck, w.Booking)
	d.settled()
}

// TestDrift: the hotel's desk changed a booking, and no event told.
func TestDrift(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *desk, e ledger.Entry){
		"cancelled": func(d *desk, e ledger.Entry) { d.Vendor.SetStatus(string(e.Stays[0].ID), sandbox.Canceled) },
		"in house":  func(d *desk, e ledger.Entry) { d.Vendor.SetStatus(string(e.Stays[0].ID), sandbox.InHouse) },
		"no show":   func(d *desk, e ledger.Entry) { d.Vendor.SetStatus(string(e.Stays[0].ID), sandbox.NoShow) },
		"moved": func(d *desk, e ledger.Entry) {
			r, err := d.Conn(d.t).Reservation(d.t.Context(), pms.ReservationID(e.VendorBooking))
			require.NoError(d.t, err)
			d.move(r, 1)
		},
		"room in our book": func(d *desk, e ledger.Entry) {
			d.Database.Admin(d.t, `update booking set stays = jsonb_set(stays, '{0,room_type,id}', '"OTHER"')`)
		},
		"price in our book": func(d *desk, e ledger.Entry) {
			d.Database.Admin(d.t, `update booking set total_amount = total_amount + 1`)
		},
		"guests in our book": func(d *desk, e ledger.Entry) {
			d.Database.Admin(d.t, `update booking set stays = jsonb_set(stays, '{0,occupancy,adults}', '2')`)
		},
		"stay in our book": func(d *desk, e ledger.Entry) {
			d.Database.Admin(d.t, `update booking set stays = jsonb_set(stays, '{0,id}', '"OTHER-1"')`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			ours := d.book(sandbox.Single)
			require.Empty(t, d.round())
			change(d, ours)
			d.runs.refresh = func(id string) error {
				ref := booking.Ref{Hotel: d.Hotel.ID, Booking: id, Version: d.Entry(t, id).Version + 1}
				_, err := run[booking.Outcome](d, booking.RefreshActivity, ref)
				return err
			}
			d.finds(reconciliation.Drift, reconciliation.Repaired)
			require.Equal(t, []string{"refresh " + ours.ID}, d.runs.calls)
			require.Greater(t, d.Entry(t, ours.ID).Version, ours.Version)
			require.Empty(t, d.round(), "the ledger has read it")
			require.Empty(t, d.tasks())
		})
	}
}

func TestDriftThatCannotBeReadBecomesATask(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.Database.Admin(t, `update booking set total_amount = total_amount + 1`)
	for range 3 {
		d.finds(reconciliation.Drift, reconciliation.Repaired)
	}
	d.finds(reconciliation.Drift, reconciliation.Raised)
	require.Contains(t, d.task(reconciliation.Drift, ours.ID).Detail, "total")
	d.settled()
}

// TestCancelledHereAndAliveThere: the desk took a booking back in. Nothing of
// ours opens it again.
func TestCancelledHereAndAliveThere(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.Database.Admin(t, "update booking set state = 'cancelled', version = version + 1, updated_at = now() - interval '2 days'")
	d.finds(reconciliation.Drift, reconciliation.Raised)
	require.Contains(t, d.task(reconciliation.Drift, ours.ID).Detail, ours.VendorBooking)
	d.settled()
	require.Empty(t, d.runs.calls)
}

// TestAClosedTaskStaysClosed until the facts are others.
func TestAClosedTaskStaysClosed(t *testing.T) {
	t.Parallel()
	d := open(t)
	ours := d.book(sandbox.Single)
	d.atTheDesk(sandbox.Single, ours.ID)
	d.finds(reconciliation.Duplicate, reconciliation.Raised)
	task := d.task(reconciliation.Duplicate, ours.ID)
	done, err := d.records.Done(t.Context(), d.Hotel.ID, task.ID)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), done.ClosedAt, time.Minute)
	d.settled()
	require.Empty(t, d.tasks())
	again, err := d.records.Done(t.Context(), d.Hotel.ID, task.ID)
	require.NoError(t, err)
	require.Equal(t, done, again)
	all, err := d.records.Tasks(t.Context(), d.Hotel.ID, true, 100)
	require.NoError(t, err)
	require.Equal(t, []reconciliation.Task{done}, all)

	third := d.atTheDesk(sandbox.Single, ours.ID)
	d.finds(reconciliation.Duplicate, reconciliation.Raised)
	opened := d.task(reconciliation.Duplicate, ours.ID)
	require.Equal(t, task.ID, opened.ID)
	require.Contains(t, opened.Detail, string(third.ID))
	shown, err := d.records.Task(t.Context(), d.Hotel.ID, task.ID)
	require.NoError(t, err)
	require.Equal(t, opened, shown)
	for _, unknown := range []func() error{
		func() error { _, err := d.records.Task(t.Context(), "hotel-other", task.ID); return err },
		func() error { _, err := d.records.Done(t.Context(), d.Hotel.ID, strings.Repeat("0", 26)); return err },
	} {
		require.ErrorIs(t, unknown(), reconciliation.ErrNoTask)
	}
}
