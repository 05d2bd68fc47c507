//go:build unix

package evidence_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/evidence"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/audit"
	packs "github.com/voicehive/voicehive/compliance/evidence"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/workflows/evidence"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// collector makes a small pack, or none for a hotel that it is told to fail.
type collector struct{ fail string }

func (c *collector) Collect(_ context.Context, r packs.Request, out io.Writer) (packs.Summary, error) {
	if r.Hotel == c.fail {
		return packs.Summary{}, packs.ErrPeriod
	}
	_, err := io.WriteString(out, r.Hotel+r.From.String())
	return packs.Summary{Hotel: r.Hotel, From: r.From, Until: r.Until, NotSatisfied: 1}, err
}

// A theatre plays the workflow on a real server, with real activities and a
// real shelf.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t     *testing.T
	shelf *packs.Shelf
	packs *collector
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	second := h.Hotel
	second.ID = "hotel-borealis"
	require.NoError(t, h.Registry.Add(t.Context(), second))
	require.NoError(t, h.Ring.EnsureTenant(t.Context(), second.ID))
	store, err := objects.OpenDirectory(t.TempDir())
	require.NoError(t, err)
	shelf := &packs.Shelf{Pool: h.Database.Pool(t), Auditor: audit.NewWriter(h.Ring), Store: store, Term: 24 * time.Hour, Temp: t.TempDir()}
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t, shelf: shelf, packs: new(collector)}
	w := worker.New(th.Client, evidence.TaskQueue, worker.Options{Identity: "test"})
	evidence.Register(w)
	activities.Register(w, activities.New(th.packs, h.Registry, shelf))
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return th
}

func (th *theatre) round(in evidence.Input) (string, evidence.Result) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	run, err := th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: evidence.WorkflowID, TaskQueue: evidence.TaskQueue}, evidence.Name, in)
	require.NoError(th.t, err)
	var result evidence.Result
	require.NoError(th.t, run.Get(ctx, &result))
	return run.GetID(), result
}

var october = evidence.Input{From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"well": func(th *theatre) string {
			id, result := th.round(evidence.Input{})
			require.Equal(th.t, evidence.Result{Made: 2, NotSatisfied: 2}, result)
			return id
		},
		"continued": func(th *theatre) string {
			in := october
			in.PageSize = 1
			id, result := th.round(in)
			require.Equal(th.t, evidence.Result{Made: 2, NotSatisfied: 2}, result)
			return id
		},
		"failed": func(th *theatre) string {
			th.packs.fail = "hotel-borealis"
			id, result := th.round(october)
			require.Equal(th.t, evidence.Result{Made: 1, Failed: 1, NotSatisfied: 1}, result)
			return id
		},
	}
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t)
			id := play(th)
			run := ""
			if name == "continued" { // the first of its runs has something to replay
				d, err := th.Plain.DescribeWorkflowExecution(t.Context(), id, "")
				require.NoError(t, err)
				run = d.GetWorkflowExecutionInfo().GetFirstRunId()
			}
			recorded := replaytest.Read(t, th.Namespace, id, run)
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, evidence.Name, evidence.Month))
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range scenes() {
		names = append(names, name)
	}
	replaytest.Holds(t, evidence.Name, evidence.Month, names...)
}

// TestAMonthHasOnePack: a second round makes nothing, and what was missing is
// made up for.
func TestAMonthHasOnePack(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	th.packs.fail = "hotel-borealis"
	_, result := th.round(october)
	require.Equal(t, 1, result.Failed)
	th.packs.fail = ""
	_, result = th.round(october)
	require.Equal(t, evidence.Result{Made: 1, Known: 1, NotSatisfied: 2}, result)
	for _, hotel := range []string{th.Hotel.ID, "hotel-borealis"} {
		all, err := th.shelf.List(t.Context(), hotel, "", 10)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "schedule", all[0].By)
		require.True(t, all[0].From.Equal(october.From) && all[0].Until.Equal(october.Until))
		pack, err := th.shelf.Open(t.Context(), hotel, all[0].ID, "compliance:0123456789abcdef")
		require.NoError(t, err)
		content, err := io.ReadAll(pack)
		require.NoError(t, errors.Join(err, pack.Close()))
		require.Contains(t, string(content), hotel)
	}
}
