package notification_test

import (
	"context"
	"errors"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/notify"
)

// objections answer as a test says.
type objections struct {
	yes   bool
	err   error
	asked int
}

func (o *objections) Suppressed(context.Context, string, string, string) (bool, error) {
	o.asked++
	return o.yes, o.err
}

// offer queues a message of a kind that nobody needs. There is none yet, so it
// is written past the outbox.
func (d *desk) offer() notification.MessageRef {
	d.t.Helper()
	scope, id := d.scope(), ulid.Make().String()
	sealed, err := d.ring.Seal(d.t.Context(), keys.Scope{Tenant: hotel, ID: scope}, keys.Operations, "message.sealed/"+id, []byte(`{"to": "`+guest+`", "data": {}}`))
	require.NoError(d.t, err)
	_, err = d.pool.Tenant(hotel).Exec(d.t.Context(), `
		insert into message (hotel, id, scope, purpose, channel, kind, sealed) values ($1, $2, $3, 'operations', 'email', 'offer', $4)`, hotel, id, scope, sealed)
	require.NoError(d.t, err)
	return notification.MessageRef{Hotel: hotel, Message: id}
}

// TestWhoObjectedGetsWhatIsNecessary: an objection stops what nobody needs,
// what was queued before it too, and no letter that a contract or the law needs.
func TestWhoObjectedGetsWhatIsNecessary(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := &objections{yes: true}
	a := d.activities()
	a.Suppressions = o
	offered := d.offer()
	got, err := a.Deliver(t.Context(), offered)
	require.NoError(t, err)
	require.Equal(t, notification.Delivery{State: notification.Skipped, Problem: "objected"}, got)
	require.Empty(t, d.sender.sent)
	require.Equal(t, 1, o.asked)
	require.Contains(t, d.events(), "message.skipped")

	for _, draft := range []notification.Draft{confirmation(notify.Email), code(notify.SMS), refusal()} {
		got, err := a.Deliver(t.Context(), d.queue(draft))
		require.NoError(t, err)
		require.Equal(t, notification.Sent, got.State, draft.Data.Kind())
	}
	require.Equal(t, 1, o.asked, "nobody need be asked")
	for _, kind := range letters.Kinds() {
		require.True(t, kind.Necessary(), "%s: is it? Then say so; else this test has a kind to use", kind)
	}
	require.False(t, letters.Kind("offer").Necessary())

	o.yes, o.err = false, errors.New("the database is away")
	_, err = a.Deliver(t.Context(), d.offer())
	require.Error(t, err, "not known is not no")
	o.err = nil
	got, err = a.Deliver(t.Context(), d.offer())
	require.NoError(t, err)
	require.NotEqual(t, "objected", got.Problem)
	a.Suppressions = nil
	got, err = a.Deliver(t.Context(), d.offer())
	require.NoError(t, err)
	require.Equal(t, "objected", got.Problem, "where nobody can be asked nothing goes")
}
