package auth

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysFresh is how long a provider's keys are taken without asking again:
	// so long does a key count that the provider has withdrawn.
	keysFresh = 10 * time.Minute
	// keysLife is how long they are taken while the provider does not answer.
	// Nobody who is logged in is locked out by a provider that restarts, and
	// nobody gains a key for ever by keeping us from asking.
	keysLife = time.Hour
	// keysPause is between two questions. A token can name any key, so without
	// it everybody could have us ask as often as they like.
	keysPause = 10 * time.Second
	maxKeys   = 50
)

// A keyRing is the keys that a provider signs with, kept in memory.
type keyRing struct {
	url    string
	client *http.Client
	now    func() time.Time

	asking sync.Mutex // held while the provider is asked

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time // zero before the first answer
	asked   time.Time
	failed  bool // the last question had no answer
	behind  bool // somebody asks in the background
}

// of returns the public keys that a token may be signed with; none when the
// provider has none of that id. Its error is errDiscovery: the provider cannot
// be asked, and what is in memory does not settle it.
func (k *keyRing) of(ctx context.Context, keyID, alg string) ([]crypto.PublicKey, error) {
	found, age := k.cached(keyID, alg)
	switch {
	case len(found) > 0 && age < keysFresh:
		return found, nil
	case len(found) > 0 && age < keysLife:
		k.refreshBehind(ctx)
		return found, nil
	}
	if err := k.refresh(ctx); err != nil {
		return nil, err
	}
	found, _ = k.cached(keyID, alg)
	return found, nil
}

// cached looks in memory. A token without a key's id may be signed by any.
func (k *keyRing) cached(keyID, alg string) (found []crypto.PublicKey, age time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetched.IsZero() {
		return nil, keysLife
	}
	for _, key := range k.keys {
		if (keyID == "" || key.KeyID == keyID) && (key.Algorithm == "" || key.Algorithm == alg) {
			found = append(found, key.Key)
		}
	}
	return found, k.now().Sub(k.fetched)
}

// refreshBehind asks the provider while the caller goes on.
func (k *keyRing) refreshBehind(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.behind || !k.due() {
		return
	}
	k.behind = true
	go func() {
		_ = k.refresh(context.WithoutCancel(ctx)) // the next caller learns of it
		k.mu.Lock()
		defer k.mu.Unlock()
		k.behind = false
	}()
}

// due tells whether the provider may be asked again. k.mu is held.
func (k *keyRing) due() bool { return k.asked.IsZero() || k.now().Sub(k.asked) >= keysPause }

// refresh asks the provider, unless somebody just did; then that answer is the
// answer.
func (k *keyRing) refresh(ctx context.Context) error {
	k.asking.Lock()
	defer k.asking.Unlock()
	k.mu.Lock()
	due, failed := k.due(), k.failed
	if due {
		k.asked = k.now()
	}
	k.mu.Unlock()
	if !due {
		if failed {
			return errDiscovery
		}
		return nil
	}
	keys, err := k.fetch(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed = err != nil; k.failed {
		return fmt.Errorf("%w: %w", errDiscovery, err)
	}
	k.keys, k.fetched = keys, k.now()
	return nil
}

// fetch reads the key set. The answer is for every caller, so it does not end
// with this one's request.
func (k *keyRing) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	text, err := ask(context.WithoutCancel(ctx), k.client, k.url)
	if err != nil {
		return nil, err
	}
	return keysIn(text)
}

// keysIn reads those keys of a set that verify signatures. Others, and those of
// kinds that are not known here, are passed over: a set may hold any.
func keysIn(text []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || len(set.Keys) == 0 {
		return nil, fmt.Errorf("auth: the provider's keys are no key set, or one of more than %d bytes", maxAnswer)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("auth: the provider has more than %d keys", maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
			continue
		}
		keys = append(keys, key)
	}
	return keys, nil
}
