package workers

import (
	"context"

	"go.temporal.io/sdk/interceptor"

	"github.com/voicehive/voicehive/connectors/transport"
)

// once keeps connectors from repeating reads inside activities: Temporal is the
// one that repeats there, by the activity's own policy.
type once struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (*once) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &onceInbound{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type onceInbound struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (i *onceInbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	return i.Next.ExecuteActivity(transport.Once(ctx), in)
}
