package reservation

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
)

// tellsGuests is the change that made a booking tell its guest. It is asked for
// where a request wants it and nowhere else: for a hotel without confirmations
// a history holds nothing of all this.
const tellsGuests = "tells-guests"

// leavesUntold is the change that made a booking leave to a person what could
// not be queued.
const leavesUntold = "leaves-untold"

// tell has the guest told of what came of an update, when it is what was asked
// for. The message is queued beside the update's answer, which waits for
// nothing, and what becomes of it is no matter of the booking.
func (r *reservation) tell(ctx workflow.Context, kind letters.Kind, out booking.Outcome) {
	wanted := ledger.Confirmed // a hold is nothing to tell yet
	if kind == letters.KindCancellation {
		wanted = ledger.Cancelled
	}
	if out.Problem != "" || out.State != wanted {
		return
	}
	if workflow.GetVersion(ctx, tellsGuests, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return // this run's worker knew no messages when it answered
	}
	r.queueMessage(ctx, notification.Notice{Hotel: r.in.Hotel, Booking: r.in.Booking, Version: out.Version, Kind: kind})
}

// queueMessage queues a message in a coroutine of its own. The next run does it
// again where this one ends before: a message is queued once, however often
// that is asked.
func (r *reservation) queueMessage(ctx workflow.Context, n notification.Notice) {
	r.untold = append(r.untold, n)
	apart, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(apart, "tell the guest", func(ctx workflow.Context) {
		queueing := notification.WithQueueing(ctx, n.Hotel, "queue a message to the guest")
		if err := workflow.ExecuteActivity(queueing, notification.ConfirmActivity, n).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("The guest is not told of the booking.", "kind", string(n.Kind), "error", err)
			leaveToPerson(ctx, n)
		}
		r.untold = slices.DeleteFunc(r.untold, func(u notification.Notice) bool { return u == n })
	})
}

// leaveToPerson has an operator tell the guest. Nobody waits for that either,
// but the run stays open until it is done, as for a message.
func leaveToPerson(ctx workflow.Context, n notification.Notice) {
	if workflow.GetVersion(ctx, leavesUntold, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	leaving := notification.WithQueueing(ctx, n.Hotel, "leave a guest who was not told to a person")
	if err := workflow.ExecuteActivity(leaving, notification.UntoldActivity, n).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Error("Nobody is told that a guest was not told of the booking.", "kind", string(n.Kind), "error", err)
	}
}
