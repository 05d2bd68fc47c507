package starter_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/starter"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
)

// queueingEnv tells a test process that it is to queue a message, and where.
const queueingEnv = "VOICEHIVE_TEST_QUEUEING"

// queueing is what a process that queues messages is made of.
type queueing struct{ Database, Keys, Keyring, Hotel, Scope string }

func (q queueing) open(t *testing.T) (*postgres.Pool, *keys.Ring, *notification.Outbox, *letters.Letters) {
	t.Helper()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, q.Database)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	keysPool, err := postgres.Open(ctx, q.Keys)
	require.NoError(t, err)
	t.Cleanup(keysPool.Close)
	root, err := keys.OpenLocalKeyring(q.Keyring, "test")
	require.NoError(t, err)
	ring := keys.New(keys.NewPostgres(keysPool), root, keys.Options{})
	texts, err := letters.New()
	require.NoError(t, err)
	return pool, ring, notification.NewOutbox(pool, ring, texts), texts
}

// TestQueueingProcess is no test but a process that queues a message, and is
// killed before it can have it delivered.
func TestQueueingProcess(t *testing.T) {
	text := os.Getenv(queueingEnv)
	if text == "" {
		return
	}
	var q queueing
	require.NoError(t, json.Unmarshal([]byte(text), &q))
	_, _, outbox, _ := q.open(t)
	ref, err := outbox.Queue(context.Background(), notification.Draft{
		Hotel: q.Hotel, Scope: q.Scope, Channel: notify.Email, To: "guest@example.org",
		Data: letters.Cancellation{Reference: "XPG-1", Arrival: pms.NewDate(2027, time.March, 1), Departure: pms.NewDate(2027, time.March, 3)},
	})
	require.NoError(t, err)
	fmt.Println("queued " + ref.Message)
	select {} // until it is killed
}

// A postOffice is a hotel with a mailbox and a worker that delivers.
type postOffice struct {
	queueing
	t       *testing.T
	temp    client.Client
	outbox  *notification.Outbox
	mailbox *sink.Sink
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	p := &postOffice{t: t, queueing: queueing{
		Database: postgrestest.New(t, postgres.Migrations).URL, Keys: postgrestest.New(t, keys.Migrations).URL,
		Keyring: filepath.Join(t.TempDir(), "keyring.json"), Hotel: bookingtest.HotelID,
	}}
	pool, ring, outbox, texts := p.open(t)
	p.outbox = outbox
	hotels, err := registry.New(pool)
	require.NoError(t, err)
	require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
		ID: p.Hotel, Name: "Hotel Aurora", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR",
		Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
	}))
	require.NoError(t, ring.EnsureTenant(t.Context(), p.Hotel))
	scope, err := ring.Create(t.Context(), p.Hotel)
	require.NoError(t, err)
	p.Scope = scope.ID
	p.mailbox, err = sink.Start(sink.Options{})
	require.NoError(t, err)
	t.Cleanup(p.mailbox.Close)
	mail, err := email.New(email.Options{URL: p.mailbox.MailURL(), From: "post@aurora.example"})
	require.NoError(t, err)
	activities, err := notification.New(notification.Parts{
		Outbox: outbox, Letters: texts, Hotels: hotels, Audit: audit.NewWriter(ring), Sender: notify.Switch{notify.Email: mail},
	})
	require.NoError(t, err)
	namespace := temporaltest.Namespace(t)
	p.temp = temporaltest.Client(t, client.Options{
		Namespace: namespace, Plugins: []client.Plugin{bookingtest.NewPlugin(t, namespace, temporalkeys.New(ring))},
	})
	w := worker.New(p.temp, messageflow.TaskQueue, worker.Options{})
	messageflow.Register(w)
	notification.Register(w, activities)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return p
}

// killedWhileQueueing is a message whose process was killed (SIGKILL) when it
// was queued, and its delivery not begun.
func (p *postOffice) killedWhileQueueing() notification.MessageRef {
	p.t.Helper()
	text, err := json.Marshal(p.queueing)
	require.NoError(p.t, err)
	cmd := exec.CommandContext(p.t.Context(), os.Args[0], "-test.run=^TestQueueingProcess$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), queueingEnv+"="+string(text))
	out, err := cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, cmd.Start())
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if id, queued := strings.CutPrefix(lines.Text(), "queued "); queued {
			return notification.MessageRef{Hotel: p.Hotel, Message: id}
		}
	}
	p.t.Fatal("the process queued nothing")
	return notification.MessageRef{}
}

// sweep runs the sweeper until the test ends.
func (p *postOffice) sweep() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		starter.NewDeliveries(p.temp).Sweep(ctx, p.outbox, starter.Sweeping{Every: 20 * time.Millisecond, Age: time.Nanosecond, Batch: 1}, new(bookingtest.Log).Logger())
	}()
	p.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// settled waits until the message is settled, and returns it.
func (p *postOffice) settled(ref notification.MessageRef) (m notification.Message) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		var err error
		m, err = p.outbox.Message(p.t.Context(), ref.Hotel, ref.Message)
		return err == nil && m.State == notification.Sent
	}, time.Minute, 20*time.Millisecond)
	return m
}

// TestAKilledProcessLeavesNoMessageBehind: three processes die with a message
// queued, and a fourth has lost its delivery to an operator's hand. Each is
// delivered, and once.
func TestAKilledProcessLeavesNoMessageBehind(t *testing.T) {
	t.Parallel()
	p := newPostOffice(t)
	var left []notification.MessageRef
	for range 3 {
		left = append(left, p.killedWhileQueueing())
	}
	require.Empty(t, p.mailbox.Messages())
	terminated := p.killedWhileQueueing()
	// On a queue that nobody serves, so that the run is there and does nothing.
	run, err := p.temp.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: messageflow.WorkflowID(terminated), TaskQueue: "nobody"}, messageflow.Name, terminated)
	require.NoError(t, err)
	p.sweep()
	for _, ref := range left {
		require.Equal(t, 1, p.settled(ref).Attempts)
	}
	require.Len(t, p.mailbox.Messages(), 3, "a delivery that is under way is left to itself")
	require.NoError(t, p.temp.TerminateWorkflow(t.Context(), run.GetID(), run.GetRunID(), ""))
	require.Equal(t, 1, p.settled(terminated).Attempts)
	received := p.mailbox.Messages()
	require.Len(t, received, 4)
	for _, m := range received {
		require.False(t, m.Copy)
	}
}

// TestTheSweeperTellsWhatItCannotDo: it goes on, and tells of it.
func TestTheSweeperTellsWhatItCannotDo(t *testing.T) {
	t.Parallel()
	log := new(bookingtest.Log)
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{}, 1)
	go starter.NewDeliveries(nil).Sweep(ctx, away{asked}, starter.Sweeping{Every: time.Millisecond}, log.Logger())
	for range 3 {
		<-asked
	}
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "wait for a delivery") }, time.Minute, time.Millisecond)
	cancel()
}

// away is an outbox whose database is away.
type away struct{ asked chan struct{} }

func (a away) Stranded(context.Context, time.Duration, notification.StrandedMessage, int) ([]notification.StrandedMessage, error) {
	select {
	case a.asked <- struct{}{}:
	default: // the test has heard enough
	}
	return nil, postgres.ErrTenant
}
