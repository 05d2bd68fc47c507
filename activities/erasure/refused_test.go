package erasure

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
)

// What no repetition changes is not repeated.
func TestWhatIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, final := range []error{
		erasure.ErrNobody, erasure.ErrTooMany, erasure.ErrNoPlan, rights.ErrForgotten, rights.ErrPeople, rights.ErrNotFound, keys.ErrDestroyed,
	} {
		var said *temporal.ApplicationError
		require.ErrorAs(t, refused(fmt.Errorf("plan: %w", final)), &said, "%v", final)
		require.True(t, said.NonRetryable())
		require.Equal(t, TypeUnknownCase, said.Type())
	}
	open := errors.New("reset")
	require.Equal(t, open, refused(open))
}
