//go:build unix

package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
)

// What Temporal really keeps is held against the rule and the hotel's own term.
func TestTemporalsOwnRetentionIsCompared(t *testing.T) {
	t.Parallel()
	h := open(t)
	const day = 24 * time.Hour
	for _, kept := range []time.Duration{time.Hour, 7 * day, 30 * day} {
		require.NoError(t, h.engine.CheckHistory(t.Context(), retention.Hotel{}, kept), kept)
		require.NoError(t, h.engine.CheckHistory(t.Context(), hotel, kept), kept)
	}
	err := h.engine.CheckHistory(t.Context(), retention.Hotel{}, 31*day)
	require.ErrorIs(t, err, retention.ErrHistory)
	require.ErrorContains(t, err, "keeps them for 31 days, and the rule run for 30 days")
	require.ErrorContains(t, err, "--retention 30d")
	own, err := retention.ParsePeriod("P7D")
	require.NoError(t, err)
	require.NoError(t, h.engine.Set(t.Context(), hotel, one, register.Run, &own))
	require.ErrorIs(t, h.engine.CheckHistory(t.Context(), hotel, 8*day), retention.ErrHistory)
	require.NoError(t, h.engine.CheckHistory(t.Context(), hotel, 7*day))
	require.NoError(t, h.engine.CheckHistory(t.Context(), retention.Hotel{}, 8*day), "the rule alone")

	// It stands in the certificate of each run.
	r := h.erase(h.plan())
	envelope, err := attest.Parse(r.Certificate)
	require.NoError(t, err)
	require.Contains(t, string(envelope.Payload), `"temporal_retention_days":30,"temporal_retention_over_rule":true`)
}
