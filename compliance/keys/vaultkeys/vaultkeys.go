// Package vaultkeys keeps the root keys of the key hierarchy in Vault's Transit
// engine, from where they cannot be taken. It is the keys.Root for production;
// the local keyring is the one for development, held to the same contract.
//
// Each epoch is a Transit key named Prefix and the epoch. Wrapping needs
// "update" on its encrypt and decrypt paths; making and destroying need rights
// that only the roller's login should have.
package vaultkeys

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/vault"
)

// Prefix of the Transit keys' names. Vault's policies name it too.
const Prefix = "voicehive-dek-"

// Root is a keys.Root over a mount of Transit.
type Root struct{ transit *vault.Transit }

var _ keys.Root = (*Root)(nil)

// New returns the root. It makes no call, so a process starts while Vault is
// away.
func New(transit *vault.Transit) *Root { return &Root{transit: transit} }

// Create implements keys.Root.
func (r *Root) Create(ctx context.Context, epoch string) error {
	if err := keys.CheckEpoch(epoch); err != nil {
		return err
	}
	return answer(epoch, r.transit.CreateKey(ctx, Prefix+epoch, vault.KeyWrapping))
}

// Wrap implements keys.Root.
func (r *Root) Wrap(ctx context.Context, epoch string, plain []keys.Plain) ([][]byte, error) {
	items := make([]vault.TransitItem, len(plain))
	for i, p := range plain {
		items[i] = vault.TransitItem{Plaintext: p.Key, AAD: p.AAD}
	}
	texts, err := r.transit.EncryptBatch(ctx, Prefix+epoch, items)
	if err != nil {
		return nil, answer(epoch, err)
	}
	out := make([][]byte, len(texts))
	for i, text := range texts {
		out[i] = []byte(text)
	}
	return out, nil
}

// Unwrap implements keys.Root.
func (r *Root) Unwrap(ctx context.Context, epoch string, wrapped []keys.Wrapped) ([][]byte, error) {
	items := make([]vault.TransitSealed, len(wrapped))
	for i, w := range wrapped {
		items[i] = vault.TransitSealed{Ciphertext: string(w.Data), AAD: w.AAD}
	}
	raw, err := r.transit.DecryptBatch(ctx, Prefix+epoch, items)
	return raw, answer(epoch, err)
}

// Destroy implements keys.Root.
func (r *Root) Destroy(ctx context.Context, epoch string) error {
	err := r.transit.DeleteKey(ctx, Prefix+epoch)
	if errors.Is(err, vault.ErrNotFound) {
		return nil
	}
	return answer(epoch, err)
}

// Epochs implements keys.Root.
func (r *Root) Epochs(ctx context.Context) ([]string, error) {
	names, err := r.transit.Keys(ctx)
	if err != nil {
		return nil, answer("", err)
	}
	var epochs []string
	for _, name := range names {
		if epoch, ours := strings.CutPrefix(name, Prefix); ours {
			epochs = append(epochs, epoch)
		}
	}
	return epochs, nil
}

// answer says in the ring's words what Vault said. What it refuses for want of
// a right passes too: an operator mends the policy, and nothing is lost.
func answer(epoch string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vault.ErrNotFound):
		return fmt.Errorf("epoch %s: %w: %w", epoch, keys.ErrEpochGone, err)
	case errors.Is(err, vault.ErrCiphertext):
		return fmt.Errorf("epoch %s: %w: %w", epoch, keys.ErrTampered, err)
	default:
		return fmt.Errorf("%w: %w", keys.ErrUnavailable, err)
	}
}
