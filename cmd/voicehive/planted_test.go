//go:build full && linux

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/starter/auth"
)

// planted is a guest whose every value is searched for afterwards. None of them
// is so short that random bytes would hold it by chance.
var planted = pms.Guest{
	FirstName: "Wilhelmine", LastName: "Quastenflößer", Email: "w.quasten@flosser.example", Phone: "+49 151 79988776",
	Language: "de", Comment: "allergic to Wolpertinger feathers",
}

// A watch is a whole stack in which a hunt looks everywhere.
type watch struct {
	*testing.T
	*house
	*hunt
	parts   *parts // of this process, which joins the stack
	heard   *spans
	mailbox *sink.Sink
	pages   map[string]string // metrics pages by place
	packs   int
	binary  string
	every   string // an API key with every role
}

// raiseWatched raises a stack with every log line on, and plays the demo.
func raiseWatched(ctx context.Context, t *testing.T) *watch {
	t.Helper()
	w := &watch{T: t, heard: &spans{byTrace: map[string][]string{}}, pages: map[string]string{}, binary: os.Getenv("VOICEHIVE_BINARY")}
	collector := httptest.NewServer(w.heard)
	t.Cleanup(collector.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "200") // ms between deliveries
	t.Setenv("VOICEHIVE_LOG_LEVEL", "debug")
	o := demoOptions()
	o.TemporalFile = true
	mailbox, settings, err := openMailbox(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(mailbox.Close)
	o.Env, w.mailbox = settings, mailbox
	w.house = raiseForTest(ctx, t, o)
	s, err := newStory(w.house, io.Discard, time.Now())
	require.NoError(t, err)
	require.NoError(t, s.tell(ctx))
	w.parts, err = openAll(ctx, "test")
	require.NoError(t, err)
	t.Cleanup(w.parts.close)
	w.every, _, err = auth.NewKeys(w.parts.pool).Issue(ctx, auth.KeyRequest{
		Name: "all roles", Hotels: []string{w.Hotel.ID}, Roles: auth.Roles(), ExpiresAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	w.pages["metrics of the API"] = w.API + "/metrics"
	for i, child := range w.Workers() {
		var ready readyLine
		require.NoError(t, json.Unmarshal(child.Ready, &ready))
		w.pages[fmt.Sprintf("metrics of worker %d", i)] = ready.URL + "/metrics"
	}
	return w
}

// TestNoGuestWhereNoneBelongs plays the demo, writes to guests, records consents
// and then sends everything wrong that a caller can, with every log line on. It
// looks for each guest everywhere but in the mailbox, and at last plants one in
// each place to see that it would have been found there.
func TestNoGuestWhereNoneBelongs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	w := raiseWatched(ctx, t)
	w.hunt = newHunt(planted, ada, callers[0], callers[1])
	require.GreaterOrEqual(t, len(w.loose), 15)
	scope := w.bookPlanted(ctx)
	w.sendMessages(ctx, scope)
	w.recordConsents(ctx, scope)
	w.sendWrongRequests(ctx)
	w.askTheCodec(ctx, scope)
	w.runVerbs(ctx, scope)
	require.Eventually(t, func() bool { return w.heard.together("voicehive-worker/apaleo create") }, time.Minute, 100*time.Millisecond)
	w.lookEverywhere(ctx)
	w.tell(t)
	require.GreaterOrEqual(t, len(w.places), 40)
	w.requireNobody(t, w.mustRead()...)

	// The one place where guests may be read is where their messages arrive.
	letters, err := json.Marshal(w.mailbox.Messages())
	require.NoError(t, err)
	require.Subset(t, w.in(letters), []string{planted.FirstName, planted.LastName, planted.Email, planted.Comment})

	w.hunt = newHunt(planted)
	w.plantEverywhere(ctx, scope)
	w.lookEverywhere(ctx)
	w.tell(t)
	for _, place := range w.mustFind() {
		require.NotEmpty(t, w.found[place], "a guest planted in %s is not found", place)
	}
}

// mustRead are places that a full run must have something in.
func (w *watch) mustRead() []string {
	return append(slices.Collect(maps.Keys(w.pages)),
		"answers of the API, refused", "answers of the API, accepted", "answers of the codec to operations", "answers of the codec, refused",
		"answers about consents", "audit pack", "traces", "histories", "visibility", "descriptions",
		"ledger: message", "ledger: consent_event", "ledger: audit_leaf", "ledger: audit_detail", "ledger: guest", "ledger: booking", "keys: scope_key",
		"file: logs/api.log", "file: logs/worker-2.log", "file: logs/temporal.log", "file: temporal.db",
		"verb: messages list", "verb: consent list", "verb: audit export", "verb: messages resend, refused by the relay")
}

// lookEverywhere reads what the stack has by now.
func (w *watch) lookEverywhere(ctx context.Context) {
	w.Helper()
	for place, page := range w.pages {
		w.look(place, []byte(fetch(ctx, w.T, page)))
	}
	w.lookAtThePack(ctx)
	w.lookAtTemporal(ctx)
	w.lookAtTables(ctx)
	w.lookAtFiles()
	w.heard.mu.Lock()
	defer w.heard.mu.Unlock()
	w.look("traces", w.heard.raw.Bytes())
}

// verb runs a verb of the binary in the stack, looks at what it prints, and
// returns it.
func (w *watch) verb(ctx context.Context, name string, args ...string) (string, error) {
	w.Helper()
	return w.verbIn(ctx, "verb: "+name, os.Environ(), args...)
}

func (w *watch) verbIn(ctx context.Context, place string, env []string, args ...string) (string, error) {
	w.Helper()
	command := exec.CommandContext(ctx, os.Getenv("VOICEHIVE_BINARY"), args...)
	command.Env = env
	var out, told bytes.Buffer
	command.Stdout, command.Stderr = &out, &told
	err := command.Run()
	w.look(place, out.Bytes())
	w.look(place, told.Bytes())
	if err != nil {
		err = fmt.Errorf("%w: %s", err, told.String())
	}
	return out.String(), err
}

// runVerbs runs those that tell of bookings, guests and messages.
func (w *watch) runVerbs(ctx context.Context, scope string) {
	w.Helper()
	for name, args := range map[string][]string{
		"messages list": {"messages", "list", "--json"}, "consent list": {"consent", "list", "--hotel", w.Hotel.ID, "--json"},
		"consent at":   {"consent", "at", "now", scope, "--hotel", w.Hotel.ID, "--purpose", "marketing", "--json"},
		"tasks list":   {"tasks", "list", "--json"},
		"hotel status": {"hotel", "status", w.Hotel.ID, "--json"}, "hotel list": {"hotel", "list", "--json"},
	} {
		_, err := w.verb(ctx, name, args...)
		require.NoError(w, err, name)
	}
}

// lookAtThePack exports the audit log for somebody else.
func (w *watch) lookAtThePack(ctx context.Context) {
	w.Helper()
	w.packs++
	pack := filepath.Join(w.TempDir(), fmt.Sprintf("pack-%d.zip", w.packs))
	_, err := w.verb(ctx, "audit export", "audit", "export", "--hotel", w.Hotel.ID, "--proofs", "--out", pack)
	require.NoError(w, err)
	w.lookAtZip("audit pack", pack)
}

func (w *watch) lookAtZip(place, path string) {
	w.Helper()
	pack, err := zip.OpenReader(path)
	require.NoError(w, err)
	defer pack.Close()
	for _, file := range pack.File {
		content, err := file.Open()
		require.NoError(w, err)
		text, err := io.ReadAll(content)
		require.NoError(w, err)
		w.look(place, append([]byte(file.Name+"\n"), text...))
	}
}

// lookAtTemporal reads what Temporal's server has, as it has it.
func (w *watch) lookAtTemporal(ctx context.Context) {
	w.Helper()
	service := w.parts.temporal.WorkflowService()
	list, err := service.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: defaultNamespace, PageSize: 1000})
	require.NoError(w, err)
	require.Greater(w, len(list.Executions), 3)
	for _, run := range list.Executions {
		w.lookAtMessage("visibility", run)
		described, err := service.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: defaultNamespace, Execution: run.Execution})
		require.NoError(w, err)
		w.lookAtMessage("descriptions", described)
		w.lookAtHistory(ctx, service, run.Execution)
	}
	require.Greater(w, w.places["histories"].bytes, 10_000)
}

func (w *watch) lookAtHistory(ctx context.Context, service workflowservice.WorkflowServiceClient, run *commonpb.WorkflowExecution) {
	w.Helper()
	for page := []byte(nil); ; {
		history, err := service.GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
			Namespace: defaultNamespace, Execution: run, NextPageToken: page, HistoryEventFilterType: enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
		})
		require.NoError(w, err)
		w.lookAtMessage("histories", history)
		if page = history.NextPageToken; len(page) == 0 {
			return
		}
	}
}

func (w *watch) lookAtMessage(place string, m proto.Message) {
	w.Helper()
	data, err := proto.Marshal(m)
	require.NoError(w, err)
	w.look(place, data)
}

// lookAtTables reads every row of both databases as their superuser.
func (w *watch) lookAtTables(ctx context.Context) {
	w.Helper()
	b := openBooks(ctx, w.T, w.house)
	for name, conn := range map[string]*pgx.Conn{"ledger": b.ledger, "keys": b.keys} {
		tables := texts(ctx, w.T, conn, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
		require.NotEmpty(w, tables)
		for _, table := range tables {
			place := name + ": " + strings.TrimPrefix(table, "public.")
			for _, row := range texts(ctx, w.T, conn, "select row_to_json(r)::text from "+table+" r") {
				w.look(place, []byte(row))
			}
		}
	}
}

func texts(ctx context.Context, t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(ctx, query)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return all
}

// lookAtFiles reads the logs of all processes and Temporal's database.
func (w *watch) lookAtFiles() {
	w.Helper()
	require.NoError(w, filepath.WalkDir(w.Home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			// The cluster's own files hold what the tables hold, and more of it
			// than a test should read.
			if entry != nil && entry.Name() == "postgres" {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(w.Home, path)
		if strings.HasPrefix(name, "audit"+string(filepath.Separator)) {
			name = "audit/*" // one file a head
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, "-wal"), "-shm") // what SQLite has not put into its file yet
		w.look("file: "+name, data)
		return err
	}))
}
