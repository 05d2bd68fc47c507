package workers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/activities/speech"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/workers"
)

func queues(p workers.Pool) (names []string) {
	for _, q := range p.Queues {
		names = append(names, q.Name)
	}
	return names
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := workers.Table(workers.Parts{Booking: new(booking.Activities), Vendors: []string{"apaleo", "mews"}})
	require.Len(t, table, 1)
	require.Equal(t, "voicehive-cpu", table[0].Deployment())
	require.Equal(t, []string{"bookings", "pms.apaleo", "pms.mews"}, queues(table[0]))

	table = workers.Table(workers.Parts{
		Booking: new(booking.Activities), Vendors: []string{"apaleo"},
		Connection: new(connection.Activities), Reconciliation: new(reconciliation.Activities),
	})
	require.Equal(t, []string{"bookings", "pms.apaleo", "records"}, queues(table[0]))
	require.Equal(t, workers.AllTasks, table[0].Queues[2].Limits.Kind)

	table = workers.Table(workers.Parts{Booking: new(booking.Activities), Speech: speech.New(nil)})
	require.Len(t, table, 2)
	require.Equal(t, []string{"speech.gpu"}, queues(table[1]))
	require.Equal(t, 1, table[1].Queues[0].Limits.Activities, "one stream at least")
}

func TestChoose(t *testing.T) {
	t.Parallel()
	table := workers.Table(workers.Parts{Booking: new(booking.Activities), Speech: speech.New(nil), Streams: 4})
	for name, want := range map[string]int{workers.CPU: 1, workers.GPU: 1, workers.All: 2} {
		chosen, err := workers.Choose(table, name)
		require.NoError(t, err)
		require.Len(t, chosen, want)
	}
	_, err := workers.Choose(table[:1], workers.GPU)
	require.ErrorContains(t, err, "RIVA_ADDRESS")
	_, err = workers.Choose(table, "tpu")
	require.ErrorContains(t, err, `no pool "tpu"`)
}

func TestRunServesEveryQueueAndEnds(t *testing.T) {
	t.Parallel()
	c := temporaltest.Client(t, client.Options{})
	var log bookingtest.Log
	pools := workers.Table(workers.Parts{Booking: new(booking.Activities), Vendors: []string{"apaleo"}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- workers.Run(ctx, c, pools, workers.Options{BuildID: "1", Logger: log.Logger(), Started: func() { close(started) }})
	}()
	<-started
	require.Eventually(t, func() bool {
		d, err := c.WorkerDeploymentClient().GetHandle(pools[0].Deployment()).DescribeVersion(t.Context(), client.WorkerDeploymentDescribeVersionOptions{BuildID: "1"})
		return err == nil && len(d.Info.TaskQueuesInfos) == 2
	}, time.Minute, 50*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	require.Contains(t, log.String(), "Draining")
}

func TestRunFailsWhenItMayNotPoll(t *testing.T) {
	t.Parallel()
	c := temporaltest.Client(t, client.Options{})
	_, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "default"})
	require.NoError(t, err)
	var log bookingtest.Log
	pools := workers.Table(workers.Parts{Booking: new(booking.Activities)})
	elsewhere, err := client.NewClientFromExistingWithContext(t.Context(), c, client.Options{Namespace: "nobodys"})
	require.NoError(t, err)
	err = workers.Run(t.Context(), elsewhere, pools, workers.Options{BuildID: "1", Logger: log.Logger()})
	require.Error(t, err)
	require.False(t, errors.Is(err, context.Canceled))
}
