package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// An Issuer is an OpenID provider whose tokens count.
type Issuer struct {
	// URL is the provider's issuer, exactly as its tokens have it in iss. It
	// is https, or http on the loopback interface for development.
	URL string
	// Audience is what the token's aud must hold.
	Audience string
}

const (
	// discoveryTime bounds asking a provider for its keys' address.
	discoveryTime = 5 * time.Second
	// discoveryPause keeps a provider that is down from costing each caller
	// discoveryTime.
	discoveryPause = 5 * time.Second
	maxSubject     = 200
)

// errDiscovery: the provider could not be asked, so nothing is known about the
// token.
var errDiscovery = errors.New("auth: the identity provider does not answer")

// A provider checks the tokens of one issuer. It asks the issuer for its keys
// when the first token comes, so that the API starts while the issuer is down.
type provider struct {
	issuer Issuer
	client *http.Client
	now    func() time.Time

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
	failed   time.Time
}

func newProvider(i Issuer, client *http.Client, now func() time.Time) (*provider, error) {
	u, err := url.Parse(i.URL)
	if err != nil || u.Host == "" {
		return nil, errors.New("auth: an issuer must be a URL such as https://login.example.com/realm")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("auth: the issuer on %s must be https; http is for the loopback interface only", u.Host)
	}
	if i.Audience == "" {
		return nil, fmt.Errorf("auth: the issuer on %s needs an audience, or tokens made for others would count", u.Host)
	}
	return &provider{issuer: i, client: client, now: now}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// caller checks the token's signature, issuer, audience and times.
func (p *provider) caller(ctx context.Context, token string) (Caller, error) {
	verifier, err := p.discovered(ctx)
	if err != nil {
		return Caller{}, err
	}
	checked, err := verifier.Verify(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	var claims struct {
		Roles  []string `json:"roles"`
		Hotels []string `json:"hotels"`
	}
	if err := checked.Claims(&claims); err != nil {
		return Caller{}, errors.New("auth: roles and hotels must be lists of strings")
	}
	if checked.Subject == "" || len(checked.Subject) > maxSubject {
		return Caller{}, errors.New("auth: the token has no usable subject")
	}
	return Caller{Subject: checked.Subject, Roles: known(claims.Roles), Hotels: claims.Hotels}, nil
}

func (p *provider) discovered(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verifier != nil {
		return p.verifier, nil
	}
	if p.now().Sub(p.failed) < discoveryPause {
		return nil, errDiscovery
	}
	// The answer is for every caller, so it does not end with this one's
	// request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discoveryTime)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer.URL)
	if err != nil {
		p.failed = p.now()
		return nil, fmt.Errorf("%w: %w", errDiscovery, err)
	}
	p.verifier = found.Verifier(&oidc.Config{ClientID: p.issuer.Audience, Now: p.now})
	return p.verifier, nil
}

// issuerOf reads who claims to have issued a token, without believing it: it
// only chooses whose keys the token is checked with.
func issuerOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Issuer
}
