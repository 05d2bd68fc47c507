//go:build unix

package dsar_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

// asked keeps an act as the starter does, for an activity that is called by
// itself.
func asked(t *testing.T, h *dsartest.House, c rights.Case, kind rights.ActKind, n rights.Note) activities.ActRef {
	t.Helper()
	id := ulid.Make().String()
	mac, err := h.Ring.MAC(t.Context(), c.Hotel, "test", []byte(id))
	require.NoError(t, err)
	_, _, err = h.Cases.Ask(t.Context(), rights.Asking{Hotel: c.Hotel, Case: c.ID, ID: id, Kind: kind, Actor: one, Note: n, KeyHMAC: mac, BodyHMAC: mac})
	require.NoError(t, err)
	return activities.ActRef{Ref: activities.Ref{Hotel: c.Hotel, Case: c.ID}, Act: id}
}

// TestDoneAgainChangesNothing: an activity whose answer was lost is called once
// more, and comes to the same.
func TestDoneAgainChangesNothing(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	ctx, ref := t.Context(), activities.Ref{Hotel: c.Hotel, Case: c.ID}
	for range 2 {
		_, err := h.Rights.Begin(ctx, ref)
		require.NoError(t, err)
		_, err = h.Rights.Find(ctx, ref)
		require.NoError(t, err)
		_, err = h.Rights.Letter(ctx, activities.Letter{Ref: ref, Kind: letters.KindReceipt})
		require.NoError(t, err)
		_, err = h.Rights.AddTask(ctx, activities.NewTask{Ref: ref, Kind: rights.LookInto, Number: 1, Due: time.Now()})
		require.NoError(t, err)
		_, err = h.Rights.Mark(ctx, activities.Mark{Ref: ref, Percent: 95, Due: c.Clock.Internal})
		require.NoError(t, err)
		require.NoError(t, h.Rights.Move(ctx, activities.Move{Ref: ref, State: rights.Verifying}))
	}
	for table, want := range map[string]int{"message": 1, "dsar_task": 2, "operator_task": 1, "audit_outbox where kind = 'dsar.moved'": 1} {
		require.Equal(t, want, h.Count(`select count(*) from `+table), table)
	}
	for range 2 {
		require.NoError(t, h.Rights.Close(ctx, activities.Closing{Ref: ref, State: rights.Completed, Outcome: rights.Granted}))
	}
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'dsar.closed'`))
}

// TestACodeIsRightWhereverTheAttemptEnds: the code is used up and the proof
// written together, so an attempt that is cut off after it proves it again.
func TestACodeIsRightWhereverTheAttemptEnds(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	ctx := t.Context()
	sent, err := h.Rights.SendCode(ctx, asked(t, h, c, rights.ActCodeAsked, rights.Note{}))
	require.NoError(t, err)
	require.NoError(t, h.Deliver(ctx, notification.MessageRef{Hotel: c.Hotel, Message: sent.Message}))
	digits := regexp.MustCompile(`[0-9]{6}`).FindString(h.Code(1))

	act := asked(t, h, c, rights.ActCodeTold, rights.Note{Code: digits})
	step, err := h.Cases.Proven(ctx, c.Hotel, c.ID, act.Act, rights.ByCode)
	require.NoError(t, err)
	require.NoError(t, code.New(h.Pool, h.Ring).Check(ctx, c.Hotel, sent.ID, digits, step)) // and then the worker dies
	for range 2 {
		checked, err := h.Rights.Check(ctx, activities.Check{ActRef: act, Code: sent.ID})
		require.NoError(t, err)
		require.True(t, checked.Proven)
	}
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'dsar.identity_proven'`))
	reused := asked(t, h, c, rights.ActCodeTold, rights.Note{Code: digits})
	checked, err := h.Rights.Check(ctx, activities.Check{ActRef: reused, Code: sent.ID})
	require.NoError(t, err)
	require.Equal(t, "code_over", checked.Problem, "used once")
}
