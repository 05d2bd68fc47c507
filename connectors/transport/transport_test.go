package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

const marker = "Zweifelhuber"

type answer struct {
	ID string `json:"id"`
}

func (a *answer) Check() error {
	if a.ID == "" {
		return errors.New("no id")
	}
	return nil
}

func client(t *testing.T, base string, change ...func(*transport.Options, *transport.Settings)) *transport.Client {
	t.Helper()
	options := transport.Options{Limits: transport.NewBuckets(transport.Rate{PerSecond: 1e6, Burst: 1e6})}
	settings := transport.Settings{Vendor: "vendor", Hotel: "hotel", BaseURL: base, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	for _, apply := range change {
		apply(&options, &settings)
	}
	stack, err := transport.New(options)
	require.NoError(t, err)
	t.Cleanup(stack.HTTP().CloseIdleConnections)
	c, err := stack.Client(settings)
	require.NoError(t, err)
	return c
}

// serve starts a vendor and counts its requests.
func serve(t *testing.T, handle http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server, &requests
}

func call(effect transport.Effect) transport.Call {
	c := transport.Call{Operation: "op", Effect: effect, Method: http.MethodGet, Path: "/thing", Out: new(answer)}
	if effect == transport.Write {
		c.Method, c.Body, c.Header = http.MethodPost, []byte(`{"name":"`+marker+`"}`), http.Header{"Idempotency-Key": {"k"}}
	}
	return c
}

func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	}
}

func body(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handle      http.HandlerFunc
		read, write error
	}{
		"good":         {body(200, `{"id":"1"}`), nil, nil},
		"accepted":     {body(202, `{"id":"1"}`), nil, nil},
		"nothing":      {body(204, ""), nil, pms.ErrOutcomeUnknown},
		"empty":        {body(200, ""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"html":         {body(200, "<html>"+marker), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"half":         {body(200, `{"id":"`+marker), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"trailing":     {body(200, `{"id":"1"} x`), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"wrong type":   {body(200, `{"id":["`+marker+`"]}`), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"check fails":  {body(201, `{}`), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"too large":    {body(200, `{"id":"`+strings.Repeat("x", 10<<20)+`"}`), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"redirect":     {body(302, ""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"bad request":  {body(400, marker), pms.ErrValidation, pms.ErrValidation},
		"unauthorized": {body(401, ""), pms.ErrAuthentication, pms.ErrAuthentication},
		"forbidden":    {body(403, ""), pms.ErrPermission, pms.ErrPermission},
		"missing":      {body(404, ""), pms.ErrNotFound, pms.ErrNotFound},
		"no method":    {body(405, ""), pms.ErrUnsupported, pms.ErrUnsupported},
		"request slow": {body(408, ""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"conflict":     {body(409, ""), pms.ErrConflict, pms.ErrConflict},
		"odd 4xx":      {body(418, ""), pms.ErrValidation, pms.ErrValidation},
		"slow down":    {body(429, ""), pms.ErrRateLimited, pms.ErrRateLimited},
		"broken":       {body(500, marker), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"gateway":      {body(502, ""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"down":         {body(503, ""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"hang up":      {raw(""), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"no http":      {raw(marker + "\r\n\r\n"), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"bad header":   {raw("HTTP/1.1 200 OK\r\n" + marker + "\r\n\r\n"), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"cut body":     {raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"id\":\"1\"}"), pms.ErrUnavailable, pms.ErrOutcomeUnknown},
		"cut refusal":  {raw("HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n{}"), pms.ErrNotFound, pms.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, requests := serve(t, test.handle)
			for effect, want := range map[transport.Effect]error{transport.Read: test.read, transport.Write: test.write} {
				requests.Store(0)
				_, err := client(t, server.URL).Do(t.Context(), call(effect))
				if want == nil {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, want)
				require.NotContains(t, fmt.Sprintf("%+v", err), marker)
				var failure *pms.Error
				require.ErrorAs(t, err, &failure)
				require.NotContains(t, fmt.Sprintf("%+v %#v", failure.Cause, failure.Cause), marker)
				require.Equal(t, []string{"vendor", "op"}, []string{failure.Vendor, failure.Operation})
				attempts := int32(1)
				if want == pms.ErrUnavailable {
					attempts = 2
				}
				require.Equal(t, attempts, requests.Load(), "a read is repeated once, a write never")
			}
		})
	}
}

func TestWithoutOutHTMLIsNoAnswer(t *testing.T) {
	t.Parallel()
	write := call(transport.Write)
	write.Out = nil
	server, _ := serve(t, body(200, "<html>please log in</html>"))
	_, err := client(t, server.URL).Do(t.Context(), write)
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	for _, handle := range []http.HandlerFunc{body(204, ""), body(200, ""), body(200, "{}")} {
		server, _ := serve(t, handle)
		_, err := client(t, server.URL).Do(t.Context(), write)
		require.NoError(t, err)
	}
}

func TestNotSentIsUnavailable(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	untrusted := httptest.NewTLSServer(body(200, "{}"))
	t.Cleanup(untrusted.Close)
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	for name, base := range map[string]string{
		"refused":     "http://" + closed.Addr().String(),
		"certificate": untrusted.URL,
		"name":        "https://no-such-host.invalid",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, base).Do(t.Context(), call(transport.Write))
			require.ErrorIs(t, err, pms.ErrUnavailable)
			require.NotErrorIs(t, err, pms.ErrOutcomeUnknown)
		})
	}
}

func TestTimeoutAndCancelOfAWriteLeaveItUnknown(t *testing.T) {
	t.Parallel()
	hang := func() (*httptest.Server, *atomic.Int32, chan struct{}) {
		arrived := make(chan struct{}, 64)
		server, requests := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			arrived <- struct{}{}
			<-r.Context().Done()
		})
		return server, requests, arrived
	}
	within := func(timeout time.Duration) func(*transport.Options, *transport.Settings) {
		return func(_ *transport.Options, s *transport.Settings) { s.ReadTimeout, s.WriteTimeout = timeout, timeout }
	}
	server, _, arrived := hang()
	var err error
	// On a busy machine a short time is over before anything was sent.
	for timeout := 200 * time.Millisecond; len(arrived) == 0; timeout *= 2 {
		require.Less(t, timeout, time.Minute)
		_, err = client(t, server.URL, within(timeout)).Do(t.Context(), call(transport.Write))
	}
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = client(t, server.URL, within(200*time.Millisecond)).Do(t.Context(), call(transport.Read))
	require.ErrorIs(t, err, pms.ErrUnavailable)

	server, requests, arrived := hang()
	for effect, want := range map[transport.Effect]error{transport.Write: pms.ErrOutcomeUnknown, transport.Read: pms.ErrUnavailable} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		_, err = client(t, server.URL).Do(ctx, call(effect))
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, int32(2), requests.Load(), "nobody waits for the repeat of a read that was cancelled")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client(t, server.URL).Do(ctx, call(transport.Write))
	require.ErrorIs(t, err, pms.ErrUnavailable, "nothing was sent")
}

// TestStaleConnectionIsNotRepeated has net/http meet a connection that the
// vendor closes as soon as the second request is written. By itself net/http
// would send a request with an Idempotency-Key again.
func TestStaleConnectionIsNotRepeated(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var requests atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, 64<<10)
				for n := 0; ; n++ {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					requests.Add(1)
					if n > 0 {
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}")
				}
			}()
		}
	}()
	c := client(t, "http://"+listener.Addr().String())
	_, err = c.Do(t.Context(), call(transport.Write))
	require.NoError(t, err)
	_, err = c.Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	require.Equal(t, int32(2), requests.Load())
}

// TestHTTP2 has the hooks of net/http's other protocol behave the same.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.ProtoMajor != 2 || r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := client(t, server.URL, func(o *transport.Options, _ *transport.Settings) { o.RoundTripper = server.Client().Transport })
	_, err := c.Do(t.Context(), call(transport.Write))
	require.NoError(t, err)
	abort := call(transport.Write)
	abort.Path = "/abort"
	_, err = c.Do(t.Context(), abort)
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
}

// TestHalfWrittenRequestWasNotTaken: a vendor that hangs up in the middle of a
// request cannot have acted on it.
func TestHalfWrittenRequestWasNotTaken(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, at once
		}
		_ = conn.Close()
	})
	half := call(transport.Write)
	half.Body = bytes.Repeat([]byte(" "), 64<<20)
	_, err := client(t, server.URL).Do(t.Context(), half)
	require.ErrorIs(t, err, pms.ErrUnavailable)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		name, value string
		least, most time.Duration
	}{
		"seconds":  {"Retry-After", "7", 7 * time.Second, 7 * time.Second},
		"date":     {"Retry-After", http.TimeFormat, 55 * time.Second, time.Minute},
		"reset":    {"X-Rate-Limit-Reset", time.RFC3339Nano, 55 * time.Second, time.Minute},
		"past":     {"X-Rate-Limit-Reset", "2001-01-01T00:00:00Z", time.Second, time.Second},
		"too long": {"Retry-After", "86400", 5 * time.Minute, 5 * time.Minute},
		"nonsense": {"Retry-After", "soon", 5 * time.Second, 5 * time.Second},
		"negative": {"Retry-After", "-3", 5 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				value := test.value
				if value == http.TimeFormat || value == time.RFC3339Nano { // a minute ahead of the answer
					value = time.Now().Add(time.Minute).UTC().Format(value)
				}
				w.Header().Set(test.name, value)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			_, err := client(t, server.URL).Do(t.Context(), call(transport.Write))
			var failure *pms.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, pms.ErrRateLimited, failure.Kind)
			require.GreaterOrEqual(t, failure.RetryAfter, test.least)
			require.LessOrEqual(t, failure.RetryAfter, test.most)
		})
	}
}

func TestRefusalOverridesTheTable(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, body(409, ""))
	c := client(t, server.URL, func(_ *transport.Options, s *transport.Settings) {
		s.Refusal = func(_ transport.Call, r transport.Response) *pms.Error {
			if r.Status == 409 {
				return &pms.Error{Kind: pms.ErrSoldOut}
			}
			return nil
		}
	})
	_, err := c.Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrSoldOut)
}

// tokens is an Authorizer that has the next token after a refusal.
type tokens struct {
	mu      sync.Mutex
	current int
}

func (a *tokens) Authorize(_ context.Context, r *transport.Outgoing) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.Header.Set("Authorization", fmt.Sprint(a.current))
	return nil
}

func (a *tokens) Refused(*transport.Outgoing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current++
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	var bodies []string
	server, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(sent))
		if r.Header.Get("Authorization") == "0" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	with := func(_ *transport.Options, s *transport.Settings) { s.Authorizer = new(tokens) }
	_, err := client(t, server.URL, with).Do(t.Context(), call(transport.Write))
	require.NoError(t, err)
	require.Equal(t, int32(2), requests.Load())
	require.Equal(t, bodies[0], bodies[1])

	always, requests := serve(t, body(401, ""))
	_, err = client(t, always.URL, with).Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrAuthentication)
	require.Equal(t, int32(2), requests.Load())
}

func TestCircuitOpensPerHotel(t *testing.T) {
	t.Parallel()
	server, requests := serve(t, body(500, ""))
	stack, err := transport.New(transport.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.HTTP().CloseIdleConnections)
	clients := make([]*transport.Client, 2)
	for i := range clients {
		clients[i], err = stack.Client(transport.Settings{Vendor: "vendor", Hotel: fmt.Sprint(i), BaseURL: server.URL})
		require.NoError(t, err)
	}
	for range 10 {
		_, err := clients[0].Do(t.Context(), call(transport.Write))
		require.ErrorIs(t, err, pms.ErrOutcomeUnknown)
	}
	before := requests.Load()
	_, err = clients[0].Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrUnavailable, "nothing is sent through an open circuit")
	var failure *pms.Error
	require.ErrorAs(t, err, &failure)
	require.Positive(t, failure.RetryAfter)
	require.Equal(t, before, requests.Load())
	_, err = clients[1].Do(t.Context(), call(transport.Write))
	require.ErrorIs(t, err, pms.ErrOutcomeUnknown, "another hotel's circuit is closed")
}

func TestRefusalsDoNotOpenTheCircuit(t *testing.T) {
	t.Parallel()
	server, requests := serve(t, body(422, ""))
	c := client(t, server.URL)
	for range 30 {
		_, err := c.Do(t.Context(), call(transport.Write))
		require.ErrorIs(t, err, pms.ErrValidation)
	}
	require.Equal(t, int32(30), requests.Load())
}

func TestLimiterIsPerCredentialAndSparesWrites(t *testing.T) {
	t.Parallel()
	limits := transport.NewBuckets(transport.Rate{PerSecond: 0.001, Burst: 10})
	require.Same(t, limits.Limiter("a"), limits.Limiter("a"))
	limiter := limits.Limiter("a")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	reads := 0
	for limiter.Wait(ctx, transport.Read) == nil {
		reads++
	}
	require.Equal(t, 6, reads, "reads take 60 % at most")
	err := limiter.Wait(ctx, transport.Read)
	require.ErrorIs(t, err, pms.ErrRateLimited)
	var failure *pms.Error
	require.ErrorAs(t, err, &failure)
	require.Positive(t, failure.RetryAfter)
	for range 4 {
		require.NoError(t, limiter.Wait(ctx, transport.Write))
	}
	require.ErrorIs(t, limiter.Wait(ctx, transport.Write), pms.ErrRateLimited)
	require.NoError(t, limits.Limiter("b").Wait(ctx, transport.Write))
}

// TestRedirectIsNotFollowed: what a request carries is for the vendor alone.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere, asked := serve(t, body(200, `{"id":"1"}`))
	vendor, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	for _, effect := range []transport.Effect{transport.Read, transport.Write} {
		_, err := client(t, vendor.URL).Do(t.Context(), call(effect))
		require.Error(t, err)
	}
	require.Zero(t, asked.Load())
}

// TestLimiterIsNotToBlameForTheCallersTime: a turn is free, and the caller has
// no time left to use it.
func TestLimiterIsNotToBlameForTheCallersTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	err := transport.NewBuckets(transport.Rate{PerSecond: 1, Burst: 5}).Limiter("a").Wait(ctx, transport.Write)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, pms.ErrRateLimited)
}

func TestLimiterWaitsItsTurn(t *testing.T) {
	t.Parallel()
	server, requests := serve(t, body(200, `{"id":"1"}`))
	c := client(t, server.URL, func(o *transport.Options, _ *transport.Settings) {
		o.Limits = transport.NewBuckets(transport.Rate{PerSecond: 50, Burst: 1})
	})
	for range 5 {
		_, err := c.Do(t.Context(), call(transport.Write))
		require.NoError(t, err)
	}
	require.Equal(t, int32(5), requests.Load())
}

func TestLogAndMetricsHoldNoGuestData(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	registry := prometheus.NewRegistry()
	server, _ := serve(t, body(404, marker))
	c := client(t, server.URL, func(o *transport.Options, _ *transport.Settings) {
		o.Registerer = registry
		o.Logger = slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	request := call(transport.Write)
	request.Path, request.Query = "/thing/"+marker, url.Values{"textSearch": {marker}}
	_, err := c.Do(t.Context(), request)
	require.ErrorIs(t, err, pms.ErrNotFound)
	require.Contains(t, lines.String(), `"operation":"op"`)
	require.NotContains(t, lines.String(), marker)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "voicehive_pms_request_duration_seconds", families[0].GetName())
	labels := map[string]string{}
	for _, label := range families[0].GetMetric()[0].GetLabel() {
		labels[label.GetName()] = label.GetValue()
	}
	require.Equal(t, map[string]string{"vendor": "vendor", "operation": "op", "outcome": "not_found"}, labels)

	_, err = transport.New(transport.Options{Registerer: registry})
	require.NoError(t, err, "a second stack shares the metric")
}

func TestEndpointMustBeSafe(t *testing.T) {
	t.Parallel()
	stack, err := transport.New(transport.Options{})
	require.NoError(t, err)
	for _, base := range []string{"", "/x", "ftp://x", "http://example.org", "https://u:p@example.org", "https://example.org?x=" + marker, "://"} {
		_, err := stack.Client(transport.Settings{Vendor: "vendor", BaseURL: base})
		require.Error(t, err, base)
		require.NotContains(t, err.Error(), marker)
	}
	for _, base := range []string{"https://api.example.org", "http://127.0.0.1:8090", "http://[::1]:1", "http://localhost:1"} {
		_, err := stack.Client(transport.Settings{Vendor: "vendor", BaseURL: base})
		require.NoError(t, err, base)
	}
}
