package speech_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/speech"
	"github.com/voicehive/voicehive/internal/riva"
)

// recogniser answers with what it says.
type recogniser struct{ says error }

func (r recogniser) Health(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		return errors.New("the question has no end")
	}
	return r.says
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		says  error
		fails bool
		final bool
	}{
		{says: nil},
		{says: fmt.Errorf("wrapped: %w", riva.ErrNotServing), fails: true, final: true},
		{says: errors.New("no route to host"), fails: true},
	} {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		speech.Register(env, speech.New(recogniser{test.says}))
		_, err := env.ExecuteActivity(speech.ProbeActivity)
		if !test.fails {
			require.NoError(t, err)
			continue
		}
		var failed *temporal.ApplicationError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, test.final, failed.NonRetryable())
	}
}
