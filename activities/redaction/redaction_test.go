package redaction_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/redaction"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"

	"github.com/oklog/ulid/v2"
)

// A desk is a hotel with a booking and a call about it.
type desk struct {
	*bookingtest.House
	t       *testing.T
	calls   *calls.Store
	env     *testsuite.TestActivityEnvironment
	call    string
	booking string
}

func open(t *testing.T) *desk {
	h := bookingtest.New(t, sandbox.Options{})
	ctx, pool, writer := t.Context(), h.Database.Pool(t), audit.NewWriter(h.Ring)
	d := &desk{House: h, t: t, calls: calls.New(pool, h.Ring, writer), booking: h.Ask(t, false, h.Offer(t, sandbox.Double)).Booking}
	scope, err := h.Ring.Create(ctx, h.Hotel.ID)
	require.NoError(t, err)
	d.call = scope.ID
	_, err = d.calls.Start(ctx, h.Hotel.ID, calls.Call{ID: d.call, Direction: calls.Inbound, Language: "en"})
	require.NoError(t, err)
	_, _, err = consent.New(pool, h.Ring, writer).Append(ctx, consent.Event{
		ID: ulid.Make().String(), Tenant: h.Hotel.ID, Scope: d.call, Purpose: consent.Transcription, Action: consent.Given, Wording: "2026-10",
		Language: "en", Channel: consent.Voice, Method: consent.Spoken, Call: d.call, At: time.Now(), Actor: "agent",
	})
	require.NoError(t, err)

	var suite testsuite.WorkflowTestSuite
	d.env = suite.NewTestActivityEnvironment()
	redaction.Register(d.env, redaction.New(redaction.Parts{
		Transcripts: transcript.New(transcript.Parts{Calls: d.calls, Keys: h.Ring, Detector: pii.New(pii.Options{}), Pool: pool, Auditor: writer}),
		Hotels:      h.Registry, Bookings: h.Ledger, Keys: h.Ring,
	}))
	return d
}

func (d *desk) say(texts ...string) {
	d.t.Helper()
	for i, text := range texts {
		at := time.Duration(i) * time.Second
		require.NoError(d.t, d.calls.AddTurn(d.t.Context(), d.Hotel.ID, calls.Turn{
			Call: d.call, Seq: i + 1, Speaker: calls.Caller, Text: text, From: at, To: at + time.Second,
		}))
	}
}

func (d *desk) mask(r redaction.Request) (done transcript.Progress, err error) {
	value, err := d.env.ExecuteActivity(redaction.TurnsActivity, r)
	if err == nil {
		require.NoError(d.t, value.Get(&done))
	}
	return done, err
}

func (d *desk) text() string {
	d.t.Helper()
	turns, err := d.calls.Turns(d.t.Context(), d.Hotel.ID, d.call, 0, 100)
	require.NoError(d.t, err)
	var all []string
	for _, t := range turns {
		all = append(all, t.Text)
	}
	return strings.Join(all, "\n")
}

// What the booking knows of its guest is found without a word that tells that a
// name comes; what is the hotel's own stays.
func TestTheBookingKnowsItsGuest(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.Hotel.PhoneLines = []string{"+493055501000"}
	require.NoError(t, d.Registry.Add(t.Context(), d.Hotel))
	d.say("it is about the room of "+strings.ToLower(bookingtest.Marker), "i was told to ring "+d.Hotel.PhoneLines[0]+" again", "my code is "+d.booking)
	done, err := d.mask(redaction.Request{Hotel: d.Hotel.ID, Call: d.call, Bookings: []string{d.booking, ulid.Make().String()}, Final: true})
	require.NoError(t, err)
	require.Equal(t, transcript.Progress{Masked: 3, Redacted: 2, Next: 3}, done)
	require.NotContains(t, strings.ToLower(d.text()), strings.ToLower(bookingtest.Marker))
	require.NotContains(t, d.text(), d.booking)
	require.Contains(t, d.text(), d.Hotel.PhoneLines[0])
}

// A guest who was erased is known to nobody, and the call is masked all the
// same.
func TestAnErasedGuest(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, err := d.Ring.Destroy(t.Context(), keys.Scope{Tenant: d.Hotel.ID, ID: d.booking})
	require.NoError(t, err)
	d.say("you can write to someone@example.org about it")
	done, err := d.mask(redaction.Request{Hotel: d.Hotel.ID, Call: d.call, Bookings: []string{d.booking}, Final: true})
	require.NoError(t, err)
	require.Equal(t, 1, done.Redacted)

	_, err = d.Ring.Destroy(t.Context(), keys.Scope{Tenant: d.Hotel.ID, ID: d.call})
	require.NoError(t, err)
	_, err = d.mask(redaction.Request{Hotel: d.Hotel.ID, Call: d.call, Final: true})
	requireFinal(t, err, redaction.TypeErased)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, c := range map[string]struct {
		request redaction.Request
		kind    string
	}{
		"no call":           {redaction.Request{Hotel: d.Hotel.ID}, redaction.TypeRefused},
		"no hotel":          {redaction.Request{Call: d.call}, redaction.TypeRefused},
		"too many bookings": {redaction.Request{Hotel: d.Hotel.ID, Call: d.call, Bookings: make([]string, 21)}, redaction.TypeRefused},
		"unknown hotel":     {redaction.Request{Hotel: "elsewhere", Call: d.call}, redaction.TypeRefused},
		"unknown call":      {redaction.Request{Hotel: d.Hotel.ID, Call: ulid.Make().String()}, redaction.TypeUnknownCall},
	} {
		_, err := d.mask(c.request)
		require.Error(t, err, name)
		requireFinal(t, err, c.kind)
	}
}

func requireFinal(t *testing.T, err error, kind string) {
	t.Helper()
	var refused *temporal.ApplicationError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.NonRetryable())
	require.Equal(t, kind, refused.Type())
}
