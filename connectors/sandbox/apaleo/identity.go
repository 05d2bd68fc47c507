package apaleo

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A token is an access token's terms.
type token struct {
	expires time.Time
	scopes  []string
}

// issueToken is POST /connect/token with client credentials in HTTP Basic. The
// status for wrong credentials is unconfirmed; 401 is what RFC 6749 asks for.
func (s *Sandbox) issueToken(c *call) answer {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return oauthError(http.StatusBadRequest, "invalid_request")
	}
	id, secret, ok := c.BasicAuth()
	if !ok || !same(id, s.opts.ClientID) || !same(secret, s.opts.ClientSecret) {
		refusal := oauthError(http.StatusUnauthorized, "invalid_client")
		refusal.header["WWW-Authenticate"] = "Basic"
		return refusal
	}
	if form.Get("grant_type") != "client_credentials" {
		return oauthError(http.StatusBadRequest, "unsupported_grant_type")
	}
	scopes, ok := s.grant(form.Get("scope"))
	if !ok {
		return oauthError(http.StatusBadRequest, "invalid_scope")
	}
	s.forgetExpiredTokens()
	name := fmt.Sprintf("%016x%016x", s.random.Uint64(), s.random.Uint64())
	s.tokens[name] = token{expires: s.now().Add(s.opts.TokenLifetime), scopes: scopes}
	return answer{status: http.StatusOK, body: map[string]any{
		"access_token": name,
		"token_type":   "Bearer",
		"expires_in":   int(s.opts.TokenLifetime / time.Second),
		"scope":        strings.Join(scopes, " "),
	}, header: map[string]string{"Cache-Control": "no-store"}}
}

// grant narrows the client's scopes to those asked for; all of them when none
// is asked for.
func (s *Sandbox) grant(asked string) ([]string, bool) {
	allowed := s.opts.Scopes
	if allowed == nil {
		allowed = []string{
			scopeOffers, scopeRead, scopeCreate, scopeManage,
			scopeSetup, scopeSetupMore, scopeRatePlans, scopeOccupation, scopeProperties, scopeUnitGroups,
		}
	}
	if asked == "" {
		return allowed, true
	}
	wanted := strings.Fields(asked)
	for _, scope := range wanted {
		if !slices.Contains(allowed, scope) {
			return nil, false
		}
	}
	return wanted, true
}

// authorised tells the scopes of a bearer token that is still good.
func (s *Sandbox) authorised(header string) ([]string, bool) {
	scheme, name, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.tokens[name]
	if !ok || !s.now().Before(known.expires) {
		return nil, false
	}
	return known.scopes, true
}

// RevokeTokens makes every token issued so far invalid.
func (s *Sandbox) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func (s *Sandbox) forgetExpiredTokens() {
	for name, known := range s.tokens {
		if !s.now().Before(known.expires) {
			delete(s.tokens, name)
		}
	}
}

func oauthError(code int, name string) answer {
	return answer{status: code, body: map[string]string{"error": name}, header: map[string]string{"Cache-Control": "no-store"}}
}

// same compares secrets in constant time, whatever their lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
