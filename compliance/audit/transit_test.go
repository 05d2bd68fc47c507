package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// transit is Vault's Transit engine, as the fake does it.
func transit(t testing.TB) (*vault.Transit, *vaulttest.Fake) {
	t.Helper()
	fake := vaulttest.NewFake(t)
	engine := vaulttest.Open(t, fake).Transit(vaulttest.TransitMount)
	for _, key := range []string{"voicehive-audit-a", "voicehive-audit-b"} {
		require.NoError(t, engine.CreateKey(t.Context(), key, vault.KeySigning))
	}
	return engine, fake
}

func TestTransitSigner(t *testing.T) {
	t.Parallel()
	audittest.SignerContract(t, func(t testing.TB) audittest.Subject {
		engine, _ := transit(t)
		return audittest.Subject{
			Signer: audit.NewTransitSigner(engine, "voicehive-audit-a"),
			Other:  audit.NewTransitSigner(engine, "voicehive-audit-b"),
			Rotate: func(ctx context.Context) error {
				_, err := engine.RotateKey(ctx, "voicehive-audit-a")
				return err
			},
		}
	})
}

// TestRotatedAndSealedVault runs a log through a rotation, an outage and the
// end of it.
func TestRotatedAndSealedVault(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	engine, fake := transit(t)
	h.signer = audit.NewTransitSigner(engine, "voicehive-audit-a")
	h.restart()
	h.fill("seaview", 2, 1)
	_, err := engine.RotateKey(t.Context(), "voicehive-audit-a")
	require.NoError(t, err)
	h.fill("seaview", 2, 1)
	h.keys = h.logKeys(h.signer)
	pack := h.export(audit.ExportOptions{})
	report := h.verify(pack, audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings)
	require.Positive(t, report.Compared, "heads of both versions")

	fake.Down(true)
	h.write(event(h.scope("seaview"), 9))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.ErrorIs(t, h.sequencer.Round(ctx), vault.ErrUnavailable)
	fake.Down(false)
	h.round()
	require.EqualValues(t, 6, h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{}).Entries)
}
