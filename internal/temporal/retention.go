package temporal

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// describeTime bounds a question about a namespace.
const describeTime = 10 * time.Second

// Retention asks the server for how long a namespace keeps runs that have ended.
func Retention(ctx context.Context, c client.Client, namespace string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTime)
	defer cancel()
	answer, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		return 0, fmt.Errorf("temporal: ask for how long runs are kept: %w", err)
	}
	return answer.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), nil
}
