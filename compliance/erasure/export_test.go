package erasure

import (
	"maps"
	"slices"

	"github.com/voicehive/voicehive/compliance/register"
)

// Treated are the classes that an erasure knows what to do with.
func Treated() []register.Class { return slices.Collect(maps.Keys(treatment)) }
