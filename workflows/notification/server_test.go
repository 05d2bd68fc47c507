package notification_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/seven"
	"github.com/voicehive/voicehive/internal/notify/sink"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// A theatre plays deliveries on a real server, with real activities, a mailbox
// for what guests get and a real booking to tell of.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t          *testing.T
	mailbox    *sink.Sink
	activities *notification.Activities
}

func newTheatre(t *testing.T, confirmations string) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t}
	th.Hotel.Messages = registry.Messages{Confirmations: confirmations}
	require.NoError(t, h.Registry.Add(t.Context(), th.Hotel))
	var err error
	th.mailbox, err = sink.Start(sink.Options{})
	require.NoError(t, err)
	t.Cleanup(th.mailbox.Close)
	mail, err := email.New(email.Options{URL: th.mailbox.MailURL(), From: "post@aurora.example"})
	require.NoError(t, err)
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte("key"), 0o600))
	sms, err := seven.New(seven.Options{URL: th.mailbox.SMSURL(), KeyFile: key})
	require.NoError(t, err)
	t.Cleanup(sms.Close)
	texts, err := letters.New()
	require.NoError(t, err)
	th.activities, err = notification.New(notification.Parts{
		Outbox: notification.NewOutbox(h.Database.Pool(t), h.Ring, texts), Letters: texts, Hotels: h.Registry, Audit: audit.NewWriter(h.Ring),
		Sender: refusing{notify.Switch{notify.Email: mail, notify.SMS: sms}}, Bookings: h.Ledger, Deliveries: th,
	})
	require.NoError(t, err)
	w := worker.New(th.Client, messageflow.TaskQueue, worker.Options{Identity: "test"})
	messageflow.Register(w)
	notification.Register(w, th.activities)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return th
}

// refusing is a relay that does not know one of the addresses.
type refusing struct{ notify.Sender }

func (r refusing) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if m.To == unknown {
		return notify.Receipt{}, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress}
	}
	return r.Sender.Send(ctx, m)
}

const (
	unknown = bookingtest.Marker + "@unknown.example"
	mobile  = "+4915123456789"
)

// Deliver implements notification.Deliveries.
func (th *theatre) Deliver(ctx context.Context, ref notification.MessageRef) error {
	_, err := th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: messageflow.WorkflowID(ref), TaskQueue: messageflow.TaskQueue,
	}, messageflow.Name, ref)
	return err
}

// booked is the notice of a guest's booking.
func (th *theatre) booked(guest pms.Guest) notification.Notice {
	th.t.Helper()
	ctx := th.t.Context()
	scope, err := th.Ring.Create(ctx, th.Hotel.ID)
	require.NoError(th.t, err)
	sealed, err := keys.SealJSON(ctx, th.Ring, scope, booking.SealPurpose, booking.PlaceGuest, guest)
	require.NoError(th.t, err)
	offer := th.Offer(th.t, sandbox.Double)
	entry := booking.EntryOf(scope.ID, pms.Reservation{
		ID: "XPG", Confirmation: "XPG-1", Status: pms.StatusConfirmed, Total: offer.Total,
		Stays: []pms.Stay{{ID: "XPG-1", RoomType: offer.RoomType, Arrival: offer.Arrival, Departure: offer.Departure, Occupancy: offer.Occupancy}},
	})
	_, err = th.Ledger.Adopt(ctx, th.Hotel.ID, entry, sealed)
	require.NoError(th.t, err)
	return notification.Notice{Hotel: th.Hotel.ID, Booking: scope.ID, Version: 1, Kind: letters.KindConfirmation}
}

// delivered tells a guest of a booking and returns what became of it, and the
// workflow that did it.
func (th *theatre) delivered(guest pms.Guest) (id string, result messageflow.Result) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	queued, err := th.activities.Confirm(ctx, th.booked(guest))
	require.NoError(th.t, err)
	require.NotEmpty(th.t, queued.Message)
	id = messageflow.WorkflowID(notification.MessageRef{Hotel: th.Hotel.ID, Message: queued.Message})
	require.NoError(th.t, th.Client.GetWorkflow(ctx, id, "").Get(ctx, &result))
	return id, result
}

// scenes are the ways through the workflow that have a recorded history. Each
// returns the workflow to record.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"sent": func(th *theatre) string {
			guest := bookingtest.Guest()
			guest.Language = "it"
			id, result := th.delivered(guest)
			require.Equal(th.t, notification.Sent, result.State)
			received := th.mailbox.Messages()
			require.Len(th.t, received, 1)
			require.Equal(th.t, notify.Email, received[0].Channel)
			require.Equal(th.t, "it", received[0].Language)
			require.Contains(th.t, received[0].Subject, "XPG-1")
			return id
		},
		"by-the-next-channel": func(th *theatre) string {
			id, result := th.delivered(pms.Guest{LastName: bookingtest.Marker, Email: unknown, Phone: mobile})
			require.Equal(th.t, notification.Sent, result.State)
			received := th.mailbox.Messages()
			require.Len(th.t, received, 1)
			require.Equal(th.t, notify.SMS, received[0].Channel)
			require.Equal(th.t, []string{mobile}, received[0].To)
			require.Contains(th.t, received[0].Text, "XPG-1")
			require.Empty(th.t, th.tasks())
			return id
		},
		"to-a-person": func(th *theatre) string {
			id, result := th.delivered(pms.Guest{LastName: bookingtest.Marker, Email: unknown})
			require.Equal(th.t, notification.Failed, result.State)
			require.Empty(th.t, th.mailbox.Messages())
			require.Len(th.t, th.tasks(), 1)
			return id
		},
	}
}

func (th *theatre) tasks() []ledger.Task {
	th.t.Helper()
	tasks, err := th.Ledger.Tasks(th.t.Context(), th.Hotel.ID)
	require.NoError(th.t, err)
	return tasks
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t, "email,sms")
			recorded := replaytest.Read(t, th.Namespace, play(th), "")
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, messageflow.Name, messageflow.Message))
			require.NotContains(t, th.Log.String(), bookingtest.Marker)
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replaytest.Holds(t, messageflow.Name, messageflow.Message, slices.Collect(maps.Keys(scenes()))...)
}
