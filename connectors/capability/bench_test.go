package capability_test

import (
	"context"
	"os"
	"testing"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
)

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("matrix.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := capability.Parse("matrix.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

// bare answers at once: what a guard adds is seen beside it.
type bare struct{ pms.Without }

func (bare) Cancel(context.Context, pms.StayID) error { return nil }

// BenchmarkGuard measures what ruling one call costs, beside the call alone.
func BenchmarkGuard(b *testing.B) {
	live := func() pms.Capabilities { return capability.Default().Capabilities("apaleo") }
	for name, conn := range map[string]pms.Connector{"alone": bare{}, "guarded": capability.Guard(bare{}, live)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := conn.Cancel(b.Context(), "X"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
