//go:build unix

package retention_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	aurora = consenttest.Aurora
	one    = "compliance:1111111111111111"
	two    = "compliance:2222222222222222"
	system = "schedule"
)

var hotel = retention.Hotel{ID: aurora, Country: "DE", Zone: "Europe/Berlin"}

// A house is two hotels with an engine and holds.
type house struct {
	*consenttest.House
	t      testing.TB
	engine *retention.Engine
	holds  *holds.Store
	signer attest.Signer
}

func open(t testing.TB, change ...func(*retention.Options)) *house {
	t.Helper()
	h := &house{House: consenttest.New(t), t: t}
	policy, err := retention.Shipped()
	require.NoError(t, err)
	h.signer, err = audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	o := retention.Options{
		Pool: h.Pool, Policy: policy, Auditor: h.Writer, Keys: h.Ring, Table: h.Table, Objects: h.Objects, Signer: h.signer, Horizon: 7 * 24 * time.Hour,
		Requests: rights.Awaiting{Cases: rights.New(h.Pool, h.Ring, h.Writer), Table: h.Table},
	}
	for _, each := range change {
		each(&o)
	}
	h.engine = retention.New(o)
	h.holds = holds.New(h.Pool, h.Writer)
	return h
}

// stay makes a booking with a guest who left some days ago.
func (h *house) stay(daysAgo int) string {
	h.t.Helper()
	n := h.Count(`select count(*) from booking`)
	scope := h.Booking(aurora, subjects.Person{FirstName: "Ada", LastName: fmt.Sprintf("Example%d", n), Email: fmt.Sprintf("ada%d@example.com", n)})
	h.admin(`update booking set arrival = current_date - $2::int - 2, departure = current_date - $2::int where id = $1`, scope, daysAgo)
	h.admin(`update quote set created_at = now() - $2 * interval '1 day', expires_at = now() - $2 * interval '1 day' where id = (select quote from intent where booking = $1)`, scope, daysAgo)
	h.admin(`update intent set created_at = now() - $2 * interval '1 day' where booking = $1`, scope, daysAgo)
	return scope
}

// talk makes a call with turns and a recording that ended some days ago.
func (h *house) talk(daysAgo, turns int) calls.Call {
	h.t.Helper()
	id := h.Scope(aurora)
	h.admin(`insert into call (hotel, id, state, direction, language, started_at, ended_at)
		values ($1, $2, 'ended', 'inbound', 'de', now() - $3 * interval '1 day' - interval '5 minutes', now() - $3 * interval '1 day')`, aurora, id, daysAgo)
	h.admin(`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms) select $1, $2, n, 'caller', '\xab', n, n + 1 from generate_series(1, $3::int) n`, aurora, id, turns)
	h.admin(`insert into recording (hotel, id, call, object, from_ms, to_ms, consent, bytes, sha256)
		values ($1, $2, $2, 'recordings/' || $2, 0, 9, 'none', 100, sha256('x'))`, aurora, id)
	h.Objects.Put("recordings/" + id)
	return calls.Call{ID: id}
}

// admin runs a statement behind row security and every guard.
func (h *house) admin(statement string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.Database.AdminURL)
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(h.t.Context())) }()
	_, err = conn.Exec(h.t.Context(), "set session_replication_role = replica")
	require.NoError(h.t, err)
	_, err = conn.Exec(h.t.Context(), statement, args...)
	require.NoError(h.t, err)
}

// erase carries a run out to its end.
func (h *house) erase(r retention.Run) retention.Run {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.engine.Ready(ctx, hotel, r.ID)
	require.NoError(h.t, err)
	for _, part := range r.Plan.Parts {
		for done := false; !done; {
			step, err := h.engine.Erase(ctx, hotel, r.ID, part.Store, 10, func(retention.Step) error { return nil })
			require.NoError(h.t, err)
			done = step.Done
		}
	}
	_, err = h.engine.Shred(ctx, aurora, r.ID, func() error { return nil })
	require.NoError(h.t, err)
	r, err = h.engine.Finish(ctx, hotel, r.ID, 30)
	require.NoError(h.t, err)
	return r
}

// plan plans and begins.
func (h *house) plan() retention.Run {
	h.t.Helper()
	plan, err := h.engine.Plan(h.t.Context(), hotel)
	require.NoError(h.t, err)
	r, err := h.engine.Begin(h.t.Context(), aurora, system, plan)
	require.NoError(h.t, err)
	return r
}
