package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Login says how officers log in.
type Login struct {
	// Issuer must be one whose tokens the Authenticator takes.
	Issuer string
	// ClientID is of a public client, which proves itself by PKCE.
	ClientID string
	// URL is where browsers find the console, such as
	// https://voicehive.example.com/console. Its /callback must be registered
	// with the client.
	URL string
	// Client asks the issuer.
	Client *http.Client
}

const (
	// loginTime is how long a person may take at the provider.
	loginTime = 10 * time.Minute
	askTime   = 5 * time.Second
	maxName   = 100
)

// login is the relying party of OpenID Connect.
type login struct {
	Login
	base   string // the path of URL, without a slash at its end
	secure bool
	mu     sync.Mutex
	found  *oidc.Provider
}

func newLogin(l Login) (*login, error) {
	u, err := url.Parse(l.URL)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("console: the console needs its own address, such as https://voicehive.example.com/console")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("console: the console's address must be https; http is for the loopback interface only")
	}
	if l.Issuer == "" || l.ClientID == "" || l.Client == nil {
		return nil, errors.New("console: the login needs an issuer, a client id and a way to ask the issuer")
	}
	l.URL = strings.TrimSuffix(l.URL, "/")
	return &login{Login: l, base: strings.TrimSuffix(u.Path, "/"), secure: u.Scheme == "https"}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// origin is the scheme and host of the console's address.
func (l *login) origin() string { return strings.TrimSuffix(l.URL, l.base) }

// provider asks the issuer where its endpoints are, until it answers.
func (l *login) provider(ctx context.Context) (*oidc.Provider, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found != nil {
		return l.found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, l.Client), l.Issuer)
	if err != nil {
		return nil, providerAway(err)
	}
	l.found = found
	return found, nil
}

func providerAway(err error) error {
	return fmt.Errorf("%w: %w", starter.Unavailable.With("The identity provider does not answer. Try again in a moment."), err)
}

func (l *login) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: l.ClientID, Endpoint: p.Endpoint(), RedirectURL: l.URL + "/callback", Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// A loginUnderWay is what the browser carries, sealed, while its person is at
// the provider.
type loginUnderWay struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Next     string    `json:"next"` // where the officer wanted to go, below the base
	Until    time.Time `json:"until"`
}

// beginLogin sends the browser to the provider.
func (s *server) beginLogin(w http.ResponseWriter, r *http.Request) {
	provider, err := s.login.provider(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	way := loginUnderWay{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: nextOf(r.URL.Query().Get("next")), Until: s.Now().Add(loginTime)}
	if err := s.jar.put(w, r, loginCookie, way, loginTime); err != nil {
		s.refuse(w, r, err)
		return
	}
	to := s.login.oauth(provider).AuthCodeURL(way.State, oauth2.S256ChallengeOption(way.Verifier), oidc.Nonce(way.Nonce))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// maxNext bounds the path that a login leads back to.
const maxNext = 500

// nextOf takes a path below the console's own base, and nothing that a browser
// could read as another place: no other host, and no step up.
func nextOf(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > maxNext || !strings.HasPrefix(to, "/") || u.Host != "" || u.Fragment != "" ||
		strings.ContainsFunc(to, func(c rune) bool { return c == '\\' || unicode.IsControl(c) }) {
		return "/"
	}
	// The path as it is when its %2e and %2f are read, which browsers do for dots.
	if strings.Contains(u.Path, "//") || strings.ContainsFunc(u.Path, func(c rune) bool { return c == '\\' || unicode.IsControl(c) }) {
		return "/"
	}
	if clean := path.Clean(u.Path); clean != u.Path && clean+"/" != u.Path {
		return "/"
	}
	return to
}

// endLogin takes the code that the browser comes back with.
func (s *server) endLogin(w http.ResponseWriter, r *http.Request) {
	next, n, err := s.loggedIn(r)
	// Whatever came of it, this login is used up.
	s.jar.drop(w, loginCookie)
	if err == nil {
		err = s.welcome(w, r, n)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, s.login.base+next, http.StatusSeeOther)
}

// welcome writes the login down, and only then lets it count. The session that
// the browser had before ends: nobody goes on in it.
func (s *server) welcome(w http.ResponseWriter, r *http.Request, n *session) error {
	before, err := s.session(r)
	if err == nil {
		err = s.Ended.End(r.Context(), before.ID, before.Ends)
	}
	if err != nil && !errors.Is(err, errNoSession) {
		return err
	}
	if err := s.remember(r.Context(), n.caller(), "", KindLoggedIn, nil); err != nil {
		return err
	}
	err = s.keep(w, r, n)
	if errors.Is(err, errLongSession) {
		return starter.Forbidden.With("The identity provider says more of you than a cookie holds: too many hotels or roles. Ask an administrator to bind your roles in the hotels' entries instead.")
	}
	return err
}

// loggedIn checks the answer of the provider and makes a session of it.
func (s *server) loggedIn(r *http.Request) (next string, n *session, err error) {
	again := starter.Unauthenticated.With("The login is not one that began in this browser, or it took too long. Begin again.")
	var way loginUnderWay
	if err := s.jar.get(r, loginCookie, &way); errors.Is(err, errNoSession) {
		return "", nil, again
	} else if err != nil {
		return "", nil, err
	}
	query := r.URL.Query()
	same := subtle.ConstantTimeCompare([]byte(way.State), []byte(query.Get("state"))) == 1
	if way.State == "" || !same || !s.Now().Before(way.Until) {
		return "", nil, again
	}
	// RFC 9207: an answer of another provider is none of this login.
	if issuer := query.Get("iss"); issuer != "" && issuer != s.login.Issuer {
		return "", nil, again
	}
	if query.Get("error") != "" {
		return "", nil, starter.Unauthenticated.With("The identity provider refused the login.")
	}
	n, err = s.redeem(r.Context(), query.Get("code"), way)
	return way.Next, n, err
}

// redeem turns a code into a session.
func (s *server) redeem(ctx context.Context, code string, way loginUnderWay) (*session, error) {
	provider, err := s.login.provider(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, s.login.Client), 2*askTime)
	defer cancel()
	token, err := s.login.oauth(provider).Exchange(ctx, code, oauth2.VerifierOption(way.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		// The provider's words may quote the code.
		return nil, starter.Unauthenticated.With("The identity provider did not take the login's code. Begin again.")
	case err != nil:
		return nil, providerAway(err)
	}
	sub, name, err := s.identity(ctx, provider, token, way.Nonce)
	if err != nil {
		return nil, err
	}
	caller, err := s.Auth.Authenticate(ctx, "Bearer "+token.AccessToken)
	if err != nil {
		return nil, err
	}
	if caller.Subject != auth.Actor(s.login.Issuer, sub) {
		return nil, starter.Unauthenticated.With("The identity provider's two tokens are of two people. Begin again.")
	}
	now := s.Now()
	ends := now.Add(s.Life)
	// What the token says of roles holds no longer than the token.
	if !token.Expiry.IsZero() && token.Expiry.Before(ends) {
		ends = token.Expiry
	}
	return newSession(caller, name, now, ends), nil
}

// identity checks the ID token: that it was made for this client and this login.
func (s *server) identity(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, nonce string) (sub, name string, err error) {
	refused := starter.Unauthenticated.With("The identity provider's ID token is not one of this login. Begin again.")
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.login.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "", "", refused
	}
	var claims struct {
		Name string `json:"name"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", "", refused
	}
	return id.Subject, nameOf(claims.Name, id.Subject), nil
}

// nameOf is a short line of text, whatever the provider says.
func nameOf(name, sub string) string {
	line := strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, name)), " ")
	if line == "" {
		line = sub
	}
	if all := []rune(line); len(all) > maxName {
		line = string(all[:maxName])
	}
	return line
}
