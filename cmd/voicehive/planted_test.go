//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// planted is a guest whose every value is searched for afterwards. None of them
// is so short that random bytes would hold it by chance.
var planted = pms.Guest{
	FirstName: "Wilhelmine", LastName: "Quastenflosser", Email: "w.quasten@flosser.example", Phone: "+49 151 79988776",
	Language: "de", Comment: "allergic to Wolpertinger feathers",
}

// writings of a value: itself, and what is left of it in other writings.
func writings(value string) [][]byte {
	quoted, _ := json.Marshal(value)
	wide := utf16.Encode([]rune(value))
	wideBytes := make([]byte, 0, 2*len(wide))
	for _, unit := range wide {
		wideBytes = append(wideBytes, byte(unit), byte(unit>>8))
	}
	all := [][]byte{
		[]byte(value), []byte(strings.ToLower(value)), []byte(strings.ToUpper(value)),
		bytes.Trim(quoted, `"`), []byte(url.QueryEscape(value)), []byte(url.PathEscape(value)),
		[]byte(hex.EncodeToString([]byte(value))), wideBytes,
	}
	// Base64 of a text depends on where in it the value begins: the middle of
	// each of the three ways does not.
	for shift := range 3 {
		coded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), value...))
		if middle := coded[4 : len(coded)-4]; len(middle) >= 6 {
			all = append(all, []byte(middle), []byte(strings.NewReplacer("+", "-", "/", "_").Replace(middle)))
		}
	}
	return all
}

// A hunt looks for guests in what a place holds.
type hunt map[string][][]byte

func newHunt(guests ...pms.Guest) hunt {
	h := hunt{}
	for _, g := range guests {
		digits := strings.NewReplacer(" ", "", "+", "").Replace(g.Phone)
		for _, value := range []string{g.FirstName, g.LastName, g.Email, g.Phone, digits, g.Comment} {
			if len(value) >= 6 {
				h[value] = writings(value)
			}
		}
	}
	return h
}

// in returns the values found.
func (h hunt) in(data []byte) (found []string) {
	for value, ways := range h {
		for _, way := range ways {
			if bytes.Contains(data, way) {
				found = append(found, value)
				break
			}
		}
	}
	return found
}

// TestTheHuntFindsAGuest proves the instrument: whatever it is told to find, it
// finds in each writing.
func TestTheHuntFindsAGuest(t *testing.T) {
	h := newHunt(planted)
	require.Len(t, h, 6)
	for value := range h {
		for _, place := range []string{
			`{"msg":"` + value + `"}`, strings.ToUpper(value), url.QueryEscape(value), hex.EncodeToString([]byte("x" + value)),
			base64.StdEncoding.EncodeToString([]byte("ab" + value + "cd")), base64.URLEncoding.EncodeToString([]byte("a" + value)),
		} {
			require.Contains(t, h.in([]byte(place)), value, place)
		}
	}
	require.Empty(t, h.in([]byte("nobody is here")))
}

// TestNoGuestWhereNoneBelongs plays the demo and then sends everything wrong
// that a caller can, with every log line on. It looks for each guest in logs,
// metrics, traces, histories, search attributes, memos, Temporal's own files,
// error answers and the tables.
func TestNoGuestWhereNoneBelongs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	heard := &spans{byTrace: map[string][]string{}}
	collector := httptest.NewServer(heard)
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "200") // ms between deliveries
	t.Setenv("VOICEHIVE_LOG_LEVEL", "debug")
	o := demoOptions()
	o.TemporalFile = true
	h := raiseForTest(ctx, t, o)
	s, err := newStory(h, io.Discard, time.Now())
	require.NoError(t, err)
	require.NoError(t, s.tell(ctx))
	all := newHunt(planted, ada, callers[0], callers[1])
	require.GreaterOrEqual(t, len(all), 12)

	refused := provoke(ctx, t, h)
	require.Greater(t, len(refused), 8)
	for place, answer := range refused {
		require.Empty(t, all.in(answer), "answer to %s: %s", place, answer)
	}
	for place, text := range scrapes(ctx, t, h) {
		require.Empty(t, all.in(text), place)
		require.Contains(t, string(text), "voicehive_telemetry_hidden_series 0", place)
	}
	requireTemporalKnowsNobody(ctx, t, all)
	requireTablesAreSealed(ctx, t, h, all)
	require.Eventually(t, func() bool { return heard.together("voicehive-worker/apaleo create") }, time.Minute, 100*time.Millisecond)
	heard.mu.Lock()
	require.Empty(t, all.in(heard.raw.Bytes()), "traces")
	heard.mu.Unlock()
	requireFilesAreClean(t, h, all)
}

// provoke sends what must be refused, with a guest in every place that a caller
// can write to, and a booking that the hotel system fails. It returns the answers.
func provoke(ctx context.Context, t *testing.T, h *house) map[string][]byte {
	t.Helper()
	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	arrival := openDay(pms.DateOf(time.Now()).AddDays(60))
	quote, err := api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	require.NoError(t, err)
	require.NoError(t, h.HotelSystem().Fault(ctx, apaleo.Fault{Operation: "createBooking", Kind: apaleo.ErrorAfter, Count: 2}))
	booked, err := api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		return api.Book(ctx, h.Hotel.ID, "planted-"+quote.ID, starter.BookRequest{Quote: quote.ID, Guest: planted, Comment: planted.Comment})
	})
	require.NoError(t, err)
	require.NotEmpty(t, booked.Confirmation)

	guest, err := json.Marshal(planted)
	require.NoError(t, err)
	base := "/v1/hotels/" + h.Hotel.ID
	name, mail := url.PathEscape(planted.LastName), url.QueryEscape(planted.Email)
	answers := map[string][]byte{}
	for _, r := range []struct{ method, path, key, body string }{
		{"GET", "/v1/hotels/" + name + "/availability", "", ""},
		{"GET", "/" + name + "?mail=" + mail, "", ""},
		{"GET", base + "/availability?arrival=" + mail + "&departure=" + name + "&adults=" + name, "", ""},
		{"GET", base + "/availability?" + mail + "=1", "", ""},
		{"GET", base + "/reservations/" + name, "", ""},
		{"POST", base + "/quotes", "", string(guest)},
		{"POST", base + "/quotes", "", `{"stays": "` + planted.LastName + `"}`},
		{"POST", base + "/reservations", planted.Email, `{"quote_id": "` + planted.LastName + `", "guest": ` + string(guest) + `}`},
		{"POST", base + "/reservations", planted.LastName, `{"quote_id": "` + quote.ID + `", "guest": ` + string(guest) + `, "` + planted.LastName + `": 1}`},
		{"POST", base + "/reservations", planted.LastName, string(guest)[:len(guest)-5]},
		{"POST", base + "/reservations", "k1", `{"quote_id": "` + quote.ID + `", "guest": {"last_name": 5, "email": "` + planted.Email + `"}}`},
		{"DELETE", base + "/reservations/" + name, "k2", ""},
		{"POST", "/v1/webhooks/apaleo/" + h.Hotel.ID + "/" + name, "", string(guest)},
		{"POST", "/v1/webhooks/" + name + "/" + name + "/" + name, "", string(guest)},
	} {
		answers[r.method+" "+r.path+" "+r.body] = refusedBody(ctx, t, h, r.method, r.path, r.key, r.body)
	}
	return answers
}

func refusedBody(ctx context.Context, t *testing.T, h *house, method, path, key, body string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, h.API+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+h.Key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", planted.Email)
	request.Header.Set("Tracestate", "guest=Quastenflosser")
	request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.GreaterOrEqual(t, answer.StatusCode, 400, "%s %s: %s", method, path, text)
	var head bytes.Buffer
	require.NoError(t, answer.Header.Write(&head))
	return append(head.Bytes(), text...)
}

// scrapes are the metrics of the API and of the workers that are left.
func scrapes(ctx context.Context, t *testing.T, h *house) map[string][]byte {
	t.Helper()
	pages := map[string]string{"metrics of the API": h.API + "/metrics"}
	for i, w := range h.Workers() {
		var ready readyLine
		require.NoError(t, json.Unmarshal(w.Ready, &ready))
		pages[fmt.Sprintf("metrics of worker %d", i)] = ready.URL + "/metrics"
	}
	require.Greater(t, len(pages), 1)
	texts := map[string][]byte{}
	for place, page := range pages {
		texts[place] = []byte(fetch(ctx, t, page))
	}
	return texts
}

// requireTemporalKnowsNobody reads what Temporal's server has, as it has it.
func requireTemporalKnowsNobody(ctx context.Context, t *testing.T, all hunt) {
	t.Helper()
	parts, err := openAll(ctx, "test")
	require.NoError(t, err)
	defer parts.close()
	service, events := parts.temporal.WorkflowService(), 0
	list, err := service.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: defaultNamespace, PageSize: 1000})
	require.NoError(t, err)
	require.Greater(t, len(list.Executions), 3)
	for _, run := range list.Executions {
		requireClean(t, all, "visibility of "+run.Execution.WorkflowId, run)
		described, err := service.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: defaultNamespace, Execution: run.Execution})
		require.NoError(t, err)
		requireClean(t, all, "description of "+run.Execution.WorkflowId, described)
		events += requireCleanHistory(ctx, t, service, run.Execution, all)
	}
	require.Greater(t, events, 50)
}

func requireCleanHistory(ctx context.Context, t *testing.T, service workflowservice.WorkflowServiceClient, run *commonpb.WorkflowExecution, all hunt) (events int) {
	t.Helper()
	for page := []byte(nil); ; {
		history, err := service.GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
			Namespace: defaultNamespace, Execution: run, NextPageToken: page, HistoryEventFilterType: enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
		})
		require.NoError(t, err)
		requireClean(t, all, "history of "+run.WorkflowId, history)
		events += len(history.History.GetEvents())
		if page = history.NextPageToken; len(page) == 0 {
			return events
		}
	}
}

func requireClean(t *testing.T, all hunt, place string, m proto.Message) {
	t.Helper()
	data, err := proto.Marshal(m)
	require.NoError(t, err)
	require.Empty(t, all.in(data), place)
}

// requireTablesAreSealed reads every row of both databases as their superuser.
func requireTablesAreSealed(ctx context.Context, t *testing.T, h *house, all hunt) {
	t.Helper()
	b := openBooks(ctx, t, h)
	rows := 0
	for name, conn := range map[string]*pgx.Conn{"ledger": b.ledger, "keys": b.keys} {
		tables, err := conn.Query(ctx, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
		require.NoError(t, err)
		names, err := pgx.CollectRows(tables, pgx.RowTo[string])
		require.NoError(t, err)
		for _, table := range names {
			found, err := conn.Query(ctx, "select row_to_json(r)::text from "+table+" r")
			require.NoError(t, err)
			texts, err := pgx.CollectRows(found, pgx.RowTo[string])
			require.NoError(t, err)
			for _, text := range texts {
				require.Empty(t, all.in([]byte(text)), "%s, table %s", name, table)
				rows++
			}
		}
	}
	require.Greater(t, rows, 20)
}

// requireFilesAreClean reads the logs of all processes and Temporal's database.
func requireFilesAreClean(t *testing.T, h *house, all hunt) {
	t.Helper()
	logs := 0
	require.NoError(t, filepath.WalkDir(h.Home, func(path string, entry fs.DirEntry, err error) error {
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
		if strings.HasSuffix(path, ".log") {
			logs++
		}
		require.Empty(t, all.in(data), path)
		return nil
	}))
	require.Greater(t, logs, 3)
}
