// Package client calls the HTTP API of package starter/api from Go. The
// command line and the demo use it, so that they go the way every call
// platform goes.
//
// Writes take an Idempotency-Key. Make one with NewKey for each new wish, and
// use it again when a write failed without a *Problem: it is never carried out
// twice.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxAnswer bounds an answer, in bytes: far above the longest list of
	// offers.
	maxAnswer = 8 << 20
	// timeout is above the longest wait that the API grants.
	timeout = 90 * time.Second
)

// A Client calls one API. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	token    string
	http     *http.Client
	language string
	wait     time.Duration
	poll     time.Duration
}

// An Option changes a Client.
type Option func(*Client)

// WithHTTP sends requests through h.
func WithHTTP(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithLanguage asks for problems' say in a language, such as de.
func WithLanguage(language string) Option { return func(c *Client) { c.language = language } }

// WithWait asks the API to wait for a write's outcome for so long, instead of
// 10 seconds. It is rounded to seconds; the API bounds it to 1 to 60.
func WithWait(d time.Duration) Option { return func(c *Client) { c.wait = d } }

// WithPoll lets Await ask at this pace, instead of the one the API wants.
func WithPoll(d time.Duration) Option { return func(c *Client) { c.poll = d } }

// New returns a client of the API at base, such as http://127.0.0.1:8080, that
// shows the token or API key.
func New(base, token string, opts ...Option) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("client: the API's address must look like http://127.0.0.1:8080")
	}
	c := &Client{base: u, token: token, http: &http.Client{Timeout: timeout, CheckRedirect: stay}}
	for _, opt := range opts {
		opt(c)
	}
	return c, nil
}

// stay follows no redirect: the API has none, and a token must not wander.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// NewKey makes a fresh Idempotency-Key.
func NewKey() string { return rand.Text() }

// A call is one request.
type call struct {
	method string
	path   []string // below /v1/hotels
	query  url.Values
	key    string
	body   any
}

// do sends a call and reads its answer into out. It returns the answer's
// headers.
func (c *Client) do(ctx context.Context, what call, out any) (http.Header, error) {
	request, err := c.request(ctx, what)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("client: no answer to %s; repeat it with the same key: %w", what.method, withoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("client: the answer to %s broke off; repeat it with the same key: %w", what.method, withoutURL(err))
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, problemOf(response, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fmt.Errorf("client: the answer to %s is not what the API sends; check the address: %w", what.method, err)
	}
	return response.Header, nil
}

func (c *Client) request(ctx context.Context, what call) (*http.Request, error) {
	u := c.base.JoinPath("v1", "hotels")
	for _, part := range what.path {
		u = u.JoinPath(url.PathEscape(part))
	}
	u.RawQuery = what.query.Encode()
	var body io.Reader
	if what.body != nil {
		raw, err := json.Marshal(what.body)
		if err != nil {
			return nil, fmt.Errorf("client: writing the body: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, what.method, u.String(), body)
	if err != nil {
		return nil, errors.New("client: the request cannot be made; check the hotel and the id")
	}
	set := func(name, value string) {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	set("Idempotency-Key", what.key)
	set("Accept-Language", c.language)
	if body != nil {
		set("Content-Type", "application/json")
	}
	if what.key != "" && c.wait > 0 {
		set("Prefer", "wait="+strconv.Itoa(int(c.wait.Round(time.Second)/time.Second)))
	}
	return request, nil
}

// withoutURL takes the address, whose query tells of a stay, out of an error.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// problemOf reads a refusal. What is no problem document, such as a proxy's
// page, becomes one without a code.
func problemOf(response *http.Response, body []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(body, p) != nil || p.Type == "" {
		p = &Problem{Title: "The answer is not the API's; check the address"}
	}
	p.Status = response.StatusCode
	return p
}
