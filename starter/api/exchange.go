package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/starter"
)

// An exchange is what is noted of one request and its answer.
type exchange struct {
	id             string
	acceptLanguage string
	subject        string // once authenticated
	machine        bool   // no person signed in
	hotel          string // once authorized
	problem        string // the code of the problem that was answered
	err            error  // what failed, when it is our fault or the hotel's
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// ServeHTTP wraps every route: request id, security headers, recovery, log and
// metrics. A request id of the caller's is not taken over, for it would be
// logged and can be anything.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	x := &exchange{id: rand.Text(), acceptLanguage: r.Header.Get("Accept-Language")}
	secure(w.Header(), x.id)
	answer := &recorder{ResponseWriter: w}
	ctx, span := s.span(r)
	r = r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
	defer func() {
		aborted := s.recovered(answer, r, recover())
		finish(span, r, x, answer.code())
		s.note(r, x, answer.code(), time.Since(start))
		if aborted {
			panic(http.ErrAbortHandler)
		}
	}()
	s.mux.ServeHTTP(answer, r)
}

// secure sets what every answer has. Pages loosen the policy for themselves.
func secure(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}

// recovered turns a panic into a problem. When the answer has begun, nothing
// but cutting the connection can still tell the caller; it reports true then.
func (s *server) recovered(w *recorder, r *http.Request, cause any) (abort bool) {
	if cause == nil {
		return false
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	// The value of a panic may quote data; a runtime error does not.
	text := fmt.Sprintf("%T", cause)
	if err, ok := cause.(runtime.Error); ok {
		text = err.Error()
	}
	s.log.ErrorContext(r.Context(), "handler panicked", "request", exchangeOf(r.Context()).id, "panic", text, "stack", string(debug.Stack()))
	if w.status != 0 {
		return true
	}
	s.refuse(w, r, starter.Internal.With("Try again; the error is in our log."))
	return false
}

// note logs and measures a finished exchange.
func (s *server) note(r *http.Request, x *exchange, status int, took time.Duration) {
	method, route := method(r.Method), routeOf(r.Pattern)
	s.duration.WithLabelValues(route, method, statusText(status)).Observe(took.Seconds())

	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case route == "/healthz" || route == "/readyz" || route == "/metrics":
		level = slog.LevelDebug
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", x.id), slog.String("method", method), slog.String("route", route),
		slog.Int("status", status), slog.Duration("took", took),
	}
	for _, a := range []slog.Attr{slog.String("caller", x.subject), slog.String("hotel", x.hotel), slog.String("problem", x.problem)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("error", x.err.Error()))
	}
	s.log.LogAttrs(r.Context(), level, "http request", attrs...)
}

// methods are those that a route can have.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// method bounds what callers can put into labels and logs.
func method(m string) string {
	if slices.Contains(methods, m) || m == http.MethodOptions {
		return m
	}
	return "other"
}

// routeOf is the path of a pattern of the router.
func routeOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return path
	}
	if pattern == "/" || pattern == "" {
		return "unmatched"
	}
	return pattern
}

func statusText(status int) string {
	return string([]byte{byte('0' + status/100%10), byte('0' + status/10%10), byte('0' + status%10)})
}

func newDuration(r prometheus.Registerer) (*prometheus.HistogramVec, error) {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "voicehive_http_request_duration_seconds",
		Help:    "Time from a request's arrival to the end of its answer, by route, method and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"route", "method", "status"})
	if r == nil {
		return duration, nil
	}
	if err := r.Register(duration); err != nil {
		return nil, fmt.Errorf("api: registering metrics; give each API a registerer of its own: %w", err)
	}
	return duration, nil
}

// A recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// code is the answer's status; a handler that wrote nothing answered 200.
func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
