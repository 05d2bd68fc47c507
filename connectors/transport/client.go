package transport

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Client is one hotel's way to one vendor. It is safe for concurrent use.
type Client struct {
	stack    *Stack
	o        Settings
	base     *url.URL
	limiter  Limiter
	bulkhead *bulkhead
	breaker  circuitbreaker.CircuitBreaker[Response]
	retry    retrypolicy.RetryPolicy[Response]
	past     *past
}

// Do makes the call and answers with the vendor's 2xx response. Every error is
// a *pms.Error.
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	response, err := c.do(ctx, call)
	if err != nil {
		return Response{}, c.named(call, err)
	}
	if response.out.IsValid() {
		reflect.ValueOf(call.Out).Elem().Set(response.out)
	}
	return response, nil
}

func (c *Client) do(ctx context.Context, call Call) (Response, error) {
	switch {
	case call.Effect != Read:
		return c.guarded(ctx, call)
	case once(ctx):
		return c.hedged(ctx, call)
	}
	return failsafe.With[Response](c.retry).WithContext(ctx).Get(func() (Response, error) {
		return c.hedged(ctx, call)
	})
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

// guarded makes one attempt in the hotel's bulkhead and behind its circuit
// breaker.
func (c *Client) guarded(ctx context.Context, call Call) (Response, error) {
	leave, err := c.bulkhead.enter(ctx, call.Effect)
	if err != nil {
		return Response{}, err
	}
	defer leave()
	if !c.breaker.TryAcquirePermit() {
		return Response{}, &pms.Error{
			Kind:       pms.ErrUnavailable,
			Detail:     "its last requests failed; it gets a pause",
			RetryAfter: max(c.breaker.RemainingDelay(), minRetryAfter),
		}
	}
	response, err := c.attempt(ctx, call)
	c.past.note(call.Operation, outcome(ctx, call.Effect, err))
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
	return Response{}, err
}

// saysNothing tells a failure from which nothing follows about the vendor: the
// caller hung up, or our own limiter stopped the request.
func saysNothing(ctx context.Context, err error) bool {
	var failure *pms.Error
	own := errors.As(err, &failure) && failure.Kind == pms.ErrRateLimited && failure.Status == 0
	return own || errors.Is(ctx.Err(), context.Canceled)
}

// outcome names how an attempt ended. A read that its caller gave up, or that
// another attempt overtook, is no failure of the vendor.
func outcome(ctx context.Context, effect Effect, err error) string {
	switch {
	case err == nil:
		return "ok"
	case effect == Read && errors.Is(ctx.Err(), context.Canceled):
		return "cancelled"
	}
	return pms.KindName(err)
}

// attempt sends the call, and once more with fresh credentials when they were
// refused: a 401 says that nothing happened, so that is safe for a write too.
func (c *Client) attempt(ctx context.Context, call Call) (Response, error) {
	for first := true; ; first = false {
		request, outgoing, err := c.request(ctx, call)
		if err != nil {
			return Response{}, err
		}
		response, err := c.exchange(ctx, call, request)
		if response.Status != http.StatusUnauthorized || c.o.Authorizer == nil {
			return response, err
		}
		c.o.Authorizer.Refused(outgoing)
		if !first {
			return response, err
		}
	}
}

// named fills in vendor, hotel and operation; anything that is no *pms.Error
// yet is a context's end.
func (c *Client) named(call Call, err error) error {
	var failure *pms.Error
	if !errors.As(err, &failure) {
		failure = &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
	}
	// A copy: callers that waited for one token share its error.
	own := *failure
	own.Vendor, own.Hotel, own.Operation = c.o.Vendor, c.o.Hotel, call.Operation
	return &own
}
