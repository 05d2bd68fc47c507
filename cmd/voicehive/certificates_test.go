//go:build unix

package main

import (
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
	"github.com/voicehive/voicehive/workers"
)

// A worker whose sequencer runs apart and that has no key of its own does not
// start: what it did would have no certificate, or none that anybody could sign.
func TestWorkersDoNotGoUnsigned(t *testing.T) {
	t.Parallel()
	p := &parts{config: config.Config{MetricsAddr: "127.0.0.1:0", Audit: config.Audit{Name: "audit.example", Key: "voicehive-audit-1", Apart: true}}}
	err := p.serveWorker(t.Context(), &cobra.Command{}, []workers.Pool{{Name: workers.CPU}}, serving{})
	require.ErrorIs(t, err, errNoCertificateKey)
	require.ErrorContains(t, err, "VOICEHIVE_CERTIFICATE_KEY")
	require.ErrorContains(t, err, "deploy/vault/README.md", "it says where the next step is")
	signer, err := p.certificateSigner()
	require.NoError(t, err, "verbs that sign nothing go on")
	_, err = attest.Sign(t.Context(), signer, attest.Predicates+"test/v1", []attest.Subject{attest.Digested("a", nil)}, 1)
	require.ErrorIs(t, err, errNoCertificateKey)
	require.False(t, certify([]workers.Pool{{Name: workers.GPU}}), "a worker of GPUs certifies nothing")
}

// The key of certificates signs them and no head of the log; whoever may not sign
// with it, or has none, is told so before any task is taken.
func TestTheKeyOfCertificates(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	client, err := vault.New(vault.Options{Address: fake.URL, Login: appRole(t, fake)})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	const name = vaulttest.SigningPrefix + "certificates"
	p := &parts{vaultClient: client, config: config.Config{
		Vault: config.Vault{Transit: vaulttest.TransitMount},
		Audit: config.Audit{Name: "audit.example", Key: "voicehive-audit-1", Certificates: name, Apart: true},
	}}
	err = p.requireCertificates(t.Context())
	require.ErrorIs(t, err, vault.ErrNotFound)
	require.NotErrorIs(t, err, keys.ErrUnavailable, "nobody waits for a key that is not there")
	require.ErrorContains(t, err, "vault write transit/keys/"+name+" type=ed25519")

	require.NoError(t, client.Transit(vaulttest.TransitMount).CreateKey(t.Context(), name, vault.KeySigning))
	require.NoError(t, p.requireCertificates(t.Context()))
	signer, err := p.certificateSigner()
	require.NoError(t, err)
	signed, err := attest.Sign(t.Context(), signer, attest.Predicates+"test/v1", []attest.Subject{attest.Digested("a", nil)}, 1)
	require.NoError(t, err)
	lines, err := p.certificateKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, lines, 1)
	trusted, err := attest.ParseKeys(lines[0])
	require.NoError(t, err)
	_, err = attest.Verify(signed, trusted)
	require.NoError(t, err, "by the keys that `voicehive audit status` prints")
	head, err := audit.SignHead(t.Context(), signer, audit.Head{Origin: audit.Origin("audit.example", 2026)})
	require.NoError(t, err)
	logs, err := audit.ParseLogKeys(lines[0])
	require.NoError(t, err)
	_, err = audit.OpenHead(head, logs)
	require.ErrorIs(t, err, audit.ErrOrigin, "it is no key of the log")

	p.config.Audit.Certificates = "payroll-signer"
	err = p.requireCertificates(t.Context())
	require.ErrorIs(t, err, vault.ErrDenied)
	require.NotErrorIs(t, err, keys.ErrUnavailable)
	require.ErrorContains(t, err, "worker.hcl")
	p.config.Audit.Certificates = name
	fake.Become(t, vaulttest.Gone)
	require.ErrorIs(t, p.requireCertificates(t.Context()), keys.ErrUnavailable, "what is away is waited for")
}

func appRole(t *testing.T, fake *vaulttest.Fake) vault.AppRole {
	roleID, secretID := fake.AppRole(t, time.Hour, 24*time.Hour)
	return vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)}
}
