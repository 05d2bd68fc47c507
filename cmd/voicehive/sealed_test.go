//go:build (full && linux) || bench

package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

// payloadsOf are the sealed payloads of a workflow's history.
func payloadsOf(ctx context.Context, t *testing.T, parts *parts, workflow string) (payloads []*commonpb.Payload) {
	t.Helper()
	history, err := parts.temporal.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: defaultNamespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflow},
		HistoryEventFilterType: enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	})
	require.NoError(t, err)
	require.NoError(t, proxy.VisitPayloads(ctx, history, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, found []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range found {
				if string(p.Metadata["encoding"]) == "binary/encrypted" {
					payloads = append(payloads, p)
				}
			}
			return found, nil
		},
	}))
	require.NotEmpty(t, payloads)
	return payloads
}

// sealing is the converter with which a client seals for a workflow, as the SDK
// gets it from the plugin.
func sealing(ctx context.Context, t *testing.T, parts *parts, workflow string) converter.DataConverter {
	t.Helper()
	plugin, err := parts.plugin(defaultNamespace)
	require.NoError(t, err)
	require.NoError(t, plugin.Prepare(ctx, workflow))
	options := client.Options{Namespace: defaultNamespace}
	require.NoError(t, plugin.ConfigureClient(ctx, client.PluginConfigureClientOptions{ClientOptions: &options}))
	return converter.WithDataConverterSerializationContext(options.DataConverter,
		converter.WorkflowSerializationContext{Namespace: defaultNamespace, WorkflowID: workflow})
}
