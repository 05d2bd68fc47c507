package temporaltest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

func TestWorkflowRunsInANamespaceOfItsOwn(t *testing.T) {
	t.Parallel()
	namespace := temporaltest.Namespace(t)
	c := temporaltest.Client(t, client.Options{Namespace: namespace})
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflowWithOptions(func(workflow.Context) (string, error) { return "done", nil }, workflow.RegisterOptions{Name: "Done"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)

	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "one", TaskQueue: "q"}, "Done")
	require.NoError(t, err)
	var result string
	require.NoError(t, run.Get(t.Context(), &result))
	require.Equal(t, "done", result)

	elsewhere := temporaltest.Client(t, client.Options{})
	_, err = elsewhere.DescribeWorkflowExecution(t.Context(), "one", "")
	require.Error(t, err, "namespaces are apart")
}
