package transport

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"

	"github.com/voicehive/voicehive/connectors/pms"
)

// hedged makes a read's attempt and, where the hotel's tuning allows it, one
// more beside it when the first is slow. The first good answer wins and the
// other attempt is cancelled; both count against limits and bulkhead. While the
// circuit is not closed the vendor is spared that.
func (c *Client) hedged(ctx context.Context, call Call) (Response, error) {
	after := c.tuning(call).HedgeAfter
	if after <= 0 || !c.breaker.IsClosed() {
		return c.guarded(ctx, call)
	}
	var twice atomic.Bool
	policy := hedgepolicy.NewBuilderWithDelay[Response](after).
		OnHedge(func(failsafe.ExecutionEvent[Response]) {
			twice.Store(true)
			c.stack.hedges.WithLabelValues(c.o.Vendor, call.Operation).Inc()
		}).
		// A failure of the first alone is final: repeating is not done here. Of
		// two attempts one may still bring an answer.
		CancelIf(func(_ Response, err error) bool { return err == nil || !twice.Load() || final(err) }).
		Build()
	return failsafe.With[Response](policy).WithContext(ctx).GetWithExecution(func(e failsafe.Execution[Response]) (Response, error) {
		return c.guarded(e.Context(), call)
	})
}

// final tells an answer of the vendor from a failure that says nothing about
// what another attempt will find.
func final(err error) bool {
	var failure *pms.Error
	return errors.As(err, &failure) && failure.Status != 0 && !errors.Is(err, pms.ErrUnavailable)
}
