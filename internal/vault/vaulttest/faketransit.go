package vaulttest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

// TransitMount is where a subject has its Transit engine. Roles may do anything
// with keys whose name begins with WrappingPrefix or SigningPrefix, and nothing
// with others.
const (
	TransitMount   = "transit"
	WrappingPrefix = "voicehive-dek-"
	SigningPrefix  = "voicehive-audit-"
)

// A transitKey is a key of the fake's Transit engine; versions count from 1.
type transitKey struct {
	kind      string
	versions  []transitVersion
	deletable bool
}

type transitVersion struct {
	secret []byte // an AES key, or the seed of a signing key
	made   time.Time
}

// transit serves the engine that is mounted at TransitMount.
func (f *Fake) transit(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	operation, rest, _ := strings.Cut(strings.TrimPrefix(path, TransitMount+"/"), "/")
	name, action, _ := strings.Cut(rest, "/")
	if operation == "keys" && name == "" {
		answer(w, api.Secret{Data: map[string]any{"keys": slices.Sorted(maps.Keys(f.transitKeys))}})
		return
	}
	found := f.transitKeys[name]
	allowed := strings.HasPrefix(name, WrappingPrefix) || strings.HasPrefix(name, SigningPrefix)
	if !allowed || operation == "encrypt" && found == nil { // encrypting would make the key
		refuse(w, http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")
		return
	}
	switch operation {
	case "keys":
		f.transitKey(w, r.Method, name, action, found, body)
	case "encrypt":
		found.batch(w, body, f.noting(found.encrypt))
	case "decrypt":
		if found == nil {
			refuse(w, http.StatusBadRequest, "encryption key not found")
			return
		}
		found.batch(w, body, f.noting(found.decrypt))
	case "sign":
		found.sign(w, body)
	default:
		refuse(w, http.StatusNotFound)
	}
}

// transitKey serves what is done to a key and not with it.
func (f *Fake) transitKey(w http.ResponseWriter, method, name, action string, found *transitKey, body map[string]any) {
	switch {
	case method == http.MethodGet && found == nil:
		refuse(w, http.StatusNotFound)
	case method == http.MethodGet:
		answer(w, api.Secret{Data: found.properties(name)})
	case method == http.MethodDelete:
		if found == nil || !found.deletable {
			refuse(w, http.StatusBadRequest, "error deleting policy "+name)
			return
		}
		delete(f.transitKeys, name)
		w.WriteHeader(http.StatusNoContent)
	case action == "config" && found == nil:
		refuse(w, http.StatusBadRequest, fmt.Sprintf("no existing key named %s could be found", name))
	case action == "config":
		found.deletable = body["deletion_allowed"] == true
		answer(w, api.Secret{Data: found.properties(name)})
	case action == "rotate" && found == nil:
		refuse(w, http.StatusBadRequest, "key not found")
	case action == "rotate":
		found.rotate()
		answer(w, api.Secret{Data: found.properties(name)})
	case found == nil:
		found = &transitKey{kind: text(body, "type")}
		found.rotate()
		f.transitKeys[name] = found
		answer(w, api.Secret{Data: found.properties(name)})
	default: // it is left as it is
		answer(w, api.Secret{Data: found.properties(name), Warnings: []string{"key " + name + " already existed"}})
	}
}

func (k *transitKey) rotate() {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	k.versions = append(k.versions, transitVersion{secret: secret, made: time.Now()})
}

func (k *transitKey) properties(name string) map[string]any {
	versions := map[string]any{}
	for i, v := range k.versions {
		if versions[strconv.Itoa(i+1)] = any(v.made.Unix()); k.signs() {
			public := ed25519.NewKeyFromSeed(v.secret).Public().(ed25519.PublicKey)
			versions[strconv.Itoa(i+1)] = map[string]any{"name": "ed25519", "creation_time": stamp(v.made), "public_key": base64.StdEncoding.EncodeToString(public)}
		}
	}
	return map[string]any{
		"name": name, "type": k.kind, "exportable": false, "allow_plaintext_backup": false, "derived": false,
		"deletion_allowed": k.deletable, "latest_version": len(k.versions), "keys": versions,
	}
}

func (k *transitKey) signs() bool { return k.kind == "ed25519" }

// batch applies op to each input. Like Vault, it answers 400 with all results
// and no error of its own when one fails.
func (k *transitKey) batch(w http.ResponseWriter, body map[string]any, op func(input map[string]any) (map[string]any, bool)) {
	inputs, _ := body["batch_input"].([]any)
	if len(inputs) == 0 {
		refuse(w, http.StatusBadRequest, "missing batch input to process")
		return
	}
	failed := false
	results := make([]any, len(inputs))
	for i, each := range inputs {
		input, _ := each.(map[string]any)
		result, ok := op(input)
		if !ok {
			failed, result = true, map[string]any{"error": "cipher: message authentication failed"}
		}
		results[i] = result
	}
	if failed {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
	}
	answer(w, api.Secret{Data: map[string]any{"batch_results": results}})
}

func (k *transitKey) encrypt(input map[string]any) (map[string]any, bool) {
	plain, err := base64.StdEncoding.DecodeString(text(input, "plaintext"))
	if err != nil || k.signs() {
		return nil, false
	}
	gcm := k.gcm(len(k.versions))
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := gcm.Seal(nonce, nonce, plain, aad(input))
	return map[string]any{"ciphertext": fmt.Sprintf("vault:v%d:%s", len(k.versions), base64.StdEncoding.EncodeToString(sealed)), "key_version": len(k.versions)}, true
}

func (k *transitKey) decrypt(input map[string]any) (map[string]any, bool) {
	parts := strings.Split(text(input, "ciphertext"), ":")
	if len(parts) != 3 || parts[0] != "vault" || k.signs() {
		return nil, false
	}
	version, err := strconv.Atoi(strings.TrimPrefix(parts[1], "v"))
	sealed, err2 := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || err2 != nil || version < 1 || version > len(k.versions) || len(sealed) < 12 {
		return nil, false
	}
	plain, err := k.gcm(version).Open(nil, sealed[:12], sealed[12:], aad(input))
	return map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}, err == nil
}

func (k *transitKey) gcm(version int) cipher.AEAD {
	block, _ := aes.NewCipher(k.versions[version-1].secret) // the key has 32 bytes
	gcm, _ := cipher.NewGCM(block)
	return gcm
}

func (k *transitKey) sign(w http.ResponseWriter, body map[string]any) {
	message, err := base64.StdEncoding.DecodeString(text(body, "input"))
	switch {
	case k == nil:
		refuse(w, http.StatusBadRequest, "signing key not found")
	case err != nil || !k.signs():
		refuse(w, http.StatusBadRequest, "key type aes256-gcm96 does not support signing")
	default:
		signature := ed25519.Sign(ed25519.NewKeyFromSeed(k.versions[len(k.versions)-1].secret), message)
		answer(w, api.Secret{Data: map[string]any{
			"signature": fmt.Sprintf("vault:v%d:%s", len(k.versions), base64.StdEncoding.EncodeToString(signature)), "key_version": len(k.versions),
		}})
	}
}

func aad(input map[string]any) []byte {
	bound, _ := base64.StdEncoding.DecodeString(text(input, "associated_data"))
	return bound
}
