package redaction_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/internal/telemetry"
)

func TestAGuestsTokensDieWithTheKey(t *testing.T) {
	ctx := context.Background()
	secret, err := redaction.NewSecret(ctx, keys{"guest"})
	require.NoError(t, err)
	k, err := redaction.GuestKeys(ctx, keys{"guest"}, secret)
	require.NoError(t, err)
	p, err := redaction.PolicyOf("transcript")
	require.NoError(t, err)
	r, err := redaction.New(detector, p, k)
	require.NoError(t, err)
	hidden, err := r.Redact(ctx, introduction)
	require.NoError(t, err)
	require.NotContains(t, hidden, "Oduya")
	back, err := r.Restore(ctx, hidden, new(audit), "officer", "a guest asked")
	require.NoError(t, err)
	require.Equal(t, introduction.Text, back)
	_, err = redaction.GuestKeys(ctx, keys{"a new key"}, secret)
	require.Error(t, err)
}

func TestTheLogHandlerUsesTheDetector(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelInfo, "json", redaction.ForLogs(detector))
	log.Info("The guest says: my name is Margaret Oduya", "text", "ich heiße Jürgen Müller", "queue", "pms.apaleo", "build", "1a229ff", "took_ms", 4231)
	require.NotContains(t, out.String(), "Oduya")
	require.NotContains(t, out.String(), "Müller")
	require.Contains(t, out.String(), "pms.apaleo")
	require.Contains(t, out.String(), "1a229ff")
	require.Contains(t, out.String(), "4231")
	require.Equal(t, redaction.Suppressed, redaction.ForLogs(broken{}).Redact("anything at all"))
	require.Equal(t, redaction.Suppressed, redaction.ForLogs(pii.New(pii.Options{})).Redact("not \xff a text"))
}
