package breach_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	activities "github.com/voicehive/voicehive/activities/breach"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	breachflow "github.com/voicehive/voicehive/workflows/breach"
)

// workerEnv tells a test process that it is a worker, and where.
const workerEnv = "VOICEHIVE_TEST_BREACH_WORKER"

// A place is what a worker is made of, in whichever process.
type place struct{ Temporal, Namespace, Database, Keys, Keyring, Mail string }

// parts opens the place's real register, ledger and relay.
func (p place) parts(t *testing.T) (*breach.Register, *ledger.Ledger, activities.Parts) {
	t.Helper()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, p.Database)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	keysPool, err := postgres.Open(ctx, p.Keys)
	require.NoError(t, err)
	t.Cleanup(keysPool.Close)
	root, err := keys.OpenLocalKeyring(p.Keyring, "test")
	require.NoError(t, err)
	ring := keys.New(keys.NewPostgres(keysPool), root, keys.Options{})
	require.NoError(t, ring.EnsureTenant(ctx, audit.HouseTenant))
	writer := audit.NewWriter(ring)
	hotels, err := registry.New(pool)
	require.NoError(t, err)
	mail, err := email.New(email.Options{URL: p.Mail, From: "house@voicehive.example"})
	require.NoError(t, err)
	register := &breach.Register{
		Pool: pool, Keys: ring, Auditor: writer, Hours: breach.DefaultHours(),
		People: func(context.Context, string) (bool, error) { return false, nil },
	}
	book := ledger.New(pool, ledger.WithAudit(writer))
	return register, book, activities.Parts{
		Register: register, Hotels: hotels, Sender: notify.Switch{notify.Email: mail}, Tasks: book,
		Journal: func(ctx context.Context, e audit.Event) error { return writer.Record(ctx, pool, e) },
		Logger:  slog.New(slog.DiscardHandler),
	}
}

// serve starts a worker; stop ends it.
func (p place) serve(t *testing.T, parts activities.Parts) (stop func()) {
	t.Helper()
	c, err := client.Dial(client.Options{
		HostPort: p.Temporal, Namespace: p.Namespace, Plugins: []client.Plugin{bookingtest.NewPlugin(t, p.Namespace, replaytest.Keys{})},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	does, err := activities.New(parts)
	require.NoError(t, err)
	w := worker.New(c, breachflow.TaskQueue, worker.Options{})
	breachflow.Register(w)
	activities.Bind(w, does)
	require.NoError(t, w.Start())
	return w.Stop
}

// TestWorkerProcess is no test but a worker that is killed when the relay has
// the notice to a hotel and nobody has written that down.
func TestWorkerProcess(t *testing.T) {
	text := os.Getenv(workerEnv)
	if text == "" {
		return
	}
	var p place
	require.NoError(t, json.Unmarshal([]byte(text), &p))
	_, _, parts := p.parts(t)
	parts.Sender = doomed{parts.Sender}
	p.serve(t, parts)
	select {} // until it is killed
}

// doomed hands a message over, and never hears what came of it.
type doomed struct{ notify.Sender }

func (d doomed) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	_, err := d.Sender.Send(ctx, m)
	fmt.Println("sent", err)
	select {}
}

// A theatre plays clocks on a real server, with a real register and relay.
type theatre struct {
	place
	*breach.Register
	*bookingtest.Namespace
	t       *testing.T
	ledger  *ledger.Ledger
	parts   activities.Parts
	mailbox *sink.Sink
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	mailbox, err := sink.Start(sink.Options{})
	require.NoError(t, err)
	t.Cleanup(mailbox.Close)
	namespace := temporaltest.Namespace(t)
	th := &theatre{t: t, mailbox: mailbox, place: place{
		Temporal: temporaltest.Server(t).FrontendHostPort(), Namespace: namespace, Database: postgrestest.New(t, postgres.Migrations).URL,
		Keys: postgrestest.New(t, keys.Migrations).URL, Keyring: filepath.Join(t.TempDir(), "keyring.json"), Mail: mailbox.MailURL(),
	}}
	th.Namespace = &bookingtest.Namespace{
		Name: namespace, Plain: temporaltest.Client(t, client.Options{Namespace: namespace}),
		Client: temporaltest.Client(t, client.Options{Namespace: namespace, Plugins: []client.Plugin{bookingtest.NewPlugin(t, namespace, replaytest.Keys{})}}),
	}
	th.Register, th.ledger, th.parts = th.place.parts(t)
	for id, contact := range map[string]registry.Contact{"aurora": {Privacy: "privacy@aurora.example"}, "boreal": {}} {
		require.NoError(t, th.parts.Hotels.(*registry.Registry).Add(t.Context(), registry.Hotel{
			ID: id, Name: "Hotel " + id, Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
			Languages: []string{"de"}, CredentialsRef: id, Contact: contact,
		}))
	}
	return th
}

// begin opens a breach that the house has been aware of for so long, and starts
// its clock.
func (th *theatre) begin(aware time.Duration, hotels ...string) string {
	th.t.Helper()
	b, err := th.Open(th.t.Context(), breach.Opening{
		Kinds: []breach.Kind{breach.Availability}, Aware: time.Now().Add(-aware), Hotels: hotels,
		Text: "A store was lost; " + bookingtest.Marker + " stands for what must stay sealed.", Actor: "ops:1",
	})
	require.NoError(th.t, err)
	_, err = th.Client.ExecuteWorkflow(th.t.Context(), client.StartWorkflowOptions{
		ID: breachflow.WorkflowID(b.ID), TaskQueue: breachflow.TaskQueue,
	}, breachflow.Name, breachflow.Input{Breach: b.ID})
	require.NoError(th.t, err)
	return b.ID
}

// done writes down that everything was done, and closes the breach.
func (th *theatre) done(id string) {
	th.t.Helper()
	ctx := th.t.Context()
	_, untold, err := th.Untold(ctx, id)
	require.NoError(th.t, err)
	entries := []breach.Entry{{Act: breach.Assessed, Risk: breach.Unlikely}, {Act: breach.Remedied}}
	for _, hotel := range untold {
		entries = append(entries, breach.Entry{Act: breach.ControllerTold, Hotel: hotel})
	}
	for _, e := range entries {
		e.Actor, e.Text = "ops:1", "As said."
		_, err := th.Note(ctx, id, e)
		require.NoError(th.t, err)
	}
	_, err = th.Close(ctx, id, "ops:1")
	require.NoError(th.t, err)
	require.NoError(th.t, th.Client.SignalWorkflow(ctx, breachflow.WorkflowID(id), "", breachflow.SignalChanged, nil))
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	require.NoError(th.t, th.Client.GetWorkflow(ctx, breachflow.WorkflowID(id), "").Get(ctx, nil))
}

// until waits until the register has what is asked for.
func (th *theatre) until(id string, has func(breach.Duties) bool) {
	th.t.Helper()
	require.Eventually(th.t, func() bool {
		d, err := th.Duties(th.t.Context(), id)
		return err == nil && has(d)
	}, time.Minute, 20*time.Millisecond)
}

// tasks waits for so many tasks of the house.
func (th *theatre) tasks(n int) (tasks []ledger.Task) {
	th.t.Helper()
	require.Eventually(th.t, func() bool {
		var err error
		tasks, err = th.ledger.Tasks(th.t.Context(), registry.System)
		return err == nil && len(tasks) >= n
	}, time.Minute, 20*time.Millisecond)
	require.Len(th.t, tasks, n)
	return tasks
}

func allTold(d breach.Duties) bool { return d.Untold == 0 }

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]func(*theatre) (id string) {
	return map[string]func(*theatre) string{
		"told-and-closed": func(th *theatre) string {
			id := th.begin(time.Hour, "aurora")
			th.until(id, allTold)
			mails := th.mailbox.Messages()
			require.Len(th.t, mails, 1)
			require.Equal(th.t, []string{"privacy@aurora.example"}, mails[0].To)
			require.Contains(th.t, mails[0].Text, id)
			require.NotContains(th.t, mails[0].Text, bookingtest.Marker, "no word of what happened is in a mailbox")
			th.done(id)
			tasks, err := th.ledger.Tasks(th.t.Context(), registry.System)
			require.NoError(th.t, err)
			require.Empty(th.t, tasks)
			return id
		},
		"left-to-a-person": func(th *theatre) string {
			id := th.begin(50*time.Hour, "boreal")
			require.Contains(th.t, th.tasks(1)[0].Detail, "call them")
			th.done(id)
			return id
		},
	}
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t)
			t.Cleanup(th.serve(t, th.parts))
			recorded := replaytest.Read(t, th.Namespace, breachflow.WorkflowID(play(th)), "")
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, breachflow.Name, breachflow.Breach))
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replaytest.Holds(t, breachflow.Name, breachflow.Breach, slices.Collect(maps.Keys(scenes()))...)
}

// TestAKilledWorkerLeavesNoHotelUntold: the worker dies (SIGKILL) when the relay
// has the notice. The hotel is told again rather than never, and it stands in the
// register once.
func TestAKilledWorkerLeavesNoHotelUntold(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	id := th.begin(time.Hour, "aurora")
	text, err := json.Marshal(th.place)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkerProcess$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), workerEnv+"="+string(text))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "sent <nil>" {
	}
	require.Equal(t, "sent <nil>", lines.Text())
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	d, err := th.Duties(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, 1, d.Untold)

	t.Cleanup(th.serve(t, th.parts))
	th.until(id, allTold)
	mails := th.mailbox.Messages()
	require.Len(t, mails, 2)
	require.Equal(t, mails[0].ID, mails[1].ID, "a mail system can tell a copy")
	th.done(id)
	b, err := th.Read(t.Context(), id, "ops:1")
	require.NoError(t, err)
	require.Len(t, b.Notes, 3)
	require.Equal(t, breach.ControllerTold, b.Notes[0].Act)
}
