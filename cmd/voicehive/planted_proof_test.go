//go:build full && linux

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	sdk "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// forged is a place of its own kind, because a real one cannot be made to tell.
const forged = "metrics of a forged process"

// mustFind are the places into which plantEverywhere puts the guest.
func (w *watch) mustFind() []string {
	return []string{
		"answers of the API, refused", "answers of the API, accepted", "answers about consents",
		"answers of the codec, refused", "answers of the codec to operations", forged, "traces",
		"histories", "descriptions", "visibility", "ledger: planted", "keys: planted",
		"file: logs/api.log", "file: logs/worker-2.log", "file: logs/temporal.log", "file: temporal.db", "audit pack", "verb: messages list", "verb: audit export",
	}
}

// plantEverywhere puts the guest into each kind of place that is looked at.
func (w *watch) plantEverywhere(ctx context.Context, scope string) {
	w.Helper()
	guest := jsonOf(w.T, planted)
	echo := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = rw.Write(body)
	}))
	w.Cleanup(echo.Close)
	for _, place := range w.mustFind()[:4] {
		_, answer := w.send(ctx, echo.URL, request{method: http.MethodPost, path: "/", body: guest})
		w.look(place, answer)
	}
	// An officer may read what operations may not: were the codec to answer them
	// alike, it would be seen.
	require.Equal(w, http.StatusOK, w.decode(ctx, "answers of the codec to operations", "compliance", w.sealedGuest(ctx, scope)))
	page := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, `voicehive_bookings_total{guest="`+planted.LastName+`"} 1`)
	}))
	w.Cleanup(page.Close)
	w.pages[forged] = page.URL
	w.plantTrace(ctx)
	w.plantWorkflow(ctx)
	b := openBooks(ctx, w.T, w.house)
	_, err := b.ledger.Exec(ctx, "create table planted as select $1::text as value", planted.LastName)
	require.NoError(w, err)
	_, err = b.keys.Exec(ctx, "create table planted as select $1::bytea as value", []byte(planted.Email))
	require.NoError(w, err)
	for _, name := range []string{"api", "worker-2", "temporal"} {
		w.plantLine(name, guest)
	}
	w.plantPack(guest)
	w.Setenv("VOICEHIVE_BINARY", "/bin/echo")
	for _, verb := range []string{"messages list", "audit export"} {
		_, err := w.verb(ctx, verb, guest)
		require.NoError(w, err)
	}
	w.Setenv("VOICEHIVE_BINARY", w.binary)
}

// plantTrace sends a span as a process would.
func (w *watch) plantTrace(ctx context.Context) {
	w.Helper()
	body, err := proto.Marshal(&collector.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{}, ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{Name: "book for " + planted.FirstName}}}},
	}}})
	require.NoError(w, err)
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")+"/v1/traces", bytes.NewReader(body))
	require.NoError(w, err)
	answer, err := http.DefaultClient.Do(q)
	require.NoError(w, err)
	require.NoError(w, answer.Body.Close())
}

// plantWorkflow starts one without the plugin that seals.
func (w *watch) plantWorkflow(ctx context.Context) {
	w.Helper()
	open, err := sdk.Dial(sdk.Options{HostPort: w.Temporal, Namespace: defaultNamespace})
	require.NoError(w, err)
	w.Cleanup(open.Close)
	run, err := open.ExecuteWorkflow(ctx, sdk.StartWorkflowOptions{
		ID: "planted", TaskQueue: "nobody-polls-this", Memo: map[string]any{"guest": planted.LastName}, StaticSummary: planted.FirstName,
		TypedSearchAttributes: temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("BookingState").ValueSet(planted.LastName)),
	}, "planted", planted)
	require.NoError(w, err)
	require.Eventually(w, func() bool {
		list, err := open.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: defaultNamespace, Query: "WorkflowId = 'planted'"})
		return err == nil && len(list.Executions) == 1 && list.Executions[0].Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	}, pageTime, pagePoll)
	require.NotEmpty(w, run.GetRunID())
}

// plantLine adds a line to a process's log.
func (w *watch) plantLine(process, line string) {
	w.Helper()
	log, err := os.OpenFile(filepath.Join(w.Home, "logs", process+".log"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(w, err)
	_, err = log.WriteString(line + "\n")
	require.NoError(w, err)
	require.NoError(w, log.Close())
}

// plantPack looks at an audit pack that tells of the guest.
func (w *watch) plantPack(text string) {
	w.Helper()
	path := filepath.Join(w.TempDir(), "planted.zip")
	file, err := os.Create(path)
	require.NoError(w, err)
	pack := zip.NewWriter(file)
	entry, err := pack.Create("details.json")
	require.NoError(w, err)
	_, err = io.WriteString(entry, text)
	require.NoError(w, err)
	require.NoError(w, pack.Close())
	require.NoError(w, file.Close())
	w.lookAtZip("audit pack", path)
}
