package vaulttest

import (
	"context"
	"testing"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// TestSignerOnTheRealVault signs the audit log's heads under the policy that
// the sequencer has. Making and rotating the key is left to an administrator.
func TestSignerOnTheRealVault(t *testing.T) {
	t.Parallel()
	audittest.SignerContract(t, func(t testing.TB) audittest.Subject {
		s := start(t)
		s.furnish(t)
		s.write(t, "transit/keys/voicehive-audit-other", map[string]any{"type": "ed25519"})
		transit := s.client(t, time.Hour, time.Hour, "sequencer").Transit(vaulttest.TransitMount)
		return audittest.Subject{
			Signer: audit.NewTransitSigner(transit, "voicehive-audit-a"),
			Other:  audit.NewTransitSigner(transit, "voicehive-audit-other"),
			Rotate: func(ctx context.Context) error {
				_, err := s.root.Logical().WriteWithContext(ctx, "transit/keys/voicehive-audit-a/rotate", nil)
				return err
			},
		}
	})
}
