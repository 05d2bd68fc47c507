package contracttest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTraitsExcuseWhatThereIs: a behaviour that is renamed takes its excuse
// along, and a vendor's trait excuses nothing else.
func TestTraitsExcuseWhatThereIs(t *testing.T) {
	t.Parallel()
	for trait, names := range excused {
		for _, name := range names {
			require.Contains(t, Names(), name, "%s", trait)
		}
		target := reference(nil, nil)
		target.Without = []Trait{trait}
		for _, b := range behaviours() {
			require.Equal(t, slices.Contains(names, b.String()), target.excuse(b) != "", b.String())
		}
	}
	target := reference(nil, nil)
	target.Without = []Trait{OneGuest}
	results := Check(t.Context(), target, "create/several_stays")
	require.Equal(t, string(OneGuest), results[0].Missing)
}
