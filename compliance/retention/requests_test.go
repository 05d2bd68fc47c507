//go:build unix

package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
)

// ask opens a request for a copy of what is known of the guest of a booking.
func (h *house) ask(scope string) (cases *rights.Store, id string) {
	h.t.Helper()
	ctx := h.t.Context()
	cases = rights.New(h.Pool, h.Ring, h.Writer)
	subject, err := h.Desk.Of(ctx, aurora, scope)
	require.NoError(h.t, err)
	id = h.Scope(aurora)
	digest, err := h.Ring.MAC(ctx, aurora, "test", []byte(id))
	require.NoError(h.t, err)
	_, _, err = cases.Open(ctx, rights.Opening{
		Hotel: aurora, ID: id, Kind: rights.Access, Channel: rights.ByAPI, Match: rights.KnownPerson, Subject: subject, OpenedBy: one,
		Clock: rights.Deadline(time.Now(), time.UTC, 0), KeyHMAC: digest, BodyHMAC: digest,
	})
	require.NoError(h.t, err)
	return cases, id
}

// Whoever asked for a copy in time gets one: what is theirs stays while their
// request is open, also when the run was planned before, and goes with the next
// run behind it.
func TestNothingGoesOfWhomARequestIsOpen(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	asking, other := h.stay(100), h.stay(100)
	guests := func(scope string) int { return h.Count(`select count(*) from guest where booking = $1`, scope) }
	explain := func(scope string) retention.Verdict {
		v, err := h.engine.Explain(ctx, hotel, retention.Record{Class: register.Guest, Scope: scope})
		require.NoError(t, err)
		return v
	}
	r := h.plan()
	require.EqualValues(t, 12, r.Plan.Rows)
	cases, id := h.ask(asking)
	// A key that nothing needs, but who asks.
	h.admin(`insert into retention_shred (hotel, scope, purpose, run) select $1, s, 'recording', $2 from unnest($3::text[]) s`, aurora, r.ID, []string{asking, other})
	r = h.erase(r)
	require.EqualValues(t, 6, r.Erased)
	require.Zero(t, *r.Overdue, "what is kept for a request is not overdue")
	require.Equal(t, 1, guests(asking))
	require.Zero(t, guests(other))
	require.Equal(t, 1, h.Count(`select count(*) from retention_shred`))
	_, err := h.Ring.Loaded(ctx, keys.Scope{Tenant: aurora, ID: asking}, keys.Operations)
	require.NoError(t, err)
	verdict := explain(asking)
	require.Equal(t, retention.HoldIt, verdict.Action)
	require.Equal(t, retention.OpenRequest, verdict.Rule)
	require.Contains(t, verdict.Why[len(verdict.Why)-1], "request of the person is open")

	r = h.plan()
	require.Zero(t, r.Plan.Rows)
	require.EqualValues(t, 6, r.Plan.Held)
	h.erase(r)
	require.NoError(t, cases.Close(ctx, aurora, id, rights.Completed, rights.Granted, "", ""))
	require.Equal(t, retention.Erase, explain(asking).Action)
	r = h.erase(h.plan())
	require.EqualValues(t, 6, r.Erased)
	require.Zero(t, guests(asking))
	require.Zero(t, h.Count(`select count(*) from retention_shred`))
	_, err = h.Ring.Loaded(ctx, keys.Scope{Tenant: aurora, ID: asking}, keys.Operations)
	require.ErrorIs(t, err, keys.ErrDestroyed)
}
