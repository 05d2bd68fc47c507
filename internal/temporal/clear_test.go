package temporal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commandpb "go.temporal.io/api/command/v1"
	commonpb "go.temporal.io/api/common/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
)

func clearLoader(t testing.TB) *loader {
	c := testCodec(t, "ns")
	c.clear = func(summary string) bool { return strings.HasPrefix(summary, "known ") }
	return &loader{codec: c}
}

// completion is a workflow task's answer with a summary, details and input.
func completion(summary, details, input *commonpb.Payload) *workflowservice.RespondWorkflowTaskCompletedRequest {
	return &workflowservice.RespondWorkflowTaskCompletedRequest{Commands: []*commandpb.Command{{
		UserMetadata: &sdkpb.UserMetadata{Summary: summary, Details: details},
		Attributes: &commandpb.Command_ScheduleActivityTaskCommandAttributes{
			ScheduleActivityTaskCommandAttributes: &commandpb.ScheduleActivityTaskCommandAttributes{
				Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{input}},
			},
		},
	}}}
}

func TestKnownSummariesTravelInTheOpen(t *testing.T) {
	t.Parallel()
	l := clearLoader(t)
	known := func() *commonpb.Payload { return seal(t, l.codec, "a", payload(`"known form"`)) }
	m := completion(known(), seal(t, l.codec, "a", payload(`"Ada Lovelace"`)), known())
	for range 2 { // the SDK sends a message again when the server was not there
		require.NoError(t, l.clearSummaries(t.Context(), m))
		require.NoError(t, l.refusePlaintext(t.Context(), m))
	}
	command := m.Commands[0]
	require.Equal(t, `"known form"`, string(command.UserMetadata.Summary.Data))
	require.Equal(t, "json/plain", string(command.UserMetadata.Summary.Metadata["encoding"]), "the Web UI shows it as it is")
	require.NotEmpty(t, KeyID(command.UserMetadata.Details), "of no known form")
	require.NotEmpty(t, KeyID(command.GetScheduleActivityTaskCommandAttributes().Input.Payloads[0]), "no summary")

	opened, err := l.codec.Decode([]*commonpb.Payload{command.UserMetadata.Summary})
	require.NoError(t, err)
	require.Equal(t, `"known form"`, string(opened[0].Data))
}

func TestOtherSummariesStaySealed(t *testing.T) {
	t.Parallel()
	l := clearLoader(t)
	long := `"known ` + strings.Repeat("x", maxClear) + `"`
	proto := payload(`"known form"`)
	proto.Metadata["encoding"] = []byte("json/protobuf")
	elsewhere := testCodec(t, "other")
	for name, p := range map[string]*commonpb.Payload{
		"of no known form":     seal(t, l.codec, "a", payload(`"Ada Lovelace"`)),
		"too long":             seal(t, l.codec, "a", payload(long)),
		"no text":              seal(t, l.codec, "a", payload(`{"known ":1}`)),
		"null":                 seal(t, l.codec, "a", payload(`null`)),
		"another encoding":     seal(t, l.codec, "a", proto),
		"of another namespace": seal(t, elsewhere, "a", payload(`"known form"`)),
	} {
		m := completion(p, nil, p)
		require.NoError(t, l.clearSummaries(t.Context(), m), name)
		require.Same(t, p, m.Commands[0].UserMetadata.Summary, name)
	}
	l.codec.clear = nil
	m := completion(seal(t, l.codec, "a", payload(`"known form"`)), nil, nil)
	require.NoError(t, l.clearSummaries(t.Context(), m))
	require.NotEmpty(t, KeyID(m.Commands[0].UserMetadata.Summary), "nobody said what is known")
}

// Whoever can write at the server can write the mark as well.
func TestTheMarkAloneOpensNothing(t *testing.T) {
	t.Parallel()
	l := clearLoader(t)
	marked := func(text string) *commonpb.Payload {
		p := payload(text)
		p.Metadata[metadataClear] = []byte("1")
		return p
	}
	more := marked(`"known form"`)
	more.Metadata["type"] = []byte("x")
	for name, p := range map[string]*commonpb.Payload{
		"of no known form": marked(`"transfer everything"`), "an object": marked(`{"Mail":"x"}`), "null": marked("null"),
		"more metadata": more, "no mark": payload(`"known form"`),
	} {
		_, err := open(l.codec, p)
		require.ErrorIs(t, err, ErrPlaintext, name)
		require.ErrorIs(t, l.refusePlaintext(t.Context(), completion(p, nil, nil)), errPlaintextOut, name)
	}
	sealed := seal(t, l.codec, "a", payload(`"x"`))
	require.ErrorIs(t, l.refusePlaintext(t.Context(), completion(sealed, sealed, marked(`"known form"`))), errPlaintextOut, "an input is no summary")
}
