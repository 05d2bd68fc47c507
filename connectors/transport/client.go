package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Effect tells whether a call changes something at the vendor. The zero value
// is Write, so that forgetting it is safe.
type Effect int

// The effects of a call.
const (
	Write Effect = iota
	Read
)

// A Call is one operation of a vendor's API.
type Call struct {
	Operation string // for metrics and errors: "create"
	Effect    Effect
	Method    string
	// Path is joined to the base URL; parts that come from outside must be
	// escaped with url.PathEscape.
	Path   string
	Query  url.Values
	Header http.Header
	// Body is sent as it is, as application/json; nil sends none.
	Body []byte
	// Out, a pointer, takes a successful JSON answer. With an Out, an empty answer other
	// than to a read with status 204 is an untrustworthy one. An Out with a
	// method Check() error judges itself: an error makes the answer
	// untrustworthy too.
	Out any
}

// A Response is an answer that was read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// An Authorizer puts credentials on requests.
type Authorizer interface {
	// Authorize adds the credentials to the header of a request.
	Authorize(ctx context.Context, h http.Header) error
	// Refused tells that the vendor answered 401 to a request with this
	// header, so that the next Authorize brings other credentials.
	Refused(h http.Header)
}

// queueTimeout bounds the wait for a limiter, before the request's own time
// begins.
const queueTimeout = 5 * time.Second

// A Client is one hotel's way to one vendor. It is safe for concurrent use.
type Client struct {
	stack   *Stack
	o       Settings
	base    *url.URL
	limiter Limiter
	breaker circuitbreaker.CircuitBreaker[Response]
	retry   retrypolicy.RetryPolicy[Response]
}

// Do makes the call and answers with the vendor's 2xx response. Every error is
// a *pms.Error.
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	if call.Effect != Read {
		return c.guarded(ctx, call)
	}
	response, err := failsafe.With[Response](c.retry).WithContext(ctx).Get(func() (Response, error) {
		return c.guarded(ctx, call)
	})
	if err != nil {
		return Response{}, c.named(call, err)
	}
	return response, nil
}

// newReadRetry repeats a read once when the vendor could not be reached or
// failed, unless it, or an open circuit, said when to come back.
func newReadRetry() retrypolicy.RetryPolicy[Response] {
	return retrypolicy.NewBuilder[Response]().
		HandleIf(func(_ Response, err error) bool {
			var failure *pms.Error
			return errors.As(err, &failure) && failure.Kind == pms.ErrUnavailable && failure.RetryAfter == 0 &&
				!errors.Is(err, context.Canceled)
		}).
		WithMaxRetries(1).
		WithRandomDelay(50*time.Millisecond, 250*time.Millisecond).
		ReturnLastFailure().
		Build()
}

// guarded makes one attempt behind the circuit breaker.
func (c *Client) guarded(ctx context.Context, call Call) (Response, error) {
	if !c.breaker.TryAcquirePermit() {
		return Response{}, c.named(call, &pms.Error{
			Kind:       pms.ErrUnavailable,
			Detail:     "its last requests failed; it gets a pause",
			RetryAfter: max(c.breaker.RemainingDelay(), minRetryAfter),
		})
	}
	response, err := c.attempt(ctx, call)
	switch {
	case err == nil:
		c.breaker.RecordSuccess()
		return response, nil
	case saysNothing(ctx, err) && !c.breaker.IsHalfOpen():
	case saysNothing(ctx, err), errors.Is(err, pms.ErrUnavailable), errors.Is(err, pms.ErrOutcomeUnknown):
		// While half open a permit must be given back, so doubt is a failure.
		c.breaker.RecordFailure()
	default:
		c.breaker.RecordSuccess()
	}
	return Response{}, c.named(call, err)
}

// saysNothing tells a failure from which nothing follows about the vendor: the
// caller hung up, or our own limiter stopped the request.
func saysNothing(ctx context.Context, err error) bool {
	var failure *pms.Error
	own := errors.As(err, &failure) && failure.Kind == pms.ErrRateLimited && failure.Status == 0
	return own || errors.Is(ctx.Err(), context.Canceled)
}

// attempt sends the call, and once more with fresh credentials when they were
// refused: a 401 says that nothing happened, so that is safe for a write too.
func (c *Client) attempt(ctx context.Context, call Call) (Response, error) {
	for first := true; ; first = false {
		request, err := c.request(ctx, call)
		if err != nil {
			return Response{}, err
		}
		response, err := c.exchange(ctx, call, request)
		if response.Status != http.StatusUnauthorized || c.o.Authorizer == nil {
			return response, err
		}
		c.o.Authorizer.Refused(request.Header)
		if !first {
			return response, err
		}
	}
}

// request waits for the limiter and builds a request with credentials.
func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	queue, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	if err := c.limiter.Wait(queue, call.Effect); err != nil {
		return nil, notSent(err)
	}
	target := *c.base
	target = *target.JoinPath(call.Path)
	target.RawQuery = call.Query.Encode()
	request, err := http.NewRequestWithContext(ctx, call.Method, target.String(), nil)
	if err != nil {
		return nil, &pms.Error{Kind: pms.ErrValidation, Detail: "the request cannot be written as HTTP"}
	}
	if call.Body != nil {
		// No GetBody: see the package's word on who repeats.
		request.Body = io.NopCloser(bytes.NewReader(call.Body))
		request.ContentLength = int64(len(call.Body))
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "VoiceHive")
	for name, values := range call.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if c.o.Authorizer != nil {
		if err := c.o.Authorizer.Authorize(ctx, request.Header); err != nil {
			return nil, notSent(err)
		}
	}
	return request, nil
}

// notSent is a failure before a request existed: a limiter's or a token's.
func notSent(err error) error {
	var failure *pms.Error
	if errors.As(err, &failure) {
		return failure
	}
	return &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
}

// exchange sends one request, reads its answer and judges it.
func (c *Client) exchange(ctx context.Context, call Call, request *http.Request) (Response, error) {
	timeout := c.o.WriteTimeout
	if call.Effect == Read {
		timeout = c.o.ReadTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var reached sent
	start := time.Now()
	response, err := c.send(request.WithContext(reached.trace(ctx)))
	switch {
	case err != nil && !reached.maybe():
		err = &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
	case err != nil:
		err = c.untrusted(call, response, err)
	default:
		err = c.judge(call, response)
	}
	took := time.Since(start)
	c.stack.observe(c.o.Vendor, call.Operation, err, took)
	c.log(ctx, call, response.Status, err, took)
	return response, err
}

// send does the exchange; its error is not cleaned yet.
func (c *Client) send(request *http.Request) (Response, error) {
	answer, err := c.stack.http.Do(request)
	if err != nil {
		return Response{}, err
	}
	defer answer.Body.Close()
	response := Response{Status: answer.StatusCode, Header: answer.Header}
	response.Body, err = io.ReadAll(io.LimitReader(answer.Body, c.o.MaxBody+1))
	if int64(len(response.Body)) > c.o.MaxBody {
		response.Body = nil
		return response, errTooLarge
	}
	return response, err
}

// untrusted is the failure of a request that may have arrived. A refusal is a
// refusal even when its text was cut off: its status says that nothing happened.
func (c *Client) untrusted(call Call, r Response, err error) error {
	if r.Status >= 400 && r.Status < 500 {
		return c.refusal(call, r)
	}
	if !errors.Is(err, errTooLarge) {
		err = cause(err)
	}
	return &pms.Error{Kind: lost(call.Effect), Status: r.Status, Cause: err}
}

// judge decides whether an answer that was read whole can be trusted.
func (c *Client) judge(call Call, r Response) error {
	if r.Status < 200 || r.Status > 299 {
		return c.refusal(call, r)
	}
	malformed := &pms.Error{Kind: lost(call.Effect), Status: r.Status, Detail: errMalformed.Error(), Cause: errMalformed}
	if len(r.Body) == 0 {
		if call.Out == nil || call.Effect == Read && r.Status == http.StatusNoContent {
			return nil
		}
		return malformed
	}
	if call.Out == nil {
		// Nothing is expected, but a page of HTML is not from the vendor.
		if !json.Valid(r.Body) {
			return malformed
		}
		return nil
	}
	// A first attempt may have left half an answer there.
	reflect.ValueOf(call.Out).Elem().SetZero()
	if err := json.Unmarshal(r.Body, call.Out); err != nil {
		return malformed
	}
	if checked, ok := call.Out.(interface{ Check() error }); ok && checked.Check() != nil {
		return malformed
	}
	return nil
}

// named fills in vendor and operation; anything that is no *pms.Error yet is a
// context's end.
func (c *Client) named(call Call, err error) error {
	var failure *pms.Error
	if !errors.As(err, &failure) {
		failure = &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
	}
	// A copy: callers that waited for one token share its error.
	own := *failure
	own.Vendor, own.Operation = c.o.Vendor, call.Operation
	return &own
}
