package codec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter/codec"
)

func TestSummariesOfAKnownForm(t *testing.T) {
	t.Parallel()
	for _, known := range []string{
		"Booking at aurora-berlin, arrival 2026-12-24", "create the reservation", "change stay 1 of 2", "check aurora-berlin", "hold ends",
	} {
		require.True(t, codec.Clear(known), known)
	}
	for _, unknown := range []string{
		"", "Booking at Ada Lovelace, arrival 2026-12-24", "Booking at aurora-berlin, arrival tomorrow", "create the reservation of Ada",
		"create the reservation\n", "\ncreate the reservation", "check +4930123456", "check ada@example.test", "change stay 1234 of 2",
		"check aurora-berlin and Ada", "xhold ends", "Hold ends",
	} {
		require.False(t, codec.Clear(unknown), unknown)
	}
}
