package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/compliance/erasure"
)

// NewRuns is an erasure.Runs over a client of Temporal.
func NewRuns(c client.Client, namespace string) erasure.Runs { return runs{c, namespace} }

type runs struct {
	client    client.Client
	namespace string
}

const (
	// idsAtOnce is how many workflows one question is about.
	idsAtOnce = 50
	// width is how many runs are deleted at once.
	width = 16
)

// Count implements erasure.Runs.
func (r runs) Count(ctx context.Context, ids []string) (map[string]int, error) {
	all := map[string]int{}
	for part := range slices.Chunk(ids, idsAtOnce) {
		found, err := r.list(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, run := range found {
			all[run.GetExecution().GetWorkflowId()]++
		}
	}
	return all, nil
}

// Delete implements erasure.Runs: open ones are terminated first, and each run
// of a workflow is deleted by itself. What is listed still afterwards is an
// error that is worth another try.
func (r runs) Delete(ctx context.Context, ids []string) (int, error) {
	deleted := 0
	for part := range slices.Chunk(ids, idsAtOnce) {
		n, err := r.delete(ctx, part)
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

func (r runs) delete(ctx context.Context, ids []string) (int, error) {
	found, err := r.list(ctx, ids)
	if err != nil {
		return 0, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(width)
	for _, run := range found {
		group.Go(func() error { return r.end(ctx, run) })
	}
	// A run that began a moment ago may not be listed yet; its newest one is
	// always known by the workflow's id.
	for _, id := range ids {
		group.Go(func() error { return r.newest(ctx, id) })
	}
	return len(found), group.Wait()
}

// newest deletes the newest run of a workflow that the list has not shown.
func (r runs) newest(ctx context.Context, id string) error {
	described, err := r.client.DescribeWorkflowExecution(ctx, id, "")
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a workflow: %w", err)
	}
	return r.end(ctx, described.GetWorkflowExecutionInfo())
}

func (r runs) end(ctx context.Context, run *workflowpb.WorkflowExecutionInfo) error {
	its := run.GetExecution()
	var gone *serviceerror.NotFound
	if run.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		err := r.client.TerminateWorkflow(ctx, its.GetWorkflowId(), its.GetRunId(), "erased")
		if err != nil && !errors.As(err, &gone) {
			return fmt.Errorf("end a workflow: %w", err)
		}
	}
	_, err := r.client.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace:         r.namespace,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: its.GetWorkflowId(), RunId: its.GetRunId()},
	})
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("delete a run: %w", err)
	}
	return nil
}

// list is what the server lists of some workflows.
func (r runs) list(ctx context.Context, ids []string) (all []*workflowpb.WorkflowExecutionInfo, err error) {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = "'" + strings.ReplaceAll(id, "'", "") + "'"
	}
	ask := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: r.namespace, PageSize: 1000, Query: "WorkflowId IN (" + strings.Join(quoted, ", ") + ")",
	}
	for {
		page, err := r.client.ListWorkflow(ctx, ask)
		if err != nil {
			return nil, fmt.Errorf("list workflow runs: %w", err)
		}
		all = append(all, page.GetExecutions()...)
		if ask.NextPageToken = page.GetNextPageToken(); len(ask.NextPageToken) == 0 {
			return all, nil
		}
	}
}
