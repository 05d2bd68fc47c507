package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
)

// An Issuer is an OpenID provider whose tokens count.
type Issuer struct {
	// URL is the provider's issuer, exactly as its tokens have it in iss. It
	// is https, or http on the loopback interface for development.
	URL string
	// Audience is what the token's aud must hold.
	Audience string
	// Clients are the programs to which the provider may have given the token,
	// by its azp or client_id; any when empty.
	Clients []string
	// Roles are those that its tokens can give; all when empty. So a provider
	// trusted for one kind of people gives rights to no other.
	Roles []Role
}

const (
	// discoveryTime bounds asking a provider for its keys' address, and for its
	// keys.
	discoveryTime = 5 * time.Second
	// discoveryPause keeps a provider that is down from costing each caller
	// discoveryTime.
	discoveryPause = 5 * time.Second
	maxSubject     = 200
	// skew is how far a provider's clock may be ahead of ours. Behind it may not
	// be: a token ends when it says so.
	skew = 5 * time.Minute
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

	mu     sync.Mutex
	found  discovery
	keys   *keyRing // nil until it is found
	failed time.Time
}

func newProvider(i Issuer, client *http.Client, now func() time.Time) (*provider, error) {
	u, err := url.Parse(i.URL)
	if err != nil || u.Host == "" {
		return nil, errors.New("auth: an issuer must be a URL such as https://login.example.com/realm")
	}
	if !private(u) {
		return nil, fmt.Errorf("auth: the issuer on %s must be https; http is for the loopback interface only", u.Host)
	}
	// OpenID Connect allows neither, and a fragment would make Actor ambiguous.
	if strings.ContainsAny(i.URL, "?#") {
		return nil, fmt.Errorf("auth: the issuer on %s has a query or a fragment, and no issuer has", u.Host)
	}
	if i.Audience == "" {
		return nil, fmt.Errorf("auth: the issuer on %s needs an audience, or tokens made for others would count", u.Host)
	}
	if len(known(texts(i.Roles))) != len(i.Roles) {
		return nil, fmt.Errorf("auth: the issuer on %s may give roles of %q, each once", u.Host, Roles())
	}
	return &provider{issuer: i, client: client, now: now}, nil
}

// private tells whether nobody on the way can read or change what is asked.
func private(u *url.URL) bool {
	return u.Scheme == "https" && u.Host != "" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// claims are what a token says beside what every token says.
type claims struct {
	Roles    []string `json:"roles"`
	Hotels   []string `json:"hotels"`
	Party    string   `json:"azp"`       // of OpenID Connect
	ClientID string   `json:"client_id"` // of RFC 9068
	AppID    string   `json:"appid"`     // of Entra ID, version 1
	Type     string   `json:"idtyp"`     // of Entra ID: app
	Grant    string   `json:"gty"`       // of Auth0: client-credentials
}

// machine tells that a token was given to a program for itself: then its sub is
// the program (RFC 9068, section 2.2), or the provider says so in its own way.
func (c claims) machine(sub string) bool {
	return slices.Contains([]string{c.Party, c.ClientID, c.AppID}, sub) || c.Type == "app" || c.Grant == "client-credentials"
}

// caller checks the token's signature, issuer, audience, client and times.
func (p *provider) caller(ctx context.Context, token string) (Caller, error) {
	head := headOf(token)
	found, ring, err := p.discovered(ctx)
	if err != nil {
		return Caller{}, err
	}
	if !slices.Contains(found.Algorithms, head.Algorithm) {
		return Caller{}, errors.New("auth: the token is signed in a way that its issuer does not use")
	}
	keys, err := ring.of(ctx, head.KeyID, head.Algorithm)
	if err != nil {
		return Caller{}, err
	}
	verifier := oidc.NewVerifier(p.issuer.URL, &oidc.StaticKeySet{PublicKeys: keys}, &oidc.Config{
		ClientID: p.issuer.Audience, SupportedSigningAlgs: found.Algorithms, Now: p.now,
	})
	checked, err := verifier.Verify(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	var c claims
	if err := checked.Claims(&c); err != nil {
		return Caller{}, errors.New("auth: roles and hotels must be lists of strings")
	}
	if err := p.check(checked, c); err != nil {
		return Caller{}, err
	}
	roles := known(c.Roles)
	if len(p.issuer.Roles) > 0 {
		roles = slices.DeleteFunc(roles, func(r Role) bool { return !slices.Contains(p.issuer.Roles, r) })
	}
	return Caller{Subject: Actor(p.issuer.URL, checked.Subject), Roles: roles, Hotels: c.Hotels, Machine: c.machine(checked.Subject)}, nil
}

// check is what the library leaves to its user.
func (p *provider) check(token *oidc.IDToken, c claims) error {
	sub := token.Subject
	if sub == "" || len(sub) > maxSubject || !utf8.ValidString(sub) || strings.ContainsFunc(sub, unicode.IsControl) {
		return errors.New("auth: the token has no usable subject")
	}
	// A token from the future tells that a clock is wrong: then its end means
	// nothing either, and one that ended long ago would count again.
	if token.IssuedAt.IsZero() || token.IssuedAt.After(p.now().Add(skew)) || !token.Expiry.After(token.IssuedAt) || !token.Expiry.After(p.now()) {
		return errors.New("auth: the token's times cannot be right")
	}
	if c.Party != "" && c.ClientID != "" && c.Party != c.ClientID {
		return errors.New("auth: the token was given to two clients")
	}
	if len(p.issuer.Clients) > 0 && !slices.Contains(p.issuer.Clients, cmp.Or(c.Party, c.ClientID)) {
		return errors.New("auth: the token was given to a client that does not count")
	}
	return nil
}

// discovered asks the provider where its keys are, until it answers.
func (p *provider) discovered(ctx context.Context) (discovery, *keyRing, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys != nil {
		return p.found, p.keys, nil
	}
	if !p.failed.IsZero() && p.now().Sub(p.failed) < discoveryPause {
		return discovery{}, nil, errDiscovery
	}
	// The answer is for every caller, so it does not end with this one's
	// request.
	found, err := discover(context.WithoutCancel(ctx), p.client, p.issuer.URL)
	if err != nil {
		p.failed = p.now()
		return discovery{}, nil, fmt.Errorf("%w: %w", errDiscovery, err)
	}
	p.found, p.keys = found, &keyRing{url: found.Keys, client: p.client, now: p.now}
	return p.found, p.keys, nil
}

// A head is a token's first part.
type head struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

// headOf reads how a token says it is signed, without believing it: it only
// chooses the key that the signature is then checked with.
func headOf(token string) (h head) {
	first, _, _ := strings.Cut(token, ".")
	_ = segment(first, &h) // then nothing is chosen, and no key fits
	return h
}

// issuerOf reads who claims to have issued a token, without believing it: it
// only chooses whose keys the token is checked with.
func issuerOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if segment(parts[1], &claims) != nil {
		return ""
	}
	return claims.Issuer
}

// segment reads one part of a token.
func segment(text string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
