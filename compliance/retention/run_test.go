//go:build unix

package retention_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
)

// One of each, old and young: the old goes, its keys with it, the young stays,
// and the certificate tells.
func TestARunErasesWhatHasHadItsTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	old, young := h.stay(100), h.stay(10)
	oldCall, youngCall := h.talk(40, 3), h.talk(5, 3)
	r := h.plan()
	require.Equal(t, retention.Planned, r.State)
	require.Equal(t, map[string]int64{
		"turn": 3, "recording": 1, "index": 3, "guest": 1, "quote": 1, "intent": 1,
	}, rowsOf(r.Plan))
	require.Equal(t, 1, h.Count(`select count(*) from guest where booking = $1`, old), "a plan changes nothing")
	r = h.erase(r)
	require.Equal(t, retention.Done, r.State)
	require.EqualValues(t, 10, r.Erased)
	require.Zero(t, *r.Overdue)
	for _, query := range []string{
		`select count(*) from guest where booking = $1`, `select count(*) from guest_index where scope = $1`,
		`select count(*) from intent where booking = $1 and sealed is not null`, `select count(*) from turn where call = $1`,
		`select count(*) from recording where call = $1`, `select count(*) from quote where id in (select quote from intent where booking = $1)`,
	} {
		require.Zero(t, h.Count(query, old)+h.Count(query, oldCall.ID), query)
		require.Positive(t, h.Count(query, young)+h.Count(query, youngCall.ID), query)
	}
	there, err := h.Objects.Exists(t.Context(), "recordings/"+oldCall.ID)
	require.NoError(t, err)
	require.False(t, there)
	require.Zero(t, h.Count(`select count(*) from retention_shred`))

	envelope, err := attest.Parse(r.Certificate)
	require.NoError(t, err)
	keys, err := attest.SignerKeys(t.Context(), h.signer)
	require.NoError(t, err)
	statement, err := attest.Verify(envelope, keys)
	require.NoError(t, err)
	require.Equal(t, retention.PredicateType, statement.PredicateType)
	require.Contains(t, string(statement.Predicate), `"erased":10`)
	require.NotContains(t, string(statement.Predicate), old)
	require.Zero(t, h.plan().Plan.Rows, "nothing is left to do")
}

func rowsOf(p retention.Plan) map[string]int64 {
	rows := map[string]int64{}
	for _, part := range p.Parts {
		rows[part.Store] = part.Rows
	}
	return rows
}

// Every store that has rules is planned, in every country, whatever the rules.
func TestEveryStoreCanBeAsked(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, country := range []string{"DE", "AT", "FR", "ES", "IT", "PT", "NL", "BE", "PL", "SE"} {
		where := retention.Hotel{ID: aurora, Country: country, Zone: "Europe/Berlin"}
		_, err := h.engine.Plan(t.Context(), where)
		require.NoError(t, err, country)
		left, err := h.engine.Overdue(t.Context(), where, time.Now())
		require.NoError(t, err, country)
		require.Len(t, left, 16, "classes with a store")
	}
}

// The stores that stand beside bookings and calls, an old row and a young one
// of each.
func TestTheOtherStores(t *testing.T) {
	t.Parallel()
	h := open(t)
	booking, call := h.stay(2000), h.talk(2000, 0)
	h.admin(`delete from recording`)
	for _, age := range []int{1, 2000} {
		h.admin(`insert into webhook_delivery (hotel, vendor, id, received_at, due_at) select $1, 'apaleo', sha256($2::int::text::bytea), now() - $2::int * interval '1 day', now()`, aurora, age)
		h.admin(`insert into operator_task (hotel, id, booking, kind, detail, created_at, closed_at) select $1, $2::int::text, $2::int::text, 'k', 'd', now() - $2::int * interval '1 day', now() - $2::int * interval '1 day'`, aurora, age)
		h.admin(`insert into one_time_code (hotel, id, scope, mac, created_at, expires_at) select $1, $2::int::text, $3, sha256('x'), now() - $2::int * interval '1 day', now()`, aurora, age, booking)
		h.admin(`insert into message (hotel, id, scope, purpose, channel, kind, sealed, state, created_at, updated_at)
			select $1, p || $2::int::text, $3, p, 'email', 'k', '\xab', 'sent', now() - $2::int * interval '1 day', now() - $2::int * interval '1 day' from unnest(array['operations', 'case']) p`, aurora, age, booking)
		h.admin(`insert into subject_decision (hotel, id, kind, into_subject, scopes, reason, actor, created_at, done_at)
			select $1, $2::int::text, 'joined', gen_random_uuid(), array[$3], 'same_contact', 'worker', now() - $2::int * interval '1 day', now() - $2::int * interval '1 day'`, aurora, age, booking)
		h.admin(`insert into consent_event (hotel, id, scope, purpose, action, wording, wording_hash, language, channel, method, event_time, recorded_at, actor, arrival)
			select $1, lpad($2::int::text, 26, '0'), $3, 'marketing', 'given', 'w', sha256('x'), 'de', 'desk', 'written', now() - $2::int * interval '1 day', now() - $2::int * interval '1 day', 'worker', $2::int`, aurora, age, booking)
		h.admin(`insert into access_pack (hotel, id, scope, portable, object, created_at) select $1, lpad($2::int::text, 26, '0'), $3, $2::int = 1, 'packs/' || $2::int, now() - $2::int * interval '1 day'`, aurora, age, booking)
	}
	h.admin(`insert into operator_task (hotel, id, booking, kind, detail, created_at) values ($1, 'open', 'open', 'k', 'd', now() - interval '9 years')`, aurora)
	r := h.plan()
	require.Equal(t, map[string]int64{
		"webhook_delivery": 1, "task": 1, "code": 1, "message": 1, "letter": 1, "subject_decision": 1, "consent": 1, "pack": 1,
		"index": 3, "guest": 1, "quote": 1, "intent": 1, "booking": 1, "call": 1,
	}, rowsOf(r.Plan))
	r = h.erase(r)
	require.EqualValues(t, r.Plan.Rows, r.Erased)
	require.Zero(t, *r.Overdue)
	require.Equal(t, 2, h.Count(`select count(*) from operator_task`), "one is young, and one is open")
	require.Zero(t, h.Count(`select count(*) from call where id = $1`, call.ID))
	require.Equal(t, 2, h.Count(`select count(*) from message where sealed is null`))
	require.Equal(t, 1, h.Count(`select count(*) from booking where subject is null`), "the row stays for the accounts")
	require.Equal(t, 1, h.Count(`select count(*) from consent_event`))
	require.Equal(t, 1, h.Count(`select count(*) from access_pack`))
	_, err := h.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: call.ID}, keys.Operations)
	require.ErrorIs(t, err, keys.ErrDestroyed, "the call's key")
}

// A key that something still needs waits.
func TestAKeyThatIsNeededStays(t *testing.T) {
	t.Parallel()
	h := open(t)
	scope := h.stay(100)
	h.admin(`insert into message (hotel, id, scope, purpose, channel, kind, sealed, state) values ($1, 'm', $2, 'operations', 'email', 'k', '\xab', 'sent')`, aurora, scope)
	_, err := h.Desk.Resolve(t.Context(), aurora, scope)
	require.NoError(t, err)
	known := func() int {
		whose, err := h.Table.SubjectOf(t.Context(), aurora, keys.Scope{Tenant: aurora, ID: scope})
		require.NoError(t, err)
		return len(whose)
	}
	h.erase(h.plan())
	_, err = h.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: scope}, keys.Operations)
	require.NoError(t, err)
	require.Equal(t, 1, known())
	require.Equal(t, 1, h.Count(`select count(*) from retention_shred`))
	h.admin(`update message set sealed = null`)
	h.erase(h.plan())
	_, err = h.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: scope}, keys.Operations)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	require.Zero(t, known(), "and nobody can tell whose it was")
	require.Zero(t, h.Count(`select count(*) from retention_shred`))
}

// What a hold or a guest's right keeps is counted and stays, and its keys too.
func TestWhatIsKeptStays(t *testing.T) {
	t.Parallel()
	h := open(t)
	held, restricted, free := h.stay(100), h.stay(100), h.stay(100)
	_, err := h.holds.Place(t.Context(), aurora, one, holds.Request{
		Matter: "2026-17", Reason: holds.Authority, Kind: holds.Booking, Scopes: []string{held}, ReviewAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	h.admin(`insert into restriction (hotel, scope, by_case, ground) values ($1, $2, 'c', 'claims')`, aurora, restricted)
	r := h.plan()
	require.EqualValues(t, 6, r.Plan.Held)
	require.EqualValues(t, 6, r.Plan.Rows)
	r = h.erase(r)
	require.EqualValues(t, 6, r.Erased)
	require.Zero(t, *r.Overdue, "what is kept is not overdue")
	for scope, there := range map[string]int{held: 1, restricted: 1, free: 0} {
		require.Equal(t, there, h.Count(`select count(*) from guest where booking = $1`, scope))
	}
	require.Contains(t, string(claimOf(t, r)), `"kept":12`)
}

func claimOf(t *testing.T, r retention.Run) []byte {
	t.Helper()
	envelope, err := attest.Parse(r.Certificate)
	require.NoError(t, err)
	var statement attest.Statement
	require.NoError(t, json.Unmarshal(envelope.Payload, &statement))
	return statement.Predicate
}

// A hold that comes while a run goes on is seen by the next batch.
func TestAHoldStopsARunUnderWay(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.talk(40, 30)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	stopped := errors.New("stopped")
	step, err := h.engine.InBatches(10).Erase(t.Context(), hotel, r.ID, "turn", 10, func(retention.Step) error { return stopped })
	require.ErrorIs(t, err, stopped)
	require.EqualValues(t, 10, step.Erased)
	_, err = h.holds.Place(t.Context(), aurora, one, holds.Request{Matter: "2026-17", Reason: holds.Authority, Kind: holds.Hotel, ReviewAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	step, err = h.engine.Erase(t.Context(), hotel, r.ID, "turn", 10, func(retention.Step) error { return nil })
	require.NoError(t, err)
	require.True(t, step.Done)
	require.Zero(t, step.Erased)
	require.Equal(t, 20, h.Count(`select count(*) from turn`))
}

// A row that somebody else has locked is passed over, and not forgotten.
func TestALockedRowIsNotSkippedForEver(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.talk(40, 30)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), h.Database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), `begin; select from turn where seq = 7 for update`)
	require.NoError(t, err)
	step, err := h.engine.InBatches(4).Erase(t.Context(), hotel, r.ID, "turn", 9, func(s retention.Step) error {
		if s.Erased > 27 {
			_, err := conn.Exec(t.Context(), `commit`)
			return err
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, step.Done)
	require.EqualValues(t, 30, step.Erased)
	require.Zero(t, h.Count(`select count(*) from turn`))
}

// More than the threshold, more than usual, and the first time: a second person
// has to agree, for the plan that they saw.
func TestASecondPersonIsNeeded(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *retention.Options) { o.Threshold, o.Floor = 25, 3 })
	h.talk(40, 4)
	r := h.plan()
	require.Equal(t, retention.Waiting, r.State)
	require.Equal(t, []string{retention.FirstRun}, r.Because)
	ctx := t.Context()
	_, err := h.engine.Ready(ctx, hotel, r.ID)
	require.ErrorIs(t, err, retention.ErrState)
	_, err = h.engine.Erase(ctx, hotel, r.ID, "turn", 1, func(retention.Step) error { return nil })
	require.ErrorIs(t, err, retention.ErrState, "nobody let it go ahead")
	require.ErrorIs(t, h.engine.Approve(ctx, aurora, system, r.ID, r.PlanHash), retention.ErrSamePerson)
	require.ErrorIs(t, h.engine.Approve(ctx, aurora, one, r.ID, "00"), retention.ErrPlanHash)
	require.ErrorIs(t, h.engine.Approve(ctx, aurora, one, "none", r.PlanHash), retention.ErrUnknownRun)
	_, err = h.engine.Begin(ctx, aurora, system, r.Plan)
	require.ErrorIs(t, err, retention.ErrOpen, "one at a time")
	h.admin(`insert into retention_setting (hotel, class, period, set_by) values ($1, $2, 'P1D', $3)`, aurora, r.Plan.Parts[0].Class, one)
	require.ErrorIs(t, h.engine.Approve(ctx, aurora, one, r.ID, r.PlanHash), retention.ErrSamePerson, "the schedule starts what somebody's term makes due")
	h.admin(`delete from retention_setting`)
	require.NoError(t, h.engine.Approve(ctx, aurora, one, r.ID, r.PlanHash))
	require.NoError(t, h.engine.Approve(ctx, aurora, one, r.ID, r.PlanHash), "said twice")
	r = h.erase(r)
	require.Equal(t, one, r.ApprovedBy)
	require.EqualValues(t, 5, r.Erased)

	h.talk(40, 14)
	r = h.plan()
	require.Equal(t, retention.Planned, r.State, "15 rows are three times what is usual")
	require.NoError(t, h.engine.End(ctx, aurora, r.ID, retention.Lapsed))
	h.talk(40, 1)
	r = h.plan()
	require.Equal(t, []string{retention.UnusualVolume}, r.Because)
	require.NoError(t, h.engine.Refuse(ctx, aurora, one, r.ID))
	require.ErrorIs(t, h.engine.Approve(ctx, aurora, two, r.ID, r.PlanHash), retention.ErrState)
	h.talk(40, 20)
	require.Equal(t, []string{retention.OverThreshold, retention.UnusualVolume}, h.plan().Because)
	require.Equal(t, []audit.Kind{
		retention.EventPlanned, retention.EventApproved, retention.EventErased, retention.EventErased, retention.EventKeys, retention.EventCertified,
		retention.EventPlanned, retention.EventEnded, retention.EventPlanned, retention.EventRefused, retention.EventPlanned,
	}, audittest.Kinds(audittest.Waiting(t, h.Database.AdminURL, h.Ring)))
}

// What time brings is fine: rows that went, or that are held by now. Anything
// else needs a new plan.
func TestAPlanThatChangedIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(t *testing.T, h *house)
		fine   bool
	}{
		"nothing":        {func(*testing.T, *house) {}, true},
		"rows went":      {func(_ *testing.T, h *house) { h.admin(`delete from turn where seq = 2`) }, true},
		"rows are young": {func(_ *testing.T, h *house) { h.talk(3, 5) }, true},
		"rows came":      {func(_ *testing.T, h *house) { h.talk(50, 1) }, false},
		"rows changed":   {func(_ *testing.T, h *house) { h.admin(`update turn set seq = 99 where seq = 2`) }, false},
		"another term": {func(t *testing.T, h *house) {
			require.NoError(t, h.engine.Set(t.Context(), hotel, one, "turn", period("P5D")))
		}, false},
		"held": {func(t *testing.T, h *house) {
			_, err := h.holds.Place(t.Context(), aurora, one, holds.Request{Matter: "2026-17", Reason: holds.Audit, Kind: holds.Hotel, ReviewAt: time.Now().Add(time.Hour)})
			require.NoError(t, err)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.talk(40, 5)
			r := h.plan()
			test.change(t, h)
			_, err := h.engine.Ready(t.Context(), hotel, r.ID)
			if test.fine {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, retention.ErrChanged)
			_, err = h.engine.Erase(t.Context(), hotel, r.ID, "turn", 1, func(retention.Step) error { return nil })
			require.ErrorIs(t, err, retention.ErrState, "nothing is erased")
		})
	}
}

func period(text string) *retention.Period {
	p, err := retention.ParsePeriod(text)
	if err != nil {
		panic(err)
	}
	return &p
}

// A run erases what was due when it was planned, and never more than planned.
func TestARunErasesNoMoreThanPlanned(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.talk(40, 5)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	h.talk(50, 5) // came behind the check
	step, err := h.engine.Erase(t.Context(), hotel, r.ID, "turn", 10, func(retention.Step) error { return nil })
	require.NoError(t, err)
	require.EqualValues(t, 5, step.Erased)
	r, err = h.engine.Finish(t.Context(), hotel, r.ID, 0)
	require.NoError(t, err)
	require.EqualValues(t, 7, *r.Overdue, "the control finds what is left, recordings too")
}

// An erasure that cannot be told does not happen.
func TestNoErasureWithoutItsEntry(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.talk(40, 5)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	h.Database.Admin(t, "revoke insert on audit_outbox from voicehive_tenant")
	_, err = h.engine.Erase(t.Context(), hotel, r.ID, "turn", 10, func(retention.Step) error { return nil })
	require.Error(t, err)
	require.Equal(t, 5, h.Count(`select count(*) from turn`))
	require.Zero(t, h.Count(`select count(*) from retention_batch`))
}

// Objects that cannot be erased keep their rows, and so they are found again.
func TestAnObjectThatStaysKeepsItsRow(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.talk(40, 0)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	h.Objects.Fail = errors.New("away")
	_, err = h.engine.Erase(t.Context(), hotel, r.ID, "recording", 10, func(retention.Step) error { return nil })
	require.ErrorIs(t, err, h.Objects.Fail)
	require.Equal(t, 1, h.Count(`select count(*) from recording`))
	h.Objects.Fail = nil
	step, err := h.engine.Erase(t.Context(), hotel, r.ID, "recording", 10, func(retention.Step) error { return nil })
	require.NoError(t, err)
	require.EqualValues(t, 1, step.Erased)
}
