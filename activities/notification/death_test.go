package notification_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/seven"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

// workerEnv tells a test process that it is to be a worker, and of what.
const workerEnv = "VOICEHIVE_TEST_NOTIFICATION_WORKER"

// workerPlan is what such a worker is made of.
type workerPlan struct {
	Temporal, Namespace, Database, Keys, Keyring, Mail, SMS, Key string
}

const (
	codeWorkflow   = "test-code"
	letterWorkflow = "test-letter"
)

// deliver is a workflow that does nothing but deliver, under a real policy.
func deliver(policy func(workflow.Context) workflow.Context) func(workflow.Context, notification.MessageRef) (notification.Delivery, error) {
	return func(ctx workflow.Context, ref notification.MessageRef) (d notification.Delivery, err error) {
		return d, workflow.ExecuteActivity(policy(ctx), notification.DeliverActivity, ref).Get(ctx, &d)
	}
}

// TestWorkerProcess is no test but the worker that others kill.
func TestWorkerProcess(t *testing.T) {
	text := os.Getenv(workerEnv)
	if text == "" {
		return
	}
	var plan workerPlan
	require.NoError(t, json.Unmarshal([]byte(text), &plan))
	ctx := context.Background()
	pool, err := postgres.Open(ctx, plan.Database)
	require.NoError(t, err)
	keysPool, err := postgres.Open(ctx, plan.Keys)
	require.NoError(t, err)
	root, err := keys.OpenLocalKeyring(plan.Keyring, "test")
	require.NoError(t, err)
	ring := keys.New(keys.NewPostgres(keysPool), root, keys.Options{})
	hotels, err := registry.New(pool)
	require.NoError(t, err)
	texts, err := letters.New()
	require.NoError(t, err)
	mail, err := email.New(email.Options{URL: plan.Mail, From: "post@aurora.example"})
	require.NoError(t, err)
	sms, err := seven.New(seven.Options{URL: plan.SMS, KeyFile: plan.Key})
	require.NoError(t, err)
	activities, err := notification.New(notification.Parts{
		Outbox: notification.NewOutbox(pool, ring, texts), Letters: texts, Hotels: hotels, Audit: audit.NewWriter(ring),
		Sender: notify.Switch{notify.Email: mail, notify.SMS: sms}, SendTime: time.Second,
	})
	require.NoError(t, err)
	c, err := client.Dial(client.Options{HostPort: plan.Temporal, Namespace: plan.Namespace})
	require.NoError(t, err)
	w := worker.New(c, notification.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(deliver(notification.WithCode), workflow.RegisterOptions{Name: codeWorkflow})
	w.RegisterWorkflowWithOptions(deliver(notification.WithLetter), workflow.RegisterOptions{Name: letterWorkflow})
	notification.Register(w, activities)
	require.NoError(t, w.Run(nil)) // until it is killed
}

// A providers is a mail relay and an SMS gateway that call back with each
// message before they answer: there the test kills the worker.
type providers struct {
	mail, sms string
	before    func() // nil answers at once
	mu        sync.Mutex
	mails     []string
	texts     []string // foreign ids
	journal   bool     // whether the gateway knows what it took
}

func startProviders(t *testing.T, journal bool) *providers {
	t.Helper()
	p := &providers{journal: journal}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{p}, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	p.mail = "smtp://" + listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sms", func(w http.ResponseWriter, r *http.Request) {
		p.took(&p.texts, r.FormValue("foreign_id"))
		_, _ = w.Write([]byte(`{"success":"100","messages":[{"id":"1","success":true}]}`))
	})
	mux.HandleFunc("GET /journal/outbound", func(w http.ResponseWriter, _ *http.Request) {
		entries := []map[string]string{}
		for _, id := range p.taken(&p.texts) {
			if p.journal {
				entries = append(entries, map[string]string{"id": "1", "foreign_id": id})
			}
		}
		_ = json.NewEncoder(w).Encode(entries)
	})
	gateway := httptest.NewServer(mux)
	t.Cleanup(gateway.Close)
	p.sms = gateway.URL
	return p
}

// took remembers a message, then has the test do what it will.
func (p *providers) took(list *[]string, what string) {
	p.mu.Lock()
	*list = append(*list, what)
	before := p.before
	p.mu.Unlock()
	if before != nil {
		before()
	}
}

func (p *providers) taken(list *[]string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, *list...)
}

type mailSession struct{ providers *providers }

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(raw), "Message-ID: <")
	id, _, _ := strings.Cut(rest, "@")
	s.providers.took(&s.providers.mails, id)
	return nil
}

// A fleet is worker processes, one after the other.
type fleet struct {
	t    *testing.T
	plan workerPlan
	mu   sync.Mutex
	now  *exec.Cmd
}

// next starts a worker. The one before is dead.
func (f *fleet) next() {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, err := json.Marshal(f.plan)
	if err == nil {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWorkerProcess$", "-test.timeout=5m")
		cmd.Env = append(os.Environ(), workerEnv+"="+string(text))
		f.now, err = cmd, cmd.Start()
	}
	if err != nil {
		f.t.Errorf("start a worker: %v", err)
	}
}

// kill kills the worker at once and waits for its end.
func (f *fleet) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.now.Process.Kill()
	_ = f.now.Wait()
}

// TestAKilledWorkersMessageIsSettled kills workers (SIGKILL) at the worst
// moment: the provider has the message, and has not answered yet.
func TestAKilledWorkersMessageIsSettled(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		draft    notification.Draft
		workflow string
		journal  bool
		kills    int
		state    notification.State
		copies   int
	}{
		"a letter keeps its ID":                {refusal(), letterWorkflow, false, 1, notification.Sent, 2},
		"a code that the gateway has":          {code(notify.SMS), codeWorkflow, true, 1, notification.Sent, 1},
		"a code that nobody can tell of":       {code(notify.SMS), codeWorkflow, false, 1, notification.Sent, 2},
		"a code is repeated no more than once": {code(notify.SMS), codeWorkflow, false, 2, notification.Unknown, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			p := startProviders(t, tc.journal)
			namespace := temporaltest.Namespace(t)
			c := temporaltest.Client(t, client.Options{Namespace: namespace})
			key := filepath.Join(t.TempDir(), "key")
			require.NoError(t, os.WriteFile(key, []byte("key"), 0o600))
			f := &fleet{t: t, plan: workerPlan{
				Temporal: temporaltest.Server(t).FrontendHostPort(), Namespace: namespace, Database: d.database.URL, Keys: d.keysDB.URL,
				Keyring: d.keyring, Mail: p.mail, SMS: p.sms, Key: key,
			}}
			var kills atomic.Int32
			p.before = func() {
				if int(kills.Load()) < tc.kills {
					kills.Add(1)
					f.kill()
					f.next()
				}
			}
			ref := d.queue(tc.draft)
			f.next()
			t.Cleanup(f.kill)
			run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "delivery/" + ref.Message, TaskQueue: notification.TaskQueue}, tc.workflow, ref)
			require.NoError(t, err)
			var got notification.Delivery
			require.NoError(t, run.Get(t.Context(), &got))
			require.Equal(t, tc.state, got.State)
			require.Equal(t, tc.state, d.message(ref).State)
			require.EqualValues(t, tc.kills, kills.Load())
			copies := append(p.taken(&p.mails), p.taken(&p.texts)...)
			require.Len(t, copies, tc.copies)
			for _, id := range copies {
				require.Equal(t, ref.Message, id, "copies are recognised")
			}
			require.Len(t, d.events(), 1)
			noGuest(t, "the history", history(t, c, run))
		})
	}
}

// TestARecordingThatFailsSendsNothingTwice: the provider took the message, and
// then nothing could be recorded. The provider's word went to Temporal first.
func TestARecordingThatFailsSendsNothingTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := temporaltest.Client(t, client.Options{Namespace: temporaltest.Namespace(t)})
	w := worker.New(c, notification.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(deliver(notification.WithCode), workflow.RegisterOptions{Name: codeWorkflow})
	notification.Register(w, d.activities())
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	d.auditor.fail = 1
	ref := d.queue(code(notify.SMS))
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: notification.TaskQueue}, codeWorkflow, ref)
	require.NoError(t, err)
	var got notification.Delivery
	require.NoError(t, run.Get(t.Context(), &got))
	require.Equal(t, notification.Sent, got.State)
	require.Len(t, d.sender.messages(), 1)
	require.Equal(t, (notify.Receipt{Provider: "test", Reference: ref.Message}).Digest(), d.message(ref).Receipt)
	require.Equal(t, []string{"message.sent"}, d.events())
}

// history is a run's whole history as text, with payloads as they are.
func history(t *testing.T, c client.Client, run client.WorkflowRun) string {
	t.Helper()
	var all strings.Builder
	events := c.GetWorkflowHistory(t.Context(), run.GetID(), run.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		text, err := protojson.Marshal(event)
		require.NoError(t, err)
		all.Write(text)
		for _, payload := range event.GetActivityTaskScheduledEventAttributes().GetInput().GetPayloads() {
			fmt.Fprintf(&all, " %s ", payload.GetData())
		}
	}
	require.Contains(t, all.String(), notification.DeliverActivity)
	return all.String()
}
