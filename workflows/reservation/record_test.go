package reservation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A scene plays a booking to its end and returns its id, and the run to
// record; an empty one is the last.
type scene func(*theatre) (id, run string)

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]scene {
	return map[string]scene{
		"book-confirmed": func(th *theatre) (string, string) {
			w, out := th.book(false, sandbox.Double)
			require.Equal(th.t, ledger.Confirmed, out.State)
			return w.Booking, ""
		},
		"sold-out": func(th *theatre) (string, string) {
			offer := th.Offer(th.t, sandbox.Suite)
			th.book(false, sandbox.Suite)
			w := th.Ask(th.t, false, offer)
			require.Equal(th.t, ledger.Rejected, th.must(reservation.UpdateBook, w, 1).State)
			return w.Booking, ""
		},
		"hold-expires": func(th *theatre) (string, string) {
			th.timing.Hold = 2 * time.Second
			w, out := th.book(true, sandbox.Double)
			require.Equal(th.t, ledger.Held, out.State)
			return w.Booking, ""
		},
		"hold-confirmed": func(th *theatre) (string, string) {
			w, _ := th.book(true, sandbox.Double)
			out := th.must(reservation.UpdateConfirm, th.Want(th.t, ledger.Confirm, w.Booking, ""), 0)
			require.Equal(th.t, ledger.Confirmed, out.State)
			return w.Booking, ""
		},
		"modify": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double, sandbox.Single)
			require.Empty(th.t, th.modify(w.Booking).Problem)
			return w.Booking, ""
		},
		"modify-compensated": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double, sandbox.Single)
			second := th.Entry(th.t, w.Booking).Stays[1].ID
			th.Connectors.Wrap(func(c pms.Connector) pms.Connector { return refusing{c, second} })
			require.Equal(th.t, "sold_out", th.modify(w.Booking).Problem)
			return w.Booking, ""
		},
		"rebooked": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double)
			require.Empty(th.t, th.rebook(w.Booking).Problem)
			return w.Booking, ""
		},
		"rebooking-restored": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double)
			old := th.Entry(th.t, w.Booking).Stays[0].ID
			th.Connectors.Wrap(func(c pms.Connector) pms.Connector { return refusing{c, old} })
			require.Equal(th.t, "sold_out", th.rebook(w.Booking).Problem)
			return w.Booking, ""
		},
		"cancel": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double)
			require.Equal(th.t, ledger.Cancelled, th.cancel(w.Booking).State)
			return w.Booking, ""
		},
		"told": func(th *theatre) (string, string) {
			th.tell = true
			w, _ := th.book(false, sandbox.Double)
			require.Empty(th.t, th.modify(w.Booking).Problem)
			require.Equal(th.t, ledger.Cancelled, th.cancel(w.Booking).State)
			for _, kind := range []letters.Kind{letters.KindConfirmation, letters.KindChange, letters.KindCancellation} {
				require.Equal(th.t, kind, (<-th.told).Kind)
			}
			return w.Booking, ""
		},
		"left-untold": func(th *theatre) (string, string) {
			th.tell = true
			th.mute.Store(true)
			w, _ := th.book(false, sandbox.Double)
			require.Equal(th.t, letters.KindConfirmation, (<-th.left).Kind)
			require.Empty(th.t, th.told)
			return w.Booking, ""
		},
		"continued": func(th *theatre) (string, string) {
			return th.continued(), ""
		},
		"continues-as-new": func(th *theatre) (string, string) {
			id := th.continued()
			d, err := th.Plain.DescribeWorkflowExecution(th.t.Context(), reservation.WorkflowID(th.Hotel.ID, id), "")
			require.NoError(th.t, err)
			return id, d.GetWorkflowExecutionInfo().GetFirstRunId()
		},
		"reopened": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double)
			th.closed(w.Booking)
			require.Equal(th.t, ledger.Cancelled, th.cancel(w.Booking).State)
			return w.Booking, ""
		},
		"pms-event": func(th *theatre) (string, string) {
			w, _ := th.book(false, sandbox.Double)
			th.Vendor.SetStatus(string(th.Entry(th.t, w.Booking).Stays[0].ID), sandbox.Canceled)
			id := reservation.WorkflowID(th.Hotel.ID, w.Booking)
			require.NoError(th.t, th.Client.SignalWorkflow(th.t.Context(), id, "", reservation.SignalPMSEvent, reservation.Event{ID: "1"}))
			return w.Booking, ""
		},
	}
}

// continued books, continues as new on an upgrade, and modifies in the next
// run.
func (th *theatre) continued() string {
	th.timing.Idle = time.Minute
	w, _ := th.book(false, sandbox.Double)
	id := reservation.WorkflowID(w.Hotel, w.Booking)
	require.NoError(th.t, th.Client.SignalWorkflow(th.t.Context(), id, "", reservation.SignalUpgrade, nil))
	require.Eventually(th.t, func() bool { return th.firstEvent(id).GetContinuedExecutionRunId() != "" }, time.Minute, 50*time.Millisecond)
	th.modify(w.Booking)
	th.cancel(w.Booking)
	return w.Booking
}

// refusing is a hotel that will neither amend nor cancel one stay.
type refusing struct {
	pms.Connector
	stay pms.StayID
}

func (r refusing) Cancel(ctx context.Context, id pms.StayID) error {
	if id == r.stay {
		return &pms.Error{Kind: pms.ErrSoldOut, Vendor: "apaleo", Operation: "cancel"}
	}
	return r.Connector.Cancel(ctx, id)
}

func (r refusing) Amend(ctx context.Context, a pms.AmendRequest) error {
	if a.Stay == r.stay {
		return &pms.Error{Kind: pms.ErrSoldOut, Vendor: "apaleo", Operation: "amend"}
	}
	return r.Connector.Amend(ctx, a)
}

// TestRecord plays every scene. Asked to, it keeps the histories of those that
// have no file yet; see testdata/README.md.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t, replaytest.Keys{})
			th.timing.Idle = time.Second
			id, run := play(th)
			th.closed(id)
			recorded := replaytest.Recording{Namespace: th.Name, History: th.history(id, run)}
			requireSealed(t, recorded.History)
			require.NoError(t, recorded.Replay(t, reservation.Name, reservation.Reservation))
			recorded.Keep(t, name)
		})
	}
}
