package restriction

import (
	"context"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
)

// business are the first words of the workflow ids that are a booking's or a
// call's: their last word is the scope. Requests, erasures and messages go on.
var business = []string{"booking", "call"}

// Starts keeps workflows from being started, and updated with a start, for
// what is restricted: ErrRestricted. Those under way go on, and find the data
// sealed.
func Starts(s *Store) interceptor.ClientInterceptor { return &starts{store: s} }

type starts struct {
	interceptor.ClientInterceptorBase
	store *Store
}

// InterceptClient implements interceptor.ClientInterceptor.
func (i *starts) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	outbound := &outbound{store: i.store}
	outbound.Next = next
	return outbound
}

type outbound struct {
	interceptor.ClientOutboundInterceptorBase
	store *Store
}

// ExecuteWorkflow implements interceptor.ClientOutboundInterceptor.
func (o *outbound) ExecuteWorkflow(ctx context.Context, in *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	if err := o.check(ctx, in.Options.ID); err != nil {
		return nil, err
	}
	return o.Next.ExecuteWorkflow(ctx, in)
}

// SignalWithStartWorkflow implements interceptor.ClientOutboundInterceptor.
func (o *outbound) SignalWithStartWorkflow(ctx context.Context, in *interceptor.ClientSignalWithStartWorkflowInput) (client.WorkflowRun, error) {
	if err := o.check(ctx, in.Options.ID); err != nil {
		return nil, err
	}
	return o.Next.SignalWithStartWorkflow(ctx, in)
}

// UpdateWithStartWorkflow implements interceptor.ClientOutboundInterceptor.
func (o *outbound) UpdateWithStartWorkflow(ctx context.Context, in *interceptor.ClientUpdateWithStartWorkflowInput) (client.WorkflowUpdateHandle, error) {
	if err := o.check(ctx, in.UpdateOptions.WorkflowID); err != nil {
		return nil, err
	}
	return o.Next.UpdateWithStartWorkflow(ctx, in)
}

func (o *outbound) check(ctx context.Context, workflow string) error {
	parts := strings.Split(workflow, "/")
	if len(parts) != 3 || !slices.Contains(business, parts[0]) {
		return nil
	}
	return o.store.Check(ctx, parts[1], parts[2])
}
