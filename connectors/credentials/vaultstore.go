package credentials

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/internal/vault"
)

// vaultFolder is where the hotels' entries are, below the mount. The policies
// in deploy/vault name it too.
const vaultFolder = "voicehive/hotels"

// A VaultStore keeps credentials in Vault's KV engine, version 2: each entry at
// <mount>/voicehive/hotels/<reference>, its fields as those of Parse. Vault
// keeps the versions before, so a refresh token that was written over is not
// lost.
type VaultStore struct{ kv *vault.KV }

var _ Keeper = (*VaultStore)(nil)

// NewVaultStore returns the store in that engine. It makes no call.
func NewVaultStore(kv *vault.KV) *VaultStore { return &VaultStore{kv: kv} }

// Credentials implements Store.
func (s *VaultStore) Credentials(ctx context.Context, ref string) (Credentials, error) {
	entry, err := s.Entry(ctx, ref)
	return entry.Credentials, err
}

// Entry implements Keeper. Vault's failures are of package vault.
func (s *VaultStore) Entry(ctx context.Context, ref string) (Entry, error) {
	if err := checkRef(ref); err != nil {
		return Entry{}, err
	}
	found, err := s.kv.Read(ctx, vaultPath(ref))
	if err != nil {
		return Entry{}, vaultFailure(ref, err)
	}
	c, err := Parse(ref, found.Data)
	if err != nil {
		return Entry{}, err
	}
	return Entry{c, vaultVersion(found.Version)}, nil
}

// Version implements Keeper. The secret does not travel.
func (s *VaultStore) Version(ctx context.Context, ref string) (Version, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	number, err := s.kv.Version(ctx, vaultPath(ref))
	if err != nil {
		return "", vaultFailure(ref, err)
	}
	return vaultVersion(number), nil
}

// Put implements Keeper.
func (s *VaultStore) Put(ctx context.Context, ref string, c Credentials) error {
	return put(ctx, s, ref, c)
}

// Replace implements Keeper.
func (s *VaultStore) Replace(ctx context.Context, ref string, c Credentials, seen Version) (Version, error) {
	if err := checkWrite(ref, c); err != nil {
		return "", err
	}
	after := 0
	if seen != "" {
		var err error
		if after, err = strconv.Atoi(string(seen)); err != nil {
			return "", fmt.Errorf("credentials %s: %w", ref, ErrConflict)
		}
	}
	written, err := s.kv.Write(ctx, vaultPath(ref), c.plain(), after)
	if errors.Is(err, vault.ErrConflict) && seen == "" {
		// Vault counts on after a deletion. For us what was deleted is not there.
		if found, read := s.kv.Read(ctx, vaultPath(ref)); errors.Is(read, vault.ErrNotFound) && found.Version > 0 {
			written, err = s.kv.Write(ctx, vaultPath(ref), c.plain(), found.Version)
		}
	}
	if err != nil {
		return "", vaultFailure(ref, err)
	}
	return vaultVersion(written), nil
}

// Delete implements Keeper: with the entry go the versions that Vault keeps.
func (s *VaultStore) Delete(ctx context.Context, ref string) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	if err := s.kv.Purge(ctx, vaultPath(ref)); err != nil {
		return fmt.Errorf("credentials %s: %w", ref, err)
	}
	return nil
}

// maxFolders bounds how many folders List looks into.
const maxFolders = 10_000

// List implements Keeper.
func (s *VaultStore) List(ctx context.Context) ([]string, error) {
	var all []string
	folders := []string{""}
	for looked := 0; len(folders) > 0; looked++ {
		if looked == maxFolders {
			return nil, fmt.Errorf("credentials: there are more than %d folders in Vault", maxFolders)
		}
		folder := folders[0]
		folders = folders[1:]
		names, err := s.kv.List(ctx, strings.TrimSuffix(vaultFolder+"/"+folder, "/"))
		if err != nil {
			return nil, fmt.Errorf("credentials: list: %w", err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "/") {
				folders = append(folders, folder+name)
			} else {
				all = append(all, folder+name)
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

func vaultPath(ref string) string { return vaultFolder + "/" + ref }

func vaultVersion(number int) Version { return Version(strconv.Itoa(number)) }

// vaultFailure gives Vault's failures the words of stores where there are such.
func vaultFailure(ref string, err error) error {
	switch {
	case errors.Is(err, vault.ErrNotFound):
		return fmt.Errorf("credentials: %w under the reference %q in Vault; add them with `voicehive credentials put`", ErrNotFound, ref)
	case errors.Is(err, vault.ErrConflict):
		return fmt.Errorf("credentials %s: %w", ref, ErrConflict)
	}
	return fmt.Errorf("credentials %s: %w", ref, err)
}
