//go:build unix

package region_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

// TestTemporalThroughTheGuard: the SDK's client takes the guard's options.
func TestTemporalThroughTheGuard(t *testing.T) {
	t.Parallel()
	server := temporaltest.Server(t).FrontendHostPort()
	f := openField(t, names{}, nil, region.Endpoint{Name: "TEMPORAL_ADDRESS", Role: region.Temporal, Address: server})
	dial := func(f field) error {
		c, err := client.DialContext(t.Context(), client.Options{HostPort: server, ConnectionOptions: client.ConnectionOptions{DialOptions: f.For(region.Temporal).GRPC()}})
		if err == nil {
			c.Close()
		}
		return err
	}
	require.NoError(t, dial(f))
	require.Zero(t, f.refusals(t))
	none := openField(t, names{}, nil)
	require.Error(t, dial(none))
	require.Positive(t, none.refusals(t))
}
