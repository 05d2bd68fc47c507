package reservation_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	for _, recorded := range replaytest.Load(t) {
		requireSealed(t, recorded.History)
	}
	replaytest.Holds(t, reservation.Name, reservation.Reservation, slices.Collect(maps.Keys(scenes()))...)
}
