package seven

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voicehive/voicehive/internal/notify"
)

// Public is the provider's own address.
const Public = "https://gateway.seven.io/api"

// ErrSettings is wrapped by every complaint about where and how to send.
var ErrSettings = errors.New("seven: the SMS gateway's settings are not valid")

const (
	provider       = "seven"
	defaultTimeout = 10 * time.Second
	// maxAnswer bounds what is read of an answer; a journal has 100 entries.
	maxAnswer = 512 << 10
)

// Options say where the gateway is and who we are to it.
type Options struct {
	// URL is the API's base, such as Public; http only on this machine. Its
	// query may hold from, the sender that phones show: at most 11 letters and
	// digits, or 16 digits.
	URL string
	// KeyFile holds the API key and nothing else. It is read for each message,
	// so a new key needs no restart.
	KeyFile string
	// Timeout bounds one request; 10 s when zero.
	Timeout time.Duration
	// Dial opens connections; nil dials directly. Here stands the guard that
	// knows which hosts may be called.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Gateway sends text messages. It is safe for concurrent use.
type Gateway struct {
	base    *url.URL
	from    string
	keyFile string
	http    *http.Client
	now     func() time.Time
}

// senderPattern is what the provider takes as a sender.
var senderPattern = regexp.MustCompile(`^([A-Za-z0-9 ]{1,11}|\+?[0-9]{1,16})?$`)

// New returns a gateway by the options; an error that wraps ErrSettings when
// they are not valid. It does not connect.
func New(o Options) (*Gateway, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return nil, fmt.Errorf("%w: want https://host/path, and the key in a file", ErrSettings)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fmt.Errorf("%w: want https, or http on this machine", ErrSettings)
	}
	query := u.Query()
	from := query.Get("from")
	if query.Del("from"); len(query) > 0 || !senderPattern.MatchString(from) {
		return nil, fmt.Errorf("%w: the query may hold from, at most 11 letters and digits or 16 digits", ErrSettings)
	}
	if o.KeyFile == "" {
		return nil, fmt.Errorf("%w: there is no file with an API key", ErrSettings)
	}
	u.RawQuery = ""
	u.Path = strings.TrimRight(u.Path, "/")
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	transport := &http.Transport{
		DialContext: o.Dial, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout,
	}
	return &Gateway{
		base: u, from: from, keyFile: o.KeyFile, now: time.Now,
		http: &http.Client{
			Transport: transport, Timeout: o.Timeout,
			// A redirect would carry the key and a phone number elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Address is the gateway's host and port.
func (g *Gateway) Address() string {
	if g.base.Port() != "" {
		return g.base.Host
	}
	return net.JoinHostPort(g.base.Hostname(), g.base.Scheme)
}

// Close ends connections that are kept for the next message.
func (g *Gateway) Close() { g.http.CloseIdleConnections() }

// Send implements notify.Sender.
func (g *Gateway) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if m.Channel != notify.SMS {
		return notify.Receipt{}, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemContent, Cause: errChannel}
	}
	if err := m.Validate(); err != nil {
		return notify.Receipt{}, err
	}
	form := url.Values{"to": {m.To}, "text": {m.Text}, "foreign_id": {m.ID}}
	if g.from != "" {
		form.Set("from", g.from)
	}
	a, err := g.do(ctx, http.MethodPost, "/sms", form)
	if err != nil {
		return notify.Receipt{}, err
	}
	return a.receipt()
}

// Find implements notify.Finder: it looks for the message among what was sent
// to its number since the day before.
func (g *Gateway) Find(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	query := url.Values{
		"to": {m.To}, "limit": {"100"},
		// Days in the provider's zone, whichever that is.
		"date_from": {g.now().AddDate(0, 0, -2).Format(time.DateOnly)},
	}
	a, err := g.do(ctx, http.MethodGet, "/journal/outbound", query)
	if err != nil {
		return notify.Receipt{}, err
	}
	return a.entry(m.ID)
}

var (
	errChannel = errors.New("seven: this is no text message")
	errKey     = errors.New("seven: the file with the API key holds none")
	errAnswer  = errors.New("seven: the gateway's answer cannot be understood")
	errNone    = errors.New("seven: the gateway did not answer")
	errConnect = errors.New("seven: no connection to the gateway")
)

// answer is an HTTP answer in full.
type answer struct {
	status     int
	body       []byte
	retryAfter time.Duration
}

// do sends one request. Errors of net/http are dropped: they quote the URL.
func (g *Gateway) do(ctx context.Context, method, path string, values url.Values) (answer, error) {
	key, err := g.key()
	if err != nil {
		return answer{}, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration, Cause: err}
	}
	target, body := *g.base, io.Reader(nil)
	target.Path += path
	if method == http.MethodGet {
		target.RawQuery = values.Encode()
	} else {
		body = strings.NewReader(values.Encode())
	}
	var written atomic.Bool // by the transport's own goroutine
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// From here on the gateway may have read something.
		GotConn: func(httptrace.GotConnInfo) { written.Store(true) },
	})
	request, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return answer{}, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration, Cause: ErrSettings}
	}
	request.Header.Set("X-Api-Key", key)
	request.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := g.http.Do(request)
	if err != nil {
		return answer{}, lost(ctx, written.Load())
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, retryAfter: retryAfter(response.Header)}
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return answer{}, lost(ctx, true)
	}
	return a, nil
}

// lost is a request without an answer.
func lost(ctx context.Context, written bool) error {
	e := &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemUnreachable, Cause: errConnect}
	if written {
		e = &notify.Error{Outcome: notify.ErrUnknown, Problem: notify.ProblemLost, Cause: errNone}
	}
	if err := ctx.Err(); err != nil {
		e.Cause = errors.Join(e.Cause, err)
	}
	return e
}

// key reads the file anew.
func (g *Gateway) key() (string, error) {
	content, err := os.ReadFile(g.keyFile)
	if err != nil {
		return "", fmt.Errorf("seven: read the API key: %w", err)
	}
	key := string(bytes.TrimSpace(content))
	if key == "" || len(key) > 512 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errKey
	}
	return key, nil
}

// retryAfter reads the seconds that an answer asks for, an hour at most.
func retryAfter(h http.Header) time.Duration {
	var seconds int64
	if _, err := fmt.Sscanf(h.Get("Retry-After"), "%d", &seconds); err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// decode reads JSON of the gateway, whose shape is checked by its use.
func decode(body []byte, into any) bool { return json.Unmarshal(body, into) == nil }
