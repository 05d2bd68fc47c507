package temporal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// loader brings keys into memory before somebody needs them there.
type loader struct {
	keys     Keys
	scopeOf  ScopeOf
	codec    *codec
	missed   *names
	patience time.Duration
}

// prepare loads the key of the workflow's scope and tells whether it can be
// used to seal.
func (l *loader) prepare(ctx context.Context, workflowID string) error {
	scope, err := l.scopeOf(workflowID)
	if err != nil {
		return errors.Join(ErrNoScope, err)
	}
	if err := l.load(ctx, []string{scope}); err != nil {
		return err
	}
	_, _, err = l.keys.Current(scope)
	return err
}

// load repeats until the keys are there or patience ends.
func (l *loader) load(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	err := l.keys.Load(ctx, names...)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		if err = l.keys.Load(ctx, names...); err == nil {
			return nil
		}
	}
}

// besides bounds a load that the task at hand may do without.
const besides = time.Second

// loadMissed loads once what the codec missed before: a workflow that signals
// another one needs a key that its own task does not name. Whose key it was is
// not known, so it is loaded with any task; no other task fails for it.
func (l *loader) loadMissed(ctx context.Context) {
	set := map[string]struct{}{}
	l.missed.take(set)
	if len(set) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, besides)
	defer cancel()
	_ = l.keys.Load(ctx, sorted(set)...) // what cannot be loaded is missed again
}

// needs collects the names of all keys that the SDK may ask for because of an
// answer: those of its payloads, and for a task the scope it will seal under.
func (l *loader) needs(ctx context.Context, answer proto.Message) ([]string, error) {
	set := map[string]struct{}{}
	if err := keyIDs(ctx, answer, set); err != nil {
		return nil, err
	}
	if tasks := workflowsOf(answer); len(tasks) > 0 {
		l.loadMissed(ctx)
		for _, workflowID := range tasks {
			// An id without a scope fails in the codec, where it can be told.
			if scope, err := l.scopeOf(workflowID); err == nil {
				set[scope] = struct{}{}
			}
		}
	}
	return sorted(set), nil
}

// needsOfError is needs for what a gRPC error carries: a failed query's reason.
func (l *loader) needsOfError(ctx context.Context, err error) []string {
	set := map[string]struct{}{}
	for _, detail := range status.Convert(err).Proto().GetDetails() {
		if message, err := detail.UnmarshalNew(); err == nil {
			_ = keyIDs(ctx, message, set)
		}
	}
	return sorted(set)
}

func sorted(set map[string]struct{}) []string { return slices.Sorted(maps.Keys(set)) }

// keyIDs adds the key ids named by the payloads in message.
func keyIDs(ctx context.Context, message proto.Message, set map[string]struct{}) error {
	return proxy.VisitPayloads(ctx, message, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range payloads {
				if id, err := sealedUnder(p); err == nil {
					set[id] = struct{}{}
				}
			}
			return payloads, nil
		},
		// Updates travel as Any. The default would marshal each of them again.
		WellKnownAnyVisitor: func(visit *proxy.VisitPayloadsContext, any *anypb.Any) error {
			inner, err := any.UnmarshalNew()
			if err != nil {
				return nil // of a type unknown here, so the SDK does not read it either
			}
			return keyIDs(visit.Context, inner, set)
		},
	})
}

// workflowsOf returns the ids of the workflows whose tasks an answer hands out.
func workflowsOf(answer proto.Message) []string {
	switch m := answer.(type) {
	case *workflowservice.PollWorkflowTaskQueueResponse:
		if m.GetWorkflowExecution() != nil {
			return []string{m.GetWorkflowExecution().GetWorkflowId()}
		}
	case *workflowservice.PollActivityTaskQueueResponse:
		if m.GetWorkflowExecution() != nil {
			return []string{m.GetWorkflowExecution().GetWorkflowId()}
		}
	case *workflowservice.RespondWorkflowTaskCompletedResponse:
		ids := workflowsOf(m.GetWorkflowTask())
		for _, task := range m.GetActivityTasks() {
			ids = append(ids, workflowsOf(task)...)
		}
		return ids
	case *workflowservice.StartWorkflowExecutionResponse:
		return workflowsOf(m.GetEagerWorkflowTask())
	}
	return nil
}
