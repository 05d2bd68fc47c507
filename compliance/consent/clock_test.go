package consent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// A wrongClock is a hotel whose server's clock is wrong for a while.
type wrongClock struct {
	*testing.T
	*consenttest.House
	booking string
}

func newWrongClock(t *testing.T, h *consenttest.House) *wrongClock {
	t.Helper()
	return &wrongClock{T: t, House: h, booking: h.Booking(aurora, subjects.Person{LastName: "Noether"})}
}

// say keeps what the guest says at the desk while the clock is off by so much.
// The event's time comes from the same clock.
func (w *wrongClock) say(action consent.Action, off time.Duration) {
	w.Helper()
	e := consent.Event{
		ID: ulid.Make().String(), Tenant: aurora, Scope: w.booking, Purpose: consent.Marketing, Action: action, Wording: "2026-10",
		Language: "de", Channel: consent.Desk, Method: consent.Signature, At: time.Now(), Actor: "agent",
	}
	// Kept as it would be now, and moved to where that clock stood.
	w.Append(e)
	w.Database.Admin(w.T, "set session_replication_role = replica", fmt.Sprintf(
		`update consent_event set event_time = event_time + interval '%[1]d s', recorded_at = recorded_at + interval '%[1]d s' where id = '%[2]s'`,
		int(off.Seconds()), e.ID))
}

func (w *wrongClock) allowed(at time.Time) bool {
	w.Helper()
	s, err := w.Consents.AllowedAt(w.Context(), aurora, w.booking, consent.Marketing, at)
	require.NoError(w, err)
	return s.Allowed
}

// What was taken back stays so, now and later, whatever the clock showed when it
// was given and when it was taken back.
func TestANoIsNotLostWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	jumps := []time.Duration{0, time.Hour, 24 * time.Hour, -time.Hour, -24 * time.Hour}
	for _, given := range jumps {
		for _, withdrawn := range jumps {
			w := newWrongClock(t, h)
			w.say(consent.Given, given)
			w.say(consent.Withdrawn, withdrawn)
			for _, later := range []time.Duration{0, time.Minute, 2 * time.Hour, 48 * time.Hour} {
				require.False(t, w.allowed(time.Now().Add(later)), "given by a clock off by %s, taken back by one off by %s, asked %s later", given, withdrawn, later)
			}
		}
	}
}

// A yes from the future is none yet; a new one stands once the clock is right.
func TestAYesFromAWrongClock(t *testing.T) {
	t.Parallel()
	w := newWrongClock(t, consenttest.New(t))
	w.say(consent.Given, 24*time.Hour)
	require.False(t, w.allowed(time.Now()), "it has not happened")

	back := newWrongClock(t, w.House)
	back.say(consent.Withdrawn, -24*time.Hour)
	require.False(t, back.allowed(time.Now()))
	back.say(consent.Given, 0)
	require.True(t, back.allowed(time.Now().Add(time.Second)), "given anew, by a clock that is right")
}

// What was allowed in the past is told as it was known by then.
func TestThePastStaysWhenALaterNoComes(t *testing.T) {
	t.Parallel()
	w := newWrongClock(t, consenttest.New(t))
	w.say(consent.Given, -2*time.Hour)
	w.say(consent.Withdrawn, 0)
	require.True(t, w.allowed(time.Now().Add(-time.Hour)))
	require.False(t, w.allowed(time.Now().Add(time.Second)))
	require.False(t, w.allowed(time.Now().Add(-3*time.Hour)))
}
