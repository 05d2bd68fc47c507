package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const queue = "devstack-test"

var roomAttribute = temporal.NewSearchAttributeKeyKeyword("Room")

// greet waits for a name by update or by signal and answers with an activity's
// result.
func greet(ctx workflow.Context) (string, error) {
	var name string
	err := workflow.SetUpdateHandler(ctx, "name", func(_ workflow.Context, given string) (string, error) {
		name = given
		return "accepted " + given, nil
	})
	if err != nil {
		return "", err
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	})
	if err := workflow.Await(ctx, func() bool { return name != "" }); err != nil {
		return "", err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	var greeting string
	err = workflow.ExecuteActivity(ctx, "compose", name).Get(ctx, &greeting)
	return greeting, err
}

func compose(_ context.Context, name string) (string, error) { return "hello " + name, nil }

func startWorker(t *testing.T, c client.Client, options worker.Options) {
	t.Helper()
	w := worker.New(c, queue, options)
	w.RegisterWorkflowWithOptions(greet, workflow.RegisterOptions{
		Name:               "greet",
		VersioningBehavior: options.DeploymentOptions.DefaultVersioningBehavior,
	})
	w.RegisterActivityWithOptions(compose, activity.RegisterOptions{Name: "compose"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
}

func dial(t *testing.T, frontend string) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: frontend})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// bookRoom runs greet by update-with-start and finds it by search attribute.
func bookRoom(t *testing.T, c client.Client, id string) {
	t.Helper()
	ctx := testContext(t)
	operation := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       id,
		TaskQueue:                queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    temporal.NewSearchAttributes(roomAttribute.ValueSet(id)),
		Priority:                 temporal.Priority{PriorityKey: 1, FairnessKey: "hotel"},
	}, "greet")
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: operation,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName:   "name",
			Args:         []any{"Ada"},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	require.NoError(t, err)
	var accepted string
	require.NoError(t, handle.Get(ctx, &accepted))
	require.Equal(t, "accepted Ada", accepted)

	run, err := operation.Get(ctx)
	require.NoError(t, err)
	var greeting string
	require.NoError(t, run.Get(ctx, &greeting))
	require.Equal(t, "hello Ada", greeting)
	requireFound(t, c, `Room = "`+id+`" AND ExecutionStatus = "Completed"`)
}

func requireFound(t *testing.T, c client.Client, query string) {
	t.Helper()
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		count, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		require.NoError(collect, err)
		require.EqualValues(collect, 1, count.Count)
	}, patience, 50*time.Millisecond)
}

// The SDK's own test support must be able to start this binary in place of
// Temporal's.
func TestExistingPath(t *testing.T) {
	t.Parallel()
	s, err := testsuite.StartDevServer(testContext(t), testsuite.DevServerOptions{
		ExistingPath:     binary,
		LogLevel:         "error",
		LogFormat:        "json",
		EnableUI:         true,
		UIPort:           "0",
		DBFilename:       filepath.Join(t.TempDir(), "temporal.db"),
		ClientOptions:    &client.Options{Namespace: "front-desk"},
		SearchAttributes: temporal.NewSearchAttributes(roomAttribute.ValueSet("")),
		ExtraArgs:        []string{"--retention", "48h", "--dynamic-config-value", "limit.maxIDLength=255", "--exit-with-parent"},
		Stdout:           os.Stderr,
		Stderr:           os.Stderr,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })

	startWorker(t, s.Client(), worker.Options{})
	bookRoom(t, s.Client(), "room-101")
	described, err := s.Client().WorkflowService().DescribeNamespace(testContext(t),
		&workflowservice.DescribeNamespaceRequest{Namespace: "front-desk"})
	require.NoError(t, err)
	require.Equal(t, 48*time.Hour, described.Config.WorkflowExecutionRetentionTtl.AsDuration())
}

// A workflow that was waiting when the server was killed goes on, and what the
// second start adds to the file is there from its first moment.
func TestKillAndRestartOnFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.db")
	requireSurvivesKill(t, "--db-filename", file)
}

func requireSurvivesKill(t *testing.T, storeArgs ...string) {
	t.Helper()
	ctx := testContext(t)
	args := append([]string{"--headless", "--search-attribute", "Room=Keyword"}, storeArgs...)
	first, ready := startServer(t, args...)
	before := dial(t, ready.Frontend)
	run, err := before.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "survivor", TaskQueue: queue,
		TypedSearchAttributes: temporal.NewSearchAttributes(roomAttribute.ValueSet("202")),
	}, "greet")
	require.NoError(t, err)
	first.kill(t)

	second, ready := startServer(t, append(args,
		"--search-attribute", "Floor=Int", "--namespace", "default", "--namespace", "annex")...)
	after := dial(t, ready.Frontend)
	startWorker(t, after, worker.Options{})
	require.NoError(t, after.SignalWorkflow(ctx, "survivor", run.GetRunID(), "name", "Grace"))
	var greeting string
	require.NoError(t, after.GetWorkflow(ctx, "survivor", run.GetRunID()).Get(ctx, &greeting))
	require.Equal(t, "hello Grace", greeting)
	requireFound(t, after, `Room = "202"`)

	annex, err := client.NewClientFromExisting(after, client.Options{Namespace: "annex"})
	require.NoError(t, err)
	_, err = annex.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "upstairs", TaskQueue: "nobody",
		TypedSearchAttributes: temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyInt64("Floor").ValueSet(2)),
	}, "greet")
	require.NoError(t, err)
	requireFound(t, annex, `Floor = 2`)
	require.NoError(t, second.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, second.cmd.Wait(), "stderr:\n%s", second.stderr)
}

func TestAttributeTypeCannotChange(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.db")
	p, _ := startServer(t, "--headless", "--db-filename", file, "--search-attribute", "Room=Keyword")
	p.kill(t)
	code, stderr := runToEnd(t, "server", "start-dev", "--headless", "--port", "0", "--db-filename", file, "--search-attribute", "Room=Int")
	require.Equal(t, exitFault, code)
	require.Contains(t, stderr, `"Room" exists with type Keyword`)
}

func TestWorkerDeployment(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	_, ready := startServer(t, "--headless", "--search-attribute", "Room=Keyword")
	c := dial(t, ready.Frontend)
	version := worker.WorkerDeploymentVersion{DeploymentName: "cpu", BuildID: "1"}
	startWorker(t, c, worker.Options{DeploymentOptions: worker.DeploymentOptions{
		UseVersioning: true, Version: version, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	}})
	handle := c.WorkerDeploymentClient().GetHandle("cpu")
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: "1"})
		require.NoError(collect, err)
	}, patience, 100*time.Millisecond)
	bookRoom(t, c, "room-303")
	described, err := c.DescribeWorkflowExecution(ctx, "room-303", "")
	require.NoError(t, err)
	require.Equal(t, "1", described.WorkflowExecutionInfo.GetVersioningInfo().GetDeploymentVersion().GetBuildId())
}
