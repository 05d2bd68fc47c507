//go:build unix

package retention_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/objects"
)

// logged is a house whose log has a year that had its time, one that has not, and
// the newest. scopes have their details in the oldest.
func logged(t *testing.T) (h *house, old int, scopes []keys.Scope) {
	t.Helper()
	store, err := objects.OpenDirectory(t.TempDir())
	require.NoError(t, err)
	h = open(t, func(o *retention.Options) { o.Floor = 1 })
	old = time.Now().UTC().Year() - 8
	for range 5 {
		scopes = append(scopes, keys.Scope{Tenant: aurora, ID: h.Scope(aurora)}, keys.Scope{Tenant: consenttest.Boreal, ID: h.Scope(consenttest.Boreal)})
	}
	audittest.Year{Name: "audit.example", Year: old, Signer: h.signer, Store: store, Scopes: scopes, AdminURL: h.Database.AdminURL}.Write(t)
	sequencer, err := audit.NewSequencer(h.Pool, audit.SequencerOptions{Name: "audit.example", Signer: h.signer, Store: store})
	require.NoError(t, err)
	require.NoError(t, h.Ring.EnsureTenant(t.Context(), audit.HouseTenant))
	require.NoError(t, h.Writer.Record(t.Context(), h.Pool, audit.Event{Tenant: aurora, Kind: "test.said", Actor: "worker"}))
	require.NoError(t, sequencer.Round(t.Context()))
	h.engine.Shards, err = audit.NewShards(h.Pool, "audit.example", h.signer, store)
	require.NoError(t, err)
	h.engine.Ring = h.Ring
	return h, old, scopes
}

// house plans a run of the house and begins it.
func (h *house) house() retention.Run {
	h.t.Helper()
	plan, err := h.engine.Plan(h.t.Context(), retention.House)
	require.NoError(h.t, err)
	r, err := h.engine.Begin(h.t.Context(), retention.House.ID, system, plan)
	require.NoError(h.t, err)
	return r
}

func (h *house) leaves(year int) int {
	return h.Count(`select count(*) from audit_leaf where year = $1`, year)
}

func on(retention.Step) error { return nil }

// A year of the log goes by plan, approval, batches and certificate, whoever dies
// in between, and its last head stays.
func TestAYearOfTheLogIsDropped(t *testing.T) {
	t.Parallel()
	h, old, scopes := logged(t)
	ctx := t.Context()
	hotels, err := h.engine.Plan(ctx, hotel)
	require.NoError(t, err)
	require.Empty(t, hotels.Parts, "the log is no hotel's")
	r := h.house()
	require.Equal(t, map[string]int64{"audit_log": 11}, rowsOf(r.Plan))
	require.Equal(t, map[string]int64{"audit-detail": 11}, r.Plan.Parts[0].Rules)
	require.Equal(t, []string{fmt.Sprint(old)}, r.Plan.Parts[0].Samples)
	require.Equal(t, 11, h.leaves(old), "a plan changes nothing")
	require.Equal(t, retention.Waiting, r.State)
	_, err = h.engine.Ready(ctx, retention.House, r.ID)
	require.ErrorIs(t, err, retention.ErrState)
	_, err = h.engine.Erase(ctx, retention.House, r.ID, "audit_log", 1, on)
	require.ErrorIs(t, err, retention.ErrState)
	require.Equal(t, 11, h.leaves(old))
	require.NoError(t, h.engine.Approve(ctx, retention.House.ID, two, r.ID, r.PlanHash))
	_, err = h.engine.Ready(ctx, retention.House, r.ID)
	require.NoError(t, err)

	killed := errors.New("killed")
	step, err := h.engine.InBatches(4).Erase(ctx, retention.House, r.ID, "audit_log", 10, func(retention.Step) error { return killed })
	require.ErrorIs(t, err, killed)
	require.EqualValues(t, 4, step.Erased)
	step, err = h.engine.InBatches(4).Erase(ctx, retention.House, r.ID, "audit_log", 1, on)
	require.NoError(t, err)
	require.False(t, step.Done)
	require.Equal(t, 3, h.leaves(old))
	step, err = h.engine.Erase(ctx, retention.House, r.ID, "audit_log", 10, on)
	require.NoError(t, err)
	require.True(t, step.Done)
	require.Zero(t, h.leaves(old))
	require.Zero(t, h.Count(`select count(*) from audit_detail where scope = any($1)`, []string{scopes[0].ID, scopes[1].ID}))
	require.Equal(t, 1, h.Count(`select count(*) from audit_checkpoint where year = $1 and size = 11`, old))
	require.Equal(t, 3, h.Count(`select count(*) from retention_batch where run = $1`, r.ID))

	// One scope has nothing else any more, and its audit key goes.
	_, err = h.Ring.DestroyPurposes(ctx, scopes[0], keys.Operations, keys.Recording, keys.Invoice, keys.Consent, keys.Case)
	require.NoError(t, err)
	n, err := h.engine.Shred(ctx, retention.House.ID, r.ID, func() error { return nil })
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = h.Ring.Loaded(ctx, scopes[0], keys.Audit)
	require.ErrorIs(t, err, keys.ErrDestroyed)
	_, err = h.Ring.Loaded(ctx, scopes[2], keys.Operations)
	require.NoError(t, err)
	require.Equal(t, len(scopes)-1, h.Count(`select count(*) from audit_shred`), "who lives may have another event")

	r, err = h.engine.Finish(ctx, retention.House, r.ID, 30)
	require.NoError(t, err)
	require.Equal(t, retention.Done, r.State)
	require.EqualValues(t, 11, r.Erased)
	require.Zero(t, *r.Overdue)
	envelope, err := attest.Parse(r.Certificate)
	require.NoError(t, err)
	trusted, err := attest.SignerKeys(ctx, h.signer)
	require.NoError(t, err)
	said, err := attest.Verify(envelope, trusted)
	require.NoError(t, err)
	require.Contains(t, string(said.Predicate), `"store":"audit_log"`)
	require.Contains(t, string(said.Predicate), `"erased":11`)
	kinds := map[audit.Kind]int{}
	for _, kind := range audittest.Kinds(audittest.Waiting(t, h.Database.AdminURL, h.Ring)) {
		kinds[kind]++
	}
	require.Equal(t, 3, kinds[retention.EventErased], "each batch is told")
	require.Equal(t, 1, kinds[retention.EventCertified])
	require.Equal(t, 1, kinds[retention.EventKeys])
	plan, err := h.engine.Plan(ctx, retention.House)
	require.NoError(t, err)
	require.Empty(t, plan.Parts)
}

// A hold of any hotel keeps the year that has entries under it, from the moment
// that it is placed; one about somebody else does not.
func TestHoldsKeepYearsOfTheLog(t *testing.T) {
	t.Parallel()
	for what, place := range map[string]func(h *house, scopes []keys.Scope) (hotel string, r holds.Request){
		"the hotel as a whole": func(*house, []keys.Scope) (string, holds.Request) {
			return consenttest.Boreal, holds.Request{Kind: holds.Hotel}
		},
		"somebody's details": func(_ *house, scopes []keys.Scope) (string, holds.Request) {
			return aurora, holds.Request{Kind: holds.Booking, Scopes: []string{scopes[2].ID}, Classes: []register.Class{register.AuditDetail}}
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h, old, scopes := logged(t)
			ctx := t.Context()
			set := func(hotel string, r holds.Request) {
				r.Matter, r.Reason, r.ReviewAt = "2026-17/B", holds.Litigation, time.Now().Add(90*24*time.Hour)
				_, err := h.holds.Place(ctx, hotel, one, r)
				require.NoError(t, err)
			}
			set(aurora, holds.Request{Kind: holds.Booking, Scopes: []string{h.Scope(aurora)}})
			set(aurora, holds.Request{Kind: holds.Hotel, Classes: []register.Class{register.Recording}})
			r := h.house()
			require.EqualValues(t, 11, r.Plan.Rows, "these are about others, and about something else")
			require.NoError(t, h.engine.Approve(ctx, retention.House.ID, two, r.ID, r.PlanHash))
			_, err := h.engine.Ready(ctx, retention.House, r.ID)
			require.NoError(t, err)
			set(place(h, scopes))
			step, err := h.engine.Erase(ctx, retention.House, r.ID, "audit_log", 10, on)
			require.NoError(t, err)
			require.True(t, step.Done)
			require.Zero(t, step.Erased)
			require.Equal(t, 11, h.leaves(old))
			plan, err := h.engine.Plan(ctx, retention.House)
			require.NoError(t, err)
			require.Zero(t, plan.Rows)
			require.EqualValues(t, 11, plan.Held)
			r, err = h.engine.Finish(ctx, retention.House, r.ID, 30)
			require.NoError(t, err)
			require.Zero(t, *r.Overdue, "what a hold keeps is not overdue")
		})
	}
}

// A year that has not had its time stays, as does one that cannot be dropped;
// that one is overdue, so that somebody looks.
func TestYearsOfTheLogThatStay(t *testing.T) {
	t.Parallel()
	h, old, _ := logged(t)
	young := h.engine.At(time.Date(old+6, 12, 31, 12, 0, 0, 0, time.UTC))
	plan, err := young.Plan(t.Context(), retention.House)
	require.NoError(t, err)
	require.Empty(t, plan.Parts, "its last day is the last of six years")
	plan, err = h.engine.At(time.Date(old+7, 1, 1, 12, 0, 0, 0, time.UTC)).Plan(t.Context(), retention.House)
	require.NoError(t, err)
	require.EqualValues(t, 11, plan.Rows)

	h.admin(`update audit_leaf set leaf = overlay(leaf placing 'x'::bytea from 12) where year = $1 and n = 2`, old)
	plan, err = h.engine.Plan(t.Context(), retention.House)
	require.NoError(t, err)
	require.Zero(t, plan.Rows, "what was rewritten is kept until somebody has looked")
	require.EqualValues(t, 11, plan.Held)
	left, err := h.engine.Overdue(t.Context(), retention.House, time.Now().UTC().Truncate(24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, map[register.Class]int64{register.AuditDetail: 11}, left)
}

// Nobody finishes a run that nobody can certify.
func TestARunIsNotFinishedUnsigned(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *retention.Options) { o.Signer = nil })
	h.stay(100)
	r := h.plan()
	_, err := h.engine.Ready(t.Context(), hotel, r.ID)
	require.NoError(t, err)
	_, err = h.engine.Finish(t.Context(), hotel, r.ID, 30)
	require.ErrorIs(t, err, retention.ErrUnsigned)
	require.Zero(t, h.Count(`select count(*) from retention_run where state = 'done'`))
}
