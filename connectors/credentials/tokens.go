package credentials

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// defaultRecheck is how often an account in use asks the store whether its
// entry was changed.
const defaultRecheck = 30 * time.Second

// Tokens are the accounts of a process, one per reference and Scheme. What
// they get is kept in memory only. Safe for concurrent use.
type Tokens struct {
	store   Store
	client  *http.Client
	recheck time.Duration

	mu       sync.Mutex
	accounts map[[2]string]*Account
}

// An Option changes a setting of Tokens.
type Option func(*Tokens)

// Recheck sets how often an account in use looks for a rotated secret; the
// default is 30 s.
func Recheck(every time.Duration) Option { return func(t *Tokens) { t.recheck = every } }

// NewTokens returns Tokens that read secrets from store and speak to identity
// servers with client. Credentials of kind AuthorizationCode need a Keeper, to
// store what their use changes.
func NewTokens(store Store, client *http.Client, options ...Option) *Tokens {
	t := &Tokens{store: store, client: client, recheck: defaultRecheck, accounts: make(map[[2]string]*Account)}
	for _, option := range options {
		option(t)
	}
	return t
}

// Format prints no account.
func (t *Tokens) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "credentials.Tokens") }

// Account returns the account that ref opens at a vendor with that Scheme.
// Callers that ask for the same share it. It makes no call.
func (t *Tokens) Account(ref string, scheme Scheme) *Account {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := [2]string{ref, scheme.key()}
	found, ok := t.accounts[key]
	if !ok {
		found = &Account{tokens: t, ref: ref, scheme: scheme}
		t.accounts[key] = found
	}
	return found
}

// Bearer returns the account at a vendor that takes bearer tokens of OAuth 2.0
// and wants nothing else.
func (t *Tokens) Bearer(ref, tokenURL string) *Account {
	return t.Account(ref, Scheme{TokenURL: tokenURL})
}
