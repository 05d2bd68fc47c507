package notification_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/internal/notify"
)

// jump lets the database's clock jump by so much, for the claims there are.
func (d *desk) jump(by time.Duration) {
	d.t.Helper()
	d.database.Admin(d.t, fmt.Sprintf(`update message set claimed_until = claimed_until - interval '%[1]d s', updated_at = updated_at - interval '%[1]d s'`, int(by.Seconds())))
}

// requireClaimed requires that somebody else has the message, for no longer than
// a claim lasts.
func requireClaimed(t *testing.T, err error) {
	t.Helper()
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, notification.TypeClaimed, failure.Type())
	require.Greater(t, failure.NextRetryDelay(), time.Duration(0))
	require.LessOrEqual(t, failure.NextRetryDelay(), time.Minute)
}

// The clock jumps while a worker sends. Nobody takes its message from it, and
// what it did is recorded.
func TestAClaimIsNotTakenWhileItsOwnerLives(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{time.Hour, 24 * time.Hour, -time.Hour, -24 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			ref := d.queue(code(notify.SMS))
			others := d.beside(t)
			d.sender.during = func() {
				d.jump(by)
				for range 3 {
					_, err := others.activities().Deliver(t.Context(), ref)
					requireClaimed(t, err)
				}
			}
			got, err := d.activities().Deliver(t.Context(), ref)
			require.NoError(t, err)
			require.Equal(t, notification.Sent, got.State)
			require.Len(t, d.sender.messages(), 1)
			require.Empty(t, others.sender.messages())
			require.Equal(t, notification.Sent, d.message(ref).State)
			require.Equal(t, []string{"message.sent"}, d.events())
		})
	}
}

// A worker dies and the clock jumps: its claim ends a lease later, neither never
// nor at once.
func TestADeadWorkersClaimEndsWhenTheClockJumped(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			ref := d.queue(code(notify.SMS))
			d.auditor.fail = 1 // so its worker may as well be dead
			_, err := d.activities().Deliver(t.Context(), ref)
			require.ErrorIs(t, errors.Unwrap(err), errAway)
			d.jump(by)
			_, err = d.activities().Deliver(t.Context(), ref)
			requireClaimed(t, err)
			_, err = d.activities().Deliver(t.Context(), ref)
			requireClaimed(t, err)
			d.jump(time.Minute)
			got, err := d.activities().Deliver(t.Context(), ref)
			require.NoError(t, err)
			require.Equal(t, notification.Sent, got.State)
			require.Empty(t, d.message(ref).Problem)
		})
	}
}
