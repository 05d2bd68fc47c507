package notification_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/notify"
)

func TestAMessageIsWrittenSentAndAudited(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	require.NoError(t, d.outbox.SetSentence(t.Context(), hotel, letters.KindRefusal, "fr", "Le spa rouvre en mai."))
	ref := d.queue(refusal())
	require.Equal(t, notification.Queued, d.message(ref).State)
	require.Empty(t, d.sender.messages())
	got, err := d.activities().Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Delivery{State: notification.Sent}, got)
	sent := d.sender.messages()
	require.Len(t, sent, 1)
	require.Equal(t, ref.Message, sent[0].ID)
	require.Equal(t, guest, sent[0].To)
	require.Equal(t, "fr", sent[0].Language)
	require.Equal(t, "Hotel Aurora", sent[0].From)
	for _, part := range []string{"Voir " + marker, "Le spa rouvre en mai.", "https://www.bfdi.bund.de", "+493055501234"} {
		require.Contains(t, sent[0].Text, part)
	}
	m := d.message(ref)
	require.Equal(t, notification.Sent, m.State)
	require.Equal(t, 1, m.Attempts)
	require.Equal(t, (notify.Receipt{Provider: "test", Reference: ref.Message}).Digest(), m.Receipt)
	require.False(t, m.SentAt.IsZero())
	require.Equal(t, []string{"message.sent"}, d.events())
	event := d.auditor.events[0]
	noGuest(t, "the audit event", fmt.Sprintf("%v", event))
	require.Equal(t, m.Scope, event.Scope)
	for range 3 {
		again, err := d.activities().Deliver(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	require.Len(t, d.sender.messages(), 1, "what is sent is sent once")
	require.Len(t, d.events(), 1)
}

func TestNothingOfAGuestStandsInTheTables(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, draft := range []notification.Draft{refusal(), confirmation(notify.SMS), code(notify.SMS)} {
		d.queue(draft)
	}
	conn, err := pgx.Connect(t.Context(), d.database.AdminURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var dump string
	require.NoError(t, conn.QueryRow(t.Context(), "select string_agg(message::text || encode(sealed, 'escape'), ' ') from message").Scan(&dump))
	require.Equal(t, 3, strings.Count(dump, hotel))
	noGuest(t, "the table", dump)
	require.NotContains(t, dump, "Double")
}

func TestWhatBecomesOfAMessageThatIsNotSent(t *testing.T) {
	t.Parallel()
	house := newDesk(t)
	for name, tc := range map[string]struct {
		answer error
		state  notification.State
		kind   string // of the error; empty when it is settled
	}{
		"a bad address":      {failure(notify.ErrPermanent, notify.ProblemAddress), notification.Failed, ""},
		"refused":            {failure(notify.ErrPermanent, notify.ProblemRefused), notification.Failed, ""},
		"greylisted":         {failure(notify.ErrTemporary, notify.ProblemBusy), notification.Queued, "busy"},
		"unreachable":        {failure(notify.ErrTemporary, notify.ProblemUnreachable), notification.Queued, "unreachable"},
		"nobody knows":       {failure(notify.ErrUnknown, notify.ProblemLost), notification.Sending, "lost"},
		"an error of nobody": {errors.New("?"), notification.Sending, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := house.beside(t)
			d.sender.answers = []error{tc.answer}
			ref := d.queue(confirmation(notify.Email))
			got, err := d.activities().Deliver(t.Context(), ref)
			require.Equal(t, tc.state, d.message(ref).State)
			if tc.kind == "" {
				require.NoError(t, err)
				require.Equal(t, tc.state, got.State)
				require.Equal(t, []string{"message.failed"}, d.prepared())
				_, err = d.activities().Deliver(t.Context(), ref)
				require.NoError(t, err)
				require.Len(t, d.sender.messages(), 1, "it is settled")
				return
			}
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, tc.kind, application.Type())
			require.False(t, application.NonRetryable())
			noGuest(t, "the error", err.Error())
			require.Empty(t, d.prepared())
			got, err = d.activities().Deliver(t.Context(), ref)
			require.NoError(t, err, "it goes on at once: the claim was given back")
			require.Equal(t, notification.Sent, got.State)
			require.Len(t, d.sender.messages(), 2)
			require.Equal(t, d.sender.messages()[0].ID, d.sender.messages()[1].ID)
		})
	}
}

func TestAProviderThatAsksForAPauseGetsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sender.answers = []error{&notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemBusy, RetryAfter: 90 * time.Second}}
	_, err := d.activities().Deliver(t.Context(), d.queue(confirmation(notify.SMS)))
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.Equal(t, 90*time.Second, application.NextRetryDelay())
	require.Equal(t, temporal.ApplicationErrorCategoryBenign, application.Category())
}

func TestADoubtfulMessageIsRepeatedWithinBounds(t *testing.T) {
	t.Parallel()
	house := newDesk(t)
	lost := failure(notify.ErrUnknown, notify.ProblemLost)
	for name, tc := range map[string]struct {
		draft notification.Draft
		most  int
	}{
		"a code by SMS":         {code(notify.SMS), 2},
		"a code by e-mail":      {code(notify.Email), 2},
		"a booking by SMS":      {confirmation(notify.SMS), 2},
		"a letter with its own": {refusal(), 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := house.beside(t)
			d.sender.answers = []error{lost, lost, lost, lost, lost, lost, lost, lost}
			ref := d.queue(tc.draft)
			var got notification.Delivery
			var err error
			for range 9 {
				if got, err = d.activities().Deliver(t.Context(), ref); err == nil {
					break
				}
			}
			require.NoError(t, err)
			require.Equal(t, notification.Unknown, got.State)
			require.Len(t, d.sender.messages(), tc.most)
			require.Equal(t, []string{"message.unknown"}, d.prepared())
			for _, m := range d.sender.messages() {
				require.Equal(t, ref.Message, m.ID, "each copy has the same id")
			}
		})
	}
}

// TestATemporaryFailureCountsNoDoubt: a relay that is down while a letter is in
// doubt uses up none of the letter's copies.
func TestATemporaryFailureCountsNoDoubt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	busy := failure(notify.ErrTemporary, notify.ProblemUnreachable)
	d.sender.answers = []error{failure(notify.ErrUnknown, notify.ProblemLost), busy, busy, busy, busy, busy, busy, busy}
	ref := d.queue(code(notify.SMS))
	for range 8 {
		_, err := d.activities().Deliver(t.Context(), ref)
		require.Error(t, err)
		require.Equal(t, notification.Sending, d.message(ref).State, "still in doubt")
	}
	got, err := d.activities().Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
}

func TestTheProvidersRecordsDecide(t *testing.T) {
	t.Parallel()
	house := newDesk(t)
	lost := failure(notify.ErrUnknown, notify.ProblemLost)
	for name, tc := range map[string]struct {
		find func(notify.Message) (notify.Receipt, error)
		sent int
		err  bool
	}{
		"it has the message": {func(m notify.Message) (notify.Receipt, error) {
			return notify.Receipt{Provider: "test", Reference: m.ID}, nil
		}, 1, false},
		"it has not":           {func(notify.Message) (notify.Receipt, error) { return notify.Receipt{}, notify.ErrNotFound }, 2, false},
		"it keeps none":        {func(notify.Message) (notify.Receipt, error) { return notify.Receipt{}, notify.ErrNoRecords }, 2, false},
		"it does not tell now": {func(notify.Message) (notify.Receipt, error) { return notify.Receipt{}, lost }, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := house.beside(t)
			d.sender.answers, d.sender.find = []error{lost}, tc.find
			ref := d.queue(code(notify.SMS))
			_, err := d.activities().Deliver(t.Context(), ref)
			require.Error(t, err)
			_, err = d.activities().Deliver(t.Context(), ref)
			require.Equal(t, tc.err, err != nil)
			require.Len(t, d.sender.messages(), tc.sent)
			if !tc.err {
				require.Equal(t, notification.Sent, d.message(ref).State)
				require.NotEmpty(t, d.message(ref).Receipt)
			}
		})
	}
}

// TestACancelledAttemptIsStillRecorded: the workflow gave up while the provider
// took the message; that it was taken must not be lost.
func TestACancelledAttemptIsStillRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	d.sender.during = cancel
	ref := d.queue(refusal())
	got, err := d.activities().Deliver(ctx, ref)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
	require.Equal(t, notification.Sent, d.message(ref).State)
	require.Equal(t, []string{"message.sent"}, d.events())
}

func TestManyWorkersSendAMessageOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ref := d.queue(confirmation(notify.Email))
	a := d.activities()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { _, _ = a.Deliver(t.Context(), ref) })
	}
	wg.Wait()
	got, err := a.Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
	require.Len(t, d.sender.messages(), 1)
	require.Len(t, d.events(), 1)
}

func TestQueueingIsIdempotentAndPartOfTheBusiness(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	draft := confirmation(notify.Email)
	draft.ID, draft.Scope = "01JD3Z8Q4X0000000000000001", d.scope()
	require.Equal(t, d.queue(draft), d.queue(draft))
	all, err := d.outbox.Messages(t.Context(), hotel, "", 10)
	require.NoError(t, err)
	require.Len(t, all, 1)
	draft.ID = ""
	draft.Hotel = hotel
	prepared, err := d.outbox.Prepare(t.Context(), draft)
	require.NoError(t, err)
	undone := errors.New("the business was refused")
	err = d.pool.InTenant(t.Context(), hotel, func(tx pgx.Tx) error {
		require.NoError(t, prepared.Insert(t.Context(), tx))
		return undone
	})
	require.ErrorIs(t, err, undone)
	_, err = d.activities().Deliver(t.Context(), prepared.Ref)
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.Equal(t, notification.TypeUnknownMessage, application.Type())
	require.True(t, application.NonRetryable())
}

func TestBadDraftsAreRefusedBeforeTheyAreQueued(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	scope := d.scope()
	for name, edit := range map[string]func(*notification.Draft){
		"no address":            func(m *notification.Draft) { m.To = "" },
		"a thousand addresses":  func(m *notification.Draft) { m.To = strings.Repeat(guest+",", 1000) },
		"an address of lines":   func(m *notification.Draft) { m.To = guest + "\r\nBcc: x@y.de" },
		"no channel":            func(m *notification.Draft) { m.Channel = "fax" },
		"a number by e-mail":    func(m *notification.Draft) { m.To = phone },
		"an id that is none":    func(m *notification.Draft) { m.ID = "1" },
		"a scope that is none":  func(m *notification.Draft) { m.Scope = "1" },
		"no data":               func(m *notification.Draft) { m.Data = nil },
		"half of the data":      func(m *notification.Draft) { m.Data = letters.Confirmation{} },
		"a language of lines":   func(m *notification.Draft) { m.Languages = []string{"de\nx"} },
		"a hundred languages":   func(m *notification.Draft) { m.Languages = strings.Split(strings.Repeat("de ", 99)+"de", " ") },
		"a letter of no case":   func(m *notification.Draft) { m.Data = refusal().Data },
		"a refusal by SMS":      func(m *notification.Draft) { m.Channel, m.To, m.Data = notify.SMS, phone, refusal().Data },
		"a hotel that is none":  func(m *notification.Draft) { m.Hotel = "Hotel'; drop table message" },
		"a code that is a word": func(m *notification.Draft) { m.Data = letters.Code{Code: "secret", Minutes: 1} },
	} {
		draft := confirmation(notify.Email)
		draft.Hotel, draft.Scope = hotel, scope
		edit(&draft)
		_, err := d.outbox.Queue(t.Context(), draft)
		require.ErrorIs(t, err, notification.ErrDraft, name)
		noGuest(t, "the error", err.Error())
	}
	_, err := d.ring.Loaded(t.Context(), keys.Scope{Tenant: hotel, ID: scope}, keys.Case)
	require.ErrorIs(t, err, keys.ErrUnknownScope, "and has no key of one now")
	for _, bad := range []string{"two\nlines", strings.Repeat("x", 401)} {
		require.ErrorIs(t, d.outbox.SetSentence(t.Context(), hotel, letters.KindRefusal, "en", bad), notification.ErrDraft)
	}
	require.ErrorIs(t, d.outbox.SetSentence(t.Context(), hotel, "poem", "en", "x"), notification.ErrDraft)
	require.ErrorIs(t, d.outbox.SetSentence(t.Context(), hotel, letters.KindRefusal, "xx", "x"), notification.ErrDraft)
}

func TestAnErasedMessageIsNeverSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	letter, booking := d.queue(refusal()), d.queue(confirmation(notify.Email))
	_, err := d.ring.DestroyPurposes(t.Context(), keys.Scope{Tenant: hotel, ID: d.message(letter).Scope}, keys.Case)
	require.NoError(t, err)
	_, err = d.ring.Destroy(t.Context(), keys.Scope{Tenant: hotel, ID: d.message(booking).Scope})
	require.NoError(t, err)
	for _, ref := range []notification.MessageRef{letter, booking} {
		got, err := d.activities().Deliver(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, notification.Delivery{State: notification.Failed, Problem: "erased"}, got)
	}
	require.Empty(t, d.sender.messages())
	require.Equal(t, []string{"message.failed", "message.failed"}, d.events(), "also where the guest's audit key is gone")
	n, err := d.outbox.Forget(t.Context(), hotel, d.message(booking).Scope)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	_, err = d.outbox.Message(t.Context(), hotel, booking.Message)
	require.ErrorIs(t, err, notification.ErrNoMessage)
}

func TestAMessageMovedToAnotherRowIsNotSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	scope := d.scope()
	mine, other := confirmation(notify.Email), confirmation(notify.Email)
	mine.Scope, other.Scope, other.To = scope, scope, "attacker@example.org"
	a, b := d.queue(mine), d.queue(other)
	d.database.Admin(t, fmt.Sprintf("update message set sealed = (select sealed from message where id = '%s') where id = '%s'", b.Message, a.Message))
	_, err := d.activities().Deliver(t.Context(), a)
	require.ErrorContains(t, err, "not authentic")
	require.Empty(t, d.sender.messages())
	require.Equal(t, notification.Queued, d.message(a).State)
}

func TestHotelsDoNotSeeEachOthersMessages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ref := d.queue(confirmation(notify.Email))
	_, err := d.outbox.Message(t.Context(), "other-hotel", ref.Message)
	require.ErrorIs(t, err, notification.ErrNoMessage)
	ref.Hotel = "other-hotel"
	_, err = d.activities().Deliver(t.Context(), ref)
	require.ErrorContains(t, err, "no such message")
}

func TestAnOperatorSendsAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sender.answers = []error{failure(notify.ErrPermanent, notify.ProblemRefused)}
	ref := d.queue(refusal())
	a := d.activities()
	_, err := a.Deliver(t.Context(), ref)
	require.NoError(t, err)
	got, err := a.Resend(t.Context(), ref, false)
	require.NoError(t, err)
	require.Equal(t, notification.Sent, got.State)
	_, err = a.Resend(t.Context(), ref, false)
	require.ErrorIs(t, err, notification.ErrNotAgain)
	_, err = a.Resend(t.Context(), ref, true)
	require.NoError(t, err)
	require.Len(t, d.sender.messages(), 3)
	sentCode := d.queue(code(notify.SMS))
	_, err = a.Deliver(t.Context(), sentCode)
	require.NoError(t, err)
	_, err = a.Resend(t.Context(), sentCode, true)
	require.ErrorIs(t, err, notification.ErrNotAgain, "a code is not kept once it is sent")
	_, err = a.Resend(t.Context(), notification.MessageRef{Hotel: hotel, Message: "none"}, true)
	require.ErrorIs(t, err, notification.ErrNoMessage)
	failed, err := d.outbox.Messages(t.Context(), hotel, notification.Failed, 10)
	require.NoError(t, err)
	require.Empty(t, failed)
}
