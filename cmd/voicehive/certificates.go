package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/workers"
)

// errNoCertificateKey: nothing that this process may sign with is named.
var errNoCertificateKey = errors.New("VOICEHIVE_CERTIFICATE_KEY is not set: with VOICEHIVE_AUDIT_SEQUENCER=apart workers do not sign with the audit log's key, " +
	"and erasures, retention runs, off-boardings and packs of evidence would go without a certificate; " +
	"make an Ed25519 key for them in Vault's Transit engine, let the workers sign with it, and set its name (deploy/vault/README.md)")

// certificateSigner signs what the house certifies: with a key of its own, else
// with the audit log's, unless that is the sequencer's alone. Then every
// signature fails, and says what to do.
func (p *parts) certificateSigner() (audit.Signer, error) {
	switch a := p.config.Audit; {
	case a.Certificates != "":
		client, err := p.vault()
		if err != nil {
			return nil, err
		}
		return audit.NewTransitSigner(client.Transit(p.config.Vault.Transit), a.Certificates), nil
	case p.nothingToSignWith():
		return noCertificateKey{}, nil
	}
	return p.auditSigner()
}

// nothingToSignWith tells that the one key that is named is the sequencer's. In
// development the log's key is a file, which everybody has who has the folder.
func (p *parts) nothingToSignWith() bool {
	a := p.config.Audit
	return a.Apart && a.Key != "" && a.Certificates == ""
}

// noCertificateKey is the signer of a process that has nothing to sign with.
type noCertificateKey struct{}

func (noCertificateKey) Sign(context.Context, []byte) ([]byte, int, error) {
	return nil, 0, errNoCertificateKey
}

func (noCertificateKey) PublicKeys(context.Context) (map[int][]byte, error) {
	return nil, errNoCertificateKey
}

// certificateKeys are the public keys of a key of certificates that is not the
// log's.
func (p *parts) certificateKeys(ctx context.Context) ([]string, error) {
	if p.config.Audit.Certificates == "" {
		return nil, nil
	}
	signer, err := p.certificateSigner()
	if err != nil {
		return nil, err
	}
	return audit.VerifierKeys(ctx, signer, attest.KeyName(p.config.Audit.Name))
}

// certify tells whether one of the pools carries out what ends with a
// certificate.
func certify(pools []workers.Pool) bool {
	return slices.ContainsFunc(pools, func(pool workers.Pool) bool { return pool.Name == workers.CPU })
}

// requireCertificates refuses a worker that would do what has to be certified
// and could not sign it in the end. Whatever is away is keys.ErrUnavailable.
func (p *parts) requireCertificates(ctx context.Context) error {
	signer, err := p.certificateSigner()
	if err != nil {
		return err
	}
	_, _, err = signer.Sign(ctx, []byte("voicehive: may this process sign certificates?"))
	name := p.config.Audit.Certificates
	setting := "VOICEHIVE_CERTIFICATE_KEY"
	if name == "" {
		name, setting = p.config.Audit.Key, "VOICEHIVE_AUDIT_KEY"
	}
	switch {
	case err == nil || errors.Is(err, errNoCertificateKey):
		return err
	case errors.Is(err, vault.ErrDenied):
		return fmt.Errorf("%s: Vault does not let this login sign with the key %s, which certificates need; let it, as worker.hcl in deploy/vault does: %w", setting, name, err)
	case errors.Is(err, vault.ErrNotFound), errors.Is(err, vault.ErrRefused):
		return fmt.Errorf("%s: Vault cannot sign with the key %s; make it with `vault write transit/keys/%s type=ed25519`: %w", setting, name, name, err)
	}
	return errors.Join(keys.ErrUnavailable, err)
}
