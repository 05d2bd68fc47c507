package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Stack is what all vendor clients of a process share: the connection pool,
// the limiters, the metrics and the log. It is safe for concurrent use.
type Stack struct {
	http      *http.Client
	limits    Limiters
	durations *prometheus.HistogramVec
	log       *slog.Logger
}

// Options configure a Stack; the zero value works.
type Options struct {
	// Registerer takes the metrics; nil registers nothing.
	Registerer prometheus.Registerer
	// Logger takes one line per failed request, and with level debug per
	// request; nil logs nothing. Lines hold no path, query, body or header.
	Logger *slog.Logger
	// Limits meters requests per credential; nil is NewBuckets(Rate{}).
	Limits Limiters
	// RoundTripper replaces the pooled transport, for tests; it should call
	// the hooks of net/http/httptrace, without which every failed write counts
	// as never sent.
	RoundTripper http.RoundTripper
}

// New returns a Stack. It fails when its metrics cannot be registered.
func New(o Options) (*Stack, error) {
	durations, err := newDurations(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("transport: register metrics: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limits == nil {
		o.Limits = NewBuckets(Rate{})
	}
	if o.RoundTripper == nil {
		o.RoundTripper = newPool()
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
	// ReadTimeout and WriteTimeout bound one request with its answer; 0 means
	// 10 s and 15 s: a caller waits, and a write that was cut off is made known by
	// the rules of writing.
	ReadTimeout, WriteTimeout time.Duration
	// MaxBody bounds an answer in bytes; 0 means 4 MB.
	MaxBody int64
}

// Client returns a hotel's way to a vendor, with a circuit breaker of its own.
func (s *Stack) Client(o Settings) (*Client, error) {
	base, err := Endpoint(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Vendor == "" {
		return nil, errors.New("transport: name the vendor")
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = 10 * time.Second
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = 15 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 4 << 20
	}
	return &Client{
		stack:   s,
		o:       o,
		base:    base,
		limiter: s.limits.Limiter(o.Vendor + "/" + o.Credential),
		breaker: newBreaker(),
		retry:   newReadRetry(),
	}, nil
}

// newBreaker opens when half of at least ten requests within 30 s failed, and
// tries again after 15 s.
func newBreaker() circuitbreaker.CircuitBreaker[Response] {
	return circuitbreaker.NewBuilder[Response]().
		WithFailureRateThreshold(0.5, 10, 30*time.Second).
		WithDelay(15 * time.Second).
		WithJitterFactor(0.2).
		WithSuccessThreshold(2).
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
