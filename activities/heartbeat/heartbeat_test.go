package heartbeat_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/heartbeat"
)

// TestWorkThatIsNoActivity: the SDK panics when one that is none tells of itself,
// and work that took a second would end the process.
func TestWorkThatIsNoActivity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := heartbeat.Start(t.Context())
		time.Sleep(3 * heartbeat.Every) // virtual
		stop()
	})
}

func TestAnActivityTellsThatItLives(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	told := make(chan struct{}, 100)
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { told <- struct{}{} })
	work := func(ctx context.Context) error {
		defer heartbeat.Start(ctx)()
		<-told
		return nil
	}
	env.RegisterActivity(work)
	_, err := env.ExecuteActivity(work)
	require.NoError(t, err)
}
