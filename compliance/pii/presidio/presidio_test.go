package presidio

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

const said = "Grüße, Ærø Öztürk wohnt hier 😀 Lund"

// strict is an analyzer that refuses what the real one would refuse.
func strict(t *testing.T, answer string, status int) (*httptest.Server, *atomic.Int64) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		var q map[string]any
		raw, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/analyze" || r.Header.Get("Content-Type") != "application/json" ||
			json.Unmarshal(raw, &q) != nil || q["text"] == "" || q["language"] != "en" && q["language"] != "de" {
			t.Errorf("not a question of the API: %s", raw)
		}
		for key := range q {
			switch key {
			case "text", "language", "entities", "correlation_id", "score_threshold", "return_decision_process", "ad_hoc_recognizers",
				"context", "allow_list", "allow_list_match", "regex_flags":
			default:
				t.Errorf("the API has no field %q", key)
			}
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

func client(t *testing.T, server *httptest.Server) *Client {
	c, err := New(Options{URL: server.URL, Client: server.Client(), Timeout: 10 * time.Second, Languages: []string{"en", "de"}})
	require.NoError(t, err)
	return c
}

func TestPlacesAreBytes(t *testing.T) {
	server, _ := strict(t, `[{"entity_type":"LOCATION","start":31,"end":35,"score":0.85,"analysis_explanation":null},
		{"entity_type":"PERSON","start":7,"end":17,"score":0.85},{"entity_type":"NRP","start":0,"end":2,"score":1},{"entity_type":"NOT_OURS","start":0,"end":2,"score":1}]`, 200)
	named, err := client(t, server).Analyze(context.Background(), nil, pii.Request{Text: said, Language: "de-DE", Entities: []pii.Type{pii.NRP}})
	require.NoError(t, err)
	require.Len(t, named, 3)
	got, err := client(t, server).Analyze(context.Background(), nil, pii.Request{Text: said, Language: "de-DE"})
	require.NoError(t, err)
	require.Len(t, got, 2, "a nation is left out that nobody asked for")
	require.Equal(t, "Ærø Öztürk", said[got[0].Start:got[0].End])
	require.Equal(t, "Lund", said[got[1].Start:got[1].End])
	require.Equal(t, pii.FromOther, got[1].Source)
}

func TestAnAnswerThatMakesNoSenseIsNone(t *testing.T) {
	for _, answer := range []string{
		`{}`, `[`, `[{"entity_type":"PERSON","start":0,"end":99,"score":1}]`, `[{"entity_type":"PERSON","start":-1,"end":3,"score":1}]`,
		`[{"entity_type":"PERSON","start":3,"end":3,"score":1}]`, `[{"entity_type":"PERSON","start":0,"end":3,"score":7}]`, `[{"entity_type":"PERSON"}]`,
	} {
		server, _ := strict(t, answer, 200)
		_, err := client(t, server).Analyze(context.Background(), nil, pii.Request{Text: said})
		require.ErrorIs(t, err, ErrAnswer, answer)
	}
	server, _ := strict(t, `{"error":"`+said+`"}`, 500)
	_, err := client(t, server).Analyze(context.Background(), nil, pii.Request{Text: said})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "Öztürk")
}

func TestTheBreaker(t *testing.T) {
	server, asked := strict(t, "", 500)
	c := client(t, server)
	now := time.Unix(0, 0)
	c.options.now = func() time.Time { return now }
	for range maxFailures {
		_, err := c.Analyze(context.Background(), nil, pii.Request{Text: said})
		require.Error(t, err)
	}
	_, err := c.Analyze(context.Background(), nil, pii.Request{Text: said})
	require.ErrorIs(t, err, ErrOpen)
	require.EqualValues(t, maxFailures, asked.Load())
	now = now.Add(openDuration)
	_, err = c.Analyze(context.Background(), nil, pii.Request{Text: said})
	require.NotErrorIs(t, err, ErrOpen, "one tries again")
	_, err = c.Analyze(context.Background(), nil, pii.Request{Text: said})
	require.ErrorIs(t, err, ErrOpen)
}

func TestASlowAnalyzerIsNotWaitedFor(t *testing.T) {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer server.Close()
	defer close(done)
	c, err := New(Options{URL: server.URL, Client: server.Client(), Timeout: time.Millisecond})
	require.NoError(t, err)
	_, err = c.Analyze(context.Background(), nil, pii.Request{Text: said})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualValues(t, 1, c.Failed.Load())
}

func TestBothEnginesAreUnited(t *testing.T) {
	server, _ := strict(t, `[{"entity_type":"PERSON","start":0,"end":24,"score":0.85}]`, 200)
	text := "my name is Margaret Oduya here"
	got, err := With(pii.New(pii.Options{}), client(t, server)).Scan(nil, pii.Request{Text: text, Language: "en"})
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, "my name is ", text[got[0].Start:got[0].End])
	require.Equal(t, "Margaret Oduya", text[got[1].Start:got[1].End])
	server.Close()
	got, err = With(pii.New(pii.Options{}), client(t, server)).Scan(nil, pii.Request{Text: text, Language: "en"})
	require.NoError(t, err)
	require.Len(t, got, 1, "the first engine's spans stand")
}
