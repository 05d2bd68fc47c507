package breach

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/connectors/registry"
)

// The hours are a setting, and a letter says those of its breach.
func TestALetterSaysTheHoursOfItsBreach(t *testing.T) {
	t.Parallel()
	aware := time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC)
	for hours, due := range map[time.Duration]string{72: "5 November 2026 08:30 UTC", 96: "6 November 2026 08:30 UTC"} {
		b := breach.Breach{ID: "01JD3Z8Q4X0000000000000000", Kinds: []breach.Kind{breach.Confidentiality}, Aware: aware, AuthorityDue: aware.Add(hours * time.Hour)}
		text := letter(b, registry.Hotel{ID: "aurora", Name: "Hotel Aurora"}, "privacy@aurora.example").Text
		require.Contains(t, text, map[time.Duration]string{72: "within 72 hours of", 96: "within 96 hours of"}[hours])
		require.Contains(t, text, "ends on "+due)
	}
}
