package oidc

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed login.html
var loginHTML string

// maxParameter bounds each parameter of an authorization request, in bytes.
const maxParameter = 2048

// carried are the parameters of an authorization request that the login page
// hands on to the choice of a user.
var carried = [...]string{
	"response_type", "client_id", "redirect_uri", "scope", "state",
	"nonce", "code_challenge", "code_challenge_method",
}

// loginPage is what the template shows.
type loginPage struct {
	Client string
	Users  []User
	Hidden map[string]string
}

// request is an authorization request that may be answered at its redirect
// address.
type request struct {
	client Client
	target *url.URL
	values url.Values
}

// serveLogin lists the users to choose from.
func (p *Provider) serveLogin(w http.ResponseWriter, r *http.Request) {
	given, ok := p.authorization(w, r, r.URL.Query())
	if !ok {
		return
	}
	page := loginPage{Client: given.client.ID, Users: p.directory.Users, Hidden: map[string]string{}}
	for _, name := range carried {
		if value := given.values.Get(name); value != "" {
			page.Hidden[name] = value
		}
	}
	t, err := template.New("login").Parse(loginHTML)
	if err != nil {
		http.Error(w, "the login page is broken", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	_ = t.Execute(w, page)
}

// serveChoice logs the chosen user in and sends the browser back with a code.
// The request is checked again: hidden fields are the browser's to change.
func (p *Provider) serveChoice(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	given, ok := p.authorization(w, r, r.PostForm)
	if !ok {
		return
	}
	user, ok := p.directory.user(r.PostForm.Get("user"))
	if !ok {
		given.refuse(w, r, p.issuer, "access_denied", "no such user")
		return
	}
	code, ok := p.grants.add(grant{
		clientID:    given.client.ID,
		redirectURI: given.values.Get("redirect_uri"),
		user:        user,
		scope:       given.values.Get("scope"),
		nonce:       given.values.Get("nonce"),
		challenge:   given.values.Get("code_challenge"),
		loggedIn:    p.now(),
	})
	if !ok {
		given.refuse(w, r, p.issuer, "temporarily_unavailable", "too many logins are waiting")
		return
	}
	given.answer(w, r, p.issuer, url.Values{"code": {code}})
}

// authorization checks a request. Until client and redirect address are known
// to belong together, faults are shown and never sent to that address.
func (p *Provider) authorization(w http.ResponseWriter, r *http.Request, values url.Values) (request, bool) {
	client, ok := p.directory.client(values.Get("client_id"))
	if !ok {
		http.Error(w, "unknown client_id: add the client to the users file", http.StatusBadRequest)
		return request{}, false
	}
	redirect := values.Get("redirect_uri")
	target, err := url.Parse(redirect)
	if err != nil || !client.allows(redirect) {
		http.Error(w, "redirect_uri is not registered: add it to the client in the users file", http.StatusBadRequest)
		return request{}, false
	}
	given := request{client: client, target: target, values: values}
	if code, reason := given.fault(); code != "" {
		given.refuse(w, r, p.issuer, code, reason)
		return request{}, false
	}
	return given, true
}

// fault is the OAuth error code and reason of a bad request, or "".
func (given request) fault() (code, reason string) {
	for _, name := range carried {
		if len(given.values[name]) > 1 || len(given.values.Get(name)) > maxParameter {
			return "invalid_request", name + " is repeated or too long"
		}
	}
	challenge := given.values.Get("code_challenge")
	switch {
	case given.values.Get("response_type") != "code":
		return "unsupported_response_type", "response_type must be code"
	case !slices.Contains(strings.Fields(given.values.Get("scope")), "openid"):
		return "invalid_scope", "scope must contain openid"
	case challenge != "" && given.values.Get("code_challenge_method") != "S256":
		return "invalid_request", "code_challenge_method must be S256"
	case challenge == "" && given.client.Secret == "":
		return "invalid_request", "a client without a secret must use PKCE: send a code_challenge"
	}
	return "", ""
}

func (given request) refuse(w http.ResponseWriter, r *http.Request, issuer, code, reason string) {
	given.answer(w, r, issuer, url.Values{"error": {code}, "error_description": {reason}})
}

// answer adds state and issuer (RFC 9207) and sends the browser back.
func (given request) answer(w http.ResponseWriter, r *http.Request, issuer string, result url.Values) {
	target := *given.target
	query := target.Query()
	for name, values := range result {
		query[name] = values
	}
	if state := given.values.Get("state"); state != "" {
		query.Set("state", state)
	}
	query.Set("iss", issuer)
	target.RawQuery = query.Encode()
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
