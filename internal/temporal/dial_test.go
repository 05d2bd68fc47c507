package temporal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

func newPlugin(t *testing.T, namespace string) *temporal.Plugin {
	t.Helper()
	plugin, err := temporal.NewPlugin(temporal.Options{Namespace: namespace, Keys: newVault(), ScopeOf: lastPart})
	require.NoError(t, err)
	return plugin
}

func TestDialConnects(t *testing.T) {
	t.Parallel()
	namespace := temporaltest.Namespace(t)
	c, err := temporal.Dial(t.Context(), temporal.Config{
		Address: temporaltest.Server(t).FrontendHostPort(), Plugin: newPlugin(t, namespace)})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	_, err = c.CheckHealth(t.Context(), &client.CheckHealthRequest{})
	require.NoError(t, err)
}

func TestDialGivesUpClearly(t *testing.T) {
	t.Parallel()
	_, err := temporal.Dial(t.Context(), temporal.Config{})
	require.ErrorContains(t, err, "plugin")

	_, err = temporal.Dial(t.Context(), temporal.Config{Namespace: "b", Plugin: newPlugin(t, "a")})
	require.ErrorContains(t, err, `"b"`)

	const address = "127.0.0.1:1" // a port that was free a moment ago may be somebody's by now
	_, err = temporal.Dial(t.Context(), temporal.Config{Address: address, Plugin: newPlugin(t, "a"), Patience: 200 * time.Millisecond})
	require.ErrorContains(t, err, "no server at "+address)
}

func TestEnvironmentReadsTheUsualVariables(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", "/dev/null")
	t.Setenv("TEMPORAL_ADDRESS", "temporal.example.test:7233")
	t.Setenv("TEMPORAL_NAMESPACE", "hotels")
	config, err := temporal.Environment()
	require.NoError(t, err)
	require.Equal(t, "temporal.example.test:7233", config.Address)
	require.Equal(t, "hotels", config.Namespace)
}

func TestSetCurrentVersionLetsWorkflowsRun(t *testing.T) {
	t.Parallel()
	v := newVault("one")
	r := newRig(t, v, worker.Options{DeploymentOptions: worker.DeploymentOptions{
		UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: "cpu", BuildID: "b1"}}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, temporal.SetCurrentVersion(ctx, r.sealed, "cpu", "b1"))
	require.NoError(t, temporal.SetCurrentVersion(ctx, r.sealed, "cpu", "b1"), "twice is no error")
	run, err := r.sealed.ExecuteWorkflow(ctx, options("call/one"), "Child", guest{marker})
	require.NoError(t, err)
	require.NoError(t, run.Get(ctx, nil))

	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, temporal.SetCurrentVersion(short, r.sealed, "cpu", "never-built"), "polling")
}
