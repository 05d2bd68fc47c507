package vault

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/hashicorp/vault/api"
)

// Bounds of one call; longer batches are cut into several. Vault refuses JSON
// strings over a megabyte and arrays over some thousands.
const (
	maxBatchItems = 1024
	maxBatchBytes = 1 << 20
	maxItemBytes  = 512 << 10
)

// A Transit is a mount of Vault's Transit engine: keys that encrypt and sign
// there and never come out.
type Transit struct {
	client *Client
	mount  string
}

// Transit returns the engine that is mounted there. It makes no call.
func (c *Client) Transit(mount string) *Transit { return &Transit{client: c, mount: mount} }

// A TransitItem is bytes to encrypt, bound to AAD: they open with the same AAD
// only. Up to 512 KiB together.
type TransitItem struct{ Plaintext, AAD []byte }

// A TransitSealed is what EncryptBatch made of an item, with its AAD.
type TransitSealed struct {
	Ciphertext string
	AAD        []byte
}

// EncryptBatch encrypts items under the newest version of a key, in their
// order. All or none: a part of what was encrypted is never returned. A key
// that is not there is ErrNotFound; it is never made on the way.
func (t *Transit) EncryptBatch(ctx context.Context, key string, items []TransitItem) ([]string, error) {
	path := t.path("encrypt", key)
	inputs := make([]map[string]string, len(items))
	for i, item := range items {
		inputs[i] = map[string]string{"plaintext": encode(item.Plaintext)}
		bind(inputs[i], item.AAD)
	}
	all := make([]string, 0, len(items))
	err := t.batches(ctx, "encrypt under", key, path, inputs, func(result map[string]any) bool {
		sealed, _ := result["ciphertext"].(string)
		all = append(all, sealed)
		return strings.HasPrefix(sealed, "vault:v")
	})
	if errors.Is(err, ErrDenied) {
		// Encrypting under a missing key counts as making it, which no policy of
		// ours allows. Whoever may read the key learns the difference.
		if _, missing := t.read(ctx, key); errors.Is(missing, ErrNotFound) {
			err = missing
		}
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// DecryptBatch opens what EncryptBatch made, in its order, all or none. A text
// that was changed, has another AAD or belongs to another key is ErrCiphertext;
// a key that is not there is ErrNotFound.
func (t *Transit) DecryptBatch(ctx context.Context, key string, items []TransitSealed) ([][]byte, error) {
	path := t.path("decrypt", key)
	inputs := make([]map[string]string, len(items))
	for i, item := range items {
		inputs[i] = map[string]string{"ciphertext": item.Ciphertext}
		bind(inputs[i], item.AAD)
	}
	all := make([][]byte, 0, len(items))
	err := t.batches(ctx, "decrypt under", key, path, inputs, func(result map[string]any) bool {
		text, ok := result["plaintext"].(string)
		plain, err := base64.StdEncoding.DecodeString(text)
		all = append(all, plain)
		return ok && err == nil
	})
	if err != nil {
		for _, plain := range all {
			clear(plain)
		}
		return nil, err
	}
	return all, nil
}

// batches sends inputs in calls of a bounded size and hands each result to
// take, which tells whether it is one.
func (t *Transit) batches(ctx context.Context, op, key, path string, inputs []map[string]string, take func(map[string]any) bool) error {
	if err := checkKey(op, key, path); err != nil {
		return err
	}
	for len(inputs) > 0 {
		n := fitting(inputs)
		if n == 0 {
			return &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "an item is larger than 512 KiB; encrypt it under a data key of your own"}
		}
		batch := inputs[:n]
		inputs = inputs[n:]
		answer, err := t.write(ctx, op, path, map[string]any{"batch_input": batch})
		if err != nil {
			return err
		}
		results, _ := answer["batch_results"].([]any)
		sound := len(results) == len(batch)
		for i := 0; sound && i < len(results); i++ {
			result, _ := results[i].(map[string]any)
			sound = take(result)
		}
		if !sound {
			return odd(op, path)
		}
	}
	return nil
}

// fitting counts the inputs that go into one call; 0 when the first is too
// large.
func fitting(inputs []map[string]string) int {
	size := 0
	for i, input := range inputs {
		item := 0
		for _, text := range input {
			item += len(text)
		}
		if size += item; item > base64.StdEncoding.EncodedLen(maxItemBytes) || i == maxBatchItems || i > 0 && size > maxBatchBytes {
			return i
		}
	}
	return len(inputs)
}

// Sign signs a message of up to 512 KiB under the newest version of a signing
// key and names that version. The signature is plain Ed25519 (RFC 8032).
func (t *Transit) Sign(ctx context.Context, key string, message []byte) (sig []byte, version int, err error) {
	const op = "sign under"
	path := t.path("sign", key)
	if err := checkKey(op, key, path); err != nil {
		return nil, 0, err
	}
	if len(message) > maxItemBytes {
		return nil, 0, &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "the message is larger than 512 KiB; sign its hash"}
	}
	answer, err := t.write(ctx, op, path, map[string]any{"input": encode(message)})
	if err != nil {
		return nil, 0, err
	}
	text, _ := answer["signature"].(string)
	sig, version, ok := parseSignature(text)
	if !ok {
		return nil, 0, odd(op, path)
	}
	return sig, version, nil
}

// encode is how bytes travel in Vault's JSON.
func encode(plain []byte) string { return base64.StdEncoding.EncodeToString(plain) }

func bind(input map[string]string, aad []byte) {
	if len(aad) > 0 {
		input["associated_data"] = encode(aad)
	}
}

// keyName keeps out everything that means something in a path.
var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$`)

func checkKey(op, key, path string) error {
	if !keyName.MatchString(key) {
		return &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "a key's name is 1 to 128 of letters, digits, dot, dash and underscore"}
	}
	return nil
}

// path is where an operation on a key goes. A name that could not be one is
// not quoted.
func (t *Transit) path(operation, key string) string {
	if !keyName.MatchString(key) {
		key = "?"
	}
	return t.mount + "/" + operation + "/" + key
}

func (t *Transit) write(ctx context.Context, op, path string, data map[string]any) (answer map[string]any, err error) {
	err = t.client.do(ctx, op, path, func(ctx context.Context, client *api.Client) error {
		secret, err := client.Logical().WriteWithContext(ctx, path, data)
		if secret != nil {
			answer = secret.Data
		}
		return transitFailure(op, path, err)
	})
	return answer, err
}

// transitFailure knows what Transit means by 400 and 404. Its words are looked
// for and never passed on. Only a key that is missing for certain is
// ErrNotFound, for that can mean that what it encrypted is lost.
func transitFailure(op, path string, err error) error {
	var answered *api.ResponseError
	if !errors.As(err, &answered) || answered.StatusCode != http.StatusBadRequest && answered.StatusCode != http.StatusNotFound {
		return err
	}
	f := &Error{Op: op, Path: path, Status: answered.StatusCode, Kind: ErrRefused, Detail: "check the mount and the key's type: aes256-gcm96 wraps, ed25519 signs"}
	words := strings.Join(answered.Errors, "\n")
	switch {
	case answered.RawError:
	case words == "" && strings.HasPrefix(op, "decrypt"):
		// A batch that fails at an item has no error of its own.
		f.Kind, f.Detail = ErrCiphertext, "an item was changed, is bound to something else, or was encrypted under another key"
	case words == "" && answered.StatusCode == http.StatusNotFound,
		strings.Contains(words, "key not found"), strings.Contains(words, "no existing key"), strings.Contains(words, "could not delete key; not found"):
		f.Kind, f.Detail = ErrNotFound, "there is no such key, or it was destroyed"
	}
	return f
}

// odd is an answer that Vault would not give.
func odd(op, path string) error {
	return &Error{Kind: ErrUnavailable, Op: op, Path: path, Detail: "the answer does not fit the question"}
}
