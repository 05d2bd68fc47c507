//go:build unix

package retention_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/retention"
)

// TestForgedCertificatesOfRunsAreRefused: only what the log's key signed as the
// certificate of that very plan is one.
func TestForgedCertificatesOfRunsAreRefused(t *testing.T) {
	t.Parallel()
	pen := func() (audit.Signer, attest.Keys) {
		signer, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
		require.NoError(t, err)
		lines, err := audit.VerifierKeys(t.Context(), signer, "audit.example/test")
		require.NoError(t, err)
		trusted, err := attest.ParseKeys(lines[0])
		require.NoError(t, err)
		return signer, trusted
	}
	ours, trusted := pen()
	theirs, _ := pen()
	claim := retention.Claim{Run: "R", PlanHash: "0f", Erased: 3}
	write := func(by audit.Signer, kind, name, digest string) []byte {
		e, err := attest.Sign(t.Context(), by, kind, []attest.Subject{{Name: name, Digest: map[string]string{"sha256": digest}}}, claim)
		require.NoError(t, err)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		return text
	}
	genuine := write(ours, retention.PredicateType, "retention-plan/R", "0f")
	found, err := retention.VerifyCertificate(genuine, trusted)
	require.NoError(t, err)
	require.Equal(t, claim, found)

	_, err = retention.VerifyCertificate(write(theirs, retention.PredicateType, "retention-plan/R", "0f"), trusted)
	require.ErrorIs(t, err, attest.ErrSignature)
	for name, text := range map[string][]byte{
		"another kind": write(ours, attest.Predicates+"erasure/v1", "retention-plan/R", "0f"),
		"another run":  write(ours, retention.PredicateType, "retention-plan/Q", "0f"),
		"another plan": write(ours, retention.PredicateType, "retention-plan/R", "1f"),
	} {
		_, err = retention.VerifyCertificate(text, trusted)
		require.ErrorIs(t, err, retention.ErrCertificate, name)
	}
	_, err = retention.VerifyCertificate([]byte("no JSON"), trusted)
	require.ErrorIs(t, err, attest.ErrEnvelope)
}
