package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// queueTimeout bounds the wait for a limiter, before the request's own time
// begins.
const queueTimeout = 5 * time.Second

// request waits for the limiter and builds a request with credentials.
func (c *Client) request(ctx context.Context, call Call) (*http.Request, *Outgoing, error) {
	queue, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	if err := c.limiter.Wait(queue, call.Effect); err != nil {
		return nil, nil, notSent(err)
	}
	target := *c.base
	target = *target.JoinPath(call.Path)
	target.RawQuery = call.Query.Encode()
	request, err := http.NewRequestWithContext(ctx, call.Method, target.String(), nil)
	if err != nil {
		return nil, nil, &pms.Error{Kind: pms.ErrValidation, Detail: "the request cannot be written as HTTP"}
	}
	outgoing := &Outgoing{Header: request.Header, Body: call.Body}
	call.fill(outgoing.Header)
	if c.o.Authorizer != nil {
		if err := c.o.Authorizer.Authorize(ctx, outgoing); err != nil {
			return nil, nil, notSent(err)
		}
	}
	request.Header = outgoing.Header
	if outgoing.Body != nil {
		// No GetBody: see the package's word on who repeats.
		request.Body = io.NopCloser(bytes.NewReader(outgoing.Body))
		request.ContentLength = int64(len(outgoing.Body))
	}
	return request, outgoing, nil
}

// notSent is a failure before a request existed: a limiter's or a token's.
func notSent(err error) error {
	var failure *pms.Error
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.Is(err, errField):
		return &pms.Error{Kind: pms.ErrValidation, Detail: errField.Error()}
	}
	return &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
}

// exchange sends one request, reads its answer and judges it. Metric, span and
// log line tell of this one request.
func (c *Client) exchange(ctx context.Context, call Call, request *http.Request) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout(call))
	defer cancel()
	ctx, span := c.span(ctx, call)
	var reached sent
	start := time.Now()
	response, err := c.send(request.WithContext(reached.trace(ctx)))
	switch {
	case err != nil && !reached.maybe():
		err = &pms.Error{Kind: pms.ErrUnavailable, Cause: cause(err)}
	case err != nil:
		err = c.untrusted(call, response, err)
	default:
		err = c.judge(call, &response)
	}
	ended := ending{outcome: outcome(ctx, call.Effect, err), status: response.Status, took: time.Since(start)}
	c.stack.observe(c.o.Vendor, call.Operation, ended)
	c.log(ctx, call, ended)
	finish(span, ended)
	c.tell(ctx, response, err)
	return response, err
}

// ending is how one request ended.
type ending struct {
	outcome string
	status  int // 0: no answer
	took    time.Duration
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
