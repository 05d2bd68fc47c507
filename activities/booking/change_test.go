package booking_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// longer stores the wish to make each stay of a booking a night longer.
func (b *bench) longer(id string) booking.Write {
	b.t.Helper()
	return b.Want(b.t, ledger.Modify, id, b.Change(b.t, id, bookingtest.Longer))
}

// step is one stay of a change, under the version after the ledger's.
func (b *bench) step(w booking.Write, stay int, last bool) booking.Change {
	b.t.Helper()
	w.Version = b.Entry(b.t, w.Booking).Version + 1
	return booking.Change{Write: w, Stay: stay, Last: last}
}

// nights counts a stay's nights at the vendor.
func (b *bench) nights(stay int) int {
	s := b.Vendor.Stays()[stay]
	return pms.MustParseDate(s.Arrival).NightsUntil(pms.MustParseDate(s.Departure))
}

func TestAmend(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	before := b.book(sandbox.Double)
	w := b.longer(before.ID)
	out := b.must(booking.AmendActivity, b.step(w, 0, true))
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2}, out)
	require.Equal(t, 3, b.nights(0))

	after := b.Entry(t, before.ID)
	require.Equal(t, before.Departure.AddDays(1), after.Departure)
	require.Greater(t, after.Total.Amount, before.Total.Amount)
	stay := after.Stays[0]
	require.NotEmpty(t, stay.Charges)
	var extra int64
	for _, c := range stay.Charges {
		if !c.Included {
			extra += c.Amount.Amount
		}
	}
	require.Positive(t, extra, "a city tax for each night")
	require.Equal(t, stay.Total.Amount+extra, stay.PayableTotal.Amount, "what is to be paid is that of the new nights")
	require.Equal(t, before.Confirmation, after.Confirmation)
	require.Equal(t, before.VendorBooking, after.VendorBooking)
	_, settled := b.Settled(t, w.Intent)
	require.True(t, settled)
}

// TestAmendRepeats: equal to what is wanted is done, equal to what was before
// is amended again.
func TestAmendRepeats(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  sandbox.Kind
		amends int
	}{
		"done":   {sandbox.ResetAfter, 1},
		"undone": {sandbox.ResetBefore, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{})
			step := b.step(b.longer(b.book(sandbox.Double).ID), 0, true)
			b.Fault(t, sandbox.Fault{Kind: test.fault, Operation: "amend", Count: 1})
			b.fails("outcome_unknown", booking.AmendActivity, step)
			require.Equal(t, ledger.Confirmed, b.must(booking.AmendActivity, step).State)
			require.Equal(t, test.amends, b.Requests("amend"))
			require.Equal(t, 3, b.nights(0))
		})
	}
}

func TestAmendConflicts(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	first, second := b.longer(entry.ID), b.Want(t, ledger.Modify, entry.ID,
		b.Change(t, entry.ID, func(_ int, q *pms.ChangeQuery) { q.Departure = q.Departure.AddDays(3) }))
	b.must(booking.AmendActivity, b.step(first, 0, true))

	out := b.must(booking.AmendActivity, b.step(second, 0, true))
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2, Problem: "conflict"}, out)
	require.Equal(t, 3, b.nights(0))
	_, settled := b.Settled(t, second.Intent)
	require.True(t, settled, "nothing was changed, so the refusal is final")

	cancelled := b.book(sandbox.Double)
	third := b.longer(cancelled.ID)
	b.Vendor.SetStatus(string(cancelled.Stays[0].ID), sandbox.Canceled)
	require.Equal(t, "conflict", b.must(booking.AmendActivity, b.step(third, 0, true)).Problem)
}

func TestAmendSoldOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Units: map[string]int{sandbox.Suite: 1}})
	w := b.longer(b.book(sandbox.Suite).ID)
	next, err := b.Conn(t).Quote(t.Context(), pms.QuoteQuery{
		RoomTypeID: sandbox.Suite, RatePlanID: pms.RatePlanID(sandbox.Flexible(sandbox.Suite)), Occupancy: pms.Occupancy{Adults: 1},
		Arrival: bookingtest.Arrival().AddDays(2), Departure: bookingtest.Arrival().AddDays(3),
	})
	require.NoError(t, err)
	b.must(booking.CreateActivity, b.Ask(t, false, next))
	require.Equal(t, "sold_out", b.must(booking.AmendActivity, b.step(w, 0, true)).Problem)
	require.Equal(t, 2, b.nights(0))
	require.NoError(t, b.Vendor.Audit())
}

// TestAmendManyStays: a later refusal is left to the workflow, which reverts.
func TestAmendManyStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double, sandbox.Single)
	w := b.longer(entry.ID)
	first := b.step(w, 0, false)
	b.must(booking.AmendActivity, first)
	_, settled := b.Settled(t, w.Intent)
	require.False(t, settled)
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 2}, b.must(booking.AmendActivity, first), "the same step again")
	require.Equal(t, 1, b.Requests("amend"))

	b.answer(answers{amend: func(pms.AmendRequest) error { return kindOf(pms.ErrSoldOut) }})
	require.Equal(t, "sold_out", b.must(booking.AmendActivity, b.step(w, 1, true)).Problem)
	_, settled = b.Settled(t, w.Intent)
	require.False(t, settled)

	b.undisturbed()
	revert := b.step(w, 0, true)
	revert.Problem = "sold_out"
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 3, Problem: "sold_out"}, b.must(booking.RevertActivity, revert))
	require.Equal(t, []int{2, 2}, []int{b.nights(0), b.nights(1)})
	require.Equal(t, entry.Total, b.Entry(t, entry.ID).Total)
	out, settled := b.Settled(t, w.Intent)
	require.True(t, settled)
	require.Equal(t, "sold_out", out.Problem)
}

func TestRevertThatIsRefusedBecomesATask(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	w := b.longer(b.book(sandbox.Double, sandbox.Single).ID)
	b.must(booking.AmendActivity, b.step(w, 0, false))
	b.answer(answers{amend: func(pms.AmendRequest) error { return kindOf(pms.ErrConflict) }})
	revert := b.step(w, 0, true)
	revert.Problem = "sold_out"
	require.Equal(t, "sold_out", b.must(booking.RevertActivity, revert).Problem)
	tasks, err := b.Ledger.Tasks(t.Context(), b.Hotel.ID)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.Equal(t, "compensation_refused", tasks[0].Kind)
	_, settled := b.Settled(t, w.Intent)
	require.True(t, settled)
}

// TestALedgerThatIsAheadIsStale: a step must not be taken for done because
// somebody else recorded its version.
func TestALedgerThatIsAheadIsStale(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	entry := b.book(sandbox.Double)
	step := b.step(b.longer(entry.ID), 0, true)
	ahead := b.Entry(t, entry.ID)
	ahead.Version = step.Version
	require.NoError(t, b.Ledger.Advance(t.Context(), b.Hotel.ID, ahead, ledger.Settlement{}))

	require.True(t, b.fails(booking.TypeStale, booking.AmendActivity, step).NonRetryable())
	step.Last = false
	b.fails(booking.TypeStale, booking.AmendActivity, step)
	require.Zero(t, b.Requests("amend"))

	step.Last = true
	step.Version++
	require.Equal(t, booking.Outcome{State: ledger.Confirmed, Version: 3}, b.must(booking.AmendActivity, step))
}
