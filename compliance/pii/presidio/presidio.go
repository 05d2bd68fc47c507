// Package presidio asks a Presidio analyzer for a second opinion over its REST
// API. What it finds is added to what package pii found, and never replaces it:
// where it is slow, down or wrong, the first engine's spans stand.
//
// It keeps no text, and no error or log of it holds one.
package presidio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/pii"
)

// Time-outs of one question, and what the breaker goes by.
const (
	LiveTimeout  = 150 * time.Millisecond
	BatchTimeout = 5 * time.Second

	maxAnswer    = 4 << 20 // bytes
	maxFailures  = 5       // in a row until the breaker opens
	openDuration = 30 * time.Second
)

// Errors of Analyze. None holds a text.
var (
	// ErrOpen: the analyzer failed so often that it is left alone for a while.
	ErrOpen = errors.New("presidio: the analyzer is left alone for a while, for it failed too often")
	// ErrAnswer: the analyzer's answer makes no sense.
	ErrAnswer = errors.New("presidio: the analyzer's answer cannot be used")
)

// Options make a Client.
type Options struct {
	// URL is the analyzer's, such as http://127.0.0.1:5002.
	URL string
	// Client makes the connections; it decides which hosts may be called.
	Client *http.Client
	// Timeout of one question; LiveTimeout when zero.
	Timeout time.Duration
	// Languages are those that the analyzer has models for; English when empty.
	// Others are asked for in the first.
	Languages []string
	// now is the clock of the breaker.
	now func() time.Time
}

// A Client asks one analyzer. It may be used from several goroutines.
type Client struct {
	options Options
	url     string
	// Failed counts questions without an answer.
	Failed atomic.Int64

	mu       sync.Mutex
	failures int
	until    time.Time // closed again from then on
}

// New returns a client.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, errors.New("presidio: the analyzer's URL must be http or https with a host, and without a user")
	}
	if o.Client == nil {
		return nil, errors.New("presidio: a client needs an HTTP client")
	}
	if o.Timeout <= 0 {
		o.Timeout = LiveTimeout
	}
	if len(o.Languages) == 0 {
		o.Languages = []string{"en"}
	}
	if o.now == nil {
		o.now = time.Now
	}
	return &Client{options: o, url: u.JoinPath("analyze").String()}, nil
}

// question and answer are the analyzer's API.
type question struct {
	Text           string   `json:"text"`
	Language       string   `json:"language"`
	Entities       []string `json:"entities,omitempty"`
	ScoreThreshold float64  `json:"score_threshold"`
	Context        []string `json:"context,omitempty"`
	AllowList      []string `json:"allow_list,omitempty"`
}

type answer struct {
	Type  string   `json:"entity_type"`
	Start *int     `json:"start"` // code points
	End   *int     `json:"end"`
	Score *float64 `json:"score"`
}

// Analyze appends what the analyzer finds in the request's text to dst, sorted
// by place. Types that package pii does not know are left out, and so is NRP where
// the request does not name it: here too a nation is mostly a breakfast.
func (c *Client) Analyze(ctx context.Context, dst []pii.Span, r pii.Request) ([]pii.Span, error) {
	if len(r.Text) > pii.MaxText {
		return dst, pii.ErrTooLong
	}
	if !utf8.ValidString(r.Text) {
		return dst, pii.ErrInvalidText
	}
	if !c.closed() {
		return dst, ErrOpen
	}
	found, err := c.ask(ctx, r)
	c.note(err == nil || ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded))
	if err != nil {
		c.Failed.Add(1)
		return dst, err
	}
	return append(dst, found...), nil
}

func (c *Client) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures < maxFailures {
		return true
	}
	if c.options.now().Before(c.until) {
		return false
	}
	c.until = c.options.now().Add(openDuration) // one may try, the others wait
	return true
}

func (c *Client) note(well bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if well {
		c.failures = 0
		return
	}
	if c.failures++; c.failures >= maxFailures {
		c.until = c.options.now().Add(openDuration)
	}
}

func (c *Client) ask(ctx context.Context, r pii.Request) ([]pii.Span, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	q := question{Text: r.Text, Language: c.language(r.Language), Context: r.Context, AllowList: r.Allow, ScoreThreshold: max(r.MinScore, 0)}
	if r.MinScore == 0 {
		q.ScoreThreshold = pii.DefaultMinScore
	}
	for _, t := range r.Entities {
		q.Entities = append(q.Entities, string(t))
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, errors.New("presidio: write a question")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("presidio: make a question")
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.options.Client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("presidio: ask the analyzer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		// Its body may quote the text.
		return nil, fmt.Errorf("presidio: the analyzer answered with status %d", response.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("presidio: read the answer: %w", err)
	}
	var answers []answer
	if len(raw) > maxAnswer || json.Unmarshal(raw, &answers) != nil {
		return nil, ErrAnswer
	}
	return spans(r, answers)
}

func (c *Client) language(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(code), "-")
	if slices.Contains(c.options.Languages, code) {
		return code
	}
	return c.options.Languages[0]
}

// spans turns the analyzer's code points into bytes. One place outside the text
// makes the whole answer worthless.
func spans(r pii.Request, answers []answer) ([]pii.Span, error) {
	text := r.Text
	at := make([]int, 0, len(text)+1)
	for i := range text {
		at = append(at, i)
	}
	at = append(at, len(text))
	known := pii.Types()
	var out []pii.Span
	for _, a := range answers {
		if a.Start == nil || a.End == nil || a.Score == nil || *a.Start < 0 || *a.End >= len(at) || *a.Start >= *a.End || !(*a.Score >= 0 && *a.Score <= 1) {
			return nil, ErrAnswer
		}
		if _, ok := slices.BinarySearch(known, pii.Type(a.Type)); !ok || pii.Type(a.Type) == pii.NRP && !slices.Contains(r.Entities, pii.NRP) {
			continue
		}
		out = append(out, pii.Span{
			Type: pii.Type(a.Type), Start: at[*a.Start], End: at[*a.End], RuneStart: *a.Start, RuneEnd: *a.End,
			Score: *a.Score, Source: pii.FromOther, Reason: "Presidio",
		})
	}
	slices.SortFunc(out, func(a, b pii.Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.Score, a.Score), cmp.Compare(b.End, a.End))
	})
	return out, nil
}
