package oidc

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

const (
	codeLifetime = time.Minute
	maxGrants    = 1000
)

// grant is what one login allows: the code for it is worth one exchange.
type grant struct {
	clientID, redirectURI string
	user                  User
	scope, nonce          string
	challenge             string // S256 PKCE challenge; empty without PKCE
	loggedIn              time.Time
}

// grants keeps unused codes in memory, for a minute, in bounded number.
type grants struct {
	mu     sync.Mutex
	byCode map[string]grant
}

// add returns the code, or false when too many are waiting.
func (g *grants) add(given grant) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for code, old := range g.byCode {
		if given.loggedIn.Sub(old.loggedIn) > codeLifetime {
			delete(g.byCode, code)
		}
	}
	if len(g.byCode) >= maxGrants {
		return "", false
	}
	code := rand.Text()
	g.byCode[code] = given
	return code, true
}

// take spends a code. It is gone even when the exchange then fails, so that a
// stolen code cannot be tried twice.
func (g *grants) take(code string, now time.Time) (grant, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	found, ok := g.byCode[code]
	delete(g.byCode, code)
	return found, ok && now.Sub(found.loggedIn) <= codeLifetime
}

// proves checks a PKCE verifier (RFC 7636). A login without a challenge takes
// no verifier, so that PKCE cannot be stripped from one side unseen.
func (g grant) proves(verifier string) bool {
	if g.challenge == "" {
		return verifier == ""
	}
	sum := sha256.Sum256([]byte(verifier))
	made := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(made), []byte(g.challenge)) == 1
}
