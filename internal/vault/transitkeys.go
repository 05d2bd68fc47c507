package vault

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/vault/api"
)

// A KeyKind is what a Transit key can do.
type KeyKind string

// The kinds.
const (
	KeyWrapping KeyKind = "aes256-gcm96" // encrypts and decrypts, with AAD
	KeySigning  KeyKind = "ed25519"      // signs
)

// CreateKey makes a key that cannot be exported or backed up in plain. One of
// that name and kind that is there already is left as it is; one with other
// properties is ErrConflict.
func (t *Transit) CreateKey(ctx context.Context, key string, kind KeyKind) error {
	const op = "make the key"
	path := t.path("keys", key)
	if err := checkKey(op, key, path); err != nil {
		return err
	}
	if kind != KeyWrapping && kind != KeySigning {
		return &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "the kind must be aes256-gcm96 or ed25519"}
	}
	if _, err := t.write(ctx, op, path, map[string]any{"type": string(kind), "exportable": false, "allow_plaintext_backup": false}); err != nil {
		return err
	}
	found, err := t.read(ctx, key)
	if err != nil {
		return err
	}
	if found.Type != string(kind) || found.Exportable || found.PlaintextBackup || found.Derived {
		return &Error{Kind: ErrConflict, Op: op, Path: path, Detail: "a key of that name has another type or may be exported; take another name"}
	}
	return nil
}

// RotateKey adds a version to a key and returns its number. Older ones go on
// decrypting; nothing encrypts or signs under them any more.
func (t *Transit) RotateKey(ctx context.Context, key string) (version int, err error) {
	const op = "rotate the key"
	path := t.path("keys", key)
	if err := checkKey(op, key, path); err != nil {
		return 0, err
	}
	if _, err := t.write(ctx, op, path+"/rotate", nil); err != nil {
		return 0, err
	}
	found, err := t.read(ctx, key)
	return found.Latest, err
}

// DeleteKey destroys a key with all its versions: whatever it encrypted is
// lost. A key that is not there is ErrNotFound. Copies of the key live on in
// snapshots of Vault's storage until those are gone.
func (t *Transit) DeleteKey(ctx context.Context, key string) error {
	const op = "destroy the key"
	path := t.path("keys", key)
	if err := checkKey(op, key, path); err != nil {
		return err
	}
	if _, err := t.write(ctx, op, path+"/config", map[string]any{"deletion_allowed": true}); err != nil {
		return err
	}
	return t.client.do(ctx, op, path, func(ctx context.Context, client *api.Client) error {
		_, err := client.Logical().DeleteWithContext(ctx, path)
		return transitFailure(op, path, err)
	})
}

// Keys returns the names of the mount's keys, sorted.
func (t *Transit) Keys(ctx context.Context) ([]string, error) {
	var names []string
	path := t.mount + "/keys"
	err := t.client.do(ctx, "list the keys", path, func(ctx context.Context, client *api.Client) error {
		found, err := client.Logical().ListWithContext(ctx, path)
		if err != nil || found == nil {
			return err
		}
		names = stringsOf(found.Data["keys"])
		return nil
	})
	slices.Sort(names)
	return names, err
}

// PublicKeys returns the Ed25519 public keys of a signing key, by version.
func (t *Transit) PublicKeys(ctx context.Context, key string) (map[int][]byte, error) {
	const op = "read the public keys of"
	path := t.path("keys", key)
	if err := checkKey(op, key, path); err != nil {
		return nil, err
	}
	found, err := t.read(ctx, key)
	if err != nil {
		return nil, err
	}
	if found.Type != string(KeySigning) {
		return nil, &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "it is no signing key (ed25519)"}
	}
	all := make(map[int][]byte, len(found.Versions))
	for number, raw := range found.Versions {
		var version struct {
			Public string `json:"public_key"`
		}
		n, err := strconv.Atoi(number)
		err2 := json.Unmarshal(raw, &version)
		public, err3 := base64.StdEncoding.DecodeString(version.Public)
		if err != nil || err2 != nil || err3 != nil || len(public) != ed25519.PublicKeySize {
			return nil, odd(op, path)
		}
		all[n] = public
	}
	return all, nil
}

// transitKey is what Vault tells of a key.
type transitKey struct {
	Type            string                     `json:"type"`
	Exportable      bool                       `json:"exportable"`
	PlaintextBackup bool                       `json:"allow_plaintext_backup"`
	Derived         bool                       `json:"derived"`
	Latest          int                        `json:"latest_version"`
	Versions        map[string]json.RawMessage `json:"keys"`
}

func (t *Transit) read(ctx context.Context, key string) (found transitKey, err error) {
	const op = "read the key"
	path := t.path("keys", key)
	err = t.client.do(ctx, op, path, func(ctx context.Context, client *api.Client) error {
		// The library's plain read takes a missing mount for a missing key.
		answer, err := client.Logical().ReadRawWithContext(ctx, path)
		if err != nil {
			return transitFailure(op, path, err)
		}
		defer func() { _ = answer.Body.Close() }()
		var body struct {
			Data *transitKey `json:"data"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.Data == nil || body.Data.Type == "" {
			return odd(op, path)
		}
		found = *body.Data
		return nil
	})
	return found, err
}

// parseSignature reads vault:v<version>:<base64>.
func parseSignature(text string) (sig []byte, version int, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 || parts[0] != "vault" || !strings.HasPrefix(parts[1], "v") {
		return nil, 0, false
	}
	version, err := strconv.Atoi(parts[1][1:])
	sig, err2 := base64.StdEncoding.DecodeString(parts[2])
	return sig, version, err == nil && err2 == nil && version > 0 && len(sig) == ed25519.SignatureSize
}
