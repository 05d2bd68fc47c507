package temporal

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
)

// clientInterceptor loads the key of a workflow before the SDK encodes what is
// sent to it. It sits early enough: the SDK encodes at the end of this chain.
type clientInterceptor struct {
	interceptor.ClientInterceptorBase
	loader *loader
}

// InterceptClient implements interceptor.ClientInterceptor.
func (i *clientInterceptor) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	outbound := &clientOutbound{loader: i.loader}
	outbound.Next = next
	return outbound
}

type clientOutbound struct {
	interceptor.ClientOutboundInterceptorBase
	loader *loader
}

func (o *clientOutbound) ExecuteWorkflow(ctx context.Context, in *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	return prepared(ctx, o.loader, in.Options.ID, func() (client.WorkflowRun, error) { return o.Next.ExecuteWorkflow(ctx, in) })
}

func (o *clientOutbound) CreateSchedule(ctx context.Context, in *interceptor.ScheduleClientCreateInput) (client.ScheduleHandle, error) {
	action, ok := in.Options.Action.(*client.ScheduleWorkflowAction)
	if !ok {
		return nil, ErrNoScope
	}
	return prepared(ctx, o.loader, action.ID, func() (client.ScheduleHandle, error) { return o.Next.CreateSchedule(ctx, in) })
}

func (o *clientOutbound) SignalWorkflow(ctx context.Context, in *interceptor.ClientSignalWorkflowInput) error {
	_, err := prepared(ctx, o.loader, in.WorkflowID, func() (any, error) { return nil, o.Next.SignalWorkflow(ctx, in) })
	return err
}

func (o *clientOutbound) SignalWithStartWorkflow(ctx context.Context, in *interceptor.ClientSignalWithStartWorkflowInput) (client.WorkflowRun, error) {
	return prepared(ctx, o.loader, in.Options.ID, func() (client.WorkflowRun, error) { return o.Next.SignalWithStartWorkflow(ctx, in) })
}

func (o *clientOutbound) TerminateWorkflow(ctx context.Context, in *interceptor.ClientTerminateWorkflowInput) error {
	if len(in.Details) == 0 {
		return o.Next.TerminateWorkflow(ctx, in) // an erased workflow, too, can be ended
	}
	_, err := prepared(ctx, o.loader, in.WorkflowID, func() (any, error) { return nil, o.Next.TerminateWorkflow(ctx, in) })
	return err
}

func (o *clientOutbound) QueryWorkflow(ctx context.Context, in *interceptor.ClientQueryWorkflowInput) (converter.EncodedValue, error) {
	return prepared(ctx, o.loader, in.WorkflowID, func() (converter.EncodedValue, error) { return o.Next.QueryWorkflow(ctx, in) })
}

func (o *clientOutbound) UpdateWorkflow(ctx context.Context, in *interceptor.ClientUpdateWorkflowInput) (client.WorkflowUpdateHandle, error) {
	return prepared(ctx, o.loader, in.WorkflowID, func() (client.WorkflowUpdateHandle, error) { return o.Next.UpdateWorkflow(ctx, in) })
}

func (o *clientOutbound) UpdateWithStartWorkflow(ctx context.Context, in *interceptor.ClientUpdateWithStartWorkflowInput) (client.WorkflowUpdateHandle, error) {
	if in.UpdateOptions.WorkflowID == "" {
		// The SDK would encode the update for no workflow at all.
		return nil, errors.New("update-with-start: set WorkflowID in UpdateOptions too, it chooses the key")
	}
	return prepared(ctx, o.loader, in.UpdateOptions.WorkflowID, func() (client.WorkflowUpdateHandle, error) {
		return o.Next.UpdateWithStartWorkflow(ctx, in)
	})
}

// prepared calls send with the workflow's key in memory. Should the key leave
// it again in between, the caller gets an error and no panic.
func prepared[T any](ctx context.Context, l *loader, workflowID string, send func() (T, error)) (result T, err error) {
	if err := l.prepare(ctx, workflowID); err != nil {
		return result, err
	}
	defer func() {
		if p := recover(); p != nil {
			missing, ok := p.(*NotLoadedError)
			if !ok {
				panic(p)
			}
			err = missing
		}
	}()
	return send()
}

// activityInterceptor loads the key again before an activity's result or
// heartbeat is sealed: it may have run for longer than a key stays in memory.
type activityInterceptor struct {
	interceptor.WorkerInterceptorBase
	loader *loader
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (i *activityInterceptor) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	inbound := &activityInbound{loader: i.loader}
	inbound.Next = next
	return inbound
}

type activityInbound struct {
	interceptor.ActivityInboundInterceptorBase
	loader *loader
}

func (i *activityInbound) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	with := &activityOutbound{loader: i.loader}
	with.Next = outbound
	return i.Next.Init(with)
}

func (i *activityInbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	// Not ctx for the load: a cancelled activity has a result to seal as well.
	workflowID := activity.GetInfo(ctx).WorkflowExecution.ID
	result, err := i.Next.ExecuteActivity(ctx, in)
	// When this fails the codec tells, and the attempt is repeated.
	_ = i.loader.prepare(context.WithoutCancel(ctx), workflowID)
	return result, err
}

type activityOutbound struct {
	interceptor.ActivityOutboundInterceptorBase
	loader *loader
}

func (o *activityOutbound) RecordHeartbeat(ctx context.Context, details ...any) {
	if len(details) > 0 {
		_ = o.loader.prepare(ctx, activity.GetInfo(ctx).WorkflowExecution.ID)
	}
	o.Next.RecordHeartbeat(ctx, details...)
}
