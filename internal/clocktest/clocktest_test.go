package clocktest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/clocktest"
)

// TestJumped: durations do not see the jump, dates do.
func TestJumped(t *testing.T) {
	t.Parallel()
	for _, by := range clocktest.Jumps() {
		clock := clocktest.New()
		before := clock.Now()
		clock.Pass(time.Second)
		clock.Set(by)
		after := clock.Now()
		require.Equal(t, time.Second, after.Sub(before))
		require.Equal(t, by+time.Second, after.Round(0).Sub(before.Round(0)))
		require.True(t, before.Add(2*time.Second).After(after))
	}
	require.Panics(t, func() { clocktest.Jumped(time.Now().Round(0), time.Hour) })
}
