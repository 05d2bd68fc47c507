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
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/replaytest"
	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	rules "github.com/voicehive/voicehive/compliance/retention"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/workflows/reservation"
	"github.com/voicehive/voicehive/workflows/retention"
)

// A theatre plays the workflows on a real server, with real activities.
type theatre struct {
	*bookingtest.House
	*bookingtest.Namespace
	t      *testing.T
	engine *rules.Engine
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := bookingtest.New(t, sandbox.Options{})
	th := &theatre{House: h, Namespace: h.Temporal(t, reservation.SearchAttributes(), replaytest.Keys{}), t: t}
	policy, err := rules.Shipped()
	require.NoError(t, err)
	pool, writer := h.Database.Pool(t), audit.NewWriter(h.Ring)
	signer, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	th.engine = rules.New(rules.Options{Pool: pool, Policy: policy, Auditor: writer, Keys: h.Ring, Signer: signer, Threshold: 100})
	done, err := activities.New(activities.Parts{
		Engine: th.engine, Holds: holds.New(pool, writer), Hotels: h.Registry, Starter: th,
		Table: keys.NewSubjects(postgrestest.New(t, keys.Migrations).Pool(t)),
	})
	require.NoError(t, err)
	w := worker.New(th.Client, retention.TaskQueue, worker.Options{Identity: "test"})
	retention.Register(w)
	activities.Register(w, done)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return th
}

// StartRetention implements activities.Starter.
func (th *theatre) StartRetention(ctx context.Context, hotel string) (bool, error) {
	_, err := th.Client.ExecuteWorkflow(ctx, th.options(hotel), retention.RunName, retention.Input{Hotel: hotel, Actor: "schedule"})
	return err == nil, err
}

func (th *theatre) options(hotel string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: retention.RunID(hotel), TaskQueue: retention.TaskQueue}
}

// deliveries makes rows that have had their time.
func (th *theatre) deliveries(n int) {
	th.t.Helper()
	conn, err := pgx.Connect(th.t.Context(), th.Database.AdminURL)
	require.NoError(th.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(th.t.Context())) }()
	_, err = conn.Exec(th.t.Context(), `insert into webhook_delivery (hotel, vendor, id, received_at, due_at)
		select $1, 'apaleo', sha256(n::text::bytea), now() - interval '30 days', now() from generate_series(1, $2::int) n`, th.Hotel.ID, n)
	require.NoError(th.t, err)
}

// start starts the hotel's run.
func (th *theatre) start(in retention.Input) client.WorkflowRun {
	th.t.Helper()
	in.Hotel, in.Actor = th.Hotel.ID, "schedule"
	run, err := th.Client.ExecuteWorkflow(th.t.Context(), th.options(th.Hotel.ID), retention.RunName, in)
	require.NoError(th.t, err)
	return run
}

func (th *theatre) result(run client.WorkflowRun) (result retention.Result) {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	require.NoError(th.t, run.Get(ctx, &result))
	return result
}

// waiting is the run once it waits.
func (th *theatre) waiting() (r rules.Run) {
	th.t.Helper()
	require.Eventually(th.t, func() bool {
		all, err := th.engine.Runs(th.t.Context(), th.Hotel.ID)
		require.NoError(th.t, err)
		if len(all) == 1 && all[0].State == rules.Waiting {
			r = all[0]
			return th.asked().State == rules.Waiting
		}
		return false
	}, time.Minute, 10*time.Millisecond)
	return r
}

// asked is what the run says of itself; nothing before it can.
func (th *theatre) asked() (s retention.Status) {
	answer, err := th.Client.QueryWorkflow(th.t.Context(), retention.RunID(th.Hotel.ID), "", retention.StateQuery)
	if err == nil {
		err = answer.Get(&s)
	}
	if err != nil {
		return retention.Status{}
	}
	return s
}

func (th *theatre) decide(d retention.Decision) error {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	update, err := th.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: retention.RunID(th.Hotel.ID), UpdateName: retention.DecideUpdate, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(th.t, err)
	return update.Get(ctx, nil)
}

// scenes are the ways through the run that have a recorded history.
func scenes() map[string]func(*theatre) string {
	return map[string]func(*theatre) string{
		"small": func(th *theatre) string {
			th.deliveries(20)
			run := th.start(retention.Input{})
			result := th.result(run)
			require.Equal(th.t, rules.Done, result.State)
			require.EqualValues(th.t, 20, result.Erased)
			return run.GetRunID()
		},
		"approved": func(th *theatre) string {
			th.deliveries(120)
			run := th.start(retention.Input{})
			waiting := th.waiting()
			require.ErrorContains(th.t, th.decide(retention.Decision{Actor: "schedule", Hash: waiting.PlanHash}), "another person")
			require.NoError(th.t, th.decide(retention.Decision{Actor: "compliance:2222222222222222", Hash: waiting.PlanHash}))
			result := th.result(run)
			require.Equal(th.t, rules.Done, result.State)
			require.EqualValues(th.t, 120, result.Erased)
			require.Zero(th.t, result.Overdue)
			return run.GetRunID()
		},
		"refused": func(th *theatre) string {
			th.deliveries(120)
			run := th.start(retention.Input{})
			th.waiting()
			require.NoError(th.t, th.decide(retention.Decision{Actor: "compliance:2222222222222222", Refuse: true}))
			require.Equal(th.t, rules.Refused, th.result(run).State)
			return run.GetRunID()
		},
		"nothing": func(th *theatre) string {
			run := th.start(retention.Input{})
			require.Equal(th.t, retention.Result{Run: th.result(run).Run, State: rules.Done}, th.result(run))
			return run.GetRunID()
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
			recorded := replaytest.Read(t, th.Namespace, retention.RunID(th.Hotel.ID), play(th))
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, retention.RunName, retention.Run))
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
	replaytest.Holds(t, retention.RunName, retention.Run, names...)
}

// A round starts a run for every hotel, page by page, and a hotel whose run
// waits gets no second one.
func TestARoundStartsEveryHotel(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	for i := range 4 {
		th.AddHotel(t, fmt.Sprintf("hotel-more-%d", i), "http://127.0.0.1:1")
	}
	run, err := th.Client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: retention.RoundID, TaskQueue: retention.TaskQueue},
		retention.RoundName, retention.RoundInput{PageSize: 2, Pages: 2})
	require.NoError(t, err)
	var result retention.RoundResult
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, retention.RoundResult{Hotels: 5, Started: 5}, result)
	for i := range 4 {
		id := fmt.Sprintf("hotel-more-%d", i)
		require.NoError(t, th.Client.GetWorkflow(t.Context(), retention.RunID(id), "").Get(t.Context(), nil))
		described, err := th.Plain.DescribeWorkflowExecution(t.Context(), retention.RunID(id), "")
		require.NoError(t, err)
		require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, described.GetWorkflowExecutionInfo().GetStatus())
	}
}
