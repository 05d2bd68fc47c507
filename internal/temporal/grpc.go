package temporal

import (
	"context"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// intercept is a grpc.UnaryClientInterceptor around every call to the server.
func (l *loader) intercept(
	ctx context.Context, method string, request, answer any,
	conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if message, ok := request.(proto.Message); ok {
		blankQueryErrors(message)
		err := l.clearSummaries(ctx, message)
		if err == nil {
			err = l.refusePlaintext(ctx, message)
		}
		if err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
	}
	if err := invoke(ctx, method, request, answer, conn, options...); err != nil {
		// A failed load shows when the SDK opens the reason.
		_ = l.load(ctx, l.needsOfError(ctx, err))
		return err
	}
	message, ok := answer.(proto.Message)
	if !ok {
		return nil
	}
	names, err := l.needs(ctx, message)
	if err == nil {
		err = l.load(ctx, names)
	}
	if err == nil {
		return nil
	}
	switch answer.(type) {
	case *workflowservice.PollActivityTaskQueueResponse, *workflowservice.RespondWorkflowTaskCompletedResponse,
		*workflowservice.StartWorkflowExecutionResponse:
		// Dropped here, a task would wait for its own time-out, and an activity's
		// may be long. Passed on, it fails in the codec and is soon repeated.
		return nil
	}
	// The cause may come from a driver and say more than a log should hold.
	return status.Error(codes.Unavailable, "payload keys cannot be loaded: is the key database up?")
}

// errPlaintextOut names no content, only the kind of message.
var errPlaintextOut = errors.New("refused to send a payload that is not sealed")

// refusePlaintext is the last belt: whatever way a payload took around the
// codec, it does not leave. Headers are exempt: propagators write them, and
// tracing needs to read them. So are summaries of a known form.
func (l *loader) refusePlaintext(ctx context.Context, message proto.Message) error {
	return proxy.VisitPayloads(ctx, message, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(visit *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			if _, ok := visit.Parent.(*commonpb.Header); ok {
				return payloads, nil
			}
			_, summary := visit.Parent.(*sdkpb.UserMetadata)
			for _, p := range payloads {
				if summary && l.codec.isClear(p) {
					continue
				}
				if _, err := sealedUnder(p); err != nil {
					return nil, fmt.Errorf("%w (in %T of %T)", errPlaintextOut, visit.Parent, message)
				}
			}
			return payloads, nil
		},
		WellKnownAnyVisitor: func(visit *proxy.VisitPayloadsContext, any *anypb.Any) error {
			inner, err := any.UnmarshalNew()
			if err != nil {
				return nil
			}
			return l.refusePlaintext(visit.Context, inner)
		},
	})
}

// blankQueryErrors removes the plain copy of an error that the SDK sends beside
// the sealed failure of a query.
func blankQueryErrors(message proto.Message) {
	switch m := message.(type) {
	case *workflowservice.RespondQueryTaskCompletedRequest:
		if m.ErrorMessage != "" {
			m.ErrorMessage = withheldText
		}
	case *workflowservice.RespondWorkflowTaskCompletedRequest:
		for _, result := range m.GetQueryResults() {
			if result.ErrorMessage != "" {
				result.ErrorMessage = withheldText
			}
		}
	}
}
