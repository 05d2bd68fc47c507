package codec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	commonpb "go.temporal.io/api/common/v1"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/auth"
)

const (
	// MaxBody is the longest body that is read, in bytes: a page of the Web UI
	// with some of the longest payloads that Temporal takes.
	MaxBody = 8 << 20
	// MaxPayloads is how many payloads a request may have.
	MaxPayloads = 1000

	// readTime bounds how long a body may take to arrive, workTime what follows,
	// and writeTime how long the answer may take to be fetched. Before them comes
	// waitTime: no request takes longer than all four.
	readTime  = 10 * time.Second
	workTime  = 15 * time.Second
	writeTime = 10 * time.Second
)

// Opener opens payloads; *temporal.Plugin is one.
type Opener interface {
	Open(ctx context.Context, payloads []*commonpb.Payload, may func(keyID string) bool) []temporal.Opened
}

// Authenticator tells who asks from the value of an Authorization header. Its
// errors are *starter.Problem.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (auth.Caller, error)
}

// Journal writes to the audit log. When it returns nil the event is durable.
type Journal interface {
	// Record writes one event.
	Record(ctx context.Context, e audit.Event) error
	// Pseudonym stands for a subject in a hotel's events: always the same one,
	// and nobody without the hotel's key can tell whose it is.
	Pseudonym(ctx context.Context, hotel, subject string) (string, error)
}

// Options are the parts of the server. All but Members, Login, Logger and
// Registerer are required, though Origins may be empty.
type Options struct {
	// Namespace is the one whose payloads are opened. A token's roles count for
	// it, so another namespace takes a server with an audience of its own.
	Namespace string
	Opener    Opener
	Auth      Authenticator
	Journal   Journal
	// Members tells, by role, which subjects a hotel's entry binds to it, over
	// and above what their tokens say. An unknown hotel binds nobody.
	Members func(ctx context.Context, hotel string) (map[string][]string, error)
	// Origins are the addresses of the Web UIs whose pages may ask, such as
	// https://temporal.example.com. Requests of programs carry no origin.
	Origins []string
	// Login lets a browser log in here, for a Web UI that passes no token; nil
	// for none.
	Login *Login
	// Limits are per user.
	Limits     Limits
	Logger     *slog.Logger // slog.Default when nil
	Registerer prometheus.Registerer

	patience time.Duration // of who waits for a turn; waitTime when zero
}

type server struct {
	Options
	origins  map[string]bool
	limits   *limits
	turns    *turns
	payloads *prometheus.CounterVec
	session  *session
}

// New returns the handler. Its routes are relative to where it is mounted: use
// http.StripPrefix.
func New(o Options) (http.Handler, error) {
	if o.Namespace == "" || o.Opener == nil || o.Auth == nil || o.Journal == nil {
		return nil, errors.New("codec: Namespace, Opener, Auth and Journal are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &server{Options: o, limits: newLimits(o.Limits), turns: newTurns()}
	if o.patience > 0 {
		s.turns.patience = o.patience
	}
	var err error
	if s.origins, err = exactOrigins(o.Origins); err != nil {
		return nil, err
	}
	if s.payloads, err = newCounter(o.Registerer); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/decode", s.shared(s.decode))
	if o.Login != nil {
		if s.session, err = newSession(*o.Login); err != nil {
			return nil, err
		}
		s.session.routes(mux, s)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, starter.NotFound.With("Post payloads to /decode. There is no way to encode."))
	})
	return s.guarded(mux), nil
}

// guarded sets what every answer has, here and not only in the API, because the
// server also runs alone.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Add("Vary", "Origin")
		next.ServeHTTP(w, r)
	})
}

// caller authenticates the request: by its Authorization header, or for a page
// of a known origin by the cookie of a login here.
func (s *server) caller(r *http.Request) (auth.Caller, error) {
	authorization := r.Header.Get("Authorization")
	if authorization == "" && s.session != nil && r.Header.Get("Origin") != "" {
		authorization = s.session.authorization(r)
	}
	return s.Auth.Authenticate(r.Context(), authorization)
}

func newCounter(registerer prometheus.Registerer) (*prometheus.CounterVec, error) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "voicehive_codec_payloads_total",
		Help: "Payloads that people asked to open, by what became of them.",
	}, []string{"outcome"})
	if registerer == nil {
		return c, nil
	}
	if err := registerer.Register(c); err != nil {
		return nil, fmt.Errorf("codec: registering the metrics: %w", err)
	}
	return c, nil
}

// Problems that only this server has are those of the API's HTTP.
var (
	unsupportedMedia = api.UnsupportedMedia
	methodNotAllowed = api.MethodNotAllowed
)
