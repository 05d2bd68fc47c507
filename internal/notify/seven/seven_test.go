package seven_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/seven"
)

// gateway stands in for the provider and holds each request against what its
// documentation says: parameters, their form, how the key is sent.
type gateway struct {
	t        *testing.T
	url      string
	key      string
	mu       sync.Mutex
	sent     []url.Values
	lookups  []url.Values
	respond  http.HandlerFunc // of /sms, after the check; nil sends
	journal  http.HandlerFunc // nil lists what was sent
	requests int
}

// Documented parameters, and the form of those that have one.
var (
	smsParams = map[string]*regexp.Regexp{
		"to": regexp.MustCompile(`^\+?[0-9]+$`), "text": regexp.MustCompile(`(?s)^.{1,760}(.{1,760})?$`),
		"from":       regexp.MustCompile(`^([A-Za-z0-9 ]{1,11}|\+?[0-9]{1,16})$`),
		"foreign_id": regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`),
	}
	journalParams = map[string]*regexp.Regexp{
		"to": regexp.MustCompile(`^\+?[0-9]+$`), "limit": regexp.MustCompile(`^([1-9][0-9]?|100)$`),
		"date_from": regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
	}
)

func start(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{t: t, key: "k3y"}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/sms", func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "application/x-www-form-urlencoded", r.Header.Get("Content-Type"))
		assert.Empty(t, r.URL.RawQuery, "a number must not stand in a URL that is posted to")
		assert.NoError(t, r.ParseForm())
		if !g.check(w, r, r.PostForm, smsParams, "to", "text") {
			return
		}
		g.mu.Lock()
		g.sent = append(g.sent, r.PostForm)
		g.mu.Unlock()
		if g.respond != nil {
			g.respond(w, r)
			return
		}
		reply(w, map[string]any{"success": "100", "messages": []any{map[string]any{"id": "77230", "success": true, "error": nil}}})
	})
	mux.HandleFunc("GET /api/journal/outbound", func(w http.ResponseWriter, r *http.Request) {
		if !g.check(w, r, r.URL.Query(), journalParams) {
			return
		}
		g.mu.Lock()
		g.lookups = append(g.lookups, r.URL.Query())
		g.mu.Unlock()
		g.journal(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	g.url = server.URL + "/api"
	return g
}

// check answers 900 to a wrong key, as documented, and fails the test for what
// the documentation does not have.
func (g *gateway) check(w http.ResponseWriter, r *http.Request, values url.Values, known map[string]*regexp.Regexp, required ...string) bool {
	g.mu.Lock()
	g.requests++
	g.mu.Unlock()
	assert.Equal(g.t, "application/json", r.Header.Get("Accept"))
	for name, value := range values {
		if pattern := known[name]; assert.NotNil(g.t, pattern, "%s is not documented", name) {
			assert.Regexp(g.t, pattern, value[0], name)
		}
	}
	for _, name := range required {
		assert.Contains(g.t, values, name)
	}
	if r.Header.Get("X-Api-Key") != g.key {
		_, _ = w.Write([]byte("900"))
		return false
	}
	return true
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (g *gateway) client(t *testing.T, edit func(*seven.Options)) *seven.Gateway {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(g.key+"\n"), 0o600))
	o := seven.Options{URL: g.url, KeyFile: file, Timeout: 20 * time.Second}
	if edit != nil {
		edit(&o)
	}
	c, err := seven.New(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func code() notify.Message {
	return notify.Message{ID: "01JD3Z8Q4X0000000000000000", Channel: notify.SMS, To: "+493055501234", Text: "Ihr Code: 480113"}
}

func TestATextMessageIsSentAsDocumented(t *testing.T) {
	t.Parallel()
	g := start(t)
	c := g.client(t, func(o *seven.Options) { o.URL += "?from=Aurora" })
	receipt, err := c.Send(t.Context(), code())
	require.NoError(t, err)
	require.Equal(t, notify.Receipt{Provider: "seven", Reference: "77230"}, receipt)
	require.Equal(t, []url.Values{{
		"to": {"+493055501234"}, "text": {"Ihr Code: 480113"}, "foreign_id": {"01JD3Z8Q4X0000000000000000"}, "from": {"Aurora"},
	}}, g.sent)
}

func TestWhatTheGatewaysAnswersMean(t *testing.T) {
	t.Parallel()
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			http.Error(w, "to +493055501234: no", status)
		}
	}
	for name, tc := range map[string]struct {
		respond http.HandlerFunc
		outcome error // nil is sent
		problem notify.Problem
	}{
		"sent, with numbers":       {body(`{"success":100,"messages":[{"id":7,"success":true,"error":null}]}`), nil, ""},
		"partly, but this one":     {body(`{"success":"101","messages":[{"id":"7","success":true}]}`), nil, ""},
		"the same a moment ago":    {body(`{"success":"402","messages":[]}`), nil, ""},
		"no such number, alone":    {body("202"), notify.ErrPermanent, notify.ProblemAddress},
		"no such number, quoted":   {body(`"202"`), notify.ErrPermanent, notify.ProblemAddress},
		"no such number, inside":   {body(`{"success":"101","messages":[{"success":false,"error":"202","error_text":"to +493055501234"}]}`), notify.ErrPermanent, notify.ProblemAddress},
		"too long":                 {body("401"), notify.ErrPermanent, notify.ProblemContent},
		"a sender that is refused": {body("201"), notify.ErrTemporary, notify.ProblemConfiguration},
		"no credit":                {body("500"), notify.ErrTemporary, notify.ProblemConfiguration},
		"a key that is refused":    {body("900"), notify.ErrTemporary, notify.ProblemLogin},
		"a server that is refused": {body("903"), notify.ErrTemporary, notify.ProblemLogin},
		"the number's daily limit": {body("403"), notify.ErrTemporary, notify.ProblemBusy},
		"the carrier failed":       {body("600"), notify.ErrTemporary, notify.ProblemBusy},
		"it does not know itself":  {body("700"), notify.ErrUnknown, notify.ProblemLost},
		"a code of next year":      {body("777"), notify.ErrUnknown, notify.ProblemLost},
		"good news of nothing":     {body(`{"success":"100","messages":[]}`), notify.ErrUnknown, notify.ProblemLost},
		"no JSON":                  {body("<html>ok</html>"), notify.ErrUnknown, notify.ProblemLost},
		"nothing":                  {body(""), notify.ErrUnknown, notify.ProblemLost},
		"too many requests":        {status(http.StatusTooManyRequests), notify.ErrTemporary, notify.ProblemBusy},
		"closed":                   {status(http.StatusServiceUnavailable), notify.ErrTemporary, notify.ProblemBusy},
		"broken":                   {status(http.StatusInternalServerError), notify.ErrUnknown, notify.ProblemLost},
		"a proxy that gave up":     {status(http.StatusGatewayTimeout), notify.ErrUnknown, notify.ProblemLost},
		"not allowed":              {status(http.StatusUnauthorized), notify.ErrTemporary, notify.ProblemLogin},
		"a path that is none":      {status(http.StatusNotFound), notify.ErrTemporary, notify.ProblemConfiguration},
		"it hangs up":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, notify.ErrUnknown, notify.ProblemLost},
		"it hangs up in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = w.Write([]byte(`{"su`))
		}, notify.ErrUnknown, notify.ProblemLost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.respond = tc.respond
			receipt, err := g.client(t, nil).Send(t.Context(), code())
			if tc.outcome == nil {
				require.NoError(t, err)
				require.Equal(t, "seven", receipt.Provider)
				return
			}
			require.ErrorIs(t, err, tc.outcome)
			require.Equal(t, tc.problem, notify.ProblemOf(err))
			require.NotContains(t, err.Error(), "4930555")
			var e *notify.Error
			require.ErrorAs(t, err, &e)
			if name == "too many requests" {
				require.Equal(t, 2*time.Minute, e.RetryAfter)
			}
			require.Equal(t, 1, g.requests, "repeating is not the client's to decide")
		})
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	g, other := start(t), start(t)
	g.respond = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.url+"/sms", http.StatusTemporaryRedirect)
	}
	_, err := g.client(t, nil).Send(t.Context(), code())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
	require.Zero(t, other.requests, "it would have got the key and the number")
}

func TestNoConnectionMeansNothingWasSent(t *testing.T) {
	t.Parallel()
	g := start(t)
	c := g.client(t, func(o *seven.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("refused by the guard")
		}
	})
	_, err := c.Send(t.Context(), code())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.Equal(t, notify.ProblemUnreachable, notify.ProblemOf(err))
	require.Zero(t, g.requests)
}

func TestASlowGatewayIsLeftInTime(t *testing.T) {
	t.Parallel()
	g := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	g.respond = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}
	_, err := g.client(t, nil).Send(ctx, code())
	require.ErrorIs(t, err, notify.ErrUnknown)
	require.ErrorIs(t, err, context.Canceled)
}

func TestTheJournalTellsWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	g := start(t)
	c := g.client(t, nil)
	entries := []any{
		map[string]any{"id": "1", "foreign_id": "01JD3Z8Q4X0000000000000009"},
		map[string]any{"id": 77230, "foreign_id": code().ID},
	}
	g.journal = func(w http.ResponseWriter, _ *http.Request) { reply(w, entries) }
	receipt, err := c.Find(t.Context(), code())
	require.NoError(t, err)
	require.Equal(t, notify.Receipt{Provider: "seven", Reference: "77230", Repeated: true}, receipt)
	require.Equal(t, "+493055501234", g.lookups[0].Get("to"))
	entries = entries[:1]
	_, err = c.Find(t.Context(), code())
	require.ErrorIs(t, err, notify.ErrNotFound)
	for name, respond := range map[string]http.HandlerFunc{
		"no right to the journal": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("900")) },
		"no journal":              func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) },
		"not now":                 func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusServiceUnavailable) },
	} {
		g.journal = respond
		_, err := c.Find(t.Context(), code())
		require.Error(t, err, name)
		require.NotErrorIs(t, err, notify.ErrNotFound, name)
	}
}

func TestTheKeyIsReadAnewAndNeverTold(t *testing.T) {
	t.Parallel()
	g := start(t)
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("old-s3cret"), 0o600))
	c := g.client(t, func(o *seven.Options) { o.KeyFile = file })
	_, err := c.Send(t.Context(), code())
	require.Equal(t, notify.ProblemLogin, notify.ProblemOf(err))
	require.NotContains(t, err.Error(), "old-s3cret")
	require.NoError(t, os.WriteFile(file, []byte(g.key), 0o600))
	_, err = c.Send(t.Context(), code())
	require.NoError(t, err)
	for _, bad := range []string{"", "two lines\nof it", strings.Repeat("k", 513)} {
		require.NoError(t, os.WriteFile(file, []byte(bad), 0o600))
		_, err = c.Send(t.Context(), code())
		require.ErrorIs(t, err, notify.ErrTemporary)
		require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
	}
}

func TestWhatIsNoTextMessageIsNotSent(t *testing.T) {
	t.Parallel()
	g := start(t)
	c := g.client(t, nil)
	for name, edit := range map[string]func(*notify.Message){
		"an e-mail":    func(m *notify.Message) { m.Channel = notify.Email },
		"a list":       func(m *notify.Message) { m.To = strings.Repeat("+493055501234,", 999) },
		"a group name": func(m *notify.Message) { m.To = "all guests" },
		"a novel":      func(m *notify.Message) { m.Text = strings.Repeat("x", 2000) },
	} {
		m := code()
		edit(&m)
		_, err := c.Send(t.Context(), m)
		require.ErrorIs(t, err, notify.ErrPermanent, name)
	}
	require.Zero(t, g.requests)
}

func TestBadSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]seven.Options{
		"nothing":       {},
		"no TLS":        {URL: "http://gateway.example/api", KeyFile: "k"},
		"a user":        {URL: "https://u:s3cret@gateway.example/api", KeyFile: "k"},
		"no key":        {URL: seven.Public},
		"a long sender": {URL: seven.Public + "?from=TwelveLetter", KeyFile: "k"},
		"another query": {URL: seven.Public + "?flash=1", KeyFile: "k"},
	} {
		_, err := seven.New(o)
		require.ErrorIs(t, err, seven.ErrSettings, name)
		require.NotContains(t, err.Error(), "s3cret")
	}
	c, err := seven.New(seven.Options{URL: seven.Public, KeyFile: "k"})
	require.NoError(t, err)
	require.Equal(t, "gateway.seven.io:https", c.Address())
}

// FuzzAnswer: whatever the gateway says, a message is sent, or one of the three
// outcomes, and no word of it comes through.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"success":"100","messages":[{"id":"1","success":true}]}`, "900", `{"success":null}`, `[]`, `{"success":"202"}`, "01"} {
		f.Add(200, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		receipt, err := seven.Read(status, []byte(body))
		if err == nil {
			require.Equal(t, "seven", receipt.Provider)
			return
		}
		var e *notify.Error
		require.ErrorAs(t, err, &e)
		require.NotNil(t, e.Outcome)
	})
}
