package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voicehive/voicehive/starter"
)

// maxCredential bounds a token; providers keep theirs far below.
const maxCredential = 8 << 10

// Options are the ways in. At least one of Keys and Issuers is needed.
type Options struct {
	Keys    *Keys
	Issuers []Issuer
	// Client asks the issuers; one with a timeout of 5 seconds when nil.
	Client *http.Client
}

// An Authenticator tells who a request comes from. It is safe for concurrent
// use.
type Authenticator struct {
	keys      *Keys
	providers map[string]*provider
}

// New returns an authenticator. It asks no issuer yet.
func New(o Options) (*Authenticator, error) {
	return newAuthenticator(o, time.Now)
}

func newAuthenticator(o Options, now func() time.Time) (*Authenticator, error) {
	if o.Keys == nil && len(o.Issuers) == 0 {
		return nil, errors.New("auth: nobody could come in; give API keys, an issuer, or both")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: discoveryTime}
	}
	a := &Authenticator{keys: o.Keys, providers: map[string]*provider{}}
	for _, issuer := range o.Issuers {
		p, err := newProvider(issuer, o.Client, now)
		if err != nil {
			return nil, err
		}
		if a.providers[issuer.URL] != nil {
			return nil, errors.New("auth: an issuer is given twice; one issuer has one audience")
		}
		a.providers[issuer.URL] = p
	}
	return a, nil
}

// Authenticate tells whose request it is from the value of its Authorization
// header, "Bearer" and a token or API key. Its errors are *starter.Problem:
// starter.Unauthenticated when the credential does not count, and
// starter.Unavailable when it could not be checked.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string) (Caller, error) {
	scheme, credential, _ := strings.Cut(authorization, " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return Caller{}, starter.Unauthenticated.With("Send the header Authorization: Bearer, with a token or an API key.")
	}
	if len(credential) > maxCredential {
		return Caller{}, starter.Unauthenticated.With(fmt.Sprintf("A token has at most %d bytes.", maxCredential))
	}
	if strings.HasPrefix(credential, keyPrefix) {
		return a.byKey(ctx, credential)
	}
	return a.byToken(ctx, credential)
}

func (a *Authenticator) byKey(ctx context.Context, secret string) (Caller, error) {
	refused := starter.Unauthenticated.With("The API key is unknown, revoked or expired; ask an administrator for a new one.")
	if a.keys == nil {
		return Caller{}, refused
	}
	caller, ok, err := a.keys.caller(ctx, secret)
	if err != nil {
		return Caller{}, unchecked("The API key cannot be checked now.", err)
	}
	if !ok {
		return Caller{}, refused
	}
	return caller, nil
}

func (a *Authenticator) byToken(ctx context.Context, token string) (Caller, error) {
	p := a.providers[issuerOf(token)]
	if p == nil {
		return Caller{}, starter.Unauthenticated.With("The token is malformed or from an issuer that does not count here.")
	}
	caller, err := p.caller(ctx, token)
	if errors.Is(err, errDiscovery) {
		return Caller{}, unchecked("The identity provider does not answer, so the token cannot be checked now.", err)
	}
	if err != nil {
		// The library's message may quote the token's claims.
		return Caller{}, starter.Unauthenticated.With("The token is expired, made for another audience, or not signed by its issuer; get a new one.")
	}
	return caller, nil
}

// unchecked is a failure on our side: the same request may succeed later. Its
// cause is for the log.
func unchecked(detail string, cause error) error {
	p := starter.Unavailable.With(detail)
	p.RetryAfter = 5 * time.Second
	return fmt.Errorf("%w: %w", p, cause)
}
