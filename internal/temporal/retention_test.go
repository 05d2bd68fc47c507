package temporal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

// What the server keeps is what is asked of it, and not what somebody believes.
func TestTheServersRetentionIsRead(t *testing.T) {
	t.Parallel()
	namespace := temporaltest.Namespace(t)
	c := temporaltest.Client(t, client.Options{Namespace: namespace})
	for _, days := range []time.Duration{30, 45} {
		_, err := c.WorkflowService().UpdateNamespace(t.Context(), &workflowservice.UpdateNamespaceRequest{
			Namespace: namespace, Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(days * 24 * time.Hour)},
		})
		require.NoError(t, err)
		kept, err := temporal.Retention(t.Context(), c, namespace)
		require.NoError(t, err)
		require.Equal(t, days*24*time.Hour, kept)
	}
	_, err := temporal.Retention(t.Context(), c, "none-such")
	require.ErrorContains(t, err, "for how long runs are kept")
}
