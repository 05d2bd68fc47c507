package vault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"
	"golang.org/x/sync/singleflight"
)

const (
	defaultTimeout = 5 * time.Second
	// maxAnswer bounds an answer of Vault in bytes. Vault itself refuses
	// requests over 32 MB; what is kept here is far smaller.
	maxAnswer = 4 << 20
)

// Options say where Vault is and how to log in.
type Options struct {
	// Address is https, or http to a loopback address: tokens and secrets
	// travel there.
	Address string
	// CACert is a PEM file with the authorities to trust; empty means the
	// system's.
	CACert string
	// Namespace is one of Vault Enterprise; usually empty.
	Namespace string
	// Login is AppRole, Kubernetes or TokenFile.
	Login Login
	// Equip makes the transport connect through a guard: it sets its dialer and
	// its proxy. Nil connects to any host, and by no proxy.
	Equip func(*http.Transport)
	// Timeout bounds one request with its answer; 0 means 5 s.
	Timeout time.Duration
	// Logger takes a line when the token cannot be renewed; nil logs nothing.
	Logger *slog.Logger

	clock func() time.Time // for tests
}

// A Client speaks to one Vault as one login. It is safe for concurrent use;
// Close it, for it works in the background.
type Client struct {
	api     *api.Client // without a token
	login   Login
	timeout time.Duration
	log     *slog.Logger
	clock   func() time.Time

	flight  singleflight.Group
	changed chan struct{} // holds one: the keeper must look at the session again
	closing context.Context
	close   context.CancelFunc
	keeper  sync.WaitGroup

	mu      sync.Mutex
	session *session // nil before the first login
}

// New returns a Client. It makes no call: the first use logs in, so a process
// can start while Vault is away.
func New(o Options) (*Client, error) {
	if o.Login == nil {
		return nil, errors.New("vault: a login is required: AppRole, Kubernetes or TokenFile")
	}
	if err := checkAddress(o.Address); err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	roots, err := trusted(o.CACert)
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(&api.Config{
		Address:    o.Address,
		HttpClient: &http.Client{Transport: bounded{newTransport(roots, o)}},
		Timeout:    o.Timeout,
		// Nobody repeats here: a write that was answered late would meet itself
		// as a conflict. Callers read again.
		MaxRetries: 0,
	})
	if err != nil {
		return nil, fmt.Errorf("vault: settings: %w", err)
	}
	// The library takes token and namespace from the environment by itself.
	// What this process uses is said in Options alone.
	client.ClearToken()
	client.ClearNamespace()
	if o.Namespace != "" {
		client.SetNamespace(o.Namespace)
	}
	c := &Client{api: client, login: o.Login, timeout: o.Timeout, log: o.Logger, clock: o.clock, changed: make(chan struct{}, 1)}
	c.closing, c.close = context.WithCancel(context.Background())
	c.keeper.Go(c.keep)
	return c, nil
}

// Close ends the background work and gives the login's token back.
func (c *Client) Close() {
	c.close()
	c.keeper.Wait()
	c.mu.Lock()
	last := c.session
	c.session = nil
	c.mu.Unlock()
	if last == nil || !last.ours {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	// It ends by itself too; that it ends now is a courtesy.
	_ = last.api.Auth().Token().RevokeSelfWithContext(ctx, "")
}

// do makes a call with a token that holds. When the token turns out to be dead,
// as after a revocation, it logs in again and repeats the call once.
func (c *Client) do(ctx context.Context, op, path string, call func(context.Context, *api.Client) error) error {
	return c.doAs(ctx, op, path, func(ctx context.Context, s *session) error { return call(ctx, s.api) })
}

// doAs is do for a call that must know whose token it uses.
func (c *Client) doAs(ctx context.Context, op, path string, call func(context.Context, *session) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*c.timeout)
	defer cancel()
	s, err := c.current(ctx)
	if err != nil {
		return err
	}
	err = failure(op, path, call(ctx, s))
	if !errors.Is(err, ErrDenied) || c.holds(ctx, s) {
		return err
	}
	c.forget(s)
	if s, err = c.current(ctx); err != nil {
		return err
	}
	return failure(op, path, call(ctx, s))
}

// holds asks whether a token is alive. It tells a policy that forbids from a
// token that ended; logging in again would not cure the first.
func (c *Client) holds(ctx context.Context, s *session) bool {
	_, err := s.api.Auth().Token().LookupSelfWithContext(ctx)
	return !errors.Is(failure("look up the token", "auth/token/lookup-self", err), ErrDenied)
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return errors.New("vault: the address must be an absolute URL, such as https://vault.example:8200")
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return errors.New("vault: the address must be https; http is for loopback addresses only")
	}
	return nil
}

func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("vault: CA certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("vault: %s holds no certificate in PEM form", file)
	}
	return pool, nil
}

func newTransport(roots *x509.CertPool, o Options) *http.Transport {
	transport := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: o.Timeout}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    o.Timeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		MaxConnsPerHost:        64,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if o.Equip != nil {
		o.Equip(transport)
	}
	return transport
}

var errTooLarge = errors.New("the answer is larger than allowed")

// bounded cuts answers that are too large, for the library reads all there is.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err == nil {
		answer.Body = &limitedBody{answer.Body, maxAnswer}
	}
	return answer, err
}

type limitedBody struct {
	io.ReadCloser
	left int64
}

func (l *limitedBody) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
