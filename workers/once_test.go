package workers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/connectors/transport"
)

// TestActivitiesReadOnce: a vendor that fails is asked once by each attempt of
// an activity, and twice by a caller who has nobody to repeat for it.
func TestActivitiesReadOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	stack, err := transport.New(transport.Options{})
	require.NoError(t, err)
	vendor, err := stack.Client(transport.Settings{Vendor: "vendor", BaseURL: server.URL})
	require.NoError(t, err)
	read := func(ctx context.Context) error {
		_, err := vendor.Do(ctx, transport.Call{Operation: "read", Effect: transport.Read, Method: http.MethodGet, Path: "/"})
		return err
	}
	require.Error(t, read(t.Context()))
	require.Equal(t, int32(2), asked.Swap(0))

	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{new(once)}})
	env.RegisterActivity(read)
	_, err = env.ExecuteActivity(read)
	require.Error(t, err)
	require.Equal(t, int32(1), asked.Load())
}
