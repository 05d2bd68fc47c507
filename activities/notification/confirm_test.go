package notification_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// A reception is a desk that knows bookings and has messages delivered.
type reception struct {
	*desk
	ledger  *ledger.Ledger
	started []notification.MessageRef
	away    error // why no delivery can be started
}

func newReception(t *testing.T, confirmations string) *reception {
	t.Helper()
	r := &reception{desk: newDesk(t)}
	r.ledger = ledger.New(r.pool)
	r.wants(confirmations)
	return r
}

// wants has the hotel want confirmations by these channels.
func (r *reception) wants(confirmations string) {
	r.t.Helper()
	entry, err := r.registry.Hotel(r.t.Context(), hotel)
	require.NoError(r.t, err)
	entry.Messages = registry.Messages{Confirmations: confirmations}
	require.NoError(r.t, r.registry.Add(r.t.Context(), entry))
}

// Deliver implements notification.Deliveries.
func (r *reception) Deliver(_ context.Context, ref notification.MessageRef) error {
	if r.away == nil {
		r.started = append(r.started, ref)
	}
	return r.away
}

func (r *reception) activities() *notification.Activities {
	r.t.Helper()
	a, err := notification.New(notification.Parts{
		Outbox: r.outbox, Letters: r.letters, Sender: r.sender, Hotels: r.registry, Audit: r.auditor, SendTime: time.Second,
		Bookings: r.ledger, Deliveries: r, Now: r.now,
	})
	require.NoError(r.t, err)
	return a
}

// visitor is a guest who can be reached in every way.
func visitor() pms.Guest {
	return pms.Guest{FirstName: "Xena", LastName: marker, Email: guest, Phone: "0151 23456789", Language: "fr"}
}

// stay is a room of a booking.
func stay() pms.Stay {
	return pms.Stay{
		ID: "S-1", Status: pms.StatusConfirmed, RoomType: pms.Named{ID: "DBL", Name: "Double  room\n"},
		Arrival: pms.NewDate(2027, time.March, 1), Departure: pms.NewDate(2027, time.March, 3),
		Occupancy: pms.Occupancy{Adults: 2, ChildrenAges: []int{4}}, Total: pms.Money{Amount: 24000, Currency: "EUR"},
	}
}

// booked is a booking in the ledger and the notice that it was confirmed.
func (r *reception) booked(g pms.Guest, stays ...pms.Stay) notification.Notice {
	r.t.Helper()
	if len(stays) == 0 {
		stays = []pms.Stay{stay()}
	}
	scope := keys.Scope{Tenant: hotel, ID: r.scope()}
	sealed, err := keys.SealJSON(r.t.Context(), r.ring, scope, booking.SealPurpose, booking.PlaceGuest, g)
	require.NoError(r.t, err)
	entry := booking.EntryOf(scope.ID, pms.Reservation{
		ID: pms.ReservationID("XPG-" + scope.ID), Confirmation: "XPG-1", Status: pms.StatusConfirmed, Stays: stays, Total: stays[0].Total,
	})
	_, err = r.ledger.Adopt(r.t.Context(), hotel, entry, sealed)
	require.NoError(r.t, err)
	return notification.Notice{Hotel: hotel, Booking: scope.ID, Version: 1, Kind: letters.KindConfirmation}
}

// becomes moves the booking on and returns the notice of that.
func (r *reception) becomes(n notification.Notice, state ledger.State, kind letters.Kind) notification.Notice {
	r.t.Helper()
	entry, err := r.ledger.Entry(r.t.Context(), hotel, n.Booking)
	require.NoError(r.t, err)
	entry.State, entry.Version = state, entry.Version+1
	if state == ledger.Cancelled {
		for i := range entry.Stays {
			entry.Stays[i].Status = pms.StatusCancelled
		}
	}
	require.NoError(r.t, r.ledger.Advance(r.t.Context(), hotel, entry, ledger.Settlement{}))
	n.Version, n.Kind = entry.Version, kind
	return n
}

func (r *reception) confirm(n notification.Notice) notification.Outcome {
	r.t.Helper()
	out, err := r.activities().Confirm(r.t.Context(), n)
	require.NoError(r.t, err)
	answer, err := json.Marshal(out)
	require.NoError(r.t, err)
	noGuest(r.t, "what Temporal sees", string(answer))
	return out
}

// send queues a notice's message and delivers it.
func (r *reception) send(n notification.Notice) (notification.MessageRef, notification.Delivery) {
	r.t.Helper()
	ref := notification.MessageRef{Hotel: hotel, Message: r.confirm(n).Message}
	require.NotEmpty(r.t, ref.Message)
	d, err := r.activities().Deliver(r.t.Context(), ref)
	require.NoError(r.t, err)
	return ref, d
}

func (r *reception) all() []notification.Message {
	r.t.Helper()
	all, err := r.outbox.Messages(r.t.Context(), hotel, "", 100)
	require.NoError(r.t, err)
	return all
}

func (r *reception) tasks() []ledger.Task {
	r.t.Helper()
	tasks, err := r.ledger.Tasks(r.t.Context(), hotel)
	require.NoError(r.t, err)
	return tasks
}

func TestAGuestIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email,sms")
	n := r.booked(visitor())
	r.away = errors.New("Temporal is away")
	_, err := r.activities().Confirm(t.Context(), n)
	require.ErrorContains(t, err, "Temporal is away", "so it is tried again")
	r.away = nil
	first, again := r.confirm(n), r.confirm(n)
	require.Equal(t, first, again)
	require.Len(t, r.all(), 1)
	ref := notification.MessageRef{Hotel: hotel, Message: first.Message}
	require.Equal(t, []notification.MessageRef{ref, ref}, r.started)

	got, err := r.activities().Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
	sent := r.sender.messages()
	require.Len(t, sent, 1)
	require.Equal(t, notify.Email, sent[0].Channel)
	require.Equal(t, guest, sent[0].To)
	require.Equal(t, "fr", sent[0].Language, "the guest's language")
	for _, fact := range []string{"XPG-1", "Double room", "1er mars 2027", "240,00 EUR", "3 personnes"} {
		require.Contains(t, sent[0].Text, fact)
	}
	m := r.message(ref)
	require.Equal(t, n.Booking, m.Scope)
	require.EqualValues(t, 1, m.Version)
	require.NotEqual(t, n.Booking, m.ID)
	require.Empty(t, r.tasks())
}

func TestTheChannelIsTheFirstThatReachesTheGuest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wants string
		guest func(*pms.Guest)
		to    string // "" when nothing is sent
	}{
		"e-mail":                       {"email", func(*pms.Guest) {}, guest},
		"SMS":                          {"sms", func(*pms.Guest) {}, "+4915123456789"},
		"SMS first":                    {"sms,email", func(*pms.Guest) {}, "+4915123456789"},
		"no e-mail":                    {"email,sms", func(g *pms.Guest) { g.Email = "" }, "+4915123456789"},
		"no address":                   {"email,sms", func(g *pms.Guest) { g.Email = marker }, "+4915123456789"},
		"a landline hears no SMS":      {"sms,email", func(g *pms.Guest) { g.Phone = "030 5550101" }, guest},
		"no phone, and SMS only":       {"sms", func(g *pms.Guest) { g.Phone = "" }, ""},
		"neither":                      {"email,sms", func(g *pms.Guest) { g.Email, g.Phone = "", "" }, ""},
		"a language that is no tag":    {"email", func(g *pms.Guest) { g.Language = "low german" }, guest},
		"a phone from another country": {"sms", func(g *pms.Guest) { g.Phone = "+33 6 12 34 56 78" }, "+33612345678"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReception(t, tc.wants)
			g := visitor()
			tc.guest(&g)
			n := r.booked(g)
			if tc.to != "" {
				_, got := r.send(n)
				require.Equal(t, notification.Sent, got.State)
				require.Equal(t, tc.to, r.sender.messages()[0].To)
				return
			}
			for range 2 {
				require.Equal(t, notification.Outcome{Problem: "no_address"}, r.confirm(n))
			}
			require.Empty(t, r.started)
			all := r.all()
			require.Len(t, all, 1, "an operator sees why")
			require.Equal(t, notification.Skipped, all[0].State)
			require.Equal(t, "no_address", all[0].Problem)
			require.Equal(t, []string{"message.skipped"}, r.events())
			require.Empty(t, r.tasks(), "and has nothing to do")
			_, err := r.activities().Resend(t.Context(), notification.MessageRef{Hotel: hotel, Message: all[0].ID}, true)
			require.ErrorIs(t, err, notification.ErrNotAgain)
		})
	}
}

func TestAHotelThatWantsNoneTellsNobody(t *testing.T) {
	t.Parallel()
	r := newReception(t, "none")
	n := r.booked(visitor())
	require.Equal(t, notification.Outcome{Problem: "unwanted"}, r.confirm(n))
	require.Empty(t, r.all())
	require.Empty(t, r.events())
	_, err := r.activities().Confirm(t.Context(), notification.Notice{Hotel: "hotel-nowhere", Booking: n.Booking, Version: 1, Kind: n.Kind})
	require.ErrorContains(t, err, "no such hotel")
}

func TestChangesAndCancellationsAreTold(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email")
	payable := stay()
	payable.PayableTotal = pms.Money{Amount: 25234, Currency: "EUR"}
	payable.Charges = []pms.Charge{{Code: "city_tax", Amount: pms.Money{Amount: 234, Currency: "EUR"}}}
	payable.Extras = []pms.Extra{{ID: "parking", Count: 2, Price: pms.Money{Amount: 500, Currency: "EUR"}}}
	payable.Cancellation = pms.CancellationPolicy{Fee: pms.Money{Amount: 9000, Currency: "EUR"}}
	free := stay()
	free.ID, free.Cancellation = "S-2", pms.CancellationPolicy{FreeUntil: time.Now().Add(time.Hour), Fee: pms.Money{Amount: 9000, Currency: "EUR"}}
	free.PayableTotal, free.Charges, free.Extras = payable.PayableTotal, payable.Charges, payable.Extras
	g := visitor()
	g.Language = "en"
	n := r.booked(g, payable, free)
	r.send(n)
	changed := r.becomes(n, ledger.Confirmed, letters.KindChange)
	r.send(changed)
	cancelled := r.becomes(changed, ledger.Cancelled, letters.KindCancellation)
	r.send(cancelled)
	sent := r.sender.messages()
	require.Len(t, sent, 3)
	require.Contains(t, sent[0].Text, "EUR 504.68", "with what comes on top, where that is told")
	require.Contains(t, sent[0].Text, "Double room, Double room")
	require.Contains(t, sent[1].Subject, "has changed")
	require.Contains(t, sent[2].Subject, "is cancelled")
	require.Contains(t, sent[2].Text, "Cancellation fee: EUR 90.00", "of the one that was too late")

	changedHere := payable
	changedHere.Total.Amount += 10000 // and not what comes on top
	r.send(r.booked(g, changedHere))
	require.Contains(t, r.sender.messages()[3].Text, "EUR 340.00", "no price that is older than the room's")

	unclear := r.becomes(r.booked(g), ledger.Cancelled, letters.KindCancellation)
	r.send(unclear)
	require.NotContains(t, r.sender.messages()[4].Text, "fee", "what is not known is not promised")
	require.Contains(t, r.sender.messages()[4].Text, "is cancelled")

	first := r.becomes(r.booked(g), ledger.Confirmed, letters.KindChange)
	r.send(first)
	r.send(r.becomes(first, ledger.Confirmed, letters.KindChange))
	require.Len(t, r.sender.messages(), 7, "each change is told")
}

func TestOldNewsIsNotToldAfterNewer(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email")
	n := r.booked(visitor())
	old := notification.MessageRef{Hotel: hotel, Message: r.confirm(n).Message}
	r.sender.answers = []error{failure(notify.ErrTemporary, notify.ProblemUnreachable)}
	_, err := r.activities().Deliver(t.Context(), old)
	require.Error(t, err)
	cancelled := r.becomes(n, ledger.Cancelled, letters.KindCancellation)
	r.send(cancelled)
	got, err := r.activities().Deliver(t.Context(), old)
	require.NoError(t, err)
	require.Equal(t, notification.Delivery{State: notification.Skipped, Problem: "superseded"}, got)
	require.Len(t, r.sender.messages(), 2, "the relay that was away, and the cancellation")
	require.Equal(t, []string{"message.sent", "message.skipped"}, r.events())

	require.Equal(t, notification.Outcome{Problem: "superseded"}, r.confirm(notification.Notice{
		Hotel: hotel, Booking: n.Booking, Version: 1, Kind: letters.KindChange,
	}), "a booking that is cancelled was not changed")
	require.Len(t, r.all(), 2)
	require.Empty(t, r.tasks())
}

// TestNobodyIsToldOfAStayThatIsOver: a confirmation that could not be sent in
// time says why; a cancellation is news all the same.
func TestNobodyIsToldOfAStayThatIsOver(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		late time.Duration
		want notification.Delivery
	}{
		// They leave on the 3rd of March, in Berlin.
		"on the eve":              {29*24*time.Hour + 10*time.Hour + 59*time.Minute, notification.Delivery{}},
		"on the day of departure": {29*24*time.Hour + 11*time.Hour, notification.Delivery{State: notification.Skipped, Problem: "stay_over"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReception(t, "email")
			r.late = tc.late
			if tc.want.State == "" {
				tc.want.State = notification.Sent
			}
			for _, kind := range []letters.Kind{letters.KindConfirmation, letters.KindChange} {
				n := r.booked(visitor())
				n.Kind = kind
				ref, got := r.send(n)
				require.Equal(t, tc.want, got, kind)
				require.Equal(t, tc.want.Problem, r.message(ref).Problem)
				require.Equal(t, tc.want.State == notification.Sent, len(r.sender.messages()) > 0)
			}
			require.Contains(t, r.events(), "message."+string(tc.want.State))
			cancelled := r.becomes(r.booked(visitor()), ledger.Cancelled, letters.KindCancellation)
			_, got := r.send(cancelled)
			require.Equal(t, notification.Sent, got.State)
		})
	}
}

// TestAnOperatorMaySendWhatIsOver: who sends by hand knows what for.
func TestAnOperatorMaySendWhatIsOver(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email")
	r.sender.answers = []error{failure(notify.ErrPermanent, notify.ProblemRefused)}
	ref, got := r.send(r.booked(visitor()))
	require.Equal(t, notification.Failed, got.State)
	r.late = 365 * 24 * time.Hour
	got, err := r.activities().Resend(t.Context(), ref, false)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
}

// TestATriedMessageIsGivenUpInTheEnd: it does not wait queued for ever, and one
// that nobody ever tried is tried, however old it is.
func TestATriedMessageIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sender.answers = []error{failure(notify.ErrTemporary, notify.ProblemBusy)}
	ref, untried := d.queue(refusal()), d.queue(refusal())
	_, err := d.activities().Deliver(t.Context(), ref)
	require.Error(t, err)
	d.database.Admin(t, "update message set created_at = now() - interval '8 days'")
	got, err := d.activities().Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Delivery{State: notification.Failed, Problem: "not_in_time"}, got)
	got, err = d.activities().Deliver(t.Context(), untried)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
	require.Equal(t, []string{"message.failed", "message.sent"}, d.events())
}

// TestWhatCannotBeQueuedGoesToAPerson: when nobody could even queue it.
func TestWhatCannotBeQueuedGoesToAPerson(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email")
	n := r.booked(visitor())
	for range 2 {
		require.NoError(t, r.activities().Untold(t.Context(), n))
	}
	tasks := r.tasks()
	require.Len(t, tasks, 1)
	require.Equal(t, n.Booking, tasks[0].Booking)
	require.Equal(t, "guest_not_told", tasks[0].Kind)
	require.Contains(t, tasks[0].Detail, "call the guest")
	require.NotContains(t, tasks[0].Detail, "messages show", "there is none to look at")
}

func TestAnErasedGuestIsToldNothing(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email,sms")
	rows := func(n notification.Notice) {
		r.database.Admin(t, "delete from guest where booking = '"+n.Booking+"'; update message set sealed = null where scope = '"+n.Booking+"'")
	}
	key := func(n notification.Notice) {
		_, err := r.ring.Destroy(t.Context(), keys.Scope{Tenant: hotel, ID: n.Booking})
		require.NoError(t, err)
	}
	for name, erase := range map[string]func(notification.Notice){"rows": rows, "key": key} {
		before, after := r.booked(visitor()), r.booked(visitor())
		erase(before)
		require.Equal(t, notification.Outcome{Problem: "erased"}, r.confirm(before), name)
		ref := notification.MessageRef{Hotel: hotel, Message: r.confirm(after).Message}
		erase(after)
		got, err := r.activities().Deliver(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, notification.Delivery{State: notification.Failed, Problem: "erased"}, got, name)
		for _, gone := range []notification.MessageRef{ref, {Hotel: hotel, Message: r.scope()}} {
			out, err := r.activities().Unsent(t.Context(), gone)
			require.NoError(t, err)
			require.Equal(t, notification.Outcome{Problem: "erased"}, out, name)
		}
	}
	require.Empty(t, r.sender.messages())
	require.Empty(t, r.tasks())
}

func TestWhatOneChannelRefusesGoesByTheNext(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email,sms")
	refused := failure(notify.ErrPermanent, notify.ProblemAddress)
	r.sender.answers = []error{refused, refused}
	n := r.booked(visitor())
	mail, got := r.send(n)
	require.Equal(t, notification.Failed, got.State)
	out, err := r.activities().Unsent(t.Context(), mail)
	require.NoError(t, err)
	require.NotEmpty(t, out.Message)
	require.Empty(t, r.tasks())
	text := notification.MessageRef{Hotel: hotel, Message: out.Message}
	require.Equal(t, notify.SMS, r.message(text).Channel)
	require.EqualValues(t, 1, r.message(text).Version)
	got, err = r.activities().Deliver(t.Context(), text)
	require.NoError(t, err)
	require.Equal(t, notification.Failed, got.State)
	for range 2 {
		out, err = r.activities().Unsent(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, notification.Outcome{Problem: "address"}, out)
	}
	tasks := r.tasks()
	require.Len(t, tasks, 1, "a person sees to it, once")
	require.Equal(t, n.Booking, tasks[0].Booking)
	require.Contains(t, tasks[0].Detail, text.Message)
	noGuest(t, "the task", tasks[0].Detail)

	cancelled := r.becomes(n, ledger.Cancelled, letters.KindCancellation)
	r.confirm(cancelled)
	out, err = r.activities().Unsent(t.Context(), mail)
	require.NoError(t, err)
	require.Equal(t, notification.Outcome{Problem: "superseded"}, out, "nothing old goes by another channel")
}

func TestWhatCannotBeSentGoesToAPerson(t *testing.T) {
	t.Parallel()
	r := newReception(t, "email")
	nameless := stay()
	nameless.RoomType = pms.Named{}
	require.Equal(t, notification.Outcome{Problem: "content"}, r.confirm(r.booked(visitor(), nameless)))
	all := r.all()
	require.Len(t, all, 1)
	require.Equal(t, notification.Failed, all[0].State)
	require.Len(t, r.tasks(), 1)
	require.Equal(t, []string{"message.failed"}, r.events())

	// A relay that was away for days: the message waits, and a person knows.
	ref := notification.MessageRef{Hotel: hotel, Message: r.confirm(r.booked(visitor())).Message}
	out, err := r.activities().Unsent(t.Context(), ref)
	require.NoError(t, err)
	require.Empty(t, out.Message)
	require.Len(t, r.tasks(), 2)

	// A letter of a case is its workflow's matter, and what was sent nobody's.
	letter := r.queue(refusal())
	_, err = r.activities().Deliver(t.Context(), ref)
	require.NoError(t, err)
	for _, other := range []notification.MessageRef{letter, ref} {
		out, err = r.activities().Unsent(t.Context(), other)
		require.NoError(t, err)
		require.Empty(t, out.Message)
	}
	require.Len(t, r.tasks(), 2)
}

func TestStrandedMessagesAreFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fresh, old, tried, stuck, sent, late := d.queue(refusal()), d.queue(refusal()), d.queue(refusal()), d.queue(refusal()), d.queue(refusal()), d.queue(refusal())
	oneTime := d.queue(code(notify.SMS))
	age := func(ref notification.MessageRef, set string) {
		d.database.Admin(t, "update message set "+set+" where id = '"+ref.Message+"'")
	}
	age(old, "updated_at = now() - interval '5 minutes'")
	age(oneTime, "updated_at = now() - interval '5 minutes'")
	age(tried, "updated_at = now() - interval '1 hour', attempts = 7")
	age(stuck, "updated_at = now() - interval '3 hours', attempts = 9, state = 'sending'")
	age(sent, "updated_at = now() - interval '3 hours', attempts = 1, state = 'sent'")
	age(late, "updated_at = now() - interval '8 days', created_at = now() - interval '8 days'")
	var found []notification.MessageRef
	var last notification.StrandedMessage
	for { // page by page
		page, err := d.outbox.Stranded(t.Context(), time.Minute, last, 1)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		last = page[0]
		found = append(found, last.MessageRef)
	}
	require.Equal(t, []notification.MessageRef{late, stuck, old}, found, "not %s, %s, %s", fresh, tried, sent)
}
