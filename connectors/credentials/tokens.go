package credentials

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/connectors/pms"
)

// fetchTimeout bounds one request to an identity server.
const fetchTimeout = 15 * time.Second

// Tokens are the bearer tokens of a process, one per reference and token URL.
// They are kept in memory only. Safe for concurrent use.
type Tokens struct {
	store  Store
	client *http.Client

	mu      sync.Mutex
	bearers map[[2]string]*Bearer
}

// NewTokens returns Tokens that read secrets from store and speak to identity
// servers with client.
func NewTokens(store Store, client *http.Client) *Tokens {
	return &Tokens{store: store, client: client, bearers: make(map[[2]string]*Bearer)}
}

// Bearer returns the tokens of one reference at one token URL. Callers that
// ask for the same share them. It makes no call.
func (t *Tokens) Bearer(ref, tokenURL string) *Bearer {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := [2]string{ref, tokenURL}
	found, ok := t.bearers[key]
	if !ok {
		found = &Bearer{tokens: t, ref: ref, tokenURL: tokenURL}
		t.bearers[key] = found
	}
	return found
}

// A Bearer puts one account's token on requests.
type Bearer struct {
	tokens        *Tokens
	ref, tokenURL string
	flight        singleflight.Group

	mu      sync.Mutex
	token   string
	renewAt time.Time // from here on it is renewed in the background
	endsAt  time.Time // from here on callers wait for the next; zero: no end told
}

// Authorize sets the Authorization header, fetching a token when there is none
// that holds. Errors are *pms.Error: ErrAuthentication when the identity
// server refused the secret, ErrUnavailable when it could not be asked.
func (b *Bearer) Authorize(ctx context.Context, h http.Header) error {
	token, err := b.current(ctx)
	if err != nil {
		return err
	}
	h.Set("Authorization", "Bearer "+token)
	return nil
}

// Refused forgets the token in a header that the vendor answered with 401.
// Only that token: another caller may have fetched the next one already.
func (b *Bearer) Refused(h http.Header) {
	token, _ := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	b.mu.Lock()
	defer b.mu.Unlock()
	if token == b.token {
		b.token = ""
	}
}

func (b *Bearer) current(ctx context.Context) (string, error) {
	b.mu.Lock()
	token, now := b.token, time.Now()
	fresh := b.renewAt.IsZero() || now.Before(b.renewAt)
	usable := token != "" && (b.endsAt.IsZero() || now.Before(b.endsAt))
	b.mu.Unlock()
	if usable && fresh {
		return token, nil
	}
	// The fetch serves all who wait, so it must not end with the first caller.
	fetched := b.flight.DoChan("", func() (any, error) { return b.fetch(context.WithoutCancel(ctx), token) })
	if usable {
		return token, nil
	}
	select {
	case result := <-fetched:
		if result.Err != nil {
			return "", result.Err
		}
		return result.Val.(string), nil
	case <-ctx.Done():
		return "", &pms.Error{Kind: pms.ErrUnavailable, Detail: "no token came in time", Cause: ctx.Err()}
	}
}

// fetch gets a token in place of the one that the caller saw. A caller that
// was slow to get here finds another one and takes it.
func (b *Bearer) fetch(ctx context.Context, seen string) (string, error) {
	b.mu.Lock()
	newer := b.token
	b.mu.Unlock()
	if newer != "" && newer != seen {
		return newer, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	secret, err := b.tokens.store.Credentials(ctx, b.ref)
	if err != nil {
		return "", storeFailure(err)
	}
	config := clientcredentials.Config{
		ClientID:     secret.ClientID,
		ClientSecret: secret.ClientSecret.Reveal(),
		TokenURL:     b.tokenURL,
		Scopes:       secret.Scopes,
		AuthStyle:    oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, b.tokens.client))
	if err != nil {
		return "", identityFailure(err)
	}
	b.keep(token, time.Now())
	return token.AccessToken, nil
}

// keep stores a token. It is renewed a minute, or a tenth of its life, before
// its end, whichever is less, so no caller waits for a renewal; the last
// seconds are not used at all, for the vendor's clock may be ahead of ours.
func (b *Bearer) keep(token *oauth2.Token, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token, b.renewAt, b.endsAt = token.AccessToken, time.Time{}, time.Time{}
	if token.Expiry.IsZero() {
		return // then a 401 tells its end
	}
	life := token.Expiry.Sub(now)
	b.renewAt = token.Expiry.Add(-min(time.Minute, life/10))
	b.endsAt = token.Expiry.Add(-min(5*time.Second, life/20))
}

func storeFailure(err error) error {
	kind := pms.ErrUnavailable
	if errors.Is(err, ErrNotFound) {
		kind = pms.ErrAuthentication
	}
	return &pms.Error{Kind: kind, Detail: "the hotel's credentials could not be read", Cause: err}
}

// identityFailure classifies without quoting: oauth2's own errors hold the
// whole answer of the identity server.
func identityFailure(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		return &pms.Error{Kind: pms.ErrUnavailable, Detail: "the identity server did not answer with a token"}
	}
	status := answered.Response.StatusCode
	switch {
	case status == http.StatusTooManyRequests:
		return &pms.Error{Kind: pms.ErrRateLimited, Status: status, RetryAfter: 5 * time.Second, Detail: "the identity server asks to slow down"}
	case status >= 400 && status < 500:
		return &pms.Error{Kind: pms.ErrAuthentication, Status: status, Detail: "the identity server refused the client id or secret; renew them in the credentials store"}
	}
	return &pms.Error{Kind: pms.ErrUnavailable, Status: status, Detail: "the identity server failed"}
}
