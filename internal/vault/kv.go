package vault

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/vault/api"
)

// A KV is a mount of Vault's KV engine, version 2. Paths are below the mount.
type KV struct {
	client *Client
	mount  string
}

// KV returns the engine that is mounted there. It makes no call.
func (c *Client) KV(mount string) *KV { return &KV{client: c, mount: mount} }

// A Stored is one version of an entry.
type Stored struct {
	Data    map[string]any
	Version int       // counts from 1
	Written time.Time // by Vault's clock
}

// Read returns the newest version. When that was deleted it is ErrNotFound,
// and Stored.Version tells which one it was.
func (k *KV) Read(ctx context.Context, path string) (Stored, error) {
	var found Stored
	err := k.client.do(ctx, "read", k.data(path), func(ctx context.Context, client *api.Client) error {
		secret, err := client.KVv2(k.mount).Get(ctx, path)
		if err != nil {
			return err
		}
		found = Stored{Data: secret.Data, Version: secret.VersionMetadata.Version, Written: secret.VersionMetadata.CreatedTime}
		if secret.Data == nil {
			return api.ErrSecretNotFound
		}
		return nil
	})
	return found, err
}

// Version returns the newest version's number without reading what it holds,
// so the value does not travel. A deleted one is ErrNotFound.
func (k *KV) Version(ctx context.Context, path string) (int, error) {
	var version int
	err := k.client.do(ctx, "read the version of", k.metadata(path), func(ctx context.Context, client *api.Client) error {
		found, err := client.KVv2(k.mount).GetMetadata(ctx, path)
		if err != nil {
			return err
		}
		newest := found.Versions[strconv.Itoa(found.CurrentVersion)]
		if found.CurrentVersion == 0 || newest.Destroyed || !newest.DeletionTime.IsZero() {
			return api.ErrSecretNotFound
		}
		version = found.CurrentVersion
		return nil
	})
	return version, err
}

// Write stores data as the version after the given one, and fails with
// ErrConflict when another is the newest; 0 means that there is none yet. It
// returns the new version.
func (k *KV) Write(ctx context.Context, path string, data map[string]any, after int) (int, error) {
	var version int
	err := k.client.do(ctx, "write", k.data(path), func(ctx context.Context, client *api.Client) error {
		written, err := client.KVv2(k.mount).Put(ctx, path, data, api.WithCheckAndSet(after))
		if err != nil {
			return err
		}
		if version = written.VersionMetadata.Version; version != after+1 {
			return &Error{Kind: ErrUnavailable, Op: "write", Path: k.data(path), Detail: "the answer names another version than the one written"}
		}
		return nil
	})
	return version, err
}

// Purge destroys every version of an entry and forgets that it was there. One
// that is not there is no error.
func (k *KV) Purge(ctx context.Context, path string) error {
	return k.client.do(ctx, "purge", k.metadata(path), func(ctx context.Context, client *api.Client) error {
		return client.KVv2(k.mount).DeleteMetadata(ctx, path)
	})
}

// List returns the names right below a folder, sorted; those of folders end
// with a slash. A folder without entries has none.
func (k *KV) List(ctx context.Context, folder string) ([]string, error) {
	var names []string
	err := k.client.do(ctx, "list", k.metadata(folder), func(ctx context.Context, client *api.Client) error {
		found, err := client.Logical().ListWithContext(ctx, k.metadata(folder))
		if err != nil || found == nil {
			return err
		}
		names = stringsOf(found.Data["keys"])
		return nil
	})
	slices.Sort(names)
	return names, err
}

// stringsOf are the strings of a list in an answer.
func stringsOf(list any) []string {
	all, _ := list.([]any)
	names := make([]string, 0, len(all))
	for _, each := range all {
		if name, ok := each.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

func (k *KV) data(path string) string     { return k.mount + "/data/" + path }
func (k *KV) metadata(path string) string { return k.mount + "/metadata/" + path }
