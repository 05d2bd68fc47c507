package pii_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/evaluation"
)

func TestTheAgentsQuestionTellsWhatIsExpected(t *testing.T) {
	set, err := evaluation.Load(evaluation.First)
	require.NoError(t, err)
	asked, right := 0, 0
	for _, turn := range set.Turns {
		if turn.Request.Agent == "" || len(turn.Request.Expect) == 0 {
			continue
		}
		want := turn.Request.Expect[0]
		if len(want) > 3 && want[2] == '_' && !strings.HasSuffix(want, "PASSPORT") {
			continue // a country's own number, which words beside it tell
		}
		asked++
		got := pii.Asked(turn.Request.Agent)
		if len(got) == 1 && strings.HasSuffix(want, string(got[0])) {
			right++
		} else {
			t.Logf("%s: %v for %q", turn.ID, got, turn.Request.Agent)
		}
	}
	require.Greater(t, asked, 60)
	require.GreaterOrEqual(t, right*100, asked*95)
	require.Nil(t, pii.Asked("How many nights would you like to stay?"))
	require.Nil(t, pii.Asked("Möchten Sie ein Doppelzimmer?"))
}
