//go:build unix

package dsar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// scenes are the ways through the workflow that have a recorded history. Each
// returns the case to record.
func scenes() map[string]func(*testing.T, *dsartest.House) rights.Case {
	return map[string]func(*testing.T, *dsartest.House) rights.Case{
		"erased": func(t *testing.T, h *dsartest.House) rights.Case {
			c := agreed(t, h)
			h.Await(c, rights.Completed)
			return c
		},
		"deferred": func(t *testing.T, h *dsartest.House) rights.Case {
			h.Stand.Erasures = []eraseflow.Result{
				{State: eraseflow.Deferred}, {State: eraseflow.Erased},
			}
			c := agreed(t, h)
			h.Await(c, rights.Completed)
			return c
		},
		"extended-and-refused": func(t *testing.T, h *dsartest.House) rights.Case {
			c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
			h.Start(c)
			h.Await(c, rights.Verifying)
			for update, kind := range map[string]rights.ActKind{dsar.UpdateExtend: rights.ActExtended} {
				_, err := h.Act(c, update, kind, one, rights.Note{Reasons: []string{"number"}})
				require.NoError(t, err)
			}
			_, err := h.Act(c, dsar.UpdateRefuse, rights.ActRefused, one, rights.Note{Reasons: []string{"excessive"}})
			require.NoError(t, err)
			h.Await(c, rights.Refused)
			return c
		},
		"vouched-and-late": func(t *testing.T, h *dsartest.House) rights.Case {
			c := late(h, h.Guest(dsartest.Ada()))
			h.Start(c)
			h.Await(c, rights.Verifying)
			for _, actor := range []string{one, two} {
				_, err := h.Act(c, dsar.UpdateVerify, rights.ActVouched, actor, rights.Note{})
				require.NoError(t, err)
			}
			h.Await(c, rights.Deciding)
			for _, actor := range []string{one, three} {
				_, err := approve(h, c, actor)
				require.NoError(t, err)
			}
			h.Await(c, rights.Completed)
			return c
		},
		"asked-again": askedAgain,
		"found-by-a-task": func(t *testing.T, h *dsartest.House) rights.Case {
			c := h.Open(rights.Objection, "")
			h.Start(c)
			task := h.Await(c, rights.Open).Tasks[0]
			_, err := h.Act(c, dsar.UpdateTask, rights.ActTaskDone, one, rights.Note{Scope: h.Guest(dsartest.Ada())}, func(a *dsar.Act) { a.Task = task.ID })
			require.NoError(t, err)
			h.Await(c, rights.Completed)
			return c
		},
	}
}

// TestRecord plays each scene on a real server, and keeps the history where
// there is none of it yet. Nothing in it tells who the guest is.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := dsartest.New(t, replaytest.Keys{})
			h.Work(worker.Options{})
			c := play(t, h)
			require.NoError(t, h.Client.GetWorkflow(t.Context(), dsar.WorkflowID(c.Hotel, c.ID), "").Get(t.Context(), nil))
			recorded := replaytest.Read(t, h.Namespace, dsar.WorkflowID(c.Hotel, c.ID), "")
			recorded.RequireSealed(t)
			recorded.Keep(t, name)
			require.NotContains(t, h.Log.String(), bookingtest.Marker)
		})
	}
}

// TestReplay plays every recorded history against the workflow as it is now.
func TestReplay(t *testing.T) {
	t.Parallel()
	names := []string{}
	for name := range scenes() {
		names = append(names, name)
	}
	replaytest.Holds(t, dsar.Name, dsar.DSAR, names...)
}

// TestAWorkerDiesAtEachStep: another takes over with nothing in memory, and the
// case comes to the same end, with each letter once.
func TestAWorkerDiesAtEachStep(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	c := h.Open(rights.Erasure, h.Guest(dsartest.Ada()))
	run := h.Start(c)
	stop := h.Work(worker.Options{})
	another := func() {
		stop()
		stop = h.Work(worker.Options{})
	}
	h.Letters(c.ID, 1)
	h.Await(c, rights.Verifying)
	another()
	_, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, one, rights.Note{})
	require.NoError(t, err)
	another()
	_, err = h.Act(c, dsar.UpdateVerify, rights.ActCodeTold, one, rights.Note{Code: h.Code(1)})
	require.NoError(t, err)
	another()
	_, err = h.Act(c, dsar.UpdateExtend, rights.ActExtended, one, rights.Note{Reasons: []string{"number"}})
	require.NoError(t, err)
	for _, actor := range []string{one, two} {
		another()
		h.Await(c, rights.Deciding)
		_, err = approve(h, c, actor)
		require.NoError(t, err)
	}
	another()
	var result dsar.Result
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, rights.Completed, result.State)
	h.Letters(c.ID, 3)
	require.Equal(t, []string{"erasure"}, h.Stand.Calls())
}

// TestAnUpgradeMovesAnIdleCase to a fresh run, which knows all that was.
func TestAnUpgradeMovesAnIdleCase(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	c := h.Open(rights.Access, h.Guest(dsartest.Ada()))
	run := h.Start(c)
	h.Await(c, rights.Verifying)
	h.Prove(c)
	h.Await(c, rights.Deciding)
	_, err := approve(h, c, one)
	require.NoError(t, err)
	require.NoError(t, h.Client.SignalWorkflow(t.Context(), run.GetID(), "", dsar.SignalUpgrade, nil))
	require.Eventually(t, func() bool {
		described, err := h.Client.DescribeWorkflowExecution(t.Context(), run.GetID(), "")
		return err == nil && described.GetWorkflowExecutionInfo().GetExecution().GetRunId() != run.GetRunID()
	}, time.Minute, 20*time.Millisecond)
	_, err = approve(h, c, one)
	refusedAs(t, err, dsar.RefusedPerson)
	_, err = approve(h, c, two)
	require.NoError(t, err)
	h.Await(c, rights.Completed)
	h.Letters(c.ID, 1)
}
