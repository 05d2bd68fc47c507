package oidc

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Grant types the token endpoint knows.
const (
	grantCode    = "authorization_code"
	grantMachine = "client_credentials"
)

// tokenAnswer is a successful token response (RFC 6749 section 5.1).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	IDToken     string `json:"id_token,omitempty"`
	Scope       string `json:"scope,omitempty"`
}

// tokenFault is an error response (RFC 6749 section 5.2).
type tokenFault struct {
	Code   string `json:"error"`
	Reason string `json:"error_description"`
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, tokenFault{"invalid_request", "the form cannot be read"})
		return
	}
	id, secret, ok := credentials(r)
	if !ok {
		writeJSON(w, http.StatusBadRequest, tokenFault{"invalid_request", "authenticate once: by HTTP Basic or by client_id and client_secret"})
		return
	}
	switch r.PostForm.Get("grant_type") {
	case grantMachine:
		p.serveMachine(w, r, id, secret)
	case grantCode:
		p.serveExchange(w, r, id, secret)
	default:
		writeJSON(w, http.StatusBadRequest, tokenFault{"unsupported_grant_type", "grant_type must be " + grantCode + " or " + grantMachine})
	}
}

// credentials reads a client's id and secret from the header or the form. The
// header carries them form-encoded (RFC 6749 section 2.3.1).
func credentials(r *http.Request) (id, secret string, ok bool) {
	formID, formSecret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	user, password, basic := r.BasicAuth()
	if !basic {
		return formID, formSecret, true
	}
	id, err := url.QueryUnescape(user)
	if err != nil {
		return "", "", false
	}
	secret, err = url.QueryUnescape(password)
	if err != nil || formSecret != "" || (formID != "" && formID != id) {
		return "", "", false
	}
	return id, secret, true
}

func (p *Provider) serveMachine(w http.ResponseWriter, r *http.Request, id, secret string) {
	user, ok := p.directory.machine(id, secret)
	if !ok {
		refuseClient(w)
		return
	}
	// openid asks for an ID token, which this grant has not got.
	scopes := slices.DeleteFunc(strings.Fields(r.PostForm.Get("scope")), func(s string) bool { return s == "openid" })
	p.issue(w, user, grant{clientID: user.ID, scope: strings.Join(scopes, " ")}, false)
}

func (p *Provider) serveExchange(w http.ResponseWriter, r *http.Request, id, secret string) {
	client, ok := p.directory.authenticate(id, secret)
	if !ok {
		refuseClient(w)
		return
	}
	g, ok := p.grants.take(r.PostForm.Get("code"), p.now())
	if !ok || g.clientID != client.ID || g.redirectURI != r.PostForm.Get("redirect_uri") || !g.proves(r.PostForm.Get("code_verifier")) {
		writeJSON(w, http.StatusBadRequest, tokenFault{"invalid_grant", "the code is unknown, used, expired or made for another request: log in again"})
		return
	}
	p.issue(w, g.user, g, true)
}

func (p *Provider) issue(w http.ResponseWriter, user User, g grant, withID bool) {
	access, err := p.accessToken(user, g.clientID, g.scope)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, tokenFault{"server_error", "the token could not be signed"})
		return
	}
	answer := tokenAnswer{
		AccessToken: access,
		TokenType:   "Bearer",
		ExpiresIn:   int64(p.directory.TokenLifetime.Seconds()),
		Scope:       g.scope,
	}
	if withID {
		if answer.IDToken, err = p.idToken(user, g); err != nil {
			writeJSON(w, http.StatusInternalServerError, tokenFault{"server_error", "the token could not be signed"})
			return
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

func refuseClient(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="development OpenID provider"`)
	writeJSON(w, http.StatusUnauthorized, tokenFault{"invalid_client", "unknown id or wrong secret: see the users file"})
}

func (p *Provider) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c, err := p.verifyAccess(raw)
	if !ok || err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, tokenFault{"invalid_token", errToken.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"sub": c.Subject, "name": c.Name, "roles": c.Roles, "hotels": c.Hotels,
	})
}
