package transport

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Stack is what all vendor clients of a process share: the connection pool,
// the limiters, the metrics and the log. It is safe for concurrent use.
type Stack struct {
	http      *http.Client
	limits    Limiters
	durations *prometheus.HistogramVec
	hedges    *prometheus.CounterVec
	tracer    trace.Tracer
	log       *slog.Logger
}

// Options configure a Stack; the zero value works.
type Options struct {
	// Registerer takes the metrics; nil registers nothing.
	Registerer prometheus.Registerer
	// Logger takes one line per failed request, and with level debug per
	// request; nil logs nothing. Lines hold no path, query, body or header.
	Logger *slog.Logger
	// Tracer takes one span per request, without path, query, body or header;
	// nil is the process's own provider.
	Tracer trace.TracerProvider
	// Limits meters requests per credential; nil is NewBuckets(Rate{}). One that
	// is an Observer too learns from the vendor's answers.
	Limits Limiters
	// Equip makes the pooled transport connect through a guard: it sets its
	// dialer and proxy. Nil connects to any host.
	Equip func(*http.Transport)
	// RoundTripper replaces the pooled transport, for tests; it should call
	// the hooks of net/http/httptrace, without which every failed write counts
	// as never sent.
	RoundTripper http.RoundTripper
}

// New returns a Stack. It fails when its metrics cannot be registered.
func New(o Options) (*Stack, error) {
	durations, err := register(o.Registerer, newDurations())
	if err != nil {
		return nil, fmt.Errorf("transport: register metrics: %w", err)
	}
	hedges, err := register(o.Registerer, newHedges())
	if err != nil {
		return nil, fmt.Errorf("transport: register metrics: %w", err)
	}
	if o.Tracer == nil {
		o.Tracer = otel.GetTracerProvider()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limits == nil {
		o.Limits = NewBuckets(Rate{})
	}
	if o.RoundTripper == nil {
		pool := newPool()
		if o.Equip != nil {
			o.Equip(pool)
		}
		o.RoundTripper = pool
	}
	return &Stack{
		http: &http.Client{
			Transport: o.RoundTripper,
			// A redirect of an API is a misconfiguration; following it could
			// carry credentials and guests to a host nobody approved.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		limits:    o.Limits,
		durations: durations,
		hedges:    hedges,
		tracer:    o.Tracer.Tracer(scope),
		log:       o.Logger,
	}, nil
}

// HTTP returns the pooled client without any of the rules of a Client. It is
// for identity endpoints, which keep their own.
func (s *Stack) HTTP() *http.Client { return s.http }

func newPool() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    64,
		MaxConnsPerHost:        256,
		MaxResponseHeaderBytes: 64 << 10,
		// Shorter than the keep-alive of usual servers, so that a write seldom
		// meets a connection that the vendor is just closing.
		IdleConnTimeout: 30 * time.Second,
	}
}

// Settings describe one hotel's way to one vendor.
type Settings struct {
	Vendor  string // for metrics and errors: "apaleo"
	Hotel   string // for the log: the hotel's id
	BaseURL string // https, or http to a loopback address
	// Credential names what the vendor counts requests by; hotels that share
	// it share a limiter.
	Credential string
	// Authorizer adds the credentials to a request; nil adds none.
	Authorizer Authorizer
	// Refusal replaces the status table for answers it knows better; nil, or a
	// nil answer, leaves the table's.
	Refusal func(Call, Response) *pms.Error
	// ReadTimeout and WriteTimeout bound one request with its answer, where
	// Tuning says nothing; 0 means 10 s and 15 s: a caller waits, and a write that
	// was cut off is made known by the rules of writing.
	ReadTimeout, WriteTimeout time.Duration
	// Tuning is asked at each request of an operation, so that what it says may
	// change while the process runs; nil is always the zero Tuning.
	Tuning func(operation string) Tuning
	// Slots bounds how many requests of this hotel are under way at once; 0
	// means 32. Reads take three quarters of them at most, and for each slot a few
	// requests may wait a short while.
	Slots int
	// MaxBody bounds an answer in bytes; 0 means 4 MB.
	MaxBody int64
}

// Tuning is what a vendor's capabilities say about the time of an operation's
// requests.
type Tuning struct {
	// ReadTimeout and WriteTimeout go before those of the Settings; 0: theirs.
	ReadTimeout, WriteTimeout time.Duration
	// HedgeAfter is when a read that has no answer yet is asked a second time,
	// beside the first; 0: never. Both count against the vendor's limit.
	HedgeAfter time.Duration
}

func (c *Client) tuning(call Call) Tuning {
	if c.o.Tuning == nil {
		return Tuning{}
	}
	return c.o.Tuning(call.Operation)
}

// timeout bounds one request and its answer.
func (c *Client) timeout(call Call) time.Duration {
	t := c.tuning(call)
	if call.Effect == Read {
		return cmp.Or(t.ReadTimeout, c.o.ReadTimeout, 10*time.Second)
	}
	return cmp.Or(t.WriteTimeout, c.o.WriteTimeout, 15*time.Second)
}

// Client returns a hotel's way to a vendor, with a circuit breaker and a
// bulkhead of its own.
func (s *Stack) Client(o Settings) (*Client, error) {
	base, err := Endpoint(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Vendor == "" {
		return nil, errors.New("transport: name the vendor")
	}
	if o.MaxBody == 0 {
		o.MaxBody = 4 << 20
	}
	past := newPast(time.Now)
	return &Client{
		stack:    s,
		o:        o,
		base:     base,
		limiter:  s.limits.Limiter(o.Vendor + "/" + o.Credential),
		bulkhead: newBulkhead(o.Slots),
		breaker:  newBreaker(past.turned),
		retry:    newReadRetry(),
		past:     past,
	}, nil
}

// newBreaker opens when half of at least ten requests within 30 s failed, and
// tries again after 5 s: a caller waits on the line, and one request each 5 s is
// no load for a hotel system that comes back.
func newBreaker(turned func(circuitbreaker.StateChangedEvent)) circuitbreaker.CircuitBreaker[Response] {
	return circuitbreaker.NewBuilder[Response]().
		WithFailureRateThreshold(0.5, 10, 30*time.Second).
		WithDelay(5 * time.Second).
		WithJitterFactor(0.2).
		WithSuccessThreshold(2).
		OnStateChanged(turned).
		Build()
}

// Endpoint reads the base URL of a vendor's host. It must be https, since
// secrets and guests travel there; http is for loopback addresses only.
func Endpoint(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	switch {
	case err != nil || base.Host == "":
		return nil, errors.New("transport: an endpoint must be an absolute URL")
	case base.Scheme != "https" && !(base.Scheme == "http" && loopback(base.Hostname())):
		return nil, errors.New("transport: an endpoint must be https; http is for loopback addresses only")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("transport: an endpoint must have no user, query or fragment")
	}
	return base, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
