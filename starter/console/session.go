package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const (
	sessionCookie = "voicehive_console"
	// The state, nonce and PKCE verifier of a login under way.
	loginCookie = "voicehive_console_login"
	// Browsers keep some 4 KB a cookie.
	maxCookie = 4000
	// seenEvery is how old Seen may be before the cookie is written anew: not at
	// each page, or pages that load at once would write over each other.
	seenEvery = time.Minute
)

var (
	// errNoSession: there is none, or it ended, or the cookie is not ours.
	errNoSession = errors.New("console: no session")
	// errLongSession: the provider says so much of the person that no cookie
	// holds it.
	errLongSession = errors.New("console: the session is too long for a cookie")
)

// A session is a login. The browser keeps it, sealed under the house's key, and
// can neither read nor change it.
type session struct {
	ID string `json:"id"`
	// Subject is auth.Caller's, issuer#sub. Name is what the pages call the
	// officer, and nothing else.
	Subject string      `json:"subject"`
	Name    string      `json:"name"`
	Roles   []auth.Role `json:"roles"`
	Hotels  []string    `json:"hotels"`
	// Form is the token that each of the session's forms carries.
	Form  string    `json:"form"`
	Began time.Time `json:"began"`
	Seen  time.Time `json:"seen"`
	// Ends is when it ends in any case.
	Ends time.Time `json:"ends"`
}

// newSession begins one that has nothing of any before it.
func newSession(caller auth.Caller, name string, now, ends time.Time) *session {
	return &session{
		ID: rand.Text(), Form: rand.Text(), Subject: caller.Subject, Name: name, Roles: caller.Roles, Hotels: caller.Hotels,
		Began: now, Seen: now, Ends: ends,
	}
}

func (n *session) caller() auth.Caller {
	return auth.Caller{Subject: n.Subject, Roles: n.Roles, Hotels: n.Hotels}
}

// idleEnd is when it ends unless there is another page before.
func (n *session) idleEnd(idle time.Duration) time.Time {
	if end := n.Seen.Add(idle); end.Before(n.Ends) {
		return end
	}
	return n.Ends
}

// owns tells whether a form is one of the session's own.
func (n *session) owns(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(n.Form)) == 1
}

// session reads the session of a request; errNoSession when there is none. Any
// other error says that it could not be read now.
func (s *server) session(r *http.Request) (*session, error) {
	var n session
	if err := s.jar.get(r, sessionCookie, &n); err != nil {
		return nil, err
	}
	now := s.Now()
	if n.ID == "" || !now.Before(n.idleEnd(s.Idle)) || now.Before(n.Began.Add(-time.Minute)) {
		return nil, errNoSession
	}
	// Whether it was ended elsewhere has to be known, or it counts for nothing.
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	ended, err := s.Ended.Has(ctx, n.ID)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", starter.Unavailable.With("Your session cannot be checked just now. Try again in a moment."), err)
	case ended:
		return nil, errNoSession
	}
	return &n, nil
}

// keep writes the session into its cookie.
func (s *server) keep(w http.ResponseWriter, r *http.Request, n *session) error {
	n.Seen = s.Now()
	return s.jar.put(w, r, sessionCookie, n, n.idleEnd(s.Idle).Sub(n.Seen))
}

// A jar keeps values in cookies, sealed under the house's key and each bound to
// its cookie's name.
type jar struct {
	keys   Keys
	secure bool
}

// name is the cookie's in the browser. With the prefix a browser takes it over
// TLS only, and no neighbour host can plant one.
func (j jar) name(name string) string {
	if j.secure {
		return "__Host-" + name
	}
	return name
}

func (j jar) put(w http.ResponseWriter, r *http.Request, name string, value any, life time.Duration) error {
	plain, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("console: a cookie's value: %w", err)
	}
	sealed, err := j.keys.Seal(r.Context(), keys.TenantScope(audit.HouseTenant), keys.Operations, "console/"+name, plain)
	if err != nil {
		return fmt.Errorf("console: sealing a cookie: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(sealed)
	if len(text) > maxCookie {
		return errLongSession
	}
	j.set(w, name, text, life)
	return nil
}

func (j jar) set(w http.ResponseWriter, name, text string, life time.Duration) {
	// Lax and not Strict: a link in a letter leads to its page. What changes
	// anything is a POST, which such a cookie never comes along with from
	// elsewhere.
	http.SetCookie(w, &http.Cookie{
		Name: j.name(name), Value: text, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (j jar) drop(w http.ResponseWriter, name string) { j.set(w, name, "", -time.Second) }

// get reads a value. Whatever is wrong with the cookie itself is errNoSession.
func (j jar) get(r *http.Request, name string, into any) error {
	c, err := r.Cookie(j.name(name))
	if err != nil || len(c.Value) > maxCookie {
		return errNoSession
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	if err != nil {
		return errNoSession
	}
	plain, err := j.keys.Open(r.Context(), keys.TenantScope(audit.HouseTenant), keys.Operations, "console/"+name, sealed)
	switch {
	case errors.Is(err, keys.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("console: opening a cookie: %w", err)
	case err != nil, json.Unmarshal(plain, into) != nil:
		return errNoSession
	}
	return nil
}
