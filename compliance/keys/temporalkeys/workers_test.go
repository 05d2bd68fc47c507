package temporalkeys_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

const (
	hotel = "seaview"
	card  = "the guest's own words"
	place = "test.card"
)

// fleet are workers with a key ring each, as in processes of their own, on one
// server and one key database.
type fleet struct {
	t         *testing.T
	namespace string
	dial      func(*keys.Ring) client.Client
	ring      func() *keys.Ring
}

func newFleet(t *testing.T, ttl time.Duration) *fleet {
	database := postgrestest.New(t, keys.Migrations)
	root, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.yaml"), "test")
	require.NoError(t, err)
	f := &fleet{t: t, namespace: temporaltest.Namespace(t)}
	f.ring = func() *keys.Ring {
		return keys.New(keys.NewPostgres(database.Pool(t)), root, keys.Options{TTL: ttl})
	}
	f.dial = func(ring *keys.Ring) client.Client {
		plugin, err := temporal.NewPlugin(temporal.Options{Namespace: f.namespace, Keys: temporalkeys.New(ring), ScopeOf: temporalkeys.ScopeOf})
		require.NoError(t, err)
		return temporaltest.Client(t, client.Options{Namespace: f.namespace, Plugins: []client.Plugin{plugin}})
	}
	return f
}

// serve starts a worker with a ring of its own. Its activity opens what lies
// sealed, as those of a booking do. deaf ones hear of no destroyed key.
func (f *fleet) serve(queue string, deaf bool) {
	ring := f.ring()
	w := worker.New(f.dial(ring), queue, worker.Options{})
	w.RegisterWorkflowWithOptions(ask, workflow.RegisterOptions{Name: "ask"})
	open := func(ctx context.Context, scope keys.Scope, sealed []byte) error {
		_, err := ring.Open(ctx, scope, keys.Operations, place, sealed)
		if errors.Is(err, keys.ErrDestroyed) {
			return sdktemporal.NewNonRetryableApplicationError("the key is gone", "destroyed", nil)
		}
		return err
	}
	w.RegisterActivityWithOptions(open, activity.RegisterOptions{Name: "open"})
	require.NoError(f.t, w.Start())
	f.t.Cleanup(w.Stop)
	if deaf {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = ring.Listen(ctx)
	}()
	f.t.Cleanup(func() { cancel(); <-ended })
}

// ask runs under the hotel's own key and asks a worker to open a guest's data.
func ask(ctx workflow.Context, queue string, scope keys.Scope, sealed []byte) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: queue, StartToCloseTimeout: 10 * time.Second})
	return workflow.ExecuteActivity(ctx, "open", scope, sealed).Get(ctx, nil)
}

// TestADestroyedKeyIsDeadInEveryWorker: three workers have the key in memory,
// one of them is deaf to the word that it was destroyed. None opens anything
// with it after the time that a key may stay in memory.
func TestADestroyedKeyIsDeadInEveryWorker(t *testing.T) {
	t.Parallel()
	const ttl = 4 * time.Second
	f := newFleet(t, ttl)
	eraser := f.ring()
	require.NoError(t, eraser.EnsureTenant(t.Context(), hotel))
	scope, err := eraser.Create(t.Context(), hotel)
	require.NoError(t, err)
	sealed, err := eraser.Seal(t.Context(), scope, keys.Operations, place, []byte(card))
	require.NoError(t, err)
	queues := []string{"one", "two", "deaf"}
	for _, queue := range queues {
		f.serve(queue, queue == "deaf")
	}
	c, n := f.dial(f.ring()), 0
	opens := func(queue string) error {
		n++
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: fmt.Sprintf("system/%s/ask-%d", hotel, n), TaskQueue: queue}, "ask", queue, scope, sealed)
		require.NoError(t, err)
		return run.Get(t.Context(), nil)
	}
	for _, queue := range queues {
		require.NoError(t, opens(queue), "%s opens it while there is a key", queue)
	}

	_, err = eraser.Destroy(t.Context(), scope)
	require.NoError(t, err)
	for _, queue := range queues {
		require.Eventually(t, func() bool {
			var gone *sdktemporal.ApplicationError
			return errors.As(opens(queue), &gone) && gone.Type() == "destroyed"
		}, time.Minute, 50*time.Millisecond, "%s still opens it", queue)
	}
}
