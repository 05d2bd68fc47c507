package redaction_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/redaction"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/pii"
	masking "github.com/voicehive/voicehive/compliance/pii/redaction"
)

type store struct {
	turns []calls.Turn
	fail  error
}

func (s store) Turns(_ context.Context, _, _ string, after, most int) ([]calls.Turn, error) {
	var out []calls.Turn
	for _, t := range s.turns {
		if t.Seq > after && len(out) < most {
			out = append(out, t)
		}
	}
	return out, s.fail
}

func environment(s store) *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	redaction.Register(env, redaction.New(pii.New(pii.Options{}), s, nil))
	return env
}

func where(sink string) redaction.Context {
	return redaction.Context{Hotel: "aurora", Call: "01", Sink: sink, Language: "en", Known: pii.Known{Names: []string{"Margaret Oduya"}}}
}

func TestTurnsAreMaskedInBatches(t *testing.T) {
	t.Parallel()
	env := environment(store{turns: []calls.Turn{
		{Seq: 1, Speaker: calls.Agent, Text: "Who am I speaking to?"}, {Seq: 2, Speaker: calls.Caller, Text: "oduya, as before"},
		{Seq: 3, Speaker: calls.Caller, Text: "\xff"},
	}})
	var all []redaction.Turn
	request := redaction.TurnsRequest{Context: where("logs"), Most: 2}
	suppressed := 0
	for more := true; more; {
		value, err := env.ExecuteActivity(redaction.TurnsActivity, request)
		require.NoError(t, err)
		var reply redaction.TurnsReply
		require.NoError(t, value.Get(&reply))
		all = append(all, reply.Turns...)
		suppressed += reply.Suppressed
		request.After, more = reply.Next, reply.More
	}
	require.Equal(t, []redaction.Turn{
		{Seq: 1, Speaker: calls.Agent, Text: "Who am I speaking to?"}, {Seq: 2, Speaker: calls.Caller, Text: "<PERSON>, as before"},
		{Seq: 3, Speaker: calls.Caller, Text: masking.Suppressed},
	}, all)
	require.Equal(t, 1, suppressed)
}

func TestTextOfATurn(t *testing.T) {
	t.Parallel()
	value, err := environment(store{}).ExecuteActivity(redaction.TextActivity, redaction.TextRequest{Context: where("live_model"), Texts: []string{"it's Margaret Oduya", "Margaret Oduya again"}})
	require.NoError(t, err)
	var texts []string
	require.NoError(t, value.Get(&texts))
	require.Equal(t, []string{"it's <PERSON_1>", "<PERSON_1> again"}, texts)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	unknown := where("logs")
	unknown.Expect = []pii.Type{"NOTHING"}
	for _, request := range []redaction.TextRequest{
		{Context: where("nowhere"), Texts: []string{"x"}}, {Context: where("transcript"), Texts: []string{"x"}},
		{Context: unknown, Texts: []string{"x"}}, {Context: where("logs"), Texts: make([]string, redaction.MaxTexts+1)},
	} {
		_, err := environment(store{}).ExecuteActivity(redaction.TextActivity, request)
		var refused *temporal.ApplicationError
		require.ErrorAs(t, err, &refused)
		require.True(t, refused.NonRetryable())
	}
	_, err := environment(store{fail: errors.New("down")}).ExecuteActivity(redaction.TurnsActivity, redaction.TurnsRequest{Context: where("logs")})
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.False(t, failed.NonRetryable(), "a database comes back")
}
