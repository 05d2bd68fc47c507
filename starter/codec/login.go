package codec

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Login says how a browser logs in here. It is for a Web UI without a login of
// its own, or one on plain HTTP in development: such a UI passes no token, and
// sends this server's cookie instead.
type Login struct {
	// Issuer must be one whose tokens the Authenticator takes.
	Issuer string
	// ClientID is of a public client, which proves itself by PKCE.
	ClientID string
	// URL is where browsers find this server, such as
	// https://voicehive.example.com/codec. Its /callback must be registered
	// with the client.
	URL string
	// Client asks the issuer; one with a timeout of 5 seconds when nil.
	Client *http.Client
}

const (
	tokenCookie = "voicehive_codec"
	// The state and the PKCE verifier of a login under way.
	loginCookie = "voicehive_codec_login"
	loginTime   = 10 * time.Minute
	askTime     = 5 * time.Second
	// Browsers keep some 4 KB a cookie.
	maxCookie = 4000
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// pagePolicy lets the page have its own style, and post to log out.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

type session struct {
	Login
	path   string
	secure bool
	mu     sync.Mutex
	config *oauth2.Config
}

func newSession(l Login) (*session, error) {
	u, err := url.Parse(l.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("codec: the login needs the address of this server, such as https://voicehive.example.com/codec")
	}
	if l.Issuer == "" || l.ClientID == "" {
		return nil, errors.New("codec: the login needs an issuer and a client id")
	}
	if l.Client == nil {
		l.Client = &http.Client{Timeout: askTime}
	}
	l.URL = strings.TrimSuffix(l.URL, "/")
	return &session{Login: l, path: strings.TrimSuffix(u.Path, "/") + "/", secure: u.Scheme == "https"}, nil
}

func (l *session) routes(mux *http.ServeMux, s *server) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { l.home(w, r, s) })
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { l.begin(w, r, s) })
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) { l.end(w, r, s) })
	mux.Handle("POST /logout", http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.cookie(w, tokenCookie, "", -time.Second, http.SameSiteStrictMode)
		http.Redirect(w, r, l.URL+"/", http.StatusSeeOther)
	})))
}

// authorization is the Authorization header that the cookie stands for.
func (l *session) authorization(r *http.Request) string {
	c, err := r.Cookie(tokenCookie)
	if err != nil {
		return ""
	}
	return "Bearer " + c.Value
}

func (l *session) cookie(w http.ResponseWriter, name, value string, life time.Duration, site http.SameSite) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: l.path, MaxAge: int(life.Seconds()), HttpOnly: true, Secure: l.secure, SameSite: site,
	})
}

// oauth asks the issuer where its endpoints are, until it answers.
func (l *session) oauth(ctx context.Context) (*oauth2.Config, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.config != nil {
		return l.config, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, l.Client), l.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", later("The identity provider does not answer; try again in a moment."), err)
	}
	l.config = &oauth2.Config{
		ClientID: l.ClientID, Endpoint: provider.Endpoint(), RedirectURL: l.URL + "/callback", Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
	return l.config, nil
}

// begin sends the browser to the provider.
func (l *session) begin(w http.ResponseWriter, r *http.Request, s *server) {
	config, err := l.oauth(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	// Lax, for the provider sends the browser back from another site.
	l.cookie(w, loginCookie, state+"."+verifier, loginTime, http.SameSiteLaxMode)
	http.Redirect(w, r, config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
}

// end takes the code that the browser comes back with.
func (l *session) end(w http.ResponseWriter, r *http.Request, s *server) {
	token, err := l.exchange(r)
	l.cookie(w, loginCookie, "", -time.Second, http.SameSiteLaxMode)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	caller, err := s.Auth.Authenticate(r.Context(), "Bearer "+token.AccessToken)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if len(token.AccessToken) > maxCookie {
		s.refuse(w, r, starter.Forbidden.With("The provider's token is too long for a cookie; let the Web UI pass it instead."))
		return
	}
	life := loginTime
	if !token.Expiry.IsZero() {
		life = time.Until(token.Expiry)
	}
	l.cookie(w, tokenCookie, token.AccessToken, life, http.SameSiteStrictMode)
	l.show(w, s, &caller)
}

func (l *session) exchange(r *http.Request) (*oauth2.Token, error) {
	again := starter.Unauthenticated.With("The login is not one that began in this browser, or it took too long; begin again.")
	c, err := r.Cookie(loginCookie)
	if err != nil {
		return nil, again
	}
	state, verifier, _ := strings.Cut(c.Value, ".")
	query := r.URL.Query()
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(query.Get("state"))) != 1 {
		return nil, again
	}
	if query.Get("error") != "" {
		return nil, starter.Unauthenticated.With("The identity provider refused the login.")
	}
	config, err := l.oauth(r.Context())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	token, err := config.Exchange(oidc.ClientContext(ctx, l.Client), query.Get("code"), oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		// The provider's words may quote the code.
		return nil, starter.Unauthenticated.With("The identity provider did not take the login's code; begin again.")
	case err != nil:
		return nil, fmt.Errorf("%w: %w", later("The identity provider does not answer; try again in a moment."), err)
	}
	return token, nil
}

// home shows who is logged in.
func (l *session) home(w http.ResponseWriter, r *http.Request, s *server) {
	caller, err := s.Auth.Authenticate(r.Context(), l.authorization(r))
	if err != nil {
		l.show(w, s, nil)
		return
	}
	l.show(w, s, &caller)
}

// A view is what the page shows.
type view struct {
	URL       string
	Namespace string
	Caller    *auth.Caller
	Reads     bool
	Looks     bool
	UIs       []string
}

func (l *session) show(w http.ResponseWriter, s *server, caller *auth.Caller) {
	v := view{URL: l.URL, Namespace: s.Namespace, Caller: caller, UIs: s.Origins}
	if caller != nil {
		v.Reads = caller.Has(auth.RoleCompliance)
		v.Looks = caller.Has(auth.RoleOps, auth.RoleAdmin)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	_ = pageTemplate.Execute(w, v) // the answer has begun; a reader that is gone needs none
}
