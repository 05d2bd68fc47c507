package temporal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
)

func TestOpenTellsWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one", "two", "gone"), worker.Options{})
	var sealed []*commonpb.Payload
	for _, id := range []string{"call/one", "call/two", "call/gone"} {
		run, err := r.sealed.ExecuteWorkflow(t.Context(), options(id), "Child", guest{marker})
		require.NoError(t, err)
		require.NoError(t, run.Get(t.Context(), nil))
		sealed = append(sealed, r.history(t, id).Events[0].GetWorkflowExecutionStartedEventAttributes().Input.Payloads[0])
	}
	r.vault.destroy("gone")
	moved := &commonpb.Payload{Metadata: map[string][]byte{}, Data: sealed[0].Data}
	for name, value := range sealed[1].Metadata {
		moved.Metadata[name] = value // says that it is two's
	}
	forged := &commonpb.Payload{Metadata: map[string][]byte{}, Data: sealed[0].Data}
	for name, value := range sealed[0].Metadata {
		forged.Metadata[name] = []byte(strings.ReplaceAll(string(value), "one/1", "nobody/1"))
	}
	plain := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`1`)}
	asked := append(sealed, moved, forged, plain)

	mayOne := func(id string) bool { return id != "two/1" }
	got := r.plugin.Open(t.Context(), asked, mayOne)
	require.Contains(t, string(got[0].Payload.Data), marker)
	require.ErrorIs(t, got[1].Err, temporal.ErrWithheld)
	require.Nil(t, got[1].Payload)
	require.True(t, temporal.IsErased(got[2].Payload))
	require.ErrorIs(t, got[3].Err, temporal.ErrWithheld)
	require.ErrorIs(t, got[4].Err, temporal.ErrKeyUnknown)
	require.ErrorIs(t, got[5].Err, temporal.ErrPlaintext)
	require.Empty(t, got[5].KeyID)
	got = r.plugin.Open(t.Context(), asked, func(string) bool { return true })
	require.ErrorIs(t, got[3].Err, temporal.ErrTampered)

	r.vault.forget(errDown)
	got = r.plugin.Open(t.Context(), asked[:1], mayOne)
	require.ErrorIs(t, got[0].Err, temporal.ErrKeyNotLoaded)

	elsewhere, err := temporal.NewPlugin(temporal.Options{Namespace: "elsewhere", Keys: r.vault, ScopeOf: lastPart, Patience: time.Millisecond})
	require.NoError(t, err)
	r.vault.forget(nil)
	got = elsewhere.Open(t.Context(), asked[:1], mayOne)
	require.ErrorIs(t, got[0].Err, temporal.ErrTampered, "sealed for another namespace")
}

func TestSummariesOfAKnownFormAreReadAtTheServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, newVault("one"), worker.Options{})
	plugin, err := temporal.NewPlugin(temporal.Options{
		Namespace: r.namespace, Keys: r.vault, ScopeOf: lastPart,
		Clear: func(summary string) bool { return summary == "a call" },
	})
	require.NoError(t, err)
	starter := temporaltest.Client(t, client.Options{Namespace: r.namespace, Plugins: []client.Plugin{plugin}})
	o := options("call/one")
	o.StaticSummary = "a call"
	run, err := starter.ExecuteWorkflow(t.Context(), o, "Child", guest{marker})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))

	history := r.history(t, "call/one")
	requireNoMarker(t, history)
	require.Equal(t, `"a call"`, string(history.Events[0].GetUserMetadata().GetSummary().GetData()))
	require.NotEmpty(t, temporal.KeyID(history.Events[0].GetUserMetadata().GetDetails()))
	described, err := starter.DescribeWorkflow(t.Context(), "call/one", "")
	require.NoError(t, err)
	summary, err := described.GetStaticSummary()
	require.NoError(t, err)
	require.Equal(t, "a call", summary)
	details, err := described.GetStaticDetails()
	require.NoError(t, err)
	require.Equal(t, marker, details)
}
